// The period of a heartbeat is learned, though beats stray, go missing and other traffic comes between.
import { describe, expect, it } from 'vitest'
import type { Burst } from '../../../server/events/event.ts'
import { Heartbeats, periodOf } from '../../support/heartbeats.ts'

const beat = (first: number, sent = 120): Burst => ({
  device: 1,
  endpoint: 2,
  first,
  last: first,
  sent,
  received: 90,
  peak: sent,
  steady: 0,
  early: 0,
})

describe('a heartbeat', () => {
  it.each([30, 60, 300, 3_600])('of %i s is learned from six beats', (period) => {
    const heartbeats = new Heartbeats()
    const reported = Array.from({ length: 12 }, (_, index) =>
      heartbeats.observe(beat(1_000 + index * period + (index % 3))),
    ).filter((found) => found !== null)
    expect(reported).toHaveLength(1)
    expect(Math.abs((reported[0]?.seconds ?? 0) - period)).toBeLessThanOrEqual(2)
  })

  it('is reported again when its period changes', () => {
    const heartbeats = new Heartbeats()
    const times = [
      ...Array.from({ length: 15 }, (_, index) => index * 60),
      ...Array.from({ length: 15 }, (_, index) => 900 + index * 300),
    ]
    const reported = times.map((at) => heartbeats.observe(beat(at))).filter((found) => found !== null)
    expect(reported.map(({ seconds }) => seconds)).toEqual([60, 300])
  })

  it('is not found in large bursts', () => {
    const heartbeats = new Heartbeats()
    expect(
      Array.from({ length: 12 }, (_, index) => heartbeats.observe(beat(index * 60, 50_000))).every(
        (found) => found === null,
      ),
    ).toBe(true)
  })

  it.each([
    ['too few', [60, 60, 60, 60], null],
    ['no rhythm', [7, 310, 45, 900, 66, 21, 500, 130], null],
    ['one missing', [60, 61, 60, 120, 59, 60], 60],
    ['strangers between', [60, 60, 12, 60, 60, 60, 48, 60], 60],
  ])('of intervals with %s is reported as such', (_what, intervals, period) => {
    expect(periodOf(intervals)?.seconds ?? null).toBe(period)
  })
})
