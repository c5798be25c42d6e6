// Follower and parser of one log in a text file, with a state for the health panel.
import { open } from 'node:fs/promises'
import { createLogParser, programsInWords, recogniseLog, type TextFormat, textFormat } from '../logs/formats.ts'
import type { LogParser, LogRecord } from '../logs/record.ts'
import { unsupportedLog } from '../logs/unsupported.ts'
import { LogFollower, type LogPosition } from './log-follower.ts'
import { type SourceState } from './source.ts'

/** Bytes at the start of a log that identify its format and hold what its later lines need. */
const HEAD_LENGTH = 65_536
/** Lines that are kept back while the format is unknown. */
const MAX_UNKNOWN_LINES = 200

export interface DnsLogOptions {
  /** What wrote the log; found out where it is null. */
  format?: TextFormat | null
  /** Where the last run stopped; where there is none, reading starts `from` the end (the default) or the start. */
  position?: LogPosition | null
  from?: 'start' | 'end'
  onRecord: (record: LogRecord) => void
  /** See RecordSourceOptions. */
  guard?: (line: string, read: () => void) => void
  /** All there is was read: the time to keep `position()`. */
  onCaughtUp?: () => void
}

/** Fields as of a packet source: what it counts is records, and time is that of the log. */
export interface LogSourceStatus {
  state: SourceState
  format: TextFormat | null
  lines: number
  records: number
  /** Lines too long to be one of a resolver. */
  skippedLines: number
  rotations: number
  lastRecord: number | null
  problem: string | null
}

export class DnsLogSource {
  private readonly options: DnsLogOptions
  private readonly follower: LogFollower
  private format: TextFormat | null
  private parser: LogParser | null = null
  private unknown: string[] = []
  private unknownCount = 0
  private records = 0
  private lastRecord: number | null = null
  private isRunning = false
  private isPrimed = false
  /** What the lines look like that gave no record, and what to do: it stands until one gives a record. */
  private hint: string | null = null

  constructor(path: string, options: DnsLogOptions) {
    this.options = options
    this.format = options.format ?? null
    this.follower = new LogFollower(path, {
      ...(options.position === undefined ? {} : { position: options.position }),
      ...(options.from === undefined ? {} : { from: options.from }),
      onLine: (line) => this.addLine(line),
      onCaughtUp: () => options.onCaughtUp?.(),
    })
    if (this.format !== null) this.parser = createLogParser(this.format, now)
  }

  start(): void {
    this.isRunning = true
    void this.prime().then(() => {
      if (this.isRunning) this.follower.start()
    })
  }

  async stop(): Promise<void> {
    this.isRunning = false
    await this.follower.stop()
  }

  /** Reads all there is now; the follower does it by itself once started. Never rejects. */
  async look(): Promise<void> {
    await this.prime()
    await this.follower.look()
  }

  /** To be kept and handed back after a restart; null before the log was seen. */
  position(): LogPosition | null {
    return this.follower.position()
  }

  status(): LogSourceStatus {
    const { lines, skippedLines, rotations } = this.follower
    const problem = this.follower.problem ?? this.formatProblem()
    const state = !this.isRunning ? 'off' : problem !== null ? 'failed' : this.records > 0 ? 'running' : 'quiet'
    return {
      state,
      format: this.format,
      lines,
      records: this.records,
      skippedLines,
      rotations,
      lastRecord: this.lastRecord,
      problem,
    }
  }

  /** Reading begins behind the start: the start gives format and columns, and none of its records is emitted. */
  private async prime(): Promise<void> {
    if (this.isPrimed) return
    this.isPrimed = true
    const lines = await headLines(this.follower.path)
    this.recognise(lines)
    const isHeader = this.format === null ? null : textFormat(this.format).isHeader
    if (isHeader !== null) for (const line of lines) if (isHeader(line)) this.parser?.parse(line)
  }

  private recognise(lines: readonly string[]): void {
    if (this.parser !== null) return
    this.format = recogniseLog(lines, now)
    if (this.format !== null) this.parser = createLogParser(this.format, now)
  }

  private addLine(line: string): void {
    if (this.parser === null) {
      this.unknownCount++
      this.unknown.push(line)
      if (this.unknown.length > MAX_UNKNOWN_LINES) this.unknown.shift()
      this.recognise([line])
      const waiting = this.parser === null ? [] : this.unknown.splice(0)
      for (const early of waiting) this.read(early)
    } else this.read(line)
    if (this.records === 0) this.noteOther(line)
  }

  /** A line that gave nothing may be of a log that is to be given otherwise, or that nobody here reads. */
  private noteOther(line: string): void {
    if (this.hint !== null || this.follower.lines > MAX_UNKNOWN_LINES) return
    const { path } = this.follower
    const unread = unsupportedLog(line)
    const other = this.otherFormat(line)
    if (other !== null && (unread === null || createLogParser(other, now).parse(line).length > 0)) {
      const { title, words } = textFormat(other)
      this.hint = `${path} looks like ${title}: give it as dns:${words[0]}:${path}.`
    } else if (unread !== null) this.hint = `${path} looks like ${unread.title}: not supported. ${unread.advice}`
  }

  /** The format of the line where it is not the one that was named; null where that cannot be said. */
  private otherFormat(line: string): TextFormat | null {
    // Lines of a format that none is surely of are recognised as another's.
    if (this.format === null || textFormat(this.format).recognises === null) return null
    const found = recogniseLog([line], now)
    return found === this.format ? null : found
  }

  private read(line: string): void {
    if (this.options.guard === undefined) this.parse(line)
    else this.options.guard(line, () => this.parse(line))
  }

  private parse(line: string): void {
    for (const record of this.parser?.parse(line) ?? []) {
      this.records++
      this.lastRecord = record.time ?? now()
      this.options.onRecord(record)
    }
  }

  private formatProblem(): string | null {
    if (this.records === 0 && this.hint !== null) return this.hint
    if (this.parser === null && this.unknownCount >= MAX_UNKNOWN_LINES) {
      return `${this.follower.path} is no log that Telltale reads: ${programsInWords()}. Does the resolver log queries (log-queries)?`
    }
    if (this.records === 0 && this.parser !== null && this.follower.lines >= MAX_UNKNOWN_LINES) {
      return `${this.follower.path} tells of no look-ups. Does the resolver log queries (log-queries)?`
    }
    return null
  }
}

/** Whole lines at the start of the file; none where it cannot be read, which the follower says. */
async function headLines(path: string): Promise<string[]> {
  try {
    const handle = await open(path, 'r')
    try {
      const head = Buffer.alloc(HEAD_LENGTH)
      const { bytesRead } = await handle.read(head, 0, HEAD_LENGTH, 0)
      return head.toString('utf8', 0, bytesRead).split('\n').slice(0, -1)
    } finally {
      await handle.close()
    }
  } catch {
    return []
  }
}

function now(): number {
  return Date.now() / 1000
}
