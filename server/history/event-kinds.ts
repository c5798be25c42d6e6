// Which events are kept one by one, for how long, and which become stretches.
import type { EventKind } from '../events/event.ts'

const DAY = 86_400

/** What people ask about one by one: kept for LONG_DAYS. */
export const LONG_KINDS: ReadonlySet<string> = new Set<EventKind>([
  'voice-request',
  'live-view',
  'motion-upload',
  'doorbell',
  'call',
  'backup',
  'firmware-update',
])

/** Of these, adjacent ones of the same device, company and kind become one stretch after a day. */
export const STRETCHED_KINDS: ReadonlySet<string> = new Set<EventKind>(['streaming', 'telemetry-upload', 'heartbeat'])

export const LONG_DAYS = 35
export const BRIEF_DAYS = 14
/** Beyond so many the oldest are dropped, each class by itself; the counts of their days stay. */
export const MAX_LONG_EVENTS = 20_000
export const MAX_BRIEF_EVENTS = 10_000
/** Events this old do not change any more. */
export const STRETCH_AFTER = DAY
/** Without a pause longer than this they are one stretch. */
export const STRETCH_PAUSE = 30 * 60
/**
 * Changes in memory until the next commit; beyond, the disk must have been full for long. A recording lists 50,000 at
 * its end.
 */
export const MAX_PENDING_EVENTS = 60_000
