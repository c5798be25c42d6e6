// Layout of the traffic history on disk, and migration from older layouts.
import { existsSync, readdirSync, renameSync, copyFileSync, chmodSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Connection, Driver } from '../../capture/sources/sqlite.ts'

/**
 * One row of `minutes` holds five minutes of one device, one of `hours` and `days` an hour or a day; its key is
 * start / 60 × 2^20 + device, so that a commit appends to the end of one table: few pages for the SD card, no index.
 */
const LAYOUT = `
  CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), facts TEXT NOT NULL);
  CREATE TABLE devices (id INTEGER PRIMARY KEY, name TEXT NOT NULL, first INTEGER, last INTEGER);
  CREATE TABLE endpoints (id INTEGER PRIMARY KEY, facts TEXT NOT NULL);
  CREATE TABLE pairs (device INTEGER NOT NULL, endpoint INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    bytes INTEGER NOT NULL, PRIMARY KEY (device, endpoint)) WITHOUT ROWID;
  CREATE TABLE names (id INTEGER PRIMARY KEY, device INTEGER NOT NULL, address TEXT NOT NULL, host TEXT NOT NULL, at INTEGER NOT NULL);
  CREATE TABLE capture (since INTEGER PRIMARY KEY, until INTEGER NOT NULL);
  CREATE TABLE minutes (id INTEGER PRIMARY KEY, cells BLOB NOT NULL);
  CREATE TABLE hours (id INTEGER PRIMARY KEY, cells BLOB NOT NULL);
  CREATE TABLE days (id INTEGER PRIMARY KEY, cells BLOB NOT NULL);
`

/**
 * How often names were looked up: [start, until) is a minute, later an hour, later a day. And how far each log was
 * read: in the same file, so that one commit keeps both.
 */
const LOOKUPS = `
  CREATE TABLE lookups (start INTEGER NOT NULL, device INTEGER NOT NULL, endpoint INTEGER NOT NULL, until INTEGER NOT NULL,
    count INTEGER NOT NULL, PRIMARY KEY (start, device, endpoint)) WITHOUT ROWID;
  CREATE TABLE positions (source TEXT PRIMARY KEY, position TEXT NOT NULL) WITHOUT ROWID;
`

/** What brings a database from one version to the next, in order: number 0 makes the first version of an empty file. */
export type Migration = (connection: Connection) => void
export const MIGRATIONS: readonly Migration[] = [
  (connection) => void connection.exec(LAYOUT),
  (connection) => void connection.exec(LOOKUPS),
  // The first two versions kept their number in a table.
  (connection) => void connection.exec('DROP TABLE IF EXISTS schema'),
]

export interface OpenedDatabase {
  connection: Connection
  /** One sentence for the person where an older database was set aside. */
  problem: string | null
}

function settle(connection: Connection): void {
  connection.pragma('journal_mode = WAL')
  // FULL: a commit is on the disk when it returns, also after a power cut.
  connection.pragma('synchronous = FULL')
  connection.pragma('secure_delete = ON')
  connection.pragma('temp_store = MEMORY')
  connection.pragma('cache_size = -16000')
  connection.pragma('busy_timeout = 3000')
}

function versionOf(connection: Connection): number {
  const [row] = connection.pragma('user_version') as { user_version: number }[]
  if (row !== undefined && row.user_version > 0) return row.user_version
  if (connection.prepare("SELECT 1 FROM sqlite_master WHERE name = 'schema'").get() === undefined) return 0
  const old = connection.prepare('SELECT version FROM schema').get() as { version: number } | undefined
  return old?.version ?? 0
}

/** Brings the database to the newest version, all or nothing. */
export function migrate(
  connection: Connection,
  migrations: readonly Migration[],
  before: (version: number) => void,
): void {
  const version = versionOf(connection)
  if (version > migrations.length) throw new NewerDatabase(version, migrations.length)
  if (version === migrations.length) return
  if (version > 0) before(version)
  connection.exec('BEGIN IMMEDIATE')
  try {
    for (const migration of migrations.slice(version)) migration(connection)
    connection.exec(`PRAGMA user_version = ${migrations.length}`)
    connection.exec('COMMIT')
  } catch (error) {
    connection.exec('ROLLBACK')
    throw error
  }
}

/** Never set aside: the traffic history is intact, this program is too old for it. */
export class NewerDatabase extends Error {
  constructor(version: number, known: number) {
    super(
      `This traffic history was written by a newer Telltale (layout ${version}, this one knows ${known}): install that version again, or choose another state folder.`,
    )
    this.name = 'NewerDatabase'
  }
}

/** Codes of SQLite for a file that is no database, or a damaged one. */
function isDamage(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string }
  return (
    /^SQLITE_(NOTADB|CORRUPT|FORMAT|IOERR_SHORT_READ)/.test(code ?? '') ||
    /malformed|not a database|no such (table|column)/.test(message ?? '')
  )
}

export function filesOf(path: string): string[] {
  return [path, `${path}-wal`, `${path}-shm`]
}

/** Files that once were these store: set aside when damaged, or copied before a migration. */
export function setAsideFiles(path: string): string[] {
  const folder = dirname(path)
  if (path === ':memory:' || !existsSync(folder)) return []
  const start = `${basename(path)}.`
  return readdirSync(folder)
    .filter((name) => name.startsWith(start) && /\.(damaged|before)-/.test(name))
    .map((name) => join(folder, name))
}

function setAside(path: string): string {
  const number = setAsideFiles(path).filter((name) => name.includes('.damaged-')).length + 1
  for (const file of filesOf(path)) {
    if (existsSync(file)) renameSync(file, `${path}.damaged-${number}${file.slice(path.length)}`)
  }
  return `${path}.damaged-${number}`
}

function openOnce(driver: Driver, path: string, migrations: readonly Migration[]): Connection {
  const connection = driver.open(path)
  try {
    settle(connection)
    migrate(connection, migrations, (version) => {
      connection.pragma('wal_checkpoint(TRUNCATE)')
      copyFileSync(path, `${path}.before-v${version + 1}`)
      chmodSync(`${path}.before-v${version + 1}`, 0o600)
    })
    // Small, and all of it is read at start anyhow: damage elsewhere shows when it is read.
    const check = connection.prepare('PRAGMA quick_check(1)').get() as Record<string, string>
    if (Object.values(check)[0] !== 'ok')
      throw Object.assign(new Error('database disk image is malformed'), { code: 'SQLITE_CORRUPT' })
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

/**
 * Opens the traffic history at a path, or in memory. A damaged file is set aside, and a new history is begun; a copy
 * before a migration is kept.
 */
export function openDatabase(
  driver: Driver,
  path: string,
  migrations: readonly Migration[] = MIGRATIONS,
): OpenedDatabase {
  if (path === ':memory:') return { connection: openOnce(driver, path, migrations), problem: null }
  try {
    return { connection: openOnce(driver, path, migrations), problem: null }
  } catch (error) {
    if (!isDamage(error)) throw error
    const aside = setAside(path)
    for (const file of filesOf(path)) rmSync(file, { force: true })
    const problem = `The history was damaged (${(error as Error).message}); it was set aside as ${basename(aside)} and a new one was begun.`
    return { connection: openOnce(driver, path, migrations), problem }
  }
}
