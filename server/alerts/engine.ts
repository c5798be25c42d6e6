// The engine of alerts: cells of traffic, events and the clock in, alerts out. The same for live, replay, analysis and
// dry runs. It knows no kind of alert: detectors subscribe to streams.
import type { EventEndpoint, EventFact } from '../events/event.ts'
import { localClock, type LocalMoment } from '../model/local-time.ts'
import { AT_HOME, CELL_LENGTH } from '../model/batch.ts'
import type { Alert } from './alert.ts'
import { DueClock } from './clock.ts'
import { type AtHand, atHandOf } from './at-hand.ts'
import { CountedEvents } from './counted-events.ts'
import { type AlertKind, detectorOf } from './detectors/index.ts'
import type { ClockSample, ConflictSample, DeviceSample, LimitsSample, SourceSample } from './detector.ts'
import { expectedHours } from './expected-hours.ts'
import * as incidents from './incidents.ts'
import { HabitStore } from './habit-store.ts'
import { Hands } from './hands.ts'
import { Lookups } from './lookups.ts'
import type { AlertEngineOptions } from './engine-options.ts'
import type { AlertMemory } from './memory.ts'
import { settle } from './past.ts'
import { Emitter } from './emitter.ts'
import type { AlertSettings } from './settings.ts'
import type { Found } from './found.ts'
import { UploadIncidents } from './upload-incidents.ts'
import { UploadJudge } from './upload-judge.ts'
import { UploadMeter } from './upload-meter.ts'
import { USE_BYTES, UploadWatch } from './upload-watch.ts'
import type { WatchedDevice } from './watched-device.ts'

/** Devices get the clock this often. Events with less confidence are not given to detectors. */
const LOOK_SECONDS = 60
const SURE_EVENT = 0.5

/**
 * Feed it the traffic history's batches: `addEndpoints`, `setDevice`, then `add` the cells; each event of the event
 * engine; `mark` with the history's clock, packet or not.
 */
export class AlertEngine {
  readonly localTime: (second: number) => LocalMoment
  private readonly options: AlertEngineOptions
  private readonly emitter: Emitter
  private readonly devices = new Map<number, WatchedDevice>()
  private readonly endpoints = new Map<number, EventEndpoint>()
  private readonly habits: HabitStore
  private readonly atHand: Hands
  private readonly meter: UploadMeter
  private readonly uploads = new UploadWatch()
  private readonly incidents: UploadIncidents
  private readonly memory: incidents.IncidentMemory
  private readonly counted = new CountedEvents()
  private now = Number.NEGATIVE_INFINITY
  private looked = Number.NEGATIVE_INFINITY
  private readonly clock = new DueClock()
  private firstTraffic: number | null = null
  private lastTraffic = Number.NEGATIVE_INFINITY
  private readonly lookups: Lookups<AtHand>
  private readonly judge: UploadJudge

  constructor(options: AlertEngineOptions) {
    this.options = options
    this.localTime = localClock(options.timeZone)
    this.habits = new HabitStore(options.memory ?? null, () => this.atHand.clear())
    this.memory = options.memory?.incidents ?? incidents.newIncidentMemory()
    this.emitter = new Emitter(options.settings, {
      habits: this.habits,
      memory: this.memory,
      hourNow: () => (Number.isFinite(this.now) ? this.localTime(this.now).hour : null),
      changed: (alert) => this.changed(alert),
    })
    this.incidents = new UploadIncidents(this.memory, (alert) => this.changed(alert))
    this.meter = new UploadMeter(
      () => this.emitter.settings.own['upload-spike'].floorBytes,
      (report) => this.judge.add(report),
      (index, number, second) => this.use(index, number, second),
      options.core,
    )
    this.atHand = new Hands(this.meter)
    this.lookups = this.newLookups()
    this.judge = this.newJudge()
  }

  /** Everything that survives a restart. */
  toJSON(): AlertMemory {
    return { version: 2, ...this.habits.toJSON(), incidents: this.memory }
  }

  changeSettings(settings: AlertSettings): void {
    this.emitter.changeSettings(settings)
    this.clock.renew()
  }

  setDevice(index: number, device: WatchedDevice): void {
    this.devices.set(index, device)
    this.atHand.delete(index)
    this.clock.renew()
  }

  addEndpoints(endpoints: readonly EventEndpoint[]): void {
    for (const one of endpoints) if (!this.endpoints.has(one.number)) this.endpoints.set(one.number, one)
  }

  /** When the home has been learned; null before its first packet. */
  get learningUntil(): number | null {
    return this.habits.home.first === null ? null : this.habits.home.first + this.emitter.settings.learningDays * 86_400
  }

  /** Is it too soon for what depends on habits that are learned since `first`? By default on those of the home. */
  isLearning(second: number, first = this.habits.home.first): boolean {
    return first === null || second - first < this.emitter.settings.learningDays * 86_400
  }

  /** Null where nobody in particular is behind the name. */
  familyOf(company: string | null): string | null {
    if (company === null || company.startsWith('*')) return null
    return this.options.familyOf?.(company) ?? company
  }

  add(cells: Float64Array): void {
    this.meter.place(cells)
    this.addPlaced(cells.length / CELL_LENGTH)
  }

  /** The same where the core holds so many cells already. */
  addPlaced(count: number): void {
    this.meter.begin(count)
    for (let index = 0, next = 0; index < count; index = Math.max(next, index + 1)) {
      const second = this.meter.secondAt(index)
      if (second > this.now) this.mark(second)
      this.firstTraffic ??= second
      next = this.meter.addCells(index, count, this.now)
      if (next === index) this.addCell(...this.meter.cellAt(index))
    }
  }

  /** Cells as in `Batch`. Returns the ids of alerts that are void: addresses that are devices told before. */
  addLookups(cells: Float64Array, verdicts?: Float64Array): string[] {
    return this.lookups.add(cells, verdicts)
  }

  /** One of them: what a device and an endpoint moved in a second. */
  addCell(second: number, index: number, number: number, sent: number, received: number): void {
    const isKnown = this.activeHand(second, index) !== undefined
    if (isKnown && number !== AT_HOME) this.meter.add(second, index, number, sent, received)
  }

  private use(index: number, number: number, second: number): void {
    const device = this.atHand.get(index)?.device ?? this.devices.get(index)
    if (device !== undefined) this.uploads.use(device, this.endpointOf(number), second)
  }

  /**
   * What a device and an endpoint moved in `seconds` that ended with `second`, of which single ones are not known: a
   * minute or an hour of the traffic history.
   */
  addSum(second: number, index: number, number: number, sent: number, received: number, seconds: number): void {
    const atHand = this.activeHand(second, index)
    if (atHand === undefined || number === AT_HOME) return
    if (sent + received >= USE_BYTES) this.uploads.use(atHand.device, this.endpointOf(number), second)
    const from = second - seconds + 1
    this.judge.add({ from, second, device: index, endpoint: number, sent, received, upload: null, isEnd: false })
  }

  /** Records as in `AccountedFlows`. */
  addFlows(records: Float64Array): void {
    this.meter.addFlows(records, (second, index) => this.activeHand(second, index) !== undefined)
  }

  /** The device moved something: the clock goes on, and a device that is new is registered. */
  private activeHand(second: number, index: number): AtHand | undefined {
    if (second > this.now) this.mark(second)
    this.firstTraffic ??= second
    const counted = this.atHand.move(index, second)
    if (counted !== undefined) return counted
    if (second > this.lastTraffic) this.lastTraffic = second
    const atHand = this.atHand.get(index) ?? this.open(index, second)
    if (atHand !== undefined) this.atHand.moveUncounted(atHand, second)
    return atHand
  }

  private endpointOf(number: number): EventEndpoint | undefined {
    return this.options.endpointOf?.(number) ?? this.endpoints.get(number)
  }

  /** An event of the event engine; the same id again is the same event. */
  event(event: EventFact): void {
    const device = this.devices.get(event.device)
    if (device === undefined || event.confidence < SURE_EVENT || !this.counted.count(event)) return
    const sample = { second: event.at, local: this.localTime(event.at), device, event }
    const atHand = this.handOf(device)
    this.uploads.explain(event, this.endpointOf(event.endpoint), atHand.memory, device.id, sample.local.day)
    this.emitter.emit('events', sample, atHand)
  }

  /** It is now `second`. */
  mark(second: number): void {
    if (!(second > this.now)) return
    this.now = second
    this.meter.mark(second)
    if (second - this.looked < LOOK_SECONDS) return
    this.looked = second
    this.incidents.mark(second)
    this.emitActivity()
    const local = this.localTime(second)
    const silence = this.lookups.silenceAt(second, Math.max(this.lastTraffic, this.meter.lastCounted))
    if (this.clock.isDue(second, local)) this.emitClock({ second, local, watchedSince: this.firstTraffic, ...silence })
  }

  private emitClock(sample: Omit<ClockSample, 'device'>): void {
    const devices = [...this.devices.values(), ...this.habits.absentDevices(this.devices.values())]
    for (const device of this.clock.due(devices, this.habits, sample, this.emitter.subscribers.clock))
      this.emitter.emit('clock', { ...sample, device }, this.handOf(device))
  }

  /** Nothing comes any more: what is not reported yet is judged. */
  finish(): void {
    this.meter.finish()
    this.incidents.mark(Number.POSITIVE_INFINITY)
    this.emitActivity()
  }

  private emitActivity(): void {
    for (const atHand of this.atHand.takeActive()) {
      const second = atHand.activeAt ?? this.now
      atHand.activeAt = null
      this.emitOneActivity({ second, local: this.localTime(second), device: atHand.device }, atHand)
    }
  }

  private emitOneActivity(sample: DeviceSample, atHand: AtHand): void {
    this.emitter.emit('activity', sample, atHand)
    if (Number.isFinite(this.now))
      this.clock.note(atHand.memory, this.now, this.localTime(this.now), this.emitter.subscribers.clock)
  }

  /** A conflicting claim at `second`; `index` is the device in whose name it was. */
  conflict(index: number, second: number, conflict: ConflictSample['conflict']): void {
    const atHand = this.atHand.get(index) ?? this.open(index, second)
    if (atHand === undefined) return
    this.emitter.emit('conflicts', { second, local: this.localTime(second), device: atHand.device, conflict }, atHand)
  }

  /** The state of a source, about once a minute. */
  source(sample: SourceSample): void {
    this.emitter.emit('sources', sample)
  }

  /** How often the engine's limits were reached, about once a minute. */
  limits(second: number, limits: Record<string, number>, flooding: LimitsSample['flooding'] = null): void {
    this.emitter.emit('limits', { second, limits, flooding })
  }

  /** Alerts about new devices since then are void: they are told as one flood. Returns their ids. */
  withdrawNewDevices(since: number): string[] {
    return incidents.withdraw(this.memory, 'new-device', since)
  }

  /** What somebody else found about the home as a whole, such as that the engine had stopped. */
  report(kind: AlertKind, found: Found): void {
    this.emitter.found(detectorOf(kind), found, null)
  }

  get alerts(): readonly Alert[] {
    return this.memory.alerts
  }

  itWasMe(id: string): Alert | null {
    return this.decided(incidents.itWasMe(this.memory, id, this.now))
  }

  expectFromNowOn(id: string): Alert | null {
    const alert = this.memory.alerts.find((one) => one.id === id)
    const hours = alert === undefined ? null : expectedHours(alert, this.localTime)
    return this.decided(incidents.expectFromNowOn(this.memory, id, this.now, hours))
  }

  /** What was sent up to a decision is no part of what is judged after it. */
  private decided(alert: Alert | null): Alert | null {
    if (alert !== null && alert.device !== null && alert.destination !== null) {
      const past = this.habits.pastOf(alert.device, alert.destination)
      if (past !== undefined) settle(past)
    }
    return this.changed(alert)
  }

  reopen(id: string): Alert | null {
    return this.changed(incidents.reopen(this.memory, id))
  }

  mute(choice: incidents.Mute): void {
    incidents.mute(this.memory, choice)
  }

  unmute(choice: Pick<incidents.Mute, 'device' | 'company' | 'kind' | 'destination'>): void {
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
    this.incidents.forget(new Set([id]))
    this.atHand.clear()
    this.habits.relearn(id, this.now)
    this.clock.renew()
  }

  /** Nothing of the devices stays. */
  forget(ids: ReadonlySet<string>): void {
    incidents.forgetIncidents(this.memory, ids)
    this.incidents.forget(ids)
    this.habits.forget(ids)
    this.atHand.forgetActive(ids)
    for (const [index, device] of this.devices) {
      if (!ids.has(device.id)) continue
      this.meter.forget(index)
      this.devices.delete(index)
    }
    this.atHand.clear()
    this.clock.renew()
  }

  private newJudge(): UploadJudge {
    const { habits, memory, uploads, incidents, localTime } = this
    return new UploadJudge({
      habits,
      memory,
      uploads,
      incidents,
      localTime,
      settings: () => this.emitter.settings,
      subscribers: () => this.emitter.subscribers.uploads,
      endpointOf: (number) => this.endpointOf(number),
      familyOf: (company) => this.familyOf(company),
      handOf: (index, second) => this.atHand.get(index) ?? this.open(index, second),
      traffic: (sample, atHand) => this.emitter.emit('traffic', sample, atHand),
    })
  }

  private newLookups(): Lookups<AtHand> {
    return new Lookups<AtHand>({
      devices: this.devices,
      habits: this.habits,
      memory: this.memory,
      now: () => this.now,
      localTime: this.localTime,
      endpointOf: (number) => this.endpointOf(number),
      familyOf: (company) => this.familyOf(company),
      isLearning: (second, first) => this.isLearning(second, first),
      handOf: (index, second, isLogNew) => this.atHand.get(index) ?? this.open(index, second, isLogNew),
      activity: (sample, atHand) => this.emitOneActivity(sample, atHand),
      emitter: () => this.emitter,
    })
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
    return atHandOf(device, this.habits.ofDevice(device))
  }

  private askFor(index: number, second: number): WatchedDevice | undefined {
    const device = this.options.deviceOf?.(index, second)
    if (device !== undefined) this.setDevice(index, device)
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
    this.emitter.emit('newDevice', sample, atHand)
  }

  private changed(alert: Alert | null): Alert | null {
    if (alert !== null) this.options.onAlert(alert)
    return alert
  }
}
