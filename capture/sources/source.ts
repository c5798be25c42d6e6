// The interface of every source of packets: bytes into a reader, a state, and a sentence when something is wrong.
import type { ConnectionTarget } from '../connections/connection-reader.ts'
import type { CaptureReader } from '../formats/capture-reader.ts'

/** `quiet`: all is well but nothing comes. `failed`: it is tried again. `ended`: there is no more. */
export type SourceState = 'starting' | 'running' | 'quiet' | 'failed' | 'ended' | 'off'

export interface SourceCounts {
  state: SourceState
  packets: number
  packetsPerSecond: number
  /** Packets that the kernel dropped before they reached us. */
  dropped: number
  /** Capture time of the last packet, seconds since 1970-01-01 UTC. */
  lastPacket: number | null
  /**
   * Where nothing can be seen now: up to when all was, seconds since 1970-01-01 UTC. Null or absent: until the state
   * changed.
   */
  seenUntil?: number | null
  /** One English sentence about what is wrong and what to do; null when all is well. */
  problem: string | null
}

/** What a stream's bytes are pushed into: `hasHeader` once all that comes is counted. */
export type StreamReader = Pick<
  CaptureReader,
  'push' | 'end' | 'packets' | 'dropped' | 'failed' | 'problems' | 'hasHeader' | 'packetTime' | 'timeProblem'
>

export interface SourceEvents {
  /**
   * A capture begins, or begins anew after an interruption: gives the reader that its bytes are pushed into. The source
   * calls `end` of the one before. `fileTime`: when the file that it reads was last changed, in seconds.
   */
  openReader: (fileTime?: number) => CaptureReader
  /** Nothing could be seen between these wall-clock times, in seconds since 1970-01-01 UTC. */
  onGap?: (from: number, to: number) => void
  /** What was there at the start is read: from here on all is new. For sources that read again after a restart. */
  onCaughtUp?: () => void
  /** Whether a file that begins so may be read; absent: every one. */
  mayRead?: (head: Uint8Array) => boolean
  /** A file that begins so is being read now; null: none is. */
  onFile?: (head: Uint8Array | null) => void
  /** Where what only this machine knows is kept, such as keys of sensors; absent where nothing is. */
  stateFolder?: string
  /** The state or the problem changed. */
  onChange?: () => void
  /** For a source of connections: where what they moved goes. */
  connections?: ConnectionTarget
  /** For a source of connections: a reader of packets of which names are read and no bytes are counted. */
  openNames?: () => CaptureReader
}

export interface PacketSource {
  start(): void
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>
  status(): SourceCounts
  /** Whether somebody looks at the page now: a live capture gives its packets more often then. */
  setWatched?(isWatched: boolean): void
}

/** So long without a packet that a person should be notified. */
const QUIET_AFTER_MS = 10_000
/** Shortest time over which a rate is worth showing. */
const RATE_OVER_MS = 1000

/** Counts what goes through a source, over the readers of all its runs. */
export class SourceMeter {
  dropped = 0
  private readonly quietSentence: (seconds: number) => string | null
  private reader: StreamReader | null = null
  private earlierPackets = 0
  private earlierDropped = 0
  private earlierTimeProblem: string | null = null
  /** Capture time of the last packet, in seconds. */
  lastPacket: number | null = null
  private arrivedAt = performance.now()
  private ratedAt = performance.now()
  private ratedPackets = 0
  private rate = 0

  /** `quietSentence` says what it may mean that nothing comes. */
  constructor(quietSentence: (seconds: number) => string | null) {
    this.quietSentence = quietSentence
  }

  get packets(): number {
    return this.earlierPackets + (this.reader?.packets ?? 0)
  }

  begin(reader: StreamReader): void {
    this.end()
    this.reader = reader
    this.arrivedAt = performance.now()
  }

  /** To be called behind each push. */
  pushed(reader: StreamReader, before: number): void {
    if (reader.packets === before) return
    this.arrivedAt = performance.now()
    this.lastPacket = reader.packetTime
  }

  end(): void {
    if (this.reader === null) return
    this.reader.end()
    this.earlierPackets += this.reader.packets
    this.earlierDropped += this.reader.dropped
    this.earlierTimeProblem = this.reader.timeProblem ?? this.earlierTimeProblem
    this.reader = null
  }

  status(state: SourceState, problem: string | null): SourceCounts {
    const now = performance.now()
    const { packets } = this
    if (now - this.ratedAt >= RATE_OVER_MS) {
      this.rate = ((packets - this.ratedPackets) * 1000) / (now - this.ratedAt)
      this.ratedAt = now
      this.ratedPackets = packets
    }
    const silent = now - this.arrivedAt
    const isQuiet = state === 'running' && silent >= QUIET_AFTER_MS
    return {
      state: isQuiet ? 'quiet' : state,
      packets,
      packetsPerSecond: this.rate,
      dropped: this.dropped + this.earlierDropped + (this.reader?.dropped ?? 0),
      lastPacket: this.lastPacket,
      problem: isQuiet ? this.quietSentence(Math.floor(silent / 1000)) : (problem ?? this.timeProblem()),
    }
  }

  private timeProblem(): string | null {
    const sentence = this.reader?.timeProblem ?? this.earlierTimeProblem
    return sentence === null ? null : `${sentence}.`
  }
}
