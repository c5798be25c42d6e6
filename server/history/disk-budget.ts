// Keeping the traffic history within its room: unimportant endpoints are folded into "other", then minutes and hours
// are kept for a shorter time.
import { AT_HOME } from '../model/batch.ts'
import { CHUNK, MINUTE } from './cells.ts'
import type { DatabaseFile } from './database-file.ts'
import { writeState } from './load.ts'
import { remapEndpoints } from './remap.ts'
import { NO_FLOORS } from './event-floors.ts'
import { orNever, type TrafficStore } from './traffic-store.ts'

/** Single events of kinds that are kept long stay up to this number, however little room there is. */
const LEAST_LONG_EVENTS = 1_000

/** A device near its cap gives its least important endpoints to "other", so that new ones are seen again. */
export function foldBusyDevices(file: DatabaseFile, store: TrafficStore, endpointsPerDevice: number): void {
  for (const [device, pairs] of store.catalog.pairs) {
    if (pairs.size < endpointsPerDevice * 0.75) continue
    const least = [...pairs.keys()].filter((endpoint) => mayFold(store, endpoint))
    least.sort((left, right) => (pairs.get(left)?.bytes ?? 0) - (pairs.get(right)?.bytes ?? 0))
    const count = Math.max(0, pairs.size - Math.floor(endpointsPerDevice / 2))
    fold(file, store, new Map([[device, least.slice(0, count)]]))
  }
}

/**
 * Folds the less important half of all endpoints, again and again, until the rest fits; then minutes and hours live
 * shorter. `ages`: the history drops what is old; in a replay nothing ages. `isDoubtful`: what is old is not known now,
 * as the clock may be wrong: nothing is kept for a shorter time then.
 */
export function keepBudget(
  file: DatabaseFile,
  store: TrafficStore,
  budget: number,
  ages: boolean,
  isDoubtful = false,
): void {
  if (file.usedBytes() <= budget) return
  const goal = budget * 0.9
  // Smaller rows leave half-empty pages behind: only a rewritten file shows how much was won.
  file.rewrite()
  if (file.usedBytes() > goal && ages && !isDoubtful) {
    const { state, calendar, lookups } = store
    file.transaction(() => lookups.age(calendar, orNever(state.hourDone), orNever(state.dayDone), -Infinity))
    file.rewrite()
  }
  for (; file.usedBytes() > goal && foldHalf(file, store); file.rewrite());
  if (file.usedBytes() > goal && ages && !isDoubtful) dropEvents(file, store, false, 0)
  for (; file.usedBytes() > goal && !isDoubtful && ageSooner(file, store); file.rewrite());
  if (file.usedBytes() > goal && ages && !isDoubtful) dropEvents(file, store, true, LEAST_LONG_EVENTS)
  file.checkpoint()
  if (file.usedBytes() > budget)
    file.problem = `The history needs more than its ${Math.round(budget / 2 ** 20)} MB on the disk: allow it more in Settings, or forget devices that are gone.`
}

function mayFold({ catalog }: TrafficStore, endpoint: number): boolean {
  return endpoint !== AT_HOME && endpoint !== catalog.other()
}

function foldHalf(file: DatabaseFile, store: TrafficStore): boolean {
  const all: { device: number; endpoint: number; bytes: number; last: number }[] = []
  for (const [device, pairs] of store.catalog.pairs) {
    for (const [endpoint, { bytes, last }] of pairs)
      if (mayFold(store, endpoint)) all.push({ device, endpoint, bytes, last })
  }
  if (all.length === 0) return false
  all.sort((left, right) => left.bytes - right.bytes || left.last - right.last)
  const chosen = new Map<number, number[]>()
  for (const { device, endpoint } of all.slice(0, Math.ceil(all.length / 2))) {
    const ofDevice = chosen.get(device)
    if (ofDevice === undefined) chosen.set(device, [endpoint])
    else ofDevice.push(endpoint)
  }
  fold(file, store, chosen)
  return true
}

function fold(file: DatabaseFile, store: TrafficStore, chosen: Map<number, number[]>): void {
  const other = store.catalog.other()
  const replacements = [...chosen].map(
    ([device, endpoints]) => [device, new Map(endpoints.map((endpoint) => [endpoint, other]))] as const,
  )
  remapEndpoints(file, store, new Map(replacements))
}

/** Single events beyond the newest `most` go: of those that are kept long, or of the others. Their counts stay. */
function dropEvents(file: DatabaseFile, store: TrafficStore, isLong: boolean, most: number): void {
  const { events = NO_FLOORS } = store.state
  const next = { ...store.state }
  file.transaction(() => {
    const floor = store.events.kept.drop(isLong, -Infinity, most)
    if (floor !== null) next.events = { ...events, [isLong ? 'long' : 'brief']: floor }
    writeState(file, next)
  })
  store.state = next
  file.rewrite()
}

/** Halves the time that minutes, then hours, are kept. False where they are as short as they can be. */
function ageSooner(file: DatabaseFile, store: TrafficStore): boolean {
  const { state, rows } = store
  const next = { ...state }
  const halfway = (floor: number | null, table: 'minutes' | 'hours', done: number): number | null => {
    const [first] = file.connection.prepare(`SELECT id FROM ${table} ORDER BY id LIMIT 1`).all() as { id: number }[]
    if (first === undefined) return null
    const start = Math.max(orNever(floor), Math.floor(first.id / 2 ** 20) * MINUTE)
    return done - start < CHUNK ? null : Math.min(done, Math.ceil((start + (done - start) / 2) / CHUNK) * CHUNK)
  }
  const minutes = halfway(state.minuteFloor, 'minutes', orNever(state.hourDone))
  const hours = minutes === null ? halfway(state.hourFloor, 'hours', orNever(state.dayDone)) : null
  if (minutes === null && hours === null) return false
  if (minutes !== null) next.minuteFloor = minutes
  if (hours !== null) next.hourFloor = hours
  file.transaction(() => {
    if (minutes !== null) rows.dropBefore('minutes', minutes)
    if (hours !== null) rows.dropBefore('hours', hours)
    writeState(file, next)
  })
  store.state = next
  return true
}
