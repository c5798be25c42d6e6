// Flows that a server's certificate names: cut anywhere, behind STARTTLS, and below every name that says more.
import { describe, expect, test } from 'vitest'
import { MAX_CERTIFICATE_BYTES } from '../../../capture/core/limits.ts'
import { TCP_FLAG } from '../../../server/sample/packets/packet-builder.ts'
import { wrapTlsRecords } from '../../../server/sample/packets/tls-hello-builder.ts'
import { concat, hex, text } from '../../../server/sample/packets/bytes.ts'
import {
  buildCertificate,
  buildCertificateMessage,
  buildServerHello,
  serverFlight,
} from '../../support/certificate-builder.ts'
import {
  analysisOf,
  CAMERA,
  deviceOf,
  dnsAnswerA,
  endpointOf,
  httpRequest,
  ipLength,
  namesOf,
  PHONE,
  SERVER,
  tcpIn,
  tcpOut,
  tlsHello,
} from './lab.ts'

const NAME = 'api.acme.com'
const FLIGHT = serverFlight({ commonName: NAME, dnsNames: [NAME] })
/** A hello without a name. */
const HELLO = tlsHello('', { sessionIdBytes: 0 })
const CLIENT = 0x1000
const SERVERS = 0xffff_ff00
const NAMED = [`${NAME} certificate`]

const syn = tcpOut(CAMERA, SERVER, { flags: TCP_FLAG.syn, sequence: CLIENT - 1 })
const synAck = tcpIn(CAMERA, SERVER, { flags: TCP_FLAG.syn | TCP_FLAG.ack, sequence: SERVERS - 1 })
const hello = tcpOut(CAMERA, SERVER, { sequence: CLIENT, payload: HELLO })
const OPENING = [syn, synAck, hello]

/** The part of the server's stream in [at, end). */
function part(stream: Uint8Array, at: number, end = stream.length): Uint8Array {
  return tcpIn(CAMERA, SERVER, { sequence: (SERVERS + at) >>> 0, payload: stream.subarray(at, end) })
}

function namedBy(...frames: Uint8Array[]): string[] {
  return namesOf(analysisOf(frames), CAMERA)
}

describe("a server's certificate", () => {
  test('names the flow where no hello did, from its first packet on', () => {
    const frames = [...OPENING, part(FLIGHT, 0, 900), part(FLIGHT, 900)]
    const analysis = analysisOf(frames)
    expect(namesOf(analysis, CAMERA)).toEqual(NAMED)
    const { sent, received } = endpointOf(analysis, CAMERA, NAME)
    expect(sent + received).toBe(ipLength(...frames))
  })

  test('is read when its flight is cut at any byte, in both orders', () => {
    const addresses: string[] = []
    const frames: Uint8Array[] = []
    for (let cut = 1; cut < FLIGHT.length; cut++)
      for (const order of [1, 2]) {
        const from = `203.${order}.${cut >> 8}.${cut & 0xff}`
        const pieces = [0, cut].map((at) =>
          tcpIn(CAMERA, from, {
            sequence: (SERVERS + at) >>> 0,
            payload: FLIGHT.subarray(at, at === 0 ? cut : undefined),
          }),
        )
        addresses.push(from)
        frames.push(tcpOut(CAMERA, from, { sequence: CLIENT, payload: HELLO }))
        frames.push(tcpIn(CAMERA, from, { flags: TCP_FLAG.syn | TCP_FLAG.ack, sequence: SERVERS - 1 }))
        frames.push(...(order === 1 ? pieces : pieces.reverse()))
      }
    const analysis = analysisOf(frames)
    expect(namesOf(analysis, CAMERA)).toEqual(NAMED)
    expect(endpointOf(analysis, CAMERA, NAME).addresses.sort()).toEqual(addresses.sort())
  })

  test('is read in one record with the ServerHello, and in records of any length', () => {
    for (const length of [1, 3, 50, 90, 500, 16_384]) {
      const flight = serverFlight({ dnsNames: [NAME] }, length)
      expect([length, namedBy(...OPENING, part(flight, 0, 1_000), part(flight, 1_000))]).toEqual([length, NAMED])
    }
  })

  test('is read of a flight of eight kilobytes in six segments, of which the last comes first', () => {
    const flight = serverFlight({ dnsNames: [NAME], padding: 7_000 })
    const pieces = Array.from({ length: 6 }, (_, index) => part(flight, index * 1_400, (index + 1) * 1_400))
    expect(flight.length).toBeGreaterThan(7_000)
    expect(namedBy(...OPENING, ...pieces)).toEqual(NAMED)
    expect(namedBy(...OPENING, ...pieces.reverse())).toEqual(NAMED)
  })

  test('is read where the capture begins behind the hello', () => {
    expect(namedBy(part(FLIGHT, 0), tcpOut(CAMERA, SERVER, { payload: text('x') }))).toEqual(NAMED)
  })

  test('longer than the limit is not read', () => {
    const long = buildCertificate({ dnsNames: [NAME], padding: MAX_CERTIFICATE_BYTES })
    const flight = wrapTlsRecords(concat(buildServerHello(), buildCertificateMessage(long)))
    const pieces = Array.from({ length: 13 }, (_, index) => part(flight, index * 1_400, (index + 1) * 1_400))
    expect(namedBy(...OPENING, ...pieces)).toEqual(['- none'])
  })

  test('of another shape than a certificate names nothing', () => {
    for (const message of ['0b000000', '0b000003 000000', '0b000006 000003 000000', '0b000007 000004 000001 30'])
      expect(namedBy(...OPENING, part(wrapTlsRecords(concat(buildServerHello(), hex(message))), 0))).toEqual(['- none'])
  })

  test('is none where a session is resumed, or the version is 1.3', () => {
    const resumed = concat(wrapTlsRecords(buildServerHello()), hex('14 0303 0001 01 16 0303 0010'), new Uint8Array(16))
    const encrypted = concat(wrapTlsRecords(buildServerHello()), hex('17 0303 0010'), new Uint8Array(16))
    const ticket = wrapTlsRecords(concat(buildServerHello(), hex('04 000006 00000000 0000')))
    for (const flight of [resumed, encrypted, ticket]) expect(namedBy(...OPENING, part(flight, 0))).toEqual(['- none'])
  })

  test('names what comes later on the address as well', () => {
    const later = tcpOut(CAMERA, SERVER, { sourcePort: 41_000, payload: text('opaque') })
    expect(namedBy(...OPENING, part(FLIGHT, 0), later)).toEqual([...NAMED, `${NAME} remembered`])
  })
})

describe('a name that says more than a certificate', () => {
  test('is the one in the hello', () => {
    const named = tcpOut(CAMERA, SERVER, { sequence: CLIENT, payload: tlsHello('www.acme.com') })
    expect(namedBy(syn, synAck, named, part(FLIGHT, 0))).toEqual(['www.acme.com tls'])
  })

  test('is one that the device looked up', () => {
    expect(namedBy(dnsAnswerA(CAMERA, 'other.org', SERVER), ...OPENING, part(FLIGHT, 0))).toEqual(['other.org dns'])
  })

  test('is one that the certificate is for, though another device looked it up', () => {
    const flight = serverFlight({ dnsNames: ['*.acme.com', 'customer.org'] })
    const frames = (name: string): Uint8Array[] => [dnsAnswerA(PHONE, name, SERVER), ...OPENING, part(flight, 0)]
    expect(namedBy(...frames('www.acme.com'))).toEqual(['www.acme.com dns-other'])
    expect(namedBy(...frames('www.other.com'))).toEqual(['www.other.com dns-other'])
  })

  test('is not one that another device looked up and the certificate is not for', () => {
    expect(namedBy(dnsAnswerA(PHONE, 'other.org', SERVER), ...OPENING, part(FLIGHT, 0))).toEqual(NAMED)
  })

  test('is the one of a request', () => {
    const request = tcpOut(CAMERA, SERVER, { sequence: CLIENT, payload: httpRequest('www.acme.com') })
    expect(namedBy(syn, synAck, request, part(FLIGHT, 0))).toEqual(['www.acme.com http'])
  })

  test('is hidden by an encrypted hello: the certificate is of the service in front', () => {
    const hidden = tcpOut(CAMERA, SERVER, { sequence: CLIENT, payload: tlsHello('front.acme.com', { ech: true }) })
    expect(namedBy(syn, synAck, hidden, part(FLIGHT, 0))).toEqual(['- none ech'])
  })
})

describe('a certificate of a server at home', () => {
  test('says nothing of whom it talks to', () => {
    const ask = tcpIn(CAMERA, SERVER, { destinationPort: 443, sourcePort: 40_000, payload: HELLO })
    const show = tcpOut(CAMERA, SERVER, { sourcePort: 443, destinationPort: 40_000, payload: FLIGHT })
    expect(deviceOf(analysisOf([show, ask, show]), CAMERA.mac).endpoints.map(({ host }) => host)).toEqual([null])
  })
})

/** What is said in the clear before TLS begins: RFC 3207, 2595, 6120, 4217, and PostgreSQL. */
const BEFORE_TLS: [string, number, string[]][] = [
  ['SMTP', 587, ['<220 mx ESMTP', '>EHLO camera', '<250-mx\r\n250 STARTTLS', '>STARTTLS', '<220 Ready']],
  ['IMAP', 143, ['<* OK IMAP4', '>A1 CAPABILITY', '<* CAPABILITY STARTTLS', '>A2 STARTTLS', '<A2 OK']],
  ['POP3', 110, ['<+OK POP3', '>CAPA', '<+OK\r\nSTLS\r\n.', '>STLS', '<+OK']],
  [
    'XMPP',
    5222,
    [
      ">?xml version='1.0'?><stream:stream to='acme.com'>",
      '<<stream:features><starttls/></stream:features>',
      ">starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
      '<<proceed/>',
    ],
  ],
  ['FTP', 21, ['<220 FTP', '>AUTH TLS', '<234 AUTH TLS OK']],
  ['PostgreSQL', 5432, ['>\x00\x00\x00\x08\x04\xd2\x16\x2f', '<S']],
]

describe.each(BEFORE_TLS)('TLS that begins within %s', (_, port, lines) => {
  const talk = (clientHello: Uint8Array): Uint8Array[] => {
    const ends = { client: CLIENT, server: SERVERS }
    const out = (payload: Uint8Array): Uint8Array => {
      const sequence = ends.client
      ends.client += payload.length
      return tcpOut(CAMERA, SERVER, { destinationPort: port, sequence, payload })
    }
    const back = (payload: Uint8Array): Uint8Array => {
      const sequence = ends.server >>> 0
      ends.server += payload.length
      return tcpIn(CAMERA, SERVER, { sourcePort: port, sequence, payload })
    }
    return [
      tcpOut(CAMERA, SERVER, { destinationPort: port, flags: TCP_FLAG.syn, sequence: CLIENT - 1 }),
      tcpIn(CAMERA, SERVER, { sourcePort: port, flags: TCP_FLAG.syn | TCP_FLAG.ack, sequence: SERVERS - 1 }),
      ...lines.map((line) =>
        line.startsWith('>') ? out(text(`${line.slice(1)}\r\n`)) : back(text(`${line.slice(1)}\r\n`)),
      ),
      out(clientHello.subarray(0, 40)),
      out(clientHello.subarray(40)),
      back(FLIGHT.subarray(0, 700)),
      back(FLIGHT.subarray(700)),
    ]
  }

  test('is named by its hello', () => {
    expect(namedBy(...talk(tlsHello('mail.acme.com')))).toEqual(['mail.acme.com tls'])
  })

  test('is named by its certificate where the hello has no name', () => {
    expect(namedBy(...talk(HELLO))).toEqual(NAMED)
  })
})
