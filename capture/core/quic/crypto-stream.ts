// The CRYPTO stream of a QUIC flow, assembled from pieces in any order.
import { MAX_CRYPTO_BYTES, MAX_CRYPTO_RANGES } from '../limits'

const FIRST_CRYPTO_BYTES: i32 = 4096

// One stream: a record of STREAM_BYTES bytes. Zeroed it is empty.
const BYTES: usize = 0
const CAPACITY: usize = 4
const RANGE_COUNT: usize = 8
/** Starts and ends of the pieces there are: disjoint, not touching, in ascending order. */
const RANGES: usize = 16
const RANGE_BYTES: usize = 8
export const STREAM_BYTES: usize = RANGES + <usize>MAX_CRYPTO_RANGES * RANGE_BYTES

export function isEmpty(stream: usize): bool {
  return load<i32>(stream, RANGE_COUNT) == 0
}

export function clearStream(stream: usize): void {
  store<i32>(stream, 0, RANGE_COUNT)
}

/** Clears the stream, and gives back memory beyond what the first piece of a stream gets. */
export function shrinkStream(stream: usize): void {
  clearStream(stream)
  if (load<i32>(stream, CAPACITY) <= FIRST_CRYPTO_BYTES) return
  heap.free(load<usize>(stream, BYTES))
  store<usize>(stream, 0, BYTES)
  store<i32>(stream, 0, CAPACITY)
}

/** Where the stream's bytes are, until the next piece is added. */
export function streamBytes(stream: usize): usize {
  return load<usize>(stream, BYTES)
}

/** Bytes from the start of the stream without a gap. */
export function wholeOf(stream: usize): i32 {
  return load<i32>(stream, RANGE_COUNT) > 0 && startOf(stream, 0) == 0 ? endOf(stream, 0) : 0
}

/** Stores a piece of the stream at its offset. Beyond the limits it is dropped, as if its packet had been lost. */
export function addPiece(stream: usize, at: usize, end: usize, offset: i64): void {
  const streamEnd = offset + <i64>(end - at)
  if (end == at || streamEnd > MAX_CRYPTO_BYTES) return
  if (!addRange(stream, <i32>offset, <i32>streamEnd)) return
  if (<i32>streamEnd > load<i32>(stream, CAPACITY)) growStream(stream, <i32>streamEnd)
  memory.copy(load<usize>(stream, BYTES) + <usize>offset, at, end - at)
}

function growStream(stream: usize, needed: i32): void {
  const before = load<i32>(stream, CAPACITY)
  let size = max(FIRST_CRYPTO_BYTES, before)
  while (size < needed) size *= 2
  const larger = heap.alloc(size)
  if (before > 0) {
    memory.copy(larger, load<usize>(stream, BYTES), before)
    heap.free(load<usize>(stream, BYTES))
  }
  store<usize>(stream, larger, BYTES)
  store<i32>(stream, size, CAPACITY)
}

function rangeAt(stream: usize, index: i32): usize {
  return stream + RANGES + <usize>index * RANGE_BYTES
}

function startOf(stream: usize, index: i32): i32 {
  return load<i32>(rangeAt(stream, index))
}

function endOf(stream: usize, index: i32): i32 {
  return load<i32>(rangeAt(stream, index), 4)
}

function setRange(stream: usize, index: i32, start: i32, end: i32): void {
  store<i32>(rangeAt(stream, index), start)
  store<i32>(rangeAt(stream, index), end, 4)
}

/** Merges [start, end) into the ranges; false when it is there already or no room is left for one more. */
function addRange(stream: usize, start: i32, end: i32): bool {
  const count = load<i32>(stream, RANGE_COUNT)
  let first = 0
  while (first < count && endOf(stream, first) < start) first++
  let last = first
  while (last < count && startOf(stream, last) <= end) last++
  if (last == first) {
    if (count == MAX_CRYPTO_RANGES) return false
    memory.copy(rangeAt(stream, first + 1), rangeAt(stream, first), <usize>(count - first) * RANGE_BYTES)
    setRange(stream, first, start, end)
    store<i32>(stream, count + 1, RANGE_COUNT)
    return true
  }
  if (startOf(stream, first) <= start && endOf(stream, first) >= end) return false
  // Ranges first to last - 1 touch the new one and become one with it.
  setRange(stream, first, min(start, startOf(stream, first)), max(end, endOf(stream, last - 1)))
  memory.copy(rangeAt(stream, first + 1), rangeAt(stream, last), <usize>(count - last) * RANGE_BYTES)
  store<i32>(stream, count - (last - first - 1), RANGE_COUNT)
  return true
}
