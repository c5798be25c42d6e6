// How do the traffic history grow, age and forget? One SQLite file (or memory), used from one thread, at the history's
// own clock.
import { chmodSync, closeSync, existsSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import type { Level } from '../api.ts'
import { CELL_LENGTH, AT_HOME, LOOKUP_LENGTH, type Batch, type Endpoint, type LogPlace } from '../model/batch.ts'
import { NEW_STATE, extentOf, orNever, type TrafficStore, type HistoryState } from './traffic-store.ts'
import { Calendar } from './calendar.ts'
import { CATALOG_LIMITS, Catalog, coarserFacts, UNDATED, type CatalogLimits, type KnownDevice } from './catalog.ts'
import { addToBuckets, CHUNK, MINUTE, type Bucket, type BucketCells } from './cells.ts'
import { Coverage, type Interval } from './coverage.ts'
import { loadDriver, type Connection, type DriverName } from '../../capture/sources/sqlite.ts'
import type {
  ForgetReceipt,
  HistoryFacts,
  LookupSum,
  Range,
  RememberedName,
  SeriesAnswer,
  SeriesRequest,
  StoredCells,
  StoredEndpoint,
  Sum,
} from './history.ts'
import { LookupRows } from './lookups.ts'
import { Pending } from './pending.ts'
import * as queries from './queries.ts'
import { keepReserve, releaseReserve } from './reserve.ts'
import { Rows, TABLES } from './rows.ts'
import { filesOf, MIGRATIONS, openDatabase, setAsideFiles, type Migration } from './schema.ts'
import { Seconds } from './seconds.ts'

export interface Retention {
  minuteHours: number
  hourDays: number
  dayDays: number
}

export interface HistoryOptions {
  /** A file, or ':memory:'. */
  path: string
  /** IANA name of the zone in which hours and days are cut. */
  timeZone: string
  /** Null: nothing ages, as in a replay. */
  retention?: Retention | null
  diskBudgetBytes?: number
  /** Seconds between commits, by the history's clock; 60 at least. */
  saveEverySeconds?: number
  /** How long single seconds are kept, in memory; null: as long as there is room. */
  keepSeconds?: number | null
  limits?: Partial<CatalogLimits>
  driver?: DriverName
  migrations?: readonly Migration[]
}

export const DEFAULT_RETENTION: Retention = { minuteHours: 48, hourDays: 35, dayDays: 730 }
export const DEFAULT_DISK_BUDGET = 512 * 1024 * 1024
export const DEFAULT_SAVE_EVERY = 300
/** Cells of single seconds in memory: about 16 MB. */
export const MAX_SECOND_CELLS = 500_000

const HOUR = 3_600
const DAY = 86_400
/**
 * After the clock jumped ahead by more than a day nothing is dropped for so long: a wrong clock must not empty the
 * store.
 */
const JUMP = DAY
const WAIT_AFTER_JUMP = HOUR
/** Rows deleted in one commit while forgetting: their pages fit into the reserve. */
const FORGET_SLICE = 400
/** Look-ups are small: many to a page. */
const LOOKUP_SLICE = 4_000
/** What a look-up weighs against bytes when the least important endpoints are folded: about its packets. */
const LOOKUP_WEIGHT = 100
/** Latest second that the keys have room for. */
const LATEST = 2 ** 38

type LateBuckets = Map<number, Map<number, BucketCells>>

function addLate(late: LateBuckets, start: number, device: number, endpoint: number, bucket: Bucket): void {
  let devices = late.get(start)
  if (devices === undefined) late.set(start, (devices = new Map<number, BucketCells>()))
  let cells = devices.get(device)
  if (cells === undefined) devices.set(device, (cells = new Map<number, Bucket>()))
  addToBuckets(cells, endpoint, bucket)
}

function isFull(error: unknown): boolean {
  return /SQLITE_FULL|SQLITE_IOERR|ENOSPC|disk is full|disk I\/O/.test(
    `${(error as { code?: string }).code ?? ''} ${(error as Error).message}`,
  )
}

function createPrivately(path: string): void {
  if (path === ':memory:') return
  if (existsSync(path)) chmodSync(path, 0o600)
  else closeSync(openSync(path, 'a', 0o600))
}

/** Bytes that this thread caused to be written to the disk; null where the system does not count them. */
function bytesWrittenByThread(): number | null {
  try {
    return Number(/^write_bytes: (\d+)/m.exec(readFileSync('/proc/thread-self/io', 'utf8'))?.[1] ?? Number.NaN) || 0
  } catch {
    return null
  }
}

/**
 * The traffic history of one home, or of one recording. Every moment is in at most four tiers: seconds (memory),
 * minutes, hours,
 * days; `planParts` says which of them answers. Not for use from two threads; the live history run in a worker.
 * Methods throw an Error whose message is a sentence for the person where the disk fails.
 */
export class HistoryDatabase {
  /** What went wrong since the start, one sentence; null when all is well. */
  problem: string | null
  readonly driver: DriverName
  private readonly path: string
  private readonly retention: Retention | null
  private readonly budget: number
  private readonly saveEvery: number
  private readonly keepSeconds: number | null
  private readonly limits: CatalogLimits
  private readonly connection: Connection
  private readonly store: TrafficStore
  private readonly lookupRows: LookupRows
  private readonly writtenBefore: number | null
  private now: number | null
  private slot: number | null = null
  private dropAgainAt = -Infinity
  /** The session's own numbers, as last told. */
  private readonly deviceNames = new Map<number, string>()
  private readonly declared = new Map<number, Endpoint>()
  private deviceIds = new Map<number, number>()
  private endpointIds = new Map<number, number>()

  constructor(options: HistoryOptions) {
    this.path = options.path
    this.retention = options.retention === undefined ? DEFAULT_RETENTION : options.retention
    this.budget = options.diskBudgetBytes ?? DEFAULT_DISK_BUDGET
    this.saveEvery = Math.max(60, options.saveEverySeconds ?? DEFAULT_SAVE_EVERY)
    this.keepSeconds = options.keepSeconds === undefined ? 600 : options.keepSeconds
    this.limits = { ...CATALOG_LIMITS, ...options.limits }
    this.writtenBefore = bytesWrittenByThread()
    const driver = loadDriver(options.driver)
    this.driver = driver.name
    createPrivately(this.path)
    const opened = openDatabase(driver, this.path, options.migrations ?? MIGRATIONS)
    this.connection = opened.connection
    this.problem = opened.problem
    if (this.path !== ':memory:') for (const file of filesOf(this.path)) if (existsSync(file)) chmodSync(file, 0o600)
    this.lookupRows = new LookupRows(this.connection)
    this.store = this.load(options.timeZone)
    this.now = this.store.state.clock
    if (this.path !== ':memory:') keepReserve(this.reservePath)
    this.finishForgetting()
  }

  // ── Writing ────────────────────────────────────────────────────────────────────────────────────────────────────────

  add(batch: Batch): void {
    for (const { index, id } of batch.devices) {
      this.deviceNames.set(index, id)
      this.deviceIds.delete(index)
    }
    for (const endpoint of batch.endpoints) {
      this.declared.set(endpoint.number, endpoint)
      const id = this.endpointIds.get(endpoint.number)
      // A host told again has one more address; a number told anew is another session's.
      if (id !== undefined && this.store.catalog.endpointId(endpoint) !== id) this.endpointIds.delete(endpoint.number)
    }
    for (const name of batch.names) this.store.catalog.remember(name, this.now ?? UNDATED)
    this.addCells(batch.cells)
    if (batch.lookups !== undefined) this.addLookups(batch.lookups)
    for (const { source, position } of batch.positions ?? []) this.lookupRows.place(source, position)
  }

  capturing(since: number, on: boolean): void {
    this.store.coverage.capturing(Math.floor(since), on)
  }

  tick(now: number): void {
    const { state, coverage, seconds } = this.store
    if (this.now !== null && now - this.now > JUMP) this.dropAgainAt = now + WAIT_AFTER_JUMP
    if (this.now !== null && now < this.now) this.turnBack(now)
    if (this.now === null) this.store.catalog.dateNames(now)
    this.now = now
    coverage.tick(now)
    if (this.keepSeconds !== null) seconds.dropBefore(now - this.keepSeconds)
    const slot = Math.floor(now / this.saveEvery)
    const isDue = slot !== this.slot && (this.slot !== null || state.clock !== null)
    this.slot = slot
    if (isDue) this.save()
  }

  /** Commits what is pending. On disk it survives a power cut from then on. */
  flush(): void {
    this.commit(true)
  }

  close(): void {
    try {
      this.commit(true)
    } finally {
      if (this.path !== ':memory:') this.connection.pragma('wal_checkpoint(TRUNCATE)')
      this.connection.close()
    }
  }

  private addCells(cells: Float64Array): void {
    const { catalog, pending, seconds } = this.store
    if (cells.length === 0) return
    this.beginSeconds(cells)
    for (let at = 0; at + CELL_LENGTH <= cells.length; at += CELL_LENGTH) {
      const second = Math.min(Math.max(Math.floor(cells[at]), 0), LATEST)
      const sent = cells[at + 3]
      const received = cells[at + 4]
      if (!Number.isFinite(second + sent + received))
        throw new Error(`A cell of the traffic history is no number: ${cells.slice(at, at + CELL_LENGTH).join(', ')}`)
      const device = this.deviceOf(cells[at + 1])
      const endpoint = catalog.use(device, this.endpointOf(cells[at + 2]), second, Math.abs(sent) + Math.abs(received))
      seconds.add(second, device, endpoint, sent, received)
      pending.add(second, device, endpoint, sent, received)
    }
  }

  private addLookups(cells: Float64Array): void {
    for (let at = 0; at + LOOKUP_LENGTH <= cells.length; at += LOOKUP_LENGTH) {
      const minute = Math.min(Math.max(Math.floor(cells[at] / MINUTE) * MINUTE, 0), LATEST)
      const count = cells[at + 3]
      if (!Number.isFinite(minute + count))
        throw new Error(
          `A look-up of the traffic history is no number: ${cells.slice(at, at + LOOKUP_LENGTH).join(', ')}`,
        )
      const device = this.deviceOf(cells[at + 1])
      const endpoint = this.store.catalog.use(
        device,
        this.endpointOf(cells[at + 2]),
        minute,
        Math.abs(count) * LOOKUP_WEIGHT,
      )
      this.lookupRows.add(minute, device, endpoint, count)
    }
  }

  /** Seconds are complete from the first full minute of which nothing was known before. */
  private beginSeconds(cells: Float64Array): void {
    const { seconds, catalog } = this.store
    if (seconds.keptFrom !== Infinity) return
    let first = Infinity
    for (let at = 0; at < cells.length; at += CELL_LENGTH) first = Math.min(first, Math.max(0, cells[at]))
    const minute = Math.floor(first / MINUTE) * MINUTE
    let last = -Infinity
    for (const device of catalog.devices.values()) last = Math.max(last, device.last ?? -Infinity)
    seconds.keptFrom = last < minute ? minute : Math.floor(last / MINUTE) * MINUTE + MINUTE
  }

  private deviceOf(index: number): number {
    const known = this.deviceIds.get(index)
    if (known !== undefined) return known
    const name = this.deviceNames.get(index)
    if (name === undefined) throw new Error(`The history were never told of device ${index}`)
    const id = this.store.catalog.deviceId(name)
    this.deviceIds.set(index, id)
    return id
  }

  private endpointOf(number: number): number {
    if (number === AT_HOME) return AT_HOME
    const known = this.endpointIds.get(number)
    if (known !== undefined) return known
    const endpoint = this.declared.get(number)
    if (endpoint === undefined) throw new Error(`The history were never told of endpoint ${number}`)
    const id = this.store.catalog.endpointId(endpoint)
    this.endpointIds.set(number, id)
    return id
  }

  /** Numbers of the disk changed: the session's own are looked up again. */
  private renumber(): void {
    this.deviceIds = new Map()
    this.endpointIds = new Map()
  }

  /** The clock was put back: what comes now is before what is kept, and counts from here on. */
  private turnBack(now: number): void {
    const { state, seconds } = this.store
    const chunk = Math.ceil(now / CHUNK) * CHUNK
    if (orNever(state.minuteFloor) > now) state.minuteFloor = chunk
    if (orNever(state.hourFloor) > now) state.hourFloor = now
    if (seconds.keptFrom !== Infinity && seconds.keptFrom > now) seconds.keptFrom = Math.ceil(now / MINUTE) * MINUTE
    this.dropAgainAt = Math.min(this.dropAgainAt, now + WAIT_AFTER_JUMP)
  }

  /** A commit that keeps everything for the next try where the disk is full. */
  private save(): void {
    try {
      const hourBefore = this.store.state.hourDone
      this.commit(false)
      if (hourBefore !== this.store.state.hourDone) this.everyHour()
    } catch (error) {
      this.problem = `The history could not be written (${(error as Error).message}). What was seen since the last save is kept in memory: make room on the disk.`
    }
  }

  private everyHour(): void {
    // Pages of dropped rows live on in the log until it is emptied.
    this.checkpoint()
    this.foldBusyDevices()
    this.keepBudget()
  }

  private checkpoint(): boolean {
    if (this.path === ':memory:') return true
    const [row] = this.connection.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
    return row?.busy === 0
  }

  private transaction(work: () => void): void {
    this.connection.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.connection.exec('COMMIT')
    } catch (error) {
      try {
        this.connection.exec('ROLLBACK')
      } catch {
        // A full disk has rolled it back already.
      }
      throw error
    }
  }

  private commit(all: boolean): void {
    const { state, catalog, pending } = this.store
    const next = this.nextState()
    const writesAll = all || next.hourDone !== state.hourDone
    this.transaction(() => {
      // Dropping first makes room for what is written next: the same pages, written once.
      this.dropOld(
        Math.min(orNever(next.minuteFloor), orNever(state.hourDone)),
        Math.min(orNever(next.hourFloor), orNever(state.dayDone)),
        next.clock,
      )
      this.writePending(next)
      this.rollUpHours(orNever(state.hourDone), orNever(next.hourDone))
      this.rollUpDays(orNever(state.dayDone), orNever(next.dayDone))
      this.dropOld(orNever(next.minuteFloor), orNever(next.hourFloor), next.clock)
      this.lookupRows.write()
      if (next.hourDone !== state.hourDone && this.retention !== null) {
        this.lookupRows.age(
          this.store.calendar,
          orNever(next.minuteFloor),
          orNever(next.hourFloor),
          this.dayFloor(next.clock),
        )
      }
      if (next.dayDone !== state.dayDone) this.dropKnowledge(next.clock)
      catalog.write(this.connection, writesAll)
      this.writeCoverage()
      this.writeState(next)
    })
    this.store.state = next
    catalog.written(writesAll)
    pending.clear()
    this.lookupRows.written()
    if (this.problem?.startsWith('The history could not be written') === true) this.problem = null
  }

  /** What the traffic history will be once this commit is done. */
  private nextState(): HistoryState {
    const { state, calendar } = this.store
    const { now } = this
    if (now === null) return { ...state }
    const next: HistoryState = { ...state, clock: now }
    next.hourDone = Math.max(orNever(state.hourDone), calendar.hourStart(now))
    next.dayDone = Math.max(orNever(state.dayDone), calendar.dayStart(now))
    if (this.retention === null || now < this.dropAgainAt) return next
    const minuteLimit = Math.ceil((now - this.retention.minuteHours * HOUR) / CHUNK) * CHUNK
    next.minuteFloor = Math.max(orNever(state.minuteFloor), minuteLimit)
    next.hourFloor = Math.max(orNever(state.hourFloor), now - this.retention.hourDays * DAY)
    return next
  }

  private dayFloor(now: number | null): number {
    if (this.retention === null || now === null || now < this.dropAgainAt) return -Infinity
    return now - this.retention.dayDays * DAY
  }

  private dropOld(minuteFloor: number, hourFloor: number, now: number | null): void {
    const { rows } = this.store
    if (this.retention === null) return
    rows.dropBefore('minutes', minuteFloor)
    rows.dropBefore('hours', hourFloor)
    rows.dropBefore('days', this.dayFloor(now))
  }

  /** Once a day: uses, names, devices and intervals that are past every limit. */
  private dropKnowledge(now: number | null): void {
    const floor = this.dayFloor(now)
    if (floor === -Infinity || this.retention === null) return
    this.store.coverage.dropBefore(floor)
    this.store.catalog.dropBefore(this.connection, floor, (now as number) - this.retention.hourDays * DAY)
    this.renumber()
  }

  /**
   * Minutes go where minutes are kept; and, where they come after the roll-up of their hour or day, into those as well.
   */
  private writePending(next: HistoryState): void {
    const { state, calendar, rows, pending } = this.store
    const hourDone = orNever(state.hourDone)
    const minuteFloor = orNever(next.minuteFloor)
    const hourFloor = orNever(next.hourFloor)
    const dayDone = orNever(state.dayDone)
    const dayFloor = this.dayFloor(next.clock)
    const hours: LateBuckets = new Map()
    const days: LateBuckets = new Map()
    for (const [chunk, devices] of pending.chunks) {
      if (chunk < minuteFloor) continue
      for (const [device, cells] of devices) rows.addMinutes(chunk, device, cells)
    }
    pending.visit(-Infinity, Infinity, (minute, device, endpoint, sent, received) => {
      if (minute >= hourDone && Math.floor(minute / CHUNK) * CHUNK >= minuteFloor) return
      const bucket: Bucket = { sent, received, first: minute, last: minute + MINUTE }
      const hour = calendar.hourStart(minute)
      if (hour >= hourFloor) addLate(hours, hour, device, endpoint, bucket)
      const day = calendar.dayStart(hour)
      if ((hour < dayDone || hour < hourFloor) && day >= dayFloor) addLate(days, day, device, endpoint, bucket)
    })
    this.writeBuckets('hours', hours)
    this.writeBuckets('days', days)
  }

  private rollUpHours(from: number, to: number): void {
    if (from >= to) return
    const hours: LateBuckets = new Map()
    this.store.rows.visitMinutes(from, to, null, (minute, device, endpoint, sent, received) => {
      const bucket: Bucket = { sent, received, first: minute, last: minute + MINUTE }
      addLate(hours, this.store.calendar.hourStart(minute), device, endpoint, bucket)
    })
    this.writeBuckets('hours', hours)
  }

  private rollUpDays(from: number, to: number): void {
    if (from >= to) return
    const days: LateBuckets = new Map()
    this.store.rows.visitBuckets('hours', from, to, null, (hour, device, endpoint, bucket) => {
      addLate(days, this.store.calendar.dayStart(hour), device, endpoint, bucket)
    })
    this.writeBuckets('days', days)
  }

  private writeBuckets(table: 'hours' | 'days', buckets: LateBuckets): void {
    for (const start of [...buckets.keys()].sort((left, right) => left - right)) {
      for (const [device, cells] of buckets.get(start) as Map<number, BucketCells>)
        this.store.rows.addBuckets(table, start, device, cells)
    }
  }

  private writeCoverage(): void {
    const known = new Map(
      (this.connection.prepare('SELECT since, until FROM capture').all() as Interval[]).map(({ since, until }) => [
        since,
        until,
      ]),
    )
    const put = this.connection.prepare('INSERT OR REPLACE INTO capture VALUES (?, ?)')
    for (const { since, until } of this.store.coverage.all()) {
      if (known.get(since) !== until) put.run(since, Math.floor(until))
      known.delete(since)
    }
    for (const since of known.keys()) this.connection.prepare('DELETE FROM capture WHERE since = ?').run(since)
  }

  private writeState(state: HistoryState): void {
    const facts = JSON.stringify(state, (_key, value: unknown) => (value === -Infinity ? null : value))
    this.connection.prepare('INSERT OR REPLACE INTO state VALUES (1, ?)').run(facts)
  }

  // ── Opening ────────────────────────────────────────────────────────────────────────────────────────────────────────

  private load(zone: string): TrafficStore {
    const row = this.connection.prepare('SELECT facts FROM state').get() as { facts: string } | undefined
    const state: HistoryState = {
      zone,
      ...NEW_STATE,
      ...(row === undefined ? {} : (JSON.parse(row.facts) as HistoryState)),
    }
    const catalog = new Catalog(this.connection, this.limits)
    const coverage = new Coverage(
      this.connection.prepare('SELECT since, until FROM capture ORDER BY since').all() as Interval[],
    )
    const rows = new Rows(this.connection)
    const store: TrafficStore = {
      state,
      catalog,
      coverage,
      rows,
      calendar: new Calendar(state.zone, orNever(state.hourSeam), orNever(state.daySeam)),
      pending: new Pending(),
      seconds: new Seconds(MAX_SECOND_CELLS),
    }
    if (state.zone !== zone) this.changeZone(store, zone)
    rows.visitMinutes(orNever(store.state.hourDone), Infinity, null, (minute, device, endpoint) =>
      catalog.sawAgain(device, endpoint, minute),
    )
    this.lookupRows.visit(orNever(store.state.hourDone), Infinity, null, ({ start, device, endpoint }) =>
      catalog.sawAgain(device, endpoint, start),
    )
    return store
  }

  /**
   * Cuts hours and days anew as far back as there is something finer to cut them from; what is older stays as it was
   * cut.
   */
  private changeZone(store: TrafficStore, zone: string): void {
    const { kept } = extentOf(store)
    const state: HistoryState = {
      ...store.state,
      zone,
      hourSeam: kept.minute,
      minuteFloor: kept.minute,
      hourDone: Math.min(kept.minute, orNever(store.state.hourDone)),
      daySeam: kept.hour,
      hourFloor: kept.hour,
      dayDone: Math.min(kept.hour, orNever(store.state.dayDone)),
    }
    this.transaction(() => {
      store.rows.dropFrom('hours', kept.minute)
      store.rows.dropFrom('days', kept.hour)
      this.writeState(state)
    })
    store.state = state
    store.calendar = new Calendar(zone, kept.minute, kept.hour)
  }

  // ── Room ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A device near its cap gives its least important endpoints to "other", so that new ones are seen again. */
  private foldBusyDevices(): void {
    const { endpointsPerDevice } = this.limits
    for (const [device, pairs] of this.store.catalog.pairs) {
      if (pairs.size < endpointsPerDevice * 0.75) continue
      const least = [...pairs.keys()].filter((endpoint) => this.mayFold(endpoint))
      least.sort((left, right) => (pairs.get(left)?.bytes ?? 0) - (pairs.get(right)?.bytes ?? 0))
      this.fold(new Map([[device, least.slice(0, Math.max(0, pairs.size - Math.floor(endpointsPerDevice / 2)))]]))
    }
  }

  private mayFold(endpoint: number): boolean {
    return endpoint !== AT_HOME && endpoint !== this.store.catalog.other()
  }

  private usedBytes(): number {
    const [pages] = this.connection.pragma('page_count') as { page_count: number }[]
    const [size] = this.connection.pragma('page_size') as { page_size: number }[]
    const [free] = this.connection.pragma('freelist_count') as { freelist_count: number }[]
    return ((pages?.page_count ?? 0) - (free?.freelist_count ?? 0)) * (size?.page_size ?? 0)
  }

  /**
   * Folds the less important half of all endpoints, again and again, until the rest fits; then minutes and hours live
   * shorter.
   */
  private keepBudget(): void {
    if (this.usedBytes() <= this.budget) return
    const goal = this.budget * 0.9
    // Smaller rows leave half-empty pages behind: only a rewritten file shows how much was won.
    const rewrite = (): void => void this.connection.exec('VACUUM')
    rewrite()
    if (this.usedBytes() > goal && this.retention !== null) {
      this.transaction(() =>
        this.lookupRows.age(
          this.store.calendar,
          orNever(this.store.state.hourDone),
          orNever(this.store.state.dayDone),
          -Infinity,
        ),
      )
      rewrite()
    }
    for (; this.usedBytes() > goal && this.foldHalf(); rewrite());
    for (; this.usedBytes() > goal && this.ageSooner(); rewrite());
    this.checkpoint()
    if (this.usedBytes() > this.budget)
      this.problem = `The history needs more than its ${Math.round(this.budget / 2 ** 20)} MB on the disk: allow it more in Settings, or forget devices that are gone.`
  }

  private foldHalf(): boolean {
    const all: { device: number; endpoint: number; bytes: number; last: number }[] = []
    for (const [device, pairs] of this.store.catalog.pairs) {
      for (const [endpoint, { bytes, last }] of pairs)
        if (this.mayFold(endpoint)) all.push({ device, endpoint, bytes, last })
    }
    if (all.length === 0) return false
    all.sort((left, right) => left.bytes - right.bytes || left.last - right.last)
    const chosen = new Map<number, number[]>()
    for (const { device, endpoint } of all.slice(0, Math.ceil(all.length / 2))) {
      const ofDevice = chosen.get(device)
      if (ofDevice === undefined) chosen.set(device, [endpoint])
      else ofDevice.push(endpoint)
    }
    this.fold(chosen)
    return true
  }

  private fold(chosen: Map<number, number[]>): void {
    const other = this.store.catalog.other()
    this.remap(
      new Map(
        [...chosen].map(([device, endpoints]) => [device, new Map(endpoints.map((endpoint) => [endpoint, other]))]),
      ),
    )
  }

  /** Halves the time that minutes, then hours, are kept. False where they are as short as they can be. */
  private ageSooner(): boolean {
    const { state, rows } = this.store
    const next = { ...state }
    const halfway = (floor: number | null, table: 'minutes' | 'hours', done: number): number | null => {
      const [first] = this.connection.prepare(`SELECT id FROM ${table} ORDER BY id LIMIT 1`).all() as { id: number }[]
      if (first === undefined) return null
      const start = Math.max(orNever(floor), Math.floor(first.id / 2 ** 20) * MINUTE)
      return done - start < CHUNK ? null : Math.min(done, Math.ceil((start + (done - start) / 2) / CHUNK) * CHUNK)
    }
    const minutes = halfway(state.minuteFloor, 'minutes', orNever(state.hourDone))
    const hours = minutes === null ? halfway(state.hourFloor, 'hours', orNever(state.dayDone)) : null
    if (minutes === null && hours === null) return false
    if (minutes !== null) next.minuteFloor = minutes
    if (hours !== null) next.hourFloor = hours
    this.transaction(() => {
      if (minutes !== null) rows.dropBefore('minutes', minutes)
      if (hours !== null) rows.dropBefore('hours', hours)
      this.writeState(next)
    })
    this.store.state = next
    return true
  }

  /** Puts bytes on other endpoints, everywhere. Device → from → to. */
  private remap(replacements: Map<number, Map<number, number>>): void {
    const { rows, catalog, pending, seconds } = this.store
    this.transaction(() => {
      for (const [device, targets] of replacements) {
        rows.remap(device, targets)
        this.lookupRows.remap(device, targets)
        catalog.remapPairs(this.connection, device, targets)
      }
      catalog.dropUnused(this.connection)
      catalog.write(this.connection, true)
    })
    catalog.written(true)
    for (const [device, targets] of replacements) {
      pending.remap(device, targets)
      seconds.remap(device, targets)
    }
    this.renumber()
  }

  // ── Forgetting ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Brings what is kept of a device down to a level, and wipes the rest off the disk. */
  coarsen(name: string, level: Level): void {
    const { catalog } = this.store
    const device = catalog.devices.get(name)
    if (device === undefined || level === 'everything' || level === 'paused') return
    this.commit(true)
    const targets = new Map<number, number>()
    for (const endpoint of catalog.pairs.get(device.id)?.keys() ?? []) {
      if (endpoint !== AT_HOME)
        targets.set(
          endpoint,
          catalog.idOf(coarserFacts(catalog.endpoints.get(endpoint) as StoredEndpoint, level), null),
        )
    }
    catalog.dropNames(device.id)
    this.withReserve(() => this.remap(new Map([[device.id, targets]])))
    this.wipe()
    this.dropSetAside()
  }

  /** Removes devices from every table, free page, log and set-aside file. */
  forget(names: string[]): ForgetReceipt {
    const { catalog, pending, seconds, state } = this.store
    const devices = names.flatMap((name) => catalog.devices.get(name) ?? [])
    const ids = new Set(devices.map(({ id }) => id))
    pending.forget(ids)
    seconds.forget(ids)
    this.lookupRows.forget(ids)
    this.withReserve(() =>
      this.transaction(() => {
        this.writeState({ ...state, forgetting: [...ids] })
      }),
    )
    this.store.state = { ...state, forgetting: [...ids] }
    const rows = this.removeRows(devices)
    const files = this.dropSetAside()
    this.wipe()
    if (this.path !== ':memory:') keepReserve(this.reservePath)
    return { rows, files }
  }

  /** What a crash interrupted is finished at the next start. */
  private finishForgetting(): void {
    const { state, catalog } = this.store
    if (state.forgetting.length === 0) return
    this.removeRows(
      state.forgetting.map((id) => catalog.devicesById.get(id) ?? { id, name: '', first: null, last: null }),
    )
    this.dropSetAside()
    this.wipe()
  }

  private removeRows(devices: KnownDevice[]): number {
    const { rows, catalog } = this.store
    let removed = 0
    for (const { id } of devices) {
      for (const table of TABLES) {
        for (let count = FORGET_SLICE; count === FORGET_SLICE; removed += count) {
          this.withReserve(() => this.transaction(() => (count = rows.dropDevice(table, id, FORGET_SLICE))))
          this.checkpoint()
        }
      }
      for (let count = LOOKUP_SLICE; count === LOOKUP_SLICE; removed += count) {
        this.withReserve(() => this.transaction(() => (count = this.lookupRows.dropDevice(id, LOOKUP_SLICE))))
        this.checkpoint()
      }
    }
    const done: HistoryState = { ...this.store.state, forgetting: [] }
    let listed = 0
    this.withReserve(() =>
      this.transaction(() => {
        for (const device of devices) listed += catalog.dropDevice(this.connection, device)
        listed += catalog.dropUnused(this.connection)
        this.writeState(done)
      }),
    )
    this.store.state = done
    this.renumber()
    return removed + listed
  }

  private withReserve(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!isFull(error) || this.path === ':memory:') throw error
      releaseReserve(this.reservePath)
      work()
    }
  }

  /** Empties the log and rewrites the file, so that no free byte holds what was deleted. */
  private wipe(): void {
    if (this.path === ':memory:') return
    if (!this.checkpoint())
      throw new Error(
        'Another program is reading the history, so the last traces cannot be wiped yet. Close it and try again.',
      )
    try {
      this.connection.exec('VACUUM')
    } catch (error) {
      // Without room for a copy secure_delete has overwritten what was deleted.
      if (!isFull(error)) throw error
    }
    if (!this.checkpoint())
      throw new Error(
        'Another program is reading the history, so the last traces cannot be wiped yet. Close it and try again.',
      )
  }

  private dropSetAside(): number {
    const files = setAsideFiles(this.path)
    for (const file of files) rmSync(file, { force: true })
    return files.length
  }

  private get reservePath(): string {
    return `${this.path}.reserve`
  }

  // ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────────

  sums(range: Range & { devices?: string[] }): Sum[] {
    return queries.sums(this.store, range)
  }

  cells(range: Range): StoredCells {
    return queries.cells(this.store, range)
  }

  lookups({ from, to, devices }: Range & { devices?: string[] }): LookupSum[] {
    const { catalog } = this.store
    const wanted =
      devices === undefined ? null : new Set(devices.flatMap((name) => catalog.devices.get(name)?.id ?? []))
    return this.lookupRows.sums(from, to, wanted).flatMap(({ device, ...sum }) => {
      const name = catalog.devicesById.get(device)?.name
      return name === undefined ? [] : [{ device: name, ...sum }]
    })
  }

  positions(): LogPlace[] {
    return this.lookupRows.positions()
  }

  endpoints(ids: number[]): StoredEndpoint[] {
    return ids.flatMap((id) => this.store.catalog.endpoints.get(id) ?? [])
  }

  series(request: SeriesRequest): SeriesAnswer {
    return queries.series(this.store, request)
  }

  sparklines(range: Range & { parts: number }): Map<string, number[]> {
    return queries.sparklines(this.store, range)
  }

  grid(devices: string[], days: number, now: number): { date: string; hours: (number | null)[] }[] {
    return queries.grid(this.store, devices, days, now)
  }

  totals(bounds: number[]): Map<string, { sent: number[]; received: number[] }> {
    return queries.totals(this.store, bounds)
  }

  seen(): Map<string, { first: number; last: number }> {
    return queries.seen(this.store)
  }

  endpointsBefore(devices: string[], before: number): number[] {
    return queries.endpointsBefore(this.store, devices, before)
  }

  search(text: string, limit: number): { device: string; endpoint: number; host: string }[] {
    return queries.search(this.store, text, limit)
  }

  names(): RememberedName[] {
    return this.store.catalog.remembered()
  }

  facts(): HistoryFacts {
    let first: number | null = null
    let last: number | null = null
    for (const seen of this.seen().values()) {
      first = Math.min(first ?? seen.first, seen.first)
      last = Math.max(last ?? seen.last, seen.last + 1)
    }
    const files = this.path === ':memory:' ? [] : filesOf(this.path).filter((file) => existsSync(file))
    const databaseBytes = files.reduce((bytes, file) => bytes + statSync(file).size, 0)
    const written = bytesWrittenByThread()
    const writtenBytes = written === null || this.writtenBefore === null ? 0 : written - this.writtenBefore
    return { first, last, clock: this.now, databaseBytes, writtenBytes, problem: this.problem }
  }
}
