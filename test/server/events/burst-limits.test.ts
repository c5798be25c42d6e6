// Bursts at their limits, and what becomes of bytes that are taken back.
import { describe, expect, it } from 'vitest'
import { BurstCutter } from '../../../server/events/bursts.ts'
import type { Burst } from '../../../server/events/event.ts'

type Cell = [second: number, device: number, endpoint: number, sent: number, received: number]

class Cutter {
  readonly bursts: Burst[] = []
  readonly taken: number[][] = []
  readonly cutter = new BurstCutter((burst) => this.bursts.push({ ...burst }), {
    onTakenBack: (...what) => this.taken.push(what),
  })

  cells(...cells: Cell[]): this {
    this.cutter.addCells(Float64Array.from(cells.flat()))
    return this
  }

  finish(): Burst[] {
    this.cutter.finish()
    return this.bursts
  }
}
const cut = (...cells: Cell[]): Burst[] => new Cutter().cells(...cells).finish()
const spans = (bursts: Burst[]): number[][] => bursts.map(({ first, last }) => [first, last])

describe('a burst', () => {
  it('goes on after a pause of three seconds, and ends with one of four', () => {
    expect(spans(cut([100, 0, 1, 9_000, 10], [103, 0, 1, 9_000, 10]))).toEqual([[100, 103]])
    expect(spans(cut([100, 0, 1, 9_000, 10], [104, 0, 1, 9_000, 10]))).toEqual([
      [100, 100],
      [104, 104],
    ])
  })

  it('ends at the mark after its pause, and only that one', () => {
    const cutter = new Cutter().cells([100, 0, 1, 9_000, 10], [102, 0, 2, 9_000, 10])
    cutter.cutter.mark(103)
    expect(cutter.bursts).toEqual([])
    cutter.cutter.mark(104)
    expect(cutter.bursts.map(({ endpoint }) => endpoint)).toEqual([1])
    cutter.cutter.mark(1_000)
    expect(cutter.bursts.map(({ endpoint }) => endpoint)).toEqual([1, 2])
  })

  it('is prolonged by a second of 2,000 bytes both ways, not by one less', () => {
    expect(spans(cut([100, 0, 1, 9_000, 0], [102, 0, 1, 1_000, 1_000]))).toEqual([[100, 102]])
    const [burst] = cut([100, 0, 1, 9_000, 0], [102, 0, 1, 1_000, 999])
    expect(burst).toMatchObject({ first: 100, last: 100, sent: 10_000, received: 999 })
  })

  it('takes in what trickled up to three seconds before', () => {
    expect(cut([100, 0, 1, 300, 200], [103, 0, 1, 9_000, 10])).toEqual([
      { device: 0, endpoint: 1, first: 100, last: 103, sent: 9_300, received: 210, peak: 9_000, steady: 1, early: 210 },
    ])
    expect(spans(cut([100, 0, 1, 300, 200], [102, 0, 1, 300, 200], [104, 0, 1, 9_000, 10]))).toEqual([
      [100, 102],
      [104, 104],
    ])
  })

  it('counts a second of exactly 4,000 bytes as speech, once, however many parts it comes in', () => {
    const steady = (...cells: Cell[]): unknown => cut(...cells).map((burst) => [burst.peak, burst.steady])
    expect(steady([100, 0, 1, 4_000, 0])).toEqual([[4_000, 1]])
    expect(steady([100, 0, 1, 3_999, 0])).toEqual([[3_999, 0]])
    expect(steady([100, 0, 1, 2_000, 0], [100, 0, 1, 2_000, 0], [100, 0, 1, 9_000, 0])).toEqual([[13_000, 1]])
    expect(steady([100, 0, 1, 4_000, 0], [101, 0, 1, 4_001, 0])).toEqual([[4_001, 2]])
  })

  it('counts as early what comes up to the second in which 16,000 bytes were sent', () => {
    const early = (...cells: Cell[]): unknown => cut(...cells).map((burst) => burst.early)
    expect(early([100, 0, 1, 15_999, 10], [101, 0, 1, 9_000, 300], [102, 0, 1, 9_000, 7_000])).toEqual([310])
    expect(early([100, 0, 1, 16_000, 10], [101, 0, 1, 9_000, 300])).toEqual([10])
    expect(early([100, 0, 1, 16_000, 10], [100, 0, 1, 500, 20], [101, 0, 1, 9_000, 300])).toEqual([30])
    expect(early([100, 0, 1, 3_000, 10], [101, 0, 1, 3_000, 90_000])).toEqual([90_010])
  })

  it('is cut after half an hour', () => {
    const stream = Array.from({ length: 1_801 }, (_, index): Cell => [100 + index, 0, 1, 5_000, 70])
    expect(cut(...stream).map(({ first, last, sent, received }) => [first, last, sent, received])).toEqual([
      [100, 1_899, 9_000_000, 126_000],
      [1_900, 1_900, 5_000, 70],
    ])
    const trickle = Array.from({ length: 1_801 }, (_, index): Cell => [100 + index, 0, 1, 5, 7])
    expect(cut(...trickle).map(({ first, last, sent, received }) => [first, last, sent, received])).toEqual([
      [100, 1_899, 9_000, 12_600],
      [1_900, 1_900, 5, 7],
    ])
  })

  it('of a trickle ends with a pause as well', () => {
    expect(spans(cut([100, 0, 1, 5, 7], [103, 0, 1, 5, 7], [107, 0, 1, 5, 7]))).toEqual([
      [100, 103],
      [107, 107],
    ])
  })

  it('may begin with a second that comes late', () => {
    expect(cut([100, 0, 1, 9_000, 10], [99, 0, 1, 5_000, 10])).toMatchObject([
      { first: 99, last: 100, sent: 14_000, received: 20, peak: 9_000, steady: 2 },
    ])
  })

  it('is one of 8,192 that are open at most, the first of which makes room', () => {
    const cutter = new Cutter()
    for (let endpoint = 1; endpoint <= 8_192; endpoint++) cutter.cells([100, 0, endpoint, 9_000, 10])
    expect(cutter.bursts).toEqual([])
    cutter.cells([100, 0, 9_000, 9_000, 10])
    expect(cutter.bursts.map(({ endpoint }) => endpoint)).toEqual([1])
    expect(cutter.finish()).toHaveLength(8_193)
  })
})
describe('bytes that are taken back', () => {
  it('leave a burst what is left of it, also where it is mainly a download', () => {
    expect(cut([100, 0, 1, 9_000, 50_000], [101, 0, 1, -8_000, -10_000])).toMatchObject([
      { endpoint: 1, sent: 1_000, received: 40_000 },
    ])
    expect(cut([100, 0, 1, 9_000, 50_000], [101, 0, 1, -9_000, -49_999])).toMatchObject([{ sent: 0, received: 1 }])
    expect(cut([100, 0, 1, 9_000, 50_000], [101, 0, 1, -8_999, -50_000])).toMatchObject([{ sent: 1, received: 0 }])
    expect(cut([100, 0, 1, 9_000, 50_000], [101, 0, 1, -9_000, -50_000])).toEqual([])
  })

  it('count as taken back where only what was received is', () => {
    expect(cut([100, 0, 1, 9_000, 50_000], [101, 0, 1, 0, -50_000])).toMatchObject([{ sent: 9_000, received: 0 }])
    expect(cut([100, 0, 1, 9_000, 50_000], [101, 0, 1, -9_000, 0])).toMatchObject([{ sent: 0, received: 50_000 }])
  })

  it('never leave less than nothing', () => {
    expect(cut([100, 0, 1, 9_000, 50_000], [101, 0, 1, -20_000, -10_000])).toMatchObject([
      { sent: 0, received: 40_000 },
    ])
    expect(cut([100, 0, 1, 9_000, 50_000], [101, 0, 1, -1_000, -60_000])).toMatchObject([{ sent: 8_000, received: 0 }])
  })

  it('are reported of where the burst is over, or began later', () => {
    const cutter = new Cutter().cells([100, 0, 1, 9_000, 50_000], [99, 0, 1, -300, -200])
    expect(cutter.taken).toEqual([[0, 1, 99, 300, 200]])
    cutter.cutter.mark(200)
    cutter.cells([100, 0, 1, -9_000, -50_000])
    expect(cutter.taken.at(-1)).toEqual([0, 1, 100, 9_000, 50_000])
  })

  it('bring their beginning, peak and steady seconds along to where they turn up, without counting twice', () => {
    const moved = cut(
      [100, 0, 1, 5_000, 10],
      [101, 0, 1, 6_000, 10],
      [102, 0, 1, -11_000, -20],
      [102, 0, 2, 11_500, 25],
    )
    expect(moved).toEqual([
      { device: 0, endpoint: 2, first: 100, last: 102, sent: 11_500, received: 25, peak: 6_000, steady: 2, early: 25 },
    ])
  })

  it('are early where they turn up if they were early before', () => {
    const early = (...cells: Cell[]): unknown => cut(...cells).map((burst) => [burst.endpoint, burst.early])
    const speech: Cell[] = [
      [100, 0, 1, 20_000, 10],
      [101, 0, 1, 6_000, 9_000],
    ]
    expect(early(...speech, [102, 0, 1, -26_000, -9_010], [102, 0, 2, 26_500, 9_400])).toEqual([[2, 10]])
    expect(early(...speech, [102, 0, 1, -6_000, -9_000], [102, 0, 2, 6_000, 9_000])).toEqual([
      [1, 10],
      [2, 9_000],
    ])
    expect(early([100, 0, 1, 9_000, 800], [101, 0, 1, -2_000, -300], [101, 0, 2, 2_000, 300])).toEqual([
      [1, 500],
      [2, 300],
    ])
  })

  it('at home are none of it', () => {
    expect(cut([100, 0, 1, 9_000, 10], [100, 0, 0, -9_000, -10])).toMatchObject([{ endpoint: 1, sent: 9_000 }])
  })
})
