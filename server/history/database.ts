// The traffic history in one SQLite file or in memory: writing, forgetting and reading, from one thread, at the
// history's own clock.
import type { Level } from '../api.ts'
import type { Batch, LogPlace } from '../model/batch.ts'
import type { DriverName } from '../../capture/sources/sqlite.ts'
import { addBatch } from './add-batch.ts'
import { CATALOG_LIMITS, type CatalogLimits } from './catalog.ts'
import { CHUNK, MINUTE } from './cells.ts'
import { Commits } from './commit.ts'
import { DatabaseFile } from './database-file.ts'
import { foldBusyDevices, keepBudget } from './disk-budget.ts'
import { foldDevices } from './fold-devices.ts'
import { coarsenDevice, finishForgetting, forgetDevices } from './forget.ts'
import { seenOnce } from './heard-devices.ts'
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
import { loadStore } from './load.ts'
import {
  DEFAULT_DISK_BUDGET,
  DEFAULT_RETENTION,
  DEFAULT_SAVE_EVERY,
  type HistoryOptions,
  type Retention,
} from './options.ts'
import * as queries from './queries.ts'
import { MIGRATIONS } from './schema.ts'
import { orNever, type TrafficStore } from './traffic-store.ts'

/**
 * The traffic history of one home, or of one recording. Every moment is in at most four tiers: seconds (memory),
 * minutes, hours, days; `planParts` chooses the one that answers. Not for use from two threads; the live history runs
 * in a worker. Methods throw an Error whose message is a sentence for the person where the disk fails.
 */
export class HistoryDatabase {
  private readonly retention: Retention | null
  private readonly budget: number
  private readonly saveEvery: number
  private readonly keepSeconds: number | null
  private readonly limits: CatalogLimits
  private readonly file: DatabaseFile
  private readonly store: TrafficStore
  private readonly commits: Commits
  private slot: number | null = null
  /** Names of devices that the owner decided about. */
  private decided: ReadonlySet<string> = new Set()

  constructor(options: HistoryOptions) {
    this.retention = options.retention === undefined ? DEFAULT_RETENTION : options.retention
    this.budget = options.diskBudgetBytes ?? DEFAULT_DISK_BUDGET
    this.saveEvery = Math.max(60, options.saveEverySeconds ?? DEFAULT_SAVE_EVERY)
    this.keepSeconds = options.keepSeconds === undefined ? 600 : options.keepSeconds
    this.limits = { ...CATALOG_LIMITS, ...options.limits }
    this.file = new DatabaseFile(options.path, options.driver, options.migrations ?? MIGRATIONS)
    this.store = loadStore(this.file, options.timeZone, this.limits)
    this.commits = new Commits(this.file, this.store, this.retention)
    this.file.keepReserve()
    finishForgetting(this.file, this.store)
  }

  get driver(): DriverName {
    return this.file.driver
  }

  /** What went wrong since the start, one sentence; null when all is well. */
  get problem(): string | null {
    return this.file.problem
  }

  // ── Writing ────────────────────────────────────────────────────────────────────────────────────────────────────────

  add(batch: Batch): void {
    addBatch(this.store, batch)
  }

  capturing(since: number, on: boolean): void {
    this.store.coverage.capturing(Math.floor(since), on)
  }

  tick(now: number): void {
    const { store } = this
    if (store.now === null) store.catalog.names.date(now)
    else this.commits.clockMoves(store.now, now)
    if (store.now !== null && now < store.now) this.turnBack(now)
    store.now = now
    store.coverage.tick(now)
    if (this.keepSeconds !== null) store.seconds.dropBefore(now - this.keepSeconds)
    const slot = Math.floor(now / this.saveEvery)
    const isDue = slot !== this.slot && (this.slot !== null || store.state.clock !== null)
    this.slot = slot
    if (isDue) this.save()
  }

  /** Commits what is pending. On disk it survives a power cut from then on. */
  flush(): void {
    this.commits.commit(true)
  }

  close(): void {
    try {
      this.commits.commit(true)
    } finally {
      this.file.close()
    }
  }

  /** The clock was put back: what comes now is before what is kept, and counts from here on. */
  private turnBack(now: number): void {
    const { state, seconds } = this.store
    const chunk = Math.ceil(now / CHUNK) * CHUNK
    if (orNever(state.minuteFloor) > now) state.minuteFloor = chunk
    if (orNever(state.hourFloor) > now) state.hourFloor = now
    if (seconds.keptFrom !== Infinity && seconds.keptFrom > now) seconds.keptFrom = Math.ceil(now / MINUTE) * MINUTE
  }

  /** A commit that keeps everything for the next attempt where the disk is full. */
  private save(): void {
    try {
      const hourBefore = this.store.state.hourDone
      this.commits.commit(false)
      if (hourBefore !== this.store.state.hourDone) this.everyHour()
    } catch (error) {
      this.file.problem = `The history could not be written (${(error as Error).message}). What was seen since the last save is kept in memory: make room on the disk.`
    }
  }

  private everyHour(): void {
    // Pages of dropped rows live on in the log until it is emptied.
    this.file.checkpoint()
    foldDevices(this.file, this.store, this.limits.devices, this.decided)
    foldBusyDevices(this.file, this.store, this.limits.endpointsPerDevice)
    keepBudget(this.file, this.store, this.budget, this.retention !== null)
  }

  // ── Forgetting ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Brings what is kept of a device down to a level, and wipes the rest off the disk. */
  coarsen(name: string, level: Level): void {
    const device = this.store.catalog.devices.get(name)
    if (device === undefined || level === 'everything' || level === 'paused') return
    this.commits.commit(true)
    coarsenDevice(this.file, this.store, device, level)
  }

  /** Devices that keep their place whatever comes; those beyond the cap are folded into one now. */
  keep(names: string[]): void {
    this.decided = new Set(names)
    if (this.store.catalog.devices.size <= this.limits.devices) return
    this.commits.commit(true)
    foldDevices(this.file, this.store, this.limits.devices, this.decided)
  }

  /** Names of devices seen once, before `until`, that the internet never sent anything. */
  seenOnce(until: number): string[] {
    return seenOnce(this.store, until)
  }

  /** Removes devices from every table, free page, log and set-aside file. */
  forget(names: string[]): ForgetReceipt {
    return forgetDevices(this.file, this.store, names)
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
    return this.store.lookups.sums(from, to, wanted).flatMap(({ device, ...sum }) => {
      const name = catalog.devicesById.get(device)?.name
      return name === undefined ? [] : [{ device: name, ...sum }]
    })
  }

  positions(): LogPlace[] {
    return this.store.lookups.positions()
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
    return this.store.catalog.rememberedNames()
  }

  facts(): HistoryFacts {
    let first: number | null = null
    let last: number | null = null
    for (const seen of this.store.catalog.devices.values()) {
      if (seen.first === null || seen.last === null) continue
      first = Math.min(first ?? seen.first, seen.first)
      last = Math.max(last ?? seen.last, seen.last + 1)
    }
    const { file, store } = this
    return {
      first,
      last,
      clock: store.now,
      databaseBytes: file.bytesOnDisk(),
      writtenBytes: file.bytesWritten(),
      problem: file.problem,
    }
  }
}
