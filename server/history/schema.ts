// Layout of the traffic history on disk, and migration from older layouts.
import type { Connection } from '../../capture/sources/sqlite.ts'

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

/** How many look-ups were blocked, and how many answered; of those before nobody knows. */
const VERDICTS = `
  ALTER TABLE lookups ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE lookups ADD COLUMN answered INTEGER NOT NULL DEFAULT 0;
`

/**
 * Events: one row of `events` is one event, or a stretch of several (`day` is null); of `event_days` the counts of one
 * device and local day, with the same key as `days`. Kinds and companies of counts are numbers of `event_words`.
 */
const EVENTS = `
  CREATE TABLE events (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, device INTEGER NOT NULL, at INTEGER NOT NULL,
    kind TEXT NOT NULL, day INTEGER, facts TEXT NOT NULL);
  CREATE TABLE event_days (id INTEGER PRIMARY KEY, counts BLOB NOT NULL);
  CREATE TABLE event_words (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE);
`

/** What brings a database from one version to the next, in order: number 0 makes the first version of an empty file. */
export type Migration = (connection: Connection) => void
export const MIGRATIONS: readonly Migration[] = [
  (connection) => void connection.exec(LAYOUT),
  (connection) => void connection.exec(LOOKUPS),
  // The first two versions kept their number in a table.
  (connection) => void connection.exec('DROP TABLE IF EXISTS schema'),
  (connection) => void connection.exec(VERDICTS),
  (connection) => void connection.exec(EVENTS),
]

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

export function filesOf(path: string): string[] {
  return [path, `${path}-wal`, `${path}-shm`]
}
