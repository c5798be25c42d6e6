// Tests of look-ups: kept as exactly as bytes over commits, crashes, ageing, levels and forgetting, together with how
// far logs were read.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HistoryDatabase } from '../../../server/history/database.ts'
import type { HistoryOptions } from '../../../server/history/options.ts'
import { WaitingBatch } from '../../../server/history/merge-batches.ts'
import { batch, deviceName, introduce } from './histories.ts'
import { filesContaining, temporaryFolder } from './folder.ts'

const NOW = Date.parse('2026-06-10T12:00:00Z') / 1000
const DAY = 86_400

function open(path: string, options: Partial<HistoryOptions> = {}): HistoryDatabase {
  const database = new HistoryDatabase({ path, timeZone: 'Asia/Kolkata', ...options })
  database.add(introduce(3, 5))
  return database
}

const looked = (...cells: number[]): ReturnType<typeof batch> => batch([], { lookups: Float64Array.from(cells) })

function counts(database: HistoryDatabase, from = 0, to = NOW + DAY): Record<string, number> {
  return Object.fromEntries(
    database
      .lookups({ from, to })
      .map(({ device, endpoint, count }) => [`${device} ${endpoint}`, count])
      .sort(),
  )
}

test('what was not committed is lost together with the place in the log, and nothing else', () => {
  const path = join(temporaryFolder(), 'history.sqlite')
  const database = open(path)
  database.add({ ...looked(NOW, 0, 1, 3), positions: [{ source: 'dns', position: '100' }] })
  database.tick(NOW)
  database.flush()
  database.add({ ...looked(NOW, 0, 1, 2, NOW + 60, 1, 2, 7), positions: [{ source: 'dns', position: '200' }] })
  expect(database.positions()).toEqual([{ source: 'dns', position: '200' }])
  expect(counts(database)).toEqual({ [`${deviceName(0)} 1`]: 5, [`${deviceName(1)} 2`]: 7 })
  // The process dies here; another one begins.
  const again = open(path)
  expect(again.positions()).toEqual([{ source: 'dns', position: '100' }])
  expect(counts(again)).toEqual({ [`${deviceName(0)} 1`]: 3 })
  again.add({ ...looked(NOW, 0, 1, 2, NOW + 60, 1, 2, 7), positions: [{ source: 'dns', position: '200' }] })
  again.close()
  expect(counts(open(path))).toEqual({ [`${deviceName(0)} 1`]: 5, [`${deviceName(1)} 2`]: 7 })
})

test('months of look-ups become hours and days, and none is lost', () => {
  const path = join(temporaryFolder(), 'history.sqlite')
  const database = open(path, { retention: { minuteHours: 2, hourDays: 3, dayDays: 25 } })
  let made = 0
  for (let second = NOW - 12 * DAY; second < NOW; second += 1_800, made++) {
    database.add(looked(second, 0, 1, 1, second, 1, 2, 2))
    database.tick(second)
  }
  database.flush()
  expect(counts(database)).toEqual({ [`${deviceName(0)} 1`]: made, [`${deviceName(1)} 2`]: 2 * made })
  const inside = database as unknown as {
    file: { connection: { prepare(sql: string): { all(): { length: number; rows: number }[] } } }
  }
  const spans = inside.file.connection
    .prepare('SELECT until - start AS length, count(*) AS rows FROM lookups GROUP BY 1 ORDER BY 1')
    .all()
  expect(spans.map(({ length }) => length)).toEqual([60, 3600, DAY])
  expect(spans.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThanOrEqual(2 * (3 * 2 + 4 * 24 + 13))
  for (let day = 1; day <= 20; day++) database.tick(NOW + day * DAY)
  for (let hour = 1; hour <= 30; hour++) database.tick(NOW + 20 * DAY + hour * 3600)
  expect(counts(database)[`${deviceName(0)} 1`]).toBeLessThan(made)
  database.close()
})

test('a level brings look-ups down, and a forgotten device leaves none', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'history.sqlite')
  const database = open(path)
  database.add(looked(NOW, 0, 1, 3, NOW, 0, 2, 4, NOW, 1, 1, 5))
  database.tick(NOW)
  database.flush()
  database.add(looked(NOW, 0, 2, 1, NOW, 2, 3, 9))
  database.coarsen(deviceName(0), 'totals')
  const [mine] = database.lookups({ from: 0, to: NOW + DAY, devices: [deviceName(0)] })
  expect(mine?.count).toBe(8)
  expect(database.endpoints([mine?.endpoint])).toMatchObject([{ host: null, company: '*kept-back' }])
  expect(database.forget([deviceName(2)]).rows).toBeGreaterThan(0)
  expect(database.lookups({ from: 0, to: NOW + DAY, devices: [deviceName(2)] })).toEqual([])
  expect(filesContaining(folder, [Buffer.from(deviceName(2)), Buffer.from('host-3.example.com')])).toEqual([])
  expect(counts(database)[`${deviceName(1)} 1`]).toBe(5)
  database.close()
})

test("what an address turned out to be another's comes to nothing, and batches that wait are one", () => {
  const database = open(':memory:')
  const waiting = new WaitingBatch()
  waiting.add({ ...looked(NOW, 0, 1, 3), positions: [{ source: 'dns', position: '1' }] })
  waiting.add({ ...looked(NOW, 0, 1, -3, NOW, 1, 1, 3), positions: [{ source: 'dns', position: '2' }] })
  expect(waiting.empty).toBe(false)
  const merged = waiting.drain()
  expect(merged.positions).toEqual([{ source: 'dns', position: '2' }])
  database.add(merged)
  database.tick(NOW)
  database.flush()
  expect(counts(database)).toEqual({ [`${deviceName(1)} 1`]: 3 })
  expect(waiting.empty).toBe(true)
})
