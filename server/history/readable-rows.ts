// Reading a table past its damaged pages: what lies before and behind each of them.
import type { Connection } from '../../capture/sources/sqlite.ts'

type Row = Record<string, unknown>

/** Codes and messages of SQLite for a file that is no database, or a damaged one. */
export function isDamage(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string }
  return (
    /^SQLITE_(NOTADB|CORRUPT|FORMAT|IOERR_SHORT_READ)/.test(code ?? '') ||
    /malformed|not a database|no such (table|column)|already exists|has no column/.test(message ?? '')
  )
}

export interface ReadableTable {
  table: string
  columns: readonly string[]
  /** Columns that a file of an older layout has not, and what stands for them. */
  absent?: Readonly<Record<string, number>>
  /** The first column of the primary key: a whole number, or null where it is a text. */
  key: string | null
}

/**
 * Calls `visit` with each row that can be read, in order of the key, each once. Returns how many places could not be
 * read; null where nothing of the table could.
 */
export function readRows(connection: Connection, source: ReadableTable, visit: (row: Row) => void): number | null {
  const { table, key } = source
  const sql = `SELECT ${readableColumns(connection, source)} FROM ${table}`
  let places = 0
  let any = false
  if (key === null) {
    const isWhole = readOnce(
      () => connection.prepare(sql).iterate() as Iterable<Row>,
      (row) => {
        any = true
        visit(row)
      },
    )
    return isWhole ? 0 : any ? 1 : null
  }
  for (let from: number | null = 0; from !== null;) {
    let last = from - 1
    const isWhole = readOnce(
      () => connection.prepare(`${sql} WHERE ${key} >= ? ORDER BY ${key}`).iterate(from) as Iterable<Row>,
      (row) => {
        any = true
        last = Number(row[key])
        visit(row)
      },
    )
    if (isWhole) break
    places += 1
    from = nextReadable(connection, table, key, Math.max(last, from))
  }
  return places > 0 && !any ? null : places
}

function readableColumns(connection: Connection, { table, columns, absent = {} }: ReadableTable): string {
  const isAbsent = (column: string): boolean =>
    !readOnce(
      () => connection.prepare(`SELECT ${column} FROM ${table} LIMIT 0`).iterate() as Iterable<Row>,
      () => undefined,
    )
  return columns
    .map((column) => (Object.hasOwn(absent, column) && isAbsent(column) ? `${absent[column]} AS ${column}` : column))
    .join(', ')
}

/** False where the reading ended at damage. What `visit` throws is passed on. */
function readOnce(rows: () => Iterable<Row>, visit: (row: Row) => void): boolean {
  let iterator: Iterator<Row>
  try {
    iterator = rows()[Symbol.iterator]()
  } catch (error) {
    if (isDamage(error)) return false
    throw error
  }
  for (;;) {
    let next: IteratorResult<Row>
    try {
      next = iterator.next()
    } catch (error) {
      if (isDamage(error)) return false
      throw error
    }
    if (next.done === true) return true
    visit(next.value)
  }
}

/** The lowest key behind the damage at `bad` from which on there is something to read, or nothing more; null: none. */
function nextReadable(connection: Connection, table: string, key: string, bad: number): number | null {
  const isReadable = (from: number): boolean =>
    readOnce(
      () =>
        connection
          .prepare(`SELECT ${key} FROM ${table} WHERE ${key} >= ? ORDER BY ${key} LIMIT 1`)
          .iterate(from) as Iterable<Row>,
      () => undefined,
    )
  let low = bad
  let high = bad + 1
  for (let step = 1; !isReadable(high); step *= 2) {
    low = high
    high += step
    if (high > Number.MAX_SAFE_INTEGER) return null
  }
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2)
    if (isReadable(middle)) high = middle
    else low = middle
  }
  return high
}
