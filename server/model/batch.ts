// Batches that an engine hands on once a second: the only thing that leaves the thread in which packets are read.
import type { NameSource } from '../api.ts'
import type { Label } from '../rules/types.ts'
import type { EventChanges } from './event-changes.ts'

/** One endpoint of the traffic history: what a device exchanged traffic with. Its number is the session's own. */
export interface Endpoint {
  number: number
  /** Null where there is no name, or where the device's level does not keep it. */
  host: string | null
  /** The first address; null where it is not kept. */
  address: string | null
  company: string | null
  purpose: string
  country: string | null
  network: string | null
  /** Protocol and port of the far end, `tcp/443`, of an address without a name. */
  service?: string
  labels: Label[]
  namedBy: NameSource
  ech: boolean
}

/** Endpoint number of everything at home: other devices, the router, groups. */
export const AT_HOME = 0

/** Numbers per cell in `Batch.cells`. */
export const CELL_LENGTH = 5
/** Numbers per cell in `Batch.lookups`. */
export const LOOKUP_LENGTH = 4
/** Numbers per cell in `Batch.verdicts`. */
export const VERDICT_LENGTH = 5

export interface Batch {
  /** New endpoints that the cells below use for the first time. */
  endpoints: Endpoint[]
  /** Ids of devices by index, new ones since the batch before. */
  devices: { index: number; id: string }[]
  /**
   * Second, device index, endpoint number, bytes sent, bytes received, and so on. Bytes may be negative where a late
   * name, or a late owner of an address, moved earlier bytes elsewhere; sums are always exact.
   */
  cells: Float64Array
  /** Names of addresses by device, new since the batch before: for after a restart. */
  names: { device: string; address: string; host: string }[]
  /**
   * Start of a minute, device index, endpoint number, how often the device looked the endpoint's host up by a
   * resolver's log, and so on. Counts may be negative like bytes. Absent where nothing was looked up.
   */
  lookups?: Float64Array
  /**
   * What became of look-ups, of this batch or of one before: start of the minute in which they were made, device index,
   * endpoint number, how many were blocked, how many answered, and so on. Negative like bytes. Absent where no answer
   * was read.
   */
  verdicts?: Float64Array
  /** How far each log was read for the batches up to this one: kept together with what was read, or not at all. */
  positions?: LogPlace[]
  /** Events of devices. Absent where none changed. */
  events?: EventChanges
}

/** A batch of events alone. */
export function eventBatch(events: EventChanges): Batch {
  return { endpoints: [], devices: [], names: [], cells: new Float64Array(), events }
}

/** `position` is a place in the log, in the source's own notation. */
export interface LogPlace {
  source: string
  position: string
}
