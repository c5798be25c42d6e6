// The SQLite file of a traffic history, or its database in memory: transactions, checkpoints, wiping, and the reserve
// on the disk that deletions can fall back on.
import { chmodSync, closeSync, existsSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { loadDriver, type Connection, type DriverName } from '../../capture/sources/sqlite.ts'
import { keepReserve, releaseReserve } from './reserve.ts'
import { filesOf, openDatabase, setAsideFiles, type Migration } from './schema.ts'

export class DatabaseFile {
  /** What went wrong since the start, one sentence; null when all is well. */
  problem: string | null
  readonly driver: DriverName
  readonly connection: Connection
  private readonly path: string
  private readonly isInMemory: boolean
  private readonly writtenBefore: number | null

  constructor(path: string, driverName: DriverName | undefined, migrations: readonly Migration[]) {
    this.path = path
    this.isInMemory = path === ':memory:'
    this.writtenBefore = bytesWrittenByThread()
    const driver = loadDriver(driverName)
    this.driver = driver.name
    if (!this.isInMemory) createPrivately(path)
    const opened = openDatabase(driver, path, migrations)
    this.connection = opened.connection
    this.problem = opened.problem
    if (!this.isInMemory) for (const file of filesOf(path)) if (existsSync(file)) chmodSync(file, 0o600)
  }

  close(): void {
    if (!this.isInMemory) this.connection.pragma('wal_checkpoint(TRUNCATE)')
    this.connection.close()
  }

  transaction(work: () => void): void {
    this.connection.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.connection.exec('COMMIT')
    } catch (error) {
      try {
        this.connection.exec('ROLLBACK')
      } catch {
        // A full disk has rolled it back already.
      }
      throw error
    }
  }

  /** A transaction that gives the reserve to the disk where the disk is full. */
  transactionWithReserve(work: () => void): void {
    this.withReserve(() => this.transaction(work))
  }

  withReserve(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!isFull(error) || this.isInMemory) throw error
      releaseReserve(this.reservePath)
      work()
    }
  }

  keepReserve(): void {
    if (!this.isInMemory) keepReserve(this.reservePath)
  }

  /** Empties the write-ahead log; false where another program is reading the file. */
  checkpoint(): boolean {
    if (this.isInMemory) return true
    const [row] = this.connection.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
    return row?.busy === 0
  }

  /** Rewrites the file: half-empty pages are joined. */
  rewrite(): void {
    this.connection.exec('VACUUM')
  }

  /** Empties the log and rewrites the file, so that no free byte holds what was deleted. */
  wipe(): void {
    if (this.isInMemory) return
    this.checkpointForWipe()
    try {
      this.rewrite()
    } catch (error) {
      // Without room for a copy secure_delete has overwritten what was deleted.
      if (!isFull(error)) throw error
    }
    this.checkpointForWipe()
  }

  /** Deletes files that were set aside as damaged or from before an upgrade. Returns how many. */
  dropSetAside(): number {
    const files = setAsideFiles(this.path)
    for (const file of files) rmSync(file, { force: true })
    return files.length
  }

  /** Bytes of the pages in use. */
  usedBytes(): number {
    const [pages] = this.connection.pragma('page_count') as { page_count: number }[]
    const [size] = this.connection.pragma('page_size') as { page_size: number }[]
    const [free] = this.connection.pragma('freelist_count') as { freelist_count: number }[]
    return ((pages?.page_count ?? 0) - (free?.freelist_count ?? 0)) * (size?.page_size ?? 0)
  }

  bytesOnDisk(): number {
    const files = this.isInMemory ? [] : filesOf(this.path).filter((file) => existsSync(file))
    return files.reduce((bytes, file) => bytes + statSync(file).size, 0)
  }

  /** Bytes that this thread has written since the file was opened; 0 where the system does not count them. */
  bytesWritten(): number {
    const written = bytesWrittenByThread()
    return written === null || this.writtenBefore === null ? 0 : written - this.writtenBefore
  }

  private checkpointForWipe(): void {
    if (!this.checkpoint())
      throw new Error(
        'Another program is reading the history, so the last traces cannot be wiped yet. Close it and try again.',
      )
  }

  private get reservePath(): string {
    return `${this.path}.reserve`
  }
}

function isFull(error: unknown): boolean {
  return /SQLITE_FULL|SQLITE_IOERR|ENOSPC|disk is full|disk I\/O/.test(
    `${(error as { code?: string }).code ?? ''} ${(error as Error).message}`,
  )
}

function createPrivately(path: string): void {
  if (existsSync(path)) chmodSync(path, 0o600)
  else closeSync(openSync(path, 'a', 0o600))
}

/** Bytes that this thread caused to be written to the disk; null where the system does not count them. */
function bytesWrittenByThread(): number | null {
  try {
    return Number(/^write_bytes: (\d+)/m.exec(readFileSync('/proc/thread-self/io', 'utf8'))?.[1] ?? Number.NaN) || 0
  } catch {
    return null
  }
}
