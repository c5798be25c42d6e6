// The table of single events and stretches: reading, writing, merging into stretches, dropping.
import type { Connection } from '../../capture/sources/sqlite.ts'
import { type KeptEvent, SURE_CONFIDENCE } from '../model/event-changes.ts'
import type { CountChange } from './event-days.ts'
import { LONG_KINDS, STRETCH_PAUSE, STRETCHED_KINDS } from './event-kinds.ts'

/** An event, or a stretch of `count` of them, as a row holds it. */
export interface EventRecord {
  name: string
  device: number
  at: number
  kind: string
  /** Start of the local day whose counts hold it; null of a stretch, which is not corrected any more. */
  day: number | null
  facts: EventFacts
}

export interface EventFacts extends Pick<
  KeptEvent,
  'company' | 'host' | 'purpose' | 'sent' | 'received' | 'seconds' | 'confidence' | 'reasons'
> {
  /** Of a stretch: how many events, how many of them sure, and the end of the last. */
  count?: number
  sure?: number
  until?: number
}

interface Row extends Omit<EventRecord, 'facts'> {
  id: number
  facts: string
}

const COLUMNS = 'id, name, device, at, kind, day, facts'
/** Of a stretch, so that it is no event's. */
const STRETCH_PREFIX = '~'
/** Rows before the limit that may go on in a stretch. */
const STRETCH_BACK = 2 * 86_400

export class KeptEvents {
  private readonly connection: Connection

  constructor(connection: Connection) {
    this.connection = connection
  }

  /** Events that begin in [from, to), in order of time. */
  between(from: number, to: number): EventRecord[] {
    const rows = this.connection
      .prepare(`SELECT ${COLUMNS} FROM events WHERE at >= ? AND at < ? ORDER BY at, name`)
      .all(bounded(from), bounded(to)) as Row[]
    return rows.map(recordOf)
  }

  find(name: string): EventRecord | null {
    const row = this.connection.prepare(`SELECT ${COLUMNS} FROM events WHERE name = ?`).get(name) as Row | undefined
    return row === undefined ? null : recordOf(row)
  }

  put({ name, device, at, kind, day, facts }: EventRecord): void {
    this.connection
      .prepare(
        `INSERT INTO events (name, device, at, kind, day, facts) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET device = excluded.device, at = excluded.at, kind = excluded.kind,
          day = excluded.day, facts = excluded.facts`,
      )
      .run(name, device, Math.floor(at), kind, day, JSON.stringify(facts))
  }

  remove(name: string): void {
    this.connection.prepare('DELETE FROM events WHERE name = ?').run(name)
  }

  clear(): void {
    this.connection.exec('DELETE FROM events')
  }

  /** All that are counted on a day of their own: no stretches. */
  counted(): EventRecord[] {
    const rows = this.connection.prepare(`SELECT ${COLUMNS} FROM events WHERE day IS NOT NULL`).all() as Row[]
    return rows.map(recordOf)
  }

  /** Makes stretches of what began before `before`; none goes over the end of a local day. */
  stretch(before: number, dayStart: (time: number) => number): void {
    const open = new Map<string, EventRecord>()
    for (const record of this.between(before - STRETCH_BACK, before)) {
      if (!STRETCHED_KINDS.has(record.kind)) continue
      const key = `${record.device} ${record.kind} ${record.facts.company ?? ''}`
      const known = open.get(key)
      const isNext =
        known !== undefined && record.at - untilOf(known) <= STRETCH_PAUSE && dayStart(record.at) === dayStart(known.at)
      if (!isNext) {
        open.set(key, record)
        continue
      }
      this.remove(known.name)
      this.remove(record.name)
      const joined = join(known, record)
      this.put(joined)
      open.set(key, joined)
    }
  }

  /** Drops what began before the time, and the oldest beyond `most`. Returns from when on all are kept. */
  drop(isLong: boolean, before: number, most: number): number | null {
    const kinds = [...LONG_KINDS].map((kind) => `'${kind}'`).join(', ')
    const which = `kind ${isLong ? '' : 'NOT '}IN (${kinds})`
    const [old] = this.connection
      .prepare(`SELECT max(at) AS at FROM events WHERE ${which} AND at < ?`)
      .all(bounded(before)) as { at: number | null }[]
    const [extra] = this.connection
      .prepare(`SELECT at FROM events WHERE ${which} ORDER BY at DESC LIMIT 1 OFFSET ?`)
      .all(most) as { at: number }[]
    const last = Math.max(old?.at ?? -Infinity, extra?.at ?? -Infinity)
    if (last === -Infinity) return null
    this.connection.prepare(`DELETE FROM events WHERE ${which} AND at <= ?`).run(last)
    return last + 1
  }

  /** Hosts and reasons go: at the level "companies" neither is kept. */
  withoutHosts(device: number): void {
    const rows = this.connection.prepare(`SELECT ${COLUMNS} FROM events WHERE device = ?`).all(device) as Row[]
    for (const record of rows.map(recordOf))
      this.put({ ...record, facts: { ...record.facts, host: null, reasons: [] } })
  }

  /** Deletes at most `limit` rows of devices. Returns how many. */
  dropDevices(devices: ReadonlySet<number>, limit: number): number {
    const all = this.connection.prepare('SELECT id, device FROM events').all() as { id: number; device: number }[]
    const gone = all.filter(({ device }) => devices.has(device)).slice(0, limit)
    const remove = this.connection.prepare('DELETE FROM events WHERE id = ?')
    for (const { id } of gone) remove.run(id)
    return gone.length
  }
}

/** How many events a record stands for, and their amounts; `sign` -1 takes them away. */
export function changeOf(record: EventRecord, sign: 1 | -1): CountChange {
  const { device, kind, facts } = record
  const { sure, count } = countsOf(facts)
  return {
    day: record.day ?? 0,
    device,
    kind,
    company: facts.company,
    sure: sign * sure,
    possible: sign * (count - sure),
    sent: sign * facts.sent,
    received: sign * facts.received,
    seconds: sign * Math.round(facts.seconds),
  }
}

function countsOf({ count, sure, confidence }: EventFacts): { count: number; sure: number } {
  return { count: count ?? 1, sure: sure ?? (confidence >= SURE_CONFIDENCE ? 1 : 0) }
}

function untilOf({ at, facts }: EventRecord): number {
  return facts.until ?? at + facts.seconds
}

function join(one: EventRecord, next: EventRecord): EventRecord {
  const [first, second] = [one.facts, next.facts]
  const [before, after] = [countsOf(first), countsOf(second)]
  return {
    ...one,
    name: one.name.startsWith(STRETCH_PREFIX) ? one.name : STRETCH_PREFIX + one.name,
    day: null,
    facts: {
      company: first.company,
      host: first.host === second.host ? first.host : null,
      purpose: first.purpose,
      sent: first.sent + second.sent,
      received: first.received + second.received,
      seconds: first.seconds + second.seconds,
      confidence: Math.min(first.confidence, second.confidence),
      reasons: [],
      count: before.count + after.count,
      sure: before.sure + after.sure,
      until: Math.max(untilOf(one), untilOf(next)),
    },
  }
}

function recordOf({ name, device, at, kind, day, facts }: Row): EventRecord {
  return { name, device, at, kind, day, facts: JSON.parse(facts) as EventFacts }
}

function bounded(time: number): number {
  return Math.min(Math.max(Math.ceil(time), -1), Number.MAX_SAFE_INTEGER)
}
