// Events on a line of time, grouped into slots as wide as a finger.
import type { EventRow } from '../../server/api.ts'

export interface EventSlot {
  from: number
  to: number
  events: EventRow[]
  /** Kinds with their counts, the most important first. */
  counts: { kind: string; count: number }[]
}

/** What a person would want to see first where a slot holds several. */
const TELLING = [
  'doorbell',
  'live-view',
  'unknown-upload',
  'voice-request',
  'motion-upload',
  'call',
  'backup',
  'firmware-update',
  'telemetry-upload',
  'streaming',
  'heartbeat',
]

/** The span cut into so many equal slots; those without an event are left out. */
export function slotsOf(events: readonly EventRow[], from: number, to: number, count: number): EventSlot[] {
  const width = (to - from) / Math.max(1, count)
  const slots = new Map<number, EventRow[]>()
  for (const event of events) {
    if (event.at < from || event.at >= to) continue
    const place = Math.min(count - 1, Math.floor((event.at - from) / width))
    const slot = slots.get(place)
    if (slot === undefined) slots.set(place, [event])
    else slot.push(event)
  }
  return [...slots]
    .sort(([one], [other]) => one - other)
    .map(([place, held]) => ({
      from: from + place * width,
      to: from + (place + 1) * width,
      events: held,
      counts: countsOf(held),
    }))
}

export function countsOf(events: readonly EventRow[]): EventSlot['counts'] {
  const counts = new Map<string, number>()
  for (const { kind } of events) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts]
    .map(([kind, count]) => ({ kind, count }))
    .sort((one, other) => TELLING.indexOf(one.kind) - TELLING.indexOf(other.kind))
}
