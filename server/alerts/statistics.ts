// Statistics of what is usual, which one strange day does not change.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import type { LocalMoment } from '../model/local-time.ts'

type Numbers = readonly number[] | Float64Array

/** 0 for an empty list. */
export function median(values: Numbers): number {
  return quantile(values, 0.5)
}

/** Median distance from the median, scaled to a standard deviation (1.4826) for normally distributed values. */
export function spread(values: readonly number[]): number {
  const middle = median(values)
  const distances = new Float64Array(values)
  for (let index = 0; index < distances.length; index++) distances[index] = Math.abs(distances[index] - middle)
  return 1.4826 * median(distances)
}

/** Between neighbours in proportion; 0 for an empty list. */
export function quantile(values: Numbers, share: number): number {
  if (values.length === 0) return 0
  // Typed arrays sort as numbers, without a call per comparison.
  const sorted = new Float64Array(values).sort()
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)]
  const high = sorted[Math.ceil(at)]
  return low + (high - low) * (at - Math.floor(at))
}

/** The largest but one: what happened at least twice. 0 for fewer than two. */
export function secondLargest(values: readonly number[]): number {
  let largest = 0
  let second = 0
  for (const value of values) {
    if (value > largest) {
      second = largest
      largest = value
    } else if (value > second) second = value
  }
  return second
}

/** A value for each of the last days. */
export const DaysSchema = Type.Array(Type.Object({ day: Type.Number(), value: Type.Number() }))
export type Days = Static<typeof DaysSchema>

export const REMEMBERED_DAYS = 28

/** Raises the day's value to `value`. */
export function raise(days: Days, day: number, value: number): void {
  const last = days.at(-1)
  if (last === undefined || last.day < day) {
    days.push({ day, value })
    if (days.length > REMEMBERED_DAYS) days.shift()
  } else if (last.day === day && value > last.value) last.value = value
}

/** Values of the days before. */
export function daysBefore(days: Days, day: number): number[] {
  return days.filter((entry) => entry.day < day).map(({ value }) => value)
}

/** How many days before have a value. */
export function countBefore(days: Days, day: number): number {
  let count = 0
  for (const entry of days) if (entry.day < day) count++
  return count
}

/** `secondLargest` of the days before. */
export function secondLargestBefore(days: Days, day: number): number {
  // Most samples are of a device in its first or second day.
  return days.length < 2 ? 0 : secondLargest(daysBefore(days, day))
}

/** A value for each hour of the last days. */
export const HoursSchema = Type.Array(
  Type.Object({ day: Type.Number(), hours: Type.Array(Type.Number(), { minItems: 24, maxItems: 24 }) }),
)

/** The hours of the day, which is new or the last one; at most so many days are kept. */
export function hoursOf(days: Static<typeof HoursSchema>, day: number, most: number): number[] {
  const last = days.at(-1)
  if (last !== undefined && last.day >= day) return last.hours
  const hours = new Array<number>(24).fill(0)
  days.push({ day, hours })
  if (days.length > most) days.shift()
  return hours
}

/** The local day in which the hour up to now began: over midnight nothing must be judged against itself. */
export function dayOfLastHour({ day, hour }: Pick<LocalMoment, 'day' | 'hour'>): number {
  return hour === 0 ? day - 1 : day
}
