// Restarting the live session where its thread, or the traffic history's, is lost: when, how often, and what to say.
import type { Log } from '../log.ts'
import type { Clock } from '../notify/queue.ts'
import { ThreadEndedError, ThreadLateError } from '../session/session.ts'

/** A thread that ran for so long is started again at once; others wait longer each time. */
const GOOD_RUN_MS = 10_000
const FIRST_WAIT_MS = 250
/** A single fault is never waited for longer than 5 s: that many come in a row before. */
const LONGEST_WAIT_MS = 30_000
/** What happened is shown for so long. */
const SHOWN_MS = 3_600_000
/** A message of an error may hold what came from the network. */
const MAX_WORDS = 120

export interface LiveSupervisorOptions {
  clock: Clock
  log: Log
  /** IANA name, for the time that is shown. */
  timeZone: () => string
  /** Rejects where it could not be started; then it is tried again. */
  restart: () => Promise<void>
}

export class LiveSupervisor {
  private readonly options: LiveSupervisorOptions
  private wait = 0
  private cancel: (() => void) | null = null
  private cause = ''
  private lostAt = Number.NEGATIVE_INFINITY
  private startedAt = Number.NEGATIVE_INFINITY
  private isDown = false
  private isStopped = false

  constructor(options: LiveSupervisorOptions) {
    this.options = options
  }

  /** A thread is gone, or could not be started. */
  lost(error: Error): void {
    if (this.isStopped || this.cancel !== null) return
    const { clock, log } = this.options
    const now = clock.now()
    const ranWell = now - this.startedAt >= GOOD_RUN_MS
    this.wait = ranWell ? 0 : Math.min(LONGEST_WAIT_MS, Math.max(FIRST_WAIT_MS, this.wait * 2))
    if (!this.isDown) this.lostAt = now
    this.isDown = true
    this.cause = causeOf(error)
    log.error({ err: error }, `The engine stopped, because ${this.cause}. It is started again in ${this.wait} ms.`)
    this.cancel = clock.after(this.wait, () => void this.start())
  }

  /** One sentence for the page; null where all is well, and was for the last hour. */
  get problem(): string | null {
    if (this.isDown)
      return `The engine stopped at ${this.shown(this.lostAt)}, because ${this.cause}. It is started again.`
    if (this.options.clock.now() - this.startedAt > SHOWN_MS) return null
    return `The engine stopped at ${this.shown(this.lostAt)}, because ${this.cause}. It was started again at ${this.shown(this.startedAt)}; what passed between is a gap.`
  }

  /** No thread runs now. */
  get isDownNow(): boolean {
    return this.isDown
  }

  /** A thread was started in place of another within the last minute, or will be. */
  get isRecent(): boolean {
    return this.isDown || this.options.clock.now() - this.startedAt < 60_000
  }

  stop(): void {
    this.isStopped = true
    this.cancel?.()
    this.cancel = null
  }

  private async start(): Promise<void> {
    const { clock, restart, log } = this.options
    this.cancel = null
    this.startedAt = clock.now()
    try {
      await restart()
      this.isDown = false
      log.info('The engine was started again.')
    } catch (error) {
      this.lost(error instanceof Error ? error : new Error(String(error)))
    }
  }

  private shown(milliseconds: number): string {
    return new Date(milliseconds).toLocaleTimeString('sv-SE', { timeZone: this.options.timeZone() })
  }
}

/** What stands behind "because". */
export function causeOf(error: Error): string {
  const code = 'code' in error ? error.code : ''
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return 'its memory was full'
  if (error instanceof ThreadLateError || error instanceof ThreadEndedError)
    return error.message.charAt(0).toLowerCase() + error.message.slice(1)
  const words = error.message.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').slice(0, MAX_WORDS)
  return `of an error in the program (${words})`
}
