// Pi-hole's own database (pihole-FTL.db): its queries, and the devices it knows. Nothing is written.
import { addressOf, macOf } from './addresses.ts'
import type { DatabaseLogFormat, DatabaseReader, ReadOnlyDatabase } from './format.ts'
import { nameOf } from './names.ts'
import type { AnswerStatus, LogLease, LogRecord } from './record.ts'

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
export class PiholeQueries implements DatabaseReader {
  private readonly database: ReadOnlyDatabase
  private readonly sql: string
  private lastId: number

  /**
   * `from` is a saved position, 0 to read all, or null to begin with what comes next. Throws what the driver throws.
   */
  constructor(database: ReadOnlyDatabase, from: number | null = null) {
    this.database = database
    // Before FTL 5.15 there was no reply_type: whether an answer came is not known then.
    const reply = columnsOf(database, 'queries').has('reply_type') ? 'reply_type' : 'NULL AS reply_type'
    this.sql = `SELECT id, timestamp, type, status, domain, client, ${reply} FROM queries WHERE id > ? ORDER BY id LIMIT ?`
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
    const rows = this.database.prepare(this.sql).all(this.lastId, MAX_ROWS) as Record<string, unknown>[]
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

/**
 * The devices that Pi-hole saw, with each address: MAC, address, name. Throws what the driver throws. Names stood with
 * the device before they stood with each address, and at first a device had one address only.
 */
export function readPiholeDevices(database: ReadOnlyDatabase): LogLease[] {
  const own = columnsOf(database, 'network')
  const addresses = columnsOf(database, 'network_addresses')
  const name = addresses.has('name') ? 'a.name' : own.has('name') ? 'n.name' : 'NULL'
  const from = addresses.has('ip')
    ? `a.ip AS address, ${name} AS name, a.lastSeen AS time FROM network n JOIN network_addresses a ON a.network_id = n.id`
    : `n.ip AS address, ${name} AS name, n.lastQuery AS time FROM network n`
  const rows = database.prepare(`SELECT n.hwaddr AS mac, ${from} ORDER BY time LIMIT ?`).all(MAX_DEVICES) as Record<
    string,
    unknown
  >[]
  return rows.flatMap((row) => {
    // A device without a MAC stands as "ip-192.168.0.7".
    const mac = macOf(textOf(row['mac']))
    const address = addressOf(textOf(row['address']))
    return mac === null || address === null
      ? []
      : [{ kind: 'lease', time: timeOf(row['time']), mac, address, name: nameOf(textOf(row['name']), 'raw') }]
  })
}

/** The names of the columns of a table or view; none where there is no such table. */
function columnsOf(database: ReadOnlyDatabase, table: 'queries' | 'network' | 'network_addresses'): Set<unknown> {
  const rows = database.prepare(`PRAGMA table_info(${table})`).all() as Record<string, unknown>[]
  return new Set(rows.map(({ name }) => name))
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

export const format: DatabaseLogFormat<'pihole-ftl'> = {
  id: 'pihole-ftl',
  words: ['pihole-ftl'],
  program: 'Pi-hole',
  title: "Pi-hole's database",
  note: 'its database',
  usualPath: '/etc/pihole/pihole-FTL.db',
  switchOn: 'as for its log; one of the two is enough',
  storage: 'database',
  tellsBytes: false,
  repeats: ['pihole', 'dnsmasq'],
  openReader: (database, from) => new PiholeQueries(database, from),
  devices: devicesOf,
  advice: "Is this the right path, and is Telltale's user in the group pihole?",
}
