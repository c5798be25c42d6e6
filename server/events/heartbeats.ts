// Periods of heartbeats: how often a device calls an endpoint when nothing happens.
import { BoundedMap } from '../../capture/bounded-map.ts'
import type { Burst } from './event.ts'

/** Larger bursts are no heartbeats: a beat says "I am here", a few packets and their answers. */
const LARGEST_BEAT_BYTES = 6_000
/** Intervals remembered, and how many it takes to know a period. */
const REMEMBERED = 12
const ENOUGH = 5
/** So much of the intervals must lie about the period, or about twice of it where a beat went missing. */
const REGULAR_SHARE = 0.75
/** Beats stray by the second that they are counted in, and by clocks that are not exact. */
const STRAY_SECONDS = 2
const STRAY_SHARE = 0.1
/** A shorter period is a stream, not a beat. */
const SHORTEST_PERIOD = 5
/** A period is emitted again once it is this much off what was emitted. */
const CHANGED_SHARE = 0.25
export const MAX_PAIRS = 8_192
/** Endpoint numbers are smaller: a pair is one number. */
const MAX_ENDPOINTS = 2 ** 26

interface Pulse {
  last: number
  intervals: number[]
  emitted: number | null
}

export interface Period {
  /** Median seconds from one beat to the next. */
  seconds: number
  /** Share of the intervals that lie about it. */
  share: number
}

/** Learns the period of each device × endpoint. The pair met first makes room for a new one. */
export class Heartbeats {
  private readonly pulses = new BoundedMap<number, Pulse>('pairs with a pulse', MAX_PAIRS)

  /** The period where it has become known or changed with this burst, else null. */
  observe(burst: Burst): Period | null {
    if (burst.sent + burst.received > LARGEST_BEAT_BYTES || burst.sent === 0) return null
    const pulse = this.pulseOf(burst.device * MAX_ENDPOINTS + burst.endpoint)
    const interval = burst.first - pulse.last
    pulse.last = burst.first
    if (!(interval >= SHORTEST_PERIOD)) return null
    pulse.intervals.push(interval)
    if (pulse.intervals.length > REMEMBERED) pulse.intervals.shift()
    const period = periodOf(pulse.intervals)
    if (period === null) return null
    if (
      pulse.emitted !== null &&
      Math.abs(period.seconds - pulse.emitted) <= Math.max(STRAY_SECONDS, pulse.emitted * CHANGED_SHARE)
    )
      return null
    pulse.emitted = period.seconds
    return period
  }

  private pulseOf(key: number): Pulse {
    const known = this.pulses.get(key)
    if (known !== undefined) return known
    const pulse: Pulse = { last: Number.NaN, intervals: [], emitted: null }
    this.pulses.set(key, pulse)
    return pulse
  }
}

/** Room to sort in: there are few intervals, and many bursts. */
const sorted = new Float64Array(REMEMBERED)

/**
 * The median interval, where enough of them (REMEMBERED at most) lie about it or a whole multiple of it; null where
 * there is no rhythm.
 */
export function periodOf(intervals: readonly number[]): Period | null {
  const { length } = intervals
  if (length < ENOUGH) return null
  for (let index = 0; index < length; index++) {
    const interval = intervals[index]
    let at = index
    for (; at > 0 && sorted[at - 1] > interval; at--) sorted[at] = sorted[at - 1]
    sorted[at] = interval
  }
  const seconds = sorted[length >> 1]
  const stray = Math.max(STRAY_SECONDS, seconds * STRAY_SHARE)
  let near = 0
  for (const interval of intervals)
    if (Math.abs(interval - seconds) <= stray || Math.abs(interval - 2 * seconds) <= 2 * stray) near++
  const share = near / length
  return share >= REGULAR_SHARE ? { seconds, share } : null
}
