// Encoding of a device's cells: variable-length integers, sorted by endpoint, a third of the size of a table's row
// each.
export const MINUTE = 60
/** Minutes that share a row of the minute tier. */
export const CHUNK_MINUTES = 5
export const CHUNK = CHUNK_MINUTES * MINUTE

/** Per endpoint: sent and received of each minute of the chunk in turn. */
export type ChunkCells = Map<number, Float64Array>

/** Bytes in an hour or a day; the first minute that moved anything, and the end of the last. */
export interface Bucket {
  sent: number
  received: number
  first: number
  last: number
}

export type BucketCells = Map<number, Bucket>

export class ByteWriter {
  private bytes = Buffer.alloc(4_096)
  private length = 0

  byte(value: number): void {
    if (this.length === this.bytes.length) this.bytes = Buffer.concat([this.bytes], this.bytes.length * 2)
    this.bytes[this.length++] = value
  }

  /** LEB128 of an integer from 0 to 2^53. */
  unsigned(value: number): void {
    let rest = value
    while (rest >= 128) {
      this.byte((rest % 128) + 128)
      rest = Math.floor(rest / 128)
    }
    this.byte(rest)
  }

  /** Small amounts of either sign stay short: 0, -1, 1, -2 … become 0, 1, 2, 3 … */
  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value)
  }

  drain(): Buffer {
    const drained = Buffer.from(this.bytes.subarray(0, this.length))
    this.length = 0
    return drained
  }
}

export class ByteReader {
  private readonly bytes: Uint8Array
  private at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get done(): boolean {
    return this.at >= this.bytes.length
  }

  byte(): number {
    return this.bytes[this.at++] ?? 0
  }

  unsigned(): number {
    let value = this.byte()
    if (value < 128) return value
    value -= 128
    for (let scale = 128; ; scale *= 128) {
      const next = this.byte()
      if (next < 128) return value + next * scale
      value += (next - 128) * scale
    }
  }

  signed(): number {
    const value = this.unsigned()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
}

const writer = new ByteWriter()

function sorted<Value>(cells: Map<number, Value>): [number, Value][] {
  return [...cells].sort((left, right) => left[0] - right[0])
}

function minutesUsed(amounts: Float64Array): number {
  let mask = 0
  for (let minute = 0; minute < CHUNK_MINUTES; minute += 1) {
    if (amounts[2 * minute] !== 0 || amounts[2 * minute + 1] !== 0) mask |= 1 << minute
  }
  return mask
}

/** Empty where all amounts are zero. */
export function encodeChunk(cells: ChunkCells): Buffer {
  let before = 0
  for (const [endpoint, amounts] of sorted(cells)) {
    const mask = minutesUsed(amounts)
    if (mask === 0) continue
    writer.unsigned(endpoint - before)
    writer.byte(mask)
    before = endpoint
    for (let minute = 0; minute < CHUNK_MINUTES; minute += 1) {
      if ((mask & (1 << minute)) === 0) continue
      writer.signed(amounts[2 * minute])
      writer.signed(amounts[2 * minute + 1])
    }
  }
  return writer.drain()
}

/** Calls `visit` with the endpoint, the number of the minute in the chunk, bytes sent and received. */
export function readChunk(
  bytes: Uint8Array,
  visit: (endpoint: number, minute: number, sent: number, received: number) => void,
): void {
  const reader = new ByteReader(bytes)
  let endpoint = 0
  while (!reader.done) {
    endpoint += reader.unsigned()
    const mask = reader.byte()
    for (let minute = 0; minute < CHUNK_MINUTES; minute += 1) {
      if ((mask & (1 << minute)) === 0) continue
      const sent = reader.signed()
      visit(endpoint, minute, sent, reader.signed())
    }
  }
}

export function addToChunk(cells: ChunkCells, endpoint: number, minute: number, sent: number, received: number): void {
  let amounts = cells.get(endpoint)
  if (amounts === undefined) cells.set(endpoint, (amounts = new Float64Array(2 * CHUNK_MINUTES)))
  amounts[2 * minute] = amounts[2 * minute] + sent
  amounts[2 * minute + 1] = amounts[2 * minute + 1] + received
}

/** `start` is the bucket's, in seconds; first and last are kept in minutes from it. */
export function encodeBuckets(cells: BucketCells, start: number): Buffer {
  let before = 0
  for (const [endpoint, { sent, received, first, last }] of sorted(cells)) {
    writer.unsigned(endpoint - before)
    before = endpoint
    writer.signed(sent)
    writer.signed(received)
    writer.unsigned(Math.max(0, Math.floor((first - start) / MINUTE)))
    writer.unsigned(Math.max(0, Math.ceil((last - first) / MINUTE)))
  }
  return writer.drain()
}

export function readBuckets(bytes: Uint8Array, start: number, visit: (endpoint: number, bucket: Bucket) => void): void {
  const reader = new ByteReader(bytes)
  let endpoint = 0
  while (!reader.done) {
    endpoint += reader.unsigned()
    const sent = reader.signed()
    const received = reader.signed()
    const first = start + reader.unsigned() * MINUTE
    visit(endpoint, { sent, received, first, last: first + reader.unsigned() * MINUTE })
  }
}

export function addToBuckets(cells: BucketCells, endpoint: number, { sent, received, first, last }: Bucket): void {
  const known = cells.get(endpoint)
  if (known === undefined) {
    cells.set(endpoint, { sent, received, first, last })
    return
  }
  known.sent += sent
  known.received += received
  known.first = Math.min(known.first, first)
  known.last = Math.max(known.last, last)
}
