// Restarts a capture that ended or failed.
import {
  type PacketSource,
  type SourceCounts,
  type SourceEvents,
  SourceMeter,
  type SourceState,
  type StreamReader,
} from './source.ts'

/** Waiting before the first try again, and at most: never longer than the 5 s that a gap may take. */
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 4000
/** How often the stream is asked for its drop counters. */
const ASK_EVERY_MS = 5000

/** What a stream reports while it runs. After `onEnd` it reports nothing more. */
export interface StreamEvents {
  onBytes: (piece: Uint8Array) => void
  /** Packets that this run's kernel has dropped so far. */
  onDropped: (count: number) => void
  /**
   * Of a stream that holds back what it has for a moment: all packets up to this time, in seconds, are given. Never
   * called where each is given at once.
   */
  onFlushed?: (at: number) => void
  /**
   * `problem` says in a sentence why, and what to do. `aliveUntil`: the last sign of life of a link that was lost, in
   * seconds; absent where nothing is missing up to the end.
   */
  onEnd: (problem: string, aliveUntil?: number) => void
}

export interface RunningStream {
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>
  /** Asks for the drop counters, where that can be done. */
  askForDrops?(): void
  /** Whether somebody looks at the page: then what is held back is given more often. */
  setWatched?(isWatched: boolean): void
  /** Takes nothing more for a while: the kernel keeps it, and counts what it drops. */
  hold?(isHeld: boolean): void
}

/** As SourceEvents, for any stream. */
export type RestartingEvents = Pick<SourceEvents, 'onGap' | 'onChange'> & { openReader: () => StreamReader }

export type OpenStream = (events: StreamEvents) => RunningStream

export interface RestartOptions {
  /** Longest wait before the next try; LONGEST_WAIT_MS where absent. */
  longestWaitMs?: number
}

/** Opens the stream again with growing waits whenever it ends, with a new reader for each run. */
export class RestartingSource implements PacketSource {
  private readonly open: OpenStream
  private readonly events: RestartingEvents
  private readonly longestWait: number
  private readonly meter: SourceMeter
  private state: SourceState = 'off'
  private problem: string | null = null
  private run: RunningStream | null = null
  /** A run that was given up and may take a moment to end. */
  private ending: Promise<void> = Promise.resolve()
  /** Counts the runs: reports of an earlier one are ignored. */
  private runNumber = 0
  private wait = FIRST_WAIT_MS
  private retryTimer: NodeJS.Timeout | null = null
  private askTimer: NodeJS.Timeout | null = null
  /** When the capture was lost, wall clock in seconds; null while it runs or where it never ran. */
  private lostAt: number | null = null
  private droppedBefore = 0
  /** Up to when all packets of this run are here, in seconds; null where each comes at once. */
  private flushedAt: number | null = null
  private isWatched = false

  constructor(
    open: OpenStream,
    events: RestartingEvents,
    quietSentence: (seconds: number) => string | null,
    { longestWaitMs = LONGEST_WAIT_MS }: RestartOptions = {},
  ) {
    this.open = open
    this.events = events
    this.longestWait = longestWaitMs
    this.meter = new SourceMeter(quietSentence)
  }

  start(): void {
    if (this.state !== 'off') return
    this.setState('starting', null)
    this.begin()
    this.askTimer = setInterval(() => {
      if (this.state === 'running') this.run?.askForDrops?.()
    }, ASK_EVERY_MS)
  }

  async stop(): Promise<void> {
    if (this.retryTimer !== null) clearTimeout(this.retryTimer)
    if (this.askTimer !== null) clearInterval(this.askTimer)
    const { run } = this
    this.runNumber++
    this.run = null
    await run?.stop()
    await this.ending
    this.meter.end()
    this.setState('off', null)
  }

  setWatched(isWatched: boolean): void {
    this.isWatched = isWatched
    this.run?.setWatched?.(isWatched)
  }

  status(): SourceCounts {
    const counts = this.meter.status(this.state, this.problem)
    return this.lostAt === null ? counts : { ...counts, seenUntil: this.lostAt }
  }

  private begin(): void {
    const number = ++this.runNumber
    const reader = this.events.openReader()
    this.meter.begin(reader)
    this.droppedBefore = this.meter.dropped
    this.flushedAt = null
    const isCurrent = (): boolean => number === this.runNumber
    this.run = this.open({
      onBytes: (piece) => {
        if (isCurrent()) this.read(reader, piece)
      },
      onDropped: (count) => {
        if (isCurrent()) this.meter.dropped = this.droppedBefore + count
      },
      onFlushed: (at) => {
        if (isCurrent()) this.flushedAt = at
      },
      onEnd: (problem, aliveUntil) => {
        if (isCurrent()) this.fail(problem, aliveUntil)
      },
    })
    this.run.setWatched?.(this.isWatched)
  }

  private read(reader: StreamReader, piece: Uint8Array): void {
    const before = reader.packets
    reader.push(piece)
    if (reader.failed) {
      const [problem] = reader.problems.list
      this.ending = this.run?.stop() ?? this.ending
      return this.fail(`What arrives is damaged: ${problem?.message ?? 'it cannot be read'}.`)
    }
    if (reader.hasHeader && this.state !== 'running') this.resume()
    if (reader.packets !== before) this.wait = FIRST_WAIT_MS
    this.meter.pushed(reader, before)
  }

  private resume(): void {
    if (this.lostAt !== null) this.events.onGap?.(this.lostAt, Date.now() / 1000)
    this.lostAt = null
    this.setState('running', null)
  }

  private fail(problem: string, aliveUntil = Infinity): void {
    if (this.state === 'running') this.lostAt = Math.min(this.completeUntil(Date.now() / 1000), aliveUntil)
    this.runNumber++
    this.run = null
    this.meter.end()
    this.setState('failed', problem)
    this.retryTimer = setTimeout(() => this.begin(), this.wait)
    this.wait = Math.min(this.wait * 2, this.longestWait)
  }

  /** What a killed capture program had not written yet lies inside the gap. */
  private completeUntil(now: number): number {
    if (this.flushedAt === null) return now
    return Math.min(now, Math.max(this.flushedAt, this.meter.lastPacket ?? this.flushedAt))
  }

  private setState(state: SourceState, problem: string | null): void {
    const isSame = state === this.state && problem === this.problem
    this.state = state
    this.problem = problem
    if (!isSame) this.events.onChange?.()
  }
}
