// No inputs of the keyed hash collide under every key.
import { describe, expect, test } from 'vitest'
import type { PacketCore } from '../../capture/packet-core.ts'
import { hex } from '../../server/sample/packets/bytes.ts'
import { newCore, place } from '../support/core.ts'

function keyedCore(...key: number[]): PacketCore {
  const core = newCore()
  core.integers.set(key, core.exports.hashKeyAddress() / 4)
  return core
}

function hashOf({ exports }: PacketCore, ...words: number[]): [number, number] {
  exports.beginHash()
  for (const word of words) exports.hashWord(word)
  return [exports.endHash(), exports.moreHash()]
}

describe('the keyed hash', () => {
  test('is the same for the same key and input, and another for another key', () => {
    const key = [0x03020100, 0x07060504]
    expect(hashOf(keyedCore(...key), 1, -2, 3)).toEqual(hashOf(keyedCore(...key), 1, -2, 3))
    expect(hashOf(keyedCore(...key), 1, -2, 3)).not.toEqual(hashOf(newCore(), 1, -2, 3))
    expect(hashOf(newCore(), 1, -2, 3)).not.toEqual(hashOf(newCore(), 1, -2, 3))
  })

  test('of two inputs that differ in any one bit, or in two, differs under every key', () => {
    for (let round = 0; round < 20; round++) {
      const core = newCore()
      const seen = new Set<string>()
      for (let one = 0; one < 96; one++) {
        for (let two = one; two < 96; two++) {
          const words = [0x0a0b0c0d, 5, -9]
          words[one >> 5] ^= 1 << (one & 31)
          if (two !== one) words[two >> 5] ^= 1 << (two & 31)
          seen.add(hashOf(core, ...words).join())
        }
      }
      expect(seen.size).toBe((96 * 97) / 2)
    }
  })

  test('of bytes depends on each of them, on how many there are and on nothing beside them', () => {
    const core = newCore()
    const ofBytes = (bytes: Uint8Array, at: number, end: number): number => {
      const from = place(core, bytes)
      core.exports.beginHash()
      core.exports.hashBytes(from + at, from + end)
      return core.exports.endHash()
    }
    const bytes = hex('01020304050607')
    expect(ofBytes(bytes, 0, 7)).toBe(ofBytes(hex('ff01020304050607ff'), 1, 8))
    const all = [0, 1, 2, 3, 4, 5, 6, 7].map((end) => ofBytes(bytes, 0, end))
    for (let at = 0; at < 7; at++) all.push(ofBytes(bytes.with(at, 0), 0, 7))
    all.push(ofBytes(hex('0102030405060700'), 0, 8))
    expect(new Set(all).size).toBe(all.length)
  })
})
