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
function nextDay(memory: AlertMemory): { engine: AlertEngine; reported: Alert[] } {
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
    endpoint(5, 'stranger'),
  ])
  engine.setDevice(0, { id: CAMERA, name: 'Hall camera', kind: 'camera', firstSeen: START })
  engine.setDevice(1, { id: SPEAKER, name: 'Echo', kind: 'speaker', firstSeen: START })
  const morning = START + 10 * DAY
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
    // What went to a company by name, or to a computer that it rents out: the most within ten minutes of each day.
    const large = memory['pairs']?.[`["${SPEAKER}","tuya"]`]?.['large']?.['days'] as unknown as {
      day: number
      value: number
    }[]
    for (const how of ['company', 'cloud']) {
      const past = read.pairs[`["${SPEAKER}","${how}:tuya"]`]
      expect(past?.days.map(({ day, ten }) => ({ day, value: ten }))).toEqual(large)
      for (const { ten, hour, whole } of past?.days ?? []) {
        expect(hour).toBeGreaterThanOrEqual(ten)
        expect(hour).toBeLessThanOrEqual(6 * ten)
        expect(whole).toBeGreaterThanOrEqual(hour)
      }
    }
    // What it sends to all, by the hours of its days.
    const quiet = memory['devices']?.[SPEAKER]?.['quiet']?.['days'] as unknown as { day: number; hours: number[] }[]
    expect(read.devices[SPEAKER]?.uploads.own.days.map(({ day, hour, whole }) => [day, hour, whole])).toEqual(
      quiet.map(({ day, hours }) => [day, Math.max(...hours), hours.reduce((sum, one) => sum + one, 0)]),
    )
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

/** Every field of the memory by its path; of lists those of the first two entries. */
function pathsIn(value: Tree, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return []
  const names = Object.keys(value).slice(0, Array.isArray(value) ? 2 : undefined)
  return names.flatMap((name) => [[...path, name], ...pathsIn(value[name], [...path, name])])
}

/** The memory with one field of it at another value; missing where that is undefined, as JSON has it. */
function withField(path: readonly string[], value: unknown): Tree {
  const { memory } = stored()
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
    if (scope !== 'device') continue
    for (const one of Object.values(devices)) expect(shape.Check(one[key]), `${key} without ${field}`).toBe(true)
  }
  for (const { uploads } of Object.values(devices)) expect(HABITS.Check(uploads), `without ${field}`).toBe(true)
  for (const past of Object.values(pairs)) expect(PAST.Check(past), `without ${field}`).toBe(true)
}

function expectWorks(memory: unknown, field: string): void {
  const read = readAlertMemory(memory) as AlertMemory
  expectWhole(read, field)
  const { engine, reported } = nextDay(read)
  const ids = engine.alerts.map(({ id }) => id)
  expect(new Set(ids).size, field).toBe(ids.length)
  expect(reported.length, field).toBeGreaterThan(0)
}

describe('memory in which a field is missing or wrong', () => {
  const paths = pathsIn(stored().memory).filter((path) => path[0] !== 'version')
  const wrong = [null, 'nonsense', 7, [null, 'x', {}], { surprise: 1 }, true]

  it('has many fields to try', () => expect(paths.length).toBeGreaterThan(300))

  test('starts and works where one is missing, whichever it is', () => {
    for (const path of paths) expectWorks(withField(path, undefined), path.join('.'))
  })

  test('starts and works where one is wrong, whichever it is', () => {
    for (const [at, path] of paths.entries()) expectWorks(withField(path, wrong[at % wrong.length]), path.join('.'))
  })

  test.each(wrong.map((value) => [JSON.stringify(value), value]))(
    'gives every detector its own where one is %s',
    (_, value) => {
      for (const path of paths) expectWhole(readAlertMemory(withField(path, value)) as AlertMemory, path.join('.'))
    },
  )

  test.each([[null], [7], ['text'], [[]], [{ version: 3 }], [{ version: '2' }], [{}]])(
    'that is none (%j) is none',
    (memory) => expect(readKeptAlerts({ memory }).memory).toBeNull(),
  )
  test('a file that is none holds none', () => {
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
