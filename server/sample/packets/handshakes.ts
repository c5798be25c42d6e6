// The beginnings of TLS, QUIC and HTTP conversations: real ClientHellos, whole, split, or out of order.
import { TCP_FLAG } from './packet-builder.ts'
import {
  QUIC_VERSION_1,
  ackFrame,
  buildQuicInitial,
  buildQuicOpaqueLongHeader,
  cryptoFrame,
  pingFrame,
} from './quic-builder.ts'
import { buildClientHello, wrapTlsRecords } from './tls-hello-builder.ts'
import type { Random } from './random.ts'
import { noise, quicShort, tlsRecord } from './payloads.ts'
import { MAXIMUM_PAYLOAD, type Steps, type Talk, type TcpTalk } from './talk.ts'
import { hex, u16, u8, text, concat } from './bytes.ts'

/** X25519MLKEM768: with it the ClientHello no longer fits into one packet. */
const POST_QUANTUM_KEY_SHARE = 1216
/** Transport parameters of a QUIC client: max_idle_timeout 30 s, initial_max_data 1 MiB (RFC 9000, section 18.2). */
const TRANSPORT_PARAMETERS = hex('01 04 80007530  04 04 80100000')
const none = new Uint8Array(0)

export type HelloFacts = {
  serverName: string | null
  postQuantum: boolean
  /** An encrypted ClientHello inside; `serverName` is then the public one outside. */
  encrypted: boolean
}

export function* tcpOpen(talk: TcpTalk, roundTrip: number): Steps {
  talk.send(none, TCP_FLAG.syn)
  yield roundTrip
  talk.receive(none, TCP_FLAG.syn | TCP_FLAG.ack)
  yield talk.random.integer(50, 400)
  talk.send(none)
  yield talk.random.integer(50, 2000)
}

/** Mostly both sides finish, some reset, some just fall silent. */
export function* tcpClose(talk: TcpTalk, roundTrip: number): Steps {
  const way = talk.random.next()
  if (way < 0.05) return
  if (way < 0.15) return talk.send(none, TCP_FLAG.rst | TCP_FLAG.ack)
  talk.send(none, TCP_FLAG.fin | TCP_FLAG.ack)
  yield roundTrip
  talk.receive(none, TCP_FLAG.fin | TCP_FLAG.ack)
  yield talk.random.integer(50, 400)
  talk.send(none)
}

/** TLS 1.3, RFC 8446, figure 1; what is encrypted is noise in records of the right form. */
export function* tlsOpen(talk: TcpTalk, hello: HelloFacts, roundTrip: number): Steps {
  const { random } = talk
  const bytes = wrapTlsRecords(buildClientHello({ ...common(random, hello), alpn: ['h2', 'http/1.1'] }))
  const segments = segmented(bytes)
  const late = segments.length > 1 && random.chance(0.15) ? talk.hold(segments.shift()!) : null
  for (const segment of segments) {
    talk.send(segment)
    yield random.integer(5, 60)
  }
  late?.()
  yield roundTrip / 2
  talk.receive(none)
  yield roundTrip / 2
  talk.receive(concat(wrapTlsRecords(serverHello(random)), hex('14 0303 0001 01'), tlsRecord(random, 1000)))
  yield random.integer(20, 200)
  talk.receive(tlsRecord(random, random.integer(800, MAXIMUM_PAYLOAD)))
  yield random.integer(200, 3000)
  talk.send(concat(hex('14 0303 0001 01'), tlsRecord(random, 58)))
  yield roundTrip
  talk.receive(none)
}

/** QUIC version 1, RFC 9000, section 7: keys come from the client's first connection id, both ways. */
export function* quicOpen(talk: Talk, hello: HelloFacts, roundTrip: number): Generator<number, Uint8Array, void> {
  const { random } = talk
  const [first, server] = [random.bytes(8), random.bytes(8)]
  const message = buildClientHello({
    ...common(random, hello),
    alpn: ['h3'],
    sessionIdBytes: 0,
    quicTransportParameters: TRANSPORT_PARAMETERS,
  })
  const initial = { version: QUIC_VERSION_1, keyConnectionId: first, minLength: 1200 }
  const datagrams = cryptoInDatagrams(random, message).map((frames, packetNumber) =>
    buildQuicInitial({
      ...initial,
      destinationConnectionId: first,
      sourceConnectionId: none,
      packetNumber,
      frames,
      packetNumberLength: 1,
    }),
  )
  if (datagrams.length > 1 && random.chance(0.3)) datagrams.reverse()
  for (const datagram of datagrams) {
    talk.send(datagram)
    yield random.integer(5, 80)
  }
  yield roundTrip
  const answer = concat(ackFrame(datagrams.length - 1), cryptoFrame(0, serverHello(random)))
  talk.receive(
    buildQuicInitial({
      ...initial,
      destinationConnectionId: none,
      sourceConnectionId: server,
      packetNumber: 0,
      frames: answer,
      fromServer: true,
    }),
  )
  yield random.integer(20, 200)
  talk.receive(buildQuicOpaqueLongHeader(QUIC_VERSION_1, 'handshake', none, server, noise(random, 1100)))
  yield random.integer(200, 2000)
  // From here on the client writes the server's connection id; the keys stay those of its own first one.
  talk.send(
    buildQuicInitial({
      ...initial,
      destinationConnectionId: server,
      sourceConnectionId: none,
      packetNumber: datagrams.length,
      frames: ackFrame(0),
    }),
  )
  talk.send(
    concat(
      buildQuicOpaqueLongHeader(QUIC_VERSION_1, 'handshake', server, none, noise(random, 90)),
      quicShort(random, server, 80),
    ),
  )
  yield roundTrip
  return server
}

/** A request and the head of its answer; the body ends with the connection (RFC 9112, section 6.3). */
export function* httpOpen(talk: TcpTalk, host: string, roundTrip: number): Steps {
  const path = `/${['generate_204', 'firmware/latest.bin', 'status', 'v2/ping', 'packages/index'][talk.random.integer(0, 4)]}?id=${talk.random.integer(1, 1e9)}`
  talk.send(
    text(
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: telltale-bench/1\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
    ),
  )
  yield roundTrip
  talk.receive(none)
  yield talk.random.integer(100, 5000)
  talk.receive(text(`HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nConnection: close\r\n\r\n`))
  yield talk.random.integer(10, 300)
}

function common(random: Random, hello: HelloFacts) {
  return {
    random: random.bytes(32),
    keyShareBytes: hello.postQuantum ? POST_QUANTUM_KEY_SHARE : 32,
    ech: hello.encrypted,
    ...(hello.serverName === null ? {} : { serverName: hello.serverName }),
  }
}

function segmented(bytes: Uint8Array): Uint8Array[] {
  const segments: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += MAXIMUM_PAYLOAD) segments.push(bytes.subarray(at, at + MAXIMUM_PAYLOAD))
  return segments
}

/** The frames of each datagram. Browsers cut the stream into pieces and shuffle them, with PING frames between. */
function cryptoInDatagrams(random: Random, message: Uint8Array): Uint8Array[] {
  const room = 1100
  const cuts: number[] = []
  for (let at = room; at < message.length; at += room) cuts.push(at)
  const shuffled = random.chance(0.4)
  const edges = [0, ...cuts, message.length]
  return edges.slice(1).map((end, index) => {
    const start = edges[index]
    if (!shuffled) return cryptoFrame(start, message.subarray(start, end))
    const middle = random.integer(start + 1, end - 1)
    const before = cryptoFrame(start, message.subarray(start, middle))
    const after = cryptoFrame(middle, message.subarray(middle, end))
    return random.chance(0.5) ? concat(after, pingFrame(), before) : concat(pingFrame(), before, after)
  })
}

/** RFC 8446, section 4.1.3: TLS_AES_128_GCM_SHA256, X25519. */
function serverHello(random: Random): Uint8Array {
  const extensions = concat(hex('002b 0002 0304'), hex('0033 0024 001d 0020'), random.bytes(32))
  const body = concat(hex('0303'), random.bytes(32), hex('00 1301 00'), u16(extensions.length), extensions)
  return concat(u8(2), u8(0), u16(body.length), body)
}
