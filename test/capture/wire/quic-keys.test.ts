// The keys of a client's Initials, and the functions that derive them, match the standards.
import { createCipheriv, createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { QUIC_VERSION_1, QUIC_VERSION_2, quicInitialKeys } from '../../../server/sample/packets/quic-builder.ts'
import { fillerBytes } from '../../../server/sample/packets/tls-hello-builder.ts'
import { newCore, place } from '../../support/core.ts'

const HASH_BYTES = 32
const AES128_SCHEDULE_BYTES = 176

const core = newCore()
const { exports } = core

function hexAt(at: number, length: number): string {
  return Buffer.from(core.bytes.subarray(at, at + length)).toString('hex')
}

/** Words as numbers, as the core's SHA-256 reads them. */
function wordsOf(bytes: Uint8Array): Uint8Array {
  const words = Int32Array.from({ length: bytes.length / 4 }, (_, index) => Buffer.from(bytes).readInt32BE(4 * index))
  return new Uint8Array(words.buffer)
}

/** The SHA-256 of whole blocks, the last one with end mark and length among them. */
function hashOf(blocks: Uint8Array): string {
  const hash = place(core, core.bytes.slice(exports.SHA256_START.value, exports.SHA256_START.value + HASH_BYTES))
  for (let at = 0; at < blocks.length; at += 64) {
    const block = place(core, wordsOf(blocks.subarray(at, at + 64)))
    exports.sha256Compress(hash, block)
    exports.release(block)
  }
  const words = core.integers.slice(hash >> 2, (hash + HASH_BYTES) >> 2)
  return [...words].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

/** The block encrypted by the core. */
function encrypted(key: Uint8Array, block: Uint8Array): string {
  const schedule = exports.allocate(AES128_SCHEDULE_BYTES)
  core.bytes.set(key, schedule)
  exports.expandAes128Key(schedule)
  const at = place(core, block)
  exports.encryptAes128Block(schedule, at, at)
  return hexAt(at, 16)
}

/** Keys in the core: of a connection id there. */
class Keys {
  readonly at = exports.allocate(exports.KEYS_BYTES.value)

  constructor(version: number, connectionId: Uint8Array) {
    const id = place(core, connectionId)
    exports.deriveKeys(this.at, exports.quicVersionOf(version), id, connectionId.length)
  }

  get content(): string {
    return hexAt(exports.contentScheduleOf(this.at), 16)
  }

  get iv(): string {
    return hexAt(exports.ivOf(this.at), 12)
  }

  get headerProtection(): string {
    return hexAt(exports.headerScheduleOf(this.at), 16)
  }
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
    const keys = new Keys(version, connectionId)
    expect(keys.content).toBe(key)
    expect(keys.iv).toBe(iv)
    expect(keys.headerProtection).toBe(headerProtection)
  })

  test('agree with node:crypto for every length of connection id and family of versions', () => {
    for (const version of [QUIC_VERSION_1, QUIC_VERSION_2, 0xff000017, 0xff00001d, 0xff000022]) {
      for (let length = 0; length <= 20; length++) {
        const id = fillerBytes(length, Uint8Array.of(version & 0xff, length))
        const expected = quicInitialKeys(version, id)
        const keys = new Keys(version, id)
        expect(keys.content).toBe(expected.key.toString('hex'))
        expect(keys.iv).toBe(expected.iv.toString('hex'))
        expect(keys.headerProtection).toBe(expected.headerProtection.toString('hex'))
      }
    }
  })

  test('know what they were derived for', () => {
    const keys = new Keys(QUIC_VERSION_1, connectionId)
    const other = place(core, Uint8Array.of(0xff, ...connectionId))
    expect(exports.areFor(keys.at, exports.quicVersionOf(QUIC_VERSION_1), other + 1, 8)).toBe(1)
    expect(exports.areFor(keys.at, exports.quicVersionOf(QUIC_VERSION_2), other + 1, 8)).toBe(0)
    expect(exports.haveConnectionId(keys.at, other + 1, 8)).toBe(1)
    expect(exports.haveConnectionId(keys.at, other, 8)).toBe(0)
    expect(exports.haveConnectionId(keys.at, other + 1, 7)).toBe(0)
    exports.forgetKeys(keys.at)
    expect(exports.haveConnectionId(keys.at, other + 1, 8)).toBe(0)
  })

  test('of another version come from the same connection id', () => {
    const keys = new Keys(QUIC_VERSION_1, connectionId)
    exports.deriveAgain(keys.at, exports.quicVersionOf(QUIC_VERSION_2))
    expect(keys.content).toBe('8b1a0bc121284290a29e0971b5cd045d')
    expect(exports.haveConnectionId(keys.at, place(core, connectionId), 8)).toBe(1)
  })
})

describe('SHA-256', () => {
  /** The end mark, and the length of what was hashed in bits. */
  const lastBlock = (length: number, start: readonly number[] = []): Uint8Array => {
    const block = Buffer.alloc(64)
    block.set([...start, 0x80])
    block.writeUInt32BE(8 * length, 60)
    return block
  }

  test('of the word "abc" is the one of FIPS 180-4', () => {
    expect(hashOf(lastBlock(3, [0x61, 0x62, 0x63]))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })

  test('of many blocks agrees with node:crypto', () => {
    for (let blocks = 1; blocks < 60; blocks++) {
      const bytes = fillerBytes(64 * blocks, Uint8Array.of(blocks))
      expect(hashOf(Buffer.concat([bytes, lastBlock(bytes.length)]))).toBe(
        createHash('sha256').update(bytes).digest('hex'),
      )
    }
  })
})

describe('AES-128', () => {
  test('of the block of FIPS 197 C.1 is the one printed there', () => {
    const key = Uint8Array.from({ length: 16 }, (_, index) => index)
    const block = Uint8Array.from({ length: 16 }, (_, index) => 0x11 * index)
    expect(encrypted(key, block)).toBe('69c4e0d86a7b0430d8cdb78070b4c55a')
  })

  test('of many keys and blocks agrees with node:crypto', () => {
    for (let round = 0; round < 500; round++) {
      const key = fillerBytes(16, Uint8Array.of(round, 1))
      const block = fillerBytes(16, Uint8Array.of(round, 2, 3))
      const expected = createCipheriv('aes-128-ecb', key, null).update(block).toString('hex')
      expect(encrypted(key, block)).toBe(expected)
    }
  })
})
