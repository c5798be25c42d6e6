// A new database from what can be read of a damaged one, table by table and row by row.
import { closeSync, openSync, rmSync } from 'node:fs'
import type { Connection, Driver } from '../../capture/sources/sqlite.ts'
import { OTHER_FACTS } from './endpoint-facts.ts'
import { readRows } from './readable-rows.ts'
import { mendedCells, NewUses } from './mended-cells.ts'
import { EVENTS_LAYOUT, LATER_TABLES, TABLE_CHECKS, type TableCheck } from './table-checks.ts'

type Row = Record<string, unknown>

export interface Recovered {
  /** Rows that are in the new database. */
  rows: number
  /** What was lost, table by table, in words. */
  lost: string[]
}

/** Devices that the key of a day has room for. */
const DEVICES = 2 ** 20

/** Numbers that the rows of traffic may use. */
interface Known {
  devices: Set<number>
  endpoints: Set<number>
  other: () => number
}

/** In this order: rows of traffic refer to devices and endpoints. */
const ORDER = [
  'devices',
  'endpoints',
  'pairs',
  'names',
  'capture',
  'minutes',
  'hours',
  'days',
  'lookups',
  'positions',
  'event_words',
  'event_days',
  'events',
  'state',
]

/**
 * Fills a new file with what can be read of the damaged one, which is left as it is. `create` gives the new file its
 * tables.
 */
export function rebuildInto(
  path: string,
  damaged: Connection,
  driver: Driver,
  create: (to: Connection) => void,
): Recovered {
  for (const file of [path, `${path}-journal`]) rmSync(file, { force: true, recursive: true })
  closeSync(openSync(path, 'wx', 0o600))
  const target = driver.open(path)
  try {
    target.pragma('journal_mode = DELETE')
    create(target)
    target.exec('BEGIN IMMEDIATE')
    const recovered = new Rebuild(damaged, target).run()
    target.exec('COMMIT')
    return recovered
  } finally {
    target.close()
  }
}

class Rebuild {
  private readonly from: Connection
  private readonly to: Connection
  private readonly recovered: Recovered = { rows: 0, lost: [] }
  private readonly known: Known
  private readonly uses = new NewUses()
  /** Tables of which nothing could be read. */
  private readonly gone = new Set<string>()
  /** Tables of which not all could be read. */
  private readonly incomplete = new Set<string>()

  constructor(from: Connection, to: Connection) {
    this.from = from
    this.to = to
    this.known = { devices: new Set(), endpoints: new Set([0]), other: () => this.other() }
  }

  run(): Recovered {
    for (const name of ORDER) this.copy(TABLE_CHECKS.find(({ table }) => table === name) as TableCheck)
    this.uses.write(this.to)
    return this.recovered
  }

  private copy(check: TableCheck): void {
    const { table, columns } = check
    const insert = this.to.prepare(`INSERT OR IGNORE INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`)
    let wrong = 0
    const places = readRows(this.from, check, (row) => {
      const mended = this.usable(table, check.mended(row))
      if (mended === null) wrong += 1
      else {
        insert.run(...columns.map((column) => mended[column] as number | string | null | Uint8Array))
        this.recovered.rows += 1
      }
    })
    if (places === null && LATER_TABLES.has(table) && this.isOlder()) return
    if (places === null) this.gone.add(table)
    if (places !== 0 || wrong > 0) this.incomplete.add(table)
    if (places === null) this.recovered.lost.push(`the table ${table}`)
    else if (places > 0) this.recovered.lost.push(`${places} unreadable place${places === 1 ? '' : 's'} of ${table}`)
    if (wrong > 0) this.recovered.lost.push(`${wrong} row${wrong === 1 ? '' : 's'} of ${table}`)
  }

  /** Of a layout without events. */
  private isOlder(): boolean {
    try {
      const [row] = this.from.pragma('user_version') as { user_version: number }[]
      return row !== undefined && row.user_version < EVENTS_LAYOUT
    } catch {
      return false
    }
  }

  /** The row with numbers that stand for something; null where nothing of it can be used. */
  private usable(table: string, row: Row | null): Row | null {
    if (row === null) return null
    const { devices, endpoints } = this.known
    if (table === 'devices') devices.add(row['id'] as number)
    if (table === 'endpoints') endpoints.add(row['id'] as number)
    if (table === 'minutes' || table === 'hours' || table === 'days')
      return mendedCells(table, row['id'] as number, row['cells'] as Uint8Array, this.known, this.uses)
    if (table === 'state') return this.mendedState(row)
    if (table === 'event_days') return devices.has((row['id'] as number) % DEVICES) ? row : null
    const { device, endpoint } = row
    if (typeof device === 'number' && !devices.has(device)) return null
    // What a row of traffic uses is listed again from there.
    if (table === 'pairs' && !endpoints.has(endpoint as number)) return null
    if (typeof endpoint === 'number' && !endpoints.has(endpoint)) return { ...row, endpoint: this.known.other() }
    return row
  }

  /** Hours and days that are gone are rolled up again from what is finer. */
  private mendedState(row: Row): Row {
    const facts = JSON.parse(row['facts'] as string) as Row
    if (this.gone.has('hours')) facts['hourDone'] = null
    if (this.gone.has('days')) facts['dayDone'] = null
    const { clock, events } = facts
    const isUncounted = this.incomplete.has('event_days') || this.incomplete.has('event_words')
    // What is lost is unknown, and no zero.
    if (events !== undefined && (isUncounted || this.incomplete.has('events')))
      facts['events'] = { ...(events as Row), long: clock, brief: clock, ...(isUncounted ? { counted: clock } : {}) }
    return { ...row, facts: JSON.stringify(facts) }
  }

  /** The endpoint that stands for those whose description is lost. */
  private other(): number {
    const { endpoints } = this.known
    if (this.otherId === 0) {
      const found = this.to.prepare(`SELECT id FROM endpoints WHERE facts LIKE '%"namedBy":"other"%'`).get() as
        { id: number } | undefined
      this.otherId = found?.id ?? Math.max(...endpoints) + 1
      if (found === undefined) {
        const facts = JSON.stringify({ ...OTHER_FACTS, id: this.otherId, addresses: [] })
        this.to.prepare('INSERT INTO endpoints VALUES (?, ?)').run(this.otherId, facts)
        endpoints.add(this.otherId)
      }
    }
    return this.otherId
  }

  private otherId = 0
}
