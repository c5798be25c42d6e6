// Commits of the traffic history: what is pending, roll-ups and what is past its retention, in one transaction.
import type { ClockCheck, Move } from '../model/clock-check.ts'
import { CHUNK } from './cells.ts'
import type { Interval } from './coverage.ts'
import type { DatabaseFile } from './database-file.ts'
import type { Retention } from './settings.ts'
import type { Extent } from './plan.ts'
import { redateRows, takeBack, wholeMoves } from './redate.ts'
import { rollUpDays, rollUpHours, writePending } from './roll-up.ts'
import { writeState } from './load.ts'
import { NO_FLOORS } from './event-floors.ts'
import { extentOf, orNever, type HistoryState, type TrafficStore } from './traffic-store.ts'

const HOUR = 3_600
const DAY = 86_400

export class Commits {
  /** Null: nothing ages. */
  retention: Retention | null
  private readonly file: DatabaseFile
  private readonly store: TrafficStore
  private readonly check: ClockCheck | null
  /** The clock was put back to `to` when so much was kept, and what came after it is not taken back yet. */
  private turned: { to: number; kept: Extent['kept'] } | null = null

  /** `check`: whether the clock may be believed; null where nothing ages. */
  constructor(file: DatabaseFile, store: TrafficStore, retention: Retention | null, check: ClockCheck | null) {
    this.file = file
    this.store = store
    this.retention = retention
    this.check = check
  }

  /** To be called before the floors are lowered. */
  turnBack(to: number): void {
    if (this.retention === null) return
    this.turned = { to: Math.min(this.turned?.to ?? to, to), kept: this.turned?.kept ?? extentOf(this.store).kept }
  }

  /** Writes what is pending; with `all` also last uses and amounts, which a restart finds in the minutes otherwise. */
  commit(all: boolean): void {
    const { store, file } = this
    const before = store.state
    const moves = wholeMoves(this.check?.moves ?? [])
    let next = before
    let writesAll = all
    try {
      file.transaction(() => {
        if (this.turned !== null) store.state = takeBack(store, this.turned.to, this.turned.kept)
        next = this.nextState()
        writesAll = all || moves.length > 0 || next.hourDone !== store.state.hourDone
        this.write(next, moves, writesAll)
      })
    } catch (error) {
      store.state = before
      throw error
    }
    store.state = next
    this.turned = null
    if (this.check !== null) this.check.moves = []
    store.catalog.written(writesAll)
    store.pending.clear()
    store.lookups.written()
    store.events.written()
    if (file.problem?.startsWith('The history could not be written') === true) file.problem = null
  }

  private write(next: HistoryState, moves: readonly Move[], writesAll: boolean): void {
    const { store, file } = this
    const { state, lookups } = store
    if (moves.length > 0) {
      // Before anything is dropped by the clock that is right again.
      writePending(store, state, -Infinity)
      redateRows(file, store, moves)
    }
    // Dropping first makes room for what is written next: the same pages, written once.
    this.dropOld(
      Math.min(orNever(next.minuteFloor), orNever(state.hourDone)),
      Math.min(orNever(next.hourFloor), orNever(state.dayDone)),
      next.clock,
    )
    if (moves.length === 0) writePending(store, next, this.dayFloor(next.clock))
    rollUpHours(store, orNever(state.hourDone), orNever(next.hourDone))
    rollUpDays(store, orNever(state.dayDone), orNever(next.dayDone))
    this.dropOld(orNever(next.minuteFloor), orNever(next.hourFloor), next.clock)
    lookups.write()
    store.events.write(store.calendar.local)
    for (const { from, to, shift } of moves) {
      lookups.move(from, to, shift)
      store.events.move(from, to, shift, store.calendar.local)
    }
    if (next.hourDone !== state.hourDone) this.ageLookups(next)
    if (next.hourDone !== state.hourDone) this.ageEvents(next)
    if (next.dayDone !== state.dayDone) this.dropKnowledge(next.clock)
    store.catalog.write(file.connection, writesAll)
    this.writeCoverage()
    writeState(file, next)
  }

  /** What the state will be once this commit is done. */
  private nextState(): HistoryState {
    const { state, calendar, now } = this.store
    if (now === null) return { ...state }
    const next: HistoryState = { ...state, clock: now }
    if (this.check !== null) {
      next.clockMemory = this.check.toMemory()
      next.accountedUntil = Math.max(orNever(state.accountedUntil), this.isDoubtful ? this.check.expected : now)
    }
    next.hourDone = Math.max(orNever(state.hourDone), calendar.hourStart(now))
    next.dayDone = Math.max(orNever(state.dayDone), calendar.dayStart(now))
    if (this.retention === null || this.isDoubtful) return next
    const minuteLimit = Math.ceil((now - this.retention.minuteHours * HOUR) / CHUNK) * CHUNK
    next.minuteFloor = Math.max(orNever(state.minuteFloor), minuteLimit)
    next.hourFloor = Math.max(orNever(state.hourFloor), now - this.retention.hourDays * DAY)
    return next
  }

  /** Nothing is dropped by a clock that cannot be believed. */
  private get isDoubtful(): boolean {
    return this.check !== null && this.check.doubt !== null
  }

  private dayFloor(now: number | null): number {
    if (this.retention === null || now === null || this.isDoubtful) return -Infinity
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

  private ageEvents(next: HistoryState): void {
    const { events, calendar } = this.store
    if (next.clock === null) return
    next.events = events.age(next.events ?? NO_FLOORS, next.clock, this.dayFloor(next.clock), calendar.local)
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
