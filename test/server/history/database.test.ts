// Tests of the database of the traffic history: ageing, gaps, folding, changes of zone, damage and upgrades.
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HistoryDatabase } from '../../../server/history/database.ts'
import type { HistoryOptions } from '../../../server/history/options.ts'
import { MIGRATIONS } from '../../../server/history/schema.ts'
import type { Endpoint } from '../../../server/model/batch.ts'
import { presentDrivers } from '../../support/sqlite-drivers.ts'
import { batch, deviceName, endpoint, introduce, type TestCell } from './histories.ts'
import { temporaryFolder } from './folder.ts'
import { bytesWritten, introduceHome, newTotals, oldestRows, sentByPair, simulate } from './simulate-home.ts'

const HOUR = 3_600
const DAY = 86_400
const NOW = Date.parse('2026-06-10T12:00:00Z') / 1_000
const ALL = { from: 0, to: 2 ** 36 }

function open(changes: Partial<HistoryOptions> = {}): HistoryDatabase {
  const database = new HistoryDatabase({ path: ':memory:', timeZone: 'Europe/Berlin', ...changes })
  database.add(introduce(4, 12))
  return database
}

function sentIn(database: HistoryDatabase, range = ALL): number {
  return database.sums(range).reduce((sum, { sent }) => sum + sent, 0)
}

test('three days of 30 devices: totals to the byte, at most 25 MB written a day, no row past its limit by an hour', () => {
  const path = join(temporaryFolder(), 'history.sqlite')
  const start = Date.parse('2026-03-27T00:00:00Z') / 1_000
  const database = new HistoryDatabase({
    path,
    timeZone: 'Europe/Berlin',
    retention: { minuteHours: 24, hourDays: 2, dayDays: 730 },
  })
  introduceHome(database)
  const totals = newTotals()
  for (let day = 0; day < 3; day += 1) {
    const before = bytesWritten()
    simulate(database, start + day * DAY, 1, day, totals, 0.1)
    const written = bytesWritten() - before
    console.log(`written on day ${day + 1}: ${(written / 1e6).toFixed(1)} MB`)
    expect(written).toBeLessThanOrEqual(25e6)
    const oldest = oldestRows(path)
    expect(oldest.minutes).toBeGreaterThanOrEqual(start + (day + 1) * DAY - 25 * HOUR)
    expect(oldest.hours).toBeGreaterThanOrEqual(start + (day + 1) * DAY - 49 * HOUR)
  }
  expect(sentByPair(database)).toEqual(totals.sentByPair)
  database.close()
})

test('a time without capture is a gap, and silence is zero', () => {
  const database = open()
  database.capturing(NOW, true)
  database.add(batch([[NOW + 10, 0, 1, 100, 50]]))
  database.tick(NOW + 120)
  database.capturing(NOW + 120, false)
  database.tick(NOW + 300)
  database.capturing(NOW + 300, true)
  database.tick(NOW + 420)
  const { step, sent, covered } = database.series({ from: NOW, to: NOW + 480, step: 60 })
  expect(step).toBe(60)
  expect(sent).toEqual([100, 0, 0, 0, 0, 0, 0, 0])
  expect(covered).toEqual([1, 1, 0, 0, 0, 1, 1, 0])
  const today = database
    .grid([deviceName(0)], 2, NOW + 420)
    .map(({ date, hours }) => [date, hours.flatMap((value, hour) => (value === null ? [] : [[hour, value]]))])
  expect(today).toEqual([
    ['2026-06-09', []],
    ['2026-06-10', [[14, 100]]],
  ])
})

test('a crash leaves capture open up to the last commit, and not longer', () => {
  const path = join(temporaryFolder(), 'history.sqlite')
  const database = open({ path })
  database.capturing(NOW, true)
  database.add(batch([[NOW, 0, 1, 1, 1]]))
  database.tick(NOW + 60)
  database.flush()
  database.tick(NOW + 119)
  // Nothing closes it; another process opens the file an hour later.
  const again = open({ path })
  again.capturing(NOW + HOUR, true)
  again.tick(NOW + HOUR + 60)
  const { covered } = again.series({ from: NOW, to: NOW + HOUR + 120, step: 60 })
  expect(covered.flatMap((value, place) => (value === 1 ? [place] : []))).toEqual([0, 60])
  again.close()
})

test('what devices called addresses, and which endpoint is which, survives a restart', () => {
  const path = join(temporaryFolder(), 'history.sqlite')
  const first = open({ path })
  first.add(
    batch([[NOW, 0, 3, 5, 5]], {
      names: [
        { device: deviceName(0), address: '203.0.113.3', host: 'old.example.com' },
        { device: deviceName(0), address: '203.0.113.3', host: 'new.example.com' },
      ],
    }),
  )
  const [before] = first.sums(ALL)
  first.close()
  const again = new HistoryDatabase({ path, timeZone: 'Europe/Berlin' })
  expect(again.names()).toEqual([{ device: deviceName(0), address: '203.0.113.3', host: 'new.example.com' }])
  // The next session numbers it otherwise, and has seen it at one more address.
  again.add(
    batch([[NOW + 5, 9, 1, 5, 5]], {
      devices: [{ index: 9, id: deviceName(0) }],
      endpoints: [{ ...endpoint(3), number: 1, address: '203.0.113.99' }],
    }),
  )
  expect(again.sums(ALL)).toMatchObject([{ device: deviceName(0), endpoint: before?.endpoint, sent: 10 }])
  expect(again.endpoints([before?.endpoint])[0]?.addresses).toEqual(['203.0.113.3', '203.0.113.99'])
  again.close()
})

test('remembered names are bounded, device by device: the newest stay', () => {
  const path = join(temporaryFolder(), 'history.sqlite')
  const database = open({ path, limits: { namesPerDevice: 10, names: 15 } })
  for (let number = 0; number < 100; number += 1)
    database.add(
      batch([], { names: [{ device: deviceName(number % 2), address: `2001:db8::${number}`, host: `h${number}` }] }),
    )
  expect(database.names()).toHaveLength(15)
  database.close()
  const names = new HistoryDatabase({ path, timeZone: 'Europe/Berlin' }).names()
  expect(names).toHaveLength(15)
  expect(names.some(({ host }) => host === 'h99')).toBe(true)
})

test('a device that floods endpoints has the rest counted as "other", and no byte is lost', () => {
  const database = open({ limits: { endpointsPerDevice: 50 } })
  const flood: Endpoint[] = Array.from({ length: 1_000 }, (_, number) => endpoint(number + 100))
  database.add(
    batch([[NOW, 1, 1, 7, 7], ...flood.map(({ number }): TestCell => [NOW, 0, number, number, 1])], {
      endpoints: flood,
    }),
  )
  database.tick(NOW + 2 * HOUR)
  database.tick(NOW + 4 * HOUR)
  expect(sentIn(database)).toBe(7 + flood.reduce((sum, { number }) => sum + number, 0))
  const sums = database.sums({ ...ALL, devices: [deviceName(0)] })
  expect(sums.length).toBeLessThanOrEqual(50)
  const other = database.endpoints(sums.map(({ endpoint: id }) => id)).filter(({ namedBy }) => namedBy === 'other')
  expect(other).toMatchObject([{ company: '*other', host: null, addresses: [] }])
  expect(database.sums({ ...ALL, devices: [deviceName(1)] })).toMatchObject([{ sent: 7 }])
})

test('over the disk budget the least important endpoints become "other", and no byte is lost', () => {
  const path = join(temporaryFolder(), 'history.sqlite')
  const database = new HistoryDatabase({
    path,
    timeZone: 'Europe/Berlin',
    diskBudgetBytes: 450_000,
    saveEverySeconds: HOUR,
  })
  database.add(introduce(4, 400))
  let sent = 0
  for (let now = NOW; now < NOW + 6 * HOUR; now += 60) {
    const cells = Array.from({ length: 400 }, (_, number): TestCell => [
      now,
      number % 4,
      number + 1,
      (number + 1) * 10,
      3,
    ])
    for (const cell of cells) sent += cell[3]
    database.add(batch(cells))
    database.tick(now)
  }
  database.tick(NOW + 6 * HOUR)
  expect(sentIn(database)).toBe(sent)
  const byHost = new Map(
    database.sums(ALL).map((sum) => [database.endpoints([sum.endpoint])[0]?.host ?? 'other', sum.sent]),
  )
  expect(byHost.get('other')).toBeGreaterThan(0)
  expect(byHost.get('host-1.example.com') ?? 0).toBeLessThan(360 * 10)
  expect(byHost.get('host-400.example.com')).toBe(360 * 4_000)
  expect(statSync(path).size).toBeLessThanOrEqual(550_000)
  database.close()
})

test('the home moves to another zone: days are cut anew and no byte is lost or doubled', () => {
  const path = join(temporaryFolder(), 'history.sqlite')
  const options = { path, saveEverySeconds: HOUR, retention: { minuteHours: 30, hourDays: 3, dayDays: 730 } }
  let database = open({ ...options })
  let sent = 0
  const play = (from: number, to: number): void => {
    for (let now = from; now < to; now += 1_201) {
      database.add(batch([[now, 0, 1, now % 1_000, 1]]))
      sent += now % 1_000
      database.tick(now)
    }
  }
  play(NOW, NOW + 6 * DAY)
  for (const [visit, timeZone] of [
    'Asia/Kolkata',
    'America/Sao_Paulo',
    'Australia/Lord_Howe',
    'Europe/Berlin',
  ].entries()) {
    database.close()
    database = open({ ...options, timeZone })
    expect(sentIn(database)).toBe(sent)
    play(NOW + (6 + visit) * DAY, NOW + (7 + visit) * DAY)
    expect(sentIn(database)).toBe(sent)
  }
  database.close()
})

test('a clock that was wrong for minutes drops nothing, and one that was put back loses nothing', () => {
  const database = open({ path: join(temporaryFolder(), 'history.sqlite') })
  let sent = 0
  const add = (now: number): void => {
    database.add(batch([[now, 0, 1, 10, 1]]))
    sent += 10
    database.tick(now)
  }
  for (let minute = 0; minute < 200; minute += 1) add(NOW + minute * 60)
  for (let minute = 0; minute < 20; minute += 1) add(NOW + 3_000 * DAY + minute * 60)
  for (let minute = 200; minute < 400; minute += 1) add(NOW + minute * 60)
  expect(sentIn(database)).toBe(sent)
  // What the wrong clock wrote went to when it was.
  expect(sentIn(database, { from: NOW, to: NOW + DAY })).toBe(sent)
  database.close()
})

test('a damaged file is set aside with a sentence, and a new history is begun', () => {
  const path = join(temporaryFolder(), 'history.sqlite')
  open({ path }).close()
  writeFileSync(path, Buffer.alloc(20_000, 'garbage'))
  const database = open({ path })
  expect(database.facts().problem).toMatch(
    /^The history was damaged \(.+\); it was set aside as history\.sqlite\.damaged-[\dTZ-]+ and a new one was begun\.$/,
  )
  database.add(batch([[NOW, 0, 1, 10, 1]]))
  expect(sentIn(database)).toBe(10)
  database.forget(['nobody'])
  expect(readdirSync(join(path, '..')).sort()).toEqual([
    'history.sqlite',
    'history.sqlite-shm',
    'history.sqlite-wal',
    'reserve',
  ])
  database.close()
})

test('an upgrade keeps everything and a copy of before; a newer layout is refused and left alone', () => {
  const path = join(temporaryFolder(), 'history.sqlite')
  const database = open({ path })
  database.add(batch([[NOW, 0, 1, 10, 1]]))
  database.close()
  const newer = [
    ...MIGRATIONS,
    (connection: { exec(sql: string): unknown }): void =>
      void connection.exec('CREATE TABLE notes (text TEXT NOT NULL)'),
  ]
  const upgraded = new HistoryDatabase({ path, timeZone: 'Europe/Berlin', migrations: newer })
  expect(sentIn(upgraded)).toBe(10)
  upgraded.close()
  expect(readdirSync(join(path, '..'))).toContain(`history.sqlite.before-v${MIGRATIONS.length + 1}`)
  expect(() => open({ path })).toThrow(
    `This traffic history was written by a newer Telltale (layout ${MIGRATIONS.length + 1}, this one knows ${MIGRATIONS.length})`,
  )
  const [copy] = readdirSync(join(path, '..')).filter((name) => name.endsWith(`.before-v${MIGRATIONS.length + 1}`))
  chmodSync(join(path, '..', copy), 0o600)
  expect(sentIn(new HistoryDatabase({ path: join(path, '..', copy), timeZone: 'Europe/Berlin' }))).toBe(10)
})

test.each(presentDrivers())('$name: the traffic history is written, and read by every other library', ({ name }) => {
  const path = join(temporaryFolder(), 'history.sqlite')
  const database = open({ path, driver: name })
  expect(database.driver).toBe(name)
  for (let minute = 0; minute < 200; minute += 1) {
    database.add(
      batch([[NOW + minute * 60, minute % 4, 1 + (minute % 12), 2 ** 40 + minute, 1]], {
        names: [{ device: deviceName(0), address: `192.0.2.${minute}`, host: 'a' }],
      }),
    )
    database.tick(NOW + minute * 60)
  }
  database.forget([deviceName(3)])
  database.close()
  for (const { name: other } of presentDrivers()) {
    const again = open({ path, driver: other })
    expect(sentIn(again)).toBe(150 * 2 ** 40 + 14_850)
    expect(again.names()).toHaveLength(200)
    again.close()
  }
})

test.each(presentDrivers())(
  '$name: a database of layout 2, which kept its number in a table, is upgraded',
  (driver) => {
    const path = join(temporaryFolder(), 'history.sqlite')
    const old = driver.open(path)
    old.pragma('journal_mode = WAL')
    old.exec(readFileSync(join(import.meta.dirname, 'layout-2.sql'), 'utf8'))
    old.close()
    const database = new HistoryDatabase({ path, timeZone: 'Europe/Berlin', driver: driver.name })
    expect(database.problem).toBe(null)
    expect(database.sums(ALL).map(({ device, sent }) => [device, sent])).toEqual([
      ['02:00:00:00:00:00', 24_012],
      ['02:00:00:00:00:00', 22_968],
      ['02:00:00:00:00:01', 24_035],
      ['02:00:00:00:00:01', 22_990],
    ])
    expect(database.names()).toEqual([{ device: deviceName(0), address: '192.0.2.7', host: 'cloud.example.com' }])
    expect(database.positions()).toEqual([{ source: 'dns:dnsmasq:/var/log/dnsmasq.log', position: '{"offset":42}' }])
    expect(database.lookups(ALL).reduce((sum, { count }) => sum + count, 0)).toBe(6)
    database.close()
    const upgraded = driver.open(path)
    expect(upgraded.pragma('user_version')).toEqual([{ user_version: MIGRATIONS.length }])
    expect(upgraded.prepare("SELECT count(*) AS count FROM sqlite_master WHERE name = 'schema'").get()).toEqual({
      count: 0,
    })
    upgraded.close()
    const copy = driver.open(`${path}.before-v3`)
    expect(copy.prepare('SELECT version FROM schema').get()).toEqual({ version: 2 })
    copy.close()
  },
)

test('all cells of a range come in the order of time, the finest that is kept, and each byte once', () => {
  const database = open({ retention: { minuteHours: 24, hourDays: 10, dayDays: 730 } })
  const start = NOW - 3 * DAY
  database.capturing(start, true)
  for (let minute = 0; minute < 3 * 24 * 60; minute += 7) {
    database.add(
      batch([
        [start + minute * 60 + 5, minute % 3, 1 + (minute % 4), 1_000 + minute, 10],
        [start + minute * 60 + 6, 3, 0, 20, 20],
      ]),
    )
    database.tick(start + minute * 60 + 59)
  }
  const { devices, cells, minutesFrom } = database.cells({ from: start - DAY, to: NOW + DAY })
  const seconds = Array.from(cells).filter((_, place) => place % 5 === 0)
  expect(seconds).toEqual([...seconds].sort((one, other) => one - other))
  expect(
    Array.from(cells)
      .filter((_, place) => place % 5 === 3)
      .reduce((sum, sent) => sum + sent, 0),
  ).toBe(sentIn(database))
  expect(devices.sort()).toEqual([0, 1, 2, 3].map(deviceName))
  expect(minutesFrom).toBeGreaterThan(NOW - 26 * HOUR)
  expect(minutesFrom).toBeLessThan(NOW - 23 * HOUR)
  // Two halves are the whole: no bucket is in both, none in neither.
  const middle = start + 30 * HOUR + 1_234
  const halves = [
    { from: start - DAY, to: middle },
    { from: middle, to: NOW + DAY },
  ].map((range) => database.cells(range).cells)
  expect(halves.reduce((sum, { length }) => sum + length, 0)).toBe(cells.length)
})
