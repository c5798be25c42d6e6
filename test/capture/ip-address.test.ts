// Addresses are written as RFC 5952 says, and read in every form people write them.
import { describe, expect, test } from 'vitest'
import { ipv4Text, ipv4TextAt, ipv6Text, ipv6TextAt, parseAddress, prefixOf } from '../../capture/ip-address.ts'
import { macText } from '../../capture/mac-address.ts'
import { seededRandom } from '../../server/sample/packets/random.ts'
import { ipText, ipBytes } from '../../server/sample/packets/addresses.ts'

function words(bytes: Uint8Array): [number, number, number, number] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
  return [view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12)]
}

describe('addresses as text', () => {
  test.each([
    [0x00000000, '0.0.0.0'],
    [0xc0000201, '192.0.2.1'],
    [0xc0000201 | 0, '192.0.2.1'],
    [-1, '255.255.255.255'],
  ])('the number %i is the IPv4 address %s', (number, written) => {
    expect(ipv4Text(number)).toBe(written)
  })

  // The examples of RFC 5952 section 4, and the edges of its rules.
  test.each([
    ['2001:0db8:0000:0000:0000:0000:0002:0001', '2001:db8::2:1', 'the longest run of zeros is "::"'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1', 'one zero group alone is not shortened'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1', 'of two runs the longer is shortened'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1', 'of two equal runs the first is shortened'],
    ['0:0:0:0:0:0:0:0', '::', 'all zeros are "::"'],
    ['0:0:0:0:0:0:0:1', '::1', 'a run at the start'],
    ['2001:db8:0:0:0:0:0:0', '2001:db8::', 'a run at the end'],
    ['2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:0001', '2001:db8:aaaa:bbbb:cccc:dddd:eeee:1', 'lower case, no leading zeros'],
  ])('%s is written %s: %s', (long, short) => {
    expect(ipv6Text(...words(ipBytes(long)))).toBe(short)
    expect(parseAddress(long)).toEqual(words(ipBytes(long)))
    expect(parseAddress(short)).toEqual(words(ipBytes(long)))
  })

  test('any IPv6 address reads back from its text, and an independent writer agrees', () => {
    const random = seededRandom(5952)
    for (let round = 0; round < 2000; round++) {
      const bytes = random.bytes(16)
      for (let group = 0; group < 8; group++) if (random.chance(0.5)) bytes.fill(0, 2 * group, 2 * group + 2)
      const written = ipv6Text(...words(bytes))
      expect(written).toBe(ipText(bytes))
      expect(ipv6TextAt(bytes, 0)).toBe(written)
      expect(ipv4TextAt(bytes, 4)).toBe(ipv4Text(words(bytes)[1]))
      expect(parseAddress(written)).toEqual(words(bytes))
    }
  })

  test('a MAC is six pairs of hex digits with their leading zeros', () => {
    expect(macText(0x0200, 0x5e00530a)).toBe('02:00:5e:00:53:0a')
    expect(macText(0xffff, -1)).toBe('ff:ff:ff:ff:ff:ff')
    expect(macText(0, 1)).toBe('00:00:00:00:00:01')
  })

  test('an IPv4 address is read as its mapped IPv6 address, and so is one in the tail of an IPv6 address', () => {
    expect(parseAddress('192.0.2.1')).toEqual([0, 0, 0xffff, 0xc0000201 | 0])
    expect(parseAddress('::ffff:192.0.2.1')).toEqual([0, 0, 0xffff, 0xc0000201 | 0])
  })

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '1.2.3.a',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'g::',
    '1:2:3:4:5:6:7:8::',
    '::1.2.3',
    'fe80::1%eth0',
  ])('"%s" is no address', (written) => {
    expect(parseAddress(written)).toBeNull()
  })

  test.each([
    ['192.168.0.0/16', { words: [0, 0, 0xffff, 0xc0a80000 | 0], bits: 112 }],
    ['10.1.2.3', { words: [0, 0, 0xffff, 0x0a010203], bits: 128 }],
    ['0.0.0.0/0', { words: [0, 0, 0xffff, 0], bits: 96 }],
    ['fc00::/7', { words: [0xfc000000 | 0, 0, 0, 0], bits: 7 }],
    ['2001:db8::1', { words: [0x20010db8, 0, 0, 1], bits: 128 }],
  ])('the network %s is read', (written, prefix) => {
    expect(prefixOf(written)).toEqual(prefix)
  })

  test.each([
    '',
    '/',
    '/8',
    '192.168.0.0/33',
    'fc00::/129',
    '192.168.0.0/',
    '192.168.0.0/-1',
    '192.168.0.0/1.5',
    '192.168.0.0/8/8',
    'home',
    '192.168.0.0/x',
  ])('"%s" is refused as a network, in a sentence that repeats it', (written) => {
    expect(() => prefixOf(written)).toThrow(`"${written}" is no network: write it like`)
  })
})
