// Queries of events: single ones page by page, and counts by local day.
import type { EventCountsAnswer, EventsAnswer, EventsRequest, Range, StoredEvent, StoredEventCount } from './history.ts'
import { LONG_KINDS } from './event-kinds.ts'
import { changeOf, type EventRecord } from './kept-events.ts'
import { NO_FLOORS } from './event-floors.ts'
import { orNever, type TrafficStore } from './traffic-store.ts'

const DAY = 86_400
const HALF_DAY = DAY / 2
/** Events that one answer holds at most. */
export const MAX_EVENTS_ANSWERED = 20_000

export function events(store: TrafficStore, request: EventsRequest): EventsAnswer {
  const { catalog, calendar } = store
  const { from, to, devices, kinds, before, limit } = request
  const wanted = devices === undefined ? null : new Set(devices)
  const found = store.events.between(from, to, calendar.local).flatMap((record): [string, EventRecord][] => {
    const device = catalog.devicesById.get(record.device)?.name
    if (device === undefined || (wanted !== null && !wanted.has(device))) return []
    return kinds === undefined || kinds.includes(record.kind) ? [[device, record]] : []
  })
  const end = before === undefined ? found.length : found.findIndex(([, record]) => !isBefore(record, before))
  const start = Math.max(0, (end < 0 ? found.length : end) - Math.min(limit, MAX_EVENTS_ANSWERED))
  const page = found.slice(start, end < 0 ? found.length : end)
  const { long, brief } = store.state.events ?? NO_FLOORS
  return {
    events: page.map(([device, record]) => storedEvent(device, record)),
    total: found.length,
    next: start === 0 || page.length === 0 ? null : placeOf(page[0][1]),
    keptFrom: { long, brief },
  }
}

/** Counts of local days; of one that is partly in the range those of the events that began in it, where kept. */
export function eventCounts(store: TrafficStore, { from, to }: Range): EventCountsAnswer {
  const { catalog, calendar, state } = store
  const { local } = calendar
  const floors = state.events ?? NO_FLOORS
  const partial = partialDays(store, { from, to })
  const isKept = (kind: string, day: number): boolean =>
    Math.max(day, from) >= orNever(LONG_KINDS.has(kind) ? floors.long : floors.brief)
  const counts = new Map<string, StoredEventCount>()
  const add = (record: EventRecord | null, change: ReturnType<typeof changeOf>, day: number): void => {
    const device = catalog.devicesById.get(change.device)?.name
    if (device === undefined) return
    const isOfPart = partial.has(day) && isKept(change.kind, day)
    if (isOfPart !== (record !== null)) return
    addTo(counts, { ...change, day, device })
  }
  const first = local.dayStart(from)
  const isAsked = (day: number): boolean => day >= first && day < to
  store.events.visitDays({ from: from - 2 * DAY, to: to + 2 * DAY }, local, (change) => {
    // A day that was cut in another zone is the one that most of it is in.
    const day = local.dayStart(change.day + HALF_DAY)
    if (isAsked(day)) add(null, change, day)
  })
  if (partial.size > 0)
    for (const record of store.events.between(from, to, local))
      add(record, changeOf(record, 1), local.dayStart(record.at))
  return {
    countedFrom: floors.counted,
    counts: [...counts.values()]
      .filter(({ sure, possible }) => sure + possible > 0)
      .sort((one, other) => one.day - other.day),
  }
}

function partialDays({ calendar: { local }, now }: TrafficStore, { from, to }: Range): Set<number> {
  const partial = new Set<number>()
  if (local.dayStart(from) < from) partial.add(local.dayStart(from))
  const last = local.dayStart(to - 1)
  // What is to come is no part that is left out.
  if (local.nextDay(last) > to && to <= orNever(now)) partial.add(last)
  return partial
}

function addTo(counts: Map<string, StoredEventCount>, count: StoredEventCount): void {
  const { day, device, company, kind } = count
  const key = `${day} ${device} ${kind} ${company ?? ''}`
  const known = counts.get(key)
  if (known === undefined) return void counts.set(key, { ...count })
  for (const field of ['sure', 'possible', 'sent', 'received', 'seconds'] as const) known[field] += count[field]
}

function storedEvent(device: string, { name, at, kind, facts }: EventRecord): StoredEvent {
  const { count = 1, until, sure: _sure, ...rest } = facts
  return { id: name, at, device, kind, ...rest, count, until: until ?? at + Math.round(facts.seconds) }
}

/** Place in the order of time: what is before it comes on the next page. */
function placeOf({ at, name }: EventRecord): string {
  return `${at}_${name}`
}

function isBefore({ at, name }: EventRecord, place: string): boolean {
  const cut = place.indexOf('_')
  const second = Number(place.slice(0, cut))
  return at < second || (at === second && name < place.slice(cut + 1))
}
