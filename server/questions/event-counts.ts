// Counts of events by local day, device, company and kind, and the captured part of each local day.
import type { DeviceEvent } from '../detection/activity.ts'
import type { Range } from '../history/history.ts'
import type { LocalTime } from '../model/local-time.ts'
import type { TrafficView } from '../queries/traffic-view.ts'
import type { CapturedDay, EventCount } from './facts.ts'

/** From this confidence on an event is counted as sure. */
export const SURE_CONFIDENCE = 0.85

export function countEvents(view: TrafficView, events: readonly DeviceEvent[], range: Range): EventCount[] {
  const counts = new Map<string, EventCount>()
  for (const { at, device: id, company, kind, sent, received, seconds, confidence } of events) {
    if (at < range.from || at >= range.to) continue
    const device = view.rootOf(id)
    const day = view.localTime.dayStart(at)
    const key = `${day} ${device} ${company ?? ''} ${kind}`
    const count = counts.get(key) ?? {
      day,
      device,
      company,
      kind,
      sure: 0,
      possible: 0,
      sent: 0,
      received: 0,
      seconds: 0,
    }
    if (confidence >= SURE_CONFIDENCE) count.sure++
    else count.possible++
    count.sent += sent
    count.received += received
    count.seconds += seconds
    counts.set(key, count)
  }
  return [...counts.values()].sort((one, other) => one.day - other.day)
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
