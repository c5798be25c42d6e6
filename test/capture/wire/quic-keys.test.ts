// The keys of a client's Initials, and the functions that derive them, match the standards.
import { createCipheriv, createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { AES128_SCHEDULE_WORDS, encryptAes128Start, expandAes128Key } from '../../../capture/wire/aes128.ts'
import { QuicInitialKeys, quicVersionOf } from '../../../capture/wire/quic-keys.ts'
import { SHA256_START, sha256Compress } from '../../../capture/wire/sha256.ts'
import { QUIC_VERSION_1, QUIC_VERSION_2, quicInitialKeys } from '../../../server/sample/packets/quic-builder.ts'
import { fillerBytes } from '../../../server/sample/packets/tls-hello-builder.ts'

function wordsOf(bytes: Uint8Array): Int32Array {
  return Int32Array.from({ length: bytes.length / 4 }, (_, index) => Buffer.from(bytes).readInt32BE(4 * index))
}

function hexOf(words: Int32Array): string {
  return [...words].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

function derived(version: number, connectionId: Uint8Array): QuicInitialKeys {
  const keys = new QuicInitialKeys()
  keys.derive(quicVersionOf(version)!, connectionId, 0, connectionId.length)
  return keys
}

describe('Initial keys', () => {
  const connectionId = Uint8Array.of(0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08)

  test.each([
    [
      'RFC 9001 A.1',
      QUIC_VERSION_1,
      '1f369613dd76d5467730efcbe3b1a22d',
      'fa044b2f42a3fd3b46fb255c',
      '9f50449e04a0e810283a1e9933adedd2',
    ],
    [
      'RFC 9369 A.1',
      QUIC_VERSION_2,
      '8b1a0bc121284290a29e0971b5cd045d',
      '91f73e2351d8fa91660e909f',
      '45b95e15235d6f45a6b19cbcb0294ba9',
    ],
  ])('are those of %s', (_, version, key, iv, headerProtection) => {
    const keys = derived(version, connectionId)
    expect(keys.key.toString('hex')).toBe(key)
    expect(keys.iv.toString('hex')).toBe(iv)
    expect(hexOf(keys.headerSchedule.subarray(0, 4))).toBe(headerProtection)
  })

  test('agree with node:crypto for every length of connection id and family of versions', () => {
    for (const version of [QUIC_VERSION_1, QUIC_VERSION_2, 0xff000017, 0xff00001d, 0xff000022]) {
      for (let length = 0; length <= 20; length++) {
        const id = fillerBytes(length, Uint8Array.of(version & 0xff, length))
        const expected = quicInitialKeys(version, id)
        const keys = derived(version, id)
        expect(keys.key.toString('hex')).toBe(expected.key.toString('hex'))
        expect(keys.iv.toString('hex')).toBe(expected.iv.toString('hex'))
        expect(hexOf(keys.headerSchedule.subarray(0, 4))).toBe(expected.headerProtection.toString('hex'))
      }
    }
  })

  test('know what they were derived for', () => {
    const keys = derived(QUIC_VERSION_1, connectionId)
    const other = Uint8Array.of(0xff, ...connectionId)
    expect(keys.areFor(quicVersionOf(QUIC_VERSION_1)!, other, 1, 8)).toBe(true)
    expect(keys.areFor(quicVersionOf(QUIC_VERSION_2)!, other, 1, 8)).toBe(false)
    expect(keys.haveConnectionId(other, 1, 8)).toBe(true)
    expect(keys.haveConnectionId(other, 0, 8)).toBe(false)
    expect(keys.haveConnectionId(other, 1, 7)).toBe(false)
    keys.forget()
    expect(keys.haveConnectionId(other, 1, 8)).toBe(false)
  })

  test('of another version come from the same connection id', () => {
    const keys = derived(QUIC_VERSION_1, connectionId)
    keys.deriveAgain(quicVersionOf(QUIC_VERSION_2)!)
    expect(keys.key.toString('hex')).toBe('8b1a0bc121284290a29e0971b5cd045d')
    expect(keys.haveConnectionId(connectionId, 0, 8)).toBe(true)
  })
})

describe('SHA-256', () => {
  test('of the word "abc" is the one of FIPS 180-4', () => {
    const hash = SHA256_START.slice()
    sha256Compress(hash, Int32Array.of(0x61626380, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 24))
    expect(hexOf(hash)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  test('of many blocks agrees with node:crypto', () => {
    for (let blocks = 1; blocks < 60; blocks++) {
      const bytes = fillerBytes(64 * blocks, Uint8Array.of(blocks))
      const hash = SHA256_START.slice()
      for (let at = 0; at < bytes.length; at += 64) sha256Compress(hash, wordsOf(bytes.subarray(at, at + 64)))
      sha256Compress(hash, Int32Array.of(0x80000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 512 * blocks))
      expect(hexOf(hash)).toBe(createHash('sha256').update(bytes).digest('hex'))
    }
  })
})

describe('AES-128', () => {
  test('of the block of FIPS 197 C.1 begins as printed there', () => {
    const schedule = new Int32Array(AES128_SCHEDULE_WORDS)
    schedule.set([0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f])
    expandAes128Key(schedule)
    const result = new Int32Array(2)
    const block = Uint8Array.of(
      0x00,
      0x11,
      0x22,
      0x33,
      0x44,
      0x55,
      0x66,
      0x77,
      0x88,
      0x99,
      0xaa,
      0xbb,
      0xcc,
      0xdd,
      0xee,
      0xff,
    )
    encryptAes128Start(schedule, block, 0, result)
    expect(hexOf(result)).toBe('69c4e0d86a7b0430')
  })

  test('of many keys and blocks agrees with node:crypto', () => {
    const schedule = new Int32Array(AES128_SCHEDULE_WORDS)
    const result = new Int32Array(2)
    for (let round = 0; round < 500; round++) {
      const key = fillerBytes(16, Uint8Array.of(round, 1))
      const block = fillerBytes(16, Uint8Array.of(round, 2, 3))
      schedule.set(wordsOf(key))
      expandAes128Key(schedule)
      encryptAes128Start(schedule, block, 0, result)
      expect(hexOf(result)).toBe(createCipheriv('aes-128-ecb', key, null).update(block).subarray(0, 8).toString('hex'))
    }
  })
})
