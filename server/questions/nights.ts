// Nights of a phone, minute by minute, from the traffic history.
import type { Range, StoredEndpoint } from '../history/history.ts'
import { CELL_LENGTH } from '../model/batch.ts'
import { AT_HOME_ID, type TrafficView } from '../queries/traffic-view.ts'
import { WHOLE_DAY_SHARE } from './days.ts'
import type { Facts } from './facts.ts'

/** A night is from local midnight on so many hours long. */
const NIGHT_HOURS = 6
const MINUTE = 60
/** Nobody used the phone for so long: it sleeps. */
const ASLEEP_AFTER = 30 * MINUTE
/** Received in a minute for something that people look at: somebody uses the phone. */
const USED_FROM_BYTES = 100_000
/** What nobody looks at: it comes by itself. */
const BY_ITSELF = new Set([
  'update',
  'data',
  'time',
  'dns',
  'connectivity',
  'push',
  'control',
  'telemetry',
  'account',
  'security',
  'messaging',
  'cloud',
  'cdn',
  'unknown',
])

/** A minute in which a device moved something to or from one endpoint. */
export interface NightMinute {
  at: number
  endpoint: StoredEndpoint
  sent: number
  received: number
}

export interface Night {
  /** Local midnight. */
  day: number
  /** Minutes in which the phone slept, in order of time. */
  asleep: NightMinute[]
}

/** Nights of the range that were captured and are kept by the minute. */
export async function nightsOf(facts: Facts): Promise<Range[]> {
  const { localTime } = facts.view
  const captured = await facts.captured()
  const nights: Range[] = []
  let from = localTime.dayStart(facts.asked.from)
  for (; from < facts.asked.to; from = localTime.nextDay(from)) {
    let to = from
    for (let hour = 0; hour < NIGHT_HOURS; hour++) to = localTime.nextHour(to)
    if (from < facts.asked.from || to > facts.asked.to) continue
    const seconds = captured.reduce((sum, one) => sum + Math.max(0, Math.min(to, one.to) - Math.max(from, one.from)), 0)
    if (seconds >= (to - from) * WHOLE_DAY_SHARE) nights.push({ from, to })
  }
  return nights
}

/** What the devices did in one night, by device; null where the night is kept by the hour only. */
export async function minutesOfNight(
  view: TrafficView,
  night: Range,
  devices: ReadonlySet<string>,
): Promise<Map<string, Night> | null> {
  // From before midnight on: who used the phone then is awake a while longer.
  const {
    cells,
    devices: ids,
    minutesFrom,
  } = await view.history.cells({ from: night.from - ASLEEP_AFTER, to: night.to })
  if (minutesFrom > night.from) return null
  const roots = ids.map((id) => view.rootOf(id))
  const endpoints = new Map<number, StoredEndpoint>()
  const met = new Set<number>()
  for (let at = 0; at < cells.length; at += CELL_LENGTH) if (devices.has(roots[cells[at + 1]])) met.add(cells[at + 2])
  met.delete(AT_HOME_ID)
  for (const endpoint of await view.history.endpoints([...met])) endpoints.set(endpoint.id, endpoint)
  const minutes = new Map<string, Map<string, NightMinute>>()
  for (let at = 0; at < cells.length; at += CELL_LENGTH) {
    const device = roots[cells[at + 1]]
    const endpoint = endpoints.get(cells[at + 2])
    if (endpoint === undefined || !devices.has(device)) continue
    const of = minutes.get(device) ?? new Map<string, NightMinute>()
    minutes.set(device, of)
    const minute = Math.floor(cells[at] / MINUTE) * MINUTE
    const key = `${minute} ${endpoint.id}`
    const known = of.get(key) ?? { at: minute, endpoint, sent: 0, received: 0 }
    known.sent += cells[at + 3]
    known.received += cells[at + 4]
    of.set(key, known)
  }
  return new Map(
    [...minutes].map(([device, of]) => [device, { day: night.from, asleep: asleepOf([...of.values()], night.from) }]),
  )
}

/** Minutes of the night behind half an hour in which nobody used the phone. */
function asleepOf(minutes: NightMinute[], midnight: number): NightMinute[] {
  const used = minutes.filter(isUsed).map(({ at }) => at)
  return minutes
    .filter(({ at }) => at >= midnight && !used.some((time) => time <= at && at - time < ASLEEP_AFTER))
    .sort((one, other) => one.at - other.at)
}

function isUsed({ endpoint, received }: NightMinute): boolean {
  return received >= USED_FROM_BYTES && !BY_ITSELF.has(endpoint.purpose)
}
