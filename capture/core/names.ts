// Numbers of host names. Names are compared as bytes; the program around makes a string where somebody reads one.
import { NO_NAME } from './constants'
import { beginHash, endHash, hashWord } from './keyed-hash'
import { MAX_NAME_BYTES, MAX_NAMES, MAX_NAMES_PER_DEVICE, REACHED_NAMES, REACHED_NAMES_PER_DEVICE } from './limits'
import { allocate, grown } from './memory'
import { countReached } from './reached'
import { newShares, reserveShare } from './shares'

const FIRST_BYTES: i32 = 1 << 16
const FIRST_NAMES: i32 = 1024
const FIRST_SLOTS: i32 = 4096
const DOT: u8 = 0x2e
const BACKSLASH: u8 = 0x5c

// Host names, case folded (ASCII) and without a trailing dot, each with a number from 1.
let arena: usize = allocate(<usize>FIRST_BYTES)
let arenaCapacity: i32 = FIRST_BYTES
let arenaLength: i32 = 0
/** By number: where the next name starts in the arena, and the hash. */
let ends: usize = allocate((<usize>FIRST_NAMES) << 2)
let hashes: usize = allocate((<usize>FIRST_NAMES) << 2)
let capacity: i32 = FIRST_NAMES
let slots: usize = allocate((<usize>FIRST_SLOTS) << 2)
let slotCount: i32 = FIRST_SLOTS
let count: i32 = 0
const shares = newShares(MAX_NAMES_PER_DEVICE, REACHED_NAMES_PER_DEVICE)

/** Names in the table. */
export function nameCount(): i32 {
  return count
}

/** Where the bytes of a name are, until the next one is added; NO_NAME is empty. */
export function nameAt(id: i32): usize {
  return id > 0 ? arena + load<u32>(ends + ((<usize>(id - 1)) << 2)) : arena
}

export function nameEndOf(id: i32): usize {
  return arena + load<u32>(ends + ((<usize>id) << 2))
}

/** The number of the name in the bytes [at, end), or NO_NAME where it is not in the table. */
export function findName(at: usize, end: usize): i32 {
  const to = withoutDot(at, end)
  return to > at ? lookUp(at, to, hashOf(at, to)) : NO_NAME
}

/** The number of the name, given now where it is new; NO_NAME for an empty name or a full table. */
export function internName(at: usize, end: usize): i32 {
  const to = withoutDot(at, end)
  if (to <= at) return NO_NAME
  const hash = hashOf(at, to)
  const known = lookUp(at, to, hash)
  return known != NO_NAME ? known : add(at, to, hash)
}

/** The number of the name; a new one must fit into the share of the device (a device key) that brings it in. */
export function internNameFor(device: i32, at: usize, end: usize): i32 {
  const to = withoutDot(at, end)
  let hash = 0
  if (to > at) {
    hash = hashOf(at, to)
    const known = lookUp(at, to, hash)
    if (known != NO_NAME) return known
  }
  // The root of all names takes of the share as well.
  if (end <= at || !reserveShare(shares, device)) return NO_NAME
  return to > at ? add(at, to, hash) : NO_NAME
}

function lookUp(at: usize, end: usize, hash: i32): i32 {
  const mask = slotCount - 1
  let slot = hash & mask
  while (true) {
    const id = load<i32>(slots + ((<usize>slot) << 2))
    if (id == 0) return NO_NAME
    if (load<i32>(hashes + ((<usize>id) << 2)) == hash && isSame(id, at, end)) return id
    slot = (slot + 1) & mask
  }
}

function add(at: usize, end: usize, hash: i32): i32 {
  const length = <i32>(end - at)
  if (count >= MAX_NAMES || arenaLength + length > MAX_NAME_BYTES) {
    countReached(REACHED_NAMES)
    return NO_NAME
  }
  if ((count + 2) * 2 > slotCount) rehash()
  const id = ++count
  makeRoom(length)
  const mine = arena + <usize>arenaLength
  for (let index: usize = 0; index < <usize>length; index++) {
    store<u8>(mine + index, <u8>fold(<i32>load<u8>(at + index)))
  }
  arenaLength += length
  store<i32>(ends + ((<usize>id) << 2), arenaLength)
  store<i32>(hashes + ((<usize>id) << 2), hash)
  place(id)
  return id
}

/** For a name of `length` bytes, whose number is the count. */
function makeRoom(length: i32): void {
  const needed = arenaLength + length
  if (needed > arenaCapacity) {
    const larger = max(needed, 2 * arenaCapacity)
    arena = grown(arena, <usize>arenaCapacity, <usize>larger)
    arenaCapacity = larger
  }
  if (count < capacity) return
  const before = (<usize>capacity) << 2
  ends = grown(ends, before, before << 1)
  hashes = grown(hashes, before, before << 1)
  capacity *= 2
}

function isSame(id: i32, at: usize, end: usize): bool {
  let mine = nameAt(id)
  if (nameEndOf(id) - mine != end - at) return false
  for (; at < end; at++, mine++) {
    if (<i32>load<u8>(mine) != fold(<i32>load<u8>(at))) return false
  }
  return true
}

function place(id: i32): void {
  const mask = slotCount - 1
  let slot = load<i32>(hashes + ((<usize>id) << 2)) & mask
  while (load<i32>(slots + ((<usize>slot) << 2)) != 0) slot = (slot + 1) & mask
  store<i32>(slots + ((<usize>slot) << 2), id)
}

function rehash(): void {
  heap.free(slots)
  slotCount *= 2
  slots = allocate((<usize>slotCount) << 2)
  for (let id = 1; id <= count; id++) place(id)
}

function hashOf(at: usize, end: usize): i32 {
  beginHash()
  hashWord(<i32>(end - at))
  for (; at + 4 <= end; at += 4) hashWord(foldWord(load<u32>(at)))
  for (; at < end; at++) hashWord(fold(<i32>load<u8>(at)))
  return endHash()
}

/** RFC 4343: names compare without regard to the case of ASCII letters. */
function fold(byte: i32): i32 {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
}

/** Each of the word's four bytes folded. */
function foldWord(word: u32): i32 {
  const low = word & 0x7f7f7f7f
  // In the highest bit of each byte: whether it is at least "A", and whether it is above "Z".
  const isLetter = (low + 0x3f3f3f3f) & ~(low + 0x25252525) & ~word & 0x80808080
  return <i32>(word | (isLetter >>> 2))
}

/** A dot that is the whole name is the root; there is no byte before it to look at. */
function withoutDot(at: usize, end: usize): usize {
  if (end <= at || load<u8>(end - 1) != DOT) return end
  return end - at >= 2 && load<u8>(end - 2) == BACKSLASH ? end : end - 1
}
