// The interface that the adapters of the three SQLite libraries have in common.

/** What can be bound to a parameter. */
export type SqlValue = number | bigint | string | null | Uint8Array

/** Throws the library's own errors. */
export interface NativeStatement {
  run(values: SqlValue[]): { changes: number; lastInsertRowid: number }
  get(values: SqlValue[]): unknown
  all(values: SqlValue[]): unknown[]
  iterate(values: SqlValue[]): IterableIterator<unknown>
}

export interface NativeConnection {
  prepare(sql: string): NativeStatement
  exec(sql: string): void
  close(): void
}

export type NativeOpener = (path: string, readOnly: boolean) => NativeConnection
