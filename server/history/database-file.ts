// The SQLite file of a traffic history, or its database in memory: transactions, checkpoints, wiping, and the reserve
// on the disk that deletions can fall back on.
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { loadDriver, type Connection, type DriverName } from '../../capture/sources/sqlite.ts'
import { fillReserve, isDiskFull, removeFormerReserve, withReserveSync } from '../store/reserve.ts'
import { dropSetAside } from '../store/set-aside.ts'
import { openDatabase } from './open-database.ts'
import { filesOf, type Migration } from './schema.ts'

export class DatabaseFile {
  /** What is wrong at present, one sentence; null when all is well. */
  problem: string | null = null
  /** What was damaged when it was opened, and what became of it; null where nothing was. */
  damage: string | null
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
    if (!this.isInMemory) removeFormerReserve(path)
    const opened = this.withReserve(() => openDatabase(driver, path, migrations))
    this.connection = opened.connection
    this.damage = opened.problem
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

  withReserve<Value>(work: () => Value): Value {
    return this.isInMemory ? work() : withReserveSync(dirname(this.path), work)
  }

  keepReserve(): void {
    if (!this.isInMemory) fillReserve(dirname(this.path))
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
      if (!isDiskFull(error)) throw error
    }
    this.checkpointForWipe()
  }

  /** Deletes files that were set aside as damaged or from before an upgrade. Returns how many. */
  dropSetAside(): number {
    return this.isInMemory ? 0 : dropSetAside(dirname(this.path))
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
}

/** Bytes that this thread caused to be written to the disk; null where the system does not count them. */
function bytesWrittenByThread(): number | null {
  try {
    return Number(/^write_bytes: (\d+)/m.exec(readFileSync('/proc/thread-self/io', 'utf8'))?.[1] ?? Number.NaN) || 0
  } catch {
    return null
  }
}
