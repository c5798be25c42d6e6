// Adapters of the three SQLite libraries to one interface.
import { pathToFileURL } from 'node:url'
import type { NativeOpener, SqlValue } from './sqlite-types.ts'

type Row = Record<string, unknown>

// ── node:sqlite ──────────────────────────────────────────────────────────────────────────────────────────────────────

interface NodeStatement {
  run(...values: SqlValue[]): { changes: number | bigint; lastInsertRowid: number | bigint }
  get(...values: SqlValue[]): Row | undefined
  all(...values: SqlValue[]): Row[]
  iterate(...values: SqlValue[]): IterableIterator<Row>
  setReadBigInts(on: boolean): void
}

/** The part of node:sqlite that is used. */
export interface NodeSqliteModule {
  DatabaseSync: new (
    path: string,
    options: { readOnly: boolean },
  ) => { prepare(sql: string): NodeStatement; exec(sql: string): void; close(): void }
}

/** Without bigints, node:sqlite throws over an integer that no number can hold. */
function plainRow(row: Row): Row {
  const plain: Row = {}
  for (const column in row) {
    const value = row[column]
    plain[column] = typeof value === 'bigint' ? Number(value) : value
  }
  return plain
}

function* plainRows(rows: IterableIterator<Row>): IterableIterator<Row> {
  for (const row of rows) yield plainRow(row)
}

export function openNodeSqlite({ DatabaseSync }: NodeSqliteModule): NativeOpener {
  return (path, readOnly) => {
    const database = new DatabaseSync(path, { readOnly })
    return {
      prepare: (sql) => {
        const statement = database.prepare(sql)
        statement.setReadBigInts(true)
        return {
          run: (values) => {
            const { changes, lastInsertRowid } = statement.run(...values)
            return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) }
          },
          get: (values) => {
            const row = statement.get(...values)
            return row === undefined ? undefined : plainRow(row)
          },
          all: (values) => statement.all(...values).map(plainRow),
          iterate: (values) => plainRows(statement.iterate(...values)),
        }
      },
      exec: (sql) => database.exec(sql),
      close: () => database.close(),
    }
  }
}

// ── better-sqlite3 ───────────────────────────────────────────────────────────────────────────────────────────────────

interface BetterStatement {
  readonly reader: boolean
  run(...values: SqlValue[]): { changes: number; lastInsertRowid: number | bigint }
  get(...values: SqlValue[]): unknown
  all(...values: SqlValue[]): unknown[]
  iterate(...values: SqlValue[]): IterableIterator<unknown>
}

/** The part of better-sqlite3 that is used. */
export type BetterSqliteModule = new (
  path: string,
  options: { readonly: boolean; fileMustExist: boolean },
) => { prepare(sql: string): BetterStatement; exec(sql: string): unknown; close(): unknown }

export function openBetterSqlite(Database: BetterSqliteModule): NativeOpener {
  return (path, readOnly) => {
    const database = new Database(path, { readonly: readOnly, fileMustExist: readOnly })
    return {
      prepare: (sql) => {
        const statement = database.prepare(sql)
        return {
          run: (values) => {
            const { changes, lastInsertRowid } = statement.run(...values)
            return { changes, lastInsertRowid: Number(lastInsertRowid) }
          },
          get: (values) => statement.get(...values),
          // It throws where a statement has no result, as a pragma that sets something.
          all: (values) => {
            if (statement.reader) return statement.all(...values)
            statement.run(...values)
            return []
          },
          iterate: (values) => statement.iterate(...values),
        }
      },
      exec: (sql) => void database.exec(sql),
      close: () => void database.close(),
    }
  }
}

// ── libsql ───────────────────────────────────────────────────────────────────────────────────────────────────────────

interface LibsqlStatement {
  run(values: SqlValue[]): { changes: number; lastInsertRowid: number }
  get(values: SqlValue[]): Row | undefined
  iterate(values: SqlValue[]): IterableIterator<Row>
}

/** The part of libsql that is used. */
export type LibsqlModule = new (path: string) => {
  readonly inTransaction: boolean
  prepare(sql: string): LibsqlStatement
  exec(sql: string): void
  close(): void
}

/** The first row holds a time besides, and rows of a list hold bytes as a bare ArrayBuffer. */
function libsqlRow(row: Row): Row {
  delete row['_metadata']
  for (const column in row) {
    const value = row[column]
    if (value instanceof ArrayBuffer) row[column] = new Uint8Array(value)
  }
  return row
}

/**
 * Left early, libsql's own iterator would keep its read lock until it is collected as garbage: asking anew resets it.
 */
function* libsqlRows(statement: LibsqlStatement, values: SqlValue[]): IterableIterator<Row> {
  const rows = statement.iterate(values)
  let isWaiting = false
  try {
    for (;;) {
      const next = rows.next()
      if (next.done === true) return
      isWaiting = true
      yield libsqlRow(next.value)
      isWaiting = false
    }
  } finally {
    if (isWaiting) statement.get(values)
  }
}

export function openLibsql(Database: LibsqlModule): NativeOpener {
  return (path, readOnly) => {
    // It knows no option for reading only.
    const database = new Database(readOnly ? `${pathToFileURL(path).href}?mode=ro` : path)
    return {
      prepare: (sql) => {
        const statement = database.prepare(sql)
        return {
          run: (values) => {
            const { changes, lastInsertRowid } = statement.run(values)
            return { changes, lastInsertRowid }
          },
          get: (values) => {
            const row = statement.get(values)
            return row === undefined ? undefined : libsqlRow(row)
          },
          all: (values) => [...statement.iterate(values)].map(libsqlRow),
          iterate: (values) => libsqlRows(statement, values),
        }
      },
      exec: (sql) => database.exec(sql),
      // Statements that are not collected yet keep it open: what it locks has to be given up here.
      close: () => {
        if (database.inTransaction) database.exec('ROLLBACK')
        database.close()
      },
    }
  }
}
