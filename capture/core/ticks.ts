// What moved in one second of capture time.
import { allocate, grown } from './memory'

const FIRST_IDS: i32 = 1024
const FIRST_PLACES: i32 = 64

/**
 * Sums two columns per id until they are taken. Ids are dense numbers: an array by id finds an id's place without a
 * hash.
 */
@unmanaged
class Sums {
  /** By id: its place and one, 0 where it has none. */
  places: usize = 0
  idCapacity: i32 = 0
  ids: usize = 0
  first: usize = 0
  second: usize = 0
  capacity: i32 = 0
  used: i32 = 0
}

/** Bytes to and from the internet per row; negative where a late name moved earlier bytes to another row. */
const internet = newSums()
/** Bytes to and from others at home per binding. */
const local = newSums()

export function addRowToTick(row: i32, sent: f64, received: f64): void {
  addToSums(internet, row, sent, received)
}

export function addLocalToTick(binding: i32, sent: f64, received: f64): void {
  addToSums(local, binding, sent, received)
}

/** Whether anything was added since the last `clearTick`. */
export function hasTick(): bool {
  return internet.used > 0 || local.used > 0
}

/** Begins anew; called when the host has read the sums. */
export function clearTick(): void {
  clearSums(internet)
  clearSums(local)
}

/** How many rows there are in the second, and where their columns are until the next call that adds: i32, f64, f64. */
export function tickRows(): i32 {
  return internet.used
}

export function tickRowIds(): usize {
  return internet.ids
}

export function tickSent(): usize {
  return internet.first
}

export function tickReceived(): usize {
  return internet.second
}

/** The same of bindings. */
export function tickBindings(): i32 {
  return local.used
}

export function tickBindingIds(): usize {
  return local.ids
}

export function tickSentLocal(): usize {
  return local.first
}

export function tickReceivedLocal(): usize {
  return local.second
}

function newSums(): Sums {
  const sums = changetype<Sums>(allocate(offsetof<Sums>()))
  sums.places = allocate((<usize>FIRST_IDS) << 2)
  sums.idCapacity = FIRST_IDS
  sums.ids = allocate((<usize>FIRST_PLACES) << 2)
  sums.first = allocate((<usize>FIRST_PLACES) << 3)
  sums.second = allocate((<usize>FIRST_PLACES) << 3)
  sums.capacity = FIRST_PLACES
  return sums
}

function addToSums(sums: Sums, id: i32, first: f64, second: f64): void {
  if (id >= sums.idCapacity) makeRoomForId(sums, id)
  const placeAt = sums.places + ((<usize>id) << 2)
  const place = load<i32>(placeAt) - 1
  if (place >= 0) {
    const at = (<usize>place) << 3
    store<f64>(sums.first + at, load<f64>(sums.first + at) + first)
    store<f64>(sums.second + at, load<f64>(sums.second + at) + second)
    return
  }
  if (sums.used >= sums.capacity) makeRoom(sums)
  const used = <usize>sums.used
  store<i32>(sums.ids + (used << 2), id)
  store<f64>(sums.first + (used << 3), first)
  store<f64>(sums.second + (used << 3), second)
  sums.used++
  store<i32>(placeAt, sums.used)
}

function clearSums(sums: Sums): void {
  for (let place = 0; place < sums.used; place++) {
    const id = load<i32>(sums.ids + ((<usize>place) << 2))
    store<i32>(sums.places + ((<usize>id) << 2), 0)
  }
  sums.used = 0
}

function makeRoomForId(sums: Sums, id: i32): void {
  const larger = max(id + 1, 2 * sums.idCapacity)
  sums.places = grown(sums.places, (<usize>sums.idCapacity) << 2, (<usize>larger) << 2)
  sums.idCapacity = larger
}

function makeRoom(sums: Sums): void {
  const integers = (<usize>sums.capacity) << 2
  const numbers = (<usize>sums.capacity) << 3
  sums.ids = grown(sums.ids, integers, 2 * integers)
  sums.first = grown(sums.first, numbers, 2 * numbers)
  sums.second = grown(sums.second, numbers, 2 * numbers)
  sums.capacity *= 2
}
