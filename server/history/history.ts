// The interface of the traffic history that the pages query, live in SQLite on disk or replayed in memory.
import type { Level } from '../api.ts'
import type { Batch, Endpoint, LogPlace } from '../model/batch.ts'
import type { KeptEvent } from '../model/event-changes.ts'
import type { HistorySettings } from './settings.ts'

export interface Range {
  /** Seconds since 1970-01-01 UTC, half-open. */
  from: number
  to: number
}

/** An endpoint as the traffic history keeps it: `id` stays the same over restarts. Id 0 is "at home". */
export interface StoredEndpoint extends Omit<Endpoint, 'number' | 'address'> {
  id: number
  addresses: string[]
}

/** One device × endpoint in a range. First and last are the bounds of the buckets in which it was seen, in seconds. */
export interface Sum {
  device: string
  endpoint: number
  sent: number
  received: number
  first: number
  last: number
}

/** How often one device looked up one endpoint's host in a range. First and last as in Sum. */
export interface LookupSum {
  device: string
  endpoint: number
  count: number
  /** How many of them a filter blocked, and how many were answered; of the others no verdict is known. */
  blocked: number
  answered: number
  first: number
  last: number
}

export interface SeriesRequest extends Range {
  /** Only these devices, companies (null = unknown), purposes; absent: all. At-home traffic is never in a series. */
  devices?: string[]
  companies?: readonly (string | null)[]
  purpose?: string
  step?: number
}

export interface SeriesAnswer {
  from: number
  step: number
  sent: number[]
  received: number[]
  /** 0 where nothing was captured in that step: a gap; else 1. */
  covered: number[]
}

/** What moved in a range, cell by cell. */
export interface StoredCells {
  /** Ids of devices by the index in `cells`. */
  devices: string[]
  /**
   * Second, device index, endpoint id, bytes sent, bytes received, and so on, the oldest first. A cell of a minute or
   * an hour has its last second; before the one of an hour comes an empty one at its first.
   */
  cells: Float64Array
  /** From when on there are minutes: what is older is kept by the hour, or the day. -Infinity where nothing ages. */
  minutesFrom: number
}

export interface HistoryFacts {
  first: number | null
  last: number | null
  /** The history's clock: after opening, the one of the last commit. Seconds before it are accounted. */
  clock: number | null
  /** What is from before is accounted, whatever a wrong clock said meanwhile. Absent: up to `clock`. */
  accountedUntil?: number | null
  /** One sentence for the person while the clock cannot be believed, and nothing is deleted by age; else null. */
  clockProblem?: string | null
  databaseBytes: number
  writtenBytes: number
  /** One sentence for the person where the disk is full or the traffic history was damaged; null when all is well. */
  problem?: string | null
}

/** An event, or a stretch of adjacent ones of the same device, company and kind. */
export interface StoredEvent extends KeptEvent {
  /** How many events; 1 where it is a single one. Bytes and seconds are of all of them. */
  count: number
  /** End of the last. */
  until: number
}

export interface EventsRequest extends Range {
  /** Absent: all. */
  devices?: string[]
  kinds?: readonly string[]
  /** `next` of the page before. */
  before?: string
  limit: number
}

export interface EventsAnswer {
  /** The newest of those before the place, the oldest first. */
  events: StoredEvent[]
  /** In the whole range. */
  total: number
  /** Place of the next page, of older ones; null where there is none. */
  next: string | null
  /** Single events are kept from then on: of kinds that are kept long, and of the others. Null: all. */
  keptFrom: { long: number | null; brief: number | null }
}

/** Events of one device, company and kind on one local day. */
export interface StoredEventCount {
  /** Local midnight. */
  day: number
  device: string
  company: string | null
  kind: string
  sure: number
  possible: number
  /** Bytes, and seconds together. */
  sent: number
  received: number
  seconds: number
}

export interface EventCountsAnswer {
  /** What was before then was not counted; null: all was. */
  countedFrom: number | null
  counts: StoredEventCount[]
}

export interface ForgetReceipt {
  rows: number
  files: number
}

/** A host seen at an address, by its name. */
export interface NamedPlace {
  address: string
  host: string
  company: string
}

/** What a device called an address, for the engine after a restart. */
export interface RememberedName {
  device: string
  address: string
  host: string
}

/**
 * Device ids are texts (MAC or address). Reading sees everything added so far, committed or not. The live history
 * answers from a worker; every method may reject with an Error whose message is a sentence for the person.
 */
export interface History {
  add(batch: Batch): void
  /** Packets are (not) being captured from this second on: the difference between a gap and silence. */
  capturing(since: number, on: boolean): void
  /** The history's clock; retention, roll-up and commits follow it and never the wall clock. */
  tick(now: number): void
  /** Sums per device × endpoint. Widened to whole buckets where the range is older than the finer ones are kept. */
  sums(range: Range & { devices?: string[] }): Promise<Sum[]>
  /** The finest that is kept of a range, in order of time: for a backtest. */
  cells(range: Range): Promise<StoredCells>
  /** Look-ups per device × endpoint, from resolvers' logs; widened like sums. */
  lookups(range: Range & { devices?: string[] }): Promise<LookupSum[]>
  /** Single events and stretches, page by page, the newest page first. */
  events(request: EventsRequest): Promise<EventsAnswer>
  /** Counts of events of the local days of a range; the levels of the devices bound them like single events. */
  eventCounts(range: Range): Promise<EventCountsAnswer>
  /** How far each log is read, as of what this history holds. */
  positions(): Promise<LogPlace[]>
  /** Descriptors of endpoints by id. */
  endpoints(ids: number[]): Promise<StoredEndpoint[]>
  /** The parts of the range in which packets were captured, in order of time. */
  captured(range: Range): Promise<Range[]>
  series(request: SeriesRequest): Promise<SeriesAnswer>
  /** Sent bytes per device in `parts` equal parts. */
  sparklines(range: Range & { parts: number }): Promise<Map<string, number[]>>
  /** Sent bytes by local day (YYYY-MM-DD) and hour, for the last `days` local days. Null where nothing was captured. */
  grid(devices: string[], days: number, now: number): Promise<{ date: string; hours: (number | null)[] }[]>
  /** Per device, sent and received in each of the periods between bounds (local midnights). */
  totals(bounds: number[]): Promise<Map<string, { sent: number[]; received: number[] }>>
  /** First and last second in which each device moved anything. */
  seen(): Promise<Map<string, { first: number; last: number }>>
  /** Hosts with a company that were seen at these addresses, or in the blocks around them (see blockOf). */
  namedAround(addresses: string[]): Promise<NamedPlace[]>
  /** Endpoint ids that the device used before `before`. */
  endpointsBefore(devices: string[], before: number): Promise<number[]>
  /** Hosts and addresses containing the text (case-insensitive), at most `limit`. */
  search(text: string, limit: number): Promise<{ device: string; endpoint: number; host: string }[]>
  names(): Promise<RememberedName[]>
  /** Brings what is kept of a device down to a level: endpoints become companies, or one. */
  coarsen(device: string, level: Level): Promise<void>
  /** These devices keep their place whatever comes; those beyond the cap are folded into one now. */
  keep(devices: string[]): Promise<void>
  /** Devices seen once, before `until`, that the internet never sent anything. */
  seenOnce(until: number): Promise<string[]>
  /** Notes that they are to be forgotten: it is finished from here on, after a crash or a full disk too. */
  beginForget(devices: string[]): Promise<void>
  /** Removes the devices from every table, file and free page. Resolves when no byte of them is left. */
  forget(devices: string[]): Promise<ForgetReceipt>
  facts(): Promise<HistoryFacts>
  /** Takes over changed settings at once. Resolves when what is kept follows them, as far as the disk allows. */
  configure(settings: HistorySettings): Promise<void>
  /** The clock is right as it is, however it came there. */
  believeClock(): Promise<void>
  /** Commits what is pending and, on disk, syncs it. */
  flush(): Promise<void>
  close(): Promise<void>
}
