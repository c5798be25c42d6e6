// Counts of a device's events by hour of the day, of which detectors judge how many are usual.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import type { LocalMoment } from '../model/local-time.ts'
import { dayOfLastHour, HoursSchema, hoursOf } from './statistics.ts'

const HOUR = 3_600

export const EventCountsSchema = Type.Object({
  /** Beginnings of the events of the last hour. */
  recent: Type.Array(Type.Number()),
  /** Events by day and hour of the day. */
  days: HoursSchema,
  /** The local day of the first event. */
  first: Type.Union([Type.Null(), Type.Number()]),
})
export type EventCounts = Static<typeof EventCountsSchema>

export function newEventCounts(): EventCounts {
  return { recent: [], days: [], first: null }
}

/** Counts an event that began at `at`; returns how many began within the hour up to it. At most `mostDays` are kept. */
export function countEvent(counts: EventCounts, at: number, local: LocalMoment, mostDays: number): number {
  // After a power cut events may come again of which the alert memory knows.
  if (counts.recent.includes(at)) return counts.recent.length
  counts.first ??= local.day
  counts.recent = counts.recent.filter((begin) => begin > at - HOUR)
  counts.recent.push(at)
  const today = hoursOf(counts.days, local.day, mostDays)
  today[local.hour] = today[local.hour] + 1
  return counts.recent.length
}

/**
 * The first day, how many days before have counts, and those of this hour of the day and its neighbours; null while
 * fewer than so many days have passed.
 */
export function countsAround(
  { days, first }: EventCounts,
  local: LocalMoment,
  enoughDays: number,
): { first: number; days: number; counts: number[] } | null {
  const { day, hour } = local
  if (first === null || day - first < enoughDays) return null
  const past = days.filter((entry) => entry.day < dayOfLastHour(local))
  return {
    first,
    days: past.length,
    counts: [-1, 0, 1].flatMap((step) => past.map(({ hours }) => hours[(hour + step + 24) % 24])),
  }
}
