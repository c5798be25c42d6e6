// How late an exporter tells what flows moved, learned from its records.

/** The figures are of the last one to two windows. */
const WINDOW = 1_800
/** Before anything is known; most exporters' default for short flows. */
const FIRST_GUESS = 60
const LONGEST = 4_500

interface Highest {
  /** From a record's first byte until it came, and how long a record lasts; seconds. */
  lateness: number
  length: number
}

export class ExportTiming {
  /** What the exporter's options say; null where they say nothing. */
  activeTimeout: number | null = null
  private since = Number.NEGATIVE_INFINITY
  private current: Highest = { lateness: 0, length: 0 }
  private before: Highest = { lateness: 0, length: 0 }

  note(start: number, seconds: number, arrived: number): void {
    if (Math.abs(arrived - this.since) >= WINDOW) {
      this.before = arrived - this.since < 2 * WINDOW ? this.current : { lateness: 0, length: 0 }
      this.current = { lateness: 0, length: 0 }
      this.since = arrived
    }
    this.current.lateness = Math.min(LONGEST, Math.max(this.current.lateness, arrived - start))
    this.current.length = Math.min(LONGEST, Math.max(this.current.length, seconds))
  }

  /** Bytes are known so long after they moved, at most; 0 before there is a record. */
  get lateness(): number {
    return Math.max(this.current.lateness, this.before.lateness)
  }

  /** A flow that goes on is sent this often, as far as is known. */
  get interval(): number {
    if (this.activeTimeout !== null) return this.activeTimeout
    const longest = Math.max(this.current.length, this.before.length)
    return longest > 0 ? longest : FIRST_GUESS
  }

  /** The longest record, 0 before there is one. */
  get longest(): number {
    return Math.max(this.current.length, this.before.length)
  }
}
