// Tests of the traffic history against a plain list of cells: sums to the byte over late cells, restarts, jumps of the
// clock, every tier and zone.
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HistoryDatabase } from '../../../server/history/database.ts'
import type { HistoryOptions } from '../../../server/history/options.ts'
import { LocalTime } from '../../../server/model/local-time.ts'
import { batch, deviceName, introduce, type TestCell } from './histories.ts'
import { temporaryFolder } from './folder.ts'

const DEVICES = 4
const ENDPOINTS = 6
const at = (text: string): number => Date.parse(text) / 1_000

type Step =
  | { kind: 'cells'; cells: { back: number; device: number; endpoint: number; sent: number; received: number }[] }
  | { kind: 'wait'; seconds: number }
  | { kind: 'restart' }
  | { kind: 'flush' }

const amount = fc.oneof(fc.integer({ min: -2_000, max: 100_000 }), fc.integer({ min: 0, max: 2 ** 45 }))
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('cells' as const),
      cells: fc.array(
        fc.record({
          back: fc.oneof(
            { weight: 5, arbitrary: fc.constant(0) },
            { weight: 2, arbitrary: fc.integer({ min: 0, max: 900 }) },
            { weight: 1, arbitrary: fc.integer({ min: 0, max: 400_000 }) },
          ),
          device: fc.integer({ min: 0, max: DEVICES - 1 }),
          endpoint: fc.integer({ min: 0, max: ENDPOINTS }),
          sent: amount,
          received: amount,
        }),
        { minLength: 1, maxLength: 12 },
      ),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      seconds: fc.oneof(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 900, max: 200_000 }), fc.constant(3_600)),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'flush' as const }) },
)

/** The plainest history there can be: a list of cells. */
class Model {
  readonly cells: TestCell[] = []

  sums(from: number, to: number): Map<string, [number, number]> {
    const sums = new Map<string, [number, number]>()
    for (const [second, device, endpoint, sent, received] of this.cells) {
      if (second < from || second >= to) continue
      const key = `${deviceName(device)} ${endpoint}`
      const sum = sums.get(key) ?? [0, 0]
      sums.set(key, [sum[0] + sent, sum[1] + received])
    }
    return withoutZeros(sums)
  }
}

function withoutZeros(sums: Map<string, [number, number]>): Map<string, [number, number]> {
  return new Map(
    [...sums]
      .filter(([, [sent, received]]) => sent !== 0 || received !== 0)
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  )
}

/** Sums by the endpoints' own names, so that a restart may number them as it likes. */
function sumsOf(database: HistoryDatabase, from: number, to: number): Map<string, [number, number]> {
  const sums = new Map<string, [number, number]>()
  for (const { device, endpoint, sent, received } of database.sums({ from, to })) {
    const host = endpoint === 0 ? 'host-0' : (database.endpoints([endpoint])[0]?.host ?? 'none')
    const key = `${device} ${Number(/\d+/.exec(host)?.[0])}`
    expect(sums.has(key)).toBe(false)
    sums.set(key, [sent, received])
  }
  return withoutZeros(sums)
}

const STARTS: [zone: string, start: number][] = [
  ['Europe/Berlin', at('2026-03-28T10:00:00Z')],
  ['Europe/Berlin', at('2026-10-24T10:00:00Z')],
  ['Asia/Kolkata', at('2026-05-01T11:11:11Z')],
  ['America/Sao_Paulo', at('2018-11-03T12:00:00Z')],
  ['America/Sao_Paulo', at('2018-02-16T20:00:00Z')],
  ['Australia/Lord_Howe', at('2026-04-04T01:00:00Z')],
  ['Australia/Lord_Howe', at('2026-10-03T02:00:00Z')],
]

function play(steps: Step[], zone: string, start: number, retention: HistoryOptions['retention'], path: string): void {
  const options: HistoryOptions = { path, timeZone: zone, ...(retention === undefined ? {} : { retention }) }
  const model = new Model()
  let database = new HistoryDatabase(options)
  let now = start
  database.add(introduce(DEVICES, ENDPOINTS))
  database.tick(now)
  for (const step of steps) {
    if (step.kind === 'cells') {
      const cells = step.cells.map(({ back, device, endpoint, sent, received }): TestCell => [
        now - back,
        device,
        endpoint,
        sent,
        received,
      ])
      model.cells.push(...cells)
      database.add(batch(cells))
    } else if (step.kind === 'wait') {
      now += step.seconds
      database.tick(now)
    } else if (step.kind === 'flush') {
      database.flush()
    } else if (path !== ':memory:') {
      database.close()
      database = new HistoryDatabase(options)
      database.add(introduce(DEVICES, ENDPOINTS))
    }
    check(database, model, zone, start, now)
  }
  database.close()
}

function check(database: HistoryDatabase, model: Model, zone: string, start: number, now: number): void {
  expect(sumsOf(database, 0, now + 1)).toEqual(model.sums(0, now + 1))
  const local = new LocalTime(zone)
  const bounds = [local.dayStart(start - 500_000)]
  while ((bounds.at(-1) as number) <= now) bounds.push(local.nextDay(bounds.at(-1) as number))
  const totals = database.totals(bounds)
  for (let device = 0; device < DEVICES; device += 1) {
    const found = totals.get(deviceName(device))
    for (let period = 0; period + 1 < bounds.length; period += 1) {
      let sent = 0
      for (const cell of model.cells)
        if (cell[1] === device && cell[2] !== 0 && cell[0] >= bounds[period] && cell[0] < bounds[period + 1])
          sent += cell[3]
      expect(found?.sent[period] ?? 0).toBe(sent)
    }
  }
  const day = database.series({ from: bounds.at(-2) as number, to: bounds.at(-1) as number })
  const sentToday = [...totals.values()].reduce((sum, { sent }) => sum + (sent.at(-1) as number), 0)
  expect(day.sent.reduce((sum, sent) => sum + sent, 0)).toBe(sentToday)
}

describe('the traffic history against a plain list of cells', () => {
  test('sums, day totals and series are equal to the byte with nothing aged', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.constantFrom(...STARTS), (steps, [zone, start]) => {
        play(steps, zone, start, null, ':memory:')
      }),
      { numRuns: 50, seed: 11 },
    )
  })

  test('also over restarts and roll-ups, where minutes live for two hours and hours for two days', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.constantFrom(...STARTS), (steps, [zone, start]) => {
        play(
          steps,
          zone,
          start,
          { minuteHours: 2, hourDays: 2, dayDays: 730 },
          join(temporaryFolder(), 'history.sqlite'),
        )
      }),
      { numRuns: 25, seed: 12 },
    )
  })

  test('a range to the second or to the minute is exact where seconds or minutes are kept', () => {
    const now = at('2026-06-01T12:00:00Z')
    const database = new HistoryDatabase({ path: ':memory:', timeZone: 'Europe/Berlin' })
    const model = new Model()
    database.add(introduce(DEVICES, ENDPOINTS))
    for (let second = now - 40 * 3_600; second <= now; second += 7) {
      const cells: TestCell[] = [[second, second % DEVICES, second % (ENDPOINTS + 1), second % 1_013, second % 97]]
      model.cells.push(...cells)
      database.add(batch(cells))
      database.tick(second)
    }
    for (const [from, to] of [
      [now - 300, now],
      [now - 571, now - 13],
      [now - 7_260, now - 120],
      [now - 30 * 3_600, now - 3_660],
      [now - 90_000, now - 55],
    ] as const) {
      expect(sumsOf(database, from, to)).toEqual(model.sums(from, to))
    }
    database.close()
  })
})
