// On which days the internet sent a device something: what tells a device that lives here from one made up.
import { AT_HOME } from '../model/batch.ts'
import { orNever, type TrafficStore } from './traffic-store.ts'

const DAY = 86_400

/** By device: the number of days on which it received something from the internet, as far as that is kept. */
export function heardDays(store: TrafficStore): Map<number, number> {
  const { rows, pending, state } = store
  const days = new Map<number, Set<number>>()
  const note = (start: number, device: number, endpoint: number, received: number): void => {
    if (endpoint === AT_HOME || received <= 0) return
    const known = days.get(device)
    if (known === undefined) days.set(device, new Set([Math.floor(start / DAY)]))
    else known.add(Math.floor(start / DAY))
  }
  const dayDone = orNever(state.dayDone)
  const hourDone = orNever(state.hourDone)
  rows.visitBuckets('days', -Infinity, Infinity, null, (_start, device, endpoint, { received, first }) =>
    note(first, device, endpoint, received),
  )
  rows.visitBuckets('hours', dayDone, Infinity, null, (start, device, endpoint, { received }) =>
    note(start, device, endpoint, received),
  )
  rows.visitMinutes(hourDone, Infinity, null, (minute, device, endpoint, _sent, received) =>
    note(minute, device, endpoint, received),
  )
  pending.visit(-Infinity, Infinity, (minute, device, endpoint, _sent, received) =>
    note(minute, device, endpoint, received),
  )
  return new Map([...days].map(([device, { size }]) => [device, size]))
}

/** Seen for less than this, and never answered by the internet: seen once. */
const ONCE_SECONDS = 600

/**
 * Names of devices that were seen once, before `until`, and that the internet never sent anything. Those of which
 * nothing but a name is known are among them.
 */
export function seenOnce(store: TrafficStore, until: number): string[] {
  const heard = heardDays(store)
  const names: string[] = []
  for (const { id, name, first, last } of store.catalog.devices.values()) {
    if (heard.has(id) || (last ?? 0) >= until || (last ?? 0) - (first ?? 0) >= ONCE_SECONDS) continue
    names.push(name)
  }
  return names
}
