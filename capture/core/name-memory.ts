// Names of an address for a device: by its latest DNS answer, and by the names its flows carried.
import { now } from './clock'
import { NO_NAME } from './constants'
import { addKey, findKey, keyWord, newKeyTable, removeKey } from './key-table'
import { MAX_NAME_MEMORY, REACHED_NAME_MEMORY } from './limits'
import { macNumber } from './macs'
import { allocate, grown } from './memory'
import { countReached } from './reached'

/** Other devices' answers looked at before saying that all agree. */
const MAX_AGREEING: i32 = 64
/** Entries looked at to find a stale one when the table is full. */
const EVICTION_SAMPLE: i32 = 16
const FIRST_ENTRIES: i32 = 1024
const FIRST_ADDRESSES: i32 = 1024
const ENTRY_BYTES: usize = 24
const NO_MAKER: i32 = -1
/** In the first two bytes of a MAC: somebody chose it, as phones do to stay private. */
const LOCAL_BIT: i32 = 0x0200

@unmanaged
class Entry {
  /** When it was last touched. */
  touched: f64 = 0
  /** The name of the latest DNS answer, and the name a flow carried. */
  answered: i32 = 0
  called: i32 = 0
  /** The next entry of the same address, plus one; 0 for none. */
  next: i32 = 0
}

// Names per (device, address), never one map for the whole home: two devices may mean two services by one address.
const table = newKeyTable(MAX_NAME_MEMORY)
let entries: usize = allocate(<usize>FIRST_ENTRIES * ENTRY_BYTES)
let capacity: i32 = FIRST_ENTRIES
/** Per address: its first entry, plus one; 0 for none. */
let firstOfAddress: usize = allocate((<usize>FIRST_ADDRESSES) << 2)
let addressCapacity: i32 = FIRST_ADDRESSES
let hand: i32 = 0

/** `device` (a device key) got a DNS answer: `name` leads to `address`. */
export function rememberAnswer(device: i32, address: i32, name: i32): void {
  const entry = entryAt(entryOf(device, address))
  entry.answered = name
  entry.touched = now
}

/** A flow of the device to the address carried the name, or was named by its DNS. */
export function rememberCall(device: i32, address: i32, name: i32): void {
  const entry = entryAt(entryOf(device, address))
  entry.called = name
  entry.touched = now
}

/** The name of this device's latest answer for the address. */
export function answeredName(device: i32, address: i32): i32 {
  const entry = findKey(table, device, address, 0, 0)
  return entry < 0 ? NO_NAME : entryAt(entry).answered
}

/** What this device called the address before. */
export function calledName(device: i32, address: i32): i32 {
  const entry = findKey(table, device, address, 0, 0)
  return entry < 0 ? NO_NAME : entryAt(entry).called
}

/** The name that the latest answers of all other devices give the address; none where two differ. */
export function othersName(device: i32, address: i32): i32 {
  if (<u32>address >= <u32>addressCapacity) return NO_NAME
  let name = NO_NAME
  let looked = 0
  let id = load<i32>(firstAt(address)) - 1
  while (id >= 0) {
    if (++looked > MAX_AGREEING) return NO_NAME
    const entry = entryAt(id)
    const answer = entry.answered
    if (answer != NO_NAME && keyWord(table, id, 0) != device) {
      if (name != NO_NAME && name != answer) return NO_NAME
      name = answer
    }
    id = entry.next - 1
  }
  return name
}

/**
 * What all devices of the same maker as this one (the first half of their MACs) called the address; none where two
 * differ, and none of a device whose MAC is made up: two cameras of one maker talk to one service, two phones do not.
 */
export function sistersName(device: i32, address: i32): i32 {
  const maker = makerOf(device)
  if (maker == NO_MAKER || <u32>address >= <u32>addressCapacity) return NO_NAME
  let name = NO_NAME
  let looked = 0
  let id = load<i32>(firstAt(address)) - 1
  while (id >= 0) {
    if (++looked > MAX_AGREEING) return NO_NAME
    const entry = entryAt(id)
    const called = entry.called
    const other = keyWord(table, id, 0)
    if (called != NO_NAME && other != device && makerOf(other) == maker) {
      if (name != NO_NAME && name != called) return NO_NAME
      name = called
    }
    id = entry.next - 1
  }
  return name
}

/** The maker's part of the MAC of a device key: 24 bits (IEEE 802, OUI). */
function makerOf(device: i32): i32 {
  if (device >= 0) return NO_MAKER
  const high = macNumber(-device, 0)
  return (high & LOCAL_BIT) != 0 ? NO_MAKER : ((high & 0xffff) << 8) | (macNumber(-device, 1) >>> 24)
}

function entryAt(id: i32): Entry {
  return changetype<Entry>(entries + <usize>id * ENTRY_BYTES)
}

function firstAt(address: i32): usize {
  return firstOfAddress + ((<usize>address) << 2)
}

/** The number of the entry, added where there is none; the one touched longest ago makes room. */
function entryOf(device: i32, address: i32): i32 {
  const known = findKey(table, device, address, 0, 0)
  if (known >= 0) return known
  let id = addKey(table, device, address, 0, 0)
  if (id < 0) {
    countReached(REACHED_NAME_MEMORY)
    forgetOldest()
    id = addKey(table, device, address, 0, 0)
  }
  makeRoom(id, address)
  const entry = entryAt(id)
  entry.answered = NO_NAME
  entry.called = NO_NAME
  entry.next = load<i32>(firstAt(address))
  store<i32>(firstAt(address), id + 1)
  return id
}

function makeRoom(id: i32, address: i32): void {
  if (id >= capacity) {
    const before = <usize>capacity * ENTRY_BYTES
    entries = grown(entries, before, 2 * before)
    capacity *= 2
  }
  if (address >= addressCapacity) {
    const larger = max(address + 1, 2 * addressCapacity)
    firstOfAddress = grown(firstOfAddress, (<usize>addressCapacity) << 2, (<usize>larger) << 2)
    addressCapacity = larger
  }
}

function forgetOldest(): void {
  let oldest = -1
  for (let looked = 0; looked < EVICTION_SAMPLE; looked++) {
    hand = (hand + 1) % table.used
    if (oldest < 0 || entryAt(hand).touched < entryAt(oldest).touched) oldest = hand
  }
  unlink(oldest)
  removeKey(table, oldest)
}

function unlink(id: i32): void {
  const address = keyWord(table, id, 1)
  const next = entryAt(id).next
  if (load<i32>(firstAt(address)) == id + 1) {
    store<i32>(firstAt(address), next)
    return
  }
  let before = load<i32>(firstAt(address)) - 1
  while (entryAt(before).next != id + 1) before = entryAt(before).next - 1
  entryAt(before).next = next
}
