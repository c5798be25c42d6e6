// DHCP messages of clients and servers are read whole, in pieces, overloaded, cut and damaged.
import { describe, expect, test } from 'vitest'
import { type DhcpMessage, readDhcp } from '../../../capture/wire/dhcp.ts'
import { damagedCopies, embed, prefixesOf } from '../../support/damage.ts'
import { hex, text, concat } from '../../../server/sample/packets/bytes.ts'

const REQUEST = '01 01 06 00'
const REPLY = '02 01 06 00'
const MAC = '02 00 00 00 00 0a'
const COOKIE = hex('63 82 53 63')
const END = hex('ff')

interface Fields {
  start?: string
  clientAddress?: string
  yourAddress?: string
  hardwareAddress?: string
  serverName?: Uint8Array
  file?: Uint8Array
}

/** The 236 fixed bytes of RFC 2131 §2, the cookie, then the options as given. */
function message(fields: Fields, ...options: Uint8Array[]): Uint8Array {
  return concat(
    hex(fields.start ?? REQUEST),
    hex('39 03 f3 26 00 00 00 00'),
    hex(fields.clientAddress ?? '00 00 00 00'),
    hex(fields.yourAddress ?? '00 00 00 00'),
    hex('00 00 00 00 00 00 00 00'),
    padded(hex(fields.hardwareAddress ?? MAC), 16),
    padded(fields.serverName ?? hex(''), 64),
    padded(fields.file ?? hex(''), 128),
    COOKIE,
    ...options,
  )
}

function padded(bytes: Uint8Array, length: number): Uint8Array {
  return concat(bytes, new Uint8Array(length - bytes.length))
}

function option(code: number, value: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(code, value.length), value)
}

function read(bytes: Uint8Array): DhcpMessage {
  const result = readDhcp(bytes, 0, bytes.length)
  if (result === null) throw new Error('not read as DHCP')
  return result
}

const DISCOVER = message(
  {},
  hex('35 01 01'),
  option(12, text('lamp-kitchen')),
  option(60, text('udhcp 1.24.2')),
  hex('32 04 c0 a8 01 17'),
  hex('37 04 01 03 06 0f'),
  hex('3d 07 01 02 00 00 00 00 0a'),
  option(81, concat(hex('05 00 00'), hex('04 6c 61 6d 70 04 68 6f 6d 65 00'))),
  END,
)

const ACK = message(
  { start: REPLY, yourAddress: 'c0 a8 01 17' },
  hex('35 01 05 33 04 00 00 0e 10 36 04 c0 a8 01 01 00 ff'),
)

const OVERLOADED = message(
  { file: concat(option(12, text('lamp')), END), serverName: concat(option(60, text('udhcp')), END) },
  hex('35 01 01 34 01 03 ff'),
)

describe('readDhcp', () => {
  test('reads what a client says of itself', () => {
    expect(read(DISCOVER)).toEqual({
      messageType: 1,
      isReply: false,
      transactionId: 0x3903f326,
      clientMac: hex(MAC),
      clientAddress: 0,
      yourAddress: 0,
      hostname: 'lamp-kitchen',
      fqdn: 'lamp.home',
      vendorClass: 'udhcp 1.24.2',
      parameterList: [1, 3, 6, 15],
      requestedAddress: 0xc0a80117 | 0,
      leaseSeconds: null,
      serverIdentifier: null,
      truncated: false,
    })
  })

  test('reads what a server gives', () => {
    expect(read(ACK)).toMatchObject({
      messageType: 5,
      isReply: true,
      yourAddress: 0xc0a80117 | 0,
      leaseSeconds: 3600,
      serverIdentifier: 0xc0a80101 | 0,
      hostname: null,
      truncated: false,
    })
  })

  test('gives addresses as signed numbers', () => {
    expect(read(message({ clientAddress: 'c0 a8 01 02' }, END)).clientAddress).toBe(-1062731518)
  })

  test('gives a lease for ever as an unsigned number', () => {
    expect(read(message({}, hex('33 04 ff ff ff ff ff'))).leaseSeconds).toBe(4294967295)
  })

  test('calls a message without a message type BOOTP', () => {
    expect(read(message({}, END)).messageType).toBe(0)
  })

  test('refuses a message without the magic cookie', () => {
    const bytes = Uint8Array.from(DISCOVER)
    bytes[236] = 0x62
    expect(readDhcp(bytes, 0, bytes.length)).toBeNull()
  })

  test('refuses an operation that is neither request nor reply', () => {
    const bytes = message({ start: '03 01 06 00' }, END)
    expect(readDhcp(bytes, 0, bytes.length)).toBeNull()
  })

  test('takes the MAC of the client identifier where the hardware address is not Ethernet', () => {
    const bytes = message({ start: '01 20 00 00', hardwareAddress: '' }, hex('3d 07 01 02 00 00 00 00 0b ff'))
    expect(read(bytes).clientMac).toEqual(hex('02 00 00 00 00 0b'))
  })

  test('takes the MAC of the client identifier where the hardware address is all zero', () => {
    const bytes = message({ hardwareAddress: '' }, hex('3d 07 01 02 00 00 00 00 0b ff'))
    expect(read(bytes).clientMac).toEqual(hex('02 00 00 00 00 0b'))
  })

  test('takes no MAC from a client identifier of another type', () => {
    const bytes = message({ start: '01 20 00 00' }, hex('3d 07 ff 02 00 00 00 00 0b ff'))
    expect(read(bytes).clientMac).toBeNull()
  })

  test('copies the MAC out of the packet buffer', () => {
    const buffer = Buffer.from(DISCOVER)
    const { clientMac } = read(buffer)
    buffer.fill(0)
    expect(clientMac).toEqual(hex(MAC))
  })

  test('reads the older ASCII form of the full name', () => {
    const bytes = message({}, option(81, concat(hex('01 00 00'), text('Lamp.home.'))), END)
    expect(read(bytes).fqdn).toBe('Lamp.home')
  })

  test('gives no full name for one that is empty', () => {
    expect(read(message({}, hex('51 03 05 00 00 ff'))).fqdn).toBeNull()
    expect(read(message({}, hex('51 04 05 00 00 00 ff'))).fqdn).toBeNull()
  })

  test('joins the pieces of a long option', () => {
    const bytes = message(
      {},
      option(60, text('a'.repeat(100))),
      option(12, text('lamp')),
      option(60, text('b'.repeat(20))),
      END,
    )
    expect(read(bytes).vendorClass).toBe('a'.repeat(100) + 'b'.repeat(20))
  })

  test('joins pieces in the order option field, file, server name', () => {
    const bytes = message(
      { file: concat(option(12, text('two-')), END), serverName: concat(option(12, text('three')), END) },
      option(12, text('one-')),
      hex('34 01 03'),
      END,
    )
    expect(read(bytes).hostname).toBe('one-two-three')
  })

  test('takes the first of two values of fixed length', () => {
    expect(read(message({}, hex('35 01 03 35 01 05 ff'))).messageType).toBe(3)
  })

  test('reads options in the file and server name fields where the overload option says so', () => {
    expect(read(OVERLOADED)).toMatchObject({ hostname: 'lamp', vendorClass: 'udhcp', truncated: false })
  })

  test.each([
    ['1 opens the file field only', '01', 'lamp', null],
    ['2 opens the server name field only', '02', null, 'udhcp'],
    ['an unknown value opens neither', '07', null, null],
  ])('overload %s', (_, value, hostname, vendorClass) => {
    const bytes = Uint8Array.from(OVERLOADED)
    bytes[245] = hex(value)[0]
    expect(read(bytes)).toMatchObject({ hostname, vendorClass })
  })

  test('reads no options in the file and server name fields without the overload option', () => {
    expect(read(message({ file: concat(option(12, text('lamp')), END) }, END)).hostname).toBeNull()
  })

  test('lets an overload option inside the file field open nothing more', () => {
    const bytes = message(
      { file: hex('34 01 02 ff'), serverName: concat(option(12, text('lamp')), END) },
      hex('34 01 01 ff'),
    )
    expect(read(bytes).hostname).toBeNull()
  })

  test('skips pad options and ignores what follows the end', () => {
    expect(read(message({}, hex('00 00 0c 01 61 00 ff 0c 01 62')))).toMatchObject({ hostname: 'a', truncated: false })
  })

  test('keeps what stands before a cut and says that it was cut', () => {
    const cut = DISCOVER.subarray(0, 240 + 3 + 14 + 5)
    expect(read(cut)).toMatchObject({ messageType: 1, hostname: 'lamp-kitchen', vendorClass: null, truncated: true })
  })

  test('says that options without an end mark are cut', () => {
    expect(read(message({}, hex('35 01 01'))).truncated).toBe(true)
  })

  test('gives null for an empty name and for an address that is too short', () => {
    expect(read(message({}, hex('0c 00 32 03 c0 a8 01 ff')))).toMatchObject({ hostname: null, requestedAddress: null })
  })

  test('keeps a hostile name as text', () => {
    const bytes = message({}, option(12, concat(text('<script>'), hex('ff 0a'))), END)
    expect(read(bytes).hostname).toBe('<script>\\xff\n')
  })

  test('holds no more of an option than the cap, however many pieces it has', () => {
    const bytes = message({}, ...Array.from({ length: 200 }, () => option(55, new Uint8Array(255).fill(1))), END)
    expect(read(bytes).parameterList).toHaveLength(1024)
  })

  test('stops at the cap of options', () => {
    const bytes = message({}, ...Array.from({ length: 600 }, () => hex('0c 01 61')), END)
    expect(read(bytes)).toMatchObject({ hostname: 'a'.repeat(255), truncated: true })
  })

  test('gives every prefix of a message up to its options null, and a part of it from there on', () => {
    for (const whole of [DISCOVER, ACK, OVERLOADED]) {
      for (const prefix of prefixesOf(whole)) {
        const result = readDhcp(prefix, 0, prefix.length)
        expect(result === null).toBe(prefix.length < 240)
      }
    }
  })

  test('survives damaged messages and reads only the bytes it was given', () => {
    for (const bytes of damagedCopies([DISCOVER, ACK, OVERLOADED], 2000, 67)) {
      const [zeros, ones] = [embed(bytes, 0), embed(bytes, 0xff)]
      expect(readDhcp(zeros.bytes, zeros.at, zeros.end)).toEqual(readDhcp(ones.bytes, ones.at, ones.end))
    }
  })
})
