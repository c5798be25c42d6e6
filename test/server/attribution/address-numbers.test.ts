// Addresses are read as numbers, and everything else is refused.
import fc from 'fast-check'
import { isIPv6 } from 'node:net'
import { describe, expect, it } from 'vitest'
import { parseIpv4, parseIpv6 } from '../../../capture/ip-address.ts'
import { numbersOf, rangeOf } from '../../../server/attribution/address-numbers.ts'

describe('an address', () => {
  it.each([
    ['0.0.0.0', 4, 0, 0],
    ['8.8.4.4', 4, 0, 0x08080404],
    ['255.255.255.255', 4, 0, 0xffffffff],
    ['2001:db8:1:2:3:4:5:6', 6, 0x20010db8, 0x00010002],
    ['2001:DB8::1', 6, 0x20010db8, 0],
    ['::1', 6, 0, 0],
    ['fe80::1%eth0', 6, 0xfe800000, 0],
    ['::ffff:8.8.8.8', 4, 0, 0x08080808],
    ['64:ff9b::192.0.2.33', 4, 0, 0xc0000221],
    ['64:ff9b::808:808', 4, 0, 0x08080808],
  ] as const)('%s is read as numbers', (text, version, high, low) => {
    expect(numbersOf(text)).toEqual({ version, high, low })
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '1.2.3.-4',
    '0x1.2.3.4',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8:9',
    '12345::',
    'g::',
    '::1.2.3',
    '::1.2.3.4.5',
    'example.com',
    `${'0:'.repeat(5000)}0`,
  ])('%j is none', (text) => expect(numbersOf(text)).toBeNull())

  it('of any four bytes is read back', () => {
    fc.assert(
      fc.property(
        fc.ipV4(),
        (text) =>
          parseIpv4(text)?.toString() ===
          text
            .split('.')
            .reduce((sum, octet) => sum * 256 + Number(octet), 0)
            .toString(),
      ),
    )
  })

  it('of version 6 is accepted exactly where Node accepts it', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{0,20}$/)),
        (text) => (parseIpv6(text) !== null) === isIPv6(text),
      ),
    )
  })
})

describe('a block of addresses', () => {
  it('ends at its last address', () => {
    expect(rangeOf('17.0.0.0/8')).toMatchObject({ version: 4, first: { low: 0x11000000 }, last: { low: 0x11ffffff } })
    expect(rangeOf('0.0.0.0/0')).toMatchObject({ last: { low: 0xffffffff } })
    expect(rangeOf('2620:149::/32')).toMatchObject({
      version: 6,
      first: { high: 0x26200149, low: 0 },
      last: { high: 0x26200149, low: 0xffffffff },
    })
  })

  it.each(['17.0.0.0', '17.0.0.1/8', '17.0.0.0/33', '17.0.0.0/-1', '17.0.0.0/8/8', '2620:149::/65', 'x/8', ''])(
    '%j is none',
    (text) => {
      expect(rangeOf(text)).toBeNull()
    },
  )
})
