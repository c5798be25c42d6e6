// Many homes over ten days: whatever their devices and habits, the six uploads are told and hardly anything else.
import { describe, expect, it } from 'vitest'
import { analyzeTenDays } from './ten-day-check.ts'
import { isToldInFull, verdictOn } from './ten-day-verdict.ts'

const SEEDS = Array.from({ length: 24 }, (_, index) => 5_001 + index)
const FEW_OTHERS = 5

describe.each(SEEDS)('ten days by seed %i', (seed) => {
  it('has all six uploads told, and at most five other alerts', async () => {
    const { home, analysis } = await analyzeTenDays(seed)
    const { uploads, others } = verdictOn(analysis, home)
    const untold = uploads.filter((one) => !isToldInFull(one)).map(({ words }) => words)
    expect(untold, home.story).toEqual([])
    expect(
      others.length,
      `${home.story}\n${others.map(({ at, message }) => `${at} ${message}`).join('\n')}`,
    ).toBeLessThanOrEqual(FEW_OTHERS)
  })
})
