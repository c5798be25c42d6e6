// Look-ups by device and endpoint, and how far the logs that hold them were read. One commit keeps both, or neither.
import type { LogPlace } from '../model/batch.ts'
import type { Calendar } from './calendar.ts'
import { MINUTE } from './cells.ts'
import type { Connection } from '../../capture/sources/sqlite.ts'

const HOUR = 3_600
/** A local day is 23 hours at least. */
const SHORTEST_DAY = 20 * HOUR

export interface LookupCounts {
  count: number
  /** How many of them were blocked, and how many answered. */
  blocked: number
  answered: number
}

/** Look-ups in [start, until): a minute, an hour or a day. */
export interface LookupRow extends LookupCounts {
  start: number
  device: number
  endpoint: number
  until: number
}

export interface LookupTotal extends LookupCounts {
  device: number
  endpoint: number
  first: number
  last: number
}

const COLUMNS = 'start, device, endpoint, until, count, blocked, answered'

function keyOf({ start, device, endpoint }: LookupRow): string {
  return `${start} ${device} ${endpoint}`
}

export class LookupRows {
  private readonly connection: Connection
  /** Not committed yet, by key. */
  private pending = new Map<string, LookupRow>()
  private places = new Map<string, string>()

  constructor(connection: Connection) {
    this.connection = connection
  }

  add(minute: number, device: number, endpoint: number, counts: LookupCounts): void {
    addTo(this.pending, { start: minute, device, endpoint, until: minute + MINUTE, ...counts })
  }

  place(source: string, position: string): void {
    this.places.set(source, position)
  }

  positions(): LogPlace[] {
    const rows = this.connection.prepare('SELECT source, position FROM positions').all() as LogPlace[]
    const all = new Map([...rows.map(({ source, position }) => [source, position] as const), ...this.places])
    return [...all].map(([source, position]) => ({ source, position }))
  }

  /** Rows that overlap [from, to), of some devices or of all (null). */
  visit(from: number, to: number, devices: Set<number> | null, visit: (row: LookupRow) => void): void {
    const low = Math.max(from, -1)
    const high = Math.min(to, Number.MAX_SAFE_INTEGER)
    const rows = this.connection
      .prepare(`SELECT ${COLUMNS} FROM lookups WHERE start < ? AND until > ?`)
      .iterate(high, low) as Iterable<LookupRow>
    for (const row of rows) if (devices === null || devices.has(row.device)) visit(row)
    for (const row of this.pending.values()) {
      if (row.start < to && row.until > from && (devices === null || devices.has(row.device))) visit(row)
    }
  }

  /** Per device and endpoint; none where what was counted turned out to be another device's. */
  sums(from: number, to: number, devices: Set<number> | null): LookupTotal[] {
    const sums = new Map<string, LookupTotal>()
    this.visit(from, to, devices, ({ start, device, endpoint, until, count, blocked, answered }) => {
      const key = `${device} ${endpoint}`
      const known = sums.get(key)
      if (known === undefined) {
        sums.set(key, { device, endpoint, count, blocked, answered, first: start, last: until })
        return
      }
      known.count += count
      known.blocked += blocked
      known.answered += answered
      known.first = Math.min(known.first, start)
      known.last = Math.max(known.last, until)
    })
    return [...sums.values()].filter(({ count }) => count > 0).map(withinCount)
  }

  /** Part of a commit. */
  write(): void {
    this.put(this.pending.values())
    this.connection.prepare('DELETE FROM lookups WHERE count = 0').run()
    const place = this.connection.prepare('INSERT OR REPLACE INTO positions VALUES (?, ?)')
    for (const [source, position] of this.places) place.run(source, position)
  }

  /** What `write` wrote is on the disk. */
  written(): void {
    this.pending.clear()
    this.places.clear()
  }

  /**
   * Part of a commit: minutes before one floor become hours, hours before another days, days before the last are
   * dropped.
   */
  age(calendar: Calendar, minuteFloor: number, hourFloor: number, dayFloor: number): void {
    this.widen(
      minuteFloor,
      HOUR,
      (time) => calendar.hourStart(time),
      (start) => calendar.nextHour(start),
    )
    this.widen(
      hourFloor,
      SHORTEST_DAY,
      (time) => calendar.dayStart(time),
      (start) => calendar.nextDay(start),
    )
    if (dayFloor !== -Infinity) this.connection.prepare('DELETE FROM lookups WHERE until <= ?').run(dayFloor)
  }

  /** Puts a device's look-ups on other endpoints, on disk and pending. */
  remap(device: number, replacements: Map<number, number>): void {
    const moved = (row: LookupRow): LookupRow => ({ ...row, endpoint: replacements.get(row.endpoint) ?? row.endpoint })
    const rows = this.connection.prepare(`SELECT ${COLUMNS} FROM lookups WHERE device = ?`).all(device) as LookupRow[]
    const changed = rows.filter(({ endpoint }) => replacements.has(endpoint))
    this.remove(changed)
    this.put(changed.map(moved))
    const pending = new Map<string, LookupRow>()
    for (const row of this.pending.values()) addTo(pending, row.device === device ? moved(row) : row)
    this.pending = pending
  }

  /** Part of a commit, with nothing pending: minutes that start in [from, to) are that much later. */
  move(from: number, to: number, shift: number): void {
    const rows = this.connection
      .prepare(`SELECT ${COLUMNS} FROM lookups WHERE start >= ? AND start < ? AND until - start = ${MINUTE}`)
      .all(from, to) as LookupRow[]
    this.remove(rows)
    this.put(rows.map((row) => ({ ...row, start: row.start + shift, until: row.until + shift })))
  }

  /** Removes devices from what is pending. */
  forget(devices: Set<number>): void {
    for (const [key, { device }] of this.pending) if (devices.has(device)) this.pending.delete(key)
  }

  /** Deletes at most `limit` rows of devices. Returns how many. */
  dropDevices(devices: ReadonlySet<number>, limit: number): number {
    const rows: LookupRow[] = []
    for (const row of this.connection.prepare(`SELECT ${COLUMNS} FROM lookups`).iterate() as Iterable<LookupRow>) {
      if (devices.has(row.device)) rows.push(row)
      if (rows.length === limit) break
    }
    this.remove(rows)
    return rows.length
  }

  /** Adds the look-ups of devices to those of one, each endpoint's to its target's. */
  foldDevices(devices: ReadonlySet<number>, into: number, target: (endpoint: number) => number): void {
    const rows = this.connection.prepare(`SELECT ${COLUMNS} FROM lookups`).all() as LookupRow[]
    const gone = rows.filter(({ device }) => devices.has(device))
    const moved = (row: LookupRow): LookupRow => ({ ...row, device: into, endpoint: target(row.endpoint) })
    this.remove(gone)
    this.put(gone.map(moved))
    const pending = new Map<string, LookupRow>()
    for (const row of this.pending.values()) addTo(pending, devices.has(row.device) ? moved(row) : row)
    this.pending = pending
  }

  /** Rows shorter than `length` whose whole new bucket is before the floor become that bucket. */
  private widen(
    floor: number,
    length: number,
    startOf: (time: number) => number,
    nextOf: (start: number) => number,
  ): void {
    if (floor === -Infinity) return
    const rows = this.connection
      .prepare(`SELECT ${COLUMNS} FROM lookups WHERE start < ? AND until - start < ?`)
      .all(floor, length) as LookupRow[]
    const narrow = rows.filter(({ start }) => nextOf(startOf(start)) <= floor)
    const wide = new Map<string, LookupRow>()
    for (const row of narrow) {
      const start = startOf(row.start)
      addTo(wide, { ...row, start, until: nextOf(start) })
    }
    this.remove(narrow)
    this.put(wide.values())
  }

  private put(rows: Iterable<LookupRow>): void {
    const put = this.connection.prepare(`INSERT INTO lookups (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET count = count + excluded.count, until = max(until, excluded.until),
        blocked = blocked + excluded.blocked, answered = answered + excluded.answered`)
    for (const { start, device, endpoint, until, count, blocked, answered } of rows)
      put.run(start, device, endpoint, until, count, blocked, answered)
  }

  private remove(rows: LookupRow[]): void {
    const remove = this.connection.prepare('DELETE FROM lookups WHERE start = ? AND device = ? AND endpoint = ?')
    for (const { start, device, endpoint } of rows) remove.run(start, device, endpoint)
  }
}

function addTo(rows: Map<string, LookupRow>, row: LookupRow): void {
  const key = keyOf(row)
  const known = rows.get(key)
  if (known === undefined) rows.set(key, row)
  else
    rows.set(key, {
      ...known,
      until: Math.max(known.until, row.until),
      count: known.count + row.count,
      blocked: known.blocked + row.blocked,
      answered: known.answered + row.answered,
    })
}

/** A verdict that came when its look-up was on another endpoint, or gone, is none. */
function withinCount(total: LookupTotal): LookupTotal {
  const blocked = Math.min(Math.max(total.blocked, 0), total.count)
  return { ...total, blocked, answered: Math.min(Math.max(total.answered, 0), total.count - blocked) }
}
