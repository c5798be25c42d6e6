// Events of the traffic history: single ones, stretches and counts by day, with what is not committed yet.
import type { Connection } from '../../capture/sources/sqlite.ts'
import type { KeptEvent } from '../model/event-changes.ts'
import type { LocalTime } from '../model/local-time.ts'
import { type CountChange, EventDays } from './event-days.ts'
import { BRIEF_DAYS, LONG_DAYS, MAX_BRIEF_EVENTS, MAX_LONG_EVENTS, MAX_PENDING_EVENTS } from './event-kinds.ts'
import { STRETCH_AFTER } from './event-kinds.ts'
import { changeOf, type EventRecord, KeptEvents } from './kept-events.ts'
import type { Range } from './history.ts'
import type { EventFloors } from './event-floors.ts'

const DAY = 86_400
/** Devices that were forgotten: what was under way of them is not kept. */
const MAX_FORGOTTEN = 4_096

/** An event under the number of its device. */
export type NumberedEvent = Omit<KeptEvent, 'device'> & { device: number }

export class EventStore {
  readonly days: EventDays
  readonly kept: KeptEvents
  /** Not committed yet, by id; null: withdrawn. */
  private pending = new Map<string, NumberedEvent | null>()
  /** All that is committed is void. */
  private isVoid = false
  /** What began before may be part of a stretch. */
  private stretchedBefore = -Infinity
  /** By name: the second of the history's clock at which it was forgotten. */
  private readonly forgotten = new Map<string, number>()

  constructor(connection: Connection) {
    this.days = new EventDays(connection)
    this.kept = new KeptEvents(connection)
  }

  set(id: string, event: NumberedEvent | null): void {
    this.pending.delete(id)
    this.pending.set(id, event)
    // The newest are lost last.
    for (const oldest of this.pending.keys()) {
      if (this.pending.size <= MAX_PENDING_EVENTS) break
      this.pending.delete(oldest)
    }
  }

  replaceAll(): void {
    this.pending.clear()
    this.isVoid = true
  }

  /** Whether the event is of the time before its device was forgotten. */
  isForgotten(name: string, at: number): boolean {
    return at <= (this.forgotten.get(name) ?? -Infinity)
  }

  /** Part of a commit. */
  write(local: LocalTime): void {
    if (this.isVoid) {
      this.kept.clear()
      this.days.clear()
    }
    const changes: CountChange[] = []
    for (const [id, event] of this.pending) {
      const { before, after } = this.changeTo(id, event, local)
      if (before !== null) changes.push(changeOf(before, -1))
      if (after !== null) changes.push(changeOf(after, 1))
      if (after !== null) this.kept.put(after)
      else if (before !== null) this.kept.remove(id)
    }
    this.days.add(changes)
  }

  /** What `write` wrote is on the disk. */
  written(): void {
    this.pending.clear()
    this.isVoid = false
  }

  /**
   * Part of a commit, with nothing pending: makes stretches and drops what is old or too much. `dayFloor`: what the
   * days keep, -Infinity where nothing is dropped by age. Returns from when on events are kept.
   */
  age(floors: EventFloors, now: number, dayFloor: number, local: LocalTime): EventFloors {
    const ages = dayFloor !== -Infinity
    if (ages) {
      this.stretchedBefore = now - STRETCH_AFTER
      this.kept.stretch(this.stretchedBefore, (time) => local.dayStart(time))
      this.days.dropBefore(dayFloor)
      this.days.dropUnusedWords()
    }
    const floorOf = (days: number): number => (ages ? Math.max(now - days * DAY, dayFloor) : -Infinity)
    const long = this.kept.drop(true, floorOf(LONG_DAYS), MAX_LONG_EVENTS)
    const brief = this.kept.drop(false, floorOf(BRIEF_DAYS), MAX_BRIEF_EVENTS)
    return { ...floors, long: later(floors.long, long), brief: later(floors.brief, brief) }
  }

  /** Part of a commit, with nothing pending: events that begin in [from, to) were that much later. */
  move(from: number, to: number, shift: number, local: LocalTime): void {
    const changes: CountChange[] = []
    for (const record of this.kept.between(from, to)) {
      const at = record.at + shift
      const moved = { ...record, at, day: record.day === null ? null : local.dayStart(at) }
      if (record.day !== null) changes.push(changeOf(record, -1), changeOf(moved, 1))
      if (record.facts.until !== undefined) moved.facts = { ...record.facts, until: record.facts.until + shift }
      this.kept.put(moved)
    }
    this.days.add(changes)
  }

  /** Part of a transaction: days are cut anew in another zone, as far as there are single events. */
  recut(local: LocalTime): void {
    const changes: CountChange[] = []
    for (const record of this.kept.counted()) {
      const moved = { ...record, day: local.dayStart(record.at) }
      if (moved.day === record.day) continue
      changes.push(changeOf(record, -1), changeOf(moved, 1))
      this.kept.put(moved)
    }
    this.days.add(changes)
  }

  /** Events that begin in [from, to), in order of time, pending ones too. */
  between(from: number, to: number, local: LocalTime): EventRecord[] {
    const committed = this.isVoid ? [] : this.kept.between(from, to)
    const records = committed.filter(({ name }) => !this.pending.has(name))
    for (const [id, event] of this.pending) {
      const { after } = this.changeTo(id, event, local)
      if (after !== null && after.at >= from && after.at < to) records.push(after)
    }
    return records.sort((one, other) => one.at - other.at || (one.name < other.name ? -1 : 1))
  }

  /** Counts of days that start in the range, and all that is pending. */
  visitDays({ from, to }: Range, local: LocalTime, visit: (count: CountChange) => void): void {
    if (!this.isVoid) this.days.visit(from, to, null, visit)
    for (const [id, event] of this.pending) {
      const { before, after } = this.changeTo(id, event, local)
      if (before !== null) visit(changeOf(before, -1))
      if (after !== null) visit(changeOf(after, 1))
    }
  }

  /** Removes devices from what is pending; what comes of them from before `now` is not kept. */
  forget(devices: ReadonlySet<number>, names: readonly string[], now: number): void {
    for (const [id, event] of this.pending) if (event !== null && devices.has(event.device)) this.pending.delete(id)
    for (const name of names) this.forgotten.set(name, now)
    for (const oldest of this.forgotten.keys()) {
      if (this.forgotten.size <= MAX_FORGOTTEN) break
      this.forgotten.delete(oldest)
    }
  }

  /** Deletes at most about `limit` rows of devices. Returns how many. */
  dropDevices(devices: ReadonlySet<number>, limit: number): number {
    const events = this.kept.dropDevices(devices, limit)
    return events < limit ? events + this.days.dropDevices(devices, limit - events) : events
  }

  /** Part of a transaction, with nothing pending. */
  coarsen(device: number, level: 'companies' | 'totals'): void {
    if (level === 'companies') return this.kept.withoutHosts(device)
    this.dropDevices(new Set([device]), Infinity)
    this.days.dropUnusedWords()
  }

  /** Part of a transaction, with nothing pending: nobody in particular has no single events. */
  foldDevices(devices: ReadonlySet<number>, into: number): void {
    this.kept.dropDevices(devices, Infinity)
    this.days.foldDevices(devices, into)
    this.days.dropUnusedWords()
  }

  private changeTo(
    id: string,
    event: NumberedEvent | null,
    local: LocalTime,
  ): { before: EventRecord | null; after: EventRecord | null } {
    const before = this.isVoid ? null : this.kept.find(id)
    if (event === null) return { before, after: null }
    // What is in a stretch by now was counted.
    if (before === null && event.at < this.stretchedBefore) return { before, after: null }
    const { at, device, kind, company, host, purpose, sent, received, seconds, confidence, reasons } = event
    const facts = { company, host, purpose, sent, received, seconds, confidence, reasons }
    return { before, after: { name: id, device, at: Math.floor(at), kind, day: local.dayStart(at), facts } }
  }
}

function later(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.max(one, other)
}
