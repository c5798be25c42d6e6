// Clocks that go wrong: nothing that was kept is lost by it, nothing is doubled, and it is said.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HistoryDatabase } from '../../../server/history/database.ts'
import type { HistoryOptions } from '../../../server/history/options.ts'
import { temporaryFolder } from './folder.ts'
import { batch, deviceName, introduce } from './histories.ts'

const MINUTE = 60
const HOUR = 3_600
const DAY = 86_400
const YEAR = 365 * DAY
const NOW = Date.parse('2026-06-10T12:30:00Z') / 1_000
const ALL = { from: 0, to: 2 ** 36 }
const RETENTION = { minuteHours: 72, hourDays: 4, dayDays: 730 }

/** A home that sends ten bytes a minute, under a clock that is set at will; `real` goes on as time does. */
class Home {
  database: HistoryDatabase
  /** Real seconds, and how far the clock is from them. */
  real = NOW
  offset = 0
  sent = 0
  readonly notices: string[] = []
  private readonly options: HistoryOptions

  constructor(changes: Partial<HistoryOptions> = {}, hasElapsed = true) {
    this.options = {
      path: join(temporaryFolder(), 'history.sqlite'),
      timeZone: 'UTC',
      keepSeconds: 60,
      saveEverySeconds: 900,
      retention: RETENTION,
      // Nobody can set it.
      ...(hasElapsed ? { elapsed: () => this.real } : {}),
      ...changes,
    }
    this.database = this.open()
  }

  get clock(): number {
    return this.real + this.offset
  }

  run(seconds: number, step = MINUTE): this {
    for (const end = this.real + seconds; this.real < end; this.real += step) {
      this.database.add(batch([[this.clock, 0, 1, 10, 1]]))
      this.sent += 10
      this.database.tick(this.clock)
    }
    return this
  }

  set(offset: number): this {
    this.offset = offset
    return this
  }

  restart(offSeconds = 60): this {
    this.database.close()
    this.real += offSeconds
    this.database = this.open()
    return this
  }

  sum(range = ALL): number {
    return this.database.sums(range).reduce((sum, { sent }) => sum + sent, 0)
  }

  /** Bytes of each minute by itself: what a roll-up to hours would join. */
  minutes(from: number, to: number): number[] {
    const { sent } = this.database.series({ from, to, step: MINUTE })
    return sent
  }

  private open(): HistoryDatabase {
    const database = new HistoryDatabase(this.options)
    database.onNotice = (sentence) => this.notices.push(sentence)
    database.add(introduce(2, 3))
    return database
  }
}

/** How wrong the clock is, and for how long. */
const DRILLS: [name: string, offset: number, seconds: number, step: number][] = [
  ['3 years ahead for 62 minutes', 3 * YEAR, 62 * MINUTE, MINUTE],
  ['3 years ahead for 2 days', 3 * YEAR, 2 * DAY, 15 * MINUTE],
  ['a year ahead for 3 hours', YEAR, 3 * HOUR, MINUTE],
  ['a year behind for 3 hours', -YEAR, 3 * HOUR, MINUTE],
  ['two years behind for a day', -2 * YEAR, DAY, 15 * MINUTE],
  ['since 1970 for 2 hours', 3_600 - NOW, 2 * HOUR, MINUTE],
  ['30 hours ahead for 3 hours', 30 * HOUR, 3 * HOUR, MINUTE],
  ['30 hours behind for 3 hours', -30 * HOUR, 3 * HOUR, MINUTE],
  ['an hour ahead for 10 hours', HOUR, 10 * HOUR, MINUTE],
  ['an hour behind for 10 hours', -HOUR, 10 * HOUR, MINUTE],
  ['5 seconds behind for 10 hours', -5, 10 * HOUR, MINUTE],
]

describe.each([
  ['beside a clock that nobody can set', true],
  ['by its own steps alone', false],
])('judged %s, a clock', (_, hasElapsed) => {
  describe.each([
    ['put right while it runs', false, false],
    ['put right over a restart', false, true],
    ['that is wrong and right from a restart on', true, true],
  ])('%s,', (_when, restartsBefore, restartsAfter) => {
    test.each(DRILLS)('%s, loses and doubles nothing', (_name, offset, seconds, step) => {
      const home = new Home({}, hasElapsed)
      // Old enough for hours and days, and for minutes that a wrong clock would join.
      home.run(6 * DAY, 12 * HOUR).run(4 * HOUR)
      const before = { sum: home.sum(), minutes: home.minutes(home.real - 4 * HOUR, home.real), at: home.real }
      if (restartsBefore) home.restart()
      home.set(offset).run(seconds, step)
      expect(home.sum()).toBe(home.sent)
      home.database.flush()
      if (restartsAfter) home.restart()
      home.set(0).run(2 * HOUR)
      home.database.flush()
      expect(home.sum()).toBe(home.sent)
      expect(home.sum({ from: 0, to: before.at })).toBeGreaterThanOrEqual(before.sum)
      // Each minute from before is there by itself, and no smaller.
      const after = home.minutes(before.at - 4 * HOUR, before.at)
      expect(after.every((sent, place) => sent >= before.minutes[place])).toBe(true)
      // Nor is it lost, or doubled, by the days that follow.
      home.run(5 * DAY, 6 * HOUR)
      home.restart().run(HOUR)
      home.database.flush()
      expect(home.sum()).toBe(home.sent)
      home.database.close()
    })
  })
})

describe('what a wrong clock wrote', () => {
  test.each([
    ['3 years ahead', 3 * YEAR],
    ['a year behind', -YEAR],
    ['since 1970', 3_600 - NOW],
  ])('%s is where it belongs once the clock is put right, minute by minute and in hours and days', (_name, offset) => {
    const home = new Home()
    home.run(3 * DAY, HOUR).run(2 * HOUR)
    const from = home.real
    home.set(offset).run(62 * MINUTE)
    expect(home.database.facts().clockProblem).toContain('The clock of this machine says')
    home.set(0).run(2 * HOUR)
    home.database.flush()
    expect(home.database.facts().clockProblem).toBe(null)
    expect(home.minutes(from, from + 62 * MINUTE)).toEqual(new Array(62).fill(10))
    const wrong = from + offset
    expect(home.sum({ from: wrong - DAY, to: wrong + DAY })).toBe(0)
    expect(home.sum({ from: NOW - DAY, to: home.real + DAY })).toBe(home.sent)
    expect(home.database.seen().get(deviceName(0))).toEqual({ first: NOW, last: home.real - MINUTE })
    expect(home.database.facts()).toMatchObject({ first: NOW, last: home.real - MINUTE + 1 })
    const { covered } = home.database.series({ from: wrong - 40 * DAY, to: wrong - DAY, step: DAY })
    expect(covered).not.toContain(1)
    expect(home.notices).toHaveLength(2)
    home.database.close()
  })

  test('before the very first time that the clock was set is where it belongs', () => {
    const home = new Home()
    home.set(10 - NOW).run(30 * MINUTE)
    expect(home.database.facts().clockProblem).toContain('1970-01-01')
    home.set(0).run(30 * MINUTE)
    home.database.flush()
    expect(home.database.facts()).toMatchObject({ clockProblem: null, first: NOW })
    expect(home.minutes(NOW, home.real)).toEqual(new Array(60).fill(10))
    home.database.close()
  })

  test('is there while it is written, and after a kill -9', () => {
    const home = new Home()
    home.run(3 * HOUR)
    home.set(3 * YEAR).run(HOUR)
    home.database.flush()
    // As after a power cut: the next program opens what was committed.
    home.database = new HistoryDatabase({
      path: (home as unknown as { options: HistoryOptions }).options.path,
      timeZone: 'UTC',
      retention: RETENTION,
      elapsed: () => home.real,
    })
    home.database.add(introduce(2, 3))
    expect(home.sum()).toBe(home.sent)
    home.set(0).run(HOUR)
    home.database.flush()
    expect(home.sum({ from: NOW, to: NOW + DAY })).toBe(home.sent)
    home.database.close()
  })
})

describe('a clock that is right, and was not expected to be', () => {
  /** Three months off: the clock is right, and far ahead of the last commit. */
  function awayForMonths(): Home {
    const home = new Home()
    home
      .run(5 * DAY, 6 * HOUR)
      .restart(90 * DAY)
      .run(HOUR)
    home.database.flush()
    return home
  }

  test('is doubted at first: minutes of then are kept longer, and it is said', () => {
    const home = awayForMonths()
    expect(home.database.facts().clockProblem).toMatch(/says 2026-09-1\d, and by all that is known it is 2026-06-1\d/)
    expect(home.database.cells(ALL).minutesFrom).toBeLessThan(NOW + 3 * DAY)
    expect(home.minutes(NOW + 3 * DAY, NOW + 5 * DAY).filter((sent) => sent > 0)).toHaveLength(8)
    home.database.close()
  })

  test('is believed at the owner’s word, and after a week', () => {
    const home = awayForMonths()
    home.database.believeClock()
    expect(home.database.facts().clockProblem).toBe(null)
    // By then they are days.
    expect(home.database.cells(ALL).minutesFrom).toBeGreaterThan(NOW + 80 * DAY)
    expect(home.sum()).toBe(home.sent)
    home.database.close()

    const another = awayForMonths()
    another.run(7 * DAY, HOUR)
    another.database.flush()
    expect(another.database.facts().clockProblem).toBe(null)
    expect(another.database.cells(ALL).minutesFrom).toBeGreaterThan(NOW + 80 * DAY)
    expect(another.sum()).toBe(another.sent)
    another.database.close()
  })

  test('and was behind until then: what came in meanwhile goes to just before it was set', () => {
    const home = new Home()
    home.run(5 * DAY, 6 * HOUR).restart(90 * DAY)
    // No clock of its own: it begins in 1970, and is set when the network is there.
    home.set(10 - home.real).run(30 * MINUTE)
    const setAt = home.real
    home.set(0).run(10 * MINUTE)
    expect(home.database.facts().clockProblem).not.toBe(null)
    home.database.believeClock()
    expect(home.sum()).toBe(home.sent)
    expect(home.sum({ from: setAt - 31 * MINUTE, to: setAt })).toBe(300)
    expect(home.sum({ from: 0, to: NOW - YEAR })).toBe(0)
    home.database.close()
  })
})

test('a folder of captures is not read twice after a wrong clock, and what is new in it is read', () => {
  const home = new Home()
  home.run(2 * HOUR)
  home.set(3 * YEAR).run(HOUR)
  home.restart().set(0)
  // The machine was right about an hour before it was started again.
  expect(home.database.facts().accountedUntil).toBeGreaterThan(home.real - 5 * MINUTE)
  expect(home.database.facts().accountedUntil).toBeLessThanOrEqual(home.real)
  home.run(HOUR)
  home.set(10 - home.real).run(HOUR)
  home.restart()
  expect(home.database.facts().accountedUntil).toBeGreaterThan(home.real - 5 * MINUTE)
  expect(home.database.facts().accountedUntil).toBeLessThanOrEqual(home.real)
  home.database.close()
})

test('sleep of the machine and steps of hours are no wrong clock', () => {
  const home = new Home()
  home.run(HOUR)
  for (const offset of [HOUR, -HOUR, 20 * HOUR, 0, -20 * HOUR, 0]) home.set(offset).run(HOUR)
  expect(home.notices).toEqual([])
  home.database.close()
})

test.each(['2026-03-29T00:00:00Z', '2026-10-25T00:00:00Z'])('the change of summer time on %s loses nothing', (day) => {
  const home = new Home({ timeZone: 'Europe/Berlin' })
  home.real = Date.parse(day) / 1_000 - 2 * DAY
  home.run(2 * DAY, HOUR)
  const from = home.real
  home.run(6 * HOUR, MINUTE)
  home.restart(0).run(HOUR)
  home.database.flush()
  expect(home.notices).toEqual([])
  expect(home.sum()).toBe(home.sent)
  expect(home.minutes(from, from + 7 * HOUR)).toEqual(new Array(7 * 60).fill(10))
  // An hour that is there twice, or not at all, is counted as often.
  const hours = home.database.grid([deviceName(0)], 4, home.real).flatMap((one) => one.hours)
  expect(hours.reduce<number>((sum, sent) => sum + (sent ?? 0), 0)).toBe(home.sent)
  home.database.close()
})

test('what a disk budget takes is nothing recent because rows of the future look newer', () => {
  const home = new Home()
  const settings = { timeZone: 'UTC', retention: RETENTION, saveEverySeconds: 300 }
  home.run(4 * HOUR)
  const from = home.real - 4 * HOUR
  home.set(3 * YEAR).run(HOUR)
  home.database.configure({ ...settings, diskBudgetBytes: 1 })
  home.run(2 * HOUR)
  home.database.configure({ ...settings, diskBudgetBytes: 1e9 })
  home.set(0).run(2 * MINUTE)
  home.database.flush()
  expect(home.sum()).toBe(home.sent)
  expect(home.minutes(from + HOUR, from + 4 * HOUR)).toEqual(new Array(180).fill(10))
  home.database.close()
})
