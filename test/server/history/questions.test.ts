// Sums, sparklines, grids, totals and searches of the traffic history at the borders of what is asked.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { HistoryDatabase } from '../../../server/history/database.ts'
import { temporaryFolder } from './folder.ts'
import { batch, deviceName, endpoint } from './histories.ts'
import { filled, NOON, open } from './whole-histories.ts'

const HOUR = 3_600
const DAY = 86_400
const MIDNIGHT = NOON - DAY / 2
/** The endpoint of what moves within the home. */
const AT_HOME = 0

const hostsOf = (database: HistoryDatabase, ids: number[]): (string | null)[] =>
  database.endpoints(ids).map(({ host }) => host)

test('sums are of a half-open range, by device and endpoint, with the bounds of their minutes', () => {
  const database = filled(
    [
      [NOON - 60, 0, 1, 100, 1],
      [NOON, 0, 1, 1, 10],
      [NOON + 61, 0, 1, 2, 20],
      [NOON + 61, 0, 2, 4, 40],
      [NOON + 61, 1, 1, 8, 80],
      [NOON + 120, 0, 1, 200, 2],
    ],
    NOON + 120,
    { keepSeconds: 1 },
  )
  const sums = (devices?: string[]): unknown[] =>
    database
      .sums({ from: NOON, to: NOON + 120, ...(devices === undefined ? {} : { devices }) })
      .map(({ device, endpoint: id, ...rest }) => [device, hostsOf(database, [id])[0], ...Object.values(rest)])
  const first = [
    [deviceName(0), 'host-1.example.com', 3, 30, NOON, NOON + 120],
    [deviceName(0), 'host-2.example.com', 4, 40, NOON + 60, NOON + 120],
  ]
  const second = [deviceName(1), 'host-1.example.com', 8, 80, NOON + 60, NOON + 120]
  expect(sums()).toEqual([...first, second])
  expect(sums([deviceName(0), 'nobody'])).toEqual(first)
  expect(sums([deviceName(1)])).toEqual([second])
  expect(sums(['nobody'])).toEqual([])
})

test('sparklines hold what was sent to the internet in equal parts, by device', () => {
  const database = filled([
    [NOON - 1, 0, 1, 500, 0],
    [NOON, 0, 1, 1, 900],
    [NOON + 299, 0, 1, 2, 900],
    [NOON + 300, 0, 2, 4, 900],
    [NOON + 300, 0, AT_HOME, 800, 900],
    [NOON + 599, 1, 1, 8, 900],
    [NOON + 600, 0, 1, 500, 0],
    [NOON, 2, AT_HOME, 800, 900],
  ])
  expect([...database.sparklines({ from: NOON, to: NOON + 600, parts: 2 })]).toEqual([
    [deviceName(0), [3, 4]],
    [deviceName(1), [0, 8]],
  ])
  expect([...database.sparklines({ from: NOON, to: NOON + 600, parts: 5 })]).toEqual([
    [deviceName(0), [1, 0, 6, 0, 0]],
    [deviceName(1), [0, 0, 0, 0, 8]],
  ])
  expect(database.sparklines({ from: NOON, to: NOON, parts: 2 }).size).toBe(0)
  expect(database.sparklines({ from: NOON + 600, to: NOON, parts: 2 }).size).toBe(0)
})

describe('the grid of hours', () => {
  const database = filled(
    [
      [MIDNIGHT - DAY - 1, 0, 1, 700, 9],
      [MIDNIGHT - DAY, 0, 1, 1, 9],
      [MIDNIGHT - 1, 0, 1, 2, 9],
      [MIDNIGHT, 0, 1, 4, 9],
      [MIDNIGHT + HOUR, 0, AT_HOME, 8, 9],
      [MIDNIGHT + 2 * HOUR, 1, 1, 16, 9],
      [NOON, 0, 2, 32, 9],
      [NOON + 1, 0, 2, 64, 9],
    ],
    NOON + 1,
  )
  const hoursOf = (devices: string[], days = 2, now = NOON): unknown[] =>
    database
      .grid(devices, days, now)
      .map(({ date, hours }) => [
        date,
        hours.length,
        hours.flatMap((value, hour) => (value === null ? [] : [[hour, value]])),
      ])

  test('is of the last local days, what was sent to the internet by the devices that are asked for', () => {
    expect(hoursOf([deviceName(0)])).toEqual([
      [
        '2026-06-09',
        24,
        [
          [0, 1],
          [23, 2],
        ],
      ],
      [
        '2026-06-10',
        24,
        [
          [0, 4],
          [12, 32],
        ],
      ],
    ])
    expect(hoursOf([deviceName(1)])[1]).toEqual(['2026-06-10', 24, [[2, 16]]])
    expect(hoursOf([deviceName(0), deviceName(1)])[1]).toEqual([
      '2026-06-10',
      24,
      [
        [0, 4],
        [2, 16],
        [12, 32],
      ],
    ])
  })

  test('is of as many days as are asked for', () => {
    expect(database.grid([deviceName(0)], 1, NOON).map(({ date }) => date)).toEqual(['2026-06-10'])
    expect(database.grid([deviceName(0)], 3, MIDNIGHT).map(({ date }) => date)).toEqual([
      '2026-06-08',
      '2026-06-09',
      '2026-06-10',
    ])
    expect(database.grid([deviceName(0)], 2, MIDNIGHT - 1).map(({ date }) => date)).toEqual([
      '2026-06-08',
      '2026-06-09',
    ])
    expect(hoursOf([deviceName(0)], 3)[0]).toEqual(['2026-06-08', 24, [[23, 700]]])
  })

  test('has a zero in hours in which capture ran, up to now, and nothing in others', () => {
    const quiet = open()
    quiet.tick(MIDNIGHT + HOUR)
    quiet.capturing(MIDNIGHT + HOUR, true)
    quiet.tick(MIDNIGHT + 3 * HOUR)
    quiet.capturing(MIDNIGHT + 3 * HOUR, false)
    quiet.tick(NOON)
    quiet.capturing(NOON, true)
    quiet.tick(NOON + 1)
    const { hours = [] } = quiet.grid([deviceName(0)], 1, NOON)[0] ?? {}
    expect(hours.flatMap((value, hour) => (value === null ? [] : [[hour, value]]))).toEqual([
      [1, 0],
      [2, 0],
      [12, 0],
    ])
  })
})

test('totals hold what was sent and received in each period, its begin within and its end not', () => {
  const database = filled(
    [
      [MIDNIGHT - 1, 0, 1, 900, 900],
      [MIDNIGHT, 0, 1, 1, 10],
      [MIDNIGHT + DAY - 1, 0, 2, 2, 20],
      [MIDNIGHT + DAY, 0, 1, 4, 40],
      [MIDNIGHT + DAY, 0, AT_HOME, 500, 500],
      [MIDNIGHT + DAY, 1, 1, 8, 80],
      [MIDNIGHT + 2 * DAY - 1, 1, 1, 16, 160],
      [MIDNIGHT + 2 * DAY, 0, 1, 900, 900],
      [MIDNIGHT, 2, AT_HOME, 500, 500],
    ],
    MIDNIGHT + 3 * DAY,
  )
  expect([...database.totals([MIDNIGHT, MIDNIGHT + DAY, MIDNIGHT + 2 * DAY])]).toEqual([
    [deviceName(0), { sent: [3, 4], received: [30, 40] }],
    [deviceName(1), { sent: [0, 24], received: [0, 240] }],
  ])
  expect(database.totals([MIDNIGHT]).size).toBe(0)
  expect(database.totals([]).size).toBe(0)
})

test('a device is seen from its first to its last second, and the facts reach over all of them', () => {
  const empty = open()
  expect(empty.facts()).toMatchObject({ first: null, last: null, clock: null, databaseBytes: 0, problem: null })
  empty.add(batch([], { names: [{ device: deviceName(0), address: '203.0.113.9', host: 'a.example' }] }))
  expect(empty.seen().size).toBe(0)
  const database = filled([
    [NOON + 7, 0, 1, 1, 1],
    [NOON + 99, 0, 2, 1, 1],
    [NOON + 3, 0, 2, 1, 1],
    [NOON + 120, 1, 1, 0, 1],
  ])
  expect([...database.seen()]).toEqual([
    [deviceName(0), { first: NOON + 3, last: NOON + 99 }],
    [deviceName(1), { first: NOON + 120, last: NOON + 120 }],
  ])
  expect(database.facts()).toMatchObject({ first: NOON + 3, last: NOON + 121, clock: NOON, problem: null })
})

test('the size on the disk is counted, and the clock of the last commit is there after a restart', () => {
  const path = join(temporaryFolder(), 'history.sqlite')
  const database = open({ path })
  database.tick(NOON)
  database.add(batch([[NOON, 0, 1, 1, 1]]))
  database.close()
  const again = open({ path })
  expect(again.facts()).toMatchObject({ first: NOON, clock: NOON })
  expect(again.facts().databaseBytes).toBeGreaterThan(8_192)
  again.close()
})

test('endpoints that devices used before a moment are those whose first minute began before', () => {
  const database = filled([
    [NOON - 61, 0, 1, 1, 1],
    [NOON - 1, 0, 2, 1, 1],
    [NOON, 0, 3, 1, 1],
    [NOON - 61, 1, 4, 1, 1],
    [NOON + 60, 0, 1, 1, 1],
  ])
  const before = (devices: string[], moment: number): (string | null)[] =>
    hostsOf(database, database.endpointsBefore(devices, moment)).sort()
  expect(before([deviceName(0)], NOON)).toEqual(['host-1.example.com', 'host-2.example.com'])
  expect(before([deviceName(0)], NOON - 60)).toEqual(['host-1.example.com'])
  expect(before([deviceName(0)], NOON + 1)).toHaveLength(3)
  expect(before([deviceName(0), deviceName(1)], NOON - 60)).toEqual(['host-1.example.com', 'host-4.example.com'])
  expect(before(['nobody'], NOON)).toEqual([])
  expect(before([], NOON)).toEqual([])
})

describe('a search', () => {
  const database = open()
  database.add(
    batch(
      [
        [NOON, 0, 21, 10, 10],
        [NOON, 1, 21, 500, 0],
        [NOON, 0, 22, 0, 300],
        [NOON, 0, 23, 900, 900],
      ],
      {
        endpoints: [
          endpoint(21, { host: 'Clips.Camera.example', address: '198.51.100.21' }),
          endpoint(22, { host: null, address: '2001:DB8::CA' }),
          endpoint(23, { host: 'unrelated.example', address: '198.51.100.23' }),
        ],
      },
    ),
  )
  const found = (text: string, limit = 10): string[] =>
    database.search(text, limit).map(({ device, host }) => `${device === deviceName(0) ? 'first' : 'second'} ${host}`)

  test('finds hosts and addresses in any case and with blanks around, the most used first', () => {
    expect(found('camera')).toEqual(['second Clips.Camera.example', 'first Clips.Camera.example'])
    expect(found('  CAMERA ')).toEqual(['second Clips.Camera.example', 'first Clips.Camera.example'])
    expect(found('db8::ca')).toEqual(['first 2001:DB8::CA'])
    expect(found('198.51.100.2')).toEqual(['first 198.51.100.23', 'second 198.51.100.21', 'first 198.51.100.21'])
    expect(found('nothing')).toEqual([])
  })

  test('answers as many as are asked for, and nothing for no text', () => {
    expect(found('camera', 1)).toEqual(['second Clips.Camera.example'])
    expect(found('camera', 2)).toHaveLength(2)
    expect(found('camera', 0)).toEqual([])
    expect([found(''), found('   ')]).toEqual([[], []])
  })
})
