// The block of cells that the program around the core writes: once for all that read it.
import { allocate, release } from '../memory'
import { CELL_NUMBERS } from './activity-layout'

export const CELL_BYTES: usize = (<usize>CELL_NUMBERS) << 3
const FIRST_CELLS: i32 = 256

let block: usize = 0
let capacity: i32 = 0

/** Room for so many cells; it holds until more are asked for. */
export function roomForCells(count: i32): usize {
  if (count > capacity) {
    if (block != 0) release(block)
    capacity = max<i32>(FIRST_CELLS, 2 * count)
    block = allocate(<usize>capacity * CELL_BYTES)
  }
  return block
}

/** A cell's fields. Devices and endpoints are whole numbers below 2 ** 26. */
export function secondAt(cell: usize): f64 {
  return load<f64>(cell)
}

export function deviceAt(cell: usize): i32 {
  return <i32>load<f64>(cell, 8)
}

export function endpointAt(cell: usize): i32 {
  return <i32>load<f64>(cell, 16)
}

export function sentAt(cell: usize): f64 {
  return load<f64>(cell, 24)
}

export function receivedAt(cell: usize): f64 {
  return load<f64>(cell, 32)
}

export function writeCell(cell: usize, second: f64, device: i32, endpoint: i32, sent: f64, received: f64): void {
  store<f64>(cell, second)
  store<f64>(cell, <f64>device, 8)
  store<f64>(cell, <f64>endpoint, 16)
  store<f64>(cell, sent, 24)
  store<f64>(cell, received, 32)
}
