// A dry run over the traffic history: the detectors read once more what is kept, under each of the settings.
//
// The traffic history keeps minutes for some days and hours for weeks, and events with the bytes and the length of
// their bursts. So habits, companies and devices are tried on hours and minutes, large uploads on minutes, sudden
// uploads and voice requests on events. Stopped sources and floods are not kept, and cannot be tried.
import type { Alert } from '../alerts/alert.ts'
import { baselineOf, type DryRunPast } from '../alerts/baseline.ts'
import type { PastEndpoint } from '../alerts/detector.ts'
import { DETECTORS } from '../alerts/detectors/index.ts'
import { AlertEngine } from '../alerts/engine.ts'
import type { AlertMemory } from '../alerts/memory.ts'
import type { AlertSettings } from '../alerts/settings.ts'
import { titleOf } from '../alerts/words.ts'
import type { DryRunReach } from '../api.ts'
import type { EventEndpoint } from '../events/event.ts'
import type { History, StoredEndpoint } from '../history/history.ts'
import { localClock } from '../model/local-time.ts'
import type { Rules } from '../rulebook/open.ts'
import { CELL_LENGTH } from '../model/batch.ts'
import type { DeviceEvent } from '../detection/activity.ts'
import type { WatchedDevice } from '../alerts/watched-device.ts'

const DAY = 86_400
/** Asked of the traffic history at once. */
const SLICE_SECONDS = 6 * 3_600
/** Looked at in one go; then others have their turn. */
const CELLS_AT_ONCE = 2_000
/** A burst this slow is nowhere sudden: no setting asks for less in ten seconds. */
const SLOWEST = 10_000 / 10
/** Of a long burst so many seconds are looked at: what comes then is more of the same. */
const LONGEST_BURST = 600
/** Alerts kept of one run; settings that give more than this are answered all the same. */
const MAX_ALERTS = 5_000
/** Numbers of endpoints that stand for the companies of events: no endpoint of the traffic history has them. */
const FIRST_EVENT_ENDPOINT = -1

export interface HistoryDryRun {
  history: History
  rules: Rules
  /** As they are, and as they might be. */
  settings: readonly AlertSettings[]
  timeZone: string
  /** What has been learned up to now; null where nothing is. */
  memory: AlertMemory | null
  devices: readonly WatchedDevice[]
  /** The oldest first. */
  events: readonly DeviceEvent[]
  from: number
  to: number
  progress: (share: number) => void
  signal: AbortSignal
}

export interface DryRunOutcome {
  /** Per settings, in their order. */
  alerts: Alert[][]
  reach: DryRunReach[]
}

/** Rejects with the signal's reason where it is aborted. */
export async function dryRunOverHistory(dryRun: HistoryDryRun): Promise<DryRunOutcome> {
  const { history, from, to, signal, settings } = dryRun
  const { minutesFrom } = await history.cells({ from, to: from })
  const bursts = burstsOf(dryRun.events.filter(({ at }) => at >= from && at < to))
  const eventsFrom = bursts[0]?.second ?? to
  const largeFrom = Math.max(from, minutesFrom)
  const memory = await pastOf(dryRun, eventsFrom, largeFrom)
  const runs = settings.map((one) => new RunningDryRun(dryRun, one, structuredClone(memory)))
  const endpoints = new Set<number>()
  for (let begin = from; begin < to; begin += SLICE_SECONDS) {
    const end = Math.min(to, begin + SLICE_SECONDS)
    const { devices, cells } = await history.cells({ from: begin, to: end })
    const fresh = [...new Set(everyFifth(cells, 2))].filter((id) => id !== 0 && !endpoints.has(id))
    for (const id of fresh) endpoints.add(id)
    const known = (fresh.length === 0 ? [] : await history.endpoints(fresh)).map(watchedEndpoint)
    for (const run of runs) run.know(devices, known)
    for (let at = 0; at < cells.length; at += CELLS_AT_ONCE * CELL_LENGTH) {
      signal.throwIfAborted()
      for (const run of runs) run.add(cells.subarray(at, at + CELLS_AT_ONCE * CELL_LENGTH), bursts)
      await new Promise((resolve) => setImmediate(resolve))
    }
    dryRun.progress((end - from) / (to - from))
  }
  for (const run of runs) run.finish(bursts, to)
  return {
    alerts: runs.map(({ alerts }) => [...alerts.values()]),
    reach: reachOf(from, largeFrom, bursts.length === 0 ? null : eventsFrom),
  }
}

/** One second of a burst; the first of an event carries it. */
interface BurstSecond {
  second: number
  sent: number
  received: number
  event: DeviceEvent
  isFirst: boolean
}

/** An event's bytes, spread over its seconds; a heartbeat's seconds are the time between two. */
function burstsOf(events: readonly DeviceEvent[]): BurstSecond[] {
  const bursts = events
    .filter(({ kind }) => kind !== 'heartbeat')
    .flatMap((event) => {
      const length = Math.max(1, Math.round(event.seconds))
      const shown = event.sent / length < SLOWEST ? 1 : Math.min(length, LONGEST_BURST)
      return Array.from({ length: shown }, (_, place) => ({
        second: event.at + place,
        sent: event.sent / length,
        received: event.received / length,
        event,
        isFirst: place === 0,
      }))
    })
  return bursts.sort((one, other) => one.second - other.second)
}

/** The same detectors with the same past, under one of the settings. */
class RunningDryRun {
  readonly alerts = new Map<string, Alert>()
  private readonly engine: AlertEngine
  private readonly devices: Map<string, WatchedDevice>
  private readonly indexes = new Map<string, number>()
  private readonly companies = new Map<string | null, number>()
  /** By index in the slice's cells: the index in the engine. */
  private indexOf: number[] = []
  private nextBurst = 0

  constructor({ rules, timeZone, devices }: HistoryDryRun, settings: AlertSettings, memory: AlertMemory) {
    this.devices = new Map(devices.map((device) => [device.id, device]))
    this.engine = new AlertEngine({
      settings,
      timeZone,
      memory,
      onAlert: (alert) => {
        if (this.alerts.size < MAX_ALERTS || this.alerts.has(alert.id)) this.alerts.set(alert.id, { ...alert })
      },
      familyOf: (slug) => rules.companies.parentOf(slug),
    })
  }

  know(devices: readonly string[], endpoints: readonly EventEndpoint[]): void {
    this.engine.addEndpoints(endpoints)
    this.indexOf = devices.map((id) => this.index(id))
  }

  /** Bursts are taken in between, at their time. */
  add(cells: Float64Array, bursts: readonly BurstSecond[]): void {
    for (let at = 0; at < cells.length; at += CELL_LENGTH) {
      const second = cells[at]
      this.addBursts(bursts, second)
      const index = this.indexOf[cells[at + 1]]
      this.engine.addSum(second, index, cells[at + 2], cells[at + 3], cells[at + 4])
    }
  }

  finish(bursts: readonly BurstSecond[], to: number): void {
    this.addBursts(bursts, to)
    this.engine.mark(to)
  }

  private addBursts(bursts: readonly BurstSecond[], until: number): void {
    for (
      let burst = bursts[this.nextBurst];
      burst !== undefined && burst.second <= until;
      burst = bursts[++this.nextBurst]
    ) {
      const { event, isFirst } = burst
      const device = this.index(event.device)
      const endpoint = this.endpointOf(event.company)
      if (isFirst) this.engine.event({ ...event, device, endpoint })
    }
  }

  private index(id: string): number {
    let index = this.indexes.get(id)
    if (index === undefined) {
      this.indexes.set(id, (index = this.indexes.size))
      this.engine.setDevice(index, this.devices.get(id) ?? { id, name: null, kind: 'unknown', firstSeen: 0 })
    }
    return index
  }

  private endpointOf(company: string | null): number {
    let number = this.companies.get(company)
    if (number === undefined) {
      this.companies.set(company, (number = FIRST_EVENT_ENDPOINT - this.companies.size))
      this.engine.addEndpoints([
        { number, host: null, address: null, company, purpose: 'unknown', network: null, labels: [], namedBy: 'none' },
      ])
    }
    return number
  }
}

/** Habits before the dry run, and whom each device knew by then. */
async function pastOf(
  { history, rules, timeZone, memory, devices, from }: HistoryDryRun,
  spikesFrom: number,
  largeFrom: number,
): Promise<AlertMemory> {
  const local = localClock(timeZone)
  const known: DryRunPast['devices'][number][] = []
  for (const device of devices.filter(({ firstSeen }) => firstSeen < from)) {
    const ids = await history.endpointsBefore([device.id], from)
    const endpoints = (await history.endpoints(ids)).map((one) => pastEndpoint(one, rules))
    known.push({ device, endpoints })
  }
  const days = { hour: local(from).day, minute: local(largeFrom).day, event: local(spikesFrom).day }
  return baselineOf(memory, { from, days, devices: known })
}

function pastEndpoint(stored: StoredEndpoint, rules: Rules): PastEndpoint {
  const endpoint = watchedEndpoint(stored)
  const { company } = endpoint
  return { ...endpoint, family: company === null ? null : rules.companies.parentOf(company) }
}

/** What a level keeps back, and what was folded, is nobody in particular. */
function watchedEndpoint({
  id,
  host,
  addresses,
  company,
  purpose,
  network,
  labels,
  namedBy,
}: StoredEndpoint): EventEndpoint {
  return {
    number: id,
    host,
    address: addresses[0] ?? null,
    company: company?.startsWith('*') === true ? null : company,
    purpose,
    network,
    labels,
    namedBy,
  }
}

function reachOf(hours: number, minutes: number, events: number | null): DryRunReach[] {
  const from = { hour: hours, minute: minutes, event: events }
  return DETECTORS.map(({ kind, dryRun }) => {
    // Where minutes reach as far back as hours do, it is they that are looked at.
    const grain = dryRun === 'hour' && hours >= minutes ? 'minute' : dryRun
    return { kind, title: titleOf(kind), grain, from: dryRun === null ? null : from[dryRun] }
  })
}

function everyFifth(cells: Float64Array, offset: number): number[] {
  const values: number[] = []
  for (let at = offset; at < cells.length; at += CELL_LENGTH) values.push(cells[at])
  return values
}

/** Where a dry run over the traffic history begins: as far back as hours are kept. */
export function dryRunBegin(first: number, now: number, hourDays: number): number {
  return Math.max(Math.floor(first), Math.floor(now) - hourDays * DAY)
}
