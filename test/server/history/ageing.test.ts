// What the traffic history keeps for how long, to the hour, and what becomes of hours and days.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HistoryDatabase } from '../../../server/history/database.ts'
import { temporaryFolder } from './folder.ts'
import { batch, deviceName, introduce, type TestCell } from './histories.ts'
import { ALL, goOn, open, total } from './ageing-histories.ts'

const HOUR = 3_600
const DAY = 86_400
const MIDNIGHT = Date.parse('2026-06-10T00:00:00Z') / 1_000

describe('ageing', () => {
  const retention = { minuteHours: 2, hourDays: 2, dayDays: 5 }
  /** A cell of its own in each hour of three days, by powers of two that tell which are in a sum. */
  const cells: TestCell[] = [
    [MIDNIGHT, 0, 1, 1, 10],
    [MIDNIGHT + 59 * 60, 0, 1, 2, 20],
    [MIDNIGHT + HOUR, 0, 1, 4, 40],
    [MIDNIGHT + DAY - 1, 0, 1, 8, 80],
    [MIDNIGHT + DAY, 0, 1, 16, 160],
  ]
  const filled = (until: number): HistoryDatabase => {
    const database = open({ retention })
    database.tick(MIDNIGHT)
    for (const cell of cells) {
      if (cell[0] > MIDNIGHT) goOn(database, Math.ceil((cell[0] - 2 * HOUR) / HOUR) * HOUR, cell[0])
      database.add(batch([cell]))
    }
    goOn(database, MIDNIGHT + DAY, until)
    return database
  }

  test('leaves every sum of whole days as it was, both ways', () => {
    for (const until of [MIDNIGHT + DAY, MIDNIGHT + 2 * DAY, MIDNIGHT + 4 * DAY, MIDNIGHT + 5 * DAY]) {
      const database = filled(until)
      expect(total(database)).toEqual([31, 310])
      expect(total(database, { from: MIDNIGHT, to: MIDNIGHT + DAY })).toEqual([15, 150])
      expect(total(database, { from: MIDNIGHT + DAY, to: MIDNIGHT + 2 * DAY })).toEqual([16, 160])
    }
  })

  test('drops a day once it began longer ago than days are kept', () => {
    expect(total(filled(MIDNIGHT + 5 * DAY))).toEqual([31, 310])
    expect(total(filled(MIDNIGHT + 5 * DAY + HOUR))).toEqual([16, 160])
    expect(total(filled(MIDNIGHT + 6 * DAY))).toEqual([16, 160])
    expect(total(filled(MIDNIGHT + 6 * DAY + HOUR))).toEqual([0, 0])
  })

  test('keeps hours apart for two days, and then days only', () => {
    const first = { from: MIDNIGHT, to: MIDNIGHT + HOUR }
    const second = { from: MIDNIGHT + HOUR, to: MIDNIGHT + 2 * HOUR }
    const inTime = filled(MIDNIGHT + 2 * DAY)
    expect([total(inTime, first), total(inTime, second)]).toEqual([
      [3, 30],
      [4, 40],
    ])
    const late = filled(MIDNIGHT + 2 * DAY + HOUR)
    expect([total(late, first), total(late, second)]).toEqual([
      [15, 150],
      [15, 150],
    ])
  })

  test('keeps minutes apart for two hours, and then hours only', () => {
    const short = (until: number): number[][] => {
      const database = open({ retention })
      database.tick(MIDNIGHT)
      database.add(
        batch([
          [MIDNIGHT, 0, 1, 1, 10],
          [MIDNIGHT + 60, 0, 1, 2, 20],
        ]),
      )
      goOn(database, MIDNIGHT, until)
      return [0, 60].map((from) => total(database, { from: MIDNIGHT + from, to: MIDNIGHT + from + 60 }))
    }
    const apart = [
      [1, 10],
      [2, 20],
    ]
    expect(short(MIDNIGHT + 2 * HOUR)).toEqual(apart)
    expect(short(MIDNIGHT + 2 * HOUR + 300)).toEqual([
      [3, 30],
      [3, 30],
    ])
  })

  test('never begins where there is no retention', () => {
    const database = open({ retention: null })
    database.tick(MIDNIGHT)
    database.add(
      batch([
        [MIDNIGHT, 0, 1, 1, 10],
        [MIDNIGHT + 60, 0, 1, 2, 20],
      ]),
    )
    goOn(database, MIDNIGHT, MIDNIGHT + 20 * DAY)
    database.tick(MIDNIGHT + 2_000 * DAY)
    database.flush()
    expect(total(database, { from: MIDNIGHT, to: MIDNIGHT + 60 })).toEqual([1, 10])
    expect(database.cells(ALL).minutesFrom).toBe(-Infinity)
  })

  test('waits for a week where the clock went ahead by more than a day, and not at all after a day', () => {
    const after = (jump: number, wait: number): number[] => {
      const database = open({ retention: { minuteHours: 1, hourDays: 1, dayDays: 1 } })
      database.tick(MIDNIGHT - DAY)
      database.add(batch([[MIDNIGHT - DAY, 0, 1, 1, 10]]))
      goOn(database, MIDNIGHT - DAY, MIDNIGHT)
      database.tick(MIDNIGHT + jump)
      goOn(database, MIDNIGHT + jump, MIDNIGHT + jump + wait)
      return total(database)
    }
    expect(after(DAY, 0)).toEqual([0, 0])
    expect(after(DAY + 1, 0)).toEqual([1, 10])
    expect(after(DAY + 1, 7 * DAY - 1)).toEqual([1, 10])
    expect(after(DAY + 1, 7 * DAY)).toEqual([0, 0])
  })

  test('of a device that moved nothing for longer than days are kept forgets that there was one', () => {
    const path = join(temporaryFolder(), 'history.sqlite')
    const database = open({ path, retention: { minuteHours: 1, hourDays: 1, dayDays: 2 } })
    database.tick(MIDNIGHT)
    database.add(batch([[MIDNIGHT, 0, 1, 1, 10]]))
    database.add(batch([[MIDNIGHT, 1, 2, 1, 10]]))
    goOn(database, MIDNIGHT, MIDNIGHT + DAY)
    database.add(batch([[MIDNIGHT + DAY, 1, 2, 1, 10]]))
    goOn(database, MIDNIGHT + DAY, MIDNIGHT + 2 * DAY)
    expect([...database.seen().keys()]).toEqual([deviceName(0), deviceName(1)])
    goOn(database, MIDNIGHT + 2 * DAY, MIDNIGHT + 3 * DAY)
    // That it was there before the first kept day is forgotten as well.
    expect([...database.seen()]).toEqual([[deviceName(1), { first: MIDNIGHT + DAY, last: MIDNIGHT + DAY }]])
    expect([database.search('host-1', 5), database.search('host-2', 5).length]).toEqual([[], 1])
    database.close()
    const again = new HistoryDatabase({ path, timeZone: 'UTC' })
    expect([...again.seen()]).toEqual([[deviceName(1), { first: MIDNIGHT + DAY, last: MIDNIGHT + DAY }]])
    again.close()
  })
})

describe('the roll-up', () => {
  test('of hours and days begins with their first second, in the zone of the home', () => {
    // India is five and a half hours ahead: its days begin in the middle of an hour of UTC.
    const begin = MIDNIGHT - 5.5 * HOUR
    const database = open({ timeZone: 'Asia/Kolkata', retention: null })
    database.tick(begin - 2 * HOUR)
    database.add(
      batch([
        [begin - 1, 0, 1, 1, 10],
        [begin, 0, 1, 2, 20],
        [begin + HOUR - 1, 0, 1, 4, 40],
        [begin + HOUR, 0, 1, 8, 80],
        [begin + DAY - 1, 0, 1, 16, 160],
        [begin + DAY, 0, 1, 32, 320],
      ]),
    )
    goOn(database, begin, begin + 3 * DAY)
    expect(database.series({ from: begin - DAY, to: begin + 2 * DAY, step: DAY })).toMatchObject({
      from: begin - DAY,
      sent: [1, 30, 32],
      received: [10, 300, 320],
    })
    expect(database.series({ from: begin - HOUR, to: begin + 2 * HOUR, step: HOUR })).toMatchObject({
      sent: [1, 6, 8],
      received: [10, 60, 80],
    })
    expect(database.grid([deviceName(0)], 3, begin + 2 * DAY - 1).map(({ date, hours }) => [date, hours[0]])).toEqual([
      ['2026-06-09', null],
      ['2026-06-10', 6],
      ['2026-06-11', 32],
    ])
  })

  test('counts nothing twice at a commit in the middle of an hour, or of a day', () => {
    const database = open({ retention: { minuteHours: 1, hourDays: 1, dayDays: 30 } })
    database.tick(MIDNIGHT)
    let sent = 0
    for (let minute = 0; minute < 3 * 24 * 60; minute += 17) {
      database.add(batch([[MIDNIGHT + minute * 60, 0, 1, minute, 2 * minute]]))
      sent += minute
      database.tick(MIDNIGHT + minute * 60)
      if (minute % 5 === 0) database.flush()
    }
    expect(total(database)).toEqual([sent, 2 * sent])
    database.flush()
    expect(total(database)).toEqual([sent, 2 * sent])
  })
})

describe('the clock of a home that moves to another zone', () => {
  test('keeps every byte of both ways, with hours and days of the new zone from then on', () => {
    const path = join(temporaryFolder(), 'history.sqlite')
    const first = open({ path, timeZone: 'UTC', retention: { minuteHours: 24, hourDays: 10, dayDays: 100 } })
    first.tick(MIDNIGHT - 3 * DAY)
    for (const [at, sent] of [
      [MIDNIGHT - 3 * DAY, 1],
      [MIDNIGHT - DAY, 2],
      [MIDNIGHT - HOUR, 4],
    ] as const) {
      first.add(batch([[at, 0, 1, sent, 10 * sent]]))
      goOn(first, at, at + HOUR)
    }
    first.close()
    const second = new HistoryDatabase({ path, timeZone: 'Asia/Kolkata' })
    expect(total(second)).toEqual([7, 70])
    second.add(introduce(1, 1))
    second.add(batch([[MIDNIGHT + HOUR, 0, 1, 8, 80]]))
    goOn(second, MIDNIGHT + HOUR, MIDNIGHT + 2 * DAY)
    expect(total(second)).toEqual([15, 150])
    second.close()
    const third = new HistoryDatabase({ path, timeZone: 'Asia/Kolkata' })
    expect(total(third)).toEqual([15, 150])
    // The local day of the last cell begins at half past six in the evening before.
    expect(total(third, { from: MIDNIGHT - 5.5 * HOUR, to: MIDNIGHT + 18.5 * HOUR })).toEqual([12, 120])
    third.close()
  })
})
