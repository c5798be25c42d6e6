// Entries of `analyze --json` for events and alerts.
import type { EventKind } from '../events/event.ts'

/**
 * One burst of traffic and what it seems to mean. `seconds` is its length, of a heartbeat the time between two beats.
 */
export interface EventEntry {
  at: string
  device: string
  kind: EventKind
  company: string | null
  host: string | null
  purpose: string
  sent: number
  received: number
  seconds: number
  confidence: number
}

/**
 * One incident. `seen` and `usual` are in the alert's own unit, mostly bytes; `usual` is null where nothing is usual
 * yet.
 */
export interface AlertEntry {
  /** ISO 8601 in UTC: first and last second of it. */
  at: string
  until: string
  device: string | null
  /** server/alerts/detectors/index.ts has the closed list, the README the words. */
  kind: string
  company: string | null
  /** Of the destination with the most bytes; null where there is none, or no name. */
  address: string | null
  host: string | null
  seen: number
  /** The whole upload; 0 where the alert is about none. */
  bytes: number
  usual: number | null
  /** How often it happened: separate uploads, or findings. */
  repeats: number
  message: string
}
