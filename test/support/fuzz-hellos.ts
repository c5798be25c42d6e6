// Fuzzing of the readers of TLS, QUIC and Google QUIC hellos: valid messages, and the properties of every result.
import { readGquicServerName } from './wire/gquic.ts'
import { asksForNewInitial, looksLikeQuicLongHeader } from './wire/quic-header.ts'
import { QuicInitialFlow } from './wire/quic-initial.ts'
import { ClientHello, readClientHello, readClientHelloRecords } from './wire/tls-hello.ts'
import { expectInside, type FuzzTarget } from './fuzz.ts'
import {
  ackFrame,
  buildQuicInitial,
  buildQuicOpaqueLongHeader,
  connectionCloseFrame,
  cryptoFrame,
  cryptoFramesCutAt,
  paddingFrames,
  pingFrame,
  QUIC_DRAFT_29,
  QUIC_VERSION_1,
  QUIC_VERSION_2,
  varint,
} from '../../server/sample/packets/quic-builder.ts'
import {
  buildClientHello,
  latin1Bytes,
  serverNameList,
  uint,
  wrapTlsRecords,
} from '../../server/sample/packets/tls-hello-builder.ts'
import { serverNameOf } from './read-hello.ts'
import { hex, u16, u8, concat } from '../../server/sample/packets/bytes.ts'

const RANDOM_BYTES = Uint8Array.from({ length: 32 }, (_, index) => 200 - index)

const HELLO = { serverName: 'speaker.vendor.example', alpn: ['h3', 'h2'], random: RANDOM_BYTES }

export function tlsTarget(): FuzzTarget {
  const hello = new ClientHello()
  const handshakes = [
    buildClientHello(HELLO),
    buildClientHello({ ...HELLO, ech: true, sessionIdBytes: 0 }),
    buildClientHello({
      random: RANDOM_BYTES,
      extensionsBefore: [
        [0, serverNameList([1, 'other'], [0, 'second.example'])],
        [16, hex('0003 02 6832')],
      ],
      extensionsAfter: [[0xffce, hex('00')]],
    }),
    // A hello without extensions, as TLS before 1.2 may end.
    concat(hex('01 00002a 0301'), RANDOM_BYTES, hex('00 0004 0005 000a 01 00')),
    buildClientHello({ ...HELLO, keyShareBytes: 1216 }),
  ]
  return {
    name: 'TLS',
    seeds: handshakes.flatMap((handshake) => [
      wrapTlsRecords(handshake),
      wrapTlsRecords(handshake, 50),
      wrapTlsRecords(handshake, 3),
    ]),
    read(bytes, at, end) {
      const ofRecords = readClientHelloRecords(bytes, at, end, hello)
      const first = helloResult(hello, bytes, at, end, ofRecords)
      const ofHandshake = readClientHello(bytes, Math.min(end, at + 5), end, hello)
      return [first, helloResult(hello, bytes, at, end, ofHandshake)]
    },
  }
}

function helloResult(hello: ClientHello, bytes: Uint8Array, at: number, end: number, length: number): unknown {
  const isOwn = hello.bytes !== bytes && hello.bytes.length > 0
  const { serverNameAt, serverNameEnd, alpnAt, alpnEnd } = hello
  expectInside(isOwn ? 0 : at, isOwn ? hello.bytes.length : end, { serverNameAt, serverNameEnd, alpnAt, alpnEnd })
  if (length > end - at) throw new Error(`a hello of ${length} in ${end - at} bytes`)
  return [length, serverNameOf(hello), hello.alpnProtocols(), hello.encryptedClientHello]
}

const CLIENT_ID = hex('8394c8f03e515708')

const OTHER_ID = hex('0102030405060708090a0b0c0d0e0f1011121314')

const SOURCE_ID = hex('c1')

const LONG_HELLO = buildClientHello({ ...HELLO, keyShareBytes: 1216, sessionIdBytes: 0 })

const SHORT_HELLO = buildClientHello({ ...HELLO, sessionIdBytes: 0 })

function quicInitial(
  version: number,
  frames: Uint8Array,
  more: { destinationConnectionId?: Uint8Array; token?: Uint8Array } = {},
): Uint8Array {
  return buildQuicInitial({
    version,
    destinationConnectionId: CLIENT_ID,
    sourceConnectionId: SOURCE_ID,
    packetNumber: 0,
    frames,
    ...more,
  })
}

/** Whole datagrams as they are: what damage does outside the protected part, and that damage inside it does nothing. */
export function quicDatagramTarget(): FuzzTarget {
  const flow = new QuicInitialFlow()
  const hello = cryptoFrame(0, SHORT_HELLO)
  const otherVersions = [0xff00_0017, 0xff00_0022, 0xface_b002, 0x709a_50c4, 0x5430_3530, 0x5430_3531, 0]
  const seeds = [
    quicInitial(QUIC_VERSION_1, hello),
    quicInitial(QUIC_VERSION_2, hello, { token: hex('010203') }),
    quicInitial(QUIC_DRAFT_29, hello, { destinationConnectionId: hex('') }),
    concat(
      buildQuicOpaqueLongHeader(QUIC_VERSION_1, 'zeroRtt', CLIENT_ID, SOURCE_ID, new Uint8Array(40)),
      quicInitial(QUIC_VERSION_1, hello),
    ),
    concat(
      quicInitial(QUIC_VERSION_1, pingFrame()),
      buildQuicOpaqueLongHeader(QUIC_VERSION_1, 'handshake', CLIENT_ID, SOURCE_ID, new Uint8Array(40)),
    ),
    ...otherVersions.map((version) =>
      concat(hex('c0'), uint(version, 4), hex('08'), CLIENT_ID, hex('01 c1 00 30'), new Uint8Array(0x30)),
    ),
  ]
  return {
    name: 'QUIC datagrams',
    seeds,
    read(bytes, at, end) {
      flow.reset()
      return [
        looksLikeQuicLongHeader(bytes, at, end),
        asksForNewInitial(bytes, at, end),
        flow.push(bytes, at, end),
        serverNameOf(flow.hello),
      ]
    },
  }
}

/** One packet of a made-up flow: what kind it is, and the frames inside. */
function flowPacket(kind: number, frames: Uint8Array): Uint8Array {
  return concat(u8(kind), u16(frames.length), frames)
}

/**
 * Frames that are changed before they are protected, in packets of one flow: the input is a list of kind, length,
 * frames.
 */
export function quicFlowTarget(): FuzzTarget {
  const flow = new QuicInitialFlow()
  const cut = cryptoFramesCutAt(LONG_HELLO, [100, 101, 400, 900])
  const [a, b, c, d, e] = cut
  const manyRanges = concat(
    ...Array.from({ length: 70 }, (_, index) => cryptoFrame(3 * (70 - index), Uint8Array.of(1))),
  )
  const long = buildClientHello({ ...HELLO, sessionIdBytes: 0, extensionsAfter: [[21, new Uint8Array(6000)]] })
  const seeds = [
    flowPacket(0, cryptoFrame(0, SHORT_HELLO)),
    concat(
      flowPacket(0, concat(e, pingFrame(), b, paddingFrames(3), ackFrame(5, 2))),
      flowPacket(0, concat(ackFrame(9, 1, true), d, a, c)),
    ),
    concat(
      flowPacket(4, a),
      flowPacket(5, hex('')),
      flowPacket(0, concat(b, c)),
      flowPacket(1, a),
      flowPacket(1, concat(b, c, d, e)),
    ),
    concat(flowPacket(6, hex('')), flowPacket(0, concat(a, b)), flowPacket(3, hex('')), flowPacket(2, concat(c, d, e))),
    concat(flowPacket(0, manyRanges), flowPacket(0, concat(a, b, c, d, e))),
    concat(
      flowPacket(0, cryptoFrame(32_000, new Uint8Array(300))),
      flowPacket(0, connectionCloseFrame('gone')),
      flowPacket(0, cryptoFrame(0, SHORT_HELLO)),
    ),
    concat(
      ...Array.from({ length: 7 }, (_, index) =>
        flowPacket(0, cryptoFrame(1000 * index, long.subarray(1000 * index, 1000 * index + 1000))),
      ),
    ),
    concat(
      ...Array.from({ length: 10 }, (_, index) =>
        flowPacket(index & 1 ? 5 : 0, cryptoFrame(9 * index, SHORT_HELLO.subarray(9 * index, 9 * index + 9))),
      ),
    ),
    flowPacket(
      0,
      concat(cryptoFrame(0, hex('02000001')), cryptoFrame(0, hex('010000')), hex('06 00 40'), varint(5, 8)),
    ),
  ]
  return {
    name: 'QUIC flows',
    seeds,
    read(bytes, at, end) {
      flow.reset()
      const results: unknown[] = []
      for (const datagram of quicDatagrams(bytes, at, end))
        results.push(flow.push(datagram, 0, datagram.length), asksForNewInitial(datagram, 0, datagram.length))
      return [results, serverNameOf(flow.hello), flow.hello.alpnProtocols(), flow.hello.encryptedClientHello]
    },
  }
}

/** The datagrams of such a list, protected. */
export function* quicDatagrams(bytes: Uint8Array, at: number, end: number): Generator<Uint8Array> {
  let datagram = hex('')
  for (let number = 0; number < 12 && end - at >= 3; number++) {
    const kind = bytes[at] % 7
    const to = Math.min(end, at + 3 + ((bytes[at + 1] << 8) | bytes[at + 2]))
    datagram = quicDatagram(kind, bytes.slice(at + 3, to), number, datagram)
    yield datagram
    at = to
  }
}

function quicDatagram(kind: number, frames: Uint8Array, packetNumber: number, before: Uint8Array): Uint8Array {
  const packet = {
    version: QUIC_VERSION_1,
    destinationConnectionId: CLIENT_ID,
    sourceConnectionId: SOURCE_ID,
    packetNumber,
    frames,
    packetNumberLength: (1 + (packetNumber & 3)) as 1 | 2 | 3 | 4,
  }
  switch (kind) {
    case 0:
      return buildQuicInitial(packet)
    case 1:
      return buildQuicInitial({ ...packet, destinationConnectionId: OTHER_ID, token: hex('0102') })
    case 2:
      return buildQuicInitial({ ...packet, version: QUIC_VERSION_2 })
    case 3:
      return concat(hex('f0'), uint(QUIC_VERSION_1, 4), hex('01 c1 08'), CLIENT_ID, new Uint8Array(20))
    case 4:
      // Two packets in one datagram, with the keys of a connection id that the second no longer has.
      return concat(
        buildQuicInitial(packet),
        buildQuicInitial({
          ...packet,
          destinationConnectionId: OTHER_ID,
          keyConnectionId: CLIENT_ID,
          packetNumber: packetNumber + 300,
        }),
      )
    case 5:
      return before
    default:
      return buildQuicOpaqueLongHeader(QUIC_VERSION_1, 'zeroRtt', CLIENT_ID, SOURCE_ID, new Uint8Array(30))
  }
}

export function gquicTarget(): FuzzTarget {
  const out = { serverNameAt: -1, serverNameEnd: -1 }
  const little = (value: number, size: 2 | 4): Uint8Array => uint(value, size).reverse()
  const values = [
    ['PAD\0', '-----'],
    ['SNI\0', 'cast.vendor.example'],
    ['VER\0', 'Q043'],
  ]
  let valueEnd = 0
  const index = values.map(([tag, value]) => concat(latin1Bytes(tag), little((valueEnd += value.length), 4)))
  const chlo = concat(
    latin1Bytes('CHLO'),
    little(values.length, 2),
    uint(0, 2),
    ...index,
    latin1Bytes(values.map(([, value]) => value).join('')),
  )
  const stream = concat(hex('a0 01'), u16(chlo.length), chlo)
  const hash = new Uint8Array(12).fill(0xab)
  const empty = concat(latin1Bytes('CHLO'), little(0, 2), uint(0, 2))
  return {
    name: 'Google QUIC',
    seeds: [
      concat(hex('09'), CLIENT_ID, latin1Bytes('Q025'), hex('01'), hash, hex('00'), stream),
      concat(hex('19'), CLIENT_ID, latin1Bytes('Q043'), hex('0001'), hash, hex('00 07'), stream),
      concat(hex('ff'), latin1Bytes('Q044'), hex('50'), CLIENT_ID, hex('00000001'), hash, stream),
      concat(hex('c0'), latin1Bytes('Q046'), hex('05'), CLIENT_ID, hex('01'), hash, hex('85 0001 0000'), chlo),
      concat(hex('09'), CLIENT_ID, latin1Bytes('Q035'), hex('01'), hash, hex('a0 01'), u16(empty.length), empty),
    ],
    read(bytes, at, end) {
      const isFound = readGquicServerName(bytes, at, end, out)
      expectInside(at, end, { ...out })
      if (out.serverNameAt > out.serverNameEnd) throw new Error('a name that ends before it begins')
      return [isFound, { ...out }]
    },
  }
}
