// What does Pi-hole's own database tell? Reads queries and the devices it knows, never writes.
import { addressOf, macOf } from '../logs/addresses.ts'
import { nameOf } from '../logs/names.ts'
import type { AnswerStatus, LogLease, LogRecord } from '../logs/record.ts'

/** The part of better-sqlite3 (or libsql) that is used; open it with `{ readonly: true, fileMustExist: true }`. */
export interface ReadOnlyDatabase {
  prepare(sql: string): { all(...values: unknown[]): unknown[] }
}

/** Rows of one look: about as many look-ups as a busy home makes in an hour. */
const MAX_ROWS = 10_000
/** Devices taken from the network table. */
const MAX_DEVICES = 4096

/** FTL's enum query_type, docs.pi-hole.net/database/query-database; from 100 on: 100 + the record type. */
const TYPES = [0, 1, 28, 255, 33, 6, 12, 16, 35, 15, 43, 46, 48, 2, 0, 64, 65]
/** FTL's enum query_status: denied by gravity, regular expression, list, CNAME, upstream or as a special domain. */
const BLOCKED = new Set([1, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 18])
/** FTL's enum reply_type. */
const REPLY_NO_DATA = 1
const REPLY_NO_NAME = 2
const REPLY_FAILED = new Set([7, 9, 10])
const REPLY_REFUSED = 8

/** Follows the queries by their id, which grows. The position is that id; keep it over a restart. */
export class PiholeQueries {
  private readonly database: ReadOnlyDatabase
  private lastId: number

  /**
   * `from` is a saved position, 0 to read all, or null to begin with what comes next. Throws what the driver throws.
   */
  constructor(database: ReadOnlyDatabase, from: number | null = null) {
    this.database = database
    this.lastId = from ?? this.newestId()
  }

  get position(): number {
    return this.lastId
  }

  /**
   * The records since the last look, at most MAX_ROWS rows: call again while it gives any. Throws what the driver
   * throws.
   */
  read(): LogRecord[] {
    const rows = this.database
      .prepare(
        'SELECT id, timestamp, type, status, domain, client, reply_type FROM queries WHERE id > ? ORDER BY id LIMIT ?',
      )
      .all(this.lastId, MAX_ROWS) as Record<string, unknown>[]
    // The owner emptied the database: ids begin anew.
    if (rows.length === 0 && this.newestId() < this.lastId) this.lastId = 0
    const records: LogRecord[] = []
    for (const row of rows) {
      const id = Number(row['id'])
      if (Number.isSafeInteger(id)) this.lastId = id
      records.push(...recordsOf(row))
    }
    return records
  }

  private newestId(): number {
    const [row] = this.database.prepare('SELECT max(id) AS id FROM queries').all() as Record<string, unknown>[]
    return Number(row?.['id'] ?? 0)
  }
}

/** The devices that Pi-hole saw, with each address: MAC, address, name. Throws what the driver throws. */
export function readPiholeDevices(database: ReadOnlyDatabase): LogLease[] {
  const rows = database
    .prepare(
      'SELECT n.hwaddr AS mac, a.ip AS address, a.name AS name, a.lastSeen AS time FROM network n JOIN network_addresses a ON a.network_id = n.id ORDER BY a.lastSeen LIMIT ?',
    )
    .all(MAX_DEVICES) as Record<string, unknown>[]
  return rows.flatMap((row) => {
    // A device without a MAC stands as "ip-192.168.0.7".
    const mac = macOf(textOf(row['mac']))
    const address = addressOf(textOf(row['address']))
    return mac === null || address === null
      ? []
      : [{ kind: 'lease', time: timeOf(row['time']), mac, address, name: nameOf(textOf(row['name']), 'raw') }]
  })
}

/** Without the list of devices the queries still count. */
function devicesOf(database: ReadOnlyDatabase): LogLease[] {
  try {
    return readPiholeDevices(database)
  } catch (error) {
    if (error instanceof Error && /no such (?:table|column)/.test(error.message)) return []
    throw error
  }
}

function recordsOf(row: Record<string, unknown>): LogRecord[] {
  const client = addressOf(textOf(row['client']))
  const name = nameOf(textOf(row['domain']), 'raw')
  // A privacy level of 2 or more hides the client as 0.0.0.0.
  if (client === null || client === '0.0.0.0' || name === null || name === 'hidden') return []
  const time = timeOf(row['timestamp'])
  const type = typeOf(Number(row['type']))
  const status = statusOf(Number(row['status']), Number(row['reply_type'] ?? 0))
  const query: LogRecord = { kind: 'query', time, client, name, type }
  return status === null
    ? [query]
    : [query, { kind: 'answer', time, client, name, type, status, addresses: [], aliases: [] }]
}

function typeOf(type: number): number {
  return type >= 100 ? type - 100 : (TYPES[type] ?? 0)
}

/** Null where no reply came (yet). */
function statusOf(status: number, reply: number): AnswerStatus | null {
  if (BLOCKED.has(status)) return 'blocked'
  if (reply === 0) return null
  if (reply === REPLY_NO_DATA) return 'no-data'
  if (reply === REPLY_NO_NAME) return 'no-name'
  if (reply === REPLY_REFUSED) return 'refused'
  return REPLY_FAILED.has(reply) ? 'failed' : 'answered'
}

function timeOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** How often the database is looked at; FTL itself writes it once a minute. */
const LOOK_EVERY_MS = 1000
const DEVICES_EVERY_MS = 60_000

export interface PiholeSourceOptions {
  /** Opens the database read-only; called again after an error. */
  open: () => ReadOnlyDatabase & { close(): unknown }
  /** As PiholeQueries takes it. */
  position?: number | null
  onRecord: (record: LogRecord) => void
  onCaughtUp?: () => void
}

/** Follows Pi-hole's database: queries as they are written, devices once a minute. */
export class PiholeSource {
  /** What is wrong, in a sentence; null when all is well. */
  problem: string | null = null
  records = 0
  private readonly path: string
  private readonly options: PiholeSourceOptions
  private database: (ReadOnlyDatabase & { close(): unknown }) | null = null
  private queries: PiholeQueries | null = null
  private at: number | null
  private devicesAt = -Infinity
  private timer: NodeJS.Timeout | null = null
  private isStopped = false

  constructor(path: string, options: PiholeSourceOptions) {
    this.path = path
    this.options = options
    this.at = options.position ?? null
  }

  /** A large database is read bit by bit, so that others get their turn. */
  start(): void {
    const again = (): void => {
      if (this.isStopped) return
      const hasMore = this.readSome()
      this.timer = setTimeout(again, hasMore ? 0 : LOOK_EVERY_MS)
    }
    again()
  }

  stop(): void {
    this.isStopped = true
    if (this.timer !== null) clearTimeout(this.timer)
    this.at = this.position()
    this.close()
  }

  /** To be kept and handed back after a restart; null before the database was seen. */
  position(): number | null {
    return this.queries?.position ?? this.at
  }

  /** Reads all there is now. Never throws: see `problem`. */
  look(): void {
    while (this.readSome());
  }

  /** Reads the next rows; false where there are no more, or where the database cannot be read. */
  private readSome(): boolean {
    try {
      this.database ??= this.options.open()
      this.queries ??= new PiholeQueries(this.database, this.at)
      this.readDevices(this.database)
      const records = this.queries.read()
      for (const record of records) this.emit(record)
      if (records.length > 0) this.options.onCaughtUp?.()
      this.problem = null
      return records.length > 0
    } catch (error) {
      this.at = this.position()
      this.close()
      this.problem = `Pi-hole's database ${this.path} cannot be read (${error instanceof Error ? error.message : String(error)}). Is this the right path, and is Telltale's user in the group pihole?`
      return false
    }
  }

  private readDevices(database: ReadOnlyDatabase): void {
    if (performance.now() - this.devicesAt < DEVICES_EVERY_MS) return
    this.devicesAt = performance.now()
    for (const device of devicesOf(database)) this.options.onRecord(device)
  }

  private emit(record: LogRecord): void {
    this.records++
    this.options.onRecord(record)
  }

  private close(): void {
    const { database } = this
    this.database = null
    this.queries = null
    database?.close()
  }
}
