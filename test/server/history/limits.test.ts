// The history at its limits: what is read again from the disk, first and last kept moments, when it is written.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HistoryDatabase } from '../../../server/history/database.ts'
import {
  DEFAULT_DISK_BUDGET,
  DEFAULT_RETENTION,
  DEFAULT_SAVE_EVERY,
  type HistoryOptions,
} from '../../../server/history/options.ts'
import { Seconds } from '../../../server/history/seconds.ts'
import { batch, introduce } from './histories.ts'
import { temporaryFolder } from './folder.ts'

const HOUR = 3_600
const DAY = 86_400
/** A day's begin in UTC. */
const NOON = Date.parse('2026-06-10T12:00:00Z') / 1_000
const ALL = { from: 0, to: 2 ** 36 }

function open(changes: Partial<HistoryOptions> = {}): HistoryDatabase {
  const database = new HistoryDatabase({ path: ':memory:', timeZone: 'UTC', ...changes })
  database.add(introduce(2, 4))
  return database
}
const sums = (database: HistoryDatabase, range = ALL): number[][] =>
  database.sums(range).map(({ sent, received }) => [sent, received])

test('the defaults are two days of minutes, 35 of hours, two years of days, 512 MiB and five minutes', () => {
  expect([DEFAULT_RETENTION, DEFAULT_DISK_BUDGET, DEFAULT_SAVE_EVERY]).toEqual([
    { minuteHours: 48, hourDays: 35, dayDays: 730 },
    536_870_912,
    300,
  ])
})

describe('after it was closed and opened again', () => {
  const reopened = (path: string): HistoryDatabase => new HistoryDatabase({ path, timeZone: 'UTC' })

  test('a gap is the same gap', () => {
    const path = join(temporaryFolder(), 'history.sqlite')
    const database = open({ path })
    database.capturing(NOON, true)
    database.add(batch([[NOON + 10, 0, 1, 100, 50]]))
    database.tick(NOON + 120)
    database.capturing(NOON + 120, false)
    database.capturing(NOON + 300, true)
    database.tick(NOON + 360)
    const range = { from: NOON, to: NOON + 420, step: 60 }
    const before = database.series(range).covered
    expect(before).toEqual([1, 1, 0, 0, 0, 1, 0])
    database.close()
    const again = reopened(path)
    expect(again.series(range).covered).toEqual(before)
    // The next commit changes nothing of it, and what follows is added.
    again.capturing(NOON + 400, true)
    again.tick(NOON + 420)
    again.close()
    const third = reopened(path)
    expect(third.series(range).covered).toEqual([1, 1, 0, 0, 0, 1, 1])
    third.close()
  })

  test('bytes sent and received are the same, of minutes, hours and days', () => {
    const path = join(temporaryFolder(), 'history.sqlite')
    const database = open({ path })
    database.tick(NOON - 3 * DAY)
    for (const [at, sent] of [
      [NOON - 3 * DAY, 1],
      [NOON - 2 * HOUR, 10],
      [NOON, 100],
    ] as const) {
      database.add(batch([[at, 0, 1, sent, 3 * sent]]))
      database.tick(at)
    }
    expect(sums(database)).toEqual([[111, 333]])
    database.close()
    const again = reopened(path)
    expect(sums(again)).toEqual([[111, 333]])
    expect(sums(again, { from: NOON, to: NOON + 60 })).toEqual([[100, 300]])
    expect(sums(again, { from: NOON - 2 * HOUR, to: NOON })).toEqual([[10, 30]])
    expect(sums(again, { from: NOON - 3.5 * DAY, to: NOON - 2.5 * DAY })).toEqual([[1, 3]])
    again.close()
  })
})

describe('what comes late', () => {
  test('on the first day that is kept is in it, and a day earlier it is not', () => {
    const late = (days: number): number[][] => {
      const database = open({ retention: { minuteHours: 1, hourDays: 1, dayDays: 3 } })
      // The clock stands at a midnight: three days back begins a day, to the second.
      const midnight = NOON + DAY / 2
      database.tick(midnight - HOUR)
      database.tick(midnight)
      database.add(batch([[midnight - days * DAY, 0, 1, 70, 7]]))
      database.flush()
      return sums(database)
    }
    expect(late(3)).toEqual([[70, 7]])
    expect(late(2)).toEqual([[70, 7]])
    expect(late(4)).toEqual([])
  })

  test('changes the hour and the day that were rolled up already', () => {
    const database = open()
    database.tick(NOON - 2 * DAY)
    database.add(batch([[NOON - 2 * DAY, 0, 1, 50, 5]]))
    database.tick(NOON - HOUR)
    database.tick(NOON)
    database.flush()
    database.add(batch([[NOON - 2 * DAY, 0, 1, -20, -2]]))
    database.flush()
    expect(sums(database)).toEqual([[30, 3]])
    expect(sums(database, { from: NOON - 2.5 * DAY, to: NOON - 1.5 * DAY })).toEqual([[30, 3]])
  })
})

describe('what is written when', () => {
  const isWritten = (options: Partial<HistoryOptions>, seconds: number): boolean => {
    const path = join(temporaryFolder(), 'history.sqlite')
    const database = open({ path, ...options })
    database.tick(NOON)
    database.add(batch([[NOON, 0, 1, 100, 50]]))
    database.tick(NOON + seconds)
    // Another connection sees what is on the disk.
    const other = new HistoryDatabase({ path, timeZone: 'UTC' })
    const found = sums(other).length > 0
    other.close()
    database.close()
    return found
  }

  test('each five minutes of its clock unless it is reported otherwise, and each minute at most', () => {
    expect([isWritten({}, 299), isWritten({}, 300)]).toEqual([false, true])
    expect([isWritten({ saveEverySeconds: 1 }, 59), isWritten({ saveEverySeconds: 1 }, 60)]).toEqual([false, true])
    expect([isWritten({ saveEverySeconds: 600 }, 599), isWritten({ saveEverySeconds: 600 }, 600)]).toEqual([
      false,
      true,
    ])
  })
})

describe('single seconds', () => {
  const stepsAt = (keepSeconds: number | null | undefined, after: number): (number | null)[] => {
    const database = open(keepSeconds === undefined ? {} : { keepSeconds })
    database.capturing(NOON, true)
    database.tick(NOON)
    database.add(batch([[NOON + 1, 0, 1, 7, 1]]))
    database.tick(NOON + after)
    return database.series({ from: NOON, to: NOON + 3, step: 1 }).sent
  }

  test('are kept for ten minutes unless it is reported otherwise', () => {
    expect(stepsAt(undefined, 600)).toEqual([0, 7, 0])
    expect(stepsAt(undefined, 601)).not.toEqual([0, 7, 0])
    expect(stepsAt(60, 61)).not.toEqual([0, 7, 0])
    expect(stepsAt(null, 900)).toEqual([0, 7, 0])
  })

  const visited = (seconds: Seconds, from = 0, to = 1e9): number[][] => {
    const cells: number[][] = []
    seconds.visit(from, to, (...cell) => cells.push(cell))
    return cells
  }

  test('are visited within their range, moved to other endpoints and forgotten by device', () => {
    const seconds = new Seconds(100)
    seconds.keptFrom = 0
    seconds.add(60, 1, 2, 3, 4)
    seconds.add(60, 2, 2, 5, 6)
    seconds.add(61, 1, 3, 7, 8)
    expect(visited(seconds, 60, 61)).toEqual([
      [60, 1, 2, 3, 4],
      [60, 2, 2, 5, 6],
    ])
    seconds.remap(1, new Map([[2, 9]]))
    expect(visited(seconds)).toEqual([
      [60, 1, 9, 3, 4],
      [60, 2, 2, 5, 6],
      [61, 1, 3, 7, 8],
    ])
    seconds.forget(new Set([1]))
    expect(visited(seconds)).toEqual([[60, 2, 2, 5, 6]])
    seconds.dropBefore(61)
    expect([visited(seconds), seconds.keptFrom]).toEqual([[], 120])
    seconds.add(119, 1, 1, 1, 1)
    expect(visited(seconds)).toEqual([])
  })

  test('make room by a tenth of their time, a minute at least', () => {
    const seconds = new Seconds(3)
    seconds.keptFrom = 0
    for (const second of [0, 600, 1_200]) seconds.add(second, 1, 1, 1, 1)
    expect(visited(seconds)).toHaveLength(3)
    seconds.add(1_201, 1, 1, 1, 1)
    expect([seconds.keptFrom, visited(seconds).map(([second]) => second)]).toEqual([180, [600, 1_200, 1_201]])
    seconds.add(1_202, 1, 1, 1, 1)
    expect([seconds.keptFrom, visited(seconds).length]).toEqual([720, 3])
  })
})
