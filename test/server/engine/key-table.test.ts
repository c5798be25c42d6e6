// The key table gives every key one number, whatever is added and removed.
import { randomFillSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { PacketCore } from '../../../capture/packet-core.ts'
import { grown } from '../../../server/engine/grown.ts'
import { seededRandom } from '../../../server/sample/packets/random.ts'
import { newCore } from '../../support/core.ts'

/** A key table in a core. */
class KeyTable {
  private readonly core: PacketCore
  private readonly table: number

  /** With a secret of its own where no core is given. */
  constructor(limit: number, core = newCore()) {
    this.core = core
    this.table = core.exports.newKeyTable(limit)
  }

  get size(): number {
    return this.core.exports.keyCount(this.table)
  }

  get used(): number {
    return this.core.exports.keyIdsUsed(this.table)
  }

  find(...key: Key): number {
    return this.core.exports.findKey(this.table, ...key)
  }

  add(...key: Key): number {
    return this.core.exports.addKey(this.table, ...key)
  }

  key(id: number, word: number): number {
    return this.core.exports.keyWord(this.table, id, word)
  }

  remove(id: number): void {
    this.core.exports.removeKey(this.table, id)
  }

  clear(): void {
    this.core.exports.clearKeys(this.table)
  }

  /** Slots that the look-up of each id's key visits; no key may have been removed. */
  probes(): { longest: number; total: number } {
    let longest = 0
    let total = 0
    for (let id = 0; id < this.used; id++) {
      const visited = this.core.exports.probesOf(this.table, id)
      total += visited
      if (visited > longest) longest = visited
    }
    return { longest, total }
  }
}

describe('the key table', () => {
  test('a key is found by all four of its integers, negative ones included', () => {
    const table = new KeyTable(100)
    const id = table.add(1, -2, 3, -4)
    expect(table.find(1, -2, 3, -4)).toBe(id)
    expect([
      table.find(0, -2, 3, -4),
      table.find(1, 2, 3, -4),
      table.find(1, -2, 0, -4),
      table.find(1, -2, 3, 4),
    ]).toEqual([-1, -1, -1, -1])
    expect([table.key(id, 0), table.key(id, 1), table.key(id, 2), table.key(id, 3)]).toEqual([1, -2, 3, -4])
  })

  test('numbers are dense from 0 while the table grows past its first size', () => {
    const table = new KeyTable(10_000)
    for (let key = 0; key < 10_000; key++) expect(table.add(key, 0, 0, key)).toBe(key)
    for (let key = 0; key < 10_000; key++) expect(table.find(key, 0, 0, key)).toBe(key)
    expect(table.size).toBe(10_000)
  })

  test('a full table refuses a new key and keeps the old ones', () => {
    const table = new KeyTable(3)
    for (let key = 0; key < 3; key++) table.add(key, 0, 0, 0)
    expect(table.add(3, 0, 0, 0)).toBe(-1)
    expect([0, 1, 2, 3].map((key) => table.find(key, 0, 0, 0))).toEqual([0, 1, 2, -1])
  })

  test('a removed number is given out again and the bound of the columns does not move', () => {
    const table = new KeyTable(3)
    for (let key = 0; key < 3; key++) table.add(key, 0, 0, 0)
    table.remove(1)
    expect([table.size, table.used, table.find(1, 0, 0, 0)]).toEqual([2, 3, -1])
    expect(table.add(9, 0, 0, 0)).toBe(1)
    expect([table.size, table.used]).toEqual([3, 3])
  })

  test('after any adds and removes it holds what a Map holds', () => {
    const random = seededRandom(11)
    const table = new KeyTable(5000)
    const model = new Map<number, number>()
    for (let step = 0; step < 60_000; step++) {
      // Few distinct keys in two words: long probe sequences, many removals out of the middle of them.
      const key = random.integer(0, 6000)
      const known = model.get(key)
      expect(table.find(key & 63, key >> 6, 0, 7)).toBe(known ?? -1)
      if (known !== undefined && random.chance(0.6)) {
        table.remove(known)
        model.delete(key)
      } else if (known === undefined) {
        const id = table.add(key & 63, key >> 6, 0, 7)
        expect(id >= 0).toBe(model.size < 5000)
        if (id >= 0) {
          expect([...(step % 1000 === 0 ? model.values() : [])]).not.toContain(id)
          model.set(key, id)
        }
      }
      if (step % 5000 === 0) expect(table.size).toBe(model.size)
    }
    for (const [key, id] of model) expect(table.find(key & 63, key >> 6, 0, 7)).toBe(id)
  })

  test('a table that was cleared holds nothing and begins anew', () => {
    const table = new KeyTable(3)
    for (let key = 0; key < 3; key++) table.add(key, 0, 0, 0)
    table.remove(1)
    table.clear()
    expect([table.size, table.used, table.find(0, 0, 0, 0)]).toEqual([0, 0, -1])
    expect([7, 8, 9, 10].map((key) => table.add(key, 0, 0, 0))).toEqual([0, 1, 2, -1])
  })

  test('keys in arithmetic series do not pile up', () => {
    const table = new KeyTable(131_072)
    for (const step of [1, 256, 65_536])
      for (let index = 1; index <= 40_000; index++) table.add((index * step) | 0, step, 443 << 16, 6)
    expect(table.size).toBe(120_000)
    expect(table.find(256 * 40_000, 256, 443 << 16, 6)).toBeGreaterThan(0)
  })

  test('a grown column keeps its values and is left alone where it is long enough', () => {
    const column = Int32Array.of(1, 2, 3)
    expect(grown(column, 3)).toBe(column)
    expect([...grown(column, 4)]).toEqual([1, 2, 3, 0, 0, 0])
    expect(grown(column, 40)).toHaveLength(40)
  })
})

type Key = readonly [a: number, b: number, c: number, d: number]

const KEYS = 32_768

/** Sets of keys as an attacker would choose them. Where a hash multiplies before it mixes, the first ones collide. */
const CHOSEN: Record<string, (index: number) => Key> = {
  'the five highest bits of each word': (index) => [
    ((index & 31) << 27) | 0x20000001,
    (((index >> 5) & 31) << 27) | 0x01020304,
    (((index >> 10) & 31) << 27) | 0x020b0c0d,
    0x01223344,
  ],
  'the five highest bits, with what shifts of 15 bits carry on taken back': (index) => {
    const a = 0x20000001 | ((index & 31) << 27)
    const b = (0x01020304 | (((index >> 5) & 31) << 27)) ^ (a >>> 15)
    const c = (0x020b0c0d | (((index >> 10) & 31) << 27)) ^ (b >>> 15)
    return [a, b, c, 0x01223344 ^ (c >>> 15)]
  },
  ...Object.fromEntries(
    [8, 11, 13, 15, 16, 17].map((shift) => [
      `the highest bits, with what shifts of ${shift} bits carry on taken back`,
      (index: number): Key => {
        const a = index << 25
        const b = ((index >> 7) << 28) ^ (a >>> shift)
        return [a, b, ((index >> 11) << 28) ^ (b >>> shift), 6]
      },
    ]),
  ),
  'source ports': (index) => [7, 9, (index << 16) | 443, 0x406],
  'source ports and the highest bit of an address': (index) => [(index & 1) << 31, 9, (index << 15) | 443, 0x406],
  'the first 15 bits of an IPv4 address': (index) => [0, 0, 0xffff, index << 17],
  'IPv4 addresses in a row': (index) => [0, 0, 0xffff, 0x14000000 + index],
  'one bit in each byte': (index) => [
    spread(index & 15),
    spread((index >> 4) & 15),
    spread((index >> 8) & 15),
    spread((index >> 12) & 15),
  ],
  'a MAC by its first bytes': (index) => [index & 0xffff, 0, 0, 0],
  'a MAC by its middle bytes': (index) => [2, index << 16, 0, 0],
  'words that cancel each other': (index) => [index, -index, index << 16, ~index],
}

/** Bits 0 to 3 as bits 7, 15, 23 and 31. */
function spread(bits: number): number {
  return ((bits & 1) << 7) | ((bits & 2) << 14) | ((bits & 4) << 21) | ((bits & 8) << 28)
}

describe('chosen keys do not pile up', () => {
  test.each(Object.entries(CHOSEN))('that differ in %s, whatever the secret is', (_, keyOf) => {
    for (let round = 0; round < 8; round++) {
      const table = new KeyTable(KEYS)
      for (let index = 0; index < KEYS; index++) if (table.find(...keyOf(index)) < 0) table.add(...keyOf(index))
      expect(table.size).toBeGreaterThan(KEYS / 4)
      const { longest, total } = table.probes()
      // Random numbers in a table that is half full: one and a half slots, and no long row of them.
      expect(total / table.size).toBeLessThan(2)
      expect(longest).toBeLessThan(100)
    }
  })

  test('and no two of them collide under every secret', () => {
    // Half of the hash's words at a time are the same for two keys that differ in one bit: the other half decides.
    const pairs = Array.from({ length: 128 }, (_, bit): [Key, Key] => {
      const key: [number, number, number, number] = [0x20010db8, 1, 0x0a0b0c0d, 443]
      const other: typeof key = [...key]
      other[bit >> 5] ^= 1 << (bit & 31)
      return [key, other]
    })
    const core = newCore()
    const table = new KeyTable(1024, core)
    for (const [key, other] of pairs) {
      const probes = Array.from({ length: 20 }, () => {
        table.clear()
        randomFillSync(core.bytes, core.exports.hashWordsAddress(), core.exports.hashWordsLength())
        table.add(...key)
        table.add(...other)
        return table.probes().longest
      })
      expect(Math.min(...probes)).toBe(1)
    }
  })
})
