// Of a home over ten days, analyze tells six uploads to addresses without a name, and hardly anything else.
import { beforeAll, describe, expect, it } from 'vitest'
import type { Analysis } from '../../server/analyze/analysis.ts'
import { analyzeTenDays, sentTo } from './ten-day-check.ts'
import type { TenDayHome } from './ten-day-home.ts'
import { isToldInFull, verdictOn } from './ten-day-verdict.ts'

/** None of those that ten-days.ts prints by default, nor of the slow suite. */
const SEED = 4_001
const FEW_OTHERS = 5

describe('a home over ten days', () => {
  let home: TenDayHome
  let analysis: Analysis
  beforeAll(async () => {
    ;({ home, analysis } = await analyzeTenDays(SEED))
  }, 120_000)

  it('is counted by the lengths that packets say, of which the capture holds the headers', () => {
    for (const { device, address } of home.uploads) {
      const bytes = home.uploads
        .filter((upload) => upload.device === device && upload.address === address)
        .reduce((sum, upload) => sum + upload.bytes, 0)
      expect(sentTo(analysis, device, address)).toBe(bytes)
    }
    expect(analysis.capture.packets).toBe(home.packets)
  })

  it('has each upload within the time of an alert for its device and address, with its bytes', () => {
    const { uploads } = verdictOn(analysis, home)
    expect(uploads).toHaveLength(6)
    expect(uploads.filter((one) => !isToldInFull(one)).map(({ words }) => words)).toEqual([])
  })

  it('has at most five other alerts', () => {
    const { others } = verdictOn(analysis, home)
    expect(others.length, others.map(({ at, message }) => `${at} ${message}`).join('\n')).toBeLessThanOrEqual(
      FEW_OTHERS,
    )
  })
})
