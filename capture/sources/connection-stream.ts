// A run of the script that reads a gateway's connections (capture/connections/connections-script.mjs): here, or there
// over ssh; and when it is to look.
import { spawn } from 'node:child_process'
import { ASK_CONNECTIONS, ASK_NEIGHBOURS, END_REPORT, LineJoiner } from '../connections/connections-script.mjs'
import { type ChildOptions, LastWords, signalChild } from './child-stream.ts'
import type { OpenStream, RunningStream, StreamEvents } from './restarting-source.ts'
import { SSH_ENVIRONMENT } from './ssh.ts'

const PATIENCE_MS = 2000
/** Each look comes so late in its second that what passed counts in that second. */
const IN_SECOND_MS = 850
const NEIGHBOURS_EVERY_MS = 60_000
/** With more connections a look costs more, and comes less often: seconds between two. */
const INTERVALS: readonly { upTo: number; seconds: number }[] = [
  { upTo: 2_000, seconds: 1 },
  { upTo: 6_000, seconds: 2 },
  { upTo: 20_000, seconds: 5 },
]
const LONGEST_INTERVAL = 10
/** A look that takes longer is given up with its run. */
const LOOK_PATIENCE_MS = 15_000

/** Seconds between two looks at so many connections. */
export function lookInterval(connections: number): number {
  return INTERVALS.find(({ upTo }) => connections <= upTo)?.seconds ?? LONGEST_INTERVAL
}

/** Milliseconds from `now` (milliseconds since 1970) until the next look that is at least half an interval away. */
export function untilNextLook(now: number, interval: number): number {
  const length = interval * 1000
  const wait = length - ((now - IN_SECOND_MS + length) % length)
  return wait < length / 2 && interval > 1 ? wait + length : wait
}

/** Asks for looks, one at a time, for as long as a run lasts. */
export class LookTimer {
  private ask: ((word: string) => void) | null = null
  private onSilence: () => void = () => {}
  private timer: NodeJS.Timeout | null = null
  private neighboursAt = Number.NEGATIVE_INFINITY

  /** A run begins: `ask` sends it a word. `onSilence`: it does not answer. */
  begin(ask: (word: string) => void, onSilence: () => void): void {
    this.end()
    this.ask = ask
    this.onSilence = onSilence
    this.neighboursAt = Number.NEGATIVE_INFINITY
    this.look()
  }

  /** A look is over. */
  answered(connections: number): void {
    if (this.ask === null) return
    this.set(untilNextLook(Date.now(), lookInterval(connections)), () => this.look())
  }

  /** Who is in the home is asked now. */
  askNeighbours(): void {
    this.neighboursAt = performance.now()
    this.ask?.(ASK_NEIGHBOURS)
  }

  end(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
    this.ask = null
  }

  private look(): void {
    if (performance.now() - this.neighboursAt >= NEIGHBOURS_EVERY_MS) this.askNeighbours()
    this.ask?.(ASK_CONNECTIONS)
    this.set(LOOK_PATIENCE_MS, () => this.onSilence())
  }

  private set(wait: number, then: () => void): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = setTimeout(then, wait)
  }
}

/** A run that answers to words: ASK_CONNECTIONS and ASK_NEIGHBOURS. */
export interface ConnectionRun extends RunningStream {
  ask(word: string): void
  /** Ends it at once: it does not answer. */
  giveUp(): void
}

/** Opens runs that `timer` asks. */
export function withLooks(timer: LookTimer, open: (events: StreamEvents) => ConnectionRun): OpenStream {
  return (events) => {
    const run = open({
      ...events,
      onEnd: (problem) => {
        timer.end()
        events.onEnd(problem)
      },
    })
    timer.begin(
      (word) => run.ask(word),
      () => run.giveUp(),
    )
    return {
      stop: async () => {
        timer.end()
        await run.stop()
      },
    }
  }
}

export type ConnectionChild = Pick<ChildOptions, 'command' | 'options' | 'explain'>

/** Starts the script; both its outputs become one stream of lines. Its end, however it comes, is one call of onEnd. */
export function openConnections({ command, options, explain }: ConnectionChild, events: StreamEvents): ConnectionRun {
  const child = spawn(command, options, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...SSH_ENVIRONMENT },
  })
  const joiner = new LineJoiner((piece) => events.onBytes(piece))
  const words = new LastWords({ onDropped: () => {} })
  let failure: NodeJS.ErrnoException | null = null
  child.stdout?.on('data', (piece: Buffer) => joiner.add('rows', piece))
  child.stderr?.on('data', (piece: Buffer) => {
    joiner.add('ends', piece)
    if (!piece.includes(END_REPORT)) words.add(piece)
  })
  child.stdin?.on('error', () => {})
  let isOver = false
  const ended = new Promise<void>((resolve) => {
    const finish = (code: number | null): void => {
      if (isOver) return
      isOver = true
      const last = words.end()
      events.onEnd(explain(last, code, failure, words.lines))
      resolve()
    }
    child.on('error', (error) => {
      failure = error
      if (child.pid === undefined) finish(null)
    })
    child.on('close', finish)
  })
  return {
    ask: (word) => void child.stdin?.write(`${word}\n`),
    giveUp: () => signalChild(child, 'SIGKILL'),
    stop: async () => {
      const kill = setTimeout(() => signalChild(child, 'SIGKILL'), PATIENCE_MS)
      child.stdin?.end()
      await ended
      clearTimeout(kill)
    },
  }
}
