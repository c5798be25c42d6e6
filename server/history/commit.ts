// Commits of the traffic history: what is pending, roll-ups and what is past its retention, in one transaction.
import { CHUNK } from './cells.ts'
import type { Interval } from './coverage.ts'
import type { DatabaseFile } from './database-file.ts'
import type { Retention } from './options.ts'
import { rollUpDays, rollUpHours, writePending } from './roll-up.ts'
import { writeState } from './load.ts'
import { orNever, type HistoryState, type TrafficStore } from './traffic-store.ts'

const HOUR = 3_600
const DAY = 86_400
/**
 * After the clock jumped ahead by more than a day nothing is dropped for so long: a wrong clock must not empty the
 * store.
 */
const JUMP = DAY
const WAIT_AFTER_JUMP = HOUR

export class Commits {
  private readonly file: DatabaseFile
  private readonly store: TrafficStore
  private readonly retention: Retention | null
  private dropAgainAt = -Infinity

  constructor(file: DatabaseFile, store: TrafficStore, retention: Retention | null) {
    this.file = file
    this.store = store
    this.retention = retention
  }

  /** The clock goes from one time to another: after a jump nothing is dropped for a while. */
  clockMoves(from: number, to: number): void {
    if (to - from > JUMP) this.dropAgainAt = to + WAIT_AFTER_JUMP
    if (to < from) this.dropAgainAt = Math.min(this.dropAgainAt, to + WAIT_AFTER_JUMP)
  }

  /** Writes what is pending; with `all` also last uses and amounts, which a restart finds in the minutes otherwise. */
  commit(all: boolean): void {
    const { store, file } = this
    const { state, catalog, pending, lookups } = store
    const next = this.nextState()
    const writesAll = all || next.hourDone !== state.hourDone
    file.transaction(() => {
      // Dropping first makes room for what is written next: the same pages, written once.
      this.dropOld(
        Math.min(orNever(next.minuteFloor), orNever(state.hourDone)),
        Math.min(orNever(next.hourFloor), orNever(state.dayDone)),
        next.clock,
      )
      writePending(store, next, this.dayFloor(next.clock))
      rollUpHours(store, orNever(state.hourDone), orNever(next.hourDone))
      rollUpDays(store, orNever(state.dayDone), orNever(next.dayDone))
      this.dropOld(orNever(next.minuteFloor), orNever(next.hourFloor), next.clock)
      lookups.write()
      if (next.hourDone !== state.hourDone) this.ageLookups(next)
      if (next.dayDone !== state.dayDone) this.dropKnowledge(next.clock)
      catalog.write(file.connection, writesAll)
      this.writeCoverage()
      writeState(file, next)
    })
    store.state = next
    catalog.written(writesAll)
    pending.clear()
    lookups.written()
    if (file.problem?.startsWith('The history could not be written') === true) file.problem = null
  }

  /** What the state will be once this commit is done. */
  private nextState(): HistoryState {
    const { state, calendar, now } = this.store
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

  private ageLookups({ minuteFloor, hourFloor, clock }: HistoryState): void {
    const { calendar, lookups } = this.store
    if (this.retention === null) return
    lookups.age(calendar, orNever(minuteFloor), orNever(hourFloor), this.dayFloor(clock))
  }

  /** Once a day: uses, names, devices and intervals that are past every limit. */
  private dropKnowledge(now: number | null): void {
    const floor = this.dayFloor(now)
    if (floor === -Infinity || this.retention === null) return
    this.store.coverage.dropBefore(floor)
    this.store.catalog.dropBefore(this.file.connection, floor, (now as number) - this.retention.hourDays * DAY)
    this.store.numbers.forgetIds()
  }

  private writeCoverage(): void {
    const { connection } = this.file
    const intervals = connection.prepare('SELECT since, until FROM capture').all() as Interval[]
    const known = new Map(intervals.map(({ since, until }) => [since, until]))
    const put = connection.prepare('INSERT OR REPLACE INTO capture VALUES (?, ?)')
    for (const { since, until } of this.store.coverage.all()) {
      if (known.get(since) !== until) put.run(since, Math.floor(until))
      known.delete(since)
    }
    for (const since of known.keys()) connection.prepare('DELETE FROM capture WHERE since = ?').run(since)
  }
}
