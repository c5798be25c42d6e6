// The packed cells of a damaged traffic history: read strictly, and put on devices and endpoints that are known.
import type { Connection } from '../../capture/sources/sqlite.ts'
import {
  addToBuckets,
  addToChunk,
  CHUNK_MINUTES,
  encodeBuckets,
  encodeChunk,
  MINUTE,
  readBuckets,
  readChunk,
  type BucketCells,
  type ChunkCells,
} from './cells.ts'

/** Devices that a key has room for; see rows.ts. */
const DEVICES = 2 ** 20
/** A local day has 25 hours at most; a bucket is never longer. */
const LONGEST_BUCKET = 25 * 3_600
/** More than any line moves in a bucket. */
const MOST_BYTES = 2 ** 52

interface Known {
  devices: Set<number>
  other: () => number
  endpoints: Set<number>
}

/** Uses of endpoints by devices as the rows of traffic show them, for those that the list of uses has lost. */
export class NewUses {
  private readonly pairs = new Map<
    string,
    { device: number; endpoint: number; first: number; last: number; bytes: number }
  >()

  /** Hours repeat what minutes told, and days what hours did: the most is kept, not the sum of the tables. */
  note(device: number, endpoint: number, first: number, last: number, bytes: number): void {
    const key = `${device} ${endpoint}`
    const known = this.pairs.get(key)
    if (known === undefined) {
      this.pairs.set(key, { device, endpoint, first, last, bytes })
      return
    }
    known.first = Math.min(known.first, first)
    known.last = Math.max(known.last, last)
    known.bytes += bytes
  }

  write(connection: Connection): void {
    const insert = connection.prepare('INSERT OR IGNORE INTO pairs VALUES (?, ?, ?, ?, ?)')
    const first = connection.prepare('UPDATE devices SET first = ? WHERE id = ? AND (first IS NULL OR first > ?)')
    const last = connection.prepare('UPDATE devices SET last = ? WHERE id = ? AND (last IS NULL OR last < ?)')
    for (const pair of this.pairs.values()) {
      insert.run(pair.device, pair.endpoint, pair.first, pair.last, pair.bytes)
      first.run(pair.first, pair.device, pair.first)
      last.run(pair.last - 1, pair.device, pair.last - 1)
    }
  }
}

/** The row anew, with endpoints that are not known as "other"; null where it holds something else, or nothing. */
export function mendedCells(
  table: 'minutes' | 'hours' | 'days',
  id: number,
  cells: Uint8Array,
  known: Known,
  uses: NewUses,
): { id: number; cells: Uint8Array } | null {
  const device = id % DEVICES
  const start = Math.floor(id / DEVICES) * MINUTE
  if (!known.devices.has(device)) return null
  if (cells.length === 0) return { id, cells }
  return table === 'minutes'
    ? mendedChunk(id, device, start, cells, known, uses)
    : mendedBuckets(id, device, start, cells, known, uses)
}

function mendedChunk(
  id: number,
  device: number,
  start: number,
  bytes: Uint8Array,
  known: Known,
  uses: NewUses,
): { id: number; cells: Uint8Array } | null {
  const read: ChunkCells = new Map()
  const mended: ChunkCells = new Map()
  let isSane = true
  readChunk(bytes, (endpoint, minute, sent, received) => {
    isSane &&= areBytes(sent, received) && Number.isSafeInteger(endpoint)
    addToChunk(read, endpoint, minute, sent, received)
    addToChunk(mended, target(endpoint, known), minute, sent, received)
  })
  // What was written here is written the same way again; bytes that were not come out as something else.
  if (!isSane || read.size === 0 || !encodeChunk(read).equals(bytes)) return null
  for (const [endpoint, amounts] of mended)
    uses.note(
      device,
      endpoint,
      start,
      start + CHUNK_MINUTES * MINUTE,
      amounts.reduce((sum, amount) => sum + amount, 0),
    )
  return { id, cells: encodeChunk(mended) }
}

function mendedBuckets(
  id: number,
  device: number,
  start: number,
  bytes: Uint8Array,
  known: Known,
  uses: NewUses,
): { id: number; cells: Uint8Array } | null {
  const read: BucketCells = new Map()
  const mended: BucketCells = new Map()
  let isSane = true
  readBuckets(bytes, start, (endpoint, bucket) => {
    isSane &&= areBytes(bucket.sent, bucket.received) && Number.isSafeInteger(endpoint)
    isSane &&= bucket.last - start <= LONGEST_BUCKET
    addToBuckets(read, endpoint, { ...bucket })
    addToBuckets(mended, target(endpoint, known), { ...bucket })
  })
  if (!isSane || read.size === 0 || !encodeBuckets(read, start).equals(bytes)) return null
  for (const [endpoint, { first, last, sent, received }] of mended)
    uses.note(device, endpoint, first, last, sent + received)
  return { id, cells: encodeBuckets(mended, start) }
}

function target(endpoint: number, known: Known): number {
  return known.endpoints.has(endpoint) ? endpoint : known.other()
}

function areBytes(sent: number, received: number): boolean {
  return Math.abs(sent) <= MOST_BYTES && Math.abs(received) <= MOST_BYTES
}
