// Tests of the verdicts on look-ups in the history: kept, aged, moved and forgotten with the look-ups themselves, and
// unknown of a home that an earlier version kept.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Driver } from '../../../capture/sources/sqlite.ts'
import { HistoryDatabase } from '../../../server/history/database.ts'
import { WaitingBatch } from '../../../server/history/merge-batches.ts'
import type { HistoryOptions } from '../../../server/history/options.ts'
import { readRows } from '../../../server/history/readable-rows.ts'
import { MIGRATIONS } from '../../../server/history/schema.ts'
import { TABLE_CHECKS } from '../../../server/history/table-checks.ts'
import { presentDrivers } from '../../support/sqlite-drivers.ts'
import { filesContaining, temporaryFolder } from './folder.ts'
import { batch, deviceName, introduce } from './histories.ts'

const NOW = Date.parse('2026-06-10T12:00:00Z') / 1000
const DAY = 86_400
/** The layout before verdicts were kept. */
const BEFORE = MIGRATIONS.slice(0, 3)

function open(path: string, options: Partial<HistoryOptions> = {}): HistoryDatabase {
  const database = new HistoryDatabase({ path, timeZone: 'Asia/Kolkata', ...options })
  database.add(introduce(3, 5))
  return database
}

const looked = (lookups: number[], verdicts: number[]): ReturnType<typeof batch> =>
  batch([], { lookups: Float64Array.from(lookups), verdicts: Float64Array.from(verdicts) })

/** Look-ups, blocked and answered by device and endpoint. */
function counts(database: HistoryDatabase): Record<string, number[]> {
  return Object.fromEntries(
    database
      .lookups({ from: 0, to: NOW + DAY })
      .map(({ device, endpoint, count, blocked, answered }) => [`${device} ${endpoint}`, [count, blocked, answered]])
      .sort(),
  ) as Record<string, number[]>
}

test('a verdict that comes in a later batch, or after a restart, belongs to the minute of its look-up', () => {
  const path = join(temporaryFolder(), 'history.sqlite')
  const database = open(path)
  database.add(looked([NOW, 0, 1, 5], [NOW, 0, 1, 2, 1]))
  database.tick(NOW)
  database.flush()
  database.add(looked([], [NOW, 0, 1, 1, 0]))
  expect(counts(database)).toEqual({ [`${deviceName(0)} 1`]: [5, 3, 1] })
  database.close()
  const again = open(path)
  expect(counts(again)).toEqual({ [`${deviceName(0)} 1`]: [5, 3, 1] })
  again.add(looked([], [NOW, 0, 1, -1, 1]))
  expect(counts(again)).toEqual({ [`${deviceName(0)} 1`]: [5, 2, 2] })
  again.close()
})

test('months of verdicts become hours and days, and none is lost', () => {
  const database = open(':memory:', { retention: { minuteHours: 2, hourDays: 3, dayDays: 25 } })
  let made = 0
  for (let second = NOW - 12 * DAY; second < NOW; second += 1_800, made++) {
    database.add(looked([second, 0, 1, 3], [second, 0, 1, 2, 1]))
    database.tick(second)
  }
  database.flush()
  expect(counts(database)).toEqual({ [`${deviceName(0)} 1`]: [3 * made, 2 * made, made] })
  database.close()
})

test('a level brings verdicts down with their look-ups, and a forgotten device leaves none', () => {
  const folder = temporaryFolder()
  const database = open(join(folder, 'history.sqlite'))
  database.add(looked([NOW, 0, 1, 3, NOW, 0, 2, 4, NOW, 2, 3, 9], [NOW, 0, 1, 3, 0, NOW, 0, 2, 1, 2, NOW, 2, 3, 9, 0]))
  database.tick(NOW)
  database.flush()
  database.add(looked([NOW, 0, 2, 1, NOW, 2, 3, 1], [NOW, 0, 2, 1, 0, NOW, 2, 3, 1, 0]))
  database.coarsen(deviceName(0), 'totals')
  database.forget([deviceName(2)])
  expect(Object.values(counts(database))).toEqual([[8, 5, 2]])
  expect(filesContaining(folder, [Buffer.from(deviceName(2)), Buffer.from('host-3.example.com')])).toEqual([])
  database.close()
})

test('more verdicts than look-ups are no more than those, and without a look-up there is none', () => {
  const database = open(':memory:')
  database.add(looked([NOW, 0, 1, 2], [NOW, 0, 1, 5, 5, NOW, 1, 1, 3, 0]))
  expect(counts(database)).toEqual({ [`${deviceName(0)} 1`]: [2, 2, 0] })
  database.tick(NOW)
  database.flush()
  expect(counts(database)).toEqual({ [`${deviceName(0)} 1`]: [2, 2, 0] })
  database.close()
})

test('batches that wait add their verdicts up', () => {
  const waiting = new WaitingBatch()
  waiting.add(looked([NOW, 0, 1, 3], [NOW, 0, 1, 1, 0]))
  waiting.add(looked([], [NOW, 0, 1, 1, 1]))
  expect(waiting.empty).toBe(false)
  expect([...(waiting.drain().verdicts ?? [])]).toEqual([NOW, 0, 1, 2, 1])
  waiting.add(looked([], [NOW, 0, 1, 1, 0]))
  expect(waiting.empty).toBe(false)
  waiting.drain()
  expect(waiting.empty).toBe(true)
})

test('a verdict that is no number is refused like a look-up', () => {
  const database = open(':memory:')
  expect(() => database.add(batch([], { verdicts: Float64Array.of(NOW, 0, 1, Number.NaN, 0) }))).toThrow('no number')
  database.close()
})

/** A file of the layout before, with two devices that looked names up. */
function fileOfBefore(path: string, driver: Driver): void {
  const connection = driver.open(path)
  connection.exec('PRAGMA journal_mode = WAL')
  for (const migration of BEFORE) migration(connection)
  connection.exec(`PRAGMA user_version = ${BEFORE.length}`)
  const device = connection.prepare('INSERT INTO devices VALUES (?, ?, ?, ?)')
  for (const id of [1, 2]) device.run(id, deviceName(id), NOW, NOW)
  const facts = { id: 7, host: 'a.example', addresses: [], company: null, purpose: 'unknown', country: null }
  const rest = { network: null, labels: [], namedBy: 'dns', ech: false }
  connection.prepare('INSERT INTO endpoints VALUES (?, ?)').run(7, JSON.stringify({ ...facts, ...rest }))
  const lookup = connection.prepare('INSERT INTO lookups VALUES (?, ?, ?, ?, ?)')
  for (const id of [1, 2]) {
    connection.prepare('INSERT INTO pairs VALUES (?, ?, ?, ?, ?)').run(id, 7, NOW, NOW + 60, 100)
    for (let minute = 0; minute < 200; minute++) lookup.run(NOW - minute * 60, id, 7, NOW - minute * 60 + 60, id)
  }
  connection.close()
}

test.each(presentDrivers())('$name: a history of the version before has every look-up, and no verdict', (driver) => {
  const path = join(temporaryFolder(), 'history.sqlite')
  fileOfBefore(path, driver)
  const database = new HistoryDatabase({ path, timeZone: 'Europe/Berlin', driver: driver.name })
  expect(database.problem).toBe(null)
  const before = { [`${deviceName(1)} 7`]: [200, 0, 0], [`${deviceName(2)} 7`]: [400, 0, 0] }
  expect(counts(database)).toEqual(before)
  database.close()
  const again = new HistoryDatabase({ path, timeZone: 'Europe/Berlin', driver: driver.name })
  expect(counts(again)).toEqual(before)
  again.close()
  const copy = driver.open(`${path}.before-v${BEFORE.length + 1}`)
  expect(copy.prepare('SELECT sum(count) AS count FROM lookups').get()).toEqual({ count: 600 })
  copy.close()
})

test('of a damaged history of the version before, the look-ups that can be read are kept', () => {
  const [driver] = presentDrivers()
  if (driver === undefined) throw new Error('There is no driver of SQLite')
  const path = join(temporaryFolder(), 'history.sqlite')
  fileOfBefore(path, driver)
  const bytes = readFileSync(path)
  const pageSize = bytes.readUInt16BE(16)
  // The last page is one of the look-ups; what is behind the damage, and before it, is still there.
  bytes.fill(0xee, bytes.length - pageSize)
  writeFileSync(path, bytes)
  const database = new HistoryDatabase({ path, timeZone: 'Europe/Berlin', driver: driver.name })
  expect(database.problem).toMatch(/damaged/)
  const left = Object.values(counts(database))
  expect(left.length).toBeGreaterThan(0)
  for (const [count, blocked, answered] of left) {
    expect(count).toBeGreaterThan(0)
    expect([blocked, answered]).toEqual([0, 0])
  }
  database.close()
})

test('rows of the layout before are read without a verdict, where its file could not be brought to the new one', () => {
  const [driver] = presentDrivers()
  if (driver === undefined) throw new Error('There is no driver of SQLite')
  const path = join(temporaryFolder(), 'history.sqlite')
  fileOfBefore(path, driver)
  const connection = driver.open(path)
  const rows: Record<string, unknown>[] = []
  const check = TABLE_CHECKS.find(({ table }) => table === 'lookups')
  if (check === undefined) throw new Error('There is no table of look-ups')
  expect(readRows(connection, check, (row) => rows.push(row))).toBe(0)
  expect(rows).toHaveLength(400)
  expect(rows.every((row) => row['blocked'] === 0 && row['answered'] === 0 && check.mended(row) !== null)).toBe(true)
  connection.close()
})
