// The steps of the hour grid's colours and its legend.
import { describe, expect, test } from 'vitest'
import type { HourGrid } from '../../../server/api.ts'
import { busiestOf, limitsOf, stepOfHour, STEPS } from '../../../ui/parts/charts/hour-steps.ts'
import { barsOf } from '../../../ui/parts/charts/bars.ts'

function grid(hours: (number | null)[]): HourGrid {
  return { days: [{ date: '2026-11-24', hours }] }
}

describe('the steps of the hour grid', () => {
  test('each hour lies under the limit its colour stands for and above the one before', () => {
    const values = [120, 900, 14_000, 88_000, 1_200_000, 43_000_000]
    const limits = limitsOf(grid(values))
    expect(limits).toEqual([...limits].sort((a, b) => a - b))
    expect(limits.length).toBeLessThanOrEqual(STEPS)
    for (const value of values) {
      const step = stepOfHour(value, limits)
      const place = (step ?? 0) - (STEPS - limits.length) - 1
      expect(value).toBeLessThanOrEqual(limits[place] ?? 0)
      if (place > 0) expect(value).toBeGreaterThan(limits[place - 1] ?? 0)
    }
  })

  test('the busiest hour has the darkest step', () => {
    for (const values of [[5], [5, 5, 5], [1, 1_000_000]])
      expect(stepOfHour(Math.max(...values), limitsOf(grid(values)))).toBe(STEPS)
  })

  test('nothing sent is not a gap, and a gap is not nothing', () => {
    expect(stepOfHour(0, [100])).toBe(0)
    expect(stepOfHour(null, [100])).toBeNull()
    expect(limitsOf(grid([0, null]))).toEqual([])
  })

  test('names the busiest hour; none where nothing was sent', () => {
    expect(busiestOf(grid([1, 9, null, 9]))).toEqual({ date: '2026-11-24', hour: 1, sent: 9 })
    expect(busiestOf(grid([0, null]))).toBeNull()
  })
})

describe('totals', () => {
  test('are bars from bound to bound', () => {
    expect(barsOf([0, 10, 20], [1, 2], [3, 4])).toEqual([
      { from: 0, to: 10, sent: 1, received: 3 },
      { from: 10, to: 20, sent: 2, received: 4 },
    ])
  })
})
