// Numbers of keys: four 32-bit integers in, one small dense number out.
import { allocate, grown } from './memory'

/** Keys stand next to each other, so that a comparison touches one cache line. */
const KEY_BYTES: usize = 16
const FIRST_CAPACITY: i32 = 1024
/** Of each of a key's 16 bytes, one random word for each of its values. */
const HASH_WORDS: usize = 4096

/**
 * The secret words of the hash, which the program around the core fills from the system's generator before the first
 * key. One for all tables of the core, so that it stays in the processor's cache.
 */
export const hashWords: usize = memory.data(<i32>(HASH_WORDS << 2), 16)

/**
 * A hash table with open addressing and linear probing; grows by doubling up to `limit` entries. Ids are dense from 0
 * and are given out again after `removeKey`.
 *
 * The hash is simple tabulation: the exclusive or of one secret random word for each byte of the key. Two keys collide
 * with the chance of two random numbers, in whatever bits they differ, and linear probing stays short for every set of
 * keys (Pătraşcu and Thorup, "The Power of Simple Tabulation Hashing", 2011): nobody who writes packets can choose keys
 * that pile up.
 */
@unmanaged
export class KeyTable {
  keys: usize = 0
  slots: usize = 0
  /** Ids that were removed, to be given out again: a stack. */
  free: usize = 0
  freeCount: i32 = 0
  freeCapacity: i32 = 0
  capacity: i32 = 0
  mask: i32 = 0
  limit: i32 = 0
  /** Ids given out so far, removed ones included: the bound of the columns beside this table. */
  used: i32 = 0
}

export function newKeyTable(limit: i32): KeyTable {
  const table = changetype<KeyTable>(allocate(offsetof<KeyTable>()))
  let capacity = 1
  while (capacity < limit && capacity < FIRST_CAPACITY) capacity *= 2
  table.limit = limit
  table.capacity = capacity
  table.keys = allocate(<usize>capacity * KEY_BYTES)
  table.slots = allocate((<usize>capacity) << 3)
  table.mask = capacity * 2 - 1
  return table
}

/** Entries in the table now. */
export function keyCount(table: KeyTable): i32 {
  return table.used - table.freeCount
}

/** Ids given out so far, removed ones included. */
export function keyIdsUsed(table: KeyTable): i32 {
  return table.used
}

/** The id of the key, or -1. */
export function findKey(table: KeyTable, a: i32, b: i32, c: i32, d: i32): i32 {
  const slots = table.slots
  const keys = table.keys
  const mask = table.mask
  let slot = hash(a, b, c, d) & mask
  while (true) {
    const id = load<i32>(slots + ((<usize>slot) << 2)) - 1
    if (id < 0) return -1
    const key = keys + ((<usize>id) << 4)
    if (load<i32>(key) == a && load<i32>(key, 4) == b && load<i32>(key, 8) == c && load<i32>(key, 12) == d) return id
    slot = (slot + 1) & mask
  }
}

/** Gives the key an id; -1 where the table is full. The key must not be in the table. */
export function addKey(table: KeyTable, a: i32, b: i32, c: i32, d: i32): i32 {
  let id: i32
  if (table.freeCount > 0) {
    table.freeCount--
    id = load<i32>(table.free + (<usize>table.freeCount << 2))
  } else {
    if (table.used >= table.limit) return -1
    if (table.used >= table.capacity) growTable(table)
    id = table.used++
  }
  const key = table.keys + ((<usize>id) << 4)
  store<i32>(key, a)
  store<i32>(key, b, 4)
  store<i32>(key, c, 8)
  store<i32>(key, d, 12)
  place(table, id)
  return id
}

/** The `word`-th integer of an id's key, 0 to 3. */
export function keyWord(table: KeyTable, id: i32, word: i32): i32 {
  return load<i32>(table.keys + ((<usize>id) << 4) + ((<usize>word) << 2))
}

/** Takes the id's key out; the id may be given to another key from now on. */
export function removeKey(table: KeyTable, id: i32): void {
  const slots = table.slots
  const mask = table.mask
  let hole = slotOf(table, id)
  store<i32>(slots + ((<usize>hole) << 2), 0)
  // Backward shift deletion: entries that probed past the hole move into it.
  let slot = (hole + 1) & mask
  while (true) {
    const entry = load<i32>(slots + ((<usize>slot) << 2))
    if (entry == 0) break
    const home = hashOf(table, entry - 1) & mask
    if (((slot - home) & mask) >= ((slot - hole) & mask)) {
      store<i32>(slots + ((<usize>hole) << 2), entry)
      store<i32>(slots + ((<usize>slot) << 2), 0)
      hole = slot
    }
    slot = (slot + 1) & mask
  }
  pushFree(table, id)
}

/** Takes all keys out. */
export function clearKeys(table: KeyTable): void {
  memory.fill(table.slots, 0, (<usize>table.capacity) << 3)
  table.used = 0
  table.freeCount = 0
}

/** Slots that the look-up of the id's key visits: what a flood of chosen keys would drive up. */
export function probesOf(table: KeyTable, id: i32): i32 {
  return ((slotOf(table, id) - hashOf(table, id)) & table.mask) + 1
}

function pushFree(table: KeyTable, id: i32): void {
  if (table.freeCount >= table.freeCapacity) {
    const capacity = table.freeCapacity == 0 ? 64 : 2 * table.freeCapacity
    table.free =
      table.freeCapacity == 0
        ? allocate((<usize>capacity) << 2)
        : grown(table.free, (<usize>table.freeCapacity) << 2, (<usize>capacity) << 2)
    table.freeCapacity = capacity
  }
  store<i32>(table.free + (<usize>table.freeCount << 2), id)
  table.freeCount++
}

function slotOf(table: KeyTable, id: i32): i32 {
  let slot = hashOf(table, id) & table.mask
  while (load<i32>(table.slots + ((<usize>slot) << 2)) != id + 1) slot = (slot + 1) & table.mask
  return slot
}

function place(table: KeyTable, id: i32): void {
  let slot = hashOf(table, id) & table.mask
  while (load<i32>(table.slots + ((<usize>slot) << 2)) != 0) slot = (slot + 1) & table.mask
  store<i32>(table.slots + ((<usize>slot) << 2), id + 1)
}

/** Called where every id is in use. */
function growTable(table: KeyTable): void {
  const capacity = table.capacity * 2
  table.keys = grown(table.keys, <usize>table.capacity * KEY_BYTES, <usize>capacity * KEY_BYTES)
  heap.free(table.slots)
  table.slots = allocate((<usize>capacity) << 3)
  table.capacity = capacity
  table.mask = capacity * 2 - 1
  for (let id = 0; id < table.used; id++) place(table, id)
}

function hashOf(table: KeyTable, id: i32): i32 {
  const key = table.keys + ((<usize>id) << 4)
  return hash(load<i32>(key), load<i32>(key, 4), load<i32>(key, 8), load<i32>(key, 12))
}

function word(byte: i32, place: usize): i32 {
  return load<i32>(hashWords + ((<usize>(byte & 0xff)) << 2) + (place << 10))
}

function hash(a: i32, b: i32, c: i32, d: i32): i32 {
  const sum =
    word(a, 0) ^
    word(a >>> 8, 1) ^
    word(a >>> 16, 2) ^
    word(a >>> 24, 3) ^
    word(b, 4) ^
    word(b >>> 8, 5) ^
    word(b >>> 16, 6) ^
    word(b >>> 24, 7) ^
    word(c, 8) ^
    word(c >>> 8, 9) ^
    word(c >>> 16, 10) ^
    word(c >>> 24, 11) ^
    word(d, 12) ^
    word(d >>> 8, 13) ^
    word(d >>> 16, 14) ^
    word(d >>> 24, 15)
  // Keys that differ in one bit of each byte have hashes that are sums of a few words: no longer so behind this.
  const mixed = (sum ^ (sum >>> 16)) * 0x45d9f3b
  return mixed ^ (mixed >>> 16)
}

/** Where the secret words are, and how many bytes they take. */
export function hashWordsAddress(): usize {
  return hashWords
}

export function hashWordsLength(): i32 {
  return <i32>(HASH_WORDS << 2)
}
