// The three tables of packed cells (minutes, hours, days): reading, adding, remapping, dropping.
import {
  addToBuckets,
  addToChunk,
  CHUNK,
  MINUTE,
  encodeBuckets,
  encodeChunk,
  readBuckets,
  readChunk,
  type Bucket,
  type BucketCells,
  type ChunkCells,
} from './cells.ts'
import type { Connection, Statement } from '../../capture/sources/sqlite.ts'
import { remapChunk } from './pending.ts'

export type Table = 'minutes' | 'hours' | 'days'
export const TABLES: readonly Table[] = ['minutes', 'hours', 'days']

/** Devices that a key has room for. */
const DEVICES = 2 ** 20
/** Above this many devices one pass over all rows is quicker than one for each. */
const FEW_DEVICES = 4

interface Row {
  id: number
  cells: Uint8Array
}

function keyOf(start: number, device: number): number {
  return Math.floor(start / MINUTE) * DEVICES + device
}

/** Bounds of the keys of rows whose start is in [from, to), safe for any number. */
function keyAt(time: number): number {
  return Math.ceil(Math.min(Math.max(time, 0), 2 ** 38) / MINUTE) * DEVICES
}

export function startOf(key: number): number {
  return Math.floor(key / DEVICES) * MINUTE
}

export class Rows {
  private readonly connection: Connection
  private readonly statements = new Map<string, Statement>()

  constructor(connection: Connection) {
    this.connection = connection
  }

  /** Rows whose start is in [from, to), of some devices or of all (null). */
  private scan(
    table: Table,
    from: number,
    to: number,
    devices: Set<number> | null,
    visit: (start: number, device: number, cells: Uint8Array) => void,
  ): void {
    const low = keyAt(from)
    const high = keyAt(to)
    if (devices !== null && devices.size <= FEW_DEVICES) {
      const statement = this.connection.prepare(
        `SELECT id, cells FROM ${table} WHERE id >= ? AND id < ? AND id % ${DEVICES} = ?`,
      )
      for (const device of devices) {
        for (const { id, cells } of statement.iterate(low, high, device) as Iterable<Row>)
          visit(startOf(id), device, cells)
      }
      return
    }
    for (const { id, cells } of this.connection
      .prepare(`SELECT id, cells FROM ${table} WHERE id >= ? AND id < ?`)
      .iterate(low, high) as Iterable<Row>) {
      const device = id % DEVICES
      if (devices === null || devices.has(device)) visit(startOf(id), device, cells)
    }
  }

  /** Minutes whose start is in [from, to). */
  visitMinutes(
    from: number,
    to: number,
    devices: Set<number> | null,
    visit: (minute: number, device: number, endpoint: number, sent: number, received: number) => void,
  ): void {
    this.scan('minutes', Math.floor(from / CHUNK) * CHUNK, to, devices, (start, device, cells) => {
      readChunk(cells, (endpoint, place, sent, received) => {
        const minute = start + place * MINUTE
        if (minute >= from && minute < to) visit(minute, device, endpoint, sent, received)
      })
    })
  }

  /** Hours or days whose start is in [from, to). */
  visitBuckets(
    table: 'hours' | 'days',
    from: number,
    to: number,
    devices: Set<number> | null,
    visit: (start: number, device: number, endpoint: number, bucket: Bucket) => void,
  ): void {
    this.scan(table, from, to, devices, (start, device, cells) =>
      readBuckets(cells, start, (endpoint, bucket) => visit(start, device, endpoint, bucket)),
    )
  }

  addMinutes(start: number, device: number, added: ChunkCells): void {
    const key = keyOf(start, device)
    const known = this.read('minutes', key)
    let cells = added
    if (known !== null) {
      cells = remapChunk(added, new Map())
      readChunk(known, (endpoint, place, sent, received) => addToChunk(cells, endpoint, place, sent, received))
    }
    this.put('minutes', key, encodeChunk(cells))
  }

  addBuckets(table: 'hours' | 'days', start: number, device: number, added: BucketCells): void {
    const key = keyOf(start, device)
    const known = this.read(table, key)
    if (known !== null) readBuckets(known, start, (endpoint, bucket) => addToBuckets(added, endpoint, bucket))
    this.put(table, key, encodeBuckets(added, start))
  }

  /** Drops rows that start before `time`. */
  dropBefore(table: Table, time: number): void {
    this.connection.prepare(`DELETE FROM ${table} WHERE id < ?`).run(keyAt(time))
  }

  /** Takes out endpoints without bytes, and rows without endpoints, of rows that start in [from, to). */
  dropEmpty(table: Table, from: number, to: number): void {
    const rows = this.connection
      .prepare(`SELECT id, cells FROM ${table} WHERE id >= ? AND id < ?`)
      .all(keyAt(from), keyAt(to)) as Row[]
    for (const { id, cells } of rows) {
      const left: BucketCells = new Map()
      if (table !== 'minutes')
        readBuckets(cells, startOf(id), (endpoint, bucket) => {
          if (bucket.sent !== 0 || bucket.received !== 0) left.set(endpoint, bucket)
        })
      if (table === 'minutes' ? cells.length === 0 : left.size === 0)
        this.statement(`DELETE FROM ${table} WHERE id = ?`).run(id)
      else if (table !== 'minutes') this.put(table, id, encodeBuckets(left, startOf(id)))
    }
  }

  /** Start of the first row of minutes that holds `time` or is later; null where there is none. */
  firstMinutes(time: number): number | null {
    const row = this.connection
      .prepare('SELECT id FROM minutes WHERE id >= ? ORDER BY id LIMIT 1')
      .get(keyAt(Math.floor(time / CHUNK) * CHUNK)) as { id: number } | undefined
    return row === undefined ? null : startOf(row.id)
  }

  dropFrom(table: Table, time: number): void {
    this.connection.prepare(`DELETE FROM ${table} WHERE id >= ?`).run(keyAt(time))
  }

  /** Deletes at most `limit` rows of a device. Returns how many. */
  dropDevice(table: Table, device: number, limit: number): number {
    const ids = this.connection
      .prepare(`SELECT id FROM ${table} WHERE id % ${DEVICES} = ? LIMIT ?`)
      .all(device, limit) as { id: number }[]
    const remove = this.connection.prepare(`DELETE FROM ${table} WHERE id = ?`)
    for (const { id } of ids) remove.run(id)
    return ids.length
  }

  /**
   * Deletes rows of devices among the next `limit` rows of a table behind a key. Returns how many were deleted, and the
   * key of the last row that was looked at; null at the end of the table.
   */
  dropDevices(
    table: Table,
    devices: ReadonlySet<number>,
    after: number,
    limit: number,
  ): { count: number; last: number | null } {
    const ids = this.connection
      .prepare(`SELECT id FROM ${table} WHERE id > ? ORDER BY id LIMIT ?`)
      .all(after, limit) as { id: number }[]
    const remove = this.statement(`DELETE FROM ${table} WHERE id = ?`)
    const gone = ids.filter(({ id }) => devices.has(id % DEVICES))
    for (const { id } of gone) remove.run(id)
    return { count: gone.length, last: ids.length < limit ? null : (ids.at(-1)?.id ?? null) }
  }

  /** Adds the rows of devices to those of one, each endpoint's bytes to those of its target. */
  foldDevices(devices: ReadonlySet<number>, into: number, target: (endpoint: number) => number): void {
    for (const table of TABLES) {
      const sums = new Map<number, ChunkCells & BucketCells>()
      const gone: number[] = []
      for (const { id, cells } of this.connection
        .prepare(`SELECT id, cells FROM ${table}`)
        .iterate() as Iterable<Row>) {
        if (!devices.has(id % DEVICES)) continue
        gone.push(id)
        const start = startOf(id)
        let sum = sums.get(start)
        if (sum === undefined) sums.set(start, (sum = new Map() as ChunkCells & BucketCells))
        if (table === 'minutes')
          readChunk(cells, (endpoint, place, sent, received) =>
            addToChunk(sum, target(endpoint), place, sent, received),
          )
        else readBuckets(cells, start, (endpoint, bucket) => addToBuckets(sum, target(endpoint), bucket))
      }
      const remove = this.statement(`DELETE FROM ${table} WHERE id = ?`)
      for (const id of gone) remove.run(id)
      for (const [start, sum] of sums) {
        if (table === 'minutes') this.addMinutes(start, into, sum)
        else this.addBuckets(table, start, into, sum)
      }
    }
  }

  /** Puts a device's bytes on other endpoints, in all three tables. */
  remap(device: number, replacements: Map<number, number>): void {
    const target = (endpoint: number): number => replacements.get(endpoint) ?? endpoint
    for (const table of TABLES) {
      const rows = this.connection
        .prepare(`SELECT id, cells FROM ${table} WHERE id % ${DEVICES} = ?`)
        .all(device) as Row[]
      for (const { id: key, cells: bytes } of rows) {
        if (table === 'minutes') {
          const cells: ChunkCells = new Map()
          readChunk(bytes, (endpoint, place, sent, received) =>
            addToChunk(cells, target(endpoint), place, sent, received),
          )
          this.put(table, key, encodeChunk(cells))
        } else {
          const cells: BucketCells = new Map()
          readBuckets(bytes, startOf(key), (endpoint, bucket) => addToBuckets(cells, target(endpoint), bucket))
          this.put(table, key, encodeBuckets(cells, startOf(key)))
        }
      }
    }
  }

  private read(table: Table, key: number): Uint8Array | null {
    const row = this.statement(`SELECT cells FROM ${table} WHERE id = ?`).get(key) as { cells: Uint8Array } | undefined
    return row?.cells ?? null
  }

  private put(table: Table, key: number, cells: Buffer): void {
    this.statement(`INSERT OR REPLACE INTO ${table} VALUES (?, ?)`).run(key, cells)
  }

  /** Compiled once: a commit uses each of these hundreds of times. */
  private statement(sql: string): Statement {
    let statement = this.statements.get(sql)
    if (statement === undefined) this.statements.set(sql, (statement = this.connection.prepare(sql)))
    return statement
  }
}
