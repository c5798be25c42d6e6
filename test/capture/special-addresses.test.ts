// Every block of IANA's special-purpose registries is what the registry says, up to its first and last address.
import { describe, expect, test } from 'vitest'
import {
  addressText,
  addressUse,
  type AddressWords,
  isHomeAddress,
  isPrivateAddress,
  parsePrefix,
} from '../../capture/ip-address.ts'
import { IPV4_BLOCKS, IPV6_BLOCKS } from '../../capture/special-addresses.ts'
import { HomeNetwork, Scope } from '../../server/engine/home-network.ts'
import { newCore } from '../support/core.ts'

/** "Globally reachable" of the registries, as of 2025; N/A (6to4, Teredo, ORCHID) and what is withdrawn are not. */
const REGISTRY: [block: string, isPublic: boolean][] = [
  ['0.0.0.0/8', false],
  ['10.0.0.0/8', false],
  ['100.64.0.0/10', false],
  ['127.0.0.0/8', false],
  ['169.254.0.0/16', false],
  ['172.16.0.0/12', false],
  ['192.0.0.0/29', false],
  ['192.0.0.8/32', false],
  ['192.0.0.9/32', true],
  ['192.0.0.10/32', true],
  ['192.0.0.170/32', false],
  ['192.0.0.171/32', false],
  ['192.0.0.11/32', false],
  ['192.0.0.255/32', false],
  ['192.0.2.0/24', false],
  ['192.31.196.0/24', true],
  ['192.52.193.0/24', true],
  ['192.88.99.0/24', false],
  ['192.168.0.0/16', false],
  ['192.175.48.0/24', true],
  ['198.18.0.0/15', false],
  ['198.51.100.0/24', false],
  ['203.0.113.0/24', false],
  ['224.0.0.0/4', false],
  ['240.0.0.0/4', false],
  ['255.255.255.255/32', false],
  ['::1/128', false],
  ['::/128', false],
  ['::/96', false],
  ['::ffff:0:0/96', false],
  // Reachable by translation: to an IPv4 address that is looked at by itself, or to one at home.
  ['64:ff9b::/96', false],
  ['64:ff9b:1::/48', false],
  ['100::/64', false],
  ['100:0:0:1::/64', false],
  ['2001::/32', false],
  ['2001:1::/128', false],
  ['2001:1::1/128', true],
  ['2001:1::2/128', true],
  ['2001:1::3/128', true],
  ['2001:1::4/128', false],
  ['2001:2::/48', false],
  ['2001:3::/32', true],
  ['2001:4::/48', false],
  ['2001:4:112::/48', true],
  ['2001:4:113::/48', false],
  ['2001:10::/28', false],
  ['2001:20::/28', true],
  ['2001:30::/28', true],
  ['2001:40::/28', false],
  ['2001:1ff::/32', false],
  ['2001:db8::/32', false],
  ['2002::/16', false],
  ['2620:4f:8000::/48', true],
  ['3fff::/20', false],
  ['5f00::/16', false],
  ['fc00::/7', false],
  ['fe80::/10', false],
  ['fec0::/10', false],
  ['ff00::/8', false],
]

/** First and last address of a block. */
function ends(block: string): [string, string] {
  const { words, bits } = parsePrefix(block) as { words: AddressWords; bits: number }
  const last = words.map((word, index) => {
    const kept = Math.min(32, Math.max(0, bits - 32 * index))
    return kept === 32 ? word : word | (0xffffffff >>> kept)
  }) as AddressWords
  // A mapped address written as IPv6 is not the IPv4 address.
  const text = (of: AddressWords): string =>
    block.startsWith('::ffff:') ? `::ffff:${addressText(of)}` : addressText(of)
  return [text(words), text(last)]
}

test.each(REGISTRY)('%s is public from its first to its last address: %s', (block, isPublic) => {
  expect(ends(block).map((address) => [address, !isPrivateAddress(address)])).toEqual(
    ends(block).map((address) => [address, isPublic]),
  )
})

test.each([
  '1.0.0.0',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.0.1.0',
  '192.88.98.255',
  '192.88.100.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2001:200::1',
  '2001:db7:ffff::1',
  '2001:db9::1',
  '2000::1',
  '2003::1',
  '2606:4700:4700::1111',
  '3ffe::1',
  '3fff:1000::1',
])('%s, next to a special block, is public', (address) => {
  expect(isPrivateAddress(address)).toBe(false)
})

test.each(['', 'localhost', '1.2.3', '01.2.3.4', '4000::1', '1::1', '::8.8.8.8', '::ffff:8.8.8.8', 'fe80::1%eth0'])(
  '%j is not public: no address, not assigned, or another one in disguise',
  (text) => {
    expect(isPrivateAddress(text)).toBe(true)
  },
)

test.each([
  ['192.168.1.1', true],
  ['127.0.0.1', true],
  ['::1', true],
  ['fe80::1%eth0', true],
  ['fd00::1', true],
  ['100.64.0.1', true],
  ['::ffff:192.168.1.1', true],
  ['8.8.8.8', false],
  ['::ffff:8.8.8.8', false],
  ['64:ff9b::808:808', false],
  ['64:ff9b:1::808:808', false],
  ['192.88.99.1', false],
  ['2002:808:808::1', false],
  ['5f00::1', false],
  ['203.0.113.1', false],
  ['', false],
])('what is sent to %s stays in the house: %s', (address, staysHome) => {
  expect(isHomeAddress(address)).toBe(staysHome)
})

describe('the ranges of the home', () => {
  const home = new HomeNetwork(newCore(), null)
  const blocks = [...Object.entries(IPV4_BLOCKS), ...Object.entries(IPV6_BLOCKS)].filter(
    ([block]) => !block.endsWith('/0'),
  )

  test.each(blocks)('agree with the table about %s (%s)', (block, use) => {
    for (const address of ends(block)) {
      const { words } = parsePrefix(address) as { words: AddressWords }
      expect([address, home.scopeOfIpv6(...words) === Scope.Home]).toEqual([address, use === 'home'])
      expect(addressUse(address)).toBe(use)
    }
  })
})
