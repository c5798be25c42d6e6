// DHCPv6 messages of clients and servers are read, through relays too, cut and damaged.
import { describe, expect, test } from 'vitest'
import { type Dhcpv6Message, readDhcpv6 } from '../../../capture/wire/dhcpv6.ts'
import { damagedCopies, embed, prefixesOf } from '../../support/damage.ts'
import { hex, u32, u16, text, concat } from '../../../server/sample/packets/bytes.ts'
import { ipBytes } from '../../../server/sample/packets/addresses.ts'

const SOLICIT = hex('01 0a 0b 0c')
const REPLY = hex('07 0a 0b 0c')
const MAC = hex('02 00 00 00 00 0a')
const DUID_LLT = concat(hex('00 01 00 01 2a 00 00 00'), MAC)
const DUID_LL = concat(hex('00 03 00 01'), MAC)

function option(code: number, ...parts: Uint8Array[]): Uint8Array {
  const value = concat(...parts)
  return concat(u16(code), u16(value.length), value)
}

function addressOption(address: string, validSeconds: number): Uint8Array {
  return option(5, ipBytes(address), u32(1800), u32(validSeconds))
}

function relay(type: number, peer: string, ...options: Uint8Array[]): Uint8Array {
  return concat(Uint8Array.of(type, 0), ipBytes('2001:db8::1'), ipBytes(peer), ...options)
}

function read(bytes: Uint8Array): Dhcpv6Message {
  const result = readDhcpv6(bytes, 0, bytes.length)
  if (result === null) throw new Error('not read as DHCPv6')
  return result
}

const CLIENT = concat(
  SOLICIT,
  option(1, DUID_LLT),
  option(6, hex('00 17 00 18')),
  option(39, hex('01'), hex('04 6c 61 6d 70')),
  option(16, u32(311), u16(8), text('MSFT 5.0')),
  option(3, u32(1), u32(0), u32(0), addressOption('2001:db8::99', 300)),
)
const SERVER = concat(
  REPLY,
  option(1, DUID_LL),
  option(3, u32(1), u32(900), u32(1440), addressOption('2001:db8::17', 3600)),
  option(4, u32(2), addressOption('2001:db8::18', 0xffffffff)),
)
const RELAYED = relay(12, 'fe80::2', option(18, text('eth0')), option(9, relay(12, 'fe80::a', option(9, CLIENT))))

describe('readDhcpv6', () => {
  test('reads what a client says of itself', () => {
    expect(read(CLIENT)).toEqual({
      messageType: 1,
      isReply: false,
      transactionId: 0x0a0b0c,
      clientMac: MAC,
      fqdn: 'lamp',
      vendorEnterprise: 311,
      vendorClass: 'MSFT 5.0',
      requestedOptions: [23, 24],
      addresses: [],
      peerAddress: null,
      truncated: false,
    })
  })

  test('reads the addresses that a server gives', () => {
    expect(read(SERVER)).toMatchObject({
      messageType: 7,
      isReply: true,
      clientMac: MAC,
      addresses: [
        { address: ipBytes('2001:db8::17'), validSeconds: 3600 },
        { address: ipBytes('2001:db8::18'), validSeconds: 4294967295 },
      ],
    })
  })

  test('leaves out an address that the server takes away', () => {
    expect(read(concat(REPLY, option(3, u32(1), u32(0), u32(0), addressOption('2001:db8::17', 0)))).addresses).toEqual(
      [],
    )
  })

  test('leaves out an address option that is too short', () => {
    const short = option(5, ipBytes('2001:db8::17'), u32(1800))
    expect(read(concat(REPLY, option(3, u32(1), u32(0), u32(0), short))).addresses).toEqual([])
  })

  test('stops at the cap of addresses', () => {
    const many = Array.from({ length: 40 }, () => addressOption('2001:db8::17', 60))
    expect(read(concat(REPLY, option(4, u32(1), ...many))).addresses).toHaveLength(16)
  })

  test.each([
    ['a DUID of an enterprise', '00 02 00 00 00 09 02 00 00 00 00 0a'],
    ['a UUID', '00 04 00 01 02 00 00 00 00 0a 00 00 00 00 00 00 00 00'],
    ['a link-layer address that is no Ethernet address', '00 03 00 20 02 00 00 00 00 0a'],
    ['an Ethernet address of a wrong length', '00 03 00 01 02 00 00 00 0a'],
    ['an empty DUID', ''],
  ])('takes no MAC from %s', (_, duid) => {
    expect(read(concat(SOLICIT, option(1, hex(duid)))).clientMac).toBeNull()
  })

  test('joins several items of the vendor class and leaves out one that is cut', () => {
    const items = concat(u16(3), text('one'), u16(3), text('two'), u16(9), text('cut'))
    expect(read(concat(SOLICIT, option(16, u32(9), items)))).toMatchObject({
      vendorEnterprise: 9,
      vendorClass: 'one two',
    })
  })

  test('unwraps relays and keeps the client that the innermost one saw', () => {
    expect(read(RELAYED)).toMatchObject({
      messageType: 1,
      fqdn: 'lamp',
      peerAddress: ipBytes('fe80::a'),
      truncated: false,
    })
    expect(read(relay(13, 'fe80::a', option(9, SERVER)))).toMatchObject({ messageType: 7, isReply: true })
  })

  test('unwraps four relays and no fifth', () => {
    let wrapped = CLIENT
    for (let depth = 0; depth < 4; depth++) wrapped = relay(12, 'fe80::a', option(9, wrapped))
    expect(read(wrapped).messageType).toBe(1)
    const deeper = relay(12, 'fe80::a', option(9, wrapped))
    expect(readDhcpv6(deeper, 0, deeper.length)).toBeNull()
  })

  test('refuses a relay without a message', () => {
    const bytes = relay(12, 'fe80::a', option(18, text('eth0')))
    expect(readDhcpv6(bytes, 0, bytes.length)).toBeNull()
  })

  test.each([0, 14, 255])('refuses message type %i, which neither client nor server sends', (type) => {
    expect(readDhcpv6(Uint8Array.of(type, 0, 0, 0), 0, 4)).toBeNull()
  })

  test('keeps what stands before a cut and says that it was cut', () => {
    const cut = CLIENT.subarray(0, 4 + 4 + DUID_LLT.length + 5)
    expect(read(cut)).toMatchObject({ clientMac: MAC, fqdn: null, truncated: true })
  })

  test('reads a relayed message that is cut as far as it goes', () => {
    const cut = RELAYED.subarray(0, RELAYED.length - 3)
    expect(read(cut)).toMatchObject({ fqdn: 'lamp', truncated: true })
  })

  test('copies MAC and addresses out of the packet buffer', () => {
    const buffer = Buffer.from(SERVER)
    const { clientMac, addresses } = read(buffer)
    buffer.fill(0xee)
    expect(clientMac).toEqual(MAC)
    expect(addresses[0]?.address).toEqual(ipBytes('2001:db8::17'))
  })

  test('reads the beginning of every prefix, never more than the whole', () => {
    for (const whole of [CLIENT, SERVER]) {
      for (const prefix of prefixesOf(whole)) {
        const result = readDhcpv6(prefix, 0, prefix.length)
        expect(result === null).toBe(prefix.length < 4)
        if (result !== null) expect(read(whole).addresses.slice(0, result.addresses.length)).toEqual(result.addresses)
      }
    }
    for (const prefix of prefixesOf(RELAYED)) expect(() => readDhcpv6(prefix, 0, prefix.length)).not.toThrow()
  })

  test('survives damaged messages and reads only the bytes it was given', () => {
    for (const bytes of damagedCopies([CLIENT, SERVER, RELAYED], 2000, 546)) {
      const [zeros, ones] = [embed(bytes, 0), embed(bytes, 0xff)]
      expect(readDhcpv6(zeros.bytes, zeros.at, zeros.end)).toEqual(readDhcpv6(ones.bytes, ones.at, ones.end))
    }
  })
})
