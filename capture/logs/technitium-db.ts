// Technitium's Query Logs (Sqlite) app: the database querylogs.db. Nothing is written.
import { addressOf } from './addresses.ts'
import type { DatabaseLogFormat, DatabaseReader, ReadOnlyDatabase } from './format.ts'
import { lookUp } from './look-up.ts'
import { nameOf } from './names.ts'
import type { LogRecord } from './record.ts'
import { outcomeOf } from './technitium.ts'
import { parseUtc } from './utc-times.ts'

/** Rows of one look: about as many look-ups as a busy home makes in an hour. */
const MAX_ROWS = 10_000
/** DnsClass.IN. */
const INTERNET = 1

/**
 * Follows the table dns_logs (Apps/QueryLogsSqliteApp/App.cs) by its id, which grows. Times in it are UTC; later
 * versions added columns (server, response_rtt), which are not needed.
 */
export class TechnitiumQueries implements DatabaseReader {
  private readonly database: ReadOnlyDatabase
  private lastId: number

  /** `from`: a saved position, 0 to read all, or null to begin with what comes next. Throws what the driver throws. */
  constructor(database: ReadOnlyDatabase, from: number | null = null) {
    this.database = database
    this.lastId = from ?? this.newestId()
  }

  get position(): number {
    return this.lastId
  }

  read(): LogRecord[] {
    const rows = this.database
      .prepare(
        'SELECT dlid, timestamp, client_ip, response_type, rcode, qname, qtype, qclass, answer FROM dns_logs WHERE dlid > ? ORDER BY dlid LIMIT ?',
      )
      .all(this.lastId, MAX_ROWS) as Record<string, unknown>[]
    // The owner emptied the database: ids begin anew.
    if (rows.length === 0 && this.newestId() < this.lastId) this.lastId = 0
    const records: LogRecord[] = []
    for (const row of rows) {
      const id = Number(row['dlid'])
      if (Number.isSafeInteger(id)) this.lastId = id
      records.push(...recordsOfRow(row))
    }
    return records
  }

  private newestId(): number {
    const [row] = this.database.prepare('SELECT max(dlid) AS id FROM dns_logs').all() as Record<string, unknown>[]
    return Number(row?.['id'] ?? 0)
  }
}

function recordsOfRow(row: Record<string, unknown>): LogRecord[] {
  const client = addressOf(textOf(row['client_ip']))
  const name = nameOf(textOf(row['qname']), 'raw')
  if (client === null || name === null || Number(row['qclass'] ?? INTERNET) !== INTERNET) return []
  const type = Number(row['qtype'])
  const question = {
    time: parseUtc(textOf(row['timestamp'])),
    client,
    name,
    type: Number.isInteger(type) && type >= 0 && type <= 0xffff ? type : 0,
  }
  const code = String(Number(row['rcode']))
  return lookUp(question, outcomeOf(String(Number(row['response_type'])), code, question.type, textOf(row['answer'])))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export const format: DatabaseLogFormat<'technitium-db'> = {
  id: 'technitium-db',
  words: ['technitium-db'],
  program: 'Technitium',
  title: "Technitium's database",
  note: 'its database',
  usualPath: '/etc/dns/apps/Query Logs (Sqlite)/querylogs.db',
  switchOn: 'Apps › App Store: *Query Logs (Sqlite)*; this or its log is enough',
  storage: 'database',
  tellsBytes: false,
  repeats: ['technitium'],
  openReader: (database, from) => new TechnitiumQueries(database, from),
  devices: () => [],
  advice: "Is this the right path, and may Telltale's user read it?",
}
