// The clock for what ends by age in the service itself, log-in sessions and notifications that wait: it goes on as time
// does while the machine's cannot be believed.
import { ClockCheck, type ClockMemory } from '../model/clock-check.ts'
import { elapsedSeconds, isSynchronised } from '../store/machine-clock.ts'
import type { Stored } from '../store/stored.ts'

/** As kept on disk. */
export interface KeptClock {
  clock: ClockMemory | null
}

/** What a stored file says, as far as it can be used. */
export function readKeptClock(stored: unknown): KeptClock {
  const { at, ran, ranAhead } = (stored as Partial<KeptClock> | null)?.clock ?? ({} as Partial<ClockMemory>)
  const isKept = [at, ran, ranAhead].every(Number.isFinite)
  // No rows of doubtful times here.
  return { clock: isKept ? { at: at as number, ran: ran as number, ranAhead: ranAhead as number, spans: [] } : null }
}

export class SteadyClock {
  private readonly kept: Stored<KeptClock>
  private readonly wall: () => number
  private readonly check: ClockCheck

  /** `wall`: the machine's clock, in seconds. `elapsed`: one that nobody can set. */
  constructor(kept: Stored<KeptClock>, wall: () => number, elapsed: () => number = elapsedSeconds) {
    this.kept = kept
    this.wall = wall
    this.check = new ClockCheck({ memory: kept.data.clock, elapsed })
    this.now()
  }

  /** Seconds since 1970. */
  now(): number {
    const wall = this.wall()
    this.check.tick(wall)
    this.check.moves = []
    return this.check.doubt === null ? wall : this.check.expected
  }

  /** The machine's clock is right as it is. */
  believe(): void {
    this.now()
    if (this.check.doubt !== null) this.check.believe()
  }

  /** Called regularly: asks the system about a clock that is doubted, and writes down what is known. */
  async keep(): Promise<void> {
    this.now()
    if (this.check.doubt !== null && (await isSynchronised(this.wall(), this.check.doubtedSince))) this.believe()
    this.kept.data.clock = this.check.toMemory()
    await this.kept.save()
  }
}
