// Numbers of keys: four 32-bit integers in, one small dense number out, without an object a look-up.
import { randomFillSync } from 'node:crypto'
import { grown } from './grown.ts'

export { grown }

/** Keys stand next to each other, so that a comparison touches one cache line. */
const KEY_WORDS = 4
const FIRST_CAPACITY = 1024
/** Of each of a key's 16 bytes, one random word for each of its values. */
const HASH_WORDS = 4096

/**
 * The secret of the hash. From the system's generator: the words of Math.random depend on each other by exclusive or,
 * which is how they are combined here. One for all tables of the process, so that it stays in the processor's cache.
 */
export function newHashWords(): Int32Array {
  return randomFillSync(new Int32Array(HASH_WORDS))
}

const PROCESS_HASH_WORDS = newHashWords()

/**
 * Open addressing with linear probing over typed arrays; grows by doubling up to `limit` entries. Ids are dense from 0
 * and are given out again after `remove`.
 *
 * The hash is simple tabulation: the exclusive or of one secret random word for each byte of the key. Two keys collide
 * with the chance of two random numbers, in whatever bits they differ, and linear probing stays short for every set of
 * keys (Pătraşcu and Thorup, "The Power of Simple Tabulation Hashing", 2011): nobody who writes packets can choose keys
 * that pile up.
 */
export class KeyTable {
  private keys: Int32Array
  private slots: Int32Array
  private mask: number
  private readonly limit: number
  private readonly words: Int32Array
  private free: number[] = []
  /** Ids given out so far, removed ones included: the bound of the columns beside this table. */
  used = 0

  constructor(limit: number, hashWords: Int32Array = PROCESS_HASH_WORDS) {
    this.limit = limit
    this.words = hashWords
    const capacity = Math.min(FIRST_CAPACITY, powerOfTwo(limit))
    this.keys = new Int32Array(capacity * KEY_WORDS)
    this.slots = new Int32Array(capacity * 2)
    this.mask = this.slots.length - 1
  }

  /** Entries in the table now. */
  get size(): number {
    return this.used - this.free.length
  }

  /** The id of the key, or -1. */
  find(a: number, b: number, c: number, d: number): number {
    const { keys, slots, mask } = this
    for (let slot = this.hash(a, b, c, d) & mask; ; slot = (slot + 1) & mask) {
      const id = slots[slot] - 1
      if (id < 0) return -1
      const at = id << 2
      if (keys[at] === a && keys[at + 1] === b && keys[at + 2] === c && keys[at + 3] === d) return id
    }
  }

  /** Gives the key an id; -1 where the table is full. The key must not be in the table. */
  add(a: number, b: number, c: number, d: number): number {
    let id = this.free.pop()
    if (id === undefined) {
      if (this.used >= this.limit) return -1
      if (this.used * KEY_WORDS >= this.keys.length) this.grow()
      id = this.used++
    }
    const at = id << 2
    this.keys[at] = a
    this.keys[at + 1] = b
    this.keys[at + 2] = c
    this.keys[at + 3] = d
    this.place(id)
    return id
  }

  /** Slots that the look-up of each id's key visits: what a flood of chosen keys would drive up. */
  probes(): { longest: number; total: number } {
    let longest = 0
    let total = 0
    for (let slot = 0; slot < this.slots.length; slot++) {
      if (this.slots[slot] === 0) continue
      const visited = ((slot - this.hashOf(this.slots[slot] - 1)) & this.mask) + 1
      total += visited
      if (visited > longest) longest = visited
    }
    return { longest, total }
  }

  /** The `word`-th integer of an id's key. */
  key(id: number, word: 0 | 1 | 2 | 3): number {
    return this.keys[(id << 2) + word]
  }

  /** Takes the id's key out; the id may be given to another key from now on. */
  remove(id: number): void {
    const { slots, mask } = this
    let hole = this.slotOf(id)
    slots[hole] = 0
    // Backward shift deletion: entries that probed past the hole move into it.
    for (let slot = (hole + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.hashOf(slots[slot] - 1) & mask
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue
      slots[hole] = slots[slot]
      slots[slot] = 0
      hole = slot
    }
    this.free.push(id)
  }

  private slotOf(id: number): number {
    let slot = this.hashOf(id) & this.mask
    while (this.slots[slot] !== id + 1) slot = (slot + 1) & this.mask
    return slot
  }

  private place(id: number): void {
    let slot = this.hashOf(id) & this.mask
    while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask
    this.slots[slot] = id + 1
  }

  private grow(): void {
    const capacity = (this.keys.length / KEY_WORDS) * 2
    this.keys = grown(this.keys, capacity * KEY_WORDS)
    this.slots = new Int32Array(capacity * 2)
    this.mask = this.slots.length - 1
    const removed = new Set(this.free)
    for (let id = 0; id < this.used; id++) if (!removed.has(id)) this.place(id)
  }

  private hashOf(id: number): number {
    const at = id << 2
    return this.hash(this.keys[at], this.keys[at + 1], this.keys[at + 2], this.keys[at + 3])
  }

  private hash(a: number, b: number, c: number, d: number): number {
    const { words } = this
    const hash =
      words[a & 0xff] ^
      words[0x100 | ((a >>> 8) & 0xff)] ^
      words[0x200 | ((a >>> 16) & 0xff)] ^
      words[0x300 | (a >>> 24)] ^
      words[0x400 | (b & 0xff)] ^
      words[0x500 | ((b >>> 8) & 0xff)] ^
      words[0x600 | ((b >>> 16) & 0xff)] ^
      words[0x700 | (b >>> 24)] ^
      words[0x800 | (c & 0xff)] ^
      words[0x900 | ((c >>> 8) & 0xff)] ^
      words[0xa00 | ((c >>> 16) & 0xff)] ^
      words[0xb00 | (c >>> 24)] ^
      words[0xc00 | (d & 0xff)] ^
      words[0xd00 | ((d >>> 8) & 0xff)] ^
      words[0xe00 | ((d >>> 16) & 0xff)] ^
      words[0xf00 | (d >>> 24)]
    // Keys that differ in one bit of each byte have hashes that are sums of a few words: no longer so behind this.
    const mixed = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
    return mixed ^ (mixed >>> 16)
  }
}

function powerOfTwo(least: number): number {
  let value = 1
  while (value < least) value *= 2
  return value
}
