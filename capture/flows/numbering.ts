// A stream's numbers read in one way: what is missing between them.
import { MAX_HOLES } from './limits.ts'

/** A datagram that came: its number, and how many records, and of these how many of flows, it has. */
export interface Passed {
  number: number
  records: number
  flows: number
}

/** A larger step forward is a new beginning: so much is not lost between two datagrams. */
const LARGEST_STEP = 1_000_000
/** So far back a datagram may be late; further back the exporter began anew. */
const LARGEST_DELAY = 10_000

interface Hole {
  from: number
  length: number
}

export class Numbering {
  readonly name: string
  lost = 0
  /** Datagrams that did not follow the one before. */
  misses = 0
  private readonly read: (passed: Passed) => { before: number; count: number }
  /** What the next datagram should have before it; null where anything may follow. */
  private next: number | null = null
  /** The one before was late, and nothing was missing there. */
  private wasStray = false
  private holes: Hole[] = []

  /** `read`: how much was counted before the datagram, modulo 2^32, and how much it counts itself. */
  constructor(name: string, read: Numbering['read']) {
    this.name = name
    this.read = read
  }

  /** Anything may follow. */
  begin(): void {
    this.next = null
    this.holes = []
    this.wasStray = false
  }

  take(passed: Passed): void {
    const { before, count } = this.read(passed)
    const from = before >>> 0
    const step = this.next === null ? 0 : (from - this.next) | 0
    if (step !== 0) this.misses++
    if (step < 0 && step >= -LARGEST_DELAY && this.takeLate(from, count)) return
    if (step > 0 && step <= LARGEST_STEP) this.open((from - step) >>> 0, step)
    else if (step !== 0) this.holes = []
    this.wasStray = false
    this.next = (from + count) >>> 0
  }

  private open(from: number, length: number): void {
    this.lost += length
    this.holes.push({ from, length })
    if (this.holes.length > MAX_HOLES) this.holes.shift()
  }

  /** False where the exporter was started again: two in a row come from where nothing is missing. */
  private takeLate(number: number, count: number): boolean {
    const at = this.holes.findIndex(({ from, length }) => ((number - from) >>> 0) + count <= length)
    if (at < 0) {
      const isStart = this.wasStray
      this.wasStray = true
      return !isStart
    }
    const [{ from, length }] = this.holes.splice(at, 1)
    this.lost -= count
    const before = (number - from) >>> 0
    const behind = length - before - count
    if (before > 0) this.holes.push({ from, length: before })
    if (behind > 0) this.holes.push({ from: (number + count) >>> 0, length: behind })
    return true
  }
}
