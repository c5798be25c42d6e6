// Intervals in which packets were captured: they distinguish a gap from silence.

export interface Interval {
  since: number
  until: number
}

/** More are joined where the gap between them is smallest: a source that comes and goes must not fill the disk. */
const MAX_INTERVALS = 4_096

/** Intervals in order of time; the last may be open. Seconds. */
export class Coverage {
  private intervals: Interval[]
  private open: Interval | null = null

  constructor(intervals: Interval[]) {
    this.intervals = intervals
  }

  capturing(since: number, on: boolean): void {
    if (this.open !== null) {
      this.open.until = Math.max(this.open.since, on ? this.open.until : since)
      if (on) return
      this.open = null
      return
    }
    if (!on) return
    this.open = { since, until: since }
    this.intervals.push(this.open)
    this.intervals.sort((left, right) => left.since - right.since)
    if (this.intervals.length > MAX_INTERVALS) this.joinClosest()
  }

  /** The history's clock reached `now`. */
  tick(now: number): void {
    if (this.open !== null) this.open.until = Math.max(this.open.until, now)
  }

  /** The clock was set from one time to another: what is between them was not captured. */
  leap(from: number, to: number): void {
    if (this.open === null) return
    this.capturing(from, false)
    this.capturing(Math.floor(to), true)
  }

  /** Intervals that began in [from, to) are that much later. */
  move(from: number, to: number, shift: number): void {
    for (const interval of this.intervals) {
      if (interval.since < from || interval.since >= to || interval === this.open) continue
      interval.since += shift
      interval.until += shift
    }
    this.intervals.sort((left, right) => left.since - right.since)
  }

  /** Forgets what ended before `floor`. */
  dropBefore(floor: number): void {
    this.intervals = this.intervals.filter((interval) => interval === this.open || interval.until >= floor)
    for (const interval of this.intervals) interval.since = Math.min(interval.until, Math.max(interval.since, floor))
  }

  covers(from: number, to: number): boolean {
    return this.intervals.some(({ since, until }) => since < to && (until > from || (since === until && since >= from)))
  }

  /** Marks the steps that hold a captured second. */
  mark(covered: number[], from: number, step: number): void {
    const end = from + covered.length * step
    for (const { since, until } of this.intervals) {
      if (since >= end || until <= from) continue
      const last = Math.min(covered.length - 1, Math.ceil((until - from) / step) - 1)
      for (let place = Math.max(0, Math.floor((since - from) / step)); place <= last; place += 1) covered[place] = 1
    }
  }

  /** The captured parts of [from, to), in order of time; none overlaps another. */
  within(from: number, to: number): { from: number; to: number }[] {
    const parts: { from: number; to: number }[] = []
    for (const { since, until } of this.intervals) {
      const last = parts.at(-1)
      const part = { from: Math.max(from, since), to: Math.min(to, until) }
      if (part.from >= part.to) continue
      if (last !== undefined && part.from <= last.to) last.to = Math.max(last.to, part.to)
      else parts.push(part)
    }
    return parts
  }

  all(): readonly Interval[] {
    return this.intervals
  }

  private joinClosest(): void {
    let closest = 1
    for (let place = 1; place < this.intervals.length; place += 1) {
      if (this.gapBefore(place) < this.gapBefore(closest)) closest = place
    }
    const [later] = this.intervals.splice(closest, 1) as [Interval]
    const earlier = this.intervals[closest - 1]
    earlier.until = Math.max(earlier.until, later.until)
    if (later === this.open) this.open = earlier
  }

  private gapBefore(place: number): number {
    return this.intervals[place].since - this.intervals[place - 1].until
  }
}
