// The state folder while the service runs: its files, the reserve that they share, and what is wrong with them.
import { statfsSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Log } from '../log.ts'
import { Problems } from './problems.ts'
import { fillReserve, RESERVE_BYTES } from './reserve.ts'
import { dropOldSetAside } from './set-aside.ts'
import { openStateFile, type StateFile, type StateFileOptions, type Validate } from './state-file.ts'

/** What the disk refused is tried again this often, and the reserve filled. */
const RETRY_MS = 30_000
const DAY_MS = 86_400_000

export class StateFolder {
  readonly path: string
  /** By what they are about: a file's name, `history`, `disk`. */
  readonly problems = new Problems()
  private readonly log: Log
  private readonly files: StateFile<unknown>[] = []
  private timer: NodeJS.Timeout | null = null
  private swept = Date.now()

  constructor(path: string, log: Log) {
    this.path = path
    this.log = log
  }

  /** Opens one of its files. What is damaged is logged, and is a problem until the next start. */
  async open<Value extends object>(
    name: string,
    initial: Value,
    read: Validate<Value>,
    options: Omit<StateFileOptions<Value>, 'onWrite'> = {},
  ): Promise<StateFile<Value>> {
    const onDamage = (sentence: string): void => {
      this.log.warn(sentence)
      this.problems.set(`${name} was damaged`, sentence)
    }
    const file = await openStateFile(join(this.path, name), initial, read, onDamage, {
      ...options,
      onWrite: (fault) => this.wrote(name, fault),
    })
    this.files.push(file as StateFile<unknown>)
    return file
  }

  /** To be called once the start has succeeded. */
  begin(): void {
    dropOldSetAside(this.path)
    this.watchDisk()
    this.timer = setInterval(() => void this.tend(), RETRY_MS)
    this.timer.unref()
  }

  /** Tries again what the disk refused. */
  async tend(): Promise<void> {
    for (const file of this.files) await file.retry().catch(() => undefined)
    this.watchDisk()
    if (Date.now() - this.swept < DAY_MS) return
    this.swept = Date.now()
    dropOldSetAside(this.path)
  }

  /** Called with what the history says of itself. */
  noteHistory(problem: string | null): void {
    if (this.problems.set('history', problem) && problem !== null) this.log.warn(problem)
  }

  async close(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer)
    for (const file of this.files) await file.retry().catch(() => undefined)
  }

  private wrote(name: string, fault: string | null): void {
    const sentence =
      fault === null
        ? null
        : `${basename(name)} is not up to date on the disk, which refused to write: its changes are kept in memory, and tried again.`
    if (this.problems.set(name, sentence) && fault !== null) this.log.warn(fault)
  }

  private watchDisk(): void {
    try {
      fillReserve(this.path)
      const { bavail, bsize } = statfsSync(this.path)
      const isFull = bavail * bsize < RESERVE_BYTES / 2
      const sentence = isFull
        ? `The disk of Telltale's state folder is full (${Math.floor((bavail * bsize) / 1e6)} MB free). Make room on it: what is seen is kept in memory, and lost at a power cut.`
        : null
      if (this.problems.set('disk', sentence) && sentence !== null) this.log.warn(sentence)
    } catch {
      // The folder is gone; every write says so.
    }
  }
}
