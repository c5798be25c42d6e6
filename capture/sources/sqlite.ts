// SQLite by whichever library is there: Node's own (22.13 or newer), better-sqlite3 where it was compiled, or libsql,
// which comes ready made. All three behave alike behind this interface.
import { createRequire, isBuiltin } from 'node:module'
import { existsSync } from 'node:fs'
import {
  openBetterSqlite,
  openLibsql,
  openNodeSqlite,
  type BetterSqliteModule,
  type LibsqlModule,
  type NodeSqliteModule,
} from './sqlite-natives.ts'
import type { NativeConnection, NativeOpener, NativeStatement, SqlValue } from './sqlite-types.ts'

/**
 * Rows are plain objects by column name. Integers come as numbers (beyond 2^53 the nearest one), blobs as Uint8Array.
 */
export interface Statement {
  run(...values: SqlValue[]): { changes: number; lastInsertRowid: number }
  /** The first row; undefined where there is none. */
  get(...values: SqlValue[]): unknown
  all(...values: SqlValue[]): unknown[]
  /** Row by row; may be left at any time. */
  iterate(...values: SqlValue[]): IterableIterator<unknown>
}

/** Every method throws SqliteError where SQLite refuses. */
export interface Connection {
  prepare(sql: string): Statement
  /** Any number of statements without results. */
  exec(sql: string): void
  /** The rows that a pragma answers with. */
  pragma(sql: string): unknown[]
  /** Rolls back what was not committed and gives up all locks; may be called again. */
  close(): void
}

export type DriverName = 'node:sqlite' | 'better-sqlite3' | 'libsql'

export interface Driver {
  name: DriverName
  open(path: string): Connection
  /** Another program's database. Throws where there is none, and never writes. */
  openReadOnly(path: string): Connection
}

/** In the order in which they are tried. */
export const DRIVER_NAMES: readonly DriverName[] = ['node:sqlite', 'better-sqlite3', 'libsql']

/** How long a statement waits for another connection's lock, unless a pragma says otherwise. */
const BUSY_TIMEOUT_MS = 5000

/** Names of SQLite's primary result codes, by number: sqlite.org/rescode.html. */
const CODES =
  'OK ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL CANTOPEN PROTOCOL EMPTY SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB'
    .split(' ')
    .map((name) => `SQLITE_${name}`)
/** The one extended result code that is kept: a file that ends too early. */
const SHORT_READ = { number: 522, name: 'SQLITE_IOERR_SHORT_READ' }

/** What SQLite refused, with the name of its primary result code, such as SQLITE_BUSY. */
export class SqliteError extends Error {
  readonly code: string

  constructor(message: string, code: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'SqliteError'
    this.code = code
  }
}

/** The libraries name a result code, or give its number. Null for what is no error of SQLite. */
function codeOf(error: unknown): string | null {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  if (typeof errcode === 'number')
    return errcode === SHORT_READ.number ? SHORT_READ.name : (CODES[errcode & 255] ?? null)
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return null
  if (code === SHORT_READ.name) return code
  return CODES.find((name) => code === name || code.startsWith(`${name}_`)) ?? code
}

function converted(error: unknown): unknown {
  const code = codeOf(error)
  return code === null ? error : new SqliteError((error as Error).message, code, error)
}

/** Refused here, as libsql ends the process over some of them. */
function check(values: readonly SqlValue[]): void {
  for (const value of values) {
    const type = typeof value
    if (type === 'number' || type === 'string' || type === 'bigint' || value === null || value instanceof Uint8Array)
      continue
    throw new TypeError(`SQLite stores numbers, bigints, strings, null and bytes, and no ${type}`)
  }
}

class CheckedConnection implements Connection {
  private native: NativeConnection | null

  constructor(native: NativeConnection) {
    this.native = native
  }

  get opened(): NativeConnection {
    if (this.native === null) throw new SqliteError('The database connection is closed', 'SQLITE_MISUSE')
    return this.native
  }

  prepare(sql: string): Statement {
    const native = this.opened
    try {
      return new CheckedStatement(this, native.prepare(sql))
    } catch (error) {
      throw converted(error)
    }
  }

  exec(sql: string): void {
    const native = this.opened
    try {
      native.exec(sql)
    } catch (error) {
      throw converted(error)
    }
  }

  pragma(sql: string): unknown[] {
    return this.prepare(`PRAGMA ${sql}`).all()
  }

  close(): void {
    const { native } = this
    this.native = null
    try {
      native?.close()
    } catch (error) {
      throw converted(error)
    }
  }
}

class CheckedStatement implements Statement {
  private readonly connection: CheckedConnection
  private readonly native: NativeStatement

  constructor(connection: CheckedConnection, native: NativeStatement) {
    this.connection = connection
    this.native = native
  }

  run(...values: SqlValue[]): { changes: number; lastInsertRowid: number } {
    return this.call(values, () => this.native.run(values))
  }

  get(...values: SqlValue[]): unknown {
    return this.call(values, () => this.native.get(values))
  }

  all(...values: SqlValue[]): unknown[] {
    return this.call(values, () => this.native.all(values))
  }

  *iterate(...values: SqlValue[]): IterableIterator<unknown> {
    const rows = this.call(values, () => this.native.iterate(values))
    try {
      for (;;) {
        const next = this.call([], () => rows.next())
        if (next.done === true) return
        yield next.value
      }
    } finally {
      rows.return?.()
    }
  }

  private call<T>(values: readonly SqlValue[], work: () => T): T {
    // Not left to the library: statements of libsql outlive their connection.
    void this.connection.opened
    check(values)
    try {
      return work()
    } catch (error) {
      throw converted(error)
    }
  }
}

const require = createRequire(import.meta.url)

/** Node says with a warning that its SQLite is experimental; nobody who runs Telltale can do anything about that. */
function requireNodeSqlite(): NodeSqliteModule {
  if (!isBuiltin('node:sqlite')) throw new Error(`Node ${process.versions.node} has none, 22.13 is the first that does`)
  const { emitWarning } = process
  process.emitWarning = (warning: string | Error, ...rest: never[]) => {
    if (!/^SQLite is an experimental feature/.test(String(warning))) emitWarning.call(process, warning, ...rest)
  }
  try {
    return require('node:sqlite') as NodeSqliteModule
  } finally {
    process.emitWarning = emitWarning
  }
}

function loadNative(name: DriverName): NativeOpener {
  if (name === 'node:sqlite') return openNodeSqlite(requireNodeSqlite())
  if (name === 'better-sqlite3') return openBetterSqlite(require(name) as BetterSqliteModule)
  if (name === 'libsql') return openLibsql(require(name) as LibsqlModule)
  throw new Error('there is no such library')
}

function openChecked(openNative: NativeOpener, path: string, readOnly: boolean): Connection {
  let native: NativeConnection
  try {
    native = openNative(path, readOnly)
  } catch (error) {
    // Two of the libraries report an unreachable file without a code of SQLite.
    throw codeOf(error) === null
      ? new SqliteError('unable to open database file', 'SQLITE_CANTOPEN', error)
      : converted(error)
  }
  const connection = new CheckedConnection(native)
  connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
  return connection
}

function tryDriver(name: DriverName): Driver {
  const openNative = loadNative(name)
  // better-sqlite3 loads its compiled part with the first database: opening one is the test.
  const test = openNative(':memory:', false)
  // The first versions of node:sqlite lack iterating.
  Array.from(test.prepare('SELECT 1').iterate([]))
  test.close()
  return {
    name,
    open: (path) => openChecked(openNative, path, false),
    openReadOnly: (path) => {
      if (!existsSync(path)) throw new SqliteError('unable to open database file', 'SQLITE_CANTOPEN')
      return openChecked(openNative, path, true)
    },
  }
}

const loaded = new Map<DriverName, Driver>()
let chosen: Driver | null = null

/**
 * The first library that works on this machine; `only` asks for one. Stays the same for as long as the thread runs:
 * two libraries on one file would break each other's locks. Throws a sentence for the person where none works.
 */
export function loadDriver(only?: DriverName): Driver {
  if (only === undefined && chosen !== null) return chosen
  const reasons: string[] = []
  for (const name of only === undefined ? DRIVER_NAMES : [only]) {
    try {
      const driver = loaded.get(name) ?? tryDriver(name)
      loaded.set(name, driver)
      if (only === undefined) chosen = driver
      return driver
    } catch (error) {
      reasons.push(
        `${name}: ${String((error as Error).message)
          .replace(/\s+/g, ' ')
          .slice(0, 250)}`,
      )
    }
  }
  throw new Error(
    `No SQLite library works on this machine, so nothing can be remembered. Run it with Node 22.13 or newer, or "npm ci" again with a C++ compiler installed (${reasons.join('; ')}).`,
  )
}
