// Folding devices beyond the cap into one, "other": their bytes, look-ups and uses, so that totals stay exact.
import { AT_HOME } from '../model/batch.ts'
import { OTHERS_ID } from '../model/others.ts'
import type { KnownDevice } from './catalog.ts'
import type { DatabaseFile } from './database-file.ts'
import { heardDays } from './heard-devices.ts'
import type { TrafficStore } from './traffic-store.ts'

/** After folding there is room for this share of the cap. */
const ROOM = 0.1

/**
 * Folds devices where there are more than `most`. Those whose names are in `kept` stay; of the others those leave that
 * the internet answered on the fewest days, and among them those seen longest ago. Nothing may be pending.
 */
export function foldDevices(file: DatabaseFile, store: TrafficStore, most: number, kept: ReadonlySet<string>): void {
  const { catalog, rows, lookups, seconds } = store
  if (catalog.devices.size <= most) return
  const leaving = chooseLeaving(store, most, kept)
  if (leaving.length === 0) return
  const others = catalog.deviceId(OTHERS_ID)
  const other = catalog.other()
  const ids = new Set(leaving.map(({ id }) => id))
  const target = (endpoint: number): number => (endpoint === AT_HOME ? AT_HOME : other)
  file.transaction(() => {
    rows.foldDevices(ids, others, target)
    lookups.foldDevices(ids, others, target)
    store.events.foldDevices(ids, others)
    catalog.foldDevices(file.connection, leaving, others, target)
    catalog.dropUnused(file.connection)
    catalog.write(file.connection, true)
  })
  catalog.written(true)
  seconds.foldDevices(ids, others, target)
  store.numbers.forgetIds()
}

function chooseLeaving(store: TrafficStore, most: number, kept: ReadonlySet<string>): KnownDevice[] {
  const { catalog } = store
  const heard = heardDays(store)
  const mayLeave = [...catalog.devices.values()].filter(({ name }) => name !== OTHERS_ID && !kept.has(name))
  mayLeave.sort(
    (one, other) =>
      (heard.get(one.id) ?? 0) - (heard.get(other.id) ?? 0) || (one.last ?? 0) - (other.last ?? 0) || one.id - other.id,
  )
  return mayLeave.slice(0, catalog.devices.size - Math.floor(most * (1 - ROOM)))
}
