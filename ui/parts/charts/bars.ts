// Lengths and labels of the bars in a list of totals.
import { clock, day, fullDay } from '../../text/format.ts'

export interface TotalsBar {
  /** Start of the period, and its end. */
  from: number
  to: number
  sent: number
  received: number
}

export type Period = 'day' | 'week' | 'month'

export function barsOf(bounds: readonly number[], sent: readonly number[], received: readonly number[]): TotalsBar[] {
  return sent.map((value, place) => ({
    from: bounds[place] ?? 0,
    to: bounds[place + 1] ?? 0,
    sent: value,
    received: received[place] ?? 0,
  }))
}

export function periodName(from: number, period: Period): string {
  return period === 'day' ? day(from) : fullDay(from)
}

export function periodTitle(from: number, to: number, period: Period): string {
  return `${periodName(from, period)} ${clock(from)} – ${periodName(to, period)} ${clock(to)}`
}
