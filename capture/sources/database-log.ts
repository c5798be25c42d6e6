// Follower of a log that is a database: looks for new rows, and opens it again after an error.
import type { DatabaseLogFormat, DatabaseReader } from '../logs/format.ts'
import type { LogRecord } from '../logs/record.ts'
import { loadDriver, type Connection } from './sqlite.ts'

/** How often the database is looked at; Pi-hole's FTL itself writes it once a minute. */
const LOOK_EVERY_MS = 1000
const DEVICES_EVERY_MS = 60_000

export interface DatabaseLogOptions {
  /** As the format's reader takes it. */
  position?: number | null
  onRecord: (record: LogRecord) => void
  onCaughtUp?: () => void
}

/** Follows one database: queries as they are written, devices once a minute. */
export class DatabaseLog {
  /** What is wrong, in a sentence; null when all is well. */
  problem: string | null = null
  records = 0
  private readonly path: string
  private readonly format: DatabaseLogFormat
  private readonly options: DatabaseLogOptions
  private database: Connection | null = null
  private queries: DatabaseReader | null = null
  private at: number | null
  private devicesAt = -Infinity
  private timer: NodeJS.Timeout | null = null
  private isStopped = false

  constructor(path: string, format: DatabaseLogFormat, options: DatabaseLogOptions) {
    this.path = path
    this.format = format
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
      this.database ??= loadDriver().openReadOnly(this.path)
      this.queries ??= this.format.openReader(this.database, this.at)
      this.readDevices(this.database)
      const records = this.queries.read()
      for (const record of records) this.emit(record)
      if (records.length > 0) this.options.onCaughtUp?.()
      this.problem = null
      return records.length > 0
    } catch (error) {
      this.at = this.position()
      this.close()
      const reason = error instanceof Error ? error.message : String(error)
      this.problem = `${this.format.title} ${this.path} cannot be read (${reason}). ${this.format.advice}`
      return false
    }
  }

  private readDevices(database: Connection): void {
    if (performance.now() - this.devicesAt < DEVICES_EVERY_MS) return
    this.devicesAt = performance.now()
    for (const device of this.format.devices(database)) this.options.onRecord(device)
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
