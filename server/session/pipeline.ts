// One life of an engine in its thread: packets in, batches, ticks and devices out to the thread that serves the page.
import type { Frame } from '../../capture/frame.ts'
import { Doings } from '../detection/recording-detection.ts'
import { parseCidr } from '../engine/address-text.ts'
import { ClockField } from '../engine/clock.ts'
import { LIMITS } from '../engine/limits.ts'
import type { History, RememberedName } from '../history/history.ts'
import type { Rules } from '../rulebook/open.ts'
import type { LogLease, LogRecord } from '../../capture/logs/record.ts'
import { Book } from './accounting.ts'
import { AT_HOME, type Batch, CELL_LENGTH, type LogPlace } from '../model/batch.ts'
import type { AlertOrder, EngineCounters, FromEngine, SessionPlan, SourceReport, Wishes } from './messages.ts'
import { RecordingWatch } from './recording-updates.ts'
import { Watch } from '../detection/live-detection.ts'

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

export class Run {
  packets = 0
  private book: Book
  private readonly rules: Rules
  private readonly plan: SessionPlan
  private readonly history: History | null
  private readonly send: (message: FromEngine, transfer?: ArrayBuffer[]) => void
  private wishes: Wishes
  private names = new Map<string, RememberedName>()
  private lastNow = Number.NaN
  /** What the router says of who holds which address: the next tables need it as well. */
  private readonly leases = new Map<string, LogLease>()
  private positions: LogPlace[] = []
  private renewedAt = Number.NEGATIVE_INFINITY
  private passedOverBefore = 0
  private hasFinished = false
  /** Follows the books of a home. A recording is followed packet by packet, as `analyze` does. */
  private readonly watch: Watch | null
  private recordingWatch: RecordingWatch | null = null
  private doings: Doings | null = null
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
    this.wishes = plan.wishes
    this.describedAtOnce = plan.source.kind === 'recording' ? DESCRIBED_WHILE_PLAYING : DESCRIBED_AT_ONCE
    for (const name of plan.names) this.carry(name)
    this.watch =
      plan.source.kind === 'recording'
        ? null
        : new Watch({ rules, timeZone: plan.timeZone, wishes: plan.wishes, ...plan.alerts })
    this.book = this.newBook()
  }

  /** Capture time of the first and the last packet; NaN before there is one. */
  get first(): number {
    return this.book.engine.clock[ClockField.First]
  }

  get last(): number {
    return this.book.engine.clock[ClockField.Last]
  }

  readonly packet = (frame: Frame): void => {
    this.packets++
    this.book.engine.packet(frame)
  }

  /** A line of a log; see Book.takeLog. */
  log(record: LogRecord, now: number, countsBytes: boolean): void {
    if (record.kind === 'lease') this.keepLease(record)
    this.book.takeLog(record, now, countsBytes)
  }

  /** How far logs were read for what has been handed over so far. */
  reached(positions: LogPlace[]): void {
    this.positions = positions
  }

  /** It is `now` by the books' clock: seconds before it are over, packet or not. */
  mark(now: number): void {
    this.book.engine.timeMark(Math.floor(now))
  }

  wish(wishes: Wishes): void {
    this.wishes = wishes
    this.book.wish(wishes)
    this.watch?.wish(wishes)
  }

  changeAlertSettings(settings: SessionPlan['alerts']['settings']): void {
    this.watch?.change(settings)
  }

  order(order: AlertOrder): void {
    if (this.watch !== null) this.watch.order(order)
    else if ('id' in order) this.doings?.order(order.id, order.order)
    this.tellDoings()
    this.tellMemory()
  }

  /** Habits and decisions, for keeping; a recording has none. */
  tellMemory(): void {
    if (this.watch !== null) this.send({ type: 'memory', memory: this.watch.memory() })
  }

  /** Hands on what was booked since the last time; all devices that there is news of where nothing `isComing` soon. */
  pump(now: number, sources: SourceReport[], dropped = 0, isComing = true): void {
    const batch = this.book.take()
    if (this.positions.length > 0) batch.positions = this.positions.splice(0)
    for (const name of batch.names) this.carry(name)
    const tick = this.tickOf(batch, now)
    const gone = this.book.takeGone()
    const devices = this.book.takeDevices(
      isComing && !this.hasFinished ? this.describedAtOnce : Number.POSITIVE_INFINITY,
    )
    const active = activeIn(batch)
    if (devices.length > 0 || gone.length > 0) this.send({ type: 'devices', devices, gone })
    const counters = this.countersWith(dropped)
    this.watch?.take(batch, devices, now, sources, counters.limits)
    this.recordingWatch?.know(devices, gone)
    this.history?.add(batch)
    this.history?.tick(now)
    const kept = this.history === null ? batch : null
    this.send(
      { type: 'batch', batch: kept, tick, active, now, counters, sources },
      kept === null ? [] : [kept.cells.buffer as ArrayBuffer],
    )
    this.tellDoings()
    if (this.isFull(now)) this.renew(now, [])
  }

  private tellDoings(): void {
    const news = (this.watch ?? this.recordingWatch)?.takeNews() ?? null
    if (news !== null) this.send({ type: 'doings', news })
  }

  /** Books everything that is still open. */
  finish(): void {
    this.book.finish()
    this.hasFinished = true
    this.recordingWatch?.finish()
  }

  /** Begins with empty tables; names stay, but for those of forgotten devices. */
  renew(now: number, forgotten: string[]): void {
    this.renewedAt = now
    this.book.forgetLogs(forgotten)
    this.book.finish()
    this.pump(now, [])
    this.passedOverBefore += this.book.engine.passedOver
    for (const [key, { device }] of this.names) if (forgotten.includes(device)) this.names.delete(key)
    this.watch?.renumber(forgotten)
    this.book = this.newBook()
    this.send({ type: 'reset' })
    if (forgotten.length > 0) this.tellMemory()
  }

  private newBook(): Book {
    const home = this.plan.home.length === 0 ? null : this.plan.home.map(parseCidr)
    const book = new Book(this.rules, home, this.wishes, (tick) => this.doings?.takeTick(tick))
    if (this.plan.source.kind === 'recording') {
      this.doings = new Doings(book.engine, this.rules, { timeZone: this.plan.timeZone, isFollowed: true })
      this.recordingWatch = new RecordingWatch(this.doings)
    }
    for (const { device, address, host } of this.names.values()) book.remember(device, address, host)
    for (const lease of this.leases.values()) book.takeLog(lease, 0, false)
    return book
  }

  private keepLease(lease: LogLease): void {
    const before = this.leases.get(lease.address)
    this.leases.delete(lease.address)
    this.leases.set(lease.address, lease.name === null && before?.mac === lease.mac ? before : lease)
    if (this.leases.size <= MAX_LEASES) return
    const [oldest] = this.leases.keys()
    if (oldest !== undefined) this.leases.delete(oldest)
  }

  private carry(name: RememberedName): void {
    const key = `${name.device} ${name.address}`
    this.names.delete(key)
    this.names.set(key, name)
    if (this.names.size <= MAX_CARRIED_NAMES) return
    const [oldest] = this.names.keys()
    if (oldest !== undefined) this.names.delete(oldest)
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
      const sum = sums.get(cells[at + 1] as number) ?? [0, 0]
      sum[0] += cells[at + 3] as number
      sum[1] += cells[at + 4] as number
      sums.set(cells[at + 1] as number, sum)
      sent += cells[at + 3] as number
      received += cells[at + 4] as number
    }
    const covered = Number.isNaN(this.lastNow) ? 1 : Math.max(1, Math.round(now - this.lastNow))
    this.lastNow = now
    const devices = [...sums]
      .filter(([, [up, down]]) => up !== 0 || down !== 0)
      .flatMap(([device, [up, down]]) => [device, Math.max(0, up), Math.max(0, down)])
    return [Math.floor(now) - 1, covered, Math.max(0, sent), Math.max(0, received), ...devices]
  }

  private countersWith(dropped: number): EngineCounters {
    const { engine } = this.book
    return {
      packets: this.packets,
      dropped,
      paused: this.passedOverBefore + engine.passedOver,
      damaged: Object.fromEntries(engine.stopped),
      limits: Object.fromEntries(engine.limits.reached),
    }
  }

  private isFull(now: number): boolean {
    // A recording adds up to what analyze says, caps included.
    if (this.plan.source.kind === 'recording' || now - this.renewedAt < RENEWAL_SECONDS) return false
    const { rows, addresses, ownership, names } = this.book.engine
    return (
      rows.used > FULL_SHARE * LIMITS.rows ||
      addresses.used > FULL_SHARE * LIMITS.addresses ||
      ownership.claimsUsed > FULL_SHARE * LIMITS.claims ||
      names.size > FULL_SHARE * LIMITS.names
    )
  }
}

/** Device number and the last second in which it moved something, within the home too, in turn. */
function activeIn({ cells }: Batch): number[] {
  const last = new Map<number, number>()
  for (let at = 0; at < cells.length; at += CELL_LENGTH) {
    const [second, device] = [cells[at] as number, cells[at + 1] as number]
    if ((cells[at + 3] as number) < 0 || (cells[at + 4] as number) < 0) continue
    if (second > (last.get(device) ?? Number.NEGATIVE_INFINITY)) last.set(device, second)
  }
  return [...last].flat()
}
