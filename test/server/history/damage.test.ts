// Tests of damaged histories: each table, each row and many pages in turn; what can be read of them is kept.
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadDriver, type Connection } from '../../../capture/sources/sqlite.ts'
import { HistoryDatabase } from '../../../server/history/database.ts'
import { batch, deviceName, introduce } from './histories.ts'
import { filesContaining, temporaryFolder } from './folder.ts'
import { TABLES } from './tables.ts'

const NOW = Date.parse('2026-06-10T12:00:00Z') / 1_000
const HOURS = 60
const ALL = { from: 0, to: NOW + 3_600 }

/** A history of three days with every table filled; returns its path and the bytes sent by each device. */
function makeHistory(): { path: string; sent: Map<string, number> } {
  const path = join(temporaryFolder(), 'history.db')
  made ??= firstHistory(path)
  writeFileSync(path, made.bytes)
  return { path, sent: made.sent }
}

let made: { bytes: Buffer; sent: Map<string, number> } | null = null

function firstHistory(path: string): { bytes: Buffer; sent: Map<string, number> } {
  const database = new HistoryDatabase({ path, timeZone: 'UTC', saveEverySeconds: 3_600 })
  database.add(introduce(4, 40))
  database.capturing(NOW - HOURS * 3_600, true)
  database.add(batch([], { names: [{ device: deviceName(1), address: '203.0.113.9', host: 'nine.example.com' }] }))
  for (let second = NOW - HOURS * 3_600, step = 0; second < NOW; second += 60, step += 1) {
    const cells = [0, 1, 2, 3].flatMap((device) =>
      [0, 1, 2].map((place) => [second, device, (step * 3 + place + device) % 40, 100 + device, 7] as const),
    )
    database.add({ ...batch(cells.map((cell) => [...cell])), lookups: Float64Array.of(second, 1, 3, 2) })
    database.tick(second)
  }
  database.add(batch([], { positions: [{ source: 'dns:x', position: '{"offset":7}' }] }))
  database.flush()
  const sent = sentOf(database)
  database.close()
  return { bytes: readFileSync(path), sent }
}

function sentOf(database: HistoryDatabase): Map<string, number> {
  const sent = new Map<string, number>()
  for (const sum of database.sums(ALL)) sent.set(sum.device, (sent.get(sum.device) ?? 0) + sum.sent)
  return sent
}

function total(sent: Map<string, number>): number {
  return [...sent.values()].reduce((sum, bytes) => sum + bytes, 0)
}

function alter(path: string, work: (connection: Connection) => void): void {
  const connection = loadDriver().open(path)
  work(connection)
  connection.close()
}

/** Opened, asked everything, written to, closed, and opened again without a word. */
function outlives(path: string): { database: HistoryDatabase; problem: string | null; sent: Map<string, number> } {
  const database = new HistoryDatabase({ path, timeZone: 'UTC' })
  const { problem } = database
  const sent = sentOf(database)
  database.series({ from: NOW - 86_400, to: NOW })
  database.grid([deviceName(0)], 7, NOW)
  database.lookups(ALL)
  database.search('host', 9)
  database.names()
  database.seen()
  database.add(introduce(4, 40))
  database.add(batch([[NOW + 60, 0, 1, 1_000, 1]]))
  database.tick(NOW + 7_200)
  expect(database.facts().problem).toBe(problem)
  database.coarsen(deviceName(3), 'totals')
  database.close()
  const again = new HistoryDatabase({ path, timeZone: 'UTC' })
  expect(again.problem).toBe(null)
  expect(total(sentOf(again))).toBe(total(sent) + 1_000)
  return { database: again, problem, sent }
}

function rowsOf(path: string): number {
  let rows = 0
  alter(path, (connection) => {
    for (const table of TABLES)
      rows += (connection.prepare(`SELECT count(*) AS rows FROM ${table}`).get() as { rows: number }).rows
  })
  return rows
}

describe('a history that has lost', () => {
  test.each(TABLES)('the table %s is begun again with the rest of it', (table) => {
    const { path, sent } = makeHistory()
    alter(path, (connection) => connection.exec(`DROP TABLE ${table}`))
    const { database, problem, sent: kept } = outlives(path)
    expect(problem).toMatch(
      new RegExp(`^The history was damaged \\(the table ${table} is missing\\); it was set aside as`),
    )
    expect(problem).toContain(`lost: the table ${table}`)
    // Bytes belong to devices: without these there are none. Minutes are in hours, and hours in days, as well.
    if (table === 'devices') expect(kept.size).toBe(0)
    else if (table !== 'minutes' && table !== 'hours' && table !== 'days') expect(kept).toEqual(sent)
    else expect(total(kept)).toBeGreaterThan(total(sent) * 0.3)
    database.close()
  })

  test('its row of state rolls nothing up twice', () => {
    const { path, sent } = makeHistory()
    alter(path, (connection) => connection.exec('DELETE FROM state'))
    const { database, problem, sent: kept } = outlives(path)
    expect(problem).toContain('rolled up was missing')
    expect(kept).toEqual(sent)
    for (let second = NOW + 7_260; second < NOW + 2 * 86_400; second += 3_600) database.tick(second)
    database.flush()
    expect(total(sentOf(database))).toBe(total(sent) + 1_000)
    database.close()
  })
})

describe('a history with a wrong row', () => {
  test.each([
    ['a device without a name', "UPDATE devices SET name = x'00' WHERE id = 2", true],
    ['a text where a device was first seen', "UPDATE devices SET first = 'long ago' WHERE id = 2", false],
    ['an endpoint that is no JSON', "UPDATE endpoints SET facts = '{\"host' WHERE id = 3", false],
    ['an endpoint of another type', "UPDATE endpoints SET facts = '[1, 2]' WHERE id = 3", false],
    ['a text among the uses', "UPDATE pairs SET bytes = 'many' WHERE device = 1", false],
    ['a name of a number of bytes', "UPDATE names SET host = x'ff00' WHERE id = 1", false],
    ['an interval without an end', "UPDATE capture SET until = 'never'", false],
    [
      'a text among the minutes',
      "UPDATE minutes SET cells = 'text' WHERE id IN (SELECT id FROM minutes LIMIT 1)",
      true,
    ],
    ['a text among the hours', "UPDATE hours SET cells = 'text' WHERE id IN (SELECT id FROM hours LIMIT 1)", true],
    ['a text among the days', "UPDATE days SET cells = 'text' WHERE id IN (SELECT id FROM days LIMIT 1)", true],
    [
      'look-ups without a number',
      "UPDATE lookups SET count = 'some' WHERE start IN (SELECT start FROM lookups LIMIT 1)",
      false,
    ],
    ['a state that is no JSON', "UPDATE state SET facts = '{\"zone'", false],
    ['a state of another type', "UPDATE state SET facts = '5'", false],
  ])('such as %s opens without it', (_what, sql, losesBytes) => {
    const { path, sent } = makeHistory()
    alter(path, (connection) => connection.exec(sql))
    const { database, problem, sent: kept } = outlives(path)
    expect(problem).toMatch(
      /^The history was damaged \(.+\); it was set aside as history\.db\.damaged-.+ rows of it are in a new one \(.+\)\.$/,
    )
    if (losesBytes) expect(total(kept)).toBeGreaterThan(total(sent) * 0.6)
    else expect(kept).toEqual(sent)
    database.close()
  })

  test('of bytes that mean nothing is read without an end', () => {
    const { path } = makeHistory()
    alter(path, (connection) =>
      connection.exec("UPDATE hours SET cells = x'ffffffffffffffffffff'; UPDATE minutes SET cells = x'85'"),
    )
    const database = new HistoryDatabase({ path, timeZone: 'UTC' })
    sentOf(database)
    database.close()
  })
})

describe('a history with a bad page', () => {
  const PAGE = 4_096

  test('is read past it, whichever page it is, and nothing ends without a sentence', () => {
    const { path, sent } = makeHistory()
    const bytes = readFileSync(path)
    const pages = bytes.length / PAGE
    const rows = rowsOf(path)
    const lost: number[] = []
    for (let page = 1; page < pages; page += Math.ceil(pages / 30)) {
      const folder = temporaryFolder()
      const copy = join(folder, 'history.db')
      const damaged = Buffer.from(bytes)
      damaged.fill(page % 2 === 0 ? 0 : 0xa5, page * PAGE, (page + 1) * PAGE)
      writeFileSync(copy, damaged)
      const database = new HistoryDatabase({ path: copy, timeZone: 'UTC' })
      if (database.problem !== null) lost.push(rows - Number(/ (\d+) rows/.exec(database.problem)?.[1] ?? 0))
      else expect(sentOf(database)).toEqual(sent)
      database.close()
      const again = new HistoryDatabase({ path: copy, timeZone: 'UTC' })
      expect(again.problem).toBe(null)
      again.close()
    }
    expect(lost.length).toBeGreaterThan(15)
    const median = lost.sort((one, other) => one - other)[Math.floor(lost.length / 2)]
    console.log(
      `${pages} pages, ${rows} rows: ${lost.length} damaged pages were noticed, ${median} rows lost in the middle case`,
    )
    expect(median).toBeLessThan(rows / 20)
  })

  test.each([
    [
      'cut in half',
      (path: string) => truncateSync(path, Math.floor(readFileSync(path).length / 2 / PAGE) * PAGE),
      'some',
    ],
    ['cut within its first page', (path: string) => truncateSync(path, 60), 'none'],
    ['zeroed', (path: string) => writeFileSync(path, Buffer.alloc(readFileSync(path).length)), 'none'],
    ['something else', (path: string) => writeFileSync(path, 'This is no database.'.repeat(999)), 'none'],
    ['empty', (path: string) => truncateSync(path), 'none'],
    [
      'without its first page',
      (path: string) => writeFileSync(path, Buffer.concat([Buffer.alloc(PAGE), readFileSync(path).subarray(PAGE)])),
      'none',
    ],
  ])('or %s is said to be, and Telltale goes on', (_what, damage, kept) => {
    const { path, sent } = makeHistory()
    damage(path)
    const { database, problem, sent: found } = outlives(path)
    expect(problem).toMatch(/damaged|empty/)
    if (kept === 'none') expect(found.size).toBe(0)
    else expect(total(found)).toBeGreaterThan(total(sent) * 0.1)
    database.close()
  })

  test.each(['', '-wal', '-shm', '-journal'])('or a folder in the place of history.db%s is set aside', (suffix) => {
    const { path } = makeHistory()
    if (suffix === '') alter(path, () => undefined)
    const folder = join(path, '..')
    if (suffix === '') {
      truncateSync(path)
      writeFileSync(`${path}.moved`, readFileSync(path))
    }
    const place = suffix === '' ? join(temporaryFolder(), 'history.db') : `${path}${suffix}`
    mkdirSync(place)
    const database = new HistoryDatabase({ path: suffix === '' ? place : path, timeZone: 'UTC' })
    expect(database.problem).toContain(`history.db${suffix} was no file`)
    database.close()
    expect(readdirSync(suffix === '' ? join(place, '..') : folder).some((name) => name.includes('.damaged-'))).toBe(
      true,
    )
  })

  test('or a damaged log is said to have lost the latest changes', () => {
    const { path, sent } = makeHistory()
    writeFileSync(`${path}-wal`, Buffer.alloc(8_192))
    const { database, problem, sent: kept } = outlives(path)
    expect(problem).toMatch(/log of its latest changes was damaged/)
    expect(kept).toEqual(sent)
    database.close()
  })
})

test('what was set aside as damaged goes with the device that is forgotten, and one is kept at most', () => {
  const { path } = makeHistory()
  const folder = join(path, '..')
  for (let round = 0; round < 3; round += 1) {
    alter(path, (connection) => connection.exec('DROP TABLE state'))
    new HistoryDatabase({ path, timeZone: 'UTC' }).close()
  }
  expect(
    readdirSync(folder).filter((name) => /damaged-[^-]*(-\d\d){2}/.test(name) && !/-(wal|shm)$/.test(name)),
  ).toHaveLength(1)
  expect(filesContaining(folder, [Buffer.from(deviceName(2))]).length).toBeGreaterThan(1)
  const database = new HistoryDatabase({ path, timeZone: 'UTC' })
  database.forget([deviceName(2)])
  database.close()
  expect(filesContaining(folder, [Buffer.from(deviceName(2))])).toEqual([])
})
