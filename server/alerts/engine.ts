// Who watches? Cells of traffic, events and the clock in; alerts out. The same for live, replay, analysis and "try it
// first".
import type { EventEndpoint, EventFact } from '../events/event.ts'
import { AT_HOME, CELL_LENGTH } from '../model/batch.ts'
import type { Alert, AlertKind, Finding, WatchedDevice } from './alert.ts'
import { aroundYourDns, newDnsMemory, type DnsMemory } from './around-your-dns.ts'
import { cameraAway, newAwayMemory, type AwayMemory } from './camera-away.ts'
import { flood, newFloodMemory } from './flood.ts'
import * as incidents from './incidents.ts'
import { largeUpload, newLargeMemory, type LargeMemory } from './large-upload.ts'
import { localClock, type LocalTime } from './local-time.ts'
import { newCompany, newCompanyMemory, type CompanyMemory } from './new-company.ts'
import { newDevice, newHomeMemory, type HomeMemory } from './new-device.ts'
import { newQuietMemory, quietHours, type QuietMemory } from './quiet-hours.ts'
import { settingsFor, type AlertSettings } from './settings.ts'
import { heard, newSilentMemory, silent, type SilentMemory } from './silent.ts'
import { newSourceMemory, sourceStopped, type SourceSample } from './source-stopped.ts'
import { newUnencryptedMemory, unencrypted, type UnencryptedMemory } from './unencrypted.ts'
import { newSpikeMemory, uploadSpike, type SpikeMemory } from './upload-spike.ts'
import { newVoiceMemory, voiceBusy, type VoiceMemory } from './voice-busy.ts'

/**
 * Devices and pairs of device and company whose habits are kept; beyond, the newest goes: a flood must not wash old
 * habits away.
 */
export const MAX_DEVICES = 512
export const MAX_PAIRS = 2_048
/** Silence is looked for this often. */
const LOOK_SECONDS = 60
/** Less in a second is no part of an upload worth a window. */
const SMALLEST_UPLOAD = 500
/** Requests about which one is not at least this sure are not counted. */
const SURE_REQUEST = 0.5

/** What of a cell is looked at: history that keep minutes, and recordings, have each part from elsewhere. */
export const WATCHED = { habits: 1, spikes: 2, large: 4, all: 7 } as const

/** What detectors of habits look at, made once a cell. The kind is asked for only where it decides. */
class HabitSample {
  readonly second: number
  readonly local: LocalTime
  readonly sent: number
  readonly received: number
  private readonly device: WatchedDevice

  constructor(device: WatchedDevice, second: number, local: LocalTime, sent: number, received: number) {
    this.device = device
    this.second = second
    this.local = local
    this.sent = sent
    this.received = received
  }

  get kind(): string {
    return this.device.kind
  }
}

export interface DeviceHabits {
  companies: CompanyMemory
  quiet: QuietMemory
  voice: VoiceMemory
  away: AwayMemory
  dns: DnsMemory
  unencrypted: UnencryptedMemory
  silent: SilentMemory
}

export interface PairHabits {
  spike: SpikeMemory
  large: LargeMemory
}

/** What is at hand for a device's next cell, so that nothing is looked up by text for each of them. */
interface AtHand {
  device: WatchedDevice
  habits: DeviceHabits
  pairs: Map<string | null, PairHabits>
}

/** All habits and decisions, as JSON. */
export interface AlertMemory {
  version: 1
  home: HomeMemory
  devices: Record<string, DeviceHabits>
  /** By device id and company, as JSON text of the two. */
  pairs: Record<string, PairHabits>
  incidents: incidents.IncidentMemory
}

export interface AlertEngineOptions {
  settings: AlertSettings
  /** IANA name: hours and days are the owner's. */
  timeZone: string
  /** New, or changed: the same id again. */
  onAlert: (alert: Alert) => void
  /** What `toJSON` gave before the restart. */
  memory?: AlertMemory | null
  /** Name of a company for the sentence. */
  companyName?: (slug: string) => string
  /** The company at the top of its family. */
  familyOf?: (slug: string) => string
  /** Asked for what `addEndpoints` and `setDevice` did not tell. */
  endpointOf?: (number: number) => EventEndpoint | undefined
  deviceOf?: (index: number, second: number) => WatchedDevice
}

/**
 * Feed it the history's batches: `addEndpoints`, `setDevice`, then `take` the cells; each event of the event engine;
 * `mark`
 * with the history's clock, packet or not.
 */
export class AlertEngine {
  private readonly options: AlertEngineOptions
  private settings: AlertSettings
  private readonly byKind = new Map<string, AlertSettings>()
  private readonly localTime: (second: number) => LocalTime
  private readonly devices = new Map<number, WatchedDevice>()
  private readonly endpoints = new Map<number, EventEndpoint>()
  private readonly home: HomeMemory
  private readonly habits: Map<string, DeviceHabits>
  private readonly pairs: Map<string, PairHabits>
  private readonly atHand = new Map<number, AtHand>()
  private readonly memory: incidents.IncidentMemory
  private readonly sources = newSourceMemory()
  private readonly floods = newFloodMemory()
  private readonly counted = new Set<string>()
  private now = Number.NEGATIVE_INFINITY
  private looked = Number.NEGATIVE_INFINITY
  private lastTraffic = Number.NEGATIVE_INFINITY

  constructor(options: AlertEngineOptions) {
    this.options = options
    this.settings = options.settings
    this.localTime = localClock(options.timeZone)
    const memory = options.memory ?? null
    this.home = memory?.home ?? newHomeMemory()
    this.habits = new Map(Object.entries(memory?.devices ?? {}))
    this.pairs = new Map(Object.entries(memory?.pairs ?? {}))
    this.memory = memory?.incidents ?? incidents.newIncidentMemory()
  }

  /** Everything that survives a restart. */
  toJSON(): AlertMemory {
    return {
      version: 1,
      home: this.home,
      devices: Object.fromEntries(this.habits),
      pairs: Object.fromEntries(this.pairs),
      incidents: this.memory,
    }
  }

  changeSettings(settings: AlertSettings): void {
    this.settings = settings
    this.byKind.clear()
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
    return this.home.first === null ? null : this.home.first + this.settings.learningDays * 86_400
  }

  take(cells: Float64Array): void {
    for (let at = 0; at < cells.length; at += CELL_LENGTH) {
      this.takeCell(
        cells[at] as number,
        cells[at + 1] as number,
        cells[at + 2] as number,
        cells[at + 3] as number,
        cells[at + 4] as number,
      )
    }
  }

  /** One of them. */
  takeCell(
    second: number,
    index: number,
    number: number,
    sent: number,
    received: number,
    watched: number = WATCHED.all,
  ): void {
    if (second > this.now) this.mark(second)
    if (second > this.lastTraffic) this.lastTraffic = second
    const atHand = this.atHand.get(index) ?? this.takeUp(index, second)
    if (atHand !== undefined) this.judge(atHand, second, number, sent, received, watched)
  }

  /** An event of the event engine; the same id again is the same event. */
  event(event: EventFact): void {
    const device = this.devices.get(event.device)
    if (
      device === undefined ||
      event.kind !== 'voice-request' ||
      event.confidence < SURE_REQUEST ||
      this.counted.has(event.id)
    )
      return
    this.counted.add(event.id)
    if (this.counted.size > MAX_PAIRS)
      for (const oldest of this.counted) {
        this.counted.delete(oldest)
        break
      }
    const { at, company, sent, received } = event
    this.emit(
      voiceBusy(this.habitsOf(device).voice, { at, company, sent, received, local: this.localTime(at) }, this.settings),
      device,
    )
  }

  /** It is now `second`. */
  mark(second: number): void {
    if (!(second > this.now)) return
    this.now = second
    if (second - this.looked < LOOK_SECONDS) return
    this.looked = second
    // With no packet of anybody it is the source that is silent.
    if (second - this.lastTraffic > this.settings.sourceMinutes * 60) return
    const local = this.localTime(second)
    for (const device of this.devices.values()) {
      const habits = this.habits.get(device.id)
      if (habits !== undefined)
        this.emit(silent(habits.silent, new HabitSample(device, second, local, 0, 0), this.settings), device)
    }
  }

  /** How a source is doing, now and then. */
  source(sample: SourceSample): void {
    this.emit(sourceStopped(this.sources, sample, this.settings), null)
  }

  /** How often the engine's caps were reached, now and then. */
  limits(second: number, limits: Record<string, number>): void {
    this.emit(flood(this.floods, { second, devices: 0, limits }, this.settings), null)
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

  /** The device's habits are learned anew from now on, and what was told of it is gone: less is kept of it, or more. */
  relearn(id: string): void {
    this.memory.alerts = this.memory.alerts.filter(({ device }) => device !== id)
    for (const key of this.pairs.keys()) if ((JSON.parse(key) as string[])[0] === id) this.pairs.delete(key)
    if (!this.habits.delete(id)) return
    this.habitsOf({ id, name: null, kind: 'unknown', firstSeen: this.now })
  }

  /** Nothing of the device stays. */
  forget(id: string): void {
    incidents.forgetIncidents(this.memory, id)
    this.habits.delete(id)
    delete this.home.devices[id]
    for (const key of this.pairs.keys()) if ((JSON.parse(key) as string[])[0] === id) this.pairs.delete(key)
    for (const [index, device] of this.devices) if (device.id === id) this.devices.delete(index)
    this.atHand.clear()
  }

  /** What the device's cells need; undefined where nobody knows it. */
  private takeUp(index: number, second: number): AtHand | undefined {
    const device = this.devices.get(index) ?? this.askFor(index, second)
    if (device === undefined) return undefined
    this.register(device, second)
    const habits = this.habitsOf(device)
    const atHand = { device, habits, pairs: new Map<string | null, PairHabits>() }
    // One that the home has no room for is looked at anew with each cell.
    if (Object.hasOwn(this.home.devices, device.id)) this.atHand.set(index, atHand)
    return atHand
  }

  private judge(atHand: AtHand, second: number, number: number, sent: number, received: number, watched: number): void {
    const { device, habits } = atHand
    const local = this.localTime(second)
    const isHabit = (watched & WATCHED.habits) !== 0
    if (isHabit) heard(habits.silent, second, local)
    if (number === AT_HOME || sent <= 0) return
    const endpoint = this.options.endpointOf?.(number) ?? this.endpoints.get(number)
    if (endpoint === undefined) return
    if (isHabit) {
      const sample = new HabitSample(device, second, local, sent, received)
      this.judgeCompany(habits, endpoint, sample, device)
      this.emit(quietHours(habits.quiet, sample, this.settings), device)
      this.emit(cameraAway(habits.away, sample, this.settings), device)
    }
    if (sent < SMALLEST_UPLOAD || (watched & (WATCHED.spikes | WATCHED.large)) === 0) return
    const pair = atHand.pairs.get(endpoint.company) ?? this.pairOf(atHand, endpoint.company, second)
    const settings = this.settingsOf(device)
    if ((watched & WATCHED.spikes) !== 0)
      this.emit(uploadSpike(pair.spike, { second, sent, received, local }, settings), device, endpoint.company)
    if ((watched & WATCHED.large) !== 0)
      this.emit(largeUpload(pair.large, { second, sent, received, local }, settings), device, endpoint.company)
  }

  private settingsOf(device: WatchedDevice): AlertSettings {
    if (!this.settings.allowances) return this.settings
    const { kind } = device
    let settings = this.byKind.get(kind)
    if (settings === undefined) this.byKind.set(kind, (settings = settingsFor(this.settings, kind)))
    return settings
  }

  private askFor(index: number, second: number): WatchedDevice | undefined {
    const device = this.options.deviceOf?.(index, second)
    if (device !== undefined) this.devices.set(index, device)
    return device
  }

  private register(device: WatchedDevice, second: number): void {
    if (Object.hasOwn(this.home.devices, device.id)) return
    this.emit(newDevice(this.home, { second, device }, this.settings), device)
    const limits = null
    this.emit(flood(this.floods, { second, devices: this.isLearning(second) ? 0 : 1, limits }, this.settings), null)
  }

  private judgeCompany(
    habits: DeviceHabits,
    endpoint: EventEndpoint,
    sample: HabitSample,
    device: WatchedDevice,
  ): void {
    const { company, host, address, purpose, labels, namedBy } = endpoint
    const { second, sent, received } = sample
    if (company !== null && !company.startsWith('*')) {
      const family = this.options.familyOf?.(company) ?? company
      this.emit(newCompany(habits.companies, { family, company, purpose }, sample, this.settings), device)
    }
    const learning = this.isLearning(second) || second - habits.companies.first < this.settings.learningDays * 86_400
    this.emit(
      aroundYourDns(habits.dns, { second, company, host, address, purpose, labels, sent, received, learning }),
      device,
    )
    this.emit(
      unencrypted(habits.unencrypted, { second, company, host, purpose, namedBy, labels, sent, received, learning }),
      device,
    )
  }

  private isLearning(second: number): boolean {
    const until = this.learningUntil
    return until === null || second < until
  }

  /** Detectors leave out what they do not know: the device, and where it is about one company, that. */
  private emit(
    found: (Omit<Finding, 'device' | 'company'> & Partial<Pick<Finding, 'device' | 'company'>>) | null,
    device: WatchedDevice | null,
    company: string | null = null,
  ): void {
    if (found === null || !this.settings.on[found.kind]) return
    if (found.learning && !(this.settings.tellWhileLearning && EMITTED_WHILE_LEARNING.includes(found.kind))) return
    const finding: Finding = { ...found, device: found.device ?? device?.id ?? null, company: found.company ?? company }
    const names = {
      device: device?.name ?? null,
      company: finding.company === null ? null : (this.options.companyName?.(finding.company) ?? finding.company),
    }
    this.changed(incidents.takeFinding(this.memory, finding, names, this.settings.coolDownSeconds))
  }

  private changed(alert: Alert | null): Alert | null {
    if (alert !== null) this.options.onAlert(alert)
    return alert
  }

  private habitsOf({ id, firstSeen }: WatchedDevice): DeviceHabits {
    const known = this.habits.get(id)
    if (known !== undefined) return known
    if (this.habits.size >= MAX_DEVICES) this.makeRoom(this.habits)
    const habits: DeviceHabits = {
      companies: newCompanyMemory(firstSeen),
      quiet: newQuietMemory(),
      voice: newVoiceMemory(),
      away: newAwayMemory(),
      dns: newDnsMemory(),
      unencrypted: newUnencryptedMemory(),
      silent: newSilentMemory(),
    }
    this.habits.set(id, habits)
    return habits
  }

  private pairOf({ device, pairs }: AtHand, company: string | null, second: number): PairHabits {
    const key = JSON.stringify([device.id, company])
    let habits = this.pairs.get(key)
    if (habits === undefined) {
      if (this.pairs.size >= MAX_PAIRS) this.makeRoom(this.pairs)
      habits = { spike: newSpikeMemory(second), large: newLargeMemory() }
      this.pairs.set(key, habits)
    }
    pairs.set(company, habits)
    return habits
  }

  private makeRoom(map: Map<string, unknown>): void {
    const newest = [...map.keys()].at(-1)
    if (newest === undefined) return
    map.delete(newest)
    this.atHand.clear()
  }
}

/** What stands out against the little that was seen. */
const EMITTED_WHILE_LEARNING: readonly AlertKind[] = ['upload-spike', 'large-upload']
