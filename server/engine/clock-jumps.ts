// Where the clock that stamped the packets was set: stretches of capture time that lie months or years apart.
import { clockSentence } from '../text/en/clock.ts'

/** Shorter leaps are quiet nights, holidays, or files put together out of order. */
const LEAP_SECONDS = 30 * 86_400
/** Stretches kept; of more the last one grows. */
const MAX_STRETCHES = 16

/** In seconds since 1970-01-01 UTC, the last one included. */
export interface Stretch {
  from: number
  to: number
}

/** Takes the seconds of packets in the order of the capture. */
export class ClockJumps {
  readonly stretches: Stretch[] = []
  /** The second noted last; NaN before there is one. */
  last = Number.NaN

  note(second: number): void {
    const leap = Math.abs(second - this.last)
    this.last = second
    const open = this.stretches.at(-1)
    if (open === undefined || (leap > LEAP_SECONDS && this.stretches.length < MAX_STRETCHES))
      this.stretches.push({ from: second, to: second })
    else {
      if (second < open.from) open.from = second
      if (second > open.to) open.to = second
    }
  }

  /** One sentence where the clock was set, none where it went on. */
  sentences(): string[] {
    return this.stretches.length > 1 ? [clockSentence(this.stretches)] : []
  }
}
