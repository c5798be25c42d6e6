// A database as Pi-hole's FTL writes it (docs.pi-hole.net/database/query-database): numbers for texts, and a view that
// puts them back.
import { loadDriver, type Connection } from '../../capture/sources/sqlite.ts'

export const PIHOLE_SCHEMA = `
  CREATE TABLE query_storage (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp INTEGER NOT NULL, type INTEGER NOT NULL, status INTEGER NOT NULL, domain INTEGER NOT NULL,
    client INTEGER NOT NULL, forward INTEGER, additional_info INTEGER, reply_type INTEGER, reply_time REAL, dnssec INTEGER, list_id INTEGER);
  CREATE TABLE domain_by_id (id INTEGER PRIMARY KEY, domain TEXT NOT NULL);
  CREATE TABLE client_by_id (id INTEGER PRIMARY KEY, ip TEXT NOT NULL, name TEXT);
  CREATE VIEW queries AS SELECT id, timestamp, type, status,
    CASE typeof(domain) WHEN 'integer' THEN (SELECT domain FROM domain_by_id d WHERE d.id = q.domain) ELSE domain END domain,
    CASE typeof(client) WHEN 'integer' THEN (SELECT ip FROM client_by_id c WHERE c.id = q.client) ELSE client END client,
    reply_type, reply_time, dnssec FROM query_storage q;
  CREATE TABLE network (id INTEGER PRIMARY KEY, hwaddr TEXT UNIQUE NOT NULL, interface TEXT NOT NULL, firstSeen INTEGER, lastQuery INTEGER, numQueries INTEGER, macVendor TEXT);
  CREATE TABLE network_addresses (network_id INTEGER NOT NULL, ip TEXT UNIQUE NOT NULL, lastSeen INTEGER NOT NULL, name TEXT, nameUpdated INTEGER);`

export class PiholeDatabase {
  private readonly writer: Connection
  private texts = 0

  constructor(path: string) {
    this.writer = loadDriver().open(path)
    this.writer.exec(PIHOLE_SCHEMA)
  }

  /** `type`, `status` and `reply` as FTL numbers them: 1 is A, 2 forwarded, 4 an address. */
  ask(timestamp: number, client: string, domain: string, type = 1, status = 2, reply: number | null = 4): void {
    const id = ++this.texts
    this.writer.prepare('INSERT INTO domain_by_id VALUES (?, ?)').run(id, domain)
    this.writer.prepare('INSERT INTO client_by_id VALUES (?, ?, NULL)').run(id, client)
    this.writer
      .prepare(
        'INSERT INTO query_storage (timestamp, type, status, domain, client, reply_type) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(timestamp, type, status, id, id, reply)
  }

  /** All that `work` writes, at once. */
  together(work: () => void): void {
    this.writer.exec('BEGIN')
    work()
    this.writer.exec('COMMIT')
  }

  know(mac: string, address: string, name: string, lastSeen: number): void {
    const { lastInsertRowid } = this.writer
      .prepare('INSERT INTO network (hwaddr, interface) VALUES (?, ?)')
      .run(mac, 'eth0')
    this.writer
      .prepare('INSERT INTO network_addresses VALUES (?, ?, ?, ?, 0)')
      .run(lastInsertRowid, address, lastSeen, name)
  }

  close(): void {
    this.writer.close()
  }
}
