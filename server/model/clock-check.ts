// Whether the machine's clock can be believed: judged against how long the program ran, and against when it was last
// believed. A clock that is a day and more away from that is doubtful: nothing may be dropped by age then.

const HOUR = 3_600
const DAY = 86_400
/** How far the clock may be from where it should be. */
export const LEAP = DAY
/** A clock that is ahead is believed after running on for so long: no wrong one is left alone for a week. */
export const LONG_RUN = 7 * DAY
/** No clock that was ever set is before this version. */
const EARLIEST = Date.UTC(2025, 0, 1) / 1_000
const MAX_SPANS = 16

export type Doubt = 'ahead' | 'behind'

/** Rows of this time were written by a doubtful clock. Seconds. */
export interface DoubtfulSpan {
  kind: Doubt
  from: number
  to: number
  /** From here on there were rows before it began: they stay where they are. Null: none. */
  limit: number | null
  /** What brings its times to where the clock should have been. */
  shift: number
}

/** What is kept over a restart. */
export interface ClockMemory {
  /** When the clock was last believed; null: never. */
  at: number | null
  /** The program ran for so many seconds since. */
  ran: number
  /** So long with the clock ahead. */
  ranAhead: number
  spans: DoubtfulSpan[]
}

/** Rows in [from, to) belong so many seconds later. */
export interface Move {
  from: number
  to: number
  shift: number
}

export interface ClockCheckOptions {
  memory: ClockMemory | null
  /** Seconds by a clock that nobody can set; null: each step of the clock of up to a day is time that passed. */
  elapsed: (() => number) | null
  /** From when on there are rows already, of `time` or later; null where there are none. */
  firstRowAfter?: (time: number) => number | null
}

export class ClockCheck {
  /** Null while the clock can be believed. */
  doubt: Doubt | null = null
  /** Rows of doubtful times to be put right. */
  moves: Move[] = []
  private readonly memory: ClockMemory
  private readonly options: ClockCheckOptions
  /** At the last tick: the clock, and the one that nobody can set. */
  private last: number | null = null
  private lastElapsed = 0
  /** Where the clock was first seen, while it was never believed. */
  private origin = 0
  private readonly spansOfRun = new Set<DoubtfulSpan>()

  constructor(options: ClockCheckOptions) {
    this.options = options
    this.memory = structuredClone(options.memory) ?? { at: null, ran: 0, ranAhead: 0, spans: [] }
  }

  /** Where the clock should be by all that is known. Before the first tick: where it was when the program ended. */
  get expected(): number {
    return (this.memory.at ?? this.origin) + this.memory.ran
  }

  /** When the doubtful clock took the course that it is on now, by itself. */
  get doubtedSince(): number {
    return this.memory.spans.at(-1)?.from ?? this.last ?? 0
  }

  /** For keeping. */
  toMemory(): ClockMemory {
    return structuredClone(this.memory)
  }

  /** The clock is at `now`. */
  tick(now: number): void {
    const { memory } = this
    const isFirst = this.last === null
    const ran = this.ranUntil(now)
    const before = this.last
    if (isFirst) this.origin = (memory.spans.at(-1)?.to ?? now) - memory.ran
    memory.ran += ran
    this.last = now
    const doubt = this.judge(now)
    if (doubt === 'ahead') memory.ranAhead += ran
    if (doubt !== null && !(doubt === 'ahead' && memory.ranAhead >= LONG_RUN)) {
      this.distrust(doubt, now, before === null ? null : before + ran)
    } else if (doubt !== null) this.believe()
    else if (this.doubt !== null || isFirst || memory.at === null || memory.spans.length > 0) this.settle(now)
  }

  /** The clock is right as it is: the owner says so, or the system that sets it. */
  believe(): void {
    if (this.last === null) return
    const { memory, doubt } = this
    // What was written at this time was right.
    memory.spans = memory.spans.filter(({ kind }) => kind !== doubt)
    this.settle(this.last)
  }

  private judge(now: number): Doubt | null {
    if (this.memory.at === null) return now < EARLIEST ? 'behind' : null
    if (now > this.expected + LEAP) return 'ahead'
    return now < this.expected - LEAP ? 'behind' : null
  }

  private ranUntil(now: number): number {
    const { elapsed } = this.options
    if (elapsed === null) {
      const step = this.last === null ? 0 : now - this.last
      return step > 0 && step <= DAY ? step : 0
    }
    const reading = elapsed()
    const ran = this.last === null ? 0 : Math.max(0, reading - this.lastElapsed)
    this.lastElapsed = reading
    return ran
  }

  /** `due`: where the clock would be had nobody set it; null at the first tick. */
  private distrust(doubt: Doubt, now: number, due: number | null): void {
    const { spans } = this.memory
    this.doubt = doubt
    let span = spans.at(-1)
    if (span?.kind !== doubt || (due === null ? !isWithin(span, now) : Math.abs(now - due) > HOUR)) {
      if (spans.length >= MAX_SPANS) spans.shift()
      // The packets of this second came before it was over.
      const from = now - 60
      span = { kind: doubt, from, to: now, limit: this.options.firstRowAfter?.(from) ?? null, shift: 0 }
      spans.push(span)
    }
    this.spansOfRun.add(span)
    span.to = Math.max(span.to, now)
    span.from = Math.min(span.from, now - 60)
    span.shift = this.expected - now
  }

  /** The clock is believed: what doubtful ones wrote goes to when it was. */
  private settle(now: number): void {
    const { memory, expected } = this
    for (const span of memory.spans) {
      // How far the clock is from where it should be is known where it was put right while the program ran.
      const rest = span.kind === 'behind' || this.spansOfRun.has(span) ? now - expected : 0
      this.moves.push({
        from: span.from,
        to: Math.min(span.to + 60, span.limit ?? Infinity),
        shift: span.shift + rest,
      })
    }
    Object.assign(memory, { at: now, ran: 0, ranAhead: 0, spans: [] })
    this.spansOfRun.clear()
    this.doubt = null
  }
}

function isWithin({ from, to }: DoubtfulSpan, now: number): boolean {
  return now >= from && now <= to + DAY
}
