// Queries of the pages, answered from the tiers. Reading only; every answer includes what is not committed yet.
import { AT_HOME, CELL_LENGTH } from '../model/batch.ts'
import { extentOf, type TrafficStore } from './traffic-store.ts'
import { MINUTE } from './cells.ts'
import { blockOf } from '../likely/neighbours.ts'
import type { NamedPlace, Range, SeriesAnswer, SeriesRequest, StoredCells, StoredEndpoint, Sum } from './history.ts'
import { floorTo, planParts, type Part, type Tier } from './plan.ts'

const HOUR = 3_600
const DAY = 86_400
/** More values than any screen has pixels. */
const MAX_VALUES = 5_000
/** Default seconds per value, for ranges up to so many seconds. */
const DEFAULT_STEPS: readonly [range: number, step: number][] = [
  [600, 1],
  [2 * HOUR, MINUTE],
  [36 * HOUR, 300],
  [8 * DAY, HOUR],
  [70 * DAY, 3 * HOUR],
  [Infinity, DAY],
]

type VisitPart = (
  tier: Tier,
  start: number,
  device: number,
  endpoint: number,
  sent: number,
  received: number,
  first: number,
  last: number,
) => void

/** Calls `visit` for each bucket of each part, of some devices or of all (null). */
function visitParts(store: TrafficStore, parts: Part[], devices: Set<number> | null, visit: VisitPart): void {
  for (const { tier, from, to } of parts) {
    if (tier === 'second') {
      store.seconds.visit(from, to, (start, device, endpoint, sent, received) => {
        if (devices === null || devices.has(device))
          visit(tier, start, device, endpoint, sent, received, start, start + 1)
      })
      continue
    }
    if (tier === 'minute') {
      store.rows.visitMinutes(from, to, devices, (start, device, endpoint, sent, received) => {
        visit(tier, start, device, endpoint, sent, received, start, start + MINUTE)
      })
    } else {
      store.rows.visitBuckets(
        tier === 'hour' ? 'hours' : 'days',
        from,
        to,
        devices,
        (start, device, endpoint, bucket) => {
          visit(tier, start, device, endpoint, bucket.sent, bucket.received, bucket.first, bucket.last)
        },
      )
    }
    store.pending.visit(from, to, (start, device, endpoint, sent, received) => {
      if (devices === null || devices.has(device))
        visit('minute', start, device, endpoint, sent, received, start, start + MINUTE)
    })
  }
}

function idsOf(store: TrafficStore, names: string[] | undefined): Set<number> | null {
  if (names === undefined) return null
  return new Set(names.flatMap((name) => store.catalog.devices.get(name)?.id ?? []))
}

function nameOf(store: TrafficStore, device: number): string | undefined {
  return store.catalog.devicesById.get(device)?.name
}

function plan(store: TrafficStore, from: number, to: number, coarsest: Tier, widen: boolean): Part[] {
  return planParts(from, to, coarsest, extentOf(store), store.calendar, widen)
}

/** The coarsest tier whose buckets fit into steps of so many seconds. */
function tierWithin(step: number): Tier {
  return step >= DAY ? 'day' : step >= HOUR ? 'hour' : step >= MINUTE ? 'minute' : 'second'
}

/** The coarsest tier that steps of exactly so many seconds can be made of. */
function tierDividing(step: number): Tier {
  return step % DAY === 0 ? 'day' : step % HOUR === 0 ? 'hour' : step % MINUTE === 0 ? 'minute' : 'second'
}

/** Where a bucket counts whose step may be a changed clock's: by its middle. */
function middleOf(tier: Tier, start: number): number {
  return tier === 'day' ? start + DAY / 2 : tier === 'hour' ? start + HOUR / 2 : start
}

function placeOf(tier: Tier, start: number, from: number, step: number, places: number): number {
  return Math.min(places - 1, Math.max(0, Math.floor((middleOf(tier, start) - from) / step)))
}

export function sums(store: TrafficStore, range: Range & { devices?: string[] }): Sum[] {
  const found = new Map<number, Map<number, Sum>>()
  visitParts(
    store,
    plan(store, range.from, range.to, 'day', true),
    idsOf(store, range.devices),
    (_tier, _start, device, endpoint, sent, received, first, last) => {
      let ofDevice = found.get(device)
      if (ofDevice === undefined) found.set(device, (ofDevice = new Map<number, Sum>()))
      const sum = ofDevice.get(endpoint)
      if (sum === undefined) {
        ofDevice.set(endpoint, { device: nameOf(store, device) ?? '', endpoint, sent, received, first, last })
        return
      }
      sum.sent += sent
      sum.received += received
      if (first < sum.first) sum.first = first
      if (last > sum.last) sum.last = last
    },
  )
  return [...found].flatMap(([device, ofDevice]) => (nameOf(store, device) === undefined ? [] : [...ofDevice.values()]))
}

export function cells(store: TrafficStore, { from, to }: Range): StoredCells {
  const devices: string[] = []
  const indexes = new Map<number, number>()
  const found: number[] = []
  const indexOf = (device: number): number => {
    let index = indexes.get(device)
    if (index === undefined) indexes.set(device, (index = devices.push(nameOf(store, device) ?? '') - 1))
    return index
  }
  visitParts(
    store,
    plan(store, from, to, 'minute', false),
    null,
    (tier, _start, device, endpoint, sent, received, first, last) => {
      const index = indexOf(device)
      if (tier !== 'second' && tier !== 'minute' && last - first > MINUTE) found.push(first, index, endpoint, 0, 0)
      found.push(last - 1, index, endpoint, sent, received)
    },
  )
  return { devices, cells: inOrder(found), minutesFrom: extentOf(store).kept.minute }
}

/** Tiers are visited device by device: put in the order of time, and within a second as they came. */
function inOrder(found: number[]): Float64Array {
  const order = Array.from({ length: found.length / CELL_LENGTH }, (_, place) => place)
  order.sort((one, other) => found[one * CELL_LENGTH] - found[other * CELL_LENGTH] || one - other)
  const cells = new Float64Array(found.length)
  order.forEach((from, to) => {
    for (let part = 0; part < CELL_LENGTH; part++) cells[to * CELL_LENGTH + part] = found[from * CELL_LENGTH + part]
  })
  return cells
}

/** The endpoints that a series is about; null for all. */
function endpointsOf(store: TrafficStore, { companies, purpose }: SeriesRequest): Set<number> | null {
  if (companies === undefined && purpose === undefined) return null
  const matches = (endpoint: StoredEndpoint): boolean =>
    (companies === undefined || companies.includes(endpoint.company)) &&
    (purpose === undefined || endpoint.purpose === purpose)
  return new Set([...store.catalog.endpoints.values()].filter(matches).map(({ id }) => id))
}

/** As asked or as fits the range; as long at least as the buckets that are still kept, and never too many values. */
function stepOf(store: TrafficStore, { from, to, step }: SeriesRequest): number {
  const range = Math.max(1, to - from)
  const wanted = step ?? (DEFAULT_STEPS.find(([upTo]) => range <= upTo) as [number, number])[1]
  const { kept } = extentOf(store)
  const shortest = from < kept.hour ? DAY : from < kept.minute ? HOUR : from < kept.second ? MINUTE : 1
  const least = Math.max(1, Math.ceil(wanted), shortest, Math.ceil(range / MAX_VALUES))
  const unit = least > DAY ? DAY : least > HOUR ? HOUR : least > MINUTE ? MINUTE : 1
  return Math.ceil(least / unit) * unit
}

export function captured(store: TrafficStore, { from, to }: Range): Range[] {
  return store.coverage.within(from, to)
}

export function series(store: TrafficStore, request: SeriesRequest): SeriesAnswer {
  const step = stepOf(store, request)
  const from = floorTo(tierWithin(step), request.from, store.calendar)
  const length = Math.max(0, Math.ceil((request.to - from) / step))
  const sent = new Array<number>(length).fill(0)
  const received = new Array<number>(length).fill(0)
  const covered = new Array<number>(length).fill(0)
  if (length === 0) return { from, step, sent, received, covered }
  const endpoints = endpointsOf(store, request)
  const parts = plan(store, from, request.to, tierDividing(step), true)
  visitParts(
    store,
    parts,
    idsOf(store, request.devices),
    (tier, start, _device, endpoint, bytesSent, bytesReceived) => {
      const place = placeOf(tier, start, from, step, length)
      covered[place] = 1
      if (endpoint === AT_HOME || (endpoints !== null && !endpoints.has(endpoint))) return
      sent[place] = sent[place] + bytesSent
      received[place] = received[place] + bytesReceived
    },
  )
  store.coverage.mark(covered, from, step)
  return { from, step, sent, received, covered }
}

/** At-home traffic is left out, as in a series. */
export function sparklines(store: TrafficStore, { from, to, parts }: Range & { parts: number }): Map<string, number[]> {
  const lines = new Map<string, number[]>()
  const step = (to - from) / parts
  if (!(step > 0)) return lines
  visitParts(store, plan(store, from, to, tierWithin(step), true), null, (tier, start, device, endpoint, sent) => {
    const name = nameOf(store, device)
    if (endpoint === AT_HOME || name === undefined) return
    let line = lines.get(name)
    if (line === undefined) lines.set(name, (line = new Array<number>(parts).fill(0)))
    const place = placeOf(tier, start, from, step, parts)
    line[place] = line[place] + sent
  })
  return lines
}

export function grid(
  store: TrafficStore,
  names: string[],
  days: number,
  now: number,
): { date: string; hours: (number | null)[] }[] {
  const { calendar, coverage } = store
  const local = calendar.local
  const starts = [local.dayStart(now)]
  while (starts.length < days) starts.unshift(local.dayStart(starts[0] - 1))
  const lines = starts.map((start) => {
    const hours = new Array<number | null>(24).fill(null)
    const end = local.nextDay(start)
    for (let hour = start; hour < end && hour <= now; hour = local.nextHour(hour)) {
      if (coverage.covers(hour, Math.min(end, local.nextHour(hour)))) hours[local.hourOf(hour)] ??= 0
    }
    return { date: local.dateOf(start), hours }
  })
  visitParts(
    store,
    plan(store, starts[0], now + 1, 'hour', true),
    idsOf(store, names),
    (tier, start, _device, endpoint, sent) => {
      if (endpoint === AT_HOME || tier === 'day') return
      let place = starts.length - 1
      while (place > 0 && starts[place] > start) place -= 1
      const hours = lines[place].hours
      const hour = local.hourOf(start)
      hours[hour] = (hours[hour] ?? 0) + sent
    },
  )
  return lines
}

/** At-home traffic is left out. A bucket counts in the period in which it starts, so that no two periods share one. */
export function totals(store: TrafficStore, bounds: number[]): Map<string, { sent: number[]; received: number[] }> {
  const periods = Math.max(0, bounds.length - 1)
  const found = new Map<string, { sent: number[]; received: number[] }>()
  for (let period = 0; period < periods; period += 1) {
    const parts = plan(store, bounds[period], bounds[period + 1], 'day', false)
    visitParts(store, parts, null, (_tier, _start, device, endpoint, sent, received) => {
      const name = nameOf(store, device)
      if (endpoint === AT_HOME || name === undefined) return
      let line = found.get(name)
      if (line === undefined)
        found.set(
          name,
          (line = { sent: new Array<number>(periods).fill(0), received: new Array<number>(periods).fill(0) }),
        )
      line.sent[period] = line.sent[period] + sent
      line.received[period] = line.received[period] + received
    })
  }
  return found
}

export function seen(store: TrafficStore): Map<string, { first: number; last: number }> {
  const found = new Map<string, { first: number; last: number }>()
  for (const { name, first, last } of store.catalog.devices.values()) {
    if (first !== null && last !== null) found.set(name, { first, last })
  }
  return found
}

/** Places answered with at most: a page asks for the addresses that it shows. */
const MAX_NAMED_PLACES = 20_000

export function namedAround({ catalog }: TrafficStore, addresses: readonly string[]): NamedPlace[] {
  const blocks = new Set(addresses.map(blockOf))
  const places: NamedPlace[] = []
  for (const { host, company, addresses: known } of catalog.endpoints.values()) {
    if (host === null || company === null) continue
    for (const address of known) if (blocks.has(blockOf(address))) places.push({ address, host, company })
    if (places.length > MAX_NAMED_PLACES) break
  }
  return places
}

export function endpointsBefore(store: TrafficStore, names: string[], before: number): number[] {
  const found = new Set<number>()
  for (const device of idsOf(store, names) ?? []) {
    for (const [endpoint, { first }] of store.catalog.pairs.get(device) ?? []) if (first < before) found.add(endpoint)
  }
  return [...found]
}

/** Best used first, so that a common text finds what matters. */
export function search(
  store: TrafficStore,
  text: string,
  limit: number,
): { device: string; endpoint: number; host: string }[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return []
  const hosts = new Map<number, string>()
  for (const { id, host, addresses } of store.catalog.endpoints.values()) {
    const match =
      host?.toLowerCase().includes(wanted) === true
        ? host
        : addresses.find((address) => address.toLowerCase().includes(wanted))
    if (match !== undefined) hosts.set(id, match)
  }
  const hits: { device: string; endpoint: number; host: string; bytes: number }[] = []
  for (const [device, pairs] of store.catalog.pairs) {
    for (const [endpoint, { bytes }] of pairs) {
      const host = hosts.get(endpoint)
      if (host !== undefined) hits.push({ device: nameOf(store, device) as string, endpoint, host, bytes })
    }
  }
  hits.sort((left, right) => right.bytes - left.bytes)
  return hits.slice(0, limit).map(({ device, endpoint, host }) => ({ device, endpoint, host }))
}
