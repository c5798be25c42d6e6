// Flows that a DTLS handshake names, by the client's hello or the server's certificate.
import { describe, expect, test } from 'vitest'
import { concat, hex } from '../../../server/sample/packets/bytes.ts'
import { buildCertificate, buildCertificateMessage, buildServerHello } from '../../support/certificate-builder.ts'
import { dtlsClientHello, wrapDtls } from '../../support/dtls-builder.ts'
import {
  analysisOf,
  CAMERA,
  deviceOf,
  dnsAnswerA,
  endpointOf,
  ipLength,
  namesOf,
  SERVER,
  udpIn,
  udpOut,
} from './lab.ts'

const NAME = 'relay.acme.com'
const HELLO = wrapDtls(dtlsClientHello(NAME))
const SILENT = wrapDtls(dtlsClientHello(''))

function out(payload: Uint8Array): Uint8Array {
  return udpOut(CAMERA, SERVER, { destinationPort: 5684, payload })
}

function back(payload: Uint8Array): Uint8Array {
  return udpIn(CAMERA, SERVER, { sourcePort: 5684, payload })
}

function namedBy(...frames: Uint8Array[]): string[] {
  return namesOf(analysisOf(frames), CAMERA)
}

/** One of many addresses on the internet. */
function addressOf(number: number): string {
  return `203.0.${number >> 8}.${number & 0xff}`
}

/** ServerHello and Certificate, each in a record of its own, in one datagram. */
function flight(...dnsNames: string[]): Uint8Array {
  const certificate = buildCertificateMessage(buildCertificate({ dnsNames }))
  return concat(...wrapDtls(buildServerHello()), ...wrapDtls(certificate))
}

describe('a DTLS ClientHello', () => {
  test('names the flow, and once more with the cookie that the server asked for', () => {
    const again = wrapDtls(dtlsClientHello(NAME, hex('0102030405060708')))
    const frames = [out(HELLO[0]), back(hex('16 fefd 0000')), out(again[0])]
    const analysis = analysisOf(frames)
    expect(namesOf(analysis, CAMERA)).toEqual([`${NAME} tls`])
    const { sent, received } = endpointOf(analysis, CAMERA, NAME)
    expect(sent + received).toBe(ipLength(...frames))
    expect(analysis.observed.tlsServerNames).toEqual({ [NAME]: 2 })
  })

  test('with a session id is read', () => {
    expect(namedBy(out(wrapDtls(dtlsClientHello(NAME, hex('aa'), { sessionIdBytes: 32 }))[0]))).toEqual([`${NAME} tls`])
  })

  test('in pieces is read where its first one has the name', () => {
    const long = dtlsClientHello(NAME, hex(''), { keyShareBytes: 1216 })
    const pieces = wrapDtls(long, 400).map(out)
    expect(pieces.length).toBe(4)
    expect(namedBy(...pieces)).toEqual([`${NAME} tls`])
    expect(namedBy(...pieces.slice(1))).toEqual(['- none'])
  })

  test('cut at any byte names nothing, and harms nothing', () => {
    const frames = Array.from({ length: HELLO[0].length - 1 }, (_, end) =>
      udpOut(CAMERA, addressOf(end), { payload: HELLO[0].subarray(0, end + 1) }),
    )
    const { endpoints } = deviceOf(analysisOf(frames), CAMERA.mac)
    expect(endpoints.map(({ namedBy }) => namedBy)).toEqual(frames.map(() => 'none'))
  })

  test('that is encrypted, of TLS or of wrong lengths names nothing', () => {
    const changed = (at: number, value: number): Uint8Array => {
      const copy = Uint8Array.from(HELLO[0])
      copy[at] = value
      return copy
    }
    const wrong = [changed(0, 23), changed(1, 3), changed(2, 1), changed(12, 0), changed(13, 2), changed(19, 1)]
    for (const [index, payload] of [...wrapDtls(dtlsClientHello(NAME), 16_000, 1), ...wrong].entries())
      expect([index, namedBy(out(payload))]).toEqual([index, ['- none']])
  })
})

describe('a DTLS certificate', () => {
  test('names the flow where the hello has no name', () => {
    expect(namedBy(out(SILENT[0]), back(flight(NAME)))).toEqual([`${NAME} certificate`])
  })

  test('names it where it comes in a datagram of its own', () => {
    const certificate = wrapDtls(buildCertificateMessage(buildCertificate({ dnsNames: [`*.${NAME}`] })))
    expect(namedBy(out(SILENT[0]), back(wrapDtls(buildServerHello())[0]), back(certificate[0]))).toEqual([
      `${NAME} certificate`,
    ])
  })

  test('says less than a hello, and than what the device looked up', () => {
    expect(namedBy(out(HELLO[0]), back(flight('other.org')))).toEqual([`${NAME} tls`])
    expect(namedBy(dnsAnswerA(CAMERA, 'own.org', SERVER), out(SILENT[0]), back(flight(NAME)))).toEqual(['own.org dns'])
  })

  test('of a browser that talks to another tells nothing', () => {
    const own = buildCertificateMessage(buildCertificate({ commonName: 'WebRTC' }))
    expect(namedBy(out(SILENT[0]), back(concat(...wrapDtls(own))))).toEqual(['- none'])
  })

  test('that does not end in its first piece is not read', () => {
    const certificate = wrapDtls(buildCertificateMessage(buildCertificate({ dnsNames: [NAME] })), 100)
    expect(namedBy(out(SILENT[0]), ...certificate.map(back))).toEqual(['- none'])
  })

  test('cut at any byte names nothing or the whole name', () => {
    const whole = flight(NAME)
    const frames = Array.from({ length: whole.length }, (_, end) => [
      udpOut(CAMERA, addressOf(end), { payload: SILENT[0] }),
      udpIn(CAMERA, addressOf(end), { payload: whole.subarray(0, end + 1) }),
    ])
    const analysis = analysisOf(frames.flat())
    expect(new Set(namesOf(analysis, CAMERA))).toEqual(new Set(['- none', `${NAME} certificate`]))
    expect(endpointOf(analysis, CAMERA, NAME).addresses).toEqual([addressOf(whole.length - 1)])
  })
})
