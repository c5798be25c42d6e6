// What the traffic history takes in and remembers: refused cells, endpoints, names and look-ups, with their caps.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HistoryDatabase } from '../../../server/history/database.ts'
import type { HistoryOptions } from '../../../server/history/options.ts'
import type { Endpoint } from '../../../server/model/batch.ts'
import { temporaryFolder } from './folder.ts'
import { batch, deviceName, endpoint, introduce, type TestCell } from './histories.ts'

const HOUR = 3_600
const DAY = 86_400
const NOON = Date.parse('2026-06-10T12:00:00Z') / 1_000
const MIDNIGHT = NOON - DAY / 2
const ALL = { from: 0, to: 2 ** 36 }
/** The endpoint of what moves within the home. */
const AT_HOME = 0

function open(changes: Partial<HistoryOptions> = {}): HistoryDatabase {
  const database = new HistoryDatabase({
    path: ':memory:',
    timeZone: 'UTC',
    retention: null,
    keepSeconds: null,
    ...changes,
  })
  database.add(introduce(3, 6))
  return database
}
const hostsOf = (database: HistoryDatabase, ids: number[]): (string | null)[] =>
  database.endpoints(ids).map(({ host }) => host)

describe('cells that come in', () => {
  test('of nobody that was introduced, and of no number, are refused', () => {
    const database = open()
    expect(() => database.add(batch([[NOON, 77, 1, 1, 1]]))).toThrow('Device 77')
    expect(() => database.add(batch([[NOON, 0, 77, 1, 1]]))).toThrow('Endpoint 77')
    for (const cell of [
      [NaN, 0, 1, 1, 1],
      [NOON, 0, 1, NaN, 1],
      [NOON, 0, 1, 1, Infinity],
    ] as TestCell[])
      expect(() => database.add(batch([cell]))).toThrow('no number')
    expect(() => database.add(batch([], { lookups: Float64Array.from([NOON, 0, 1, NaN]) }))).toThrow('no number')
    expect(database.sums(ALL)).toEqual([])
  })

  test('before 1970 or far ahead are of the first and of the last moment there is', () => {
    const database = open()
    database.add(batch([[-500, 0, 1, 1, 2]]))
    database.add(batch([[2 ** 40, 0, 1, 4, 8]]))
    expect(database.sums({ from: 0, to: 60 })).toMatchObject([{ sent: 1, received: 2 }])
    expect([...database.seen().values()]).toEqual([{ first: 0, last: 274_877_906_944 }])
  })

  test('taken back leave the sums of both ways, of what is written and what is not', () => {
    const database = open()
    database.tick(NOON)
    database.add(batch([[NOON, 0, 1, 100, 1_000]]))
    database.add(batch([[NOON, 0, 1, -30, -400]]))
    expect(database.sums(ALL)).toMatchObject([{ sent: 70, received: 600 }])
    database.flush()
    database.add(batch([[NOON, 0, 1, -20, -100]]))
    expect(database.sums(ALL)).toMatchObject([{ sent: 50, received: 500 }])
    database.flush()
    expect(database.sums(ALL)).toMatchObject([{ sent: 50, received: 500 }])
    expect(database.search('host-1', 5)).toHaveLength(1)
  })

  test('of a number that is reported anew go to the new endpoint and the new device', () => {
    const database = open()
    database.add(batch([[NOON, 0, 1, 1, 0]]))
    database.add(
      batch(
        [
          [NOON, 0, 1, 2, 0],
          [NOON, 0, 2, 4, 0],
        ],
        {
          devices: [{ index: 0, id: 'another' }],
          endpoints: [endpoint(1, { host: 'renamed.example' })],
        },
      ),
    )
    expect(
      database.sums(ALL).map(({ device, endpoint: id, sent }) => [device, hostsOf(database, [id])[0], sent]),
    ).toEqual([
      [deviceName(0), 'host-1.example.com', 1],
      ['another', 'renamed.example', 2],
      ['another', 'host-2.example.com', 4],
    ])
  })
})

describe('what is known of endpoints', () => {
  test('is sixteen addresses of one host, each once, the first ones', () => {
    const database = open()
    const host = (address: string): Endpoint => endpoint(50, { host: 'many.example', address })
    for (let index = 0; index < 20; index++)
      for (let again = 0; again < 2; again++)
        database.add(batch([[NOON, 0, 50, 1, 1]], { endpoints: [host(`198.51.100.${index}`)] }))
    const [{ endpoint: id }] = database.sums(ALL)
    expect(database.endpoints([id])[0]?.addresses).toEqual(
      Array.from({ length: 16 }, (_, index) => `198.51.100.${index}`),
    )
    expect(database.endpoints([id, 9_999])).toHaveLength(1)
  })

  test('keeps endpoints apart by every one of their facts, and by the address where there is no host', () => {
    const database = open()
    const facts: Partial<Endpoint>[] = [
      {},
      { company: 'other' },
      { purpose: 'other' },
      { country: 'FR' },
      { network: 'net' },
      { labels: ['vpn'] },
      { namedBy: 'dns' },
      { ech: true },
      { host: null, address: '198.51.100.1' },
      { host: null, address: '198.51.100.2' },
    ]
    database.add(
      batch(
        facts.map((_, index) => [NOON, 0, 100 + index, 1, 1]),
        {
          endpoints: facts.map((changes, index) =>
            endpoint(100 + index, {
              host: 'same.example',
              address: '198.51.100.9',
              company: 'c',
              purpose: 'p',
              ...changes,
            }),
          ),
        },
      ),
    )
    expect(database.sums(ALL)).toHaveLength(10)
    expect(database.sums(ALL).map(({ endpoint: id }) => id)).toEqual([
      ...new Set(database.sums(ALL).map(({ endpoint: id }) => id)),
    ])
  })

  test('is 4,096 of one device; what comes beyond is "other", and at home always has its place', () => {
    const database = open()
    const many = Array.from({ length: 4_098 }, (_, index) => index + 1_000)
    database.add(
      batch(
        many.map((number) => [NOON, 0, number, 1, 2]),
        { endpoints: many.map((number) => endpoint(number)) },
      ),
    )
    database.add(batch([[NOON, 0, AT_HOME, 5, 6]]))
    const sums = database.sums(ALL)
    const other = sums.filter(({ endpoint: id }) => database.endpoints([id])[0]?.namedBy === 'other')
    expect(other).toMatchObject([{ sent: 2, received: 4 }])
    expect(sums).toHaveLength(4_098)
    expect(sums.find(({ endpoint: id }) => id === AT_HOME)).toMatchObject({ sent: 5, received: 6 })
    // A known one still counts by itself.
    database.add(batch([[NOON, 0, 1_000, 10, 20]]))
    expect(database.sums(ALL).filter(({ sent, received }) => sent === 11 && received === 22)).toHaveLength(1)
  })

  test('is 65,536 of all devices together', () => {
    const database = open({ limits: { endpointsPerDevice: 100_000 } })
    const many = Array.from({ length: 65_537 }, (_, index) => index + 1_000)
    database.add(
      batch(
        many.map((number) => [NOON, 0, number, 1, 2]),
        { endpoints: many.map((number) => endpoint(number)) },
      ),
    )
    const sums = database.sums(ALL)
    const isOther = ({ endpoint: id }: { endpoint: number }): boolean =>
      database.endpoints([id])[0]?.namedBy === 'other'
    // Six were introduced before and count, and the last ones are together.
    expect([sums.length, sums.filter(isOther).length]).toEqual([65_537, 1])
    expect(sums.find(isOther)).toMatchObject({ sent: 1, received: 2 })
  })
})

describe('what devices called addresses', () => {
  const name = (index: number, device = 0, host = `h${index}.example`) => ({
    device: deviceName(device),
    address: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
    host,
  })

  test('is 1,024 names of one device: the oldest goes, and a new host of an address takes its place', () => {
    const database = open()
    database.add(batch([], { names: Array.from({ length: 1_024 }, (_, index) => name(index)) }))
    database.add(batch([], { names: [name(0, 1)] }))
    expect(database.names()).toHaveLength(1_025)
    database.add(batch([], { names: [name(5, 0, 'new.example'), name(6)] }))
    const renamed = database.names().filter(({ device }) => device === deviceName(0))
    expect([renamed.length, renamed[0], renamed.at(-1)]).toEqual([1_024, name(0), name(5, 0, 'new.example')])
    database.add(batch([], { names: [name(2_000)] }))
    const after = database.names().filter(({ device }) => device === deviceName(0))
    expect([after.length, after[0], after.at(-1)]).toEqual([1_024, name(1), name(2_000)])
  })

  test('is 65,536 names of all: the device with the most gives its oldest', () => {
    const database = open()
    const names = Array.from({ length: 65 }, (_, device) =>
      Array.from({ length: device === 64 ? 512 : 1_016 }, (_, index) => name(index, device)),
    ).flat()
    expect(names).toHaveLength(65_536)
    database.add(batch([], { names }))
    expect(database.names()).toHaveLength(65_536)
    // A device more of it than the others gives its oldest.
    database.add(batch([], { names: [name(3_000, 7)] }))
    database.add(batch([], { names: [name(3_001, 200)] }))
    const of = (device: number): string[] =>
      database.names().flatMap((one) => (one.device === deviceName(device) ? [one.host] : []))
    expect(database.names()).toHaveLength(65_536)
    expect(of(200)).toEqual(['h3001.example'])
    expect([of(0).length, of(7).length]).toEqual([1_015, 1_016])
    expect([of(0)[0], of(7)[0], of(7).at(-1)]).toEqual(['h1.example', 'h1.example', 'h3000.example'])
  })

  test('is dropped after the days of hours, at the next midnight, and stays where it was learned later', () => {
    const path = join(temporaryFolder(), 'history.sqlite')
    const database = open({ path, retention: { minuteHours: 2, hourDays: 3, dayDays: 30 } })
    database.tick(MIDNIGHT - 1)
    database.add(batch([], { names: [name(1)] }))
    database.tick(MIDNIGHT)
    database.add(batch([], { names: [name(2)] }))
    database.flush()
    for (let hour = 1; hour <= 71; hour++) database.tick(MIDNIGHT + hour * HOUR)
    database.flush()
    expect(database.names()).toEqual([name(1), name(2)])
    database.tick(MIDNIGHT + 72 * HOUR)
    database.flush()
    expect(database.names()).toEqual([name(2)])
    database.close()
    const again = open({ path })
    expect(again.names()).toEqual([name(2)])
    again.close()
  })

  test('before the clock reported the time is as old as its first second', () => {
    const database = open({ retention: { minuteHours: 2, hourDays: 3, dayDays: 30 } })
    database.add(batch([], { names: [name(1)] }))
    database.tick(MIDNIGHT)
    database.flush()
    for (let day = 1; day <= 3; day++) {
      for (let hour = 1; hour <= 24; hour++) database.tick(MIDNIGHT + (day - 1) * DAY + hour * HOUR)
      database.flush()
    }
    expect(database.names()).toEqual([name(1)])
    for (let hour = 1; hour <= 24; hour++) database.tick(MIDNIGHT + 3 * DAY + hour * HOUR)
    database.flush()
    expect(database.names()).toEqual([])
  })

  test('survives a restart in its order, without what was replaced', () => {
    const path = join(temporaryFolder(), 'history.sqlite')
    const database = open({ path })
    database.add(batch([], { names: [name(1), name(2), name(3)] }))
    database.flush()
    database.add(batch([], { names: [name(1, 0, 'new.example')] }))
    database.close()
    const again = open({ path })
    expect(again.names()).toEqual([name(2), name(3), name(1, 0, 'new.example')])
    again.add(batch([], { names: [name(4)] }))
    again.close()
    const third = open({ path })
    expect(third.names().map(({ host }) => host)).toEqual(['h2.example', 'h3.example', 'new.example', 'h4.example'])
    third.close()
  })
})

describe('look-ups', () => {
  const lookup = (...cells: number[][]) => batch([], { lookups: Float64Array.from(cells.flat()) })

  test('are counted by minute, device and endpoint, of the devices that are asked for', () => {
    const database = open()
    database.tick(NOON)
    database.add(lookup([NOON + 59, 0, 1, 2], [NOON + 60, 0, 1, 4], [NOON, 1, 1, 8], [NOON, 1, 2, 16]))
    const sums = (from: number, to: number, devices?: string[]): unknown[] =>
      database
        .lookups({ from, to, ...(devices === undefined ? {} : { devices }) })
        .map(({ device, count, first, last }) => [device, count, first - NOON, last - NOON])
    for (const written of [false, true]) {
      if (written) database.flush()
      expect(sums(NOON, NOON + 120)).toEqual(
        expect.arrayContaining([
          [deviceName(0), 6, 0, 120],
          [deviceName(1), 8, 0, 60],
          [deviceName(1), 16, 0, 60],
        ]),
      )
      expect(sums(NOON, NOON + 60, [deviceName(0)])).toEqual([[deviceName(0), 2, 0, 60]])
      expect(sums(NOON + 60, NOON + 61)).toEqual([[deviceName(0), 4, 60, 120]])
      expect(sums(NOON - 60, NOON)).toEqual([])
      expect(sums(NOON + 120, NOON + 180)).toEqual([])
      expect(sums(NOON, NOON + 120, ['nobody'])).toEqual([])
    }
  })

  test('keep an endpoint known that moved no byte, and taken back to nothing are none', () => {
    const database = open()
    database.tick(NOON)
    database.add(lookup([NOON, 0, 1, 3]))
    expect(database.search('host-1', 5)).toHaveLength(1)
    database.add(lookup([NOON, 0, 1, -3]))
    expect(database.lookups(ALL)).toEqual([])
    database.flush()
    expect(database.lookups(ALL)).toEqual([])
  })

  test('carry the place in their log with them', () => {
    const path = join(temporaryFolder(), 'history.sqlite')
    const database = open({ path })
    const at = (source: string, position: string) => batch([], { positions: [{ source, position }] })
    database.add(at('one', '10'))
    database.add(at('two', '20'))
    database.add(at('one', '11'))
    const expected = [
      { source: 'one', position: '11' },
      { source: 'two', position: '20' },
    ]
    expect(database.positions()).toEqual(expected)
    database.close()
    const again = open({ path })
    expect(again.positions()).toEqual(expected)
    again.add(at('two', '21'))
    expect(again.positions()).toEqual([expected[0], { source: 'two', position: '21' }])
    again.close()
  })
})
