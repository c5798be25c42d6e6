// Slow tests of thirty days of thirty busy devices, and of a year: totals, limits, and bytes written to the disk.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HistoryDatabase } from '../../../server/history/database.ts'
import { LocalTime } from '../../../server/model/local-time.ts'
import { deviceName } from './histories.ts'
import { temporaryFolder } from './folder.ts'
import { bytesWritten, HOME, introduceHome, newTotals, oldestRows, sentByPair, simulate } from './simulate-home.ts'

const DAY = 86_400
const START = Date.parse('2026-03-10T00:00:00Z') / 1_000

test('30 days of 30 devices: totals to the byte, at most 25 MB written a day, no row past its limit by an hour', () => {
  const path = join(temporaryFolder(), 'history.sqlite')
  const database = new HistoryDatabase({ path, timeZone: 'Europe/Berlin' })
  introduceHome(database)
  const totals = newTotals()
  const perDay: number[] = []
  for (let day = 0; day < 30; day += 1) {
    const before = bytesWritten()
    const now = START + (day + 1) * DAY
    simulate(database, START + day * DAY, 1, day, totals)
    perDay.push(bytesWritten() - before)
    const oldest = oldestRows(path)
    expect(oldest.minutes).toBeGreaterThanOrEqual(now - 48 * 3_600 - 3_600)
    expect(oldest.hours).toBeGreaterThanOrEqual(now - 35 * DAY - 3_600)
    const sums = database.sums({ from: START, to: now })
    expect(sums.reduce((sum, { sent }) => sum + sent, 0)).toBe(totals.sent)
    expect(sums.reduce((sum, { received }) => sum + received, 0)).toBe(totals.received)
  }
  expect(sentByPair(database)).toEqual(totals.sentByPair)
  console.log(
    `${totals.cells} cells; written per day, MB: ${perDay.map((bytes) => (bytes / 1e6).toFixed(1)).join(' ')}; file ${(statSync(path).size / 1e6).toFixed(1)} MB`,
  )
  expect(Math.max(...perDay)).toBeLessThanOrEqual(25e6)
  database.close()
})

test('a year of 30 devices: how long the questions take', () => {
  const path = join(temporaryFolder(), 'history.sqlite')
  const database = new HistoryDatabase({ path, timeZone: 'Europe/Berlin', saveEverySeconds: 12 * 3_600 })
  introduceHome(database)
  const totals = newTotals()
  // Older days are filled in one step each, hours that are still kept in one each: the rows are the same, the test is
  // quicker.
  simulate(database, START, 327, 1, totals, 1, DAY)
  simulate(database, START + 327 * DAY, 36, 3, totals, 1, 3_600)
  simulate(database, START + 363 * DAY, 2, 2, totals)
  const now = START + 365 * DAY
  const sums = database.sums({ from: START, to: now })
  expect(sums.reduce((sum, { sent }) => sum + sent, 0)).toBe(totals.sent)
  const month = { from: now - 30 * DAY, to: now }
  const local = new LocalTime('Europe/Berlin')
  const bounds = Array.from({ length: 31 }, (_, day) => local.dayStart(now - (30 - day) * DAY))
  const devices = Array.from({ length: HOME.devices }, (_, device) => deviceName(device))
  const time = (what: string, work: () => unknown): void => {
    const runs = devices
      .map((_, run) => {
        const before = performance.now()
        work()
        return run < 10 ? performance.now() - before : 0
      })
      .slice(0, 10)
      .sort((left, right) => left - right)
    console.log(`${what}: ${runs[5]?.toFixed(1)} ms (worst ${runs[9]?.toFixed(1)})`)
  }
  let next = 0
  time("a device's 30-day series", () => database.series({ ...month, devices: [devices[next++ % 30]] }))
  time("everybody's 30-day series", () => database.series(month))
  time("everybody's 24-hour series", () => database.series({ from: now - DAY, to: now }))
  time("everybody's 24-hour sums", () => database.sums({ from: now - DAY, to: now }))
  time("a month's totals by day", () => database.totals(bounds))
  time("a month's sums", () => database.sums(month))
  time("a year's sums", () => database.sums({ from: START, to: now }))
  time('a 7-day grid', () => database.grid([devices[3]], 7, now))
  time('sparklines of 24 hours', () => database.sparklines({ from: now - DAY, to: now, parts: 24 }))
  console.log(`file ${(statSync(path).size / 1e6).toFixed(1)} MB`)
  database.close()
})
