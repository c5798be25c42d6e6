// The traffic history in one SQLite file or in memory: writing, forgetting and reading, from one thread, at the
// history's own clock.
import type { Level } from '../api.ts'
import type { Batch, LogPlace } from '../model/batch.ts'
import type { DriverName } from '../../capture/sources/sqlite.ts'
import { ClockCheck, LEAP } from '../model/clock-check.ts'
import { addBatch } from './add-batch.ts'
import { CATALOG_LIMITS, type CatalogLimits } from './catalog.ts'
import { CHUNK, MINUTE } from './cells.ts'
import { CLOCK_IS_RIGHT, clockSentence } from './clock-words.ts'
import { Commits } from './commit.ts'
import { DatabaseFile } from './database-file.ts'
import { foldBusyDevices, keepBudget } from './disk-budget.ts'
import { foldDevices } from './fold-devices.ts'
import { beginForgetting, coarsenDevice, finishForgetting, forgetDevices } from './forget.ts'
import { seenOnce } from './heard-devices.ts'
import * as eventQueries from './event-queries.ts'
import type {
  EventCountsAnswer,
  EventsAnswer,
  EventsRequest,
  ForgetReceipt,
  HistoryFacts,
  LookupSum,
  NamedPlace,
  Range,
  RememberedName,
  SeriesAnswer,
  SeriesRequest,
  StoredCells,
  StoredEndpoint,
  Sum,
} from './history.ts'
import { isDiskFull } from '../store/reserve.ts'
import { changeZone, loadStore } from './load.ts'
import { DEFAULT_DISK_BUDGET, DEFAULT_RETENTION, DEFAULT_SAVE_EVERY, type HistoryOptions } from './options.ts'
import * as queries from './queries.ts'
import { MIGRATIONS } from './schema.ts'
import type { HistorySettings } from './settings.ts'
import { orNever, type TrafficStore } from './traffic-store.ts'

/**
 * The traffic history of one home, or of one recording. Every moment is in at most four tiers: seconds (memory),
 * minutes, hours, days; `planParts` chooses the one that answers. Not for use from two threads; the live history runs
 * in a worker. Methods throw an Error whose message is a sentence for the person where the disk fails.
 */
export class HistoryDatabase {
  /** Called with a sentence when the clock is doubted, and when it is believed again. */
  onNotice: (sentence: string) => void = () => undefined
  private budget: number
  private saveEvery: number
  private readonly keepSeconds: number | null
  private readonly limits: CatalogLimits
  private readonly file: DatabaseFile
  private readonly store: TrafficStore
  private readonly commits: Commits
  private readonly check: ClockCheck | null
  /** The zone that the owner chose, until hours and days are cut in it. */
  private wantedZone: string | null = null
  private slot: number | null = null
  /** Names of devices that the owner decided about. */
  private decided: ReadonlySet<string> = new Set()

  constructor(options: HistoryOptions) {
    const retention = options.retention === undefined ? DEFAULT_RETENTION : options.retention
    this.budget = options.diskBudgetBytes ?? DEFAULT_DISK_BUDGET
    this.saveEvery = Math.max(60, options.saveEverySeconds ?? DEFAULT_SAVE_EVERY)
    this.keepSeconds = options.keepSeconds === undefined ? 600 : options.keepSeconds
    this.limits = { ...CATALOG_LIMITS, ...options.limits }
    this.file = new DatabaseFile(options.path, options.driver, options.migrations ?? MIGRATIONS)
    this.store = loadStore(this.file, options.timeZone, this.limits)
    this.check = retention === null ? null : this.newCheck(options.elapsed ?? null)
    this.commits = new Commits(this.file, this.store, retention, this.check)
    this.finishForgetting()
    this.file.keepReserve()
  }

  get driver(): DriverName {
    return this.file.driver
  }

  /** What is wrong, one sentence; null when all is well. */
  get problem(): string | null {
    return this.file.problem ?? this.file.damage
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
    const before = store.now
    if (before === null) store.catalog.names.date(now)
    else if (now < before) this.turnBack(before, now)
    if (before !== null && this.check !== null && (now > before + LEAP || now < before))
      store.coverage.leap(before, now)
    store.now = now
    this.judgeClock(now)
    store.coverage.tick(now)
    if (this.keepSeconds !== null) store.seconds.dropBefore(now - this.keepSeconds)
    const slot = Math.floor(now / this.saveEvery)
    const isDue = slot !== this.slot && (this.slot !== null || store.state.clock !== null)
    this.slot = slot
    if (isDue || (this.check?.moves.length ?? 0) > 0) this.save()
  }

  /** Commits what is pending. On disk it survives a power cut from then on. */
  flush(): void {
    this.file.withReserve(() => this.commits.commit(true))
  }

  close(): void {
    try {
      this.file.withReserve(() => this.commits.commit(true))
    } finally {
      this.file.close()
    }
  }

  /** The clock was put back: what comes now is before what is kept, and counts from here on. */
  private turnBack(before: number, now: number): void {
    const { state, seconds, calendar } = this.store
    this.commits.turnBack(now)
    if (before - now > LEAP) seconds.dropFrom(now + 1)
    // The full hour, or day, that follows is the first that is complete.
    if (orNever(state.minuteFloor) > now) state.minuteFloor = Math.floor((now - MINUTE) / CHUNK) * CHUNK
    if (orNever(state.hourFloor) > now) state.hourFloor = calendar.hourStart(now - MINUTE)
    if (seconds.keptFrom !== Infinity && seconds.keptFrom > now) seconds.keptFrom = Math.ceil(now / MINUTE) * MINUTE
  }

  /** Takes over what the owner changed: at once, and for what is kept already too. */
  configure({ timeZone, retention, diskBudgetBytes, saveEverySeconds }: HistorySettings): void {
    this.saveEvery = Math.max(60, saveEverySeconds)
    this.budget = diskBudgetBytes
    if (this.commits.retention !== null) this.commits.retention = retention
    this.wantedZone = timeZone === this.store.state.zone ? null : timeZone
    this.slot = this.store.now === null ? null : Math.floor(this.store.now / this.saveEvery)
    if (this.store.now !== null) this.save(true)
  }

  /** The clock is right as it is: by the owner's word, or by the system's that sets it. */
  believeClock(): void {
    const { check, store } = this
    if (check === null || check.doubt === null || store.now === null) return
    if (check.doubt === 'behind') store.state = { ...store.state, accountedUntil: null }
    check.believe()
    this.onNotice(CLOCK_IS_RIGHT)
    this.save(true)
  }

  /** Since when, by the clock itself, it is doubted; null while it can be believed. */
  get doubted(): { since: number } | null {
    return this.check === null || this.check.doubt === null ? null : { since: this.check.doubtedSince }
  }

  private newCheck(elapsed: (() => number) | null): ClockCheck {
    const { state } = this.store
    const { clock } = state
    const first = clock === null ? null : { at: clock, ran: 0, ranAhead: 0, spans: [] }
    return new ClockCheck({
      memory: state.clockMemory ?? first,
      elapsed,
      firstRowAfter: (time) => this.store.rows.firstMinutes(time),
    })
  }

  private judgeClock(now: number): void {
    if (this.check === null) return
    const before = this.check.doubt
    this.check.tick(now)
    const { doubt } = this.check
    if (doubt !== before) this.onNotice(this.clockProblem ?? CLOCK_IS_RIGHT)
  }

  /** One sentence while the clock is doubtful; else null. */
  private get clockProblem(): string | null {
    const { check, store } = this
    if (check === null || check.doubt === null || store.now === null) return null
    return clockSentence(check.doubt, store.now, check.expected, store.state.zone)
  }

  /** A commit that keeps everything for the next attempt where the disk is full. */
  private save(isHourly = false): void {
    try {
      const hourBefore = this.store.state.hourDone
      this.commits.commit(isHourly)
      if (this.wantedZone !== null) {
        changeZone(this.file, this.store, this.wantedZone)
        this.wantedZone = null
      }
      this.finishForgetting()
      if (isHourly || hourBefore !== this.store.state.hourDone) this.everyHour()
    } catch (error) {
      this.file.problem = `The history could not be written (${(error as Error).message}). What was seen since the last save is kept in memory: make room on the disk.`
    }
  }

  /** What was begun and cut short by a crash or a full disk: again, until it is done. */
  private finishForgetting(): void {
    try {
      finishForgetting(this.file, this.store)
    } catch (error) {
      if (!isDiskFull(error)) throw error
      this.file.problem =
        'The disk is full: a device that was forgotten is not wiped off it yet. Make room on it; Telltale tries again.'
    }
  }

  private everyHour(): void {
    // Pages of dropped rows live on in the log until it is emptied.
    this.file.checkpoint()
    foldDevices(this.file, this.store, this.limits.devices, this.decided)
    foldBusyDevices(this.file, this.store, this.limits.endpointsPerDevice)
    keepBudget(this.file, this.store, this.budget, this.commits.retention !== null, this.doubted !== null)
  }

  // ── Forgetting ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Brings what is kept of a device down to a level, and wipes the rest off the disk. */
  coarsen(name: string, level: Level): void {
    const device = this.store.catalog.devices.get(name)
    if (device === undefined || level === 'everything' || level === 'paused') return
    this.flush()
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

  beginForget(names: string[]): void {
    beginForgetting(this.file, this.store, names)
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

  events(request: EventsRequest): EventsAnswer {
    return eventQueries.events(this.store, request)
  }

  eventCounts(range: Range): EventCountsAnswer {
    return eventQueries.eventCounts(this.store, range)
  }

  positions(): LogPlace[] {
    return this.store.lookups.positions()
  }

  endpoints(ids: number[]): StoredEndpoint[] {
    return ids.flatMap((id) => this.store.catalog.endpoints.get(id) ?? [])
  }

  captured(range: Range): Range[] {
    return queries.captured(this.store, range)
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

  namedAround(addresses: string[]): NamedPlace[] {
    return queries.namedAround(this.store, addresses)
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
    const { now, state } = store
    // What a wrong clock left behind in the future is no end of what is known.
    if (this.check !== null && last !== null && now !== null && last > now + LEAP && now > (first ?? now)) last = now
    return {
      first,
      last,
      clock: now,
      accountedUntil: state.accountedUntil ?? state.clock,
      clockProblem: this.clockProblem,
      databaseBytes: file.bytesOnDisk(),
      writtenBytes: file.bytesWritten(),
      problem: this.problem,
    }
  }
}
