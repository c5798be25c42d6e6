// Adding a session's batch to the traffic history: cells, look-ups, names and the reading positions of logs.
import { CELL_LENGTH, LOOKUP_LENGTH, type Batch, VERDICT_LENGTH } from '../model/batch.ts'
import { addEvents } from './add-events.ts'
import { UNDATED } from './name-catalog.ts'
import { MINUTE } from './cells.ts'
import type { TrafficStore } from './traffic-store.ts'

/** What a look-up weighs against bytes when the least important endpoints are folded: about its packets. */
const LOOKUP_WEIGHT = 100
/** Latest second that the keys have room for. */
const LATEST = 2 ** 38

export function addBatch(store: TrafficStore, batch: Batch): void {
  store.numbers.declare(batch)
  for (const name of batch.names) store.catalog.remember(name, store.now ?? UNDATED)
  addCells(store, batch.cells)
  if (batch.lookups !== undefined) addLookups(store, batch.lookups)
  if (batch.verdicts !== undefined) addVerdicts(store, batch.verdicts)
  for (const { source, position } of batch.positions ?? []) store.lookups.place(source, position)
  if (batch.events !== undefined) addEvents(store, batch.events)
}

function addCells(store: TrafficStore, cells: Float64Array): void {
  const { catalog, numbers, pending, seconds } = store
  if (cells.length === 0) return
  beginSeconds(store, cells)
  for (let at = 0; at + CELL_LENGTH <= cells.length; at += CELL_LENGTH) {
    const second = Math.min(Math.max(Math.floor(cells[at]), 0), LATEST)
    const sent = cells[at + 3]
    const received = cells[at + 4]
    if (!Number.isFinite(second + sent + received))
      throw new Error(`A cell of the traffic history is no number: ${cells.slice(at, at + CELL_LENGTH).join(', ')}`)
    const device = numbers.deviceId(cells[at + 1])
    const named = numbers.endpointId(cells[at + 2])
    const endpoint = catalog.use(device, named, second, Math.abs(sent) + Math.abs(received))
    seconds.add(second, device, endpoint, sent, received)
    pending.add(second, device, endpoint, sent, received)
  }
}

function addLookups(store: TrafficStore, cells: Float64Array): void {
  for (let at = 0; at + LOOKUP_LENGTH <= cells.length; at += LOOKUP_LENGTH) {
    const count = cells[at + 3]
    const place = placeOf(store, cells.subarray(at, at + LOOKUP_LENGTH), Math.abs(count) * LOOKUP_WEIGHT)
    store.lookups.add(...place, { count, blocked: 0, answered: 0 })
  }
}

function addVerdicts(store: TrafficStore, cells: Float64Array): void {
  for (let at = 0; at + VERDICT_LENGTH <= cells.length; at += VERDICT_LENGTH) {
    const place = placeOf(store, cells.subarray(at, at + VERDICT_LENGTH), 0)
    store.lookups.add(...place, { count: 0, blocked: cells[at + 3], answered: cells[at + 4] })
  }
}

/** Minute, device and endpoint of a cell of look-ups. */
function placeOf(
  { catalog, numbers }: TrafficStore,
  cell: Float64Array,
  weight: number,
): [minute: number, device: number, endpoint: number] {
  const minute = Math.min(Math.max(Math.floor(cell[0] / MINUTE) * MINUTE, 0), LATEST)
  if (!cell.every(Number.isFinite)) throw new Error(`A look-up of the traffic history is no number: ${cell.join(', ')}`)
  const device = numbers.deviceId(cell[1])
  return [minute, device, catalog.use(device, numbers.endpointId(cell[2]), minute, weight)]
}

/** Seconds are complete from the first full minute of which nothing was known before. */
function beginSeconds({ seconds, catalog }: TrafficStore, cells: Float64Array): void {
  if (seconds.keptFrom !== Infinity) return
  let first = Infinity
  for (let at = 0; at < cells.length; at += CELL_LENGTH) first = Math.min(first, Math.max(0, cells[at]))
  const minute = Math.floor(first / MINUTE) * MINUTE
  let last = -Infinity
  for (const device of catalog.devices.values()) last = Math.max(last, device.last ?? -Infinity)
  seconds.keptFrom = last < minute ? minute : Math.floor(last / MINUTE) * MINUTE + MINUTE
}
