// The first bytes of one direction of a TCP connection, put in order.
import { type Limit, LIMITS } from './limits.ts'

/** A piece of the stream: where it starts relative to the base, and its bytes. */
interface Segment {
  offset: number
  bytes: Uint8Array
}

/** Bytes before the base that a later segment may still bring, when the connection's start was not seen. */
const MAX_BACKWARD = 65_536

/**
 * Keeps segments that came early and joins those that connect. Sequence numbers wrap at 2^32 (RFC 9293 section 3.4), so
 * they are compared by their signed difference. Retransmitted and overlapping bytes are taken once.
 */
export class StreamAssembly {
  /** Bytes in order from the base on. */
  bytes = new Uint8Array(0)
  length = 0
  /** True once the base is known to be where a message starts, and not just the earliest segment seen. */
  readonly hasBase: boolean
  private base: number
  private waiting: Segment[] = []
  private waitingBytes = 0
  segments = 0

  /** `base` is the sequence number of the first byte wanted. */
  constructor(base: number, hasBase: boolean) {
    this.base = base
    this.hasBase = hasBase
  }

  /** The sequence number behind the bytes in order. */
  get next(): number {
    return (this.base + this.length) | 0
  }

  /** True when no more is to be taken: too many or too large pieces. */
  get isFull(): boolean {
    return this.segments >= LIMITS.assemblySegments || this.length + this.waitingBytes >= LIMITS.assemblyBytes
  }

  /** The cap that was reached where it is full. */
  get fullLimit(): Limit {
    return this.segments >= LIMITS.assemblySegments ? 'assemblySegments' : 'assemblyBytes'
  }

  /** Takes bytes[at, end) at sequence number `sequence`. True when bytes in order grew. */
  add(sequence: number, bytes: Uint8Array, at: number, end: number): boolean {
    this.segments++
    let offset = (sequence - this.base) | 0
    if (offset < 0 && !this.hasBase && offset > -MAX_BACKWARD) {
      this.moveBase(sequence, -offset)
      offset = 0
    }
    if (offset + (end - at) <= this.length) return false
    if (offset > this.length) {
      this.wait(offset, bytes.slice(at, end))
      return false
    }
    this.append(bytes, at + (this.length - offset), end)
    this.joinWaiting()
    return true
  }

  /** Drops the first `count` bytes in order: a message was read. */
  consume(count: number): void {
    this.bytes.copyWithin(0, count, this.length)
    this.length -= count
    this.base = (this.base + count) | 0
    for (const segment of this.waiting) segment.offset -= count
    this.segments = 0
  }

  private wait(offset: number, bytes: Uint8Array): void {
    if (this.waitingBytes + bytes.length > LIMITS.assemblyBytes) return
    this.waiting.push({ offset, bytes })
    this.waitingBytes += bytes.length
  }

  /** An earlier segment came: what was in order becomes a waiting piece behind it. */
  private moveBase(sequence: number, shift: number): void {
    for (const segment of this.waiting) segment.offset += shift
    if (this.length > 0) this.wait(shift, this.bytes.slice(0, this.length))
    this.length = 0
    this.base = sequence
  }

  private joinWaiting(): void {
    for (let joined = true; joined;) {
      joined = false
      for (let index = 0; index < this.waiting.length; index++) {
        const { offset, bytes } = this.waiting[index]
        if (offset > this.length) continue
        this.waiting.splice(index, 1)
        this.waitingBytes -= bytes.length
        if (offset + bytes.length > this.length) this.append(bytes, this.length - offset, bytes.length)
        joined = true
        break
      }
    }
  }

  private append(from: Uint8Array, at: number, end: number): void {
    const length = Math.min(end - at, LIMITS.assemblyBytes - this.length)
    if (length <= 0) return
    if (this.length + length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.length + length, this.bytes.length * 2))
      larger.set(this.bytes.subarray(0, this.length))
      this.bytes = larger
    }
    this.bytes.set(from.subarray(at, at + length), this.length)
    this.length += length
  }
}
