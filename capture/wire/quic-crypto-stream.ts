// The CRYPTO stream of a QUIC flow, assembled from pieces in any order.

/** Bytes of CRYPTO stream kept per flow; real hellos are below 4 KiB. */
export const MAX_CRYPTO_BYTES = 32 * 1024
/** Separate pieces of CRYPTO stream kept per flow. Chrome cuts a hello into some ten pieces and shuffles them. */
export const MAX_CRYPTO_RANGES = 64
const FIRST_CRYPTO_BYTES = 4096

/** Keeps its memory when it is cleared. */
export class CryptoStream {
  bytes = new Uint8Array(0)
  /** Starts and ends of the pieces there are: disjoint, not touching, in ascending order. */
  private readonly ranges = new Int32Array(2 * MAX_CRYPTO_RANGES)
  private rangeCount = 0

  get isEmpty(): boolean {
    return this.rangeCount === 0
  }

  clear(): void {
    this.rangeCount = 0
  }

  /** Bytes from the start of the stream without a gap. */
  get whole(): number {
    return this.rangeCount > 0 && this.ranges[0] === 0 ? this.ranges[1] : 0
  }

  /** Stores a piece of the stream at its offset. Beyond the limits it is dropped, as if its packet had been lost. */
  add(content: Uint8Array, at: number, end: number, offset: number): void {
    const streamEnd = offset + (end - at)
    if (end === at || streamEnd > MAX_CRYPTO_BYTES) return
    if (!this.addRange(offset, streamEnd)) return
    if (streamEnd > this.bytes.length) this.grow(streamEnd)
    this.bytes.set(content.subarray(at, end), offset)
  }

  private grow(needed: number): void {
    let size = Math.max(FIRST_CRYPTO_BYTES, this.bytes.length)
    while (size < needed) size *= 2
    const grown = new Uint8Array(size)
    grown.set(this.bytes)
    this.bytes = grown
  }

  /** Merges [start, end) into the ranges; false when it is there already or no room is left for one more. */
  private addRange(start: number, end: number): boolean {
    const ranges = this.ranges
    let first = 0
    while (first < this.rangeCount && ranges[2 * first + 1] < start) first++
    let last = first
    while (last < this.rangeCount && ranges[2 * last] <= end) last++
    if (last === first) {
      if (this.rangeCount === MAX_CRYPTO_RANGES) return false
      ranges.copyWithin(2 * first + 2, 2 * first, 2 * this.rangeCount)
      ranges[2 * first] = start
      ranges[2 * first + 1] = end
      this.rangeCount++
      return true
    }
    if (ranges[2 * first] <= start && ranges[2 * first + 1] >= end) return false
    // Ranges first to last - 1 touch the new one and become one with it.
    ranges[2 * first] = Math.min(start, ranges[2 * first])
    ranges[2 * first + 1] = Math.max(end, ranges[2 * last - 1])
    ranges.copyWithin(2 * first + 2, 2 * last, 2 * this.rangeCount)
    this.rangeCount -= last - first - 1
    return true
  }
}
