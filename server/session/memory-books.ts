// Books that live in this thread's memory only, for recordings and the sample home.
import { HistoryDatabase } from '../history/database.ts'
import type { History } from '../history/history.ts'

/** Nothing ages, and single seconds are kept as long as there is room. */
export function memoryBooks(timeZone: string): History {
  const database = new HistoryDatabase({ path: ':memory:', timeZone, retention: null, keepSeconds: null })
  return {
    add: (batch) => database.add(batch),
    capturing: (since, on) => database.capturing(since, on),
    tick: (now) => database.tick(now),
    sums: async (range) => database.sums(range),
    endpoints: async (ids) => database.endpoints(ids),
    series: async (request) => database.series(request),
    sparklines: async (range) => database.sparklines(range),
    grid: async (devices, days, now) => database.grid(devices, days, now),
    totals: async (bounds) => database.totals(bounds),
    seen: async () => database.seen(),
    endpointsBefore: async (devices, before) => database.endpointsBefore(devices, before),
    search: async (text, limit) => database.search(text, limit),
    names: async () => database.names(),
    coarsen: async (device, level) => database.coarsen(device, level),
    forget: async (devices) => database.forget(devices),
    facts: async () => database.facts(),
    flush: async () => database.flush(),
    close: async () => database.close(),
  }
}
