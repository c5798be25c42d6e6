// An upload that goes on over midnight is judged against the days before it began.
import { expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { Home } from '../../support/alert-home.ts'
import { DAY, START } from '../../support/detector-samples.ts'

const DAYS = 10
const USUAL = 5_000_000
/** Five times the busiest hour, spread over the twelve minutes about midnight. */
const SECONDS = 720
const BYTES = (5 * USUAL) / SECONDS

it('is told as one by day is', () => {
  for (const at of [0, 12 * 3_600]) {
    const home = new Home(DEFAULT_SETTINGS)
    home.routine(DAYS, USUAL)
    const begin = START + DAYS * DAY + DAY + at - SECONDS / 2
    home.upload(begin, new Array<number>(SECONDS).fill(BYTES))
    expect(home.latest, String(at)).toMatchObject([{ kind: 'upload-spike', reason: 'known' }])
    expect(home.latest[0].bytes).toBeGreaterThan(0.99 * SECONDS * BYTES)
  }
})
