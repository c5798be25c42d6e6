// Names of certificates: those that Node's own reader sees, and none of what is cut or damaged.
import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { MAX_CERTIFICATE_NAMES, readCertificateNames } from '../../../capture/wire/certificate.ts'
import { buildCertificate } from '../../support/certificate-builder.ts'
import { damagedCopies, embed, prefixesOf } from '../../support/damage.ts'
import { hex } from '../../../server/sample/packets/bytes.ts'

const OPTIONS = {
  commonName: '*.lamp.example.com',
  organisation: 'Acme Lights Ltd',
  dnsNames: ['*.lamp.example.com', 'Lamp.Example.com', 'other.example.org'],
}

function names(bytes: Uint8Array): ReturnType<typeof readCertificateNames> {
  return readCertificateNames(bytes, 0, bytes.length)
}

describe('a certificate', () => {
  test('gives its names as they stand', () => {
    expect(names(buildCertificate(OPTIONS))).toEqual({ ...OPTIONS, isComplete: true })
  })

  test('gives the names that another reader gives', () => {
    const certificate = buildCertificate(OPTIONS)
    const other = new X509Certificate(certificate)
    const read = names(certificate)
    expect(other.subject).toBe(`O=${read?.organisation}\nCN=${read?.commonName}`)
    const listed = other.subjectAltName?.split(', ').filter((name) => name.startsWith('DNS:'))
    expect(listed).toEqual(read?.dnsNames.map((name) => `DNS:${name}`))
  })

  test('without a subject or other names gives none', () => {
    const none = { commonName: null, organisation: null, dnsNames: [], isComplete: true }
    expect(names(buildCertificate({}))).toEqual(none)
    expect(names(buildCertificate({ dnsNames: [] }))).toEqual(none)
  })

  test('with more names than are read says so', () => {
    const dnsNames = Array.from({ length: MAX_CERTIFICATE_NAMES + 1 }, (_, index) => `n${index}.example.com`)
    const read = names(buildCertificate({ dnsNames }))
    expect([read?.dnsNames.length, read?.isComplete]).toEqual([MAX_CERTIFICATE_NAMES, false])
    expect(names(buildCertificate({ dnsNames: dnsNames.slice(1) }))?.isComplete).toBe(true)
  })

  test('cut at any byte gives no name, wherever it lies', () => {
    for (const prefix of prefixesOf(buildCertificate(OPTIONS)).slice(0, -1)) {
      const { bytes, at, end } = embed(prefix, 0x30)
      expect([prefix.length, readCertificateNames(bytes, at, end)]).toEqual([prefix.length, null])
    }
  })

  test('that is damaged gives the same between whatever other bytes', () => {
    for (const copy of damagedCopies([buildCertificate(OPTIONS)], 3_000, 1)) {
      const [one, other] = [0x00, 0xff].map((guard) => {
        const { bytes, at, end } = embed(copy, guard)
        return readCertificateNames(bytes, at, end)
      })
      expect(one).toEqual(other)
    }
  })

  test('of no certificate is null', () => {
    for (const bytes of ['', '30', '30 80', '30 03 30 01 02', '31 00', '30 84 00000001 00', 'ff ff ff'])
      expect(names(hex(bytes))).toBe(null)
  })
})
