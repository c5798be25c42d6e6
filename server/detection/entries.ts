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

/** `seen` and `usual` are in the alert's own unit, mostly bytes; `usual` is null where nothing is usual yet. */
export interface AlertEntry {
  at: string
  device: string | null
  kind: string
  company: string | null
  seen: number
  usual: number | null
  message: string
}
