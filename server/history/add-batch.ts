// Adding a session's batch to the traffic history: cells, look-ups, names and the reading positions of logs.
import { CELL_LENGTH, LOOKUP_LENGTH, type Batch } from '../model/batch.ts'
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
  for (const { source, position } of batch.positions ?? []) store.lookups.place(source, position)
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

function addLookups({ catalog, numbers, lookups }: TrafficStore, cells: Float64Array): void {
  for (let at = 0; at + LOOKUP_LENGTH <= cells.length; at += LOOKUP_LENGTH) {
    const minute = Math.min(Math.max(Math.floor(cells[at] / MINUTE) * MINUTE, 0), LATEST)
    const count = cells[at + 3]
    if (!Number.isFinite(minute + count))
      throw new Error(
        `A look-up of the traffic history is no number: ${cells.slice(at, at + LOOKUP_LENGTH).join(', ')}`,
      )
    const device = numbers.deviceId(cells[at + 1])
    const named = numbers.endpointId(cells[at + 2])
    const endpoint = catalog.use(device, named, minute, Math.abs(count) * LOOKUP_WEIGHT)
    lookups.add(minute, device, endpoint, count)
  }
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
