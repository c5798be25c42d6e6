// Labels: the facts that matter to a person, and no others.
import { describe, expect, it } from 'vitest'
import { labelsOf, type ConnectionFacts } from '../../../server/attribution/labels.ts'
import { LABELS } from '../../../server/rules/types.ts'

const facts = (given: Partial<ConnectionFacts>): ConnectionFacts => ({
  host: null,
  company: null,
  purpose: null,
  protocol: 'tcp',
  port: 443,
  ...given,
})

describe('a connection', () => {
  it.each([
    ["to WireGuard's port", { protocol: 'udp', port: 51820 }, ['vpn']],
    ["to OpenVPN's port", { protocol: 'tcp', port: 1194 }, ['vpn']],
    ['of IPsec through address translation', { protocol: 'udp', port: 4500 }, ['vpn']],
    ['of IPsec itself', { protocol: 'esp', port: 0 }, ['vpn']],
    ['to a Tor relay', { protocol: 'tcp', port: 9001 }, ['tor']],
    ["to Tor's own site", { host: 'bridges.torproject.org' }, ['tor']],
    ['to STUN', { protocol: 'udp', port: 3478 }, ['direct-media']],
    ["to Google's STUN by name", { host: 'stun.l.google.com', protocol: 'udp', port: 19302 }, ['direct-media']],
    ['to DNS over TLS', { port: 853 }, ['hidden-dns']],
    ['to a resolver inside HTTPS by name', { host: 'Cloudflare-DNS.com', purpose: null }, ['hidden-dns']],
    [
      'to a resolver that only the rules know',
      { host: 'r1.resolver.example', purpose: 'dns', protocol: 'udp' },
      ['hidden-dns'],
    ],
    ['to iCloud Private Relay', { host: 'mask.icloud.com', purpose: 'dns', protocol: 'udp' }, ['private-relay']],
    ['to SSH', { port: 22 }, ['remote-access']],
    ['to TeamViewer by name', { host: 'router7.teamviewer.com' }, ['remote-access']],
    ['to BitTorrent', { protocol: 'udp', port: 6881 }, ['peer-to-peer']],
    ['to Telnet', { port: 23 }, ['unencrypted-login']],
  ] as const)('%s is labelled', (_what, given, labels) => {
    expect(labelsOf(facts(given))).toEqual(labels)
  })

  it.each([
    ['to an ordinary web server', { host: 'www.example.com' }],
    ['to plain DNS, which hides nothing', { host: 'dns.google', purpose: 'dns', protocol: 'udp', port: 53 }],
    ["to a name that only ends like a VPN's", { host: 'notnordvpn.com' }],
    ["to WireGuard's port over TCP", { protocol: 'tcp', port: 51820 }],
    ['of ICMP, whose port means nothing', { protocol: 'icmp', port: 22 }],
    ['to a name that holds "stun" inside', { host: 'stunning.example.com' }],
    ['without anything known', { protocol: 'other', port: 0 }],
  ] as const)('%s has no label', (_what, given) => {
    expect(labelsOf(facts(given))).toEqual([])
  })

  it('has each label once and only labels of the closed list', () => {
    const labels = labelsOf(facts({ host: 'stun.teamviewer.com', protocol: 'udp', port: 3478 }))
    expect(labels).toEqual(['direct-media', 'remote-access'])
    expect(labels.every((label) => LABELS.includes(label))).toBe(true)
  })
})
