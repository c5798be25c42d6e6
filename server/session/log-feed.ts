// Hands over the lines of a saved log up to a moment, and no further: replay and seeking of logs.
import { setImmediate } from 'node:timers/promises'
import type { Problem } from '../../capture/formats/problem.ts'
import type { LogFormat } from '../../capture/logs/formats.ts'
import type { LogRecord } from '../../capture/logs/record.ts'
import { readSavedLog, SavedLogTooLargeError, type SavedLogPiece } from '../../capture/sources/saved-log.ts'
import { type RecordingFeed, RecordingTooLargeError } from './recording-feed.ts'

export interface LogFeedOptions {
  path: string
  format: LogFormat
  /** `now` is the log's time so far: a line without a time, or of a time before, counts then. */
  onRecord: (record: LogRecord, now: number) => void
  maxUnpackedBytes: number
}

/** One pass over a log; see RecordingFeed. `packets` counts look-ups and flows, not their answers. */
export class LogFeed implements RecordingFeed {
  bytesTaken = 0
  packets = 0
  lastTime = Number.NaN
  hasEnded = false
  /** Lines so far, and of them those that are too long to be read. */
  lines = 0
  skippedLines = 0

  private readonly options: LogFeedOptions
  private readonly pieces: AsyncGenerator<SavedLogPiece>
  private readonly found: Problem[] = []
  private waiting: readonly LogRecord[] = []
  private next = 0

  constructor(options: LogFeedOptions) {
    this.options = options
    this.pieces = readSavedLog(options.path, options.format, { maxUnpackedBytes: options.maxUnpackedBytes })
  }

  get nextTime(): number | null {
    return this.next < this.waiting.length ? this.timeOf(this.waiting[this.next]) : null
  }

  async advance(until: number, milliseconds: number): Promise<boolean> {
    const start = performance.now()
    for (;;) {
      while (this.next < this.waiting.length) {
        if (this.timeOf(this.waiting[this.next]) > until) return true
        this.deliver(this.waiting[this.next++])
      }
      if (this.hasEnded) return true
      if (performance.now() - start >= milliseconds) return false
      await this.readPiece()
      await setImmediate()
    }
  }

  problems(): Problem[] {
    const { skippedLines } = this
    if (skippedLines === 0) return this.found
    const message = `${skippedLines} ${skippedLines === 1 ? 'line is' : 'lines are'} too long for a resolver's log and left out`
    return [...this.found, { packet: 0, offset: 0, message }]
  }

  async close(): Promise<void> {
    await this.pieces.return(undefined)
  }

  private timeOf({ time }: LogRecord): number {
    return time ?? (Number.isNaN(this.lastTime) ? 0 : this.lastTime)
  }

  private deliver(record: LogRecord): void {
    if (record.kind !== 'answer' && record.kind !== 'lease') this.packets++
    const { time } = record
    if (time !== null && !(time < this.lastTime)) this.lastTime = time
    this.options.onRecord(record, this.timeOf(record))
  }

  private async readPiece(): Promise<void> {
    try {
      const { value, done } = await this.pieces.next()
      if (done === true) {
        this.hasEnded = true
        return
      }
      this.waiting = value.records
      this.next = 0
      this.bytesTaken = value.bytesTaken
      this.lines = value.lines
      this.skippedLines = value.skippedLines
      if (value.problem !== null) this.found.push({ packet: value.lines, offset: 0, message: value.problem })
    } catch (error) {
      throw error instanceof SavedLogTooLargeError ? new RecordingTooLargeError(error.message) : error
    }
  }
}
