// One life of an engine in its thread: packets in, batches, ticks and devices out to the thread that serves the page.
import { BoundedMap } from '../../capture/bounded-map.ts'
import type { Frame } from '../../capture/frame.ts'
import { RecordingDetection } from '../detection/recording-detection.ts'
import { prefixOf } from '../../capture/ip-address.ts'
import { ClockField } from '../engine/clock.ts'
import { LIMITS } from '../engine/limits.ts'
import type { History, RememberedName } from '../history/history.ts'
import type { Rules } from '../rulebook/open.ts'
import type { LogLease, LogRecord } from '../../capture/logs/record.ts'
import { TrafficAccounting } from './accounting.ts'
import { AT_HOME, type Batch, CELL_LENGTH, type LogPlace } from '../model/batch.ts'
import type { EngineCounters, FromEngine, SessionPlan } from './messages.ts'
import { RecordingWatch } from './recording-updates.ts'
import { Watch } from '../detection/live-detection.ts'
import type { Policy } from '../model/policy.ts'
import type { SourceReport } from '../model/source-report.ts'
import type { AlertCommand } from '../alerts/command.ts'

/**
 * Devices described in one go: the others' turn comes with the next batch. A recording's thread answers the page as
 * well.
 */
const DESCRIBED_AT_ONCE = 64
const DESCRIBED_WHILE_PLAYING = 12
/** Names carried over when the tables are renewed. */
const MAX_CARRIED_NAMES = 20_000
/** Addresses whose holder is carried over. */
const MAX_LEASES = 4_096
/** Tables this full are renewed: addresses and names of weeks ago make room. */
const FULL_SHARE = 0.8
const RENEWAL_SECONDS = 600

export class Pipeline {
  packets = 0
  private accounting: TrafficAccounting
  private readonly rules: Rules
  private readonly plan: SessionPlan
  private readonly history: History | null
  private readonly send: (message: FromEngine, transfer?: ArrayBuffer[]) => void
  private policy: Policy
  private readonly names = new BoundedMap<string, RememberedName>('carried names', MAX_CARRIED_NAMES)
  private lastNow = Number.NaN
  /** What the router says of who holds which address: the next tables need it as well. */
  private readonly leases = new BoundedMap<string, LogLease>('leases', MAX_LEASES)
  private positions: LogPlace[] = []
  private renewedAt = Number.NEGATIVE_INFINITY
  private excludedBefore = 0
  private hasFinished = false
  /** Follows the traffic history of a home. A recording is followed packet by packet, as `analyze` does. */
  private readonly watch: Watch | null
  private recordingWatch: RecordingWatch | null = null
  private activity: RecordingDetection | null = null
  private readonly describedAtOnce: number

  constructor(
    rules: Rules,
    plan: SessionPlan,
    history: History | null,
    send: (message: FromEngine, transfer?: ArrayBuffer[]) => void,
  ) {
    this.rules = rules
    this.plan = plan
    this.history = history
    this.send = send
    this.policy = plan.policy
    this.describedAtOnce = plan.source.kind === 'recording' ? DESCRIBED_WHILE_PLAYING : DESCRIBED_AT_ONCE
    for (const name of plan.names) this.carry(name)
    this.watch =
      plan.source.kind === 'recording'
        ? null
        : new Watch({ rules, timeZone: plan.timeZone, policy: plan.policy, ...plan.alerts })
    this.accounting = this.newAccounting()
  }

  /** Capture time of the first and the last packet; NaN before there is one. */
  get first(): number {
    return this.accounting.engine.clock[ClockField.First]
  }

  get last(): number {
    return this.accounting.engine.clock[ClockField.Last]
  }

  readonly packet = (frame: Frame): void => {
    this.packets++
    this.accounting.engine.packet(frame)
  }

  /** A line of a log; see TrafficAccounting.takeLog. */
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

  setPolicy(policy: Policy): void {
    this.policy = policy
    this.accounting.setPolicy(policy)
    this.watch?.setPolicy(policy)
  }

  changeAlertSettings(settings: SessionPlan['alerts']['settings']): void {
    this.watch?.change(settings)
  }

  order(order: AlertCommand): void {
    if (this.watch !== null) this.watch.order(order)
    else if ('id' in order) this.activity?.order(order.id, order.order)
    this.emitActivity()
    this.sendMemory()
  }

  /** Habits and decisions, for keeping; a recording has none. */
  sendMemory(): void {
    if (this.watch !== null) this.send({ type: 'memory', memory: this.watch.memory() })
  }

  /**
   * Hands on what was accounted since the last time; all devices that there is update of where nothing `isComing` soon.
   */
  flush(now: number, sources: SourceReport[], dropped = 0, isComing = true): void {
    const batch = this.accounting.drain()
    if (this.positions.length > 0) batch.positions = this.positions.splice(0)
    for (const name of batch.names) this.carry(name)
    const tick = this.tickOf(batch, now)
    const gone = this.accounting.drainGone()
    const devices = this.accounting.drainDevices(
      isComing && !this.hasFinished ? this.describedAtOnce : Number.POSITIVE_INFINITY,
    )
    const active = activeIn(batch)
    if (devices.length > 0 || gone.length > 0) this.send({ type: 'devices', devices, gone })
    const counters = this.countersWith(dropped)
    this.watch?.add(batch, devices, now, sources, counters.limits)
    this.recordingWatch?.know(devices, gone)
    this.history?.add(batch)
    this.history?.tick(now)
    const kept = this.history === null ? batch : null
    this.send(
      { type: 'batch', batch: kept, tick, active, now, counters, sources },
      kept === null ? [] : [kept.cells.buffer as ArrayBuffer],
    )
    this.emitActivity()
    if (this.isFull(now)) this.renew(now, [])
  }

  private emitActivity(): void {
    const update = (this.watch ?? this.recordingWatch)?.drainUpdate() ?? null
    if (update !== null) this.send({ type: 'activity', update })
  }

  /** Books everything that is still open. */
  finish(): void {
    this.accounting.finish()
    this.hasFinished = true
    this.recordingWatch?.finish()
  }

  /** Begins with empty tables; names stay, but for those of forgotten devices. */
  renew(now: number, forgotten: string[]): void {
    this.renewedAt = now
    this.accounting.forgetLogs(forgotten)
    this.accounting.finish()
    this.flush(now, [])
    this.excludedBefore += this.accounting.engine.excluded
    for (const [key, { device }] of this.names) if (forgotten.includes(device)) this.names.delete(key)
    this.watch?.renumber(forgotten)
    this.accounting = this.newAccounting()
    this.send({ type: 'reset' })
    if (forgotten.length > 0) this.sendMemory()
  }

  private newAccounting(): TrafficAccounting {
    const home = this.plan.home.length === 0 ? null : this.plan.home.map(prefixOf)
    const accounting = new TrafficAccounting(this.rules, home, this.policy, (tick) => this.activity?.addTick(tick))
    if (this.plan.source.kind === 'recording') {
      this.activity = new RecordingDetection(accounting.engine, this.rules, {
        timeZone: this.plan.timeZone,
        isFollowed: true,
      })
      this.recordingWatch = new RecordingWatch(this.activity)
    }
    for (const { device, address, host } of this.names.values()) accounting.remember(device, address, host)
    for (const lease of this.leases.values()) accounting.addLog(lease, 0, false)
    return accounting
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
   * tick.
   */
  private tickOf({ cells }: Batch, now: number): number[] {
    const sums = new Map<number, [number, number]>()
    let sent = 0
    let received = 0
    for (let at = 0; at < cells.length; at += CELL_LENGTH) {
      if (cells[at + 2] === AT_HOME) continue
      const sum = sums.get(cells[at + 1]) ?? [0, 0]
      sum[0] += cells[at + 3]
      sum[1] += cells[at + 4]
      sums.set(cells[at + 1], sum)
      sent += cells[at + 3]
      received += cells[at + 4]
    }
    const covered = Number.isNaN(this.lastNow) ? 1 : Math.max(1, Math.round(now - this.lastNow))
    this.lastNow = now
    const devices = [...sums]
      .filter(([, [up, down]]) => up !== 0 || down !== 0)
      .flatMap(([device, [up, down]]) => [device, Math.max(0, up), Math.max(0, down)])
    return [Math.floor(now) - 1, covered, Math.max(0, sent), Math.max(0, received), ...devices]
  }

  private countersWith(dropped: number): EngineCounters {
    const { engine } = this.accounting
    return {
      packets: this.packets,
      dropped,
      paused: this.excludedBefore + engine.excluded,
      damaged: Object.fromEntries(engine.stopped),
      limits: Object.fromEntries(engine.limits.reached),
    }
  }

  private isFull(now: number): boolean {
    // A recording adds up to what analyze says, caps included.
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

/** Device number and the last second in which it moved something, within the home too, in turn. */
function activeIn({ cells }: Batch): number[] {
  const last = new Map<number, number>()
  for (let at = 0; at < cells.length; at += CELL_LENGTH) {
    const [second, device] = [cells[at], cells[at + 1]]
    if (cells[at + 3] < 0 || cells[at + 4] < 0) continue
    if (second > (last.get(device) ?? Number.NEGATIVE_INFINITY)) last.set(device, second)
  }
  return [...last].flat()
}
