// A map with a cap keeps the newest entries and counts those that had to go.
import { expect, test } from 'vitest'
import { BoundedMap } from '../../capture/bounded-map.ts'
import { seededRandom } from '../../server/sample/packets/random.ts'

const filled = (count: number, onEvict?: (value: string, key: number) => void): BoundedMap<number, string> => {
  const map = new BoundedMap<number, string>('numbers', 3, onEvict)
  for (let key = 1; key <= count; key++) map.set(key, `value ${key}`)
  return map
}

test('the entry that was set first goes, and is counted', () => {
  const map = filled(5)
  expect([...map.keys()]).toEqual([3, 4, 5])
  expect([map.name, map.cap, map.evictions]).toEqual(['numbers', 3, 2])
})

test('a known key is brought up to date without evicting anything', () => {
  const map = filled(3)
  map.set(1, 'new')
  expect([...map]).toEqual([
    [1, 'new'],
    [2, 'value 2'],
    [3, 'value 3'],
  ])
  expect(map.evictions).toBe(0)
})

test('a renewed entry is the last to go', () => {
  const map = filled(3)
  map.renew(1, 'new')
  map.set(4, 'value 4')
  expect([...map.keys()]).toEqual([3, 1, 4])
})

test('the callback receives the evicted entry once it is removed', () => {
  const gone: unknown[] = []
  const map: BoundedMap<number, string> = filled(3, (value, key) => gone.push([key, value, map.has(key), map.size]))
  map.set(4, 'value 4')
  expect(gone).toEqual([[1, 'value 1', false, 2]])
})

test('what was deleted makes room', () => {
  const map = filled(3)
  map.delete(2)
  map.set(4, 'value 4')
  expect([[...map.keys()], map.evictions]).toEqual([[1, 3, 4], 0])
})

test('a cap below one is refused', () => {
  expect(() => new BoundedMap('nothing', 0)).toThrow('The cap of nothing should be at least 1, not 0')
})

test('evicts what was set first, whatever was deleted, renewed or cleared meanwhile', () => {
  const { integer, next } = seededRandom(7)
  const map = new BoundedMap<number, number>('numbers', 8)
  let model: number[] = []
  for (let step = 0; step < 20_000; step++) {
    const key = integer(0, 20)
    const action = next()
    if (action < 0.2) {
      map.delete(key)
      model = model.filter((one) => one !== key)
    } else if (action < 0.5) {
      map.renew(key, step)
      model = [...model.filter((one) => one !== key), key].slice(-8)
    } else if (action < 0.999) {
      map.set(key, step)
      if (!model.includes(key)) model = [...model, key].slice(-8)
    } else {
      map.clear()
      model = []
    }
    expect([...map.keys()]).toEqual(model)
  }
})
