// Coverage, encodings and waiting batches of the history at their limits.
import { describe, expect, test } from 'vitest'
import {
  addToBuckets,
  addToChunk,
  encodeBuckets,
  encodeChunk,
  readBuckets,
  readChunk,
  type BucketCells,
  type ChunkCells,
} from '../../../server/history/cells.ts'
import { Coverage, type Interval } from '../../../server/history/coverage.ts'
import { WaitingBatch } from '../../../server/history/merge-batches.ts'
import { Pending } from '../../../server/history/pending.ts'
import { batch, deviceName, type TestCell } from './histories.ts'

describe('coverage', () => {
  const marked = (coverage: Coverage, from: number, steps: number, step: number): number[] => {
    const covered = new Array<number>(steps).fill(0)
    coverage.mark(covered, from, step)
    return covered
  }

  test('marks the steps that hold a captured second', () => {
    const coverage = new Coverage([{ since: 100, until: 160 }])
    expect(marked(coverage, 40, 4, 60)).toEqual([0, 1, 0, 0])
    expect(marked(coverage, 41, 4, 60)).toEqual([1, 1, 0, 0])
    expect(marked(coverage, 160, 2, 60)).toEqual([0, 0])
    expect(marked(coverage, 159, 2, 60)).toEqual([1, 0])
    expect(marked(coverage, 0, 1, 100)).toEqual([0])
    expect(marked(coverage, 0, 1, 101)).toEqual([1])
  })

  test.each([
    [0, 100, false],
    [0, 101, true],
    [159, 200, true],
    [160, 200, false],
    [120, 130, true],
  ])('covers from %i to %i: %s', (from, to, covers) => {
    expect(new Coverage([{ since: 100, until: 160 }]).covers(from, to)).toBe(covers)
  })

  test('of a single moment covers what begins before it', () => {
    const moment = new Coverage([{ since: 100, until: 100 }])
    expect([moment.covers(100, 101), moment.covers(101, 102), moment.covers(99, 100)]).toEqual([true, false, false])
  })

  test('grows with the clock while it is open, and not after', () => {
    const coverage = new Coverage([])
    coverage.tick(50)
    coverage.capturing(100, true)
    coverage.tick(150)
    coverage.tick(120)
    coverage.capturing(130, true)
    expect(coverage.all()).toEqual([{ since: 100, until: 150 }])
    coverage.capturing(180, false)
    coverage.tick(500)
    coverage.capturing(600, false)
    expect(coverage.all()).toEqual([{ since: 100, until: 180 }])
    coverage.capturing(700, true)
    coverage.capturing(650, false)
    expect(coverage.all().at(-1)).toEqual({ since: 700, until: 700 })
  })

  test('joins the two closest beyond 4,096 intervals', () => {
    const intervals = Array.from({ length: 4_096 }, (_, index): Interval => ({
      since: index * 1_000,
      until: index * 1_000 + (index === 7 ? 990 : 500),
    }))
    const coverage = new Coverage(intervals)
    coverage.capturing(5_000_000, true)
    expect(coverage.all()).toHaveLength(4_096)
    expect(coverage.all()[7]).toEqual({ since: 7_000, until: 8_500 })
    coverage.tick(5_000_100)
    expect(coverage.all().at(-1)).toEqual({ since: 5_000_000, until: 5_000_100 })
  })

  test('drops what ended before the limit, and cuts what reaches over it', () => {
    const coverage = new Coverage([
      { since: 0, until: 99 },
      { since: 50, until: 100 },
      { since: 90, until: 200 },
      { since: 300, until: 400 },
    ])
    coverage.dropBefore(100)
    expect(coverage.all()).toEqual([
      { since: 100, until: 100 },
      { since: 100, until: 200 },
      { since: 300, until: 400 },
    ])
  })
})
describe('the encodings', () => {
  const AMOUNTS = [
    0,
    1,
    -1,
    63,
    64,
    -64,
    -65,
    127,
    128,
    16_383,
    16_384,
    2 ** 31,
    -(2 ** 31),
    2 ** 40,
    2 ** 50,
    -(2 ** 50),
  ]

  test('of five minutes give back every amount of every minute', () => {
    const cells: ChunkCells = new Map()
    const expected: number[][] = []
    for (const [index, sent] of AMOUNTS.entries())
      for (let minute = 0; minute < 5; minute++) {
        const received = AMOUNTS[(index + minute + 1) % AMOUNTS.length]
        addToChunk(cells, index * 300, minute, sent, received)
        expected.push([index * 300, minute, sent, received])
      }
    addToChunk(cells, 9_999, 2, 5, 5)
    addToChunk(cells, 9_999, 2, -5, -5)
    const found: number[][] = []
    readChunk(encodeChunk(cells), (...cell) => found.push(cell))
    expect(found).toEqual(expected.filter(([, , sent, received]) => sent !== 0 || received !== 0))
    expect(encodeChunk(new Map([[5, new Float64Array(10)]])).length).toBe(0)
  })

  test('of hours and days give back amounts and moments', () => {
    const cells: BucketCells = new Map()
    for (const [index, sent] of AMOUNTS.entries())
      addToBuckets(cells, index, { sent, received: -sent, first: 36_000 + index * 60, last: 36_000 + index * 120 + 60 })
    addToBuckets(cells, 0, { sent: 5, received: 6, first: 36_060, last: 39_600 })
    const found: unknown[] = []
    readBuckets(encodeBuckets(cells, 36_000), 36_000, (endpoint, bucket) => found.push([endpoint, bucket]))
    expect(found).toEqual([...cells])
    expect(cells.get(0)).toEqual({ sent: 5, received: 6, first: 36_000, last: 39_600 })
  })
})
describe('minutes that wait to be written', () => {
  const visited = (pending: Pending, from = 0, to = 1e9): number[][] => {
    const cells: number[][] = []
    pending.visit(from, to, (...cell) => cells.push(cell))
    return cells
  }

  test('are visited from their first to before their last', () => {
    const pending = new Pending()
    expect(pending.empty).toBe(true)
    pending.add(301, 1, 2, 3, 4)
    pending.add(359, 1, 2, 30, 40)
    pending.add(360, 1, 2, 5, 0)
    pending.add(420, 1, 2, 0, 6)
    pending.add(480, 1, 2, 0, 0)
    expect(visited(pending)).toEqual([
      [300, 1, 2, 33, 44],
      [360, 1, 2, 5, 0],
      [420, 1, 2, 0, 6],
    ])
    expect(visited(pending, 360, 420)).toEqual([[360, 1, 2, 5, 0]])
    pending.remap(1, new Map([[2, 8]]))
    expect(visited(pending, 420)).toEqual([[420, 1, 8, 0, 6]])
    pending.forget(new Set([1]))
    expect(visited(pending)).toEqual([])
    pending.clear()
    expect(pending.empty).toBe(true)
  })

  test('are kept by the hour beyond 400,000 of them', () => {
    const pending = new Pending()
    for (let endpoint = 0; endpoint < 400_000; endpoint++) pending.add(7_260, 1, endpoint, 1, 1)
    expect(visited(pending, 7_260, 7_320)).toHaveLength(400_000)
    pending.add(7_320, 1, 500_000, 5, 6)
    expect(visited(pending, 7_200, 7_260)).toEqual([[7_200, 1, 500_000, 5, 6]])
  })
})
test('batches that wait become one: equal cells and look-ups are added up, sent and received each', () => {
  const merged = new WaitingBatch()
  expect(merged.empty).toBe(true)
  merged.add(batch([[60, 1, 2, 3, 4]], { lookups: Float64Array.from([60, 1, 2, 5]) }))
  merged.add(
    batch(
      [
        [60, 1, 2, 30, 40],
        [61, 1, 2, 1, 1],
        [60, 2, 2, 1, 1],
        [60, 1, 3, 1, 1],
      ] as TestCell[],
      { lookups: Float64Array.from([60, 1, 2, 7, 120, 1, 2, 1]), positions: [{ source: 'a', position: '1' }] },
    ),
  )
  merged.add(batch([], { positions: [{ source: 'a', position: '2' }], devices: [{ index: 4, id: deviceName(4) }] }))
  const taken = merged.drain()
  expect([...taken.cells]).toEqual([60, 1, 2, 33, 44, 61, 1, 2, 1, 1, 60, 2, 2, 1, 1, 60, 1, 3, 1, 1])
  expect([...(taken.lookups ?? [])]).toEqual([60, 1, 2, 12, 120, 1, 2, 1])
  expect([taken.positions, taken.devices]).toEqual([
    [{ source: 'a', position: '2' }],
    [{ index: 4, id: deviceName(4) }],
  ])
  expect(merged.empty).toBe(true)
  expect(merged.drain()).toEqual({ endpoints: [], devices: [], names: [], cells: new Float64Array(0) })
})
