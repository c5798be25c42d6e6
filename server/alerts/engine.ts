// The engine of alerts: cells of traffic, events and the clock in, alerts out. The same for live, replay, analysis and
// dry runs. It knows no kind of alert: detectors subscribe to streams.
import { isIP } from 'node:net'
import type { EventEndpoint, EventFact } from '../events/event.ts'
import { localClock, type LocalMoment } from '../model/local-time.ts'
import { AT_HOME, CELL_LENGTH } from '../model/batch.ts'
import type { Alert } from './alert.ts'
import { type AlertKind, detectorOf } from './detectors/index.ts'
import type {
  AnyDetector,
  ConflictSample,
  LimitsSample,
  SampleOf,
  SourceSample,
  Stream,
  TrafficSample,
} from './detector.ts'
import * as incidents from './incidents.ts'
import { HabitStore } from './habit-store.ts'
import { Lookups } from './lookups.ts'
import type { AlertMemory, DeviceMemory, Memories } from './memory.ts'
import { type Subscriber, subscribersOf } from './subscribers.ts'
import type { AlertSettings } from './settings.ts'
import type { Found } from './found.ts'
import type { WatchedDevice } from './watched-device.ts'

/** Devices get the clock this often. */
const LOOK_SECONDS = 60
/** Less in a second is no part of an upload worth a window. */
const SMALLEST_UPLOAD = 500
/** Events with less confidence are not given to detectors. */
const SURE_EVENT = 0.5
/** Events remembered by kind, so that each is given to detectors once. */
const MAX_EVENTS = 2_048

/**
 * The streams that a cell goes to: the traffic history, which keeps minutes, and recordings have each part from
 * elsewhere. `habits` are the streams `activity` and `traffic`; `seconds` and `minutes` are those of uploads.
 */
export const WATCHED = { habits: 1, seconds: 2, minutes: 4, all: 7 } as const

/** What is at hand for a device's next cell, so that nothing is looked up by text for each of them. */
interface AtHand {
  device: WatchedDevice
  memory: DeviceMemory
  pairs: Map<string | null, Memories>
}

/** Made once a cell. What only some detectors ask for is worked out when they do. */
class CellSample implements TrafficSample {
  readonly second: number
  readonly local: LocalMoment
  readonly sent: number
  readonly received: number
  readonly device: WatchedDevice
  readonly endpoint: EventEndpoint
  readonly learnedFrom: number
  private readonly engine: AlertEngine

  constructor(
    engine: AlertEngine,
    { device, memory }: AtHand,
    endpoint: EventEndpoint,
    second: number,
    sent: number,
    received: number,
  ) {
    this.engine = engine
    this.device = device
    this.endpoint = endpoint
    this.second = second
    this.local = engine.localTime(second)
    this.sent = sent
    this.received = received
    this.learnedFrom = memory.first
  }

  get family(): string | null {
    return this.engine.familyOf(this.endpoint.company)
  }

  get isLearning(): boolean {
    return this.engine.isLearning(this.second) || this.engine.isLearning(this.second, this.learnedFrom)
  }
}

export interface AlertEngineOptions {
  settings: AlertSettings
  /** IANA name: hours and days are the owner's. */
  timeZone: string
  /** New, or changed: the same id again. */
  onAlert: (alert: Alert) => void
  /** What `toJSON` gave before the restart. */
  memory?: AlertMemory | null
  /** The company at the top of its family. */
  familyOf?: (slug: string) => string
  /** Look-ups of what `addEndpoints` and `setDevice` did not give. */
  endpointOf?: (number: number) => EventEndpoint | undefined
  deviceOf?: (index: number, second: number) => WatchedDevice
}

/**
 * Feed it the traffic history's batches: `addEndpoints`, `setDevice`, then `add` the cells; each event of the event
 * engine; `mark` with the history's clock, packet or not.
 */
export class AlertEngine {
  readonly localTime: (second: number) => LocalMoment
  private readonly options: AlertEngineOptions
  private settings: AlertSettings
  private subscribers: Record<Stream, Subscriber[]>
  private readonly devices = new Map<number, WatchedDevice>()
  private readonly endpoints = new Map<number, EventEndpoint>()
  private readonly habits: HabitStore
  private readonly atHand = new Map<number, AtHand>()
  private readonly memory: incidents.IncidentMemory
  /** Ids of events that were given to detectors, by their kind. */
  private readonly counted = new Map<string, Set<string>>()
  private now = Number.NEGATIVE_INFINITY
  private looked = Number.NEGATIVE_INFINITY
  private firstTraffic: number | null = null
  private lastTraffic = Number.NEGATIVE_INFINITY
  private readonly lookups = this.newLookups()
  private moved: string[] = []

  constructor(options: AlertEngineOptions) {
    this.options = options
    this.settings = options.settings
    this.subscribers = subscribersOf(options.settings)
    this.localTime = localClock(options.timeZone)
    this.habits = new HabitStore(options.memory ?? null, () => this.atHand.clear())
    this.memory = options.memory?.incidents ?? incidents.newIncidentMemory()
  }

  /** Everything that survives a restart. */
  toJSON(): AlertMemory {
    return { version: 1, ...this.habits.toJSON(), incidents: this.memory }
  }

  changeSettings(settings: AlertSettings): void {
    this.settings = settings
    this.subscribers = subscribersOf(settings)
  }

  setDevice(index: number, device: WatchedDevice): void {
    this.devices.set(index, device)
    this.atHand.delete(index)
  }

  addEndpoints(endpoints: readonly EventEndpoint[]): void {
    for (const endpoint of endpoints)
      if (!this.endpoints.has(endpoint.number)) this.endpoints.set(endpoint.number, endpoint)
  }

  /** When the home has been learned; null before its first packet. */
  get learningUntil(): number | null {
    const { first } = this.habits.home
    return first === null ? null : first + this.settings.learningDays * 86_400
  }

  /** Is it too soon for what depends on habits that are learned since `first`? Of the home where it is not given. */
  isLearning(second: number, first = this.habits.home.first): boolean {
    return first === null || second - first < this.settings.learningDays * 86_400
  }

  /** Null where nobody in particular is behind the name. */
  familyOf(company: string | null): string | null {
    if (company === null || company.startsWith('*')) return null
    return this.options.familyOf?.(company) ?? company
  }

  add(cells: Float64Array): void {
    for (let at = 0; at < cells.length; at += CELL_LENGTH) {
      this.addCell(cells[at], cells[at + 1], cells[at + 2], cells[at + 3], cells[at + 4])
    }
  }

  /** Cells as in `Batch.lookups`. Returns the ids of alerts that are void: addresses turned out to be other devices'. */
  addLookups(cells: Float64Array): string[] {
    this.lookups.add(cells)
    return this.moved.splice(0)
  }

  /** One of them. */
  addCell(
    second: number,
    index: number,
    number: number,
    sent: number,
    received: number,
    watched: number = WATCHED.all,
  ): void {
    if (second > this.now) this.mark(second)
    if (second > this.lastTraffic) this.lastTraffic = second
    this.firstTraffic ??= second
    const atHand = this.atHand.get(index) ?? this.open(index, second)
    if (atHand === undefined) return
    const isHabit = (watched & WATCHED.habits) !== 0
    if (isHabit) this.emit('activity', { second, local: this.localTime(second), device: atHand.device }, atHand)
    if (number === AT_HOME || sent <= 0) return
    const endpoint = this.options.endpointOf?.(number) ?? this.endpoints.get(number)
    if (endpoint === undefined) return
    const sample = new CellSample(this, atHand, endpoint, second, sent, received)
    if (isHabit) this.emit('traffic', sample, atHand, endpoint.company)
    if (sent < SMALLEST_UPLOAD) return
    if ((watched & WATCHED.seconds) !== 0) this.emit('uploadSeconds', sample, atHand, endpoint.company)
    if ((watched & WATCHED.minutes) !== 0) this.emit('uploadMinutes', sample, atHand, endpoint.company)
  }

  /** An event of the event engine; the same id again is the same event. */
  event(event: EventFact): void {
    const device = this.devices.get(event.device)
    if (device === undefined || event.confidence < SURE_EVENT) return
    let counted = this.counted.get(event.kind)
    if (counted === undefined) this.counted.set(event.kind, (counted = new Set()))
    if (counted.has(event.id)) return
    counted.add(event.id)
    if (counted.size > MAX_EVENTS)
      for (const oldest of counted) {
        counted.delete(oldest)
        break
      }
    const sample = { second: event.at, local: this.localTime(event.at), device, event }
    this.emit('events', sample, this.handOf(device), event.company)
  }

  /** It is now `second`. */
  mark(second: number): void {
    if (!(second > this.now)) return
    this.now = second
    if (second - this.looked < LOOK_SECONDS) return
    this.looked = second
    const local = this.localTime(second)
    const silence = this.lookups.silenceAt(second, this.lastTraffic)
    const sample = { second, local, watchedSince: this.firstTraffic, ...silence }
    for (const device of [...this.devices.values(), ...this.absentDevices()])
      if (this.habits.hasDevice(device.id)) this.emit('clock', { ...sample, device }, this.handOf(device))
  }

  /** A conflicting claim at `second`; `index` is the device in whose name it was. */
  conflict(index: number, second: number, conflict: ConflictSample['conflict']): void {
    const atHand = this.atHand.get(index) ?? this.open(index, second)
    if (atHand === undefined) return
    this.emit('conflicts', { second, local: this.localTime(second), device: atHand.device, conflict }, atHand)
  }

  /** The state of a source, about once a minute. */
  source(sample: SourceSample): void {
    this.emit('sources', sample)
  }

  /** How often the engine's limits were reached, about once a minute. */
  limits(second: number, limits: Record<string, number>, flooding: LimitsSample['flooding'] = null): void {
    this.emit('limits', { second, limits, flooding })
  }

  /** Alerts about new devices since then are void: they are told as one flood. Returns their ids. */
  withdrawNewDevices(since: number): string[] {
    const { alerts } = this.memory
    const isVoid = ({ kind, from }: Alert): boolean => kind === 'new-device' && from >= since
    this.memory.alerts = alerts.filter((alert) => !isVoid(alert))
    return alerts.filter(isVoid).map(({ id }) => id)
  }

  /** What somebody else found about the home as a whole, such as that the engine had stopped. */
  report(kind: AlertKind, found: Found): void {
    this.found(detectorOf(kind), found, null, null)
  }

  get alerts(): readonly Alert[] {
    return this.memory.alerts
  }

  itWasMe(id: string): Alert | null {
    return this.changed(incidents.itWasMe(this.memory, id))
  }

  expectFromNowOn(id: string): Alert | null {
    return this.changed(incidents.expectFromNowOn(this.memory, id))
  }

  reopen(id: string): Alert | null {
    return this.changed(incidents.reopen(this.memory, id))
  }

  mute(choice: incidents.Mute): void {
    incidents.mute(this.memory, choice)
  }

  unmute(choice: Pick<incidents.Mute, 'device' | 'company' | 'kind'>): void {
    incidents.unmute(this.memory, choice)
  }

  get mutes(): readonly incidents.Mute[] {
    return this.memory.mutes
  }

  get expectations(): readonly incidents.Expectation[] {
    return this.memory.expectations
  }

  /** The device's habits are learned anew from now on, and its alerts are gone: less is kept of it, or more. */
  relearn(id: string): void {
    this.memory.alerts = this.memory.alerts.filter(({ device }) => device !== id)
    this.atHand.clear()
    this.habits.relearn(id, this.now)
  }

  /** Nothing of the devices stays. */
  forget(ids: ReadonlySet<string>): void {
    incidents.forgetIncidents(this.memory, ids)
    this.habits.forget(ids)
    for (const [index, device] of this.devices) if (ids.has(device.id)) this.devices.delete(index)
    this.atHand.clear()
  }

  /** Known from before the restart, and not seen since. An address may have got a MAC, which is a device of its own. */
  private absentDevices(): WatchedDevice[] {
    const here = new Set([...this.devices.values()].map(({ id }) => id))
    const absent = this.habits.deviceIds().filter((id) => !here.has(id))
    const hasMacs = Object.keys(this.habits.home.devices).some((id) => isIP(id) === 0)
    return absent
      .filter((id) => !hasMacs || isIP(id) === 0)
      .map((id) => ({ id, name: null, kind: 'unknown', firstSeen: this.habits.home.devices[id] ?? 0 }))
  }

  private newLookups(): Lookups<AtHand> {
    const now = (): number => this.now
    return new Lookups<AtHand>({
      get now() {
        return now()
      },
      localTime: (second) => this.localTime(second),
      endpointOf: (number) => this.options.endpointOf?.(number) ?? this.endpoints.get(number),
      familyOf: (company) => this.familyOf(company),
      isLearning: (second, first) => this.isLearning(second, first),
      handOf: (index, second) => this.openAsking(index, second),
      activity: (sample, atHand) => this.emit('activity', sample, atHand),
      lookups: (sample, atHand) => this.emit('lookups', sample, atHand, sample.endpoint.company),
      moved: (index) => this.withdrawMoved(index),
    })
  }

  /** A log that is new to a home tells of devices that are not. */
  private openAsking(index: number, second: number): AtHand | undefined {
    this.habits.home.asked ??= second
    return this.atHand.get(index) ?? this.open(index, second, this.isLearning(second, this.habits.home.asked))
  }

  /** A device that was told as new, and is none. */
  private withdrawMoved(index: number): void {
    const id = this.devices.get(index)?.id ?? ''
    if (isIP(id) === 0) return
    const isVoid = ({ kind, device }: Alert): boolean => kind === 'new-device' && device === id
    const [gone, kept] = [this.memory.alerts.filter(isVoid), this.memory.alerts.filter((alert) => !isVoid(alert))]
    if (gone.length === 0) return
    this.memory.alerts = kept
    this.moved.push(...gone.map((alert) => alert.id))
  }

  /** What the device's cells need; undefined where nobody knows it. */
  private open(index: number, second: number, isLogNew = false): AtHand | undefined {
    const device = this.devices.get(index) ?? this.askFor(index, second)
    if (device === undefined) return undefined
    const atHand = this.handOf(device)
    this.register(atHand, second, isLogNew)
    // One that the home has no room for is looked at anew with each cell.
    if (this.habits.isKnown(device.id)) this.atHand.set(index, atHand)
    return atHand
  }

  private handOf(device: WatchedDevice): AtHand {
    return { device, memory: this.habits.ofDevice(device), pairs: new Map<string | null, Memories>() }
  }

  private askFor(index: number, second: number): WatchedDevice | undefined {
    const device = this.options.deviceOf?.(index, second)
    if (device !== undefined) this.devices.set(index, device)
    return device
  }

  private register(atHand: AtHand, second: number, isLogNew: boolean): void {
    const { device } = atHand
    const isRemembered = this.habits.register(device.id, second)
    if (isRemembered === null) return
    const sample = {
      second,
      local: this.localTime(second),
      device,
      isLearning: isLogNew || this.isLearning(second),
      isRemembered,
    }
    this.emit('newDevice', sample, atHand)
  }

  /** Emits a sample to each detector that subscribes to the stream. */
  private emit<Name extends Stream>(
    stream: Name,
    sample: SampleOf<Name>,
    atHand: AtHand | null = null,
    company: string | null = null,
  ): void {
    for (const { detector, detect, settings } of this.subscribers[stream]) {
      const memories = this.memoriesFor(detector, atHand, company, sample.second)
      const found = detect(memories[detector.memory.key], sample, settings)
      if (found !== null) this.found(detector, found, atHand?.device.id ?? null, company)
    }
  }

  private memoriesFor(
    { memory }: AnyDetector,
    atHand: AtHand | null,
    company: string | null,
    second: number,
  ): Memories {
    if (memory.scope === 'home' || atHand === null) return this.habits.ofHome
    if (memory.scope === 'device') return atHand.memory
    let memories = atHand.pairs.get(company)
    if (memories === undefined) {
      memories = this.habits.ofPair(atHand.device.id, company, second)
      atHand.pairs.set(company, memories)
    }
    return memories
  }

  private found(
    { kind, memory, isShownWhileLearning }: Subscriber['detector'],
    found: Found,
    device: string | null,
    company: string | null,
  ): void {
    if (!this.settings.on[kind]) return
    if (found.learning && !(this.settings.reportWhileLearning && isShownWhileLearning)) return
    const about = found.device === null ? null : device
    const finding = {
      ...found,
      kind,
      device: about,
      destination: null,
      company: found.company ?? (memory.scope === 'pair' ? company : null),
    }
    this.changed(incidents.addFinding(this.memory, finding, this.settings.coolDownSeconds))
  }

  private changed(alert: Alert | null): Alert | null {
    if (alert !== null) this.options.onAlert(alert)
    return alert
  }
}
