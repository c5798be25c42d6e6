// Forgetting: devices are removed from the traffic history, or reduced to what a privacy level keeps, and the rest is
// wiped off the disk.
import type { Level } from '../api.ts'
import { AT_HOME } from '../model/batch.ts'
import type { KnownDevice } from './catalog.ts'
import type { DatabaseFile } from './database-file.ts'
import { coarserFacts } from './endpoint-facts.ts'
import type { ForgetReceipt } from './history.ts'
import { writeState } from './load.ts'
import { remapEndpoints } from './remap.ts'
import { type Rows, type Table, TABLES } from './rows.ts'
import { type HistoryState, orNever, type TrafficStore } from './traffic-store.ts'

/** Rows deleted in one commit while forgetting: their pages fit into the reserve. */
const FORGET_SLICE = 400
/** Above this many devices one pass over all rows is quicker than one for each. */
const FEW_DEVICES = 8
/** Look-ups are small: many to a page. */
const LOOKUP_SLICE = 4_000

/** Brings what is kept of a device down to a level. Nothing of the device may be pending. */
export function coarsenDevice(file: DatabaseFile, store: TrafficStore, device: KnownDevice, level: Level): void {
  const { catalog } = store
  const targets = new Map<number, number>()
  for (const endpoint of catalog.pairs.get(device.id)?.keys() ?? []) {
    if (endpoint === AT_HOME) continue
    const known = catalog.endpoints.get(endpoint)
    // A description that damage took is as coarse as can be.
    targets.set(endpoint, known === undefined ? catalog.other() : catalog.idOf(coarserFacts(known, level), null))
  }
  catalog.names.dropDevice(device.id)
  file.withReserve(() => remapEndpoints(file, store, new Map([[device.id, targets]])))
  if (level === 'companies' || level === 'totals')
    file.transactionWithReserve(() => store.events.coarsen(device.id, level))
  file.wipe()
  file.dropSetAside()
}

/**
 * Notes in the database that the devices are to be forgotten: from here on it is finished, at the next start if need
 * be. Where this fails nothing has changed.
 */
export function beginForgetting(file: DatabaseFile, store: TrafficStore, names: string[]): KnownDevice[] {
  const devices = names.flatMap((name) => store.catalog.devices.get(name) ?? [])
  const forgetting = [...new Set([...store.state.forgetting, ...devices.map(({ id }) => id)])]
  const begun: HistoryState = { ...store.state, forgetting }
  file.transactionWithReserve(() => writeState(file, begun))
  store.state = begun
  return devices
}

/** Removes devices from every table, free page, log and set-aside file. */
export function forgetDevices(file: DatabaseFile, store: TrafficStore, names: string[]): ForgetReceipt {
  const { pending, seconds, lookups } = store
  const devices = beginForgetting(file, store, names)
  const ids = new Set(devices.map(({ id }) => id))
  pending.forget(ids)
  seconds.forget(ids)
  lookups.forget(ids)
  store.events.forget(ids, names, orNever(store.now))
  const rows = removeRows(file, store, devices)
  const files = file.dropSetAside()
  file.wipe()
  file.keepReserve()
  return { rows, files }
}

/** Finishes at the next start what a crash interrupted. */
export function finishForgetting(file: DatabaseFile, store: TrafficStore): void {
  const { state, catalog } = store
  if (state.forgetting.length === 0) return
  removeRows(
    file,
    store,
    state.forgetting.map((id) => catalog.devicesById.get(id) ?? { id, name: '', first: null, last: null }),
  )
  file.dropSetAside()
  file.wipe()
}

function removeRows(file: DatabaseFile, store: TrafficStore, devices: KnownDevice[]): number {
  const { rows, lookups, catalog, numbers } = store
  const ids = new Set(devices.map(({ id }) => id))
  let removed = 0
  for (const table of TABLES) {
    removed +=
      devices.length > FEW_DEVICES
        ? removeMany(file, rows, table, ids)
        : devices.reduce(
            (sum, { id }) => sum + removeInSlices(file, FORGET_SLICE, (limit) => rows.dropDevice(table, id, limit)),
            0,
          )
  }
  removed += removeInSlices(file, LOOKUP_SLICE, (limit) => lookups.dropDevices(ids, limit))
  removed += removeInSlices(file, FORGET_SLICE, (limit) => store.events.dropDevices(ids, limit))
  const done: HistoryState = { ...store.state, forgetting: [] }
  let listed = 0
  file.transactionWithReserve(() => {
    listed += catalog.dropDevices(file.connection, devices)
    listed += catalog.dropUnused(file.connection)
    store.events.days.dropUnusedWords()
    writeState(file, done)
  })
  store.state = done
  numbers.forgetIds()
  return removed + listed
}

/** Of many devices: one pass over the table, slice by slice. */
function removeMany(file: DatabaseFile, rows: Rows, table: Table, devices: ReadonlySet<number>): number {
  let removed = 0
  for (let after: number | null = -1; after !== null;) {
    const from: number = after
    file.transactionWithReserve(() => {
      const { count, last } = rows.dropDevices(table, devices, from, FORGET_SLICE * FEW_DEVICES)
      removed += count
      after = last
    })
    file.checkpoint()
  }
  return removed
}

/** `drop` deletes at most `limit` rows and returns how many. */
function removeInSlices(file: DatabaseFile, slice: number, drop: (limit: number) => number): number {
  let removed = 0
  for (let count = slice; count === slice; removed += count) {
    file.transactionWithReserve(() => (count = drop(slice)))
    file.checkpoint()
  }
  return removed
}
