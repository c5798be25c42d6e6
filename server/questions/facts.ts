// What questions are answered from: the traffic history, the daily event counts and the events of a home or recording.
import type { EventKind } from '../events/event.ts'
import type { Range } from '../history/history.ts'
import type { Device } from '../api.ts'
import type { Schedule } from '../model/schedule.ts'
import { type LikelyCompanies, likelyCompanies } from '../queries/likely.ts'
import { type Movement, movements, type TrafficView } from '../queries/traffic-view.ts'
import type { DeviceEvent } from '../detection/activity.ts'

/** Events of one device, company and kind on one local day. */
export interface EventCount {
  /** Local midnight, in seconds. */
  day: number
  /** Under the device it was merged into. */
  device: string
  company: string | null
  kind: EventKind
  /** How many are sure (SURE_CONFIDENCE), and how many are possible beside them. */
  sure: number
  possible: number
  /** Bytes, and the seconds that they took together. */
  sent: number
  received: number
  seconds: number
}

/** A local day, cut to the range, and how many of its seconds were captured. */
export interface CapturedDay {
  /** Local midnight, in seconds; before `from` where the range begins later. */
  day: number
  from: number
  to: number
  captured: number
}

/** Where the numbers come from: of the live home, or of a recording. */
export interface FactsSource {
  view: TrafficView
  /** Nothing but look-ups is told of. */
  lookupsOnly: boolean
  /** A recording: what lies outside of it was never captured. */
  isRecording: boolean
  /** When the owner wants it quiet; empty where the owner said nothing. */
  quietHours: readonly Schedule[]
  /** Titles of the sources that told of the home. */
  sources: string[]
  /** What a purpose is called; null where it is unknown. */
  purposeTitle(purpose: string): string | null
  eventCounts(range: Range): Promise<EventCount[]>
  /** The single events of these kinds that are kept, the oldest first. */
  events(range: Range, kinds: readonly EventKind[]): Promise<DeviceEvent[]>
  /** From when on events are counted, and those of kinds that are kept long are kept one by one; null: all are. */
  eventFloors(): Promise<{ counted: number | null; long: number | null }>
  /** Local days of the range of which at least a second was captured. */
  capturedDays(range: Range): Promise<CapturedDay[]>
  /** Captured intervals of the range, in order of time. */
  captured(range: Range): Promise<Range[]>
}

/** What a question asks about. */
export interface Asked extends Range {
  /** Ids of devices; empty: those of the home that the question is about. */
  devices: string[]
  company: string | null
}

/** One question's look at the numbers; each is fetched once. */
export class Facts {
  readonly source: FactsSource
  readonly asked: Asked
  private readonly kept = new Map<string, Promise<unknown>>()

  constructor(source: FactsSource, asked: Asked) {
    this.source = source
    this.asked = asked
  }

  get view(): TrafficView {
    return this.source.view
  }

  get range(): Range {
    return { from: this.asked.from, to: this.asked.to }
  }

  /** Devices of these kinds, or those of them that were asked about. */
  devicesOf(kinds: readonly string[]): Device[] {
    const { devices } = this.asked
    return this.view
      .devices()
      .filter(({ id, kind }) => (devices.length === 0 ? kinds.includes(kind) : devices.includes(id)))
  }

  /** The device's name, or what stands for it. */
  nameOf(id: string): string {
    const device = this.view.devices().find((one) => one.id === id)
    const name = device?.name ?? null
    const vendor = device?.vendor ?? null
    return name ?? (vendor === null ? id : `${vendor} ${id.slice(-5)}`)
  }

  companyName(slug: string | null): string {
    return slug === null ? 'unknown' : (this.view.rules.companies.describe(slug)?.name ?? slug)
  }

  isCloud(slug: string | null): boolean {
    return slug !== null && this.view.rules.companies.describe(slug)?.cloud === true
  }

  /** The company at the top of its owners. */
  parentOf(slug: string): string {
    return this.view.rules.companies.parentOf(slug)
  }

  /** What moved and was looked up in the range, of the devices asked about or of all. */
  moved(): Promise<Movement[]> {
    return this.once('moved', async () => this.wanted(await movements(this.view, this.range)))
  }

  async movedIn(range: Range): Promise<Movement[]> {
    return this.once(`moved ${range.from} ${range.to}`, async () => this.wanted(await movements(this.view, range)))
  }

  likely(): Promise<LikelyCompanies> {
    return this.once('likely', async () => likelyCompanies(this.view, await this.moved()))
  }

  days(): Promise<CapturedDay[]> {
    return this.once('days', () => this.source.capturedDays(this.range))
  }

  captured(): Promise<Range[]> {
    return this.once('captured', () => this.source.captured(this.range))
  }

  async capturedSeconds(): Promise<number> {
    return (await this.captured()).reduce((sum, { from, to }) => sum + to - from, 0)
  }

  /** Days of the range whose events were counted: what came before is unknown, and no zero. */
  countedDays(): Promise<CapturedDay[]> {
    return this.once('counted days', async () => this.source.capturedDays(after(this.range, await this.countedFrom())))
  }

  /** Captured seconds whose events were counted. */
  async countedSeconds(): Promise<number> {
    return secondsAfter(await this.captured(), await this.countedFrom())
  }

  /** Captured seconds whose single events are kept. */
  async keptSeconds(): Promise<number> {
    return secondsAfter(await this.captured(), (await this.floors()).long ?? -Infinity)
  }

  /** Of the devices asked about, or of all. */
  async counts(kinds: readonly EventKind[]): Promise<EventCount[]> {
    const all = await this.once('counts', () => this.source.eventCounts(this.range))
    return this.wanted(all).filter(({ kind }) => kinds.includes(kind))
  }

  async events(kinds: readonly EventKind[]): Promise<DeviceEvent[]> {
    return this.wanted(await this.source.events(this.range, kinds))
  }

  private floors(): Promise<{ counted: number | null; long: number | null }> {
    return this.once('floors', () => this.source.eventFloors())
  }

  private async countedFrom(): Promise<number> {
    return (await this.floors()).counted ?? -Infinity
  }

  private wanted<Row extends { device: string }>(rows: readonly Row[]): Row[] {
    const { devices } = this.asked
    return devices.length === 0 ? [...rows] : rows.filter(({ device }) => devices.includes(device))
  }

  private once<Value>(key: string, make: () => Promise<Value>): Promise<Value> {
    const known = this.kept.get(key) as Promise<Value> | undefined
    if (known !== undefined) return known
    const made = make()
    this.kept.set(key, made)
    return made
  }
}

function after({ from, to }: Range, floor: number): Range {
  return { from: Math.min(to, Math.max(from, floor)), to }
}

function secondsAfter(captured: readonly Range[], floor: number): number {
  return captured.reduce((sum, { from, to }) => sum + Math.max(0, to - Math.max(from, floor)), 0)
}
