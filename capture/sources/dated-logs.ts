// Follower of a log that is a new file each day, with the date in its name: one file after the other.
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { DnsLogSource, LogSourceStatus } from './dns-log.ts'
import type { LogPosition } from './log-follower.ts'

/** What stands for the date in the path. */
export const DATE_WORD = 'YYYY-MM-DD'
const LOOK_EVERY_MS = 2000

/** Where reading is: the file's name, and the place in it. */
export interface DatedPosition {
  file: string
  position: LogPosition | null
}

export interface DatedLogOptions {
  /** As `position()` gave it; null to begin with the newest file there is. */
  position: DatedPosition | null
  /** A source of one of the files, read from its start or from the place. */
  open: (path: string, position: LogPosition | null) => DnsLogSource
}

/** Follows the file of the latest day to its end before it goes on to that of a later one. */
export class DatedLog {
  private readonly path: string
  private readonly options: DatedLogOptions
  private file: string | null
  private source: DnsLogSource | null = null
  private problem: string | null = null
  private lastRecord: number | null = null
  private timer: NodeJS.Timeout | null = null
  private isRunning = false
  private looking: Promise<void> = Promise.resolve()

  constructor(path: string, options: DatedLogOptions) {
    this.path = path
    this.options = options
    this.file = options.position?.file ?? null
  }

  start(): void {
    this.isRunning = true
    const again = (): void => {
      if (this.isRunning) this.timer = setTimeout(() => void this.look().then(again), LOOK_EVERY_MS)
    }
    void this.look().then(again)
  }

  async stop(): Promise<void> {
    this.isRunning = false
    if (this.timer !== null) clearTimeout(this.timer)
    await this.looking
    await this.source?.stop()
  }

  position(): DatedPosition | null {
    return this.file === null
      ? null
      : { file: this.file, position: this.source?.position() ?? this.options.position?.position ?? null }
  }

  status(): LogSourceStatus {
    const idle = { format: null, lines: 0, records: 0, skippedLines: 0, rotations: 0 }
    const found = this.source?.status() ?? { ...idle, state: 'quiet' as const, lastRecord: null, problem: null }
    const problem = this.problem ?? found.problem
    return {
      ...found,
      state: !this.isRunning ? 'off' : problem !== null ? 'failed' : found.state,
      lastRecord: found.lastRecord ?? this.lastRecord,
      problem,
    }
  }

  /** Reads what there is, and goes on to the next file where there is one. Never rejects. */
  look(): Promise<void> {
    this.looking = this.looking.then(() => this.lookOnce())
    return this.looking
  }

  private async lookOnce(): Promise<void> {
    const files = await this.files()
    if (files === null) return
    this.problem = files.length === 0 && this.source === null ? `There is no ${this.path} of any day yet.` : null
    if (this.source === null) {
      const first =
        this.file !== null && files.includes(this.file) ? this.file : files.find((file) => file > (this.file ?? ''))
      const from = this.file === null ? files.at(-1) : first
      if (from !== undefined)
        await this.open(from, from === this.file ? (this.options.position?.position ?? null) : null)
    }
    for (const file of files.filter((name) => name > (this.file ?? ''))) {
      if (this.source === null) return
      await this.close()
      await this.open(file, null)
    }
  }

  private async open(file: string, position: LogPosition | null): Promise<void> {
    this.file = file
    this.source = this.options.open(join(dirname(this.path), file), position)
    await this.source.look()
    if (this.isRunning) this.source.start()
  }

  /** What was written since the last look is read before the file is left. */
  private async close(): Promise<void> {
    await this.source?.look()
    this.lastRecord = this.source?.status().lastRecord ?? this.lastRecord
    await this.source?.stop()
    this.source = null
  }

  /** Names of the files of all days, in order; null where the folder cannot be read, which `problem` says. */
  private async files(): Promise<string[] | null> {
    const [before, after] = basename(this.path).split(DATE_WORD)
    try {
      return (await readdir(dirname(this.path)))
        .filter((name) => name.startsWith(before) && name.endsWith(after ?? ''))
        .filter((name) => /^\d{4}-\d\d-\d\d$/.test(name.slice(before.length, name.length - (after ?? '').length)))
        .sort()
    } catch (error) {
      this.problem = `${dirname(this.path)} cannot be read (${error instanceof Error ? error.message : String(error)}).`
      return null
    }
  }
}
