// Which host a certificate names, by what it lists.
import { describe, expect, test } from 'vitest'
import type { CertificateNames } from '../../../capture/wire/certificate.ts'
import { nameInCertificate } from '../../../server/engine/certificate-name.ts'

function certificate(dnsNames: string[], more: Partial<CertificateNames> = {}): CertificateNames {
  return { commonName: null, organisation: null, dnsNames, isComplete: true, ...more }
}

describe('a certificate', () => {
  test.each<[string, string[], string | null]>([
    ['for one host names it', ['api.acme.com'], 'api.acme.com'],
    ['for all of a domain names the domain', ['*.acme.com'], 'acme.com'],
    ['for a domain and all below it names the domain', ['*.iot.acme.com', 'iot.acme.com'], 'iot.acme.com'],
    ['for several hosts names what they share', ['a.eu.acme.com', 'b.eu.acme.com', '*.c.eu.acme.com'], 'eu.acme.com'],
    ['for hosts whose ends are alike shares whole labels only', ['xapi.acme.com', 'api.acme.com'], 'acme.com'],
    ['for one owner in two countries names the first', ['acme.de', 'www.acme.com'], 'acme.de'],
    ['for customers of a CDN names nothing', ['www.acme.com', 'shop.example.org', 'cdn.net'], null],
    ['in capital letters, with a dot at the end, is read alike', ['API.Acme.COM.'], 'api.acme.com'],
    ['for a cloud names the part of the cloud', ['*.iot.us-east-1.amazonaws.com'], 'iot.us-east-1.amazonaws.com'],
    ['for nothing names nothing', [], null],
  ])('%s', (_, dnsNames, name) => {
    expect(nameInCertificate(certificate(dnsNames), null)).toBe(name)
  })

  test.each([
    'localhost',
    'device.local',
    'router.lan',
    'invalid2.invalid',
    '192.168.1.1',
    '203.0.113.5',
    'WebRTC',
    'Philips hue',
    'com',
    'co.uk',
    '*.com',
    'a*.acme.com',
    '*.*.acme.com',
    'acme.com/path',
    'acme..com',
    'a\0.acme.com',
    `${'a'.repeat(64)}.acme.com`,
    `${'a.'.repeat(130)}acme.com`,
    '-acme.com',
  ])('of a private authority or with junk, as %j, names nothing', (junk) => {
    expect(nameInCertificate(certificate([junk]), null)).toBe(null)
    expect(nameInCertificate(certificate([], { commonName: junk }), null)).toBe(null)
    expect(nameInCertificate(certificate([junk, 'api.acme.com']), null)).toBe('api.acme.com')
  })

  test('is named by its subject where it lists no host', () => {
    expect(nameInCertificate(certificate([], { commonName: '*.acme.com' }), null)).toBe('acme.com')
    expect(nameInCertificate(certificate(['b.example.org'], { commonName: 'a.acme.com' }), null)).toBe('b.example.org')
  })

  test('for several domains is named by its subject where the organisation bears that name', () => {
    const names = ['*.acme-lights.com', 'acme.org', 'other.example.org']
    const of = (organisation: string | null): string | null =>
      nameInCertificate(certificate(names, { commonName: '*.acme-lights.com', organisation }), null)
    expect(of('Acme Lights, Inc.')).toBe('acme-lights.com')
    expect(of('Some CDN Ltd')).toBe(null)
    expect(of(null)).toBe(null)
  })

  test('of which not all names were read names nothing but for its organisation', () => {
    expect(nameInCertificate(certificate(['api.acme.com'], { isComplete: false }), null)).toBe(null)
  })

  test('leaves the name that the address is known by where it is for that', () => {
    const shared = certificate(['www.acme.com', '*.shop.example.org', 'cdn.net'])
    expect(nameInCertificate(shared, 'www.acme.com')).toBe('www.acme.com')
    expect(nameInCertificate(shared, 'a.shop.example.org')).toBe('a.shop.example.org')
    for (const other of ['acme.com', 'a.b.shop.example.org', 'shop.example.org', 'xshop.example.org', 'x.net'])
      expect(nameInCertificate(shared, other)).toBe(null)
    expect(nameInCertificate(certificate(['*.acme.com']), 'api.acme.com')).toBe('api.acme.com')
    expect(nameInCertificate(certificate(['*.acme.com']), 'api.other.com')).toBe('acme.com')
  })
})
