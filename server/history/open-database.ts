// Opening the database of a traffic history: checked, migrated, and replaced where it is damaged.
import { chmodSync, copyFileSync, rmSync, utimesSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Connection, Driver } from '../../capture/sources/sqlite.ts'
import { isDiskFull, reserveBytes } from '../store/reserve.ts'
import { clearPlaces, createPrivately, replaceDamaged } from './damaged-file.ts'
import { isDamage } from './readable-rows.ts'
import { migrate, MIGRATIONS, type Migration } from './schema.ts'
import { wrongWithTables } from './table-checks.ts'

export interface OpenedDatabase {
  connection: Connection
  /** One sentence for the person where something was damaged. */
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

/** No room for the copy that every migration begins with: nothing was changed. */
class NoRoomForCopy extends Error {
  constructor(path: string, cause: unknown) {
    super(
      `No copy of ${basename(path)} could be made, which is needed before this version changes its layout (${(cause as Error).message}): make room on the disk and start again.`,
    )
  }
}

function openOnce(driver: Driver, path: string, migrations: readonly Migration[]): Connection {
  const connection = driver.open(path)
  try {
    settle(connection)
    migrate(connection, migrations, (version) => {
      connection.pragma('wal_checkpoint(TRUNCATE)')
      copyBefore(path, version)
    })
    // Small, and all of it is read at start anyhow: damage elsewhere shows when it is read.
    const check = connection.prepare('PRAGMA quick_check(1)').get() as Record<string, string>
    if (Object.values(check)[0] !== 'ok')
      throw Object.assign(new Error('database disk image is malformed'), { code: 'SQLITE_CORRUPT' })
    const wrong = wrongWithTables(connection)
    if (wrong !== null) throw Object.assign(new Error(wrong), { code: 'SQLITE_CORRUPT' })
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

function copyBefore(path: string, version: number): void {
  const copy = `${path}.before-v${version + 1}`
  try {
    rmSync(copy, { recursive: true, force: true })
    copyFileSync(path, copy)
    chmodSync(copy, 0o600)
    utimesSync(copy, new Date(), new Date())
  } catch (error) {
    rmSync(copy, { recursive: true, force: true })
    throw isDiskFull(error) && hasReserve(path) ? error : new NoRoomForCopy(path, error)
  }
}

function hasReserve(path: string): boolean {
  return reserveBytes(dirname(path)) > 0
}

/**
 * Opens the traffic history at a path, or in memory. A damaged file is set aside, and what can be read of it is put
 * into a new one; a copy before a migration is kept.
 */
export function openDatabase(
  driver: Driver,
  path: string,
  migrations: readonly Migration[] = MIGRATIONS,
): OpenedDatabase {
  if (path === ':memory:') return { connection: openOnce(driver, path, migrations), problem: null }
  const problem = clearPlaces(path)
  createPrivately(path)
  try {
    return { connection: openOnce(driver, path, migrations), problem }
  } catch (error) {
    if (!isDamage(error)) throw error
    const said = replaceDamaged(driver, path, migrations, (error as Error).message)
    return { connection: openOnce(driver, path, migrations), problem: said }
  }
}
