// Counts of events by local day, device, company and kind, and the captured part of each local day.
import type { EventKind } from '../events/event.ts'
import type { Range } from '../history/history.ts'
import type { LocalTime } from '../model/local-time.ts'
import type { TrafficView } from '../queries/traffic-view.ts'
import type { CapturedDay, EventCount } from './facts.ts'

const AMOUNTS = ['sure', 'possible', 'sent', 'received', 'seconds'] as const

/** Counts of a range, under the devices that others were merged into, and from when on events were counted. */
export async function countsOfHome(
  view: TrafficView,
  range: Range,
): Promise<{ countedFrom: number | null; counts: EventCount[] }> {
  const { countedFrom, counts: stored } = await view.history.eventCounts(range)
  const counts = new Map<string, EventCount>()
  for (const one of stored) {
    const device = view.rootOf(one.device)
    const key = `${one.day} ${device} ${one.company ?? ''} ${one.kind}`
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { ...one, device, kind: one.kind as EventKind })
    else for (const field of AMOUNTS) known[field] += one[field]
  }
  return { countedFrom, counts: [...counts.values()] }
}

/** Days of the range of which at least a second was captured. `captured` is in order of time. */
export function capturedDays(localTime: LocalTime, { from, to }: Range, captured: readonly Range[]): CapturedDay[] {
  const days: CapturedDay[] = []
  for (let day = localTime.dayStart(from); day < to; day = localTime.nextDay(day)) {
    const begin = Math.max(day, from)
    const end = Math.min(localTime.nextDay(day), to)
    const seconds = captured.reduce(
      (sum, part) => sum + Math.max(0, Math.min(end, part.to) - Math.max(begin, part.from)),
      0,
    )
    if (seconds > 0) days.push({ day, from: begin, to: end, captured: seconds })
  }
  return days
}
