// A month of a made-up home with known truth: requests, clips, nights, films, a day without capture.
import type { Device } from '../../../server/api.ts'
import type { DeviceEvent } from '../../../server/detection/activity.ts'
import type { EventKind } from '../../../server/events/event.ts'
import { historyInThread } from '../../../server/history/answer.ts'
import type { HistoryDatabase } from '../../../server/history/database.ts'
import type { Range } from '../../../server/history/history.ts'
import { LocalTime } from '../../../server/model/local-time.ts'
import { type Endpoint, eventBatch } from '../../../server/model/batch.ts'
import { capturedDays, countsOfHome } from '../../../server/questions/event-counts.ts'
import type { FactsSource } from '../../../server/questions/facts.ts'
import type { TrafficView } from '../../../server/queries/traffic-view.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { batch, deviceName, endpoint, type TestCell } from '../history/histories.ts'
import { open } from '../history/whole-histories.ts'

const ZONE = 'Europe/Berlin'
const DAY = 86_400
const HOUR = 3_600
export const DAYS = 30
/** Local midnight of 1 June. */
export const FIRST = Date.parse('2026-05-31T22:00:00Z') / 1_000
export const END = FIRST + DAYS * DAY
export const RANGE: Range = { from: FIRST, to: END }
/** Nothing was captured on this day, nor in the first half of the next. */
export const OFF_DAY = 12
export const OFF: Range = { from: FIRST + OFF_DAY * DAY, to: FIRST + (OFF_DAY + 1) * DAY + 12 * HOUR }

export const ECHO = deviceName(0)
export const PHONE = deviceName(1)
export const CAMERA = deviceName(2)
export const TV = deviceName(3)
const KINDS = ['speaker', 'phone', 'camera', 'tv']
const NAMES = ['Echo', 'Phone', 'Front door', 'Samsung TV']
const VENDORS = ['Amazon', 'Google', 'Ring', 'Samsung']

const [VOICE, WHATSAPP, ICLOUD, WEB, RING, FILMS, ACR, AUDIBLE, SAMSUNG, ADS] = [21, 22, 23, 24, 25, 26, 27, 28, 29, 30]
const far = (number: number, host: string, company: string, purpose: string): Endpoint =>
  endpoint(number, { host, company, purpose, address: `198.51.100.${number}`, namedBy: 'tls' })
const ENDPOINTS = [
  far(VOICE, 'avs-alexa-4-na.amazon.com', 'alexa', 'voice'),
  far(WHATSAPP, 'e1.whatsapp.net', 'whatsapp', 'messaging'),
  far(ICLOUD, 'p1.icloud-content.com', 'icloud', 'data'),
  far(WEB, 'www.bbc.co.uk', 'bbc', 'web'),
  far(RING, 'fw.ring.com', 'ring', 'video'),
  far(FILMS, 'oca.nflxvideo.net', 'netflix', 'streaming'),
  far(ACR, 'log-ingestion-eu.samsungacr.com', 'samsung-tv', 'tracking'),
  far(AUDIBLE, 'cds.audible.com', 'audible', 'reading'),
  far(SAMSUNG, 'time.samsungcloudsolution.com', 'samsung-tv', 'control'),
  far(ADS, 'ads.doubleclick.net', 'google-ads', 'ads'),
]

export interface Month {
  database: HistoryDatabase
  events: DeviceEvent[]
  /** By day: requests that are sure, and possible beside them. */
  requests: { sure: number; possible: number }[]
}

const isOff = (second: number): boolean => second >= OFF.from && second < OFF.to

/** What the home did on each day; nothing of the time in which nothing was captured. */
export function month(): Month {
  const database = open({ timeZone: ZONE })
  database.add(
    batch([], {
      devices: KINDS.map((_, index) => ({ index, id: deviceName(index) })),
      endpoints: ENDPOINTS,
    }),
  )
  database.capturing(FIRST, true)
  const events: DeviceEvent[] = []
  const requests: Month['requests'] = []
  for (let day = 0; day < DAYS; day++) {
    const begin = FIRST + day * DAY
    const cells = [
      ...speaker(day, begin, events, requests),
      ...phone(day, begin),
      ...camera(begin, events),
      ...tv(begin),
    ]
    database.tick(begin)
    if (OFF.from >= begin && OFF.from < begin + DAY) database.capturing(OFF.from, false)
    database.add(batch(cells.filter(([second]) => !isOff(second)).sort((one, other) => one[0] - other[0])))
    if (OFF.to >= begin && OFF.to < begin + DAY) {
      database.tick(OFF.to)
      database.capturing(OFF.to, true)
    }
  }
  database.add(eventBatch({ events, withdrawn: [], replace: false }))
  database.tick(END)
  database.flush()
  return { database, events, requests }
}

/** The same home of which only the look-ups are known. */
export function monthOfLookups(): Month {
  const database = open({ timeZone: ZONE })
  database.add(
    batch([], { devices: KINDS.map((_, index) => ({ index, id: deviceName(index) })), endpoints: ENDPOINTS }),
  )
  for (let day = 0; day < DAYS; day++) {
    const at = FIRST + day * DAY + 9 * HOUR
    database.tick(at)
    database.add(
      batch([], {
        lookups: Float64Array.from([
          ...[at, 0, VOICE, 12],
          ...[at, 2, RING, 8],
          ...[at, 3, ACR, 30],
          ...[at, 3, FILMS, 10],
        ]),
      }),
    )
  }
  database.tick(END)
  database.flush()
  return { database, events: [], requests: [] }
}

function eventAt(
  at: number,
  device: string,
  kind: EventKind,
  company: string,
  more: Partial<DeviceEvent>,
): DeviceEvent {
  return {
    id: `${kind}-${at}`,
    at,
    device,
    kind,
    company,
    host: null,
    purpose: 'voice',
    sent: 40_000,
    received: 9_000,
    seconds: 6,
    confidence: 0.95,
    reasons: [],
    ...more,
  }
}

function speaker(day: number, begin: number, events: DeviceEvent[], requests: Month['requests']): TestCell[] {
  const count = 10 + ((day * 7) % 12)
  const truth = { sure: 0, possible: 0 }
  const cells: TestCell[] = []
  for (let number = 0; number < count; number++) {
    const at = begin + 8 * HOUR + number * 2_400
    const isSure = number % 5 !== 4
    if (isOff(at)) continue
    events.push(eventAt(at, ECHO, 'voice-request', 'alexa', { confidence: isSure ? 0.95 : 0.6 }))
    truth[isSure ? 'sure' : 'possible']++
    cells.push([at, 0, VOICE, 40_000, 9_000])
  }
  requests.push(truth)
  return cells
}

/** Messages all night, a backup in the fifth night, an upload in the ninth, audiobooks, pages by day. */
function phone(day: number, begin: number): TestCell[] {
  const cells: TestCell[] = []
  for (let at = begin + 60; at < begin + 6 * HOUR; at += 540) cells.push([at, 1, WHATSAPP, 120, 100])
  for (let at = begin + 8 * HOUR; at < begin + 22 * HOUR; at += HOUR) cells.push([at, 1, WEB, 20_000, 300_000])
  if (day === 5) for (let part = 0; part < 5; part++) cells.push([begin + 4_200 + part * 60, 1, ICLOUD, 18e6, 1_000])
  if (day === 9)
    for (let part = 0; part < 4; part++) cells.push([begin + 3 * HOUR + part * 60, 1, WHATSAPP, 5e6, 1_000])
  if ([3, 4, 7].includes(day))
    for (let part = 0; part < 30; part++) cells.push([begin + 19 * HOUR + part * 60, 1, AUDIBLE, 2_000, 60_000])
  return cells
}

/** Two clips and two live views a day; during the second view the phone talks to the company as well. */
function camera(begin: number, events: DeviceEvent[]): TestCell[] {
  const cells: TestCell[] = []
  const put = (at: number, kind: EventKind, sent: number, withPhone: boolean): void => {
    if (isOff(at)) return
    events.push(eventAt(at, CAMERA, kind, 'ring', { sent, purpose: 'video' }))
    cells.push([at, 2, RING, sent, 1_000])
    if (withPhone) cells.push([at, 1, RING, 3_000, 9_000])
  }
  put(begin + 7 * HOUR, 'motion-upload', 1e6, false)
  put(begin + 17 * HOUR, 'motion-upload', 1e6, false)
  put(begin + 13 * HOUR, 'live-view', 3e6, false)
  put(begin + 18 * HOUR, 'live-view', 3e6, true)
  return cells
}

/** On from 20:00 for an hour: films, and the recognition service in 50 of the 60 minutes; a clock all day. */
function tv(begin: number): TestCell[] {
  const cells: TestCell[] = []
  for (let minute = 0; minute < 60; minute++) {
    const at = begin + 20 * HOUR + minute * 60
    cells.push([at, 3, FILMS, 10_000, 4e6])
    if (minute % 6 !== 5) cells.push([at, 3, ACR, 2_000, 500])
  }
  for (let hour = 0; hour < 24; hour++) cells.push([begin + hour * HOUR + 30, 3, SAMSUNG, 90, 90])
  cells.push([begin + 20 * HOUR, 3, ADS, 1_000, 4_000])
  return cells
}

const rules = openRules(compiledRulesFolder())

const device = (index: number): Device => ({
  id: deviceName(index),
  index,
  name: NAMES[index],
  namedByOwner: true,
  kind: KINDS[index],
  kindByOwner: true,
  vendor: VENDORS[index],
  why: [],
  confidence: 1,
  mac: deviceName(index),
  privateMac: false,
  addresses: [],
  level: 'everything',
  merged: [],
  firstSeen: FIRST,
  lastSeen: END,
  isNew: false,
})

export function sourceOf({ database, events }: Month, lookupsOnly = false): FactsSource {
  const view: TrafficView = {
    history: historyInThread(database),
    rules,
    localTime: new LocalTime(ZONE),
    now: () => END,
    devices: () => KINDS.map((_, index) => device(index)),
    rootOf: (id) => id,
    membersOf: (id) => [id],
    endpointCache: new Map(),
    remainder: () => [],
    learningUntil: () => null,
  }
  const captured = async (range: Range): Promise<Range[]> =>
    lookupsOnly ? [range] : view.history.captured({ from: range.from, to: Math.min(range.to, END) })
  return {
    view,
    lookupsOnly,
    isRecording: false,
    quietHours: [],
    sources: ['A made-up month'],
    purposeTitle: (purpose) => purpose,
    eventCounts: async (range) => (await countsOfHome(view, range)).counts,
    eventFloors: async () => ({ counted: null, long: null }),
    events: async (range, kinds) =>
      events.filter(({ at, kind }) => at >= range.from && at < range.to && kinds.includes(kind)),
    captured,
    capturedDays: async (range) => capturedDays(view.localTime, range, await captured(range)),
  }
}
