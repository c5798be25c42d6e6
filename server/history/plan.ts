// Plan of a query: which tier answers which part of a range. Each moment is answered by exactly one, so that nothing
// counts twice.
import { MINUTE } from './cells.ts'
import type { Calendar } from './calendar.ts'

export const TIERS = ['second', 'minute', 'hour', 'day'] as const
export type Tier = (typeof TIERS)[number]

/** Buckets of `tier` whose start is in [from, to). */
export interface Part {
  tier: Tier
  from: number
  to: number
}

/** What is kept where. The same bytes are in several tiers; each tier is complete from `kept` up to `done`. */
export interface Extent {
  /** From when each tier is complete: always a start of the next coarser tier's bucket. Days have no coarser tier. */
  kept: { second: number; minute: number; hour: number }
  /** Up to when hours and days are rolled up: what comes later is in the finer tier only. */
  done: { hour: number; day: number }
}

const ORDER: Record<Tier, number> = { second: 0, minute: 1, hour: 2, day: 3 }
const FINER: Record<Tier, Tier> = { second: 'second', minute: 'second', hour: 'minute', day: 'hour' }

export function floorTo(tier: Tier, time: number, calendar: Calendar): number {
  if (tier === 'second') return Math.floor(time)
  if (tier === 'minute') return Math.floor(time / MINUTE) * MINUTE
  return tier === 'hour' ? calendar.hourStart(time) : calendar.dayStart(time)
}

export function ceilTo(tier: Tier, time: number, calendar: Calendar): number {
  if (tier === 'second') return Math.ceil(time)
  if (tier === 'minute') return Math.ceil(time / MINUTE) * MINUTE
  if (floorTo(tier, time, calendar) === time) return time
  return tier === 'hour' ? calendar.nextHour(time) : calendar.nextDay(time)
}

/**
 * Cuts [from, to) into parts. Whole days and hours are taken from the coarse tiers, as far as `coarsest` allows, and
 * the rest from the finest tier that still covers it. With `widen` a bucket that is only partly in the range counts
 * where nothing finer is kept; without it a bucket counts where its start is, so that adjoining ranges never share one.
 */
export function planParts(
  from: number,
  to: number,
  coarsest: Tier,
  extent: Extent,
  calendar: Calendar,
  widen: boolean,
): Part[] {
  const parts: Part[] = []
  const push = (tier: Tier, low: number, high: number): void => {
    if (low < high) parts.push({ tier, from: low, to: high })
  }
  // Widening stops at a seam: beyond it the coarser tier has those bytes, whatever zone its buckets were cut in.
  let seamBefore = -Infinity
  let seamAfter = Infinity
  const fill = (low: number, high: number, tier: Tier, finest: Tier): void => {
    if (low >= high) return
    if (ORDER[tier] <= ORDER[finest]) {
      const start = (widen ? floorTo : ceilTo)(finest, low, calendar)
      push(
        finest,
        low === seamBefore ? low : Math.max(seamBefore, start),
        Math.min(seamAfter, ceilTo(finest, high, calendar)),
      )
      return
    }
    const done = tier === 'day' ? extent.done.day : tier === 'hour' ? extent.done.hour : Infinity
    const first = ceilTo(tier, low, calendar)
    const last = Math.min(floorTo(tier, high, calendar), done)
    if (first >= last) return fill(low, high, FINER[tier], finest)
    fill(low, first, FINER[tier], finest)
    push(tier, first, last)
    fill(last, high, FINER[tier], finest)
  }
  const { second, minute, hour } = extent.kept
  const seams = [-Infinity, hour, Math.max(hour, minute), Math.max(hour, minute, second), Infinity]
  for (const [place, finest] of (['day', 'hour', 'minute', 'second'] as const).entries()) {
    seamBefore = seams[place]
    seamAfter = seams[place + 1]
    fill(Math.max(from, seamBefore), Math.min(to, seamAfter), coarsest, finest)
  }
  return parts
}
