// Devices whose cells the meter counts without asking, and those that moved something since the list was taken.
import { allocate, grown } from '../memory'

/** Of devices with larger numbers the program around the core sees each cell. */
const MAX_DEVICES: i32 = 1 << 20
const FIRST_CAPACITY: i32 = 1024

/** By device: the second in which it moved something last (NaN for none since the list was taken). */
let activeAt: usize = 0
/** By device: 1 where its cells are counted without asking. */
let counted: usize = 0
let capacity: i32 = 0
/** Devices in the order of their first activity, of as many as there are places. */
let active: usize = 0
let activeLength: i32 = 0
let lastSecond: f64 = -Infinity

/** Counts the device's cells from now on without asking, or no longer. */
export function countDevice(device: i32, isCounted: bool): void {
  if (device >= MAX_DEVICES) return
  if (device >= capacity) growDevices(device)
  store<u8>(counted + <usize>device, isCounted ? 1 : 0)
}

/** No device's cells are counted without asking. */
export function countNoDevices(): void {
  if (capacity > 0) memory.fill(counted, 0, <usize>capacity)
}

export function canBeCounted(device: i32): bool {
  return device < capacity && load<u8>(counted + <usize>device) != 0
}

export function noteActive(device: i32, second: f64): void {
  const at = activeAt + ((<usize>device) << 3)
  if (second > lastSecond) lastSecond = second
  const known = load<f64>(at)
  if (known != known) {
    store<i32>(active + ((<usize>activeLength) << 2), device)
    activeLength++
  }
  store<f64>(at, second)
}

/** The latest second of a cell that was counted without asking. */
export function lastCounted(): f64 {
  return lastSecond
}

export function activeCount(): i32 {
  return activeLength
}

export function activeDevice(index: i32): i32 {
  return load<i32>(active + ((<usize>index) << 2))
}

export function activeSecond(index: i32): f64 {
  return load<f64>(activeAt + ((<usize>activeDevice(index)) << 3))
}

/** The list was taken. */
export function clearActive(): void {
  for (let index = 0; index < activeLength; index++) store<f64>(activeAt + ((<usize>activeDevice(index)) << 3), NaN)
  activeLength = 0
}

function growDevices(device: i32): void {
  let larger = max<i32>(FIRST_CAPACITY, capacity)
  while (larger <= device) larger *= 2
  const before = <usize>capacity
  const after = <usize>larger
  activeAt = before == 0 ? allocate(after << 3) : grown(activeAt, before << 3, after << 3)
  counted = before == 0 ? allocate(after) : grown(counted, before, after)
  active = before == 0 ? allocate(after << 2) : grown(active, before << 2, after << 2)
  for (let at = before; at < after; at++) store<f64>(activeAt + (at << 3), NaN)
  capacity = larger
}
