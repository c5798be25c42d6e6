// Types of bursts of traffic and of the events that they mean.
import type { NameSource } from '../api.ts'
import type { Label } from '../rules/types.ts'
import { EVENT_WORDS, type EventWords } from '../text/en/events.ts'

/** What a burst may mean: a closed list. None of them says what was spoken, seen or written. */
export const EVENT_KINDS = [
  'voice-request',
  'live-view',
  'motion-upload',
  'doorbell',
  'call',
  'firmware-update',
  'telemetry-upload',
  'backup',
  'heartbeat',
  'streaming',
  'unknown-upload',
] as const

export type EventKind = (typeof EVENT_KINDS)[number]

/** The words of each kind; the type check asks for those of a new one. */
export const SPOKEN_KINDS: Record<EventKind, EventWords> = EVENT_WORDS

/** The far end of a burst; an `Endpoint` of the traffic history has all of it. */
export interface EventEndpoint {
  number: number
  host: string | null
  address: string | null
  /** Slug; null where nobody knows. For a rented-out network the one that rents it out. */
  company: string | null
  purpose: string
  network: string | null
  labels: readonly Label[]
  namedBy: NameSource
}

/** Traffic of one device with one endpoint, between two pauses. Bytes as seen from the device. */
export interface Burst {
  device: number
  endpoint: number
  /** First and last second with traffic, since 1970-01-01 UTC. */
  first: number
  last: number
  sent: number
  received: number
  /** Most bytes sent in one second. */
  peak: number
  /** Seconds in which at least as much was sent as the thinnest stream of speech takes. */
  steady: number
  /** Bytes received until EARLY_SENT_BYTES were sent: who speaks is answered afterwards. */
  early: number
}

/** A burst with a meaning. The same id again means that more is known now. */
export interface EventFact {
  /** Stable for the same traffic: device, endpoint and first second. */
  id: string
  at: number
  device: number
  endpoint: number
  kind: EventKind
  company: string | null
  host: string | null
  purpose: string
  sent: number
  received: number
  /** Length of the burst; of a heartbeat the time from one beat to the next. */
  seconds: number
  /** 0 to 1. */
  confidence: number
  /** Why, the strongest reason first. */
  reasons: string[]
}

/** Lengths are counted in seconds of the clock: what began and ended within one is 1 s long. */
export function secondsOf({ first, last }: Burst): number {
  return last - first + 1
}
