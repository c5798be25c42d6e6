// What levels, forgetting, a small disk and the cap of a device leave of the traffic history.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HistoryDatabase } from '../../../server/history/database.ts'
import { RESERVE_BYTES, reserveBytes } from '../../../server/store/reserve.ts'
import { filesContaining, temporaryFolder } from './folder.ts'
import { batch, deviceName, endpoint } from './histories.ts'
import { ALL, goOn, open, sums, total } from './ageing-histories.ts'

const HOUR = 3_600
const DAY = 86_400
const MIDNIGHT = Date.parse('2026-06-10T00:00:00Z') / 1_000
const AT_HOME = 0

describe('a level', () => {
  const filled = (): HistoryDatabase => {
    const database = open({ retention: null })
    database.tick(MIDNIGHT)
    database.add(
      batch(
        [
          [MIDNIGHT, 0, 1, 1, 10],
          [MIDNIGHT, 0, 8, 2, 20],
          [MIDNIGHT, 0, 2, 4, 40],
          [MIDNIGHT, 0, AT_HOME, 8, 80],
          [MIDNIGHT, 1, 1, 16, 160],
        ],
        {
          endpoints: [endpoint(8, { company: 'company-1', purpose: 'purpose-1', country: 'FR' })],
          names: [
            { device: deviceName(0), address: '10.0.0.1', host: 'a.example' },
            { device: deviceName(1), address: '10.0.0.1', host: 'b.example' },
          ],
        },
      ),
    )
    return database
  }
  const kept = (database: HistoryDatabase, device: number): unknown[] =>
    database.sums({ ...ALL, devices: [deviceName(device)] }).map(({ endpoint: id, sent, received }) => {
      const [facts] = database.endpoints([id])
      return facts === undefined
        ? ['home', sent, received]
        : [facts.host, facts.company, facts.purpose, facts.country, facts.namedBy, facts.addresses, sent, received]
    })

  test('of companies leaves companies and purposes, of totals one sum, and both what stays at home', () => {
    const companies = filled()
    companies.coarsen(deviceName(0), 'companies')
    expect(kept(companies, 0)).toHaveLength(3)
    expect(kept(companies, 0)).toEqual(
      expect.arrayContaining([
        [null, 'company-1', 'purpose-1', null, 'kept-back', [], 3, 30],
        [null, 'company-2', 'purpose-2', null, 'kept-back', [], 4, 40],
        ['home', 8, 80],
      ]),
    )
    const totals = filled()
    totals.coarsen(deviceName(0), 'totals')
    expect(kept(totals, 0)).toHaveLength(2)
    expect(kept(totals, 0)).toEqual(
      expect.arrayContaining([
        [null, expect.any(String), 'unknown', null, 'kept-back', [], 7, 70],
        ['home', 8, 80],
      ]),
    )
    for (const database of [companies, totals]) {
      expect(kept(database, 1)).toMatchObject([
        ['host-1.example.com', 'company-1', 'purpose-1', 'DE', 'tls', {}, 16, 160],
      ])
      expect(database.names().map(({ host }) => host)).toEqual(['b.example'])
      expect(database.search('host-2', 5)).toEqual([])
    }
  })

  test('of everything, and a pause, change nothing of what is kept, nor does any of an unknown device', () => {
    const database = filled()
    const before = kept(database, 0)
    database.coarsen(deviceName(0), 'everything')
    database.coarsen(deviceName(0), 'paused')
    database.coarsen('nobody', 'totals')
    expect(kept(database, 0)).toEqual(before)
    expect(database.names()).toHaveLength(2)
  })

  test('goes for what comes after under the same numbers as for what was kept, and on the disk too', () => {
    const folder = temporaryFolder()
    const path = join(folder, 'history.sqlite')
    const database = open({ path })
    database.tick(MIDNIGHT)
    database.add(batch([[MIDNIGHT, 0, 3, 4, 40]]))
    database.flush()
    expect(filesContaining(folder, [Buffer.from('host-3')]).length).toBeGreaterThan(0)
    database.coarsen(deviceName(0), 'companies')
    expect(filesContaining(folder, [Buffer.from('host-3')])).toEqual([])
    database.add(batch([[MIDNIGHT + 1, 0, 2, 1, 2]]))
    expect(database.search('host-2', 5)).toHaveLength(1)
    database.close()
    const again = new HistoryDatabase({ path, timeZone: 'UTC' })
    expect(sums(again).toSorted(([one = 0], [other = 0]) => one - other)).toEqual([
      [1, 2],
      [4, 40],
    ])
    again.close()
  })
})

describe('forgetting', () => {
  test('removes the devices that are named and no other, from every answer', () => {
    const database = open({ retention: null })
    database.tick(MIDNIGHT - 3 * DAY)
    for (const at of [MIDNIGHT - 3 * DAY, MIDNIGHT - HOUR, MIDNIGHT])
      for (const device of [0, 1, 2]) database.add(batch([[at, device, device + 1, 1, 10]]))
    database.add(
      batch([], {
        names: [0, 1].map((device) => ({ device: deviceName(device), address: '10.0.0.1', host: `n${device}` })),
        lookups: Float64Array.from([MIDNIGHT, 0, 1, 5, MIDNIGHT, 1, 1, 7]),
      }),
    )
    goOn(database, MIDNIGHT - 3 * DAY, MIDNIGHT)
    database.add(batch([[MIDNIGHT + 1, 0, 1, 1, 10]]))
    database.add(batch([], { lookups: Float64Array.from([MIDNIGHT, 0, 1, 5]) }))
    const { rows, files } = database.forget([deviceName(0), 'nobody', deviceName(2)])
    // Three minutes, hours and a day or more of each at least, a look-up, a name and the two devices themselves.
    expect(rows).toBeGreaterThanOrEqual(10)
    expect(files).toBe(0)
    expect(database.sums(ALL).map(({ device }) => device)).toEqual([deviceName(1)])
    expect(total(database)).toEqual([3, 30])
    expect([...database.seen().keys()]).toEqual([deviceName(1)])
    expect(database.names().map(({ host }) => host)).toEqual(['n1'])
    expect(database.lookups(ALL).map(({ device, count }) => [device, count])).toEqual([[deviceName(1), 7]])
    expect(new Set(database.search('host', 9).map(({ device }) => device))).toEqual(new Set([deviceName(1)]))
    expect(database.endpointsBefore([deviceName(0)], 2 ** 36)).toEqual([])
    expect([...database.totals([0, 2 ** 36]).keys()]).toEqual([deviceName(1)])
    expect([...database.sparklines({ from: MIDNIGHT - DAY, to: MIDNIGHT + 60, parts: 2 }).keys()]).toEqual([
      deviceName(1),
    ])
  })

  test('of more rows than fit one slice removes all of them', () => {
    const database = open({ retention: null })
    database.tick(MIDNIGHT)
    const minutes = Array.from({ length: 2_600 }, (_, index) => MIDNIGHT + index * 300)
    database.add(batch(minutes.map((second) => [second, 0, 1, 1, 1])))
    database.add(batch([], { lookups: Float64Array.from(minutes.flatMap((second) => [second, 0, 1, 1])) }))
    database.add(batch([], { lookups: Float64Array.from(minutes.flatMap((second) => [second + 60, 0, 1, 1])) }))
    database.tick(MIDNIGHT + 2_600 * 300)
    database.flush()
    const { rows } = database.forget([deviceName(0)])
    // As many rows of five minutes, twice as many look-ups, and the hours and days of them.
    expect(rows).toBeGreaterThan(3 * 2_600)
    expect([database.sums(ALL), database.lookups(ALL)]).toEqual([[], []])
  })

  test('of nobody removes nothing, and a device that comes back is new', () => {
    const database = open({ retention: null })
    database.tick(MIDNIGHT)
    database.add(batch([[MIDNIGHT, 0, 1, 1, 10]]))
    expect(database.forget(['nobody'])).toEqual({ rows: 0, files: 0 })
    expect(database.forget([])).toEqual({ rows: 0, files: 0 })
    expect(sums(database)).toEqual([[1, 10]])
    database.forget([deviceName(0)])
    database.add(batch([[MIDNIGHT + 60, 0, 1, 2, 20]]))
    expect([...database.seen()]).toEqual([[deviceName(0), { first: MIDNIGHT + 60, last: MIDNIGHT + 60 }]])
    expect(sums(database)).toEqual([[2, 20]])
  })

  test('gives the reserve for a full disk back, and leaves no trace in the files', () => {
    const folder = temporaryFolder()
    const path = join(folder, 'history.sqlite')
    const database = open({ path })
    database.tick(MIDNIGHT)
    database.add(batch([[MIDNIGHT, 0, 1, 1, 10]], { devices: [{ index: 0, id: 'the-forgotten-one' }] }))
    database.flush()
    database.forget(['the-forgotten-one'])
    expect(filesContaining(folder, [Buffer.from('the-forgotten-one')])).toEqual([])
    expect(reserveBytes(folder)).toBe(RESERVE_BYTES)
    database.close()
  })
})

describe('the budget of the disk', () => {
  const problemAt = (diskBudgetBytes: number): [string | null, number[]] => {
    const path = join(temporaryFolder(), 'history.sqlite')
    const database = open({ path, diskBudgetBytes, retention: { minuteHours: 48, hourDays: 35, dayDays: 730 } })
    database.tick(MIDNIGHT)
    const many = Array.from({ length: 400 }, (_, index) => index + 100)
    database.add(batch([], { endpoints: many.map((number) => endpoint(number)) }))
    for (let minute = 0; minute < 100; minute++)
      database.add(batch(many.map((number) => [MIDNIGHT + minute * 60, 0, number, number, 2 * number])))
    goOn(database, MIDNIGHT, MIDNIGHT + 3 * HOUR)
    const { problem } = database
    const all = total(database)
    database.close()
    return [problem, all]
  }
  const bytes = 100 * 400 * 299.5

  test('is reported where it cannot be kept, in megabytes, and no byte is lost by it', () => {
    const [problem, all] = problemAt(5 * 4_096)
    expect(problem).toMatch(/^The history needs more than its 0 MB on the disk/)
    expect(all).toEqual([bytes, 2 * bytes])
  })

  test('is kept by folding endpoints, without a word', () => {
    expect(problemAt(120_000)).toEqual([null, [bytes, 2 * bytes]])
    expect(problemAt(536_870_912)).toEqual([null, [bytes, 2 * bytes]])
  })
})

test('a device near its cap gives the least used half of its endpoints to "other" with the hour, and not before', () => {
  const after = (count: number): { sizes: number[]; other: number | undefined; least: number } => {
    const database = open({ retention: null, limits: { endpointsPerDevice: 100 } })
    database.tick(MIDNIGHT)
    database.flush()
    const many = Array.from({ length: count }, (_, index) => index + 100)
    database.add(batch([], { endpoints: many.map((number) => endpoint(number)) }))
    database.add(batch(many.map((number) => [MIDNIGHT + 60, 0, number, number, 0])))
    const sizes: number[] = []
    database.tick(MIDNIGHT + HOUR - 1)
    sizes.push(database.sums(ALL).length)
    database.tick(MIDNIGHT + HOUR)
    const all = database.sums(ALL)
    sizes.push(all.length)
    const other = all.find(({ endpoint: id }) => database.endpoints([id])[0]?.namedBy === 'other')
    const rest = all.filter((one) => one !== other)
    return { sizes, other: other?.sent, least: Math.min(...rest.map(({ sent }) => sent)) }
  }
  expect(after(74)).toEqual({ sizes: [74, 74], other: undefined, least: 100 })
  // 100 + 101 + … + 124 go.
  expect(after(75)).toEqual({ sizes: [75, 51], other: 2_800, least: 125 })
})

test('what a level put together counts as much as its parts, where the least used of a device is folded', () => {
  const database = open({ retention: null, limits: { endpointsPerDevice: 4 } })
  database.tick(MIDNIGHT)
  database.flush()
  database.add(
    batch(
      [
        [MIDNIGHT, 0, 1, 10, 20],
        [MIDNIGHT, 0, 8, 20, 10],
        [MIDNIGHT, 0, 2, 50, 0],
        [MIDNIGHT, 0, 3, 0, 55],
      ],
      { endpoints: [endpoint(8, { company: 'company-1', purpose: 'purpose-1' })] },
    ),
  )
  database.coarsen(deviceName(0), 'companies')
  database.tick(MIDNIGHT + HOUR)
  const kept = database.sums(ALL).map(({ endpoint: id, sent, received }) => {
    const [facts] = database.endpoints([id])
    return [facts?.namedBy === 'other' ? 'other' : facts?.company, sent, received]
  })
  expect(kept.toSorted()).toEqual([
    ['company-1', 30, 30],
    ['company-3', 0, 55],
    ['other', 50, 0],
  ])
})
