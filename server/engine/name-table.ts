// Numbers of host names. Names are compared as bytes; a string is made only when somebody reads one.
import { KeyedHash } from '../../capture/keyed-hash.ts'
import { grown } from './key-table.ts'
import { LIMITS, type LimitCounter } from './limits.ts'
import { Shares } from './shares.ts'

/** The id of "no name". */
export const NO_NAME = 0

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Host names, case folded (ASCII) and without a trailing dot, each with a number from 1. */
export class NameTable {
  private arena = new Uint8Array(1 << 16)
  private arenaLength = 0
  private starts = new Int32Array(1024)
  private hashes = new Int32Array(1024)
  private slots = new Int32Array(4096)
  private count = 0
  private readonly texts = new Map<number, string>()
  /** Keyed, so that nobody can choose names that collide. */
  private readonly keyedHash = new KeyedHash()
  private readonly limits: LimitCounter
  private readonly shares: Shares

  constructor(limits: LimitCounter) {
    this.limits = limits
    this.shares = new Shares('namesPerDevice', limits)
  }

  /** Names in the table. */
  get size(): number {
    return this.count
  }

  /** The number of the name in bytes[at, end), or NO_NAME where it is not in the table. */
  find(bytes: Uint8Array, at: number, end: number): number {
    end = withoutDot(bytes, at, end)
    return end > at ? this.lookUp(bytes, at, end, this.hash(bytes, at, end)) : NO_NAME
  }

  /** The number of the name in bytes[at, end), given now where it is new; NO_NAME for an empty name or a full table. */
  intern(bytes: Uint8Array, at: number, end: number): number {
    end = withoutDot(bytes, at, end)
    if (end <= at) return NO_NAME
    const hash = this.hash(bytes, at, end)
    const known = this.lookUp(bytes, at, end, hash)
    return known !== NO_NAME ? known : this.add(bytes, at, end, hash)
  }

  /** As `intern`, but a new name must fit into the share of the device (a device key) that brings it in. */
  internFor(device: number, bytes: Uint8Array, at: number, end: number): number {
    const known = this.find(bytes, at, end)
    if (known !== NO_NAME || end <= at || !this.shares.reserve(device)) return known
    return this.intern(bytes, at, end)
  }

  /** The name as text. Bytes that are no UTF-8 are written as \DDD (RFC 1035 section 5.1). */
  text(id: number): string {
    let text = this.texts.get(id)
    if (text === undefined) {
      text = decodeName(this.arena.subarray(this.starts[id - 1], this.starts[id]))
      this.texts.set(id, text)
    }
    return text
  }

  private lookUp(bytes: Uint8Array, at: number, end: number, hash: number): number {
    const { slots, hashes } = this
    const mask = slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = slots[slot]
      if (id === 0) return NO_NAME
      if (hashes[id] === hash && this.isSame(id, bytes, at, end)) return id
    }
  }

  private add(bytes: Uint8Array, at: number, end: number, hash: number): number {
    const length = end - at
    if (this.count >= LIMITS.names || this.arenaLength + length > LIMITS.nameBytes) {
      this.limits.add('names')
      return NO_NAME
    }
    if ((this.count + 2) * 2 > this.slots.length) this.rehash()
    const id = ++this.count
    if (this.arenaLength + length > this.arena.length) this.arena = grown(this.arena, this.arenaLength + length)
    if (id >= this.starts.length) {
      this.starts = grown(this.starts, id + 1)
      this.hashes = grown(this.hashes, id + 1)
    }
    for (let index = 0; index < length; index++) this.arena[this.arenaLength + index] = fold(bytes[at + index])
    this.arenaLength += length
    this.starts[id] = this.arenaLength
    this.hashes[id] = hash
    this.place(id)
    return id
  }

  private isSame(id: number, bytes: Uint8Array, at: number, end: number): boolean {
    const { arena } = this
    const start = this.starts[id - 1]
    if (this.starts[id] - start !== end - at) return false
    for (let index = at, mine = start; index < end; index++, mine++) {
      if (arena[mine] !== fold(bytes[index])) return false
    }
    return true
  }

  private place(id: number): void {
    const mask = this.slots.length - 1
    let slot = this.hashes[id] & mask
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask
    this.slots[slot] = id
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 2)
    for (let id = 1; id <= this.count; id++) this.place(id)
  }

  private hash(bytes: Uint8Array, at: number, end: number): number {
    const { keyedHash } = this
    keyedHash.begin()
    keyedHash.add(end - at)
    for (; at + 4 <= end; at += 4)
      keyedHash.add(
        fold(bytes[at]) | (fold(bytes[at + 1]) << 8) | (fold(bytes[at + 2]) << 16) | (fold(bytes[at + 3]) << 24),
      )
    for (; at < end; at++) keyedHash.add(fold(bytes[at]))
    return keyedHash.end()
  }
}

/** RFC 4343: names compare without regard to the case of ASCII letters. */
function fold(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
}

function withoutDot(bytes: Uint8Array, at: number, end: number): number {
  return end > at && bytes[end - 1] === 0x2e && bytes[end - 2] !== 0x5c ? end - 1 : end
}

function decodeName(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return Array.from(bytes, (byte) =>
      byte < 0x80 ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`,
    ).join('')
  }
}
