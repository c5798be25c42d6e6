// Watching over a session's thread from outside: its signs of life in shared memory, and what to do where they cease.
import { SHARED_BYTES } from './in-hand.ts'

/** A thread that was busy for longer is given up. */
export const LATE_AFTER_MS = 10_000
/** Until the first sign of life: rules, names and habits are loaded. */
const START_PATIENCE_MS = 60_000
const LOOK_EVERY_MS = 500
/** Of one look no more counts as lateness: the whole process may have been stopped meanwhile, or the machine asleep. */
const MOST_COUNTED_MS = 2 * LOOK_EVERY_MS

/** The thread's side: one count in memory that both threads see. */
export class Pulse {
  private readonly count: Int32Array

  constructor(shared: SharedArrayBuffer) {
    this.count = new Int32Array(shared, 0, 1)
  }

  static newMemory(): SharedArrayBuffer {
    return new SharedArrayBuffer(SHARED_BYTES)
  }

  beat(): void {
    Atomics.add(this.count, 0, 1)
  }

  get beats(): number {
    return Atomics.load(this.count, 0)
  }
}

export interface WatchOptions {
  onLate: (milliseconds: number) => void
  lateAfterMs?: number
  /** Milliseconds of a clock that is never set; the process's own where absent. */
  clock?: () => number
}

/** Calls `onLate` once. Time in which this thread itself could not look does not count. */
export class ThreadWatch {
  private readonly pulse: Pulse
  private readonly options: Required<WatchOptions>
  private readonly timer: NodeJS.Timeout
  private beats = 0
  private late = 0
  private lookedAt: number

  constructor(pulse: Pulse, options: WatchOptions) {
    this.pulse = pulse
    this.options = { lateAfterMs: LATE_AFTER_MS, clock: () => performance.now(), ...options }
    this.lookedAt = this.options.clock()
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS)
    this.timer.unref()
  }

  /** How long the thread has given no sign of life. */
  get lateMs(): number {
    return this.late
  }

  stop(): void {
    clearInterval(this.timer)
  }

  private look(): void {
    const now = this.options.clock()
    const passed = Math.min(MOST_COUNTED_MS, now - this.lookedAt)
    this.lookedAt = now
    const { beats } = this.pulse
    if (beats !== this.beats) {
      this.beats = beats
      this.late = 0
      return
    }
    this.late += passed
    if (this.late < (beats === 0 ? START_PATIENCE_MS : this.options.lateAfterMs)) return
    this.stop()
    this.options.onLate(this.late)
  }
}
