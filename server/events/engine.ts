// The engine of events: cells of traffic in, what each device is doing out. The same for live, replay and analysis.
import type { Burst, EventEndpoint, EventFact, EventKind } from './event.ts'
import { secondsOf } from './event.ts'
import { BurstCutter } from './bursts.ts'
import type { PacketCore } from '../../capture/packet-core.ts'
import type { Period } from './heartbeats.ts'
import { judgeAmong, rulesFor, smallestAsked } from './judge.ts'
import type { CompiledEventRule } from './rules.ts'

/** Bursts kept per device, to be judged again when it becomes known what the device is; and of all devices together. */
const KEPT_PER_DEVICE = 512
export const MAX_KEPT = 65_536
/** Earlier events of a device that a rule may depend on, and how far back. */
const LOOK_BACK = 8
/** Endpoints per device that are remembered as called at regular times; the first remembered makes room. */
export const MAX_BEATING = 64

interface EmittedBurst {
  burst: Burst
  kind: EventKind | null
  confidence: number
  /** Whether it is that without another event with the same endpoint. */
  isClear: boolean
}

/** The rules that may hold for an endpoint's bursts. */
interface Candidates {
  rules: readonly CompiledEventRule[]
  /** Bursts smaller than both mean nothing to any of them. */
  smallest: { sent: number; received: number }
  /** Whether one of them depends on earlier events. */
  lookBack: boolean
  /** Whether one of them depends on other events with the endpoint. */
  lookAround: boolean
}

const NOTHING_BEFORE: readonly never[] = []

interface DeviceActivity {
  kind: string | null
  vendor: string | null
  kept: EmittedBurst[]
  /** Endpoints that it calls at regular times. */
  beating: Set<number>
}

export interface EventListener {
  /** A new event, or more certainty about one emitted before (same id). */
  event(event: EventFact): void
  /** What was emitted with this id turned out to be nothing. */
  withdrawn(id: string): void
}

export interface EventEngineOptions {
  /** Looks up an endpoint when there is an event with it; without it, what `addEndpoints` was given. */
  endpointOf?: (number: number) => EventEndpoint | undefined
  /** Bursts kept per device until it is known what the device is. */
  keptPerDevice?: number
  /** The core that cuts bursts, for no other engine of events; one of its own where absent. */
  core?: PacketCore
}

/**
 * Feed it the traffic history's batches: `addEndpoints`, then `add` the cells; `setKind` as devices become known;
 * `mark` with the traffic history's clock, packet or not; `finish` at the end of a recording.
 */
export class EventEngine {
  private readonly endpointOf: (number: number) => EventEndpoint | undefined
  private readonly keptPerDevice: number
  private readonly rules: readonly CompiledEventRule[]
  private readonly listener: EventListener
  private readonly cutter: BurstCutter
  private readonly endpoints = new Map<number, EventEndpoint>()
  private readonly devices = new Map<number, DeviceActivity>()
  /** By endpoint number, for endpoints that had a burst of note. */
  private readonly candidates = new Map<number, Candidates>()
  private readonly smallest: { sent: number; received: number }
  private kept = 0

  constructor(rules: readonly CompiledEventRule[], listener: EventListener, options: EventEngineOptions = {}) {
    this.endpointOf = options.endpointOf ?? ((number) => this.endpoints.get(number))
    this.keptPerDevice = options.keptPerDevice ?? KEPT_PER_DEVICE
    this.rules = rules
    this.listener = listener
    this.smallest = smallestAsked(rules)
    this.cutter = new BurstCutter((burst) => this.addBurst(burst), {
      onTakenBack: (...taken) => this.subtract(...taken),
      onBeat: (burst, period) => this.addBeat(burst, period),
      smallest: this.smallest,
      ...(options.core === undefined ? {} : { core: options.core }),
    })
  }

  /** Endpoints that cells will name, or more facts about them. */
  addEndpoints(endpoints: readonly EventEndpoint[]): void {
    for (const endpoint of endpoints)
      if (!this.endpoints.has(endpoint.number)) this.endpoints.set(endpoint.number, endpoint)
  }

  /** What the device is (rules/kinds.yaml) and who made it: its bursts are judged anew. */
  setKind(device: number, kind: string | null, vendor: string | null = null): void {
    const activity = this.activityOf(device)
    if (activity.kind === kind && activity.vendor === vendor) return
    activity.kind = kind
    activity.vendor = vendor
    for (let index = 0; index < activity.kept.length; index++) this.emit(activity, index)
  }

  add(cells: Float64Array): void {
    this.cutter.addCells(cells)
  }

  /** The same where the core holds so many cells already. */
  addPlaced(count: number): void {
    this.cutter.addPlaced(count)
  }

  /** It is now `second`, whether something moved or not. */
  mark(second: number): void {
    this.cutter.mark(second)
  }

  finish(): void {
    this.cutter.finish()
  }

  /** Nothing of the device stays. */
  forget(device: number): void {
    this.kept -= this.devices.get(device)?.kept.length ?? 0
    this.devices.delete(device)
  }

  private addBeat(burst: Burst, { seconds, share }: Period): void {
    const endpoint = this.endpointOf(burst.endpoint)
    if (endpoint === undefined) return
    const every = `${seconds} s`
    const reasons = [`a few packets every ${every}`, `${Math.round(share * 100)} % of the last pauses fit`]
    this.listener.event(eventOf(burst, endpoint, 'heartbeat', share, reasons, seconds))
    this.noteBeating(burst)
  }

  /** What went there before is judged anew, the first time: the connection was one kept open all along. */
  private noteBeating({ device, endpoint }: Burst): void {
    const activity = this.activityOf(device)
    const { beating, kept } = activity
    if (beating.has(endpoint)) return
    const [oldest] = beating
    if (beating.size >= MAX_BEATING) beating.delete(oldest)
    beating.add(endpoint)
    for (let index = 0; index < kept.length; index++)
      if (kept[index].burst.endpoint === endpoint) this.emit(activity, index)
  }

  private addBurst(burst: Burst): void {
    const { smallest } = this.candidatesOf(burst.endpoint)
    if (burst.sent < smallest.sent && burst.received < smallest.received) return
    const activity = this.activityOf(burst.device)
    this.keep(activity, { burst, kind: null, confidence: 0, isClear: false })
    this.emit(activity, activity.kept.length - 1)
  }

  private subtract(device: number, endpoint: number, second: number, sent: number, received: number): void {
    const activity = this.devices.get(device)
    const index =
      activity?.kept.findLastIndex(
        ({ burst }) => burst.endpoint === endpoint && burst.first <= second && second <= burst.last,
      ) ?? -1
    const emitted = activity?.kept[index]
    if (activity === undefined || emitted === undefined) return
    emitted.burst.sent = Math.max(0, emitted.burst.sent - sent)
    emitted.burst.received = Math.max(0, emitted.burst.received - received)
    emitted.burst.early = Math.min(emitted.burst.early, emitted.burst.received)
    // The same kind with other bytes is an update as well.
    emitted.confidence = 0
    this.emit(activity, index)
  }

  /**
   * Judges what is kept at `index`, and emits what is new about it. Where it becomes clear what it is, or no longer is,
   * that may tell what the device's other bursts with the endpoint are.
   */
  private emit(activity: DeviceActivity, index: number): void {
    const emitted = activity.kept[index]
    const { burst } = emitted
    const before = emitted.isClear ? emitted.kind : null
    this.emitOne(activity, index)
    const after = emitted.isClear ? emitted.kind : null
    if (before === after || !this.candidatesOf(burst.endpoint).lookAround) return
    const others = clearKinds(activity, index)
    if ((before === null || others.has(before)) && (after === null || others.has(after))) return
    for (const [at, other] of activity.kept.entries())
      if (at !== index && !other.isClear && other.burst.endpoint === burst.endpoint) this.emitOne(activity, at)
  }

  private emitOne(activity: DeviceActivity, index: number): void {
    const emitted = activity.kept[index]
    const { burst } = emitted
    const endpoint = this.endpointOf(burst.endpoint)
    if (endpoint === undefined) return
    const { kind: device, vendor, beating } = activity
    const { rules, lookBack, lookAround } = this.candidatesOf(burst.endpoint)
    const verdict = judgeAmong(
      {
        device,
        vendor,
        endpoint,
        burst,
        before: lookBack ? eventsBefore(activity, index) : NOTHING_BEFORE,
        beats: beating.has(burst.endpoint),
        ...(lookAround ? { alongside: clearKinds(activity, index) } : {}),
      },
      rules,
    )
    const wasEmitted = emitted.kind !== null
    if (verdict === null) {
      emitted.kind = null
      emitted.isClear = false
      if (wasEmitted) this.listener.withdrawn(idOf(burst))
      return
    }
    const { kind, confidence, isClear, reasons } = verdict
    emitted.isClear = isClear
    if (emitted.kind === kind && emitted.confidence === confidence) return
    emitted.kind = kind
    emitted.confidence = confidence
    this.listener.event(eventOf(burst, endpoint, kind, confidence, reasons, secondsOf(burst)))
  }

  /** Rules for the endpoint; all of them may still hold for one that is not known yet. */
  private candidatesOf(number: number): Candidates {
    const known = this.candidates.get(number)
    if (known !== undefined) return known
    const endpoint = this.endpointOf(number)
    if (endpoint === undefined) return { rules: this.rules, smallest: this.smallest, lookBack: true, lookAround: true }
    const rules = rulesFor(endpoint, this.rules)
    const candidates = {
      rules,
      smallest: smallestAsked(rules),
      lookBack: rules.some(({ when }) => when.after !== undefined),
      lookAround: rules.some(({ when }) => when.alongside !== undefined),
    }
    this.candidates.set(number, candidates)
    return candidates
  }

  private keep(activity: DeviceActivity, emitted: EmittedBurst): void {
    activity.kept.push(emitted)
    this.kept++
    if (activity.kept.length > this.keptPerDevice) {
      activity.kept.shift()
      this.kept--
    }
    if (this.kept <= MAX_KEPT) return
    // Full: the device with the most gives up half.
    let largest = activity
    for (const other of this.devices.values()) if (other.kept.length > largest.kept.length) largest = other
    const half = largest.kept.length >> 1
    largest.kept.splice(0, half)
    this.kept -= half
  }

  private activityOf(device: number): DeviceActivity {
    const known = this.devices.get(device)
    if (known !== undefined) return known
    const activity: DeviceActivity = { kind: null, vendor: null, kept: [], beating: new Set() }
    this.devices.set(device, activity)
    return activity
  }
}

function eventsBefore({ kept }: DeviceActivity, index: number): { kind: EventKind; at: number }[] {
  const events: { kind: EventKind; at: number }[] = []
  for (let at = index - 1; at >= 0 && events.length < LOOK_BACK; at--) {
    const { kind, burst } = kept[at]
    if (kind !== null) events.push({ kind, at: burst.first })
  }
  return events
}

/** What the device's other bursts with the same endpoint clearly are. */
function clearKinds({ kept }: DeviceActivity, index: number): Set<EventKind> {
  const { endpoint } = kept[index].burst
  const kinds = new Set<EventKind>()
  for (const [at, { kind, isClear, burst }] of kept.entries())
    if (at !== index && isClear && kind !== null && burst.endpoint === endpoint) kinds.add(kind)
  return kinds
}

function idOf({ device, endpoint, first }: Burst): string {
  return `${device}-${endpoint}-${first}`
}

function eventOf(
  burst: Burst,
  endpoint: EventEndpoint,
  kind: EventKind,
  confidence: number,
  reasons: string[],
  seconds: number,
): EventFact {
  const { device, first, sent, received } = burst
  return {
    id: kind === 'heartbeat' ? `${device}-${endpoint.number}-beat` : idOf(burst),
    at: first,
    device,
    endpoint: endpoint.number,
    kind,
    company: endpoint.company,
    host: endpoint.host,
    purpose: endpoint.purpose,
    sent,
    received,
    seconds,
    confidence,
    reasons,
  }
}
