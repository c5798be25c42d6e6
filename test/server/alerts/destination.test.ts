// Who is at the far end of an upload, and which far ends are the same.
import { describe, expect, it } from 'vitest'
import { farEndOf, isNameless } from '../../../server/alerts/destination.ts'
import { endpoint, nameless } from '../../support/alert-home.ts'

describe('the far end', () => {
  it('is the company, by whichever of its hosts', () => {
    const ring = { company: 'ring', host: 'fw.ring.com' }
    expect(farEndOf(endpoint(1, ring))).toEqual({ key: 'company:ring', class: 'named' })
    expect(farEndOf(endpoint(2, { ...ring, host: 'es.ring.com', address: '192.0.2.7' })).key).toBe('company:ring')
  })

  it.each(['dns', 'dns-other', 'tls', 'quic', 'http', 'remembered', 'range'] as const)(
    'is the company also without a host, where it is known by %s',
    (namedBy) => {
      const facts = { company: 'ring', host: null, namedBy } as const
      expect(farEndOf(endpoint(1, facts))).toEqual({ key: 'company:ring', class: 'named' })
    },
  )

  it('is a rented computer where only the network tells whose the address is, one key for each cloud', () => {
    const facts = { company: 'aws', host: null, namedBy: 'network' } as const
    expect(farEndOf(endpoint(1, facts))).toEqual({ key: 'cloud:aws', class: 'rented' })
    expect(farEndOf(endpoint(2, { ...facts, address: '192.0.2.9' })).key).toBe('cloud:aws')
    expect(farEndOf(endpoint(3, { ...facts, company: 'azure' })).key).toBe('cloud:azure')
    expect(farEndOf(endpoint(4, { ...facts, host: 'x.compute.example' })).class).toBe('named')
  })

  it('is the registrable domain of a host without a company', () => {
    const key = (host: string): string => farEndOf(endpoint(1, { company: null, host })).key
    expect(key('evil.example.com')).toBe('host:example.com')
    expect(key('a.b.c.example.co.uk')).toBe('host:example.co.uk')
    expect(key('example.com')).toBe('host:example.com')
    expect([key('printer'), key('com')]).toEqual(['host:printer', 'host:com'])
  })

  it("is each customer's own where a cloud gives hosts to customers", () => {
    const key = (host: string): string => farEndOf(endpoint(1, { company: null, host })).key
    const hosts = ['one.s3.amazonaws.com', 'two.s3.amazonaws.com', 'one.github.io', 'two.github.io', 'x.blogspot.com']
    expect(new Set(hosts.map(key)).size).toBe(hosts.length)
    expect(key('a.one.github.io')).toBe(key('one.github.io'))
  })

  it('is the address where nobody knows whose it is, each its own', () => {
    expect(farEndOf(nameless(1, '203.0.113.5'))).toEqual({ key: 'address:203.0.113.5', class: 'nameless' })
    expect(farEndOf(nameless(2, '2001:db8::5'))).toEqual({ key: 'address:2001:db8::5', class: 'nameless' })
  })

  it('is hidden where the privacy level keeps neither, and that is one for all', () => {
    const kept = { company: null, host: null, address: null }
    expect(farEndOf(endpoint(1, kept))).toEqual({ key: 'hidden', class: 'hidden' })
  })

  it('is nameless by its key exactly where its class says so', () => {
    const all = [endpoint(1), nameless(2), endpoint(3, { company: null }), endpoint(4, { company: null, host: null })]
    for (const one of all) expect(isNameless(farEndOf(one).key)).toBe(farEndOf(one).class === 'nameless')
    // A company cannot pass for an address.
    expect(isNameless(farEndOf(endpoint(5, { company: 'address:1' })).key)).toBe(false)
  })
})
