// Where a burst begins and ends, and what becomes of bytes that a late name moves.
import { describe, expect, it } from 'vitest'
import { BurstCutter, MAX_OPEN, PAUSE_SECONDS, LONGEST_BURST_SECONDS } from '../../../server/events/bursts.ts'
import type { Burst } from '../../../server/events/event.ts'

type Cell = [second: number, device: number, endpoint: number, sent: number, received: number]

/** Bursts of the cells, handed over in pieces of so many cells. */
function cut(cells: Cell[], piece = cells.length): Burst[] {
  const bursts: Burst[] = []
  const cutter = new BurstCutter((burst) => bursts.push(burst))
  for (let at = 0; at < cells.length; at += piece)
    cutter.addCells(Float64Array.from(cells.slice(at, at + piece).flat()))
  cutter.finish()
  return bursts
}

describe('bursts', () => {
  it('hold what lies close together and part at a pause', () => {
    const bursts = cut([
      [100, 0, 1, 30_000, 500],
      [102, 0, 1, 20_000, 500],
      [102 + PAUSE_SECONDS + 1, 0, 1, 9_000, 100],
    ])
    expect(bursts.map(({ first, last, sent, received }) => [first, last, sent, received])).toEqual([
      [100, 102, 50_000, 1_000],
      [106, 106, 9_000, 100],
    ])
  })

  it('are cut where a clock that was never set begins at 0', () => {
    const bursts = cut([
      [0, 0, 1, 30_000, 500],
      [1, 0, 1, 20_000, 500],
      [1 + PAUSE_SECONDS + 1, 0, 1, 9_000, 100],
    ])
    expect(bursts.map(({ first, last, sent }) => [first, last, sent])).toEqual([
      [0, 1, 50_000],
      [PAUSE_SECONDS + 2, PAUSE_SECONDS + 2, 9_000],
    ])
  })

  it('end at a time mark, without a further packet', () => {
    const bursts: Burst[] = []
    const cutter = new BurstCutter((burst) => bursts.push(burst))
    cutter.addCells(Float64Array.from([100, 0, 1, 30_000, 500]))
    cutter.mark(100 + PAUSE_SECONDS)
    expect(bursts).toEqual([])
    cutter.mark(101 + PAUSE_SECONDS)
    expect(bursts).toHaveLength(1)
  })

  it('are the same however the cells are handed over', () => {
    const cells: Cell[] = Array.from({ length: 200 }, (_, index) => [
      100 + Math.floor(index / 3) + Math.floor(index / 40) * 9,
      index % 3,
      1 + (index % 2),
      900 * (index % 11),
      50,
    ])
    expect(cut(cells, 1)).toEqual(cut(cells))
    expect(cut(cells, 7)).toEqual(cut(cells))
  })

  it('are not held open by keep-alives, which make bursts of their own', () => {
    const bursts = cut([
      [100, 0, 1, 60_000, 500],
      [101, 0, 1, 60_000, 500],
      ...Array.from({ length: 20 }, (_, index): Cell => [102 + index, 0, 1, 80, 80]),
    ])
    const [large, trickle] = bursts
    expect(large).toMatchObject({ first: 100, last: 101 })
    expect(trickle?.first).toBe(102 + PAUSE_SECONDS)
    expect(bursts.reduce((sum, { sent }) => sum + sent, 0)).toBe(120_000 + 20 * 80)
  })

  it('measure the largest second and count the seconds at the pace of speech', () => {
    expect(
      cut([
        [100, 0, 1, 27_000, 0],
        [101, 0, 1, 3_000, 0],
        [101, 0, 1, 4_900, 0],
        [102, 0, 1, 3_999, 0],
      ])[0],
    ).toMatchObject({ peak: 27_000, steady: 2 })
  })

  it('take the name that their bytes end with', () => {
    const bursts = cut([
      [100, 0, 1, 300, 200],
      [101, 0, 1, -300, -200],
      [101, 0, 2, 50_300, 900],
    ])
    expect(bursts).toEqual([
      expect.objectContaining({ endpoint: 2, first: 100, last: 101, sent: 50_300, received: 900, peak: 50_000 }),
    ])
  })

  it('go with the address to its late owner', () => {
    const bursts = cut([
      [100, 0, 1, 40_000, 200],
      [101, 0, 1, 40_000, 200],
      [100, 0, 1, -40_000, -200],
      [100, 5, 1, 40_000, 200],
      [101, 0, 1, -40_000, -200],
      [101, 5, 1, 40_000, 200],
    ])
    expect(bursts).toEqual([
      expect.objectContaining({ device: 5, first: 100, last: 101, sent: 80_000, peak: 40_000, steady: 2 }),
    ])
  })

  it('report bytes taken from a burst that is over', () => {
    const taken: number[][] = []
    const cutter = new BurstCutter(() => undefined, { onTakenBack: (...what) => taken.push(what) })
    cutter.addCells(Float64Array.from([100, 0, 1, 40_000, 200]))
    cutter.mark(200)
    cutter.addCells(Float64Array.from([100, 0, 1, -40_000, -200]))
    expect(taken).toEqual([[0, 1, 100, 40_000, 200]])
  })

  it('are cut where a stream never ends', () => {
    const bursts = cut(
      Array.from({ length: LONGEST_BURST_SECONDS + 10 }, (_, index): Cell => [100 + index, 0, 1, 100_000, 500]),
    )
    expect(bursts.map(({ sent }) => sent)).toEqual([LONGEST_BURST_SECONDS * 100_000, 1_000_000])
  })

  it('leave out what stays at home', () => {
    expect(cut([[100, 0, 0, 800_000, 500]])).toEqual([])
  })

  it('keep to the cap when somebody talks to more endpoints than anybody does, and lose no byte', () => {
    const bursts: Burst[] = []
    const cutter = new BurstCutter((burst) => bursts.push(burst))
    const many = MAX_OPEN + 100
    cutter.addCells(Float64Array.from(Array.from({ length: many }, (_, index) => [100, 0, index + 1, 10, 10]).flat()))
    expect(bursts).toHaveLength(100)
    cutter.finish()
    expect(bursts.reduce((sum, { sent }) => sum + sent, 0)).toBe(many * 10)
  })
})
