// Which SQLite is there? better-sqlite3 where it could be compiled, else libsql, which comes ready made and speaks the
// same.
import { createRequire } from 'node:module'

/** The part of both libraries' interface that the traffic history use. */
export interface Statement {
  run(...values: unknown[]): { changes: number }
  get(...values: unknown[]): unknown
  all(...values: unknown[]): unknown[]
  iterate(...values: unknown[]): IterableIterator<unknown>
  raw(on?: boolean): Statement
}

export interface Connection {
  prepare(sql: string): Statement
  exec(sql: string): unknown
  pragma(sql: string): unknown
  close(): unknown
}

export type DriverName = 'better-sqlite3' | 'libsql'
type Opener = new (path: string, options?: { readonly: boolean; fileMustExist: boolean }) => Connection

export interface Driver {
  name: DriverName
  open(path: string): Connection
  /** Another program's database. Throws where there is none. */
  openReadOnly(path: string): Connection
}

const DRIVERS: readonly DriverName[] = ['better-sqlite3', 'libsql']
const require = createRequire(import.meta.url)

/**
 * Loads the first library that works on this machine; `only` asks for one. Throws a sentence for the person where none
 * does.
 */
export function loadDriver(only?: DriverName): Driver {
  const reasons: string[] = []
  for (const name of only === undefined ? DRIVERS : [only]) {
    try {
      const Opener = require(name) as Opener
      // better-sqlite3 loads its compiled part with the first database: opening one is the test.
      new Opener(':memory:').close()
      return {
        name,
        open: (path) => new Opener(path),
        openReadOnly: (path) => new Opener(path, { readonly: true, fileMustExist: true }),
      }
    } catch (error) {
      reasons.push(`${name}: ${String((error as Error).message).split('\n')[0]}`)
    }
  }
  throw new Error(
    `No SQLite library works on this machine, so nothing can be remembered. Run "npm ci" again with a C++ compiler installed (${reasons.join('; ')}).`,
  )
}
