// Conversations whose two directions belong together, and messages at the limits of their readers.
import { concat, hex, text, u16, u8 } from '../../../server/sample/packets/bytes.ts'
import { dns, type DnsMessage, HTTPS_TYPE, httpsRecord } from '../../../server/sample/packets/dns-builder.ts'
import {
  ETHERTYPE,
  ethernet,
  ipv4Fragments,
  PROTOCOL,
  TCP_FLAG,
  tcpFrame,
  udp,
  udpFrame,
} from '../../../server/sample/packets/packet-builder.ts'
import { buildQuicInitial, cryptoFrame, QUIC_VERSION_1 } from '../../../server/sample/packets/quic-builder.ts'
import { buildClientHello, uint, wrapTlsRecords } from '../../../server/sample/packets/tls-hello-builder.ts'
import {
  buildCertificate,
  buildCertificateMessage,
  buildServerHello,
  serverFlight,
} from '../../support/certificate-builder.ts'
import { dtlsClientHello, wrapDtls } from '../../support/dtls-builder.ts'
import { CLOUD, LAMP, ROUTER, UP } from '../../support/valid-ends.ts'

const RANDOM = new Uint8Array(32).fill(5)
const ID = hex('8394c8f03e515708')
const LAMP_TO_ROUTER = { ...UP, destination: ROUTER.ip, destinationPort: 53 }
const ROUTER_TO_LAMP = {
  sourceMac: ROUTER.mac,
  destinationMac: LAMP.mac,
  source: ROUTER.ip,
  destination: LAMP.ip,
  sourcePort: 53,
  destinationPort: UP.sourcePort,
}
const CLOUD_TO_LAMP = { ...ROUTER_TO_LAMP, source: CLOUD, sourcePort: UP.destinationPort }

const ECH_CONFIGS = concat(
  hex('0045 fe0d 0041 59 0020 0020'),
  new Uint8Array(32).fill(7),
  hex('0004 0001 0001 00'),
  u8(18),
  text('front.example.test'),
  hex('0000'),
)

/** Frames of one conversation each. */
export function conversations(): Uint8Array[][] {
  return [
    ...lookUps(),
    ...certificates(),
    dtls(),
    ...fragmentedAnswers(),
    ...quicFlows(),
    linkLocal(),
    dnsOfManyNames(),
    passingAnswer(),
  ]
}

/** A query, its answer, and a connection to where it led. */
function lookUps(): Uint8Array[][] {
  const name = 'api.lamp.example'
  const answers: NonNullable<DnsMessage['answers']>[] = [
    [
      { type: 'CNAME', name, ttl: 5, data: 'edge.cdn.example' },
      { type: 'A', name: 'edge.cdn.example', ttl: 5, data: CLOUD },
      { type: 'AAAA', name: 'edge.cdn.example', ttl: 5, data: '2001:db8:ffff::80' },
    ],
    [
      httpsRecord(name, 1, '', { ipv4Hints: [CLOUD], ech: ECH_CONFIGS, ipv6Hints: ['2001:db8:ffff::80'] }),
      httpsRecord(name, 0, 'edge.cdn.example'),
    ],
    [
      httpsRecord('_8443._https.api.lamp.example', 1, '', { ipv4Hints: [CLOUD] }),
      httpsRecord('_only', 1, '', { ipv4Hints: [CLOUD] }),
    ],
  ]
  const questions = [name, name, '_8443._https.api.lamp.example'] as const
  return answers.flatMap((list, index) => {
    const asked = [{ type: index === 0 ? ('A' as const) : HTTPS_TYPE, name: questions[index] }]
    const query = dns({ type: 'query', id: 7, questions: asked as NonNullable<DnsMessage['questions']> })
    const answer = dns({
      type: 'response',
      id: 7,
      questions: asked as NonNullable<DnsMessage['questions']>,
      answers: list,
    })
    const question = udpFrame({ ...LAMP_TO_ROUTER, payload: query })
    const reply = udpFrame({ ...ROUTER_TO_LAMP, payload: answer })
    return [name, 'other.example', 'front.example.test'].flatMap((serverName) =>
      [false, true].map((ech) => {
        const hello = wrapTlsRecords(buildClientHello({ serverName, random: RANDOM, ech }))
        const connect = tcpFrame({ ...UP, sourcePort: 50_100, flags: TCP_FLAG.ack, sequence: 1, payload: hello })
        return [question, reply, reply, connect, connect]
      }),
    )
  })
}

function quicFlows(): Uint8Array[][] {
  const hello = buildClientHello({ serverName: 'q.example', random: RANDOM, sessionIdBytes: 0 })
  const options = {
    version: QUIC_VERSION_1,
    destinationConnectionId: ID,
    sourceConnectionId: hex('c1'),
    packetNumber: 0,
  }
  const whole = buildQuicInitial({ ...options, frames: cryptoFrame(0, hello) })
  const half = buildQuicInitial({ ...options, frames: cryptoFrame(0, hello.subarray(0, 60)) })
  const rest = buildQuicInitial({ ...options, packetNumber: 1, frames: cryptoFrame(60, hello.subarray(60)) })
  const retry = concat(hex('f0'), uint(QUIC_VERSION_1, 4), hex('01 c1 08'), ID, new Uint8Array(40))
  const longToken = buildQuicInitial({ ...options, token: new Uint8Array(4_200), frames: cryptoFrame(0, hello) })
  const long = buildClientHello({ random: RANDOM, sessionIdBytes: 0, extensionsAfter: [[21, new Uint8Array(9_000)]] })
  const pieces = Array.from({ length: 9 }, (_, index) =>
    buildQuicInitial({
      ...options,
      packetNumber: index,
      frames: cryptoFrame(1_000 * (8 - index), long.subarray(1_000 * (8 - index), 1_000 * (9 - index))),
    }),
  )
  // Truncated numbers around the edges of their window.
  const numbers = [200, 257, 250, 511].map((packetNumber) =>
    buildQuicInitial({ ...options, packetNumber, packetNumberLength: 1, frames: cryptoFrame(0, hello.subarray(0, 9)) }),
  )
  const up = (payload: Uint8Array): Uint8Array => udpFrame({ ...UP, sourcePort: 50_200, payload })
  const down = (payload: Uint8Array): Uint8Array => udpFrame({ ...CLOUD_TO_LAMP, destinationPort: 50_200, payload })
  return [
    [up(half), down(retry), up(whole), down(retry), up(whole), down(new Uint8Array(30))],
    [up(half), up(half), up(rest), down(half)],
    [up(concat(half, half, half, half, half, half)), up(rest)],
    [up(longToken), up(buildQuicInitial({ ...options, frames: cryptoFrame(0, hello), minLength: 5_000 }))],
    pieces.map(up),
    [...numbers, ...[...numbers].reverse()].map(up),
  ]
}

/** Hellos without a name and what servers answer: in pieces, in small records, out of order, behind STARTTLS. */
function certificates(): Uint8Array[][] {
  const hello = wrapTlsRecords(buildClientHello({ random: RANDOM }))
  const long = serverFlight({ commonName: 'api.lamp.example', dnsNames: ['*.lamp.example'], padding: 3_000 })
  return [serverFlight({ dnsNames: ['api.lamp.example'] }), serverFlight({ commonName: 'lamp' }, 90), long].flatMap(
    (flight, index) => {
      const ports = { sourcePort: 50_300 + index }
      const up = (sequence: number, payload: Uint8Array): Uint8Array =>
        tcpFrame({ ...UP, ...ports, flags: TCP_FLAG.ack, sequence, payload })
      const down = (sequence: number, payload: Uint8Array, flags: number = TCP_FLAG.ack): Uint8Array =>
        tcpFrame({ ...CLOUD_TO_LAMP, destinationPort: ports.sourcePort, flags, sequence, payload })
      const pieces = [0, 1, 2].map((piece) => {
        const at = Math.ceil(flight.length / 3) * piece
        return down(1 + at, flight.subarray(at, at + Math.ceil(flight.length / 3)))
      })
      const open = down(0, hex(''), TCP_FLAG.syn | TCP_FLAG.ack)
      const ready = text('220 ready\r\n')
      return [
        [up(1, hello), open, ...pieces],
        [open, up(1, hello), ...[...pieces].reverse()],
        pieces,
        [open, down(1, ready), up(1, text('STARTTLS\r\n')), up(11, hello), down(1 + ready.length, flight)],
      ]
    },
  )
}

function dtls(): Uint8Array[] {
  const hellos = ['q.example', ''].flatMap((name) => wrapDtls(dtlsClientHello(name, hex('0102')), 90))
  const certificate = buildCertificateMessage(buildCertificate({ dnsNames: ['q.example'] }))
  const flight = concat(...wrapDtls(buildServerHello()), ...wrapDtls(certificate))
  return [
    ...hellos.map((payload) => udpFrame({ ...UP, sourcePort: 50_400, payload })),
    udpFrame({ ...CLOUD_TO_LAMP, destinationPort: 50_400, payload: flight }),
  ]
}

/** A query, and an answer in fragments: in order, and with the last one before the others. */
function fragmentedAnswers(): Uint8Array[][] {
  const questions = [{ type: 'A' as const, name: 'api.lamp.example' }]
  const padding = { type: 'TXT' as const, name: questions[0].name, ttl: 5, data: 'x'.repeat(180) }
  const answers = [padding, padding, padding, { ...questions[0], ttl: 5, data: CLOUD }]
  const payload = dns({ type: 'response', id: 7, questions, answers })
  const ends = { source: ROUTER.ip, destination: LAMP.ip }
  const datagram = udp({ ...ends, sourcePort: 53, destinationPort: UP.sourcePort, payload })
  const fragments = ipv4Fragments({ ...ends, protocol: PROTOCOL.udp, payload: datagram, identification: 9 }, 200).map(
    (packet) => ethernet(ROUTER.mac, LAMP.mac, ETHERTYPE.ipv4, packet),
  )
  const query = udpFrame({ ...LAMP_TO_ROUTER, payload: dns({ type: 'query', id: 7, questions }) })
  return [
    [query, ...fragments],
    [query, ...fragments.slice(-1), ...fragments],
  ]
}

/** A device that sends from link-local addresses and from several subnets. */
function linkLocal(): Uint8Array[] {
  return ['169.254.1.2', '169.254.7.8', '192.168.7.9', '10.1.2.3', LAMP.ip].map((source) =>
    udpFrame({ ...UP, source, payload: hex('00') }),
  )
}

/** An answer between two hosts on the internet. */
function passingAnswer(): Uint8Array[] {
  const questions = [{ type: 'A' as const, name: 'www.example' }]
  const payload = dns({ type: 'response', id: 7, questions, answers: [{ ...questions[0], ttl: 5, data: CLOUD }] })
  return [udpFrame({ ...ROUTER_TO_LAMP, source: CLOUD, destination: '198.51.100.9', payload })]
}

/** Pointers to one long name, again and again: more names than are read out of one message. */
function dnsOfManyNames(): Uint8Array[] {
  const label = concat(u8(60), text('a'.repeat(60)))
  const records = Array.from({ length: 400 }, (_, index) =>
    concat(hex('c049 0001 0001 00000005 0004'), u16(0xcb00), u16(index)),
  )
  const message = concat(
    hex('0007 8180 0001'),
    u16(records.length),
    hex('0000 0000'),
    ...[label, label, label, label],
    hex('00 0001 0001'),
    ...records,
  )
  return [udpFrame({ ...ROUTER_TO_LAMP, payload: message })]
}

/** Payloads for the readers alone. */
export function edgePayloads(): Uint8Array[] {
  const long = buildClientHello({
    serverName: 'x.example',
    random: RANDOM,
    extensionsAfter: [[21, new Uint8Array(9_000)]],
  })
  const flows = quicFlows().flatMap((frames) => frames.map((frame) => frame.subarray(42)))
  return [
    wrapTlsRecords(long, 1_000),
    serverFlight({ dnsNames: ['api.lamp.example'] }),
    serverFlight({ commonName: 'api.lamp.example' }, 7),
    hex('10 1e 0004 4d515454 05 c2 003c 05 11 00000e10 0004 6c616d70 0001 75 0001 70'),
    hex('10 12 0006 4d5149736470 03 00 003c 0004 6c616d70'),
    ...flows,
    ...[
      'GET http://user:pass@[2001:db8::1]:8080/ HTTP/1.1\r\nHost: [::1]:80\r\nUser-Agent: x\r\n\r\n',
      'CONNECT www.example:443 HTTP/1.0\r\n\r\n',
      'GET / HTTP/1.1\nHost: [::1\n\n',
      'GET / HTTP/1.1\r\nHost: a:b:80\r\nHost: 443\r\n',
      'GET http:///x HTTP/1.1\r\n\r\n',
      'GET :// HTTP/1.1\r\n\r\n',
      'GET 1x://y HTTP/1.1\r\n\r\n',
      'GET / HTTP/1.',
      'GET / HTTP/1.x\r\n',
      'RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: Lamp/1.0\r\n\r\n',
      'DESCRIBE rtsp://192.168.1.9/live RTSP/1.0\r\nUser-Agent: Lamp\r\n\r\n',
      'SSH-2.0-dropbear_2019.78\r\n',
    ].map(text),
  ]
}
