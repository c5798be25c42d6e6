// The outer name of an encrypted ClientHello is never taken for the destination.
import { describe, expect, test } from 'vitest'
import { buildQuicInitial, cryptoFrame, QUIC_VERSION_1 } from '../../../server/sample/packets/quic-builder.ts'
import { buildClientHello } from '../../../server/sample/packets/tls-hello-builder.ts'
import {
  analysisOf,
  CAMERA,
  dnsAnswer,
  dnsAnswerA,
  dnsQuery,
  namesOf,
  PHONE,
  SERVER,
  tcpOut,
  tlsHello,
  udpOut,
} from './lab.ts'
import { hex, u16, u8, text, concat } from '../../../server/sample/packets/bytes.ts'
import { httpsRecord, HTTPS_TYPE } from '../../../server/sample/packets/dns-builder.ts'

const OUTER = 'front.example'
const encrypted = tcpOut(CAMERA, SERVER, { payload: tlsHello(OUTER, { ech: true }) })

/** ECHConfigList with one config of version 0xfe0d, RFC 9849 section 4. */
function echConfigList(publicName: string): Uint8Array {
  const key = concat(u8(1), u16(0x0020), u16(32), new Uint8Array(32), u16(4), hex('0001 0001'))
  const contents = concat(key, u8(0), u8(publicName.length), text(publicName), u16(0))
  const config = concat(u16(0xfe0d), u16(contents.length), contents)
  return concat(u16(config.length), config)
}

const withKeys = dnsAnswer(
  CAMERA,
  'hidden.example',
  [httpsRecord('hidden.example', 1, '', { ipv4Hints: [SERVER], ech: echConfigList(OUTER) })],
  HTTPS_TYPE,
)

describe('a ClientHello that offers ECH', () => {
  test('does not give its outer name to the flow', () => {
    expect(namesOf(analysisOf([encrypted]), CAMERA)).toEqual(['- none ech'])
  })

  test("leaves the name that the device's DNS gave", () => {
    expect(
      namesOf(
        analysisOf([dnsQuery(CAMERA, 'hidden.example'), dnsAnswerA(CAMERA, 'hidden.example', SERVER), encrypted]),
        CAMERA,
      ),
    ).toEqual(['hidden.example dns ech'])
  })

  test('gives its name where this device asked for it: what looks like ECH is GREASE', () => {
    expect(namesOf(analysisOf([dnsQuery(CAMERA, 'Front.example.'), encrypted]), CAMERA)).toEqual([
      'front.example tls ech',
    ])
  })

  test('does not give its name because another device asked for it', () => {
    expect(namesOf(analysisOf([dnsQuery(PHONE, OUTER), encrypted]), CAMERA)).toEqual(['- none ech'])
  })

  test('does not give a name that the keys in the DNS show as the one in front, though the device asked for it', () => {
    const asked = [dnsQuery(CAMERA, OUTER), dnsQuery(CAMERA, 'hidden.example', HTTPS_TYPE)]
    const frames = [...asked, withKeys, encrypted]
    expect(namesOf(analysisOf(frames), CAMERA)).toEqual(['hidden.example dns ech'])
  })

  test('gives its name where the keys in the DNS name the asked host itself', () => {
    const own = dnsAnswer(CAMERA, OUTER, [httpsRecord(OUTER, 1, '', { ech: echConfigList(OUTER) })], HTTPS_TYPE)
    expect(namesOf(analysisOf([dnsQuery(CAMERA, OUTER), own, encrypted]), CAMERA)).toEqual(['front.example tls ech'])
  })

  test('does not leave its outer name behind to be remembered', () => {
    const later = udpOut(CAMERA, SERVER, { destinationPort: 9000, payload: hex('ee ee') })
    expect(namesOf(analysisOf([encrypted, later]), CAMERA)).toEqual(['- none ech', '- none'])
  })

  test('is listed among what was observed', () => {
    expect(analysisOf([encrypted]).observed.tlsServerNames).toEqual({ [OUTER]: 1 })
  })

  test('is treated alike over QUIC', () => {
    const id = hex('0102030405060708')
    const message = buildClientHello({ random: new Uint8Array(32), serverName: OUTER, ech: true, sessionIdBytes: 0 })
    const initial = buildQuicInitial({
      version: QUIC_VERSION_1,
      destinationConnectionId: id,
      sourceConnectionId: new Uint8Array(0),
      packetNumber: 0,
      frames: cryptoFrame(0, message),
      minLength: 1200,
    })
    const frame = udpOut(CAMERA, SERVER, { payload: initial })
    expect(namesOf(analysisOf([dnsAnswerA(CAMERA, 'hidden.example', SERVER), frame]), CAMERA)).toEqual([
      'hidden.example dns ech',
    ])
    expect(namesOf(analysisOf([dnsQuery(CAMERA, OUTER), frame]), CAMERA)).toEqual(['front.example quic ech'])
  })
})
