// How much the clock of another machine differs from this one's, from questions and answers (as RFC 5905 section 8).

/** Samples kept, and for how long (milliseconds): clocks drift by some 50 µs a second. */
const MAX_SAMPLES = 32
const KEPT_MS = 60_000
/** Clocks are read with so coarse a step, in seconds. */
const READING = 0.002

interface Sample {
  /** Other clock less this one, in seconds; it is true within half of `trip`. */
  offset: number
  trip: number
  /** Of a clock that nobody sets, in milliseconds. */
  at: number
}

export class ClockOffset {
  private samples: Sample[] = []
  private readonly steady: () => number

  /** `steady`: milliseconds of a clock that nobody sets. */
  constructor(steady: () => number = () => performance.now()) {
    this.steady = steady
  }

  /** In seconds, what the other clock is ahead; null before there is an answer. */
  get offset(): number | null {
    return this.best()?.offset ?? null
  }

  /**
   * The question left at `asked` and its answer came at `heard`, by this clock; the other one's was `other` (seconds
   * since 1970). Answers that cannot be are left out.
   */
  add(asked: number, other: number, heard: number): void {
    const trip = heard - asked
    if (!Number.isFinite(other) || !(trip >= 0)) return
    const at = this.steady()
    const sample: Sample = { offset: other - (asked + heard) / 2, trip, at }
    this.samples = this.samples.filter((one) => at - one.at < KEPT_MS).slice(1 - MAX_SAMPLES)
    const best = this.best()
    // Both are true within half of their trip, unless a clock was set in between: then the new one alone is.
    if (best !== null && Math.abs(sample.offset - best.offset) > (sample.trip + best.trip) / 2 + READING)
      this.samples = []
    this.samples.push(sample)
  }

  private best(): Sample | null {
    return this.samples.reduce<Sample | null>((best, one) => (best === null || one.trip < best.trip ? one : best), null)
  }
}
