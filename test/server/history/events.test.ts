// Tests of events in the traffic history: counts by local day, pages, stretches, levels, forgetting and older layouts.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Connection, Driver } from '../../../capture/sources/sqlite.ts'
import { HistoryDatabase } from '../../../server/history/database.ts'
import { EventStore } from '../../../server/history/event-store.ts'
import type { EventsRequest } from '../../../server/history/history.ts'
import { DEFAULT_RETENTION, type HistoryOptions } from '../../../server/history/options.ts'
import { MIGRATIONS } from '../../../server/history/schema.ts'
import { eventBatch } from '../../../server/model/batch.ts'
import type { EventChanges, KeptEvent } from '../../../server/model/event-changes.ts'
import { LocalTime } from '../../../server/model/local-time.ts'
import { presentDrivers } from '../../support/sqlite-drivers.ts'
import { filesContaining, temporaryFolder } from './folder.ts'
import { batch, deviceName, introduce } from './histories.ts'

const HOUR = 3_600
const TICK = 1_800
const DAY = 86_400
/** 2026-06-10 14:00 in Berlin. */
const NOW = Date.parse('2026-06-10T12:00:00Z') / 1_000
const TODAY = Date.parse('2026-06-10T00:00:00+02:00') / 1_000
const ALL = { from: 0, to: 2 ** 33 }
const EVERY: EventsRequest = { ...ALL, limit: 20_000 }

function open(options: Partial<HistoryOptions> = {}): HistoryDatabase {
  const database = new HistoryDatabase({ path: ':memory:', timeZone: 'Europe/Berlin', ...options })
  database.add(introduce(3, 5))
  return database
}

function event(id: string, at: number, parts: Partial<KeptEvent> = {}): KeptEvent {
  return {
    id,
    at,
    device: deviceName(0),
    kind: 'voice-request',
    company: 'amazon',
    host: 'avs-alexa.example.com',
    purpose: 'voice',
    sent: 100,
    received: 10,
    seconds: 5,
    confidence: 0.9,
    reasons: ['steady'],
    ...parts,
  }
}

function add(database: HistoryDatabase, events: KeptEvent[], parts: Partial<EventChanges> = {}): void {
  database.add(eventBatch({ events, withdrawn: [], replace: false, ...parts }))
}

/** The clock goes on, as it does where something is captured. */
function pass(database: HistoryDatabase, from: number, to: number): void {
  for (let now = from; now < to; now += TICK) database.tick(now)
  database.tick(to)
}

function countsOf(database: HistoryDatabase, range = ALL): string[] {
  return database
    .eventCounts(range)
    .counts.map(
      ({ day, device, kind, company, sure, possible, sent, seconds }) =>
        `${day} ${device.slice(-2)} ${kind} ${company} ${sure}+${possible} ${sent} ${seconds}`,
    )
    .sort()
}

describe('counts by local day', () => {
  test.each([false, true])('follow what becomes known of an event, committed before that: %s', (isCommitted) => {
    const database = open()
    database.tick(NOW)
    add(database, [
      event('a', NOW),
      event('b', NOW + 60, { confidence: 0.6 }),
      event('c', NOW + 90, { company: null, kind: 'unknown-upload' }),
      event('d', NOW + 95),
    ])
    if (isCommitted) database.flush()
    // More is known of one, another is of another device, and one was nothing.
    add(database, [event('a', NOW, { sent: 150, seconds: 7 }), event('b', NOW + 60, { device: deviceName(1) })], {
      withdrawn: ['d'],
    })
    const expected = [
      `${TODAY} 00 unknown-upload null 1+0 100 5`,
      `${TODAY} 00 voice-request amazon 1+0 150 7`,
      `${TODAY} 01 voice-request amazon 1+0 100 5`,
    ]
    expect(countsOf(database)).toEqual(expected)
    database.flush()
    expect(countsOf(database)).toEqual(expected)
    database.close()
  })

  test('are as long as the day of a clock change', () => {
    const database = open()
    // The clock goes back on 25 October at 03:00: the day has 25 hours.
    const day = Date.parse('2026-10-25T00:00:00+02:00') / 1_000
    database.tick(day + 26 * HOUR)
    add(database, [event('first', day), event('last', day + 25 * HOUR - 1), event('next', day + 25 * HOUR)])
    expect(countsOf(database)).toEqual([
      `${day} 00 voice-request amazon 2+0 200 10`,
      `${day + 25 * HOUR} 00 voice-request amazon 1+0 100 5`,
    ])
    database.close()
  })

  test('are cut anew where the home gets another zone', () => {
    const path = join(temporaryFolder(), 'history.db')
    const database = open({ path })
    database.tick(NOW)
    // 00:30 in Berlin is the day before in London.
    add(database, [event('a', TODAY + 30 * 60), event('b', TODAY + 5 * HOUR)])
    database.close()
    const again = open({ path, timeZone: 'Europe/London' })
    expect(countsOf(again)).toEqual([
      `${TODAY - 23 * HOUR} 00 voice-request amazon 1+0 100 5`,
      `${TODAY + HOUR} 00 voice-request amazon 1+0 100 5`,
    ])
    again.close()
  })

  test('of a day that is partly in the range are those of the events in it', () => {
    const database = open()
    add(database, [event('a', TODAY + HOUR), event('b', TODAY + 5 * HOUR), event('c', TODAY + 9 * HOUR)])
    database.tick(NOW)
    database.flush()
    const sure = (from: number, to: number): number =>
      database.eventCounts({ from, to }).counts.reduce((sum, count) => sum + count.sure, 0)
    expect(sure(TODAY, NOW)).toBe(3)
    expect(sure(TODAY + 2 * HOUR, NOW)).toBe(2)
    expect(sure(TODAY + 2 * HOUR, TODAY + 6 * HOUR)).toBe(1)
    expect(sure(TODAY - DAY, TODAY)).toBe(0)
    database.close()
  })

  test('stay as long as days, single events for their own time; from when on is said', () => {
    const database = open({ retention: { ...DEFAULT_RETENTION, dayDays: 60 }, saveEverySeconds: DAY / 2 })
    const start = TODAY - 90 * DAY
    for (let day = 0; day <= 90; day++) {
      pass(database, start + day * DAY - 14 * HOUR, start + day * DAY + 10 * HOUR)
      add(database, [
        event(`voice-${day}`, start + day * DAY + HOUR),
        event(`upload-${day}`, start + day * DAY + HOUR, { kind: 'unknown-upload' }),
      ])
    }
    pass(database, TODAY + 10 * HOUR, NOW)
    database.flush()
    const kinds = (kind: string): number[] => {
      const { events } = database.events({ ...EVERY, kinds: [kind] })
      return [events.length, events[0]?.at ?? 0]
    }
    const [voices, firstVoice = 0] = kinds('voice-request')
    expect(voices).toBe(35)
    expect(kinds('unknown-upload')[0]).toBe(14)
    const { long, brief } = database.events({ ...EVERY, limit: 0 }).keptFrom
    expect(long).toBeGreaterThan(firstVoice - DAY)
    expect(long).toBeLessThanOrEqual(firstVoice)
    expect(brief).toBeGreaterThan(long ?? 0)
    const days = database.eventCounts(ALL).counts.filter(({ kind }) => kind === 'voice-request')
    expect(days).toHaveLength(60)
    database.close()
  })

  test('are void where a recording lists all its events anew', () => {
    const database = open({ retention: null })
    add(database, [event('a', NOW), event('b', NOW + 5)])
    database.tick(NOW + 10)
    database.flush()
    add(database, [event('b', NOW + 5, { kind: 'doorbell' })], { replace: true })
    expect(countsOf(database)).toEqual([`${TODAY} 00 doorbell amazon 1+0 100 5`])
    database.flush()
    expect(database.events(EVERY).events.map(({ id }) => id)).toEqual(['b'])
    database.close()
  })
})

describe('single events', () => {
  test('come page by page, each once, and the total is said', () => {
    const database = open()
    const events = Array.from({ length: 25 }, (_, number) => event(`e${number}`, NOW - Math.floor(number / 3)))
    add(database, events.slice(0, 12))
    database.tick(NOW)
    database.flush()
    add(database, events.slice(12))
    const seen: string[] = []
    for (let before: string | null | undefined; before !== null;) {
      const page = database.events({ ...ALL, limit: 7, ...(before === undefined ? {} : { before }) })
      expect(page.total).toBe(25)
      seen.unshift(...page.events.map(({ id }) => id))
      before = page.next
    }
    expect(seen).toHaveLength(25)
    expect(new Set(seen).size).toBe(25)
    expect(database.events(EVERY).events.map(({ id }) => id)).toEqual(seen)
    database.close()
  })

  test('of streaming and statistics become stretches after a day, and count as before', () => {
    const database = open()
    database.tick(TODAY)
    const streaming = { kind: 'streaming', company: 'netflix', seconds: 600, confidence: 0.95 }
    add(database, [
      event('s1', TODAY + HOUR, streaming),
      event('s2', TODAY + HOUR + 900, { ...streaming, confidence: 0.5 }),
      event('s3', TODAY + HOUR + 1_800, streaming),
      event('later', TODAY + 6 * HOUR, streaming),
      event('other', TODAY + HOUR + 30, { ...streaming, company: 'amazon' }),
      event('voice', TODAY + HOUR + 60),
      event('voice2', TODAY + HOUR + 70),
    ])
    database.tick(TODAY + 8 * HOUR)
    database.flush()
    const before = countsOf(database)
    pass(database, TODAY + 8 * HOUR, TODAY + 50 * HOUR)
    database.flush()
    const { events, total } = database.events(EVERY)
    expect(total).toBe(5)
    expect(events.map(({ id, count, until, sent, seconds }) => [id, count, until - TODAY, sent, seconds])).toEqual([
      ['~s1', 3, HOUR + 2_400, 300, 1_800],
      ['other', 1, HOUR + 630, 100, 600],
      ['voice', 1, HOUR + 65, 100, 5],
      ['voice2', 1, HOUR + 75, 100, 5],
      ['later', 1, 6 * HOUR + 600, 100, 600],
    ])
    expect(countsOf(database)).toEqual(before)
    // What is in a stretch is not counted again, and does not come back.
    add(database, [event('s2', TODAY + HOUR + 900, streaming)])
    database.flush()
    expect(countsOf(database)).toEqual(before)
    database.close()
  })

  test('beyond the cap the oldest of their class go, and their counts stay', () => {
    const store = new EventStore(openMemory())
    const local = new LocalTime('Europe/Berlin')
    for (let number = 0; number < 30; number++) {
      store.set(`v${number}`, { ...event(`v${number}`, TODAY + number), device: 7 })
      store.set(`s${number}`, { ...event(`s${number}`, TODAY + number, { kind: 'streaming' }), device: 7 })
    }
    store.write(local)
    store.written()
    expect(store.kept.drop(true, -Infinity, 30)).toBe(null)
    expect(store.kept.drop(true, -Infinity, 20)).toBe(TODAY + 10)
    expect(store.kept.drop(false, TODAY + 25, 20)).toBe(TODAY + 25)
    const kinds = store.between(0, 2 ** 33, local).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'voice-request')).toHaveLength(20)
    expect(kinds.filter((kind) => kind === 'streaming')).toHaveLength(5)
    const sure: number[] = []
    store.visitDays(ALL, local, (count) => sure.push(count.sure))
    expect(sure).toEqual([30, 30])
  })
})

describe('privacy', () => {
  const HOST = Buffer.from('canary-host.example.com')
  const COMPANY = Buffer.from('canary-company')
  const REASON = Buffer.from('canary-reason')

  function withCanary(path: string): HistoryDatabase {
    const database = open({ path, saveEverySeconds: 6 * HOUR })
    database.add(batch([[NOW, 0, 1, 5, 5]]))
    database.tick(NOW)
    const canary = { host: String(HOST), company: String(COMPANY), reasons: [String(REASON)] }
    for (let hour = 0; hour < 12; hour++) {
      add(database, [event(`c${hour}`, NOW + hour * HOUR, canary), event(`o${hour}`, NOW, { device: deviceName(1) })])
      database.tick(NOW + hour * HOUR)
    }
    database.flush()
    add(database, [event('pending', NOW + 12 * HOUR, canary)])
    expect(filesContaining(join(path, '..'), [HOST, COMPANY, REASON]).length).toBeGreaterThan(0)
    return database
  }

  test('at the level "companies" no host and no reason is left of earlier events in any file', () => {
    const folder = temporaryFolder()
    const database = withCanary(join(folder, 'history.db'))
    const before = countsOf(database)
    expect(before.length).toBeGreaterThan(1)
    database.coarsen(deviceName(0), 'companies')
    expect(countsOf(database)).toEqual(before)
    expect(database.events(EVERY).events.filter(({ host }) => host === String(HOST))).toEqual([])
    expect(filesContaining(folder, [HOST, REASON])).toEqual([])
    database.close()
  })

  test.each(['totals', 'forgotten'] as const)('%s: no event, count or company is left in any file', (how) => {
    const folder = temporaryFolder()
    const database = withCanary(join(folder, 'history.db'))
    if (how === 'totals') database.coarsen(deviceName(0), 'totals')
    else database.forget([deviceName(0)])
    expect(countsOf(database).filter((count) => !count.includes(' 01 '))).toEqual([])
    expect(countsOf(database)).toHaveLength(1)
    expect(filesContaining(folder, [HOST, COMPANY, REASON])).toEqual([])
    database.close()
    expect(filesContaining(folder, [HOST, COMPANY, REASON])).toEqual([])
  })

  test('what was under way of a device while it was forgotten does not bring it back', () => {
    const database = open()
    database.add(batch([[NOW, 0, 1, 5, 5]]))
    database.tick(NOW)
    database.forget([deviceName(0)])
    add(database, [event('late', NOW - 5)])
    expect(countsOf(database)).toEqual([])
    expect(database.events(EVERY).total).toBe(0)
    database.close()
  })
})

/** As the version before wrote it: with traffic, and without what came later. */
function writeLayout4(driver: Driver, path: string): unknown {
  const database = open({ path, driver: driver.name, saveEverySeconds: DAY })
  database.capturing(NOW - 3 * DAY, true)
  for (let minute = -3 * 24 * 60; minute <= 0; minute += 60) {
    database.add(batch([[NOW + minute * 60, 0, 1, 1_000, 10]]))
    database.tick(NOW + minute * 60)
  }
  const sums = database.sums(ALL)
  database.close()
  const connection = driver.open(path)
  connection.exec('DROP TABLE events; DROP TABLE event_days; DROP TABLE event_words; PRAGMA user_version = 4')
  const { facts } = connection.prepare('SELECT facts FROM state').get() as { facts: string }
  const { events: _later, ...state } = JSON.parse(facts) as Record<string, unknown>
  connection.prepare('UPDATE state SET facts = ?').run(JSON.stringify(state))
  connection.close()
  return sums
}

describe.each(presentDrivers())('a history of layout 4, with $name', (driver) => {
  test('keeps its sums, and takes over once what was kept of events beside it', () => {
    const path = join(temporaryFolder(), 'history.db')
    const sums = writeLayout4(driver, path)
    const kept = [event('a', NOW - DAY), event('b', NOW - HOUR)]
    for (const isCut of [true, false]) {
      const database = open({ path, driver: driver.name })
      expect(database.problem).toBe(null)
      expect(database.sums(ALL)).toEqual(sums)
      add(database, kept, { backfill: { isCut } })
      database.tick(NOW + 60)
      database.flush()
      // What was not counted is said: no day before is a zero.
      expect(database.eventCounts(ALL).countedFrom).toBe(NOW - DAY + 1)
      expect(database.events(EVERY).keptFrom).toEqual({ long: NOW - DAY + 1, brief: NOW - DAY + 1 })
      expect(countsOf(database)).toEqual([
        `${TODAY - DAY} 00 voice-request amazon 1+0 100 5`,
        `${TODAY} 00 voice-request amazon 1+0 100 5`,
      ])
      database.close()
    }
    const database = open({ path, driver: driver.name })
    add(database, [event('never', NOW - 2 * HOUR)], { backfill: { isCut: false } })
    expect(database.events(EVERY).total).toBe(2)
    database.close()
  })

  test('that is damaged as well is read into a new one, and nothing of events is called lost', () => {
    const path = join(temporaryFolder(), 'history.db')
    writeLayout4(driver, path)
    const connection = driver.open(path)
    connection.exec("INSERT INTO positions VALUES (x'00', x'00')")
    connection.close()
    const database = open({ path, driver: driver.name })
    expect(database.problem).toContain('positions')
    expect(database.problem).not.toContain('event')
    database.close()
  })
})

test('a new history counts from its first second on', () => {
  const database = new HistoryDatabase({ path: ':memory:', timeZone: 'Europe/Berlin' })
  add(database, [], { backfill: { isCut: false } })
  database.tick(NOW)
  expect(database.eventCounts(ALL).countedFrom).toBe(null)
  database.close()
})

test.each(['event_days', 'event_words'])(
  'where damage took the table %s, days before are unknown and no zero',
  (table) => {
    const [driver] = presentDrivers()
    const path = join(temporaryFolder(), 'history.db')
    const database = open({ path })
    add(database, [event('a', NOW - HOUR)])
    database.tick(NOW - HOUR)
    database.tick(NOW)
    database.close()
    const connection = driver.open(path)
    connection.exec(`DROP TABLE ${table}`)
    connection.close()
    const again = open({ path })
    expect(again.problem).toContain(`the table ${table}`)
    expect(again.eventCounts(ALL)).toEqual({ countedFrom: NOW, counts: [] })
    again.close()
  },
)

test('devices folded into one leave their counts there, without companies', () => {
  const database = open({ limits: { devices: 20 } })
  database.add(introduce(30, 5))
  for (let device = 0; device < 20; device++) {
    database.add(batch([[NOW + device, device, 1, 5, 5]]))
    add(database, [event(`e${device}`, NOW + device, { device: deviceName(device) })])
  }
  database.tick(NOW + 60)
  database.flush()
  const sure = (): number => database.eventCounts(ALL).counts.reduce((sum, count) => sum + count.sure, 0)
  expect(sure()).toBe(20)
  database.add(batch([[NOW + 90, 25, 1, 5, 5]]))
  database.tick(NOW + 2 * HOUR)
  database.flush()
  expect(sure()).toBe(20)
  database.close()
})

test('events of a time that a wrong clock wrote go to when they were', () => {
  const connection = openMemory()
  const store = new EventStore(connection)
  const local = new LocalTime('Europe/Berlin')
  const numbered = { ...event('a', TODAY - 365 * DAY), device: 7 }
  store.set('a', numbered)
  store.write(local)
  store.written()
  store.move(TODAY - 366 * DAY, TODAY - 364 * DAY, 365 * DAY, local)
  const days: [number, number][] = []
  store.visitDays(ALL, local, ({ day, sure }) => days.push([day, sure]))
  expect(days).toEqual([[TODAY, 1]])
  expect(store.between(0, 2 ** 33, local).map(({ at, day }) => [at, day])).toEqual([[TODAY, TODAY]])
})

function openMemory(): Connection {
  const [driver] = presentDrivers()
  const connection = driver.open(':memory:')
  for (const migration of MIGRATIONS) migration(connection)
  return connection
}
