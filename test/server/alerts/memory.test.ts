// Alert memory of an earlier version, or one with something missing or wrong in it, is read, and alerts go on with it.
import { readFileSync } from 'node:fs'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { describe, expect, it, test } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import { DETECTORS } from '../../../server/alerts/detectors/index.ts'
import { AlertEngine } from '../../../server/alerts/engine.ts'
import { type AlertMemory, readAlertMemory, restored } from '../../../server/alerts/memory.ts'
import { PastSchema } from '../../../server/alerts/past.ts'
import { secondLargest } from '../../../server/alerts/statistics.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { UploadHabitsSchema } from '../../../server/alerts/upload-habits.ts'
import type { EventEndpoint } from '../../../server/events/event.ts'
import { readKeptAlerts } from '../../../server/app/alert-store.ts'

const DAY = 86_400
const HOUR = 3_600
/** A made-up home of ten days from here on, written by version 0.1.0. */
const START = 1_777_593_600
const [CAMERA, SPEAKER] = ['02:00:00:00:00:01', '02:00:00:00:00:02']
const FILE = JSON.parse(readFileSync(new URL('memory-0.1.0.json', import.meta.url), 'utf8')) as { memory: Tree }
const stored = (): { memory: Tree } => structuredClone(FILE)

/** JSON of which only the parts with names are gone into. */
interface Tree {
  [name: string]: Tree
}

function endpoint(number: number, company: string, more: Partial<EventEndpoint> = {}): EventEndpoint {
  return {
    number,
    host: `${company}.example`,
    address: `203.0.113.${number}`,
    company,
    purpose: 'control',
    network: null,
    labels: [],
    namedBy: 'tls',
    ...more,
  }
}

/** A day in which every device detector and every pair detector has something to look at. */
function nextDay(memory: AlertMemory, day = 10): { engine: AlertEngine; reported: Alert[] } {
  const reported: Alert[] = []
  const engine = new AlertEngine({
    settings: DEFAULT_SETTINGS,
    timeZone: 'UTC',
    memory,
    onAlert: (one) => reported.push(one),
  })
  engine.addEndpoints([
    endpoint(1, 'wyze'),
    endpoint(2, 'tuya'),
    endpoint(3, 'google-dns', { purpose: 'dns' }),
    endpoint(4, 'plain', { namedBy: 'http' }),
    endpoint(5, day === 10 ? 'stranger' : 'another'),
    endpoint(6, 'nobody', { company: null, host: null, namedBy: 'none' }),
  ])
  engine.setDevice(0, { id: CAMERA, name: 'Hall camera', kind: 'camera', firstSeen: START })
  engine.setDevice(1, { id: SPEAKER, name: 'Echo', kind: 'speaker', firstSeen: START })
  const morning = START + day * DAY
  for (const number of [1, 2, 3, 4, 5])
    for (const device of [0, 1]) engine.addCell(morning + number * 60, device, number, 30_000, 900)
  engine.event({
    id: 'voice',
    at: morning + HOUR,
    device: 1,
    endpoint: 2,
    kind: 'voice-request',
    company: 'tuya',
    host: null,
    purpose: 'voice',
    sent: 60_000,
    received: 9_000,
    seconds: 4,
    confidence: 0.8,
    reasons: [],
  })
  for (let at = morning; at < morning + DAY; at += HOUR) engine.mark(at)
  return { engine, reported }
}

describe('memory of version 0.1.0', () => {
  test('is read whole: habits, known peers, decisions and alerts', () => {
    const { memory } = stored()
    const read = readKeptAlerts({ memory }).memory as AlertMemory
    expect(read.home).toEqual({ ...memory['home'], asked: null })
    expect(read.devices[SPEAKER]).toMatchObject({
      first: memory['devices']?.[SPEAKER]?.['companies']?.['first'],
      companies: { known: ['tuya', 'bytedance'], meeting: { example: 400 } },
      dns: { known: ['google-dns'] },
      quiet: memory['devices']?.[SPEAKER]?.['quiet'],
      voice: memory['devices']?.[SPEAKER]?.['voice'],
      silent: memory['devices']?.[SPEAKER]?.['silent'],
      unencrypted: memory['devices']?.[SPEAKER]?.['unencrypted'],
    })
    expect(read.devices[CAMERA]?.['away']).toMatchObject({ away: { sent: 40_000 } })
    expect(read.devices[SPEAKER]?.uploads.families).toEqual({ tuya: 0, bytedance: 0 })
    // Each company's destination, and its rented addresses; who has no company was known together only.
    expect(Object.keys(read.pairs)).toEqual(
      Object.keys(memory['pairs']).flatMap((key) => {
        const [device, company] = JSON.parse(key) as [string, string | null]
        const keys = company === null ? ['unnamed'] : [`company:${company}`, `cloud:${company}`]
        return keys.map((destination) => JSON.stringify([device, destination]))
      }),
    )
    const large = (memory['pairs']?.[JSON.stringify([CAMERA, 'wyze'])]?.['large']?.['days'] ?? []) as unknown as {
      day: number
      value: number
    }[]
    const { days } = read.pairs[JSON.stringify([CAMERA, 'company:wyze'])]
    // One strange day among them makes nothing usual.
    const usual = secondLargest(large.map(({ value }) => value))
    expect(days.map(({ day, ten }) => [day, ten])).toEqual(large.map(({ day, value }) => [day, Math.min(value, usual)]))
    expect(Math.max(...large.map(({ value }) => value))).toBeGreaterThan(usual)
    for (const { ten, hour, whole } of days) expect(ten <= hour && hour <= whole).toBe(true)
    const { mutes, expectations, next, alerts } = read.incidents
    expect({ mutes, expectations, next }).toEqual({
      mutes: memory['incidents']?.['mutes'],
      expectations: memory['incidents']?.['expectations'],
      next: 4,
    })
    expect(alerts.map(({ id, kind, state }) => [id, kind, state])).toEqual([
      ['alert-1', 'around-your-dns', 'open'],
      ['alert-2', 'upload-spike', 'open'],
      ['alert-3', 'new-company', 'expected'],
    ])
  })

  test('goes on: what was known is not reported, and what is new is', () => {
    const { reported } = nextDay(readAlertMemory(stored().memory) as AlertMemory)
    const brief = reported.map(({ kind, device, company }) => `${kind} ${device} ${company}`)
    expect(brief).toContain(`new-company ${CAMERA} stranger`)
    expect(brief).toContain(`around-your-dns ${CAMERA} google-dns`)
    expect(brief).not.toContain(`around-your-dns ${SPEAKER} google-dns`)
  })

  test('comes back as it was written by this version', () => {
    const { engine } = nextDay(readAlertMemory(stored().memory) as AlertMemory)
    const written = JSON.parse(JSON.stringify(engine.toJSON())) as AlertMemory
    expect(readAlertMemory(written)).toEqual(written)
  })
})

/** The memory of this version after a day with uploads, of which the owner decided about some. */
function present(): Tree {
  const { engine, reported } = nextDay(readAlertMemory(stored().memory) as AlertMemory)
  const evening = START + 11 * DAY
  for (let second = 0; second < 30; second++) {
    engine.addCell(evening + second, 0, 6, 400_000, 900)
    engine.addCell(evening + second, 1, 5, 200_000, 900)
    engine.addCell(evening + second, 0, 1, 4_000_000, 900)
  }
  engine.mark(evening + HOUR)
  const alertOf = (device: string, company: string | null): Alert =>
    reported.findLast((one) => one.device === device && one.company === company && one.bytes > 0) as Alert
  engine.expectFromNowOn(alertOf(SPEAKER, 'stranger').id)
  engine.itWasMe(alertOf(CAMERA, 'wyze').id)
  const { device, company, kind, destination } = alertOf(CAMERA, null)
  engine.mute({ device, company, kind, destination, until: evening + DAY })
  return JSON.parse(JSON.stringify(engine.toJSON())) as Tree
}

/** Every field of the memory by its path: of lists in the first two entries, of destinations in the first three. */
function pathsIn(value: Tree, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return []
  const most = Array.isArray(value) ? 2 : path.at(-1) === 'pairs' ? 3 : undefined
  const names = Object.keys(value).slice(0, most)
  return names.flatMap((name) => [[...path, name], ...pathsIn(value[name], [...path, name])])
}

/** The memory with one field of it at another value; missing where that is undefined, as JSON has it. */
function withField(whole: Tree, path: readonly string[], value: unknown): Tree {
  const memory = structuredClone(whole)
  let parent = memory
  for (const name of path.slice(0, -1)) parent = parent[name]
  parent[path.at(-1) as string] = value as Tree
  return JSON.parse(JSON.stringify(memory)) as Tree
}

const HABITS = Compile(UploadHabitsSchema)
const PAST = Compile(PastSchema)
const SHAPES = DETECTORS.map(({ memory }) => ({ ...memory, shape: Compile(memory.schema) }))

/** Every detector finds what it can work with. */
function expectWhole({ devices, pairs }: AlertMemory, field: string): void {
  for (const { key, scope, shape } of SHAPES) {
    const kept = scope === 'device' ? Object.values(devices) : []
    for (const one of kept) expect(shape.Check(one[key]), `${key} without ${field}`).toBe(true)
  }
  for (const { uploads } of Object.values(devices)) expect(HABITS.Check(uploads), field).toBe(true)
  for (const past of Object.values(pairs)) expect(PAST.Check(past), field).toBe(true)
}

/** Names of what is kept: of devices, destinations, alerts and decisions. */
function entriesOf({ devices, pairs, incidents: { alerts, mutes, expectations } }: AlertMemory): string[] {
  return [
    ...Object.keys(devices).map((id) => `devices ${id}`),
    ...Object.keys(pairs).map((key) => `pairs ${key}`),
    ...alerts.map(({ id }) => `alerts ${id}`),
    ...mutes.map(({ kind, device }) => `mutes ${kind} ${device}`),
    ...expectations.map(({ kind, device }) => `expectations ${kind} ${device}`),
  ]
}

/** The day after the memory was written. */
function memoryDay(memory: unknown): number {
  return (memory as Tree)['version'] === (1 as unknown) ? 10 : 13
}

function expectWorks(memory: unknown, field: string): void {
  const read = readAlertMemory(memory) as AlertMemory
  expectWhole(read, field)
  const { engine, reported } = nextDay(read, memoryDay(memory))
  const ids = engine.alerts.map(({ id }) => id)
  expect(new Set(ids).size, field).toBe(ids.length)
  expect(reported.length, field).toBeGreaterThan(0)
}

describe.each([
  ['version 0.1.0', stored().memory],
  ['this version', present()],
])('memory of %s in which a field is missing or wrong', (version, whole) => {
  const paths = pathsIn(whole).filter((path) => path[0] !== 'version')
  const wrong = [null, 'nonsense', 7, [null, 'x', {}], { surprise: 1 }, true]

  it('has many fields to try', () => expect(paths.length).toBeGreaterThan(300))

  test('starts and works where one is missing, whichever it is', () => {
    for (const path of paths) expectWorks(withField(whole, path, undefined), path.join('.'))
  })

  test('starts and works where one is wrong, whichever it is', () => {
    for (const [at, path] of paths.entries())
      expectWorks(withField(whole, path, wrong[at % wrong.length]), path.join('.'))
  })

  // What is read of any version goes through the same checks: of this one it is enough to see that they are made.
  const values = version === 'this version' ? wrong.slice(-2) : wrong
  test.each(values.map((value) => [JSON.stringify(value), value]))(
    'gives every detector its own where one is %s',
    (_, value) => {
      for (const path of paths)
        expectWhole(readAlertMemory(withField(whole, path, value)) as AlertMemory, path.join('.'))
    },
  )

  test('loses nothing else where an entry lacks a field, or has a wrong one', () => {
    const entries = entriesOf(readAlertMemory(whole) as AlertMemory)
    for (const path of paths.filter(({ length }) => length > 3))
      for (const value of [undefined, { surprise: 1 }]) {
        const left = new Set(entriesOf(readAlertMemory(withField(whole, path, value)) as AlertMemory))
        const lost = entries.filter((entry) => !left.has(entry))
        expect(lost.length, `${lost.join(', ')} without ${path.join('.')}`).toBeLessThanOrEqual(1)
        for (const entry of lost) expect(path).toContain(entry.split(' ')[0])
      }
  })
})

describe('a file', () => {
  test.each([[null], [7], ['text'], [[]], [{ version: 3 }], [{ version: '2' }], [{}]])(
    'that is none (%j) is none',
    (memory) => expect(readKeptAlerts({ memory }).memory).toBeNull(),
  )
  test('that is none holds none', () => {
    expect([readKeptAlerts(null), readKeptAlerts({}), readKeptAlerts([])]).toEqual([
      { memory: null },
      { memory: null },
      { memory: null },
    ])
  })
})

describe('what a new version remembers more', () => {
  const schema = Type.Object({
    known: Type.Array(Type.String()),
    counts: Type.Record(Type.String(), Type.Number()),
    inner: Type.Object({ old: Type.Number(), added: Type.Number() }),
  })
  const fresh = { known: [], counts: {}, inner: { old: 0, added: 5 } }

  it('begins at its default, and all else stays', () => {
    const read = restored(schema, fresh, { known: ['a', 3], counts: { a: 1, b: 'x' }, inner: { old: 9 }, gone: true })
    expect(read).toEqual({ known: ['a'], counts: { a: 1 }, inner: { old: 9, added: 5 } })
  })

  it('is there for each device and pair, and what no detector owns any more is dropped', () => {
    const { memory } = stored()
    const device = memory['devices']?.[CAMERA]
    delete device['dns']
    device['long-gone'] = {}
    const alerts = memory['incidents']?.['alerts'] as unknown as { kind: string }[]
    alerts.push({ ...alerts[0], kind: 'long-gone' })
    const read = readAlertMemory(memory) as AlertMemory
    expect(read.devices[CAMERA]?.['dns']).toEqual({ known: [], asksSince: null })
    expect(JSON.stringify(read)).not.toContain('long-gone')
  })
})
