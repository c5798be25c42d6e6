// A camera that records all the time: what it once sent beyond its ceiling is one incident, what it always sends none.
import { expect, it } from 'vitest'
import { limitsOf } from '../../../server/alerts/kind-limits.ts'
import { DEFAULT_SETTINGS, DEFAULT_VALUES } from '../../../server/alerts/settings.ts'
import { Home } from '../../support/alert-home.ts'
import { DAY, HOUR, START } from '../../support/detector-samples.ts'

const CEILING = limitsOf('camera').ceiling.ten * DEFAULT_VALUES.largeUploadMegabytes * 1e6
const STEP = 10
const USUAL = 1e6
const LOUD_FROM = START + 9 * DAY
const LOUD_SECONDS = 300
const LOUD = (2 * CEILING) / (LOUD_SECONDS / STEP)

it('is told of once, and not again with what it sends on the days after', () => {
  const home = new Home(DEFAULT_SETTINGS)
  for (let second = START; second < LOUD_FROM + 2 * DAY; second += STEP) {
    const isLoud = second >= LOUD_FROM && second < LOUD_FROM + LOUD_SECONDS
    home.send(second, isLoud ? LOUD : USUAL, 0)
  }
  home.engine.finish()
  expect(home.latest).toMatchObject([{ reason: 'ceiling', isOver: true }])
  const [{ from, to, bytes }] = home.latest
  expect(Math.abs(from - LOUD_FROM)).toBeLessThan(HOUR)
  expect(to - from).toBeLessThanOrEqual(7 * HOUR)
  expect(bytes).toBeGreaterThan(2 * CEILING)
})
