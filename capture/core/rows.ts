// Traffic by binding, host, address and name source.
import { NAMED_BY_NONE, NO_NAME, OTHER_ADDRESS } from './constants'
import { addKey, findKey, keyWord, newKeyTable } from './key-table'
import { MAX_BINDINGS, MAX_ROWS, MAX_ROWS_PER_DEVICE, REACHED_ROWS, REACHED_ROWS_PER_DEVICE } from './limits'
import { allocate, grown } from './memory'
import { countReached } from './reached'
import { newShares, reserveShare } from './shares'

/** Numbers of one row. Bytes are IP bytes seen from the device; first and last in seconds. */
@unmanaged
class Row {
  sent: f64 = 0
  received: f64 = 0
  packets: f64 = 0
  first: f64 = 0
  last: f64 = 0
  /** Protocol << 16 | port of the far end, the lowest port of all flows: a server's rather than one made up. */
  service: i32 = 0
  unused: i32 = 0
}

const ROW_BYTES: usize = 48
const ROW_NUMBERS: i32 = 6
/** Five numbers: one for each of BINDING_…. */
const BINDING_BYTES: usize = 40
const BINDING_NUMBERS: i32 = 5
const FIRST_ROWS: i32 = 1024

// Totals per binding × name × how × remote address, and per binding. Behind the rows proper there is room for one
// nameless row of each binding, so that totals stay exact.
const table = newKeyTable(MAX_ROWS + MAX_BINDINGS)
const shares = newShares(MAX_ROWS_PER_DEVICE, REACHED_ROWS_PER_DEVICE)
let numbers: usize = allocate(<usize>FIRST_ROWS * ROW_BYTES)
let capacity: i32 = FIRST_ROWS
let bindingNumbers: usize = allocate(<usize>FIRST_ROWS * BINDING_BYTES)
let bindingCapacity: i32 = FIRST_ROWS

export function rowsUsed(): i32 {
  return table.used
}

/**
 * The row of the key. Where the table is full, or the share of `owner` (the binding's MAC, or a number of its own where
 * it has none), the binding's nameless row, which takes all the rest.
 */
export function rowOf(owner: i32, binding: i32, name: i32, how: i32, address: i32): i32 {
  const known = findKey(table, binding, name, how, address)
  if (known >= 0) return known
  if (table.used >= MAX_ROWS) countReached(REACHED_ROWS)
  else if (reserveShare(shares, owner)) return addRow(binding, name, how, address)
  const rest = findKey(table, binding, NO_NAME, NAMED_BY_NONE, OTHER_ADDRESS)
  return rest >= 0 ? rest : addRow(binding, NO_NAME, NAMED_BY_NONE, OTHER_ADDRESS)
}

export function creditRow(row: i32, sent: f64, received: f64, packets: f64, first: f64, last: f64): void {
  const record = recordOf(row)
  record.sent += sent
  record.received += received
  record.packets += packets
  if (first < record.first) record.first = first
  if (last > record.last) record.last = last
}

/** A flow of the row goes to this port; protocols without ports have none. */
export function noteService(row: i32, protocol: i32, port: i32): void {
  if (port == 0) return
  const record = recordOf(row)
  if (record.service == 0 || port < (record.service & 0xffff)) record.service = (protocol << 16) | port
}

/** Protocol << 16 | port of the far end; 0 where there is none. */
export function rowService(row: i32): i32 {
  return recordOf(row).service
}

export function bindingOfRow(row: i32): i32 {
  return keyWord(table, row, 0)
}

/** Binding, name, how it is keyed and address of a row: words 0 to 3. */
export function rowWord(row: i32, word: i32): i32 {
  return keyWord(table, row, word)
}

/** `field` is the place in Row. */
export function rowNumber(row: i32, field: i32): f64 {
  return load<f64>(numbers + ((<usize>(row * ROW_NUMBERS + field)) << 3))
}

/** `field` is one of BINDING_…. */
export function addToBinding(binding: i32, field: i32, bytes: f64): void {
  if (binding >= bindingCapacity) {
    const larger = max(binding + 1, 2 * bindingCapacity)
    bindingNumbers = grown(bindingNumbers, <usize>bindingCapacity * BINDING_BYTES, <usize>larger * BINDING_BYTES)
    bindingCapacity = larger
  }
  const at = bindingNumberAt(binding, field)
  store<f64>(at, load<f64>(at) + bytes)
}

export function bindingNumber(binding: i32, field: i32): f64 {
  return <u32>binding < <u32>bindingCapacity ? load<f64>(bindingNumberAt(binding, field)) : 0
}

function addRow(binding: i32, name: i32, how: i32, address: i32): i32 {
  const row = addKey(table, binding, name, how, address)
  if (row >= capacity) {
    const before = <usize>capacity * ROW_BYTES
    numbers = grown(numbers, before, 2 * before)
    capacity *= 2
  }
  const record = recordOf(row)
  record.first = Infinity
  record.last = -Infinity
  record.service = 0
  return row
}

function recordOf(row: i32): Row {
  return changetype<Row>(numbers + <usize>row * ROW_BYTES)
}

function bindingNumberAt(binding: i32, field: i32): usize {
  return bindingNumbers + ((<usize>(binding * BINDING_NUMBERS + field)) << 3)
}
