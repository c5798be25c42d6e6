// Gaps of a series: only steps in which nothing was captured.
import { describe, expect, test } from 'vitest'
import type { Series } from '../../../server/api.ts'
import { factsOf, summaryOf } from '../../../ui/parts/charts/series-facts.ts'

const series = (sent: (number | null)[]): Series => ({ from: 1_795_500_000, step: 60, sent, received: sent })
const at = (steps: number): number => 1_795_500_000 + steps * 60

describe('a gap in a series', () => {
  test('is a step in which nothing was captured', () => {
    expect(factsOf(series([1, null, 3]), at(4)).gaps).toBe(1)
    expect(summaryOf(series([1, null, 3, 4]), at(5))).toContain('25% of this time nothing was captured')
  })

  test('is not a step that is still to come or not over yet', () => {
    expect(factsOf(series([1, 2, null]), at(2) + 30).gaps).toBe(0)
    expect(factsOf(series([1, 2, null, null]), at(2) + 30).gaps).toBe(0)
    expect(summaryOf(series([1, 2, null]), at(2))).not.toContain('nothing was captured')
  })

  test('is not what may still be on its way, and is one a moment later', () => {
    expect(factsOf(series([1, null]), at(2) + 1).gaps).toBe(0)
    expect(factsOf(series([1, null]), at(2) + 3).gaps).toBe(1)
  })

  test('that takes up all of the time is said in a sentence of its own', () => {
    expect(summaryOf(series([null, null]), at(9))).toBe('Nothing was captured in this time.')
  })
})
