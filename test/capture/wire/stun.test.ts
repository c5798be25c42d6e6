// Addresses and names of the sample messages of RFC 5769 are read.
import { describe, expect, test } from 'vitest'
import { looksLikeStun, readStun, type StunMessage } from '../../support/wire/stun.ts'
import { damagedCopies, embed, prefixesOf } from '../../support/damage.ts'
import { hex, u16, text, concat } from '../../../server/sample/packets/bytes.ts'
import { ipBytes } from '../../../server/sample/packets/addresses.ts'

const COOKIE = hex('21 12 a4 42')
const TRANSACTION = hex('b7 e7 a7 01 bc 34 d6 86 fa 87 df ae')

function attribute(type: number, value: Uint8Array): Uint8Array {
  return concat(u16(type), u16(value.length), value, new Uint8Array((4 - (value.length % 4)) % 4))
}

function message(type: number, ...attributes: Uint8Array[]): Uint8Array {
  const body = concat(...attributes)
  return concat(u16(type), u16(body.length), COOKIE, TRANSACTION, body)
}

function read(bytes: Uint8Array): StunMessage {
  const result = readStun(bytes, 0, bytes.length)
  if (result === null) throw new Error('not read as STUN')
  return result
}

// The sample messages of RFC 5769 §2.1 to §2.3.
const SAMPLE_REQUEST = hex(`
  00 01 00 58 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae 80 22 00 10 53 54 55 4e 20 74 65 73
  74 20 63 6c 69 65 6e 74 00 24 00 04 6e 00 01 ff 80 29 00 08 93 2f f9 b1 51 26 3b 36 00 06 00 09
  65 76 74 6a 3a 68 36 76 59 20 20 20 00 08 00 14 9a ea a7 0c bf d8 cb 56 78 1e f2 b5 b2 d3 f2 49
  c1 b5 71 a2 80 28 00 04 e5 7a 3b cf`)
const SAMPLE_RESPONSE_IPV4 = hex(`
  01 01 00 3c 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae 80 22 00 0b 74 65 73 74 20 76 65 63
  74 6f 72 20 00 20 00 08 00 01 a1 47 e1 12 a6 43 00 08 00 14 2b 91 f5 99 fd 9e 90 c3 8c 74 89 f9
  2a f9 ba 53 f0 6b e7 d7 80 28 00 04 c0 7d 4c 96`)
const SAMPLE_RESPONSE_IPV6 = hex(`
  01 01 00 48 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae 80 22 00 0b 74 65 73 74 20 76 65 63
  74 6f 72 20 00 20 00 14 00 02 a1 47 01 13 a9 fa a5 d3 f1 79 bc 25 f4 b5 be d2 b9 d9 00 08 00 14
  a3 82 95 4e 4b e6 7b f1 17 84 c9 7c 82 92 c2 75 bf e3 ed 41 80 28 00 04 c8 fb 0b 4c`)
const ALLOCATED = message(
  0x0103,
  // 192.0.2.9 port 50000 and 192.0.2.1 port 32853, each XORed with the cookie
  attribute(0x0016, hex('00 01 e2 42 e1 12 a6 4b')),
  attribute(0x0020, hex('00 01 a1 47 e1 12 a6 43')),
  attribute(0x0014, text('turn.example')),
)
const WHOLE = [SAMPLE_REQUEST, SAMPLE_RESPONSE_IPV4, SAMPLE_RESPONSE_IPV6, ALLOCATED]

describe('readStun', () => {
  test('reads the sample request of RFC 5769', () => {
    expect(read(SAMPLE_REQUEST)).toEqual({
      messageClass: 'request',
      method: 1,
      isTurn: false,
      xorMappedAddress: null,
      xorRelayedAddress: null,
      xorPeerAddress: null,
      software: 'STUN test client',
      realm: null,
      valid: true,
    })
  })

  test('reads the public IPv4 address in the sample response of RFC 5769', () => {
    expect(read(SAMPLE_RESPONSE_IPV4)).toMatchObject({
      messageClass: 'success',
      software: 'test vector',
      xorMappedAddress: { address: ipBytes('192.0.2.1'), port: 32853 },
      valid: true,
    })
  })

  test('reads the public IPv6 address in the sample response of RFC 5769', () => {
    expect(read(SAMPLE_RESPONSE_IPV6)).toMatchObject({
      xorMappedAddress: { address: ipBytes('2001:db8:1234:5678:11:2233:4455:6677'), port: 32853 },
      valid: true,
    })
  })

  test('reads what a relay lends and who runs it', () => {
    expect(read(ALLOCATED)).toMatchObject({
      messageClass: 'success',
      method: 3,
      isTurn: true,
      xorRelayedAddress: { address: ipBytes('192.0.2.9'), port: 50000 },
      xorMappedAddress: { address: ipBytes('192.0.2.1'), port: 32853 },
      realm: 'turn.example',
      valid: true,
    })
  })

  test('reads the peer behind a relay', () => {
    expect(read(message(0x0016, attribute(0x0012, hex('00 01 e2 42 e1 12 a6 4b'))))).toMatchObject({
      messageClass: 'indication',
      method: 6,
      isTurn: true,
      xorPeerAddress: { address: ipBytes('192.0.2.9'), port: 50000 },
    })
  })

  test.each([
    [0x0001, 'request', 1],
    [0x0011, 'indication', 1],
    [0x0101, 'success', 1],
    [0x0111, 'error', 1],
    [0x3eef, 'request', 0xfff],
  ])('splits type %i into class %s and method %i', (type, messageClass, method) => {
    expect(read(message(type))).toMatchObject({ messageClass, method, isTurn: false, valid: true })
  })

  test('lets the first of two equal attributes count', () => {
    expect(read(message(1, attribute(0x8022, text('one')), attribute(0x8022, text('two')))).software).toBe('one')
  })

  test('ignores an attribute behind the signature', () => {
    const bytes = message(1, attribute(0x0008, new Uint8Array(20)), attribute(0x8022, text('added')))
    expect(read(bytes)).toMatchObject({ software: null, valid: true })
  })

  test('ignores an address of an unknown family or of a wrong length', () => {
    expect(read(message(0x0101, attribute(0x0020, hex('00 03 a1 47 e1 12 a6 43')))).xorMappedAddress).toBeNull()
    expect(read(message(0x0101, attribute(0x0020, hex('00 02 a1 47 e1 12 a6 43')))).xorMappedAddress).toBeNull()
    expect(read(message(0x0101, attribute(0x0020, hex('00 01')))).xorMappedAddress).toBeNull()
  })

  test('calls a message invalid whose attribute runs past its end, and keeps what stands before', () => {
    const bytes = message(1, attribute(0x8022, text('lamp')), hex('00 06 00 40'))
    expect(read(bytes)).toMatchObject({ software: 'lamp', valid: false })
  })

  test('calls a message invalid whose length is no multiple of four or longer than the payload', () => {
    const odd = concat(message(1), hex('00 00 00 00'))
    odd[3] = 2
    const long = message(1)
    long[3] = 4
    expect([read(odd).valid, read(long).valid]).toEqual([false, false])
    expect([looksLikeStun(odd, 0, odd.length), looksLikeStun(long, 0, long.length)]).toEqual([false, false])
  })

  test('stops at the cap of attributes', () => {
    const many = Array.from({ length: 64 }, () => attribute(0x8099, hex('')))
    expect(read(message(1, ...many, attribute(0x8022, text('late'))))).toMatchObject({ software: null, valid: false })
  })

  test.each([
    ['the older STUN without a cookie', '00 01 00 00 21 12 a4 43'],
    ['a relay channel', '40 01 00 00 21 12 a4 42'],
    ['a packet of RTP', '80 01 00 00 21 12 a4 42'],
  ])('refuses %s', (_, start) => {
    const bytes = concat(hex(start), TRANSACTION)
    expect(readStun(bytes, 0, bytes.length)).toBeNull()
    expect(looksLikeStun(bytes, 0, bytes.length)).toBe(false)
  })

  test('calls every message valid only when it is whole', () => {
    for (const whole of WHOLE) {
      for (const prefix of prefixesOf(whole)) {
        const result = readStun(prefix, 0, prefix.length)
        expect(result === null).toBe(prefix.length < 20)
        expect(result?.valid ?? false).toBe(prefix.length === whole.length)
        expect(looksLikeStun(prefix, 0, prefix.length)).toBe(prefix.length === whole.length)
      }
    }
  })

  test('survives damaged messages and reads only the bytes it was given', () => {
    for (const bytes of damagedCopies(WHOLE, 2000, 3478)) {
      const results = [0, 0xff].map((guard) => {
        const { bytes: buffer, at, end } = embed(bytes, guard)
        return { message: readStun(buffer, at, end), likely: looksLikeStun(buffer, at, end) }
      })
      expect(results[0]).toEqual(results[1])
    }
  })
})
