// Cells of the second that is over, made of the rows of its tick.
import { OTHER_BINDING } from '../constants'
import { MAX_MACS } from '../limits'
import { allocate, grown } from '../memory'
import { deviceKey } from '../ownership'
import { bindingOfRow } from '../rows'
import { tickReceived, tickRowIds, tickRows, tickSent } from '../ticks'
import { CELL_BYTES, roomForCells, writeCell } from './cells'

const FIRST_ROWS: i32 = 1024
const ROW_BYTES: usize = 8

/** By row: the device that it was last counted for, and its endpoint's number; 0 where it has none yet. */
let columns: usize = 0
let capacity: i32 = 0

/** MACs have negative keys: counted from the table's size on, every key is a number for a cell. */
export function deviceNumber(binding: i32): i32 {
  return deviceKey(binding) + MAX_MACS
}

/** The program around the core knows the row: these are its numbers. */
export function numberTickRow(row: i32, device: i32, endpoint: i32): void {
  if (row >= capacity) growColumns(row)
  const at = columns + <usize>row * ROW_BYTES
  store<i32>(at, device)
  store<i32>(at, endpoint, 4)
}

/**
 * Writes the cells of the tick where `roomForCells` says and returns how many they are; -1 where the program around the
 * core must number a row first. Nobody in particular has no habits and does nothing.
 */
export function makeTickCells(second: f64): i32 {
  const rows = tickRows()
  const first = roomForCells(rows)
  let cell = first
  for (let index = 0; index < rows; index++) {
    const place = <usize>index
    const row = load<i32>(tickRowIds() + (place << 2))
    const binding = bindingOfRow(row)
    if (binding == OTHER_BINDING) continue
    if (row >= capacity) return -1
    const at = columns + <usize>row * ROW_BYTES
    const device = deviceNumber(binding)
    const endpoint = load<i32>(at, 4)
    if (endpoint == 0 || load<i32>(at) != device) return -1
    const sent = load<f64>(tickSent() + (place << 3))
    writeCell(cell, second, device, endpoint, sent, load<f64>(tickReceived() + (place << 3)))
    cell += CELL_BYTES
  }
  return <i32>((cell - first) / CELL_BYTES)
}

function growColumns(row: i32): void {
  let larger = max<i32>(FIRST_ROWS, capacity)
  while (larger <= row) larger *= 2
  const bytes = <usize>larger * ROW_BYTES
  columns = capacity == 0 ? allocate(bytes) : grown(columns, <usize>capacity * ROW_BYTES, bytes)
  capacity = larger
}
