// Rows of the upload meter: what each device and endpoint moved that is not reported yet.
import { allocate, grown, release } from '../memory'
import { addKey, findKey, keyCount, newKeyTable, removeKey } from '../key-table'
import { append, newList, takeOut } from './linked-list'
import { MAX_METER_ROWS } from './activity-limits'

const WINDOW_SECONDS: i32 = 10
const WINDOW_BYTES: usize = (<usize>WINDOW_SECONDS) << 4

@unmanaged
export class MeterRow {
  /** First second of what is not reported yet, and last second in which it moved something. */
  first: f64 = 0
  second: f64 = 0
  sent: f64 = 0
  received: f64 = 0
  /** The upload, what a row sent without a pause of 20 s: its first (NaN for none) and last second, bytes, peak. */
  uploadFrom: f64 = 0
  uploadLast: f64 = 0
  uploadSent: f64 = 0
  uploadReceived: f64 = 0
  uploadPeak: f64 = 0
  device: i32 = 0
  endpoint: i32 = 0
  isTouched: i32 = 0
  isNew: i32 = 0
  /** The upload's last ten seconds have held as much as an upload of note. */
  isLoud: i32 = 0
  unused: i32 = 0
  /** Sent beyond acknowledgements by second modulo ten, and the second of each place; 0 before the first upload. */
  window: usize = 0
}
const ROW_BYTES: usize = 104
const FIRST_ROWS: i32 = 64

const table = newKeyTable(MAX_METER_ROWS)
/** All rows in the order in which they were opened, rows with something that is not reported yet, and loud ones. */
export const allRows = newList()
export const touchedRows = newList()
export const loudRows = newList()
let rows: usize = 0
let capacity: i32 = 0

export function meterRow(id: i32): MeterRow {
  return changetype<MeterRow>(rows + <usize>id * ROW_BYTES)
}

export function findRow(device: i32, endpoint: i32): i32 {
  return findKey(table, device, endpoint, 0, 0)
}

export function areRowsFull(): bool {
  return keyCount(table) >= MAX_METER_ROWS
}

/** A new row; there must be room for it. */
export function addRow(device: i32, endpoint: i32, second: f64): i32 {
  const id = addKey(table, device, endpoint, 0, 0)
  if (id >= capacity) growRows()
  const row = meterRow(id)
  row.device = device
  row.endpoint = endpoint
  row.first = second
  row.second = second
  row.sent = 0
  row.received = 0
  row.isTouched = 0
  row.isNew = 1
  row.uploadFrom = NaN
  row.isLoud = 0
  row.window = 0
  append(allRows, id)
  return id
}

export function removeRow(id: i32): void {
  const row = meterRow(id)
  if (row.window != 0) release(row.window)
  row.window = 0
  takeOut(allRows, id)
  takeOut(touchedRows, id)
  takeOut(loudRows, id)
  removeKey(table, id)
}

export function hasUpload(row: MeterRow): bool {
  return row.uploadFrom == row.uploadFrom
}

/** Adds to the row's window and returns what it holds. */
export function slide(row: MeterRow, second: f64, net: f64): f64 {
  if (row.window == 0) row.window = newWindow()
  const window = row.window
  const length: f64 = <f64>WINDOW_SECONDS
  const place = window + ((<usize>(second - length * Math.floor(second / length))) << 4)
  const known = load<f64>(place, 8)
  if (known != second) {
    if (known > second) return 0
    store<f64>(place, second, 8)
    store<f64>(place, 0)
  }
  store<f64>(place, load<f64>(place) + net)
  let sum: f64 = 0
  for (let at = window; at < window + WINDOW_BYTES; at += 16) {
    const known = load<f64>(at, 8)
    if (known > second - length && known <= second) sum += load<f64>(at)
  }
  return sum
}

/** Places of an amount and its second. */
function newWindow(): usize {
  const window = allocate(WINDOW_BYTES)
  for (let at = window; at < window + WINDOW_BYTES; at += 16) store<f64>(at, -Infinity, 8)
  return window
}

function growRows(): void {
  const larger = max<i32>(FIRST_ROWS, 2 * capacity)
  const bytes = <usize>larger * ROW_BYTES
  rows = capacity == 0 ? allocate(bytes) : grown(rows, <usize>capacity * ROW_BYTES, bytes)
  capacity = larger
}
