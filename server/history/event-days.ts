// Counts of events by device and local day: packed like the cells of a day, with kinds and companies by number.
import type { Connection } from '../../capture/sources/sqlite.ts'
import { ByteReader, ByteWriter, MINUTE } from './cells.ts'

/** Devices that a key has room for, as in `days`. */
const DEVICES = 2 ** 20
/** Kinds times companies of one device on one day; more are no longer told apart by company. */
export const MAX_COUNTS_PER_DAY = 256
const FIELDS = ['sure', 'possible', 'sent', 'received', 'seconds'] as const

export interface EventAmounts {
  sure: number
  possible: number
  /** Bytes, and seconds together. */
  sent: number
  received: number
  seconds: number
}

/** What is to be added, or taken away, on the local day that starts at `day`. */
export interface CountChange extends EventAmounts {
  day: number
  device: number
  kind: string
  company: string | null
}

/** Kind and company, by their numbers → amounts. */
type DayCounts = Map<string, EventAmounts>

interface Row {
  id: number
  counts: Uint8Array
}

const NO_COMPANY = 0
const writer = new ByteWriter()

export class EventDays {
  private readonly connection: Connection

  constructor(connection: Connection) {
    this.connection = connection
  }

  /** Counts of days that start in [from, to), of some devices or of all (null). */
  visit(from: number, to: number, devices: ReadonlySet<number> | null, visit: (count: CountChange) => void): void {
    const words = this.words()
    const rows = this.connection
      .prepare('SELECT id, counts FROM event_days WHERE id >= ? AND id < ?')
      .iterate(keyAt(from), keyAt(to)) as Iterable<Row>
    for (const { id, counts } of rows) {
      const device = id % DEVICES
      if (devices !== null && !devices.has(device)) continue
      for (const [key, amounts] of decode(counts)) {
        const [kind = 0, company = 0] = key.split(' ').map(Number)
        const named = words.get(kind)
        if (named === undefined) continue
        visit({ day: dayOf(id), device, kind: named, company: words.get(company) ?? null, ...amounts })
      }
    }
  }

  /** Part of a commit. */
  add(changes: readonly CountChange[]): void {
    const rows = new Map<number, DayCounts>()
    for (const { day, device, kind, company, ...amounts } of changes) {
      const id = Math.floor(day / MINUTE) * DEVICES + device
      let counts = rows.get(id)
      if (counts === undefined) rows.set(id, (counts = this.read(id)))
      const kindNumber = this.numberOf(kind)
      const wanted = `${kindNumber} ${company === null ? NO_COMPANY : this.numberOf(company)}`
      const isFull = counts.size >= MAX_COUNTS_PER_DAY && !counts.has(wanted)
      const key = isFull ? `${kindNumber} ${NO_COMPANY}` : wanted
      const known = counts.get(key)
      if (known === undefined) counts.set(key, { ...amounts })
      else for (const field of FIELDS) known[field] += amounts[field]
    }
    for (const [id, counts] of rows) this.put(id, counts)
  }

  dropBefore(time: number): void {
    this.connection.prepare('DELETE FROM event_days WHERE id < ?').run(keyAt(time))
  }

  clear(): void {
    this.connection.exec('DELETE FROM event_days; DELETE FROM event_words')
  }

  /** Deletes at most `limit` rows of devices. Returns how many. */
  dropDevices(devices: ReadonlySet<number>, limit: number): number {
    const all = this.connection.prepare('SELECT id FROM event_days').all() as { id: number }[]
    const gone = all.filter(({ id }) => devices.has(id % DEVICES)).slice(0, limit)
    for (const { id } of gone) this.remove(id)
    return gone.length
  }

  /** Counts of devices become those of one, without their companies. */
  foldDevices(devices: ReadonlySet<number>, into: number): void {
    const changes: CountChange[] = []
    this.visit(-Infinity, Infinity, devices, (count) => changes.push({ ...count, device: into, company: null }))
    this.dropDevices(devices, Infinity)
    this.add(changes)
  }

  /** Kinds and companies that no count uses any more leave nothing behind. */
  dropUnusedWords(): void {
    const used = new Set<number>()
    for (const { counts } of this.connection.prepare('SELECT id, counts FROM event_days').iterate() as Iterable<Row>)
      for (const key of decode(counts).keys()) for (const number of key.split(' ')) used.add(Number(number))
    const remove = this.connection.prepare('DELETE FROM event_words WHERE id = ?')
    for (const number of this.words().keys()) if (!used.has(number)) remove.run(number)
  }

  private words(): Map<number, string> {
    const rows = this.connection.prepare('SELECT id, word FROM event_words').all() as { id: number; word: string }[]
    return new Map(rows.map(({ id, word }) => [id, word]))
  }

  private numberOf(word: string): number {
    const known = this.connection.prepare('SELECT id FROM event_words WHERE word = ?').get(word) as
      { id: number } | undefined
    if (known !== undefined) return known.id
    this.connection.prepare('INSERT INTO event_words (word) VALUES (?)').run(word)
    return (this.connection.prepare('SELECT id FROM event_words WHERE word = ?').get(word) as { id: number }).id
  }

  private read(id: number): DayCounts {
    const row = this.connection.prepare('SELECT counts FROM event_days WHERE id = ?').get(id) as
      { counts: Uint8Array } | undefined
    return row === undefined ? new Map() : decode(row.counts)
  }

  private put(id: number, counts: DayCounts): void {
    const bytes = encode(counts)
    if (bytes.length === 0) return this.remove(id)
    this.connection.prepare('INSERT OR REPLACE INTO event_days VALUES (?, ?)').run(id, bytes)
  }

  private remove(id: number): void {
    this.connection.prepare('DELETE FROM event_days WHERE id = ?').run(id)
  }
}

/** Bound of the keys of rows whose day starts at `time` or later, safe for any number. */
function keyAt(time: number): number {
  return Math.ceil(Math.min(Math.max(time, 0), 2 ** 38) / MINUTE) * DEVICES
}

function dayOf(id: number): number {
  return Math.floor(id / DEVICES) * MINUTE
}

/** Empty where nothing is counted. */
function encode(counts: DayCounts): Buffer {
  for (const [key, amounts] of counts) {
    if (amounts.sure + amounts.possible <= 0) continue
    for (const number of key.split(' ')) writer.unsigned(Number(number))
    for (const field of FIELDS) writer.unsigned(Math.max(0, Math.round(amounts[field])))
  }
  return writer.drain()
}

function decode(bytes: Uint8Array): DayCounts {
  const counts: DayCounts = new Map()
  for (const reader = new ByteReader(bytes); !reader.done;) {
    const key = `${reader.unsigned()} ${reader.unsigned()}`
    const amounts: EventAmounts = { sure: 0, possible: 0, sent: 0, received: 0, seconds: 0 }
    for (const field of FIELDS) amounts[field] = reader.unsigned()
    counts.set(key, amounts)
  }
  return counts
}
