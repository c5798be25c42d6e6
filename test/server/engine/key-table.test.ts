// The key table gives every key one number, whatever is added and removed.
import { describe, expect, test } from 'vitest'
import { grown, KeyTable } from '../../../server/engine/key-table.ts'
import { seededRandom } from '../../../server/sample/packets/random.ts'

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
