// Moving bytes and look-ups of devices from some endpoints to others, on the disk and in memory.
import type { DatabaseFile } from './database-file.ts'
import type { TrafficStore } from './traffic-store.ts'

/** Device → from → to. */
export type Replacements = Map<number, Map<number, number>>

export function remapEndpoints(file: DatabaseFile, store: TrafficStore, replacements: Replacements): void {
  const { rows, lookups, catalog, pending, seconds } = store
  file.transaction(() => {
    for (const [device, targets] of replacements) {
      rows.remap(device, targets)
      lookups.remap(device, targets)
      catalog.remapPairs(file.connection, device, targets)
    }
    catalog.dropUnused(file.connection)
    catalog.write(file.connection, true)
  })
  catalog.written(true)
  for (const [device, targets] of replacements) {
    pending.remap(device, targets)
    seconds.remap(device, targets)
  }
  store.numbers.forgetIds()
}
