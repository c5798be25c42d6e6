// A session's engine in its thread: packets in; batches, ticks, devices, events and alerts out to the thread that
// serves the page.
import { BoundedMap } from '../../capture/bounded-map.ts'
import type { Frame } from '../../capture/frame.ts'
import type { PacketCore } from '../../capture/packet-core.ts'
import type { Detection } from '../detection/detection.ts'
import { prefixOf } from '../../capture/ip-address.ts'
import { captureView } from '../engine/capture-view.ts'
import { type CopyCounts, takeOverCopies } from '../engine/copies.ts'
import { LIMITS } from '../engine/limits.ts'
import { type ViewFact, viewSentence } from '../text/en/capture-view.ts'
import type { History, RememberedName } from '../history/history.ts'
import type { Rules } from '../rulebook/open.ts'
import type { LogLease, LogRecord } from '../../capture/logs/record.ts'
import { TrafficAccounting } from './accounting.ts'
import { keepEvents } from './keep-events.ts'
import type { Batch, LogPlace } from '../model/batch.ts'
import { type AccountedFlows, secondsCovered } from '../model/flows.ts'
import { activeIn, heardIn, internetSums } from './batch-sums.ts'
import type { EngineCounters, FromEngine, SessionPlan } from './messages.ts'
import { RecordingUpdates } from '../detection/recording-updates.ts'
import { LiveDetection } from '../detection/live-detection.ts'
import type { ConflictFacts } from '../model/conflict.ts'
import { levelIn, type Policy } from '../model/policy.ts'
import type { KeptEvidence, SeenDevice } from '../model/seen-device.ts'
import { plantEvidence } from './kept-evidence.ts'
import type { SourceReport } from '../model/source-report.ts'
import { addRemainders } from '../resolve/counted-bytes.ts'
import type { AlertCommand } from '../alerts/command.ts'

/**
 * Devices described in one go: the others' turn comes with the next batch. A recording's thread answers the page as
 * well.
 */
const DESCRIBED_AT_ONCE = 64
const DESCRIBED_WHILE_PLAYING = 12
/** Names carried over when the tables are renewed. */
const MAX_CARRIED_NAMES = 20_000
/** Devices that keep their places over a renewal, and in a flood. */
const MAX_KNOWN = LIMITS.knownSenders
/** Addresses whose holder is carried over. */
const MAX_LEASES = 4_096
/** Tables this full are renewed: addresses and names of weeks ago make room. */
const FULL_SHARE = 0.8
const RENEWAL_SECONDS = 600
/** Nothing that is open is carried over such a step of the clock, or it would be corrected at a time that was none. */
const SET_FORWARD = 86_400
const SET_BACK = 3_600

export class Pipeline {
  private accounting: TrafficAccounting
  private readonly rules: Rules
  private readonly plan: SessionPlan
  private readonly history: History | null
  private readonly send: (message: FromEngine, transfer?: ArrayBuffer[]) => void
  private policy: Policy
  private readonly names = new BoundedMap<string, RememberedName>('carried names', MAX_CARRIED_NAMES)
  private readonly known = new BoundedMap<string, true>('known devices', MAX_KNOWN)
  /** What speaks for the kinds of devices, by MAC: new tables know it again. */
  private readonly evidence = new BoundedMap<string, KeptEvidence>('devices with kept evidence', MAX_KNOWN)
  private lastNow = Number.NaN
  /** The router's leases, which device holds which address: the next tables need them as well. */
  private readonly leases = new BoundedMap<string, LogLease>('leases', MAX_LEASES)
  private positions: LogPlace[] = []
  private renewedAt = Number.NEGATIVE_INFINITY
  private excludedBefore = 0
  private packetsBefore = 0
  private remainderBefore: Record<string, number> = {}
  private copiedBefore = 0
  private hasFinished = false
  private readonly detection: Detection
  private readonly describedAtOnce: number
  private readonly onMistake: ((error: Error) => void) | null

  constructor(
    rules: Rules,
    plan: SessionPlan,
    history: History | null,
    send: (message: FromEngine, transfer?: ArrayBuffer[]) => void,
    onMistake: ((error: Error) => void) | null = null,
  ) {
    this.onMistake = onMistake
    this.rules = rules
    this.plan = plan
    this.history = history
    this.send = send
    this.policy = plan.policy
    this.describedAtOnce = plan.source.kind === 'recording' ? DESCRIBED_WHILE_PLAYING : DESCRIBED_AT_ONCE
    for (const name of plan.names) this.carry(name)
    for (const id of plan.known ?? []) this.known.set(id, true)
    for (const [mac, kept] of plan.evidence ?? []) this.evidence.set(mac, kept)
    this.accounting = this.newAccounting()
    this.detection = this.newDetection()
  }

  /** Capture time of the first and the last packet; NaN before there is one. */
  get first(): number {
    return this.accounting.engine.clock.first
  }

  get last(): number {
    return this.accounting.engine.clock.last
  }

  /** Packets handed over. */
  get packets(): number {
    return this.packetsBefore + this.accounting.engine.packets
  }

  /** The core that takes the packets now: another one after the tables were renewed. */
  get core(): PacketCore {
    return this.accounting.engine.core
  }

  /** What of the link layers could not be read, and how packets were read otherwise than it says. */
  get linkProblems(): string[] {
    return this.accounting.engine.linkProblems
  }

  get linkNotices(): string[] {
    return this.accounting.engine.linkNotices
  }

  readonly packet = (frame: Frame): void => {
    this.accounting.engine.packet(frame)
  }

  /** A line of a log; see TrafficAccounting.addLog. */
  log(record: LogRecord, now: number, countsBytes: boolean): void {
    if (record.kind === 'lease') this.keepLease(record)
    this.accounting.addLog(record, now, countsBytes)
  }

  /** How far logs were read for what has been handed over so far. */
  reached(positions: LogPlace[]): void {
    this.positions = positions
  }

  /** It is `now` by the history's clock: seconds before it are over, packet or not. */
  mark(now: number): void {
    this.accounting.engine.timeMark(Math.floor(now))
  }

  /** What the packets so far as a whole show that is no whole home, one sentence each. */
  views(kinds: readonly ViewFact['kind'][] | null = null): string[] {
    const { engine } = this.accounting
    const views = this.plan.home.length > 0 ? [] : captureView(engine.core)
    const jumps = this.plan.source.kind === 'recording' ? engine.clockJumps.sentences() : []
    return [...jumps, ...views.filter(({ kind }) => kinds?.includes(kind) ?? true).map(viewSentence)]
  }

  setPolicy(policy: Policy): void {
    this.policy = policy
    for (const id of this.evidence.keys()) if (levelIn(policy, id) !== 'everything') this.evidence.delete(id)
    this.accounting.setPolicy(policy)
    this.detection.setPolicy(policy)
  }

  changeAlertSettings(settings: SessionPlan['alerts']['settings']): void {
    this.detection.changeSettings(settings)
  }

  applyCommand(command: AlertCommand): void {
    this.detection.apply(command)
    this.emitActivity()
    this.sendMemory()
  }

  /** Habits and decisions, for keeping; a recording has none. */
  sendMemory(): void {
    const memory = this.detection.memory()
    if (memory !== null) this.send({ type: 'memory', memory })
  }

  /**
   * Hands on what was accounted since the last time; all devices of which more is known where nothing `isComing` soon.
   */
  flush(now: number, sources: SourceReport[], dropped = 0, isComing = true): void {
    if (this.isClockSet(now)) this.beginAt(now)
    const batch = this.accounting.drain()
    const flows = this.accounting.drainFlows()
    if (this.positions.length > 0) batch.positions = this.positions.splice(0)
    for (const name of batch.names) this.carry(name)
    const tick = this.tickOf(batch, flows, now)
    const gone = this.accounting.drainGone()
    const devices = this.accounting.drainDevices(
      isComing && !this.hasFinished ? this.describedAtOnce : Number.POSITIVE_INFINITY,
    )
    const active = activeIn(batch)
    const heard = heardIn(batch)
    this.keepKnown(heard)
    this.keepEvidence(devices)
    const { flood } = this.accounting.engine
    if (devices.length > 0 || gone.length > 0) this.send({ type: 'devices', devices, gone })
    const counters = this.countersWith(dropped)
    const { limits } = counters
    const drainConflicts = (): ConflictFacts[] => this.accounting.drainConflicts()
    this.attempt(() =>
      this.detection.add({ batch, flows, described: devices, gone, now, sources, drainConflicts, limits, flood }),
    )
    this.history?.add(batch)
    this.history?.tick(now)
    const kept = this.history === null ? batch : null
    this.send(
      { type: 'batch', batch: kept, tick, active, heard, flood, now, counters, sources },
      kept === null ? [] : [kept.cells.buffer as ArrayBuffer],
    )
    this.attempt(() => this.emitActivity())
    if (this.isFull(now)) this.renew(now, [])
  }

  /** What the second at hand has moved so far, for the page alone: nothing of it is accounted earlier or otherwise. */
  peek(now: number): void {
    if (this.isClockSet(now)) return
    this.send({ type: 'part', tick: [Math.floor(now), 0, ...internetSums(this.accounting.peek(now))] })
  }

  /** Events and alerts are worked out beside the counting: a mistake there must cost no bytes. */
  private attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (this.onMistake === null) throw error
      this.onMistake(error instanceof Error ? error : new Error(String(error)))
    }
  }

  private emitActivity(): void {
    const update = this.detection.drainUpdate()
    if (update === null) return
    if (this.history !== null) keepEvents(this.history, this.policy, update)
    this.send({ type: 'activity', update })
  }

  get copies(): CopyCounts {
    return this.accounting.engine.copies
  }

  /** Accounts everything that is still open. */
  finish(): void {
    this.accounting.finish()
    this.hasFinished = true
    this.attempt(() => this.detection.finish())
  }

  /**
   * The engine failed at a packet, and its tables may be half changed: what can still be counted is, then they begin
   * empty.
   */
  renewAfterFault(now: number): void {
    try {
      this.renew(now, [])
    } catch (error) {
      this.onMistake?.(error instanceof Error ? error : new Error(String(error)))
      this.beginAnew(true)
      this.detection.renew(this.accounting.engine, [])
      this.send({ type: 'reset' })
    }
  }

  /** Begins with empty tables; names stay, but for those of forgotten devices. */
  renew(now: number, forgotten: string[]): void {
    this.renewedAt = now
    this.accounting.forgetLogs(forgotten)
    this.accounting.finish()
    this.flush(now, [])
    const gone = new Set(forgotten)
    for (const [key, { device }] of this.names) if (gone.has(device)) this.names.delete(key)
    for (const id of forgotten) {
      this.known.delete(id)
      this.evidence.delete(id)
    }
    this.beginAnew(forgotten.length === 0)
    this.detection.renew(this.accounting.engine, forgotten)
    this.send({ type: 'reset' })
    if (forgotten.length > 0) this.sendMemory()
  }

  /** New tables; copies of the last moment's packets are still to come, but nothing is kept of forgotten devices. */
  private beginAnew(keepsCopies: boolean): void {
    const { core, copies, excluded, packets } = this.accounting.engine
    this.remainderBefore = addRemainders(this.accounting.engine, this.remainderBefore)
    this.excludedBefore += excluded
    this.packetsBefore += packets
    this.copiedBefore += copies.packets
    this.accounting = this.newAccounting()
    if (keepsCopies) takeOverCopies(core, this.core)
  }

  private newAccounting(): TrafficAccounting {
    const home = this.plan.home.length === 0 ? null : this.plan.home.map(prefixOf)
    const accounting = new TrafficAccounting(this.rules, home, this.policy, (tick) =>
      this.attempt(() => this.detection.addTick(tick)),
    )
    for (const id of this.known.keys()) accounting.engine.know(id)
    for (const [mac, kept] of this.evidence) plantEvidence(accounting.engine, mac, kept)
    for (const { device, address, host } of this.names.values()) accounting.remember(device, address, host)
    for (const lease of this.leases.values()) accounting.addLog(lease, 0, false)
    return accounting
  }

  /** A home is followed by what was accounted; a recording packet by packet, as `analyze` does. */
  private newDetection(): Detection {
    const { rules, plan } = this
    const { timeZone, policy, alerts } = plan
    if (plan.source.kind === 'recording') return new RecordingUpdates(this.accounting.engine, { rules, timeZone })
    return new LiveDetection({ rules, timeZone, policy, ...alerts })
  }

  /** Whom the internet answers is somebody: it keeps its place. */
  private keepKnown(heard: number[]): void {
    for (const device of heard) {
      const id = this.accounting.idOf(device)
      if (!this.known.has(id)) this.known.set(id, true)
    }
  }

  private keepEvidence(devices: readonly SeenDevice[]): void {
    for (const { id, evidence } of devices)
      if (evidence === undefined) this.evidence.delete(id)
      else this.evidence.renew(id, evidence)
  }

  private keepLease(lease: LogLease): void {
    const before = this.leases.get(lease.address)
    this.leases.renew(lease.address, lease.name === null && before?.mac === lease.mac ? before : lease)
  }

  private carry(name: RememberedName): void {
    this.names.renew(`${name.device} ${name.address}`, name)
  }

  /**
   * [second, seconds covered, sent, received, then device number, sent, received …]; traffic within the home is in no
   * tick. One with what moved minutes ago covers all that time, so that the page asks for its chart anew.
   */
  private tickOf({ cells }: Batch, flows: AccountedFlows, now: number): number[] {
    const covered = Number.isNaN(this.lastNow) ? 1 : Math.max(1, Math.round(now - this.lastNow))
    this.lastNow = now
    return [Math.floor(now) - 1, Math.max(covered, secondsCovered(flows, now)), ...internetSums(cells)]
  }

  private countersWith(dropped: number): EngineCounters {
    const { engine } = this.accounting
    return {
      packets: this.packets,
      dropped,
      paused: this.excludedBefore + engine.excluded,
      copied: this.copiedBefore + engine.copies.packets,
      damaged: Object.fromEntries(engine.stopped),
      limits: Object.fromEntries(engine.limits.reached),
      remainder: addRemainders(engine, this.remainderBefore),
    }
  }

  /** What was open before belongs to the clock before, and no second lies between the two. */
  private beginAt(now: number): void {
    this.renew(this.lastNow, [])
    this.lastNow = Number.NaN
    this.renewedAt = now
  }

  /** The machine's clock was put forward by a day and more, or back by an hour and more. */
  private isClockSet(now: number): boolean {
    return this.plan.source.kind === 'live' && (now > this.lastNow + SET_FORWARD || now < this.lastNow - SET_BACK)
  }

  private isFull(now: number): boolean {
    // A recording adds up to what `analyze` reports, caps included.
    if (this.plan.source.kind === 'recording' || now - this.renewedAt < RENEWAL_SECONDS) return false
    const { rows, addresses, ownership, names } = this.accounting.engine
    return (
      rows.used > FULL_SHARE * LIMITS.rows ||
      addresses.used > FULL_SHARE * LIMITS.addresses ||
      ownership.bindingsUsed > FULL_SHARE * LIMITS.bindings ||
      names.size > FULL_SHARE * LIMITS.names
    )
  }
}
