// What is a burst of traffic, and what can it mean?
import type { NameSource } from '../api.ts'
import type { Label } from '../rules/types.ts'

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

/** In the words of a householder; they name the service and the amount, never what was said or shown. */
export const SPOKEN_KINDS: Record<EventKind, { title: string; words: string }> = {
  'voice-request': { title: 'Voice request', words: 'As much was sent as a spoken request takes, to a voice service.' },
  'live-view': { title: 'Live view', words: 'A camera sent a lasting stream, as for somebody who watches.' },
  'motion-upload': { title: 'Recording', words: 'A camera sent something short, as large as a clip or a picture.' },
  doorbell: { title: 'Doorbell', words: 'A doorbell sent a stream while about as much as a voice came back.' },
  call: { title: 'Call', words: 'As much went out as came in, for a while, as in a telephone or video call.' },
  'firmware-update': { title: 'New software', words: 'The device fetched as much as a new program takes.' },
  'telemetry-upload': {
    title: 'Statistics',
    words: 'Something was sent to a server for usage statistics, tracking or advertising.',
  },
  backup: { title: 'Backup', words: 'Much was sent to a service that keeps files and photos.' },
  heartbeat: { title: 'Heartbeat', words: 'A few packets at regular times: the device says that it is there.' },
  streaming: { title: 'Streaming', words: 'Much was received, as for music or films.' },
  'unknown-upload': { title: 'Unknown upload', words: 'More was sent than received, and nothing known says what for.' },
}

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
