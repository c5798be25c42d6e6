// The incidents of a simulated fortnight are found at once, and nearly nothing else is reported.
import { describe, expect, it } from 'vitest'
import { measuredPeriods } from './periods.ts'
import { runFortnight } from './run.ts'

/** Neither those the detectors were made with (1 to 4) nor those that all.ts prints by default (from 1001 on). */
const SEEDS = [3001, 3002, 3003]
const SOON_SECONDS = 120
const FEW_ALERTS = 2

const measured = measuredPeriods()
if (measured === null) console.log('heartbeats beat at typical periods: the measured ones are not here')

describe.each(SEEDS)('a fortnight by seed %i', (seed) => {
  it('shows a night upload, a tripling of voice requests and a new company within two minutes, and at most two other alerts', () => {
    const { delays, others } = runFortnight(seed, measured ?? undefined)
    expect(delays.map(({ kind }) => kind)).toEqual(['quiet-hours', 'voice-busy', 'new-company'])
    for (const { fromDue } of delays) expect(fromDue).not.toBeNull()
    for (const { fromDue } of delays) expect(fromDue as number).toBeLessThanOrEqual(SOON_SECONDS)
    expect(others.length, others.join('\n')).toBeLessThanOrEqual(FEW_ALERTS)
  }, 120_000)
})
