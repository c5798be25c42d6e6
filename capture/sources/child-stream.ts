// Packets from the stdout and messages from the stderr of a capture program that runs as a child process.
import { type ChildProcess, spawn } from 'node:child_process'
import { LineSplitter } from './line-splitter.ts'
import type { RunningStream, StreamEvents } from './restarting-source.ts'
import { Flusher } from './tcpdump-flush.mjs'

/** A child that does not end when asked is killed. */
const PATIENCE_MS = 2000
/** Characters kept of a line of stderr, and lines. */
const MAX_WORDS = 300
const MAX_LINES = 24

export interface ChildOptions {
  command: string
  options: string[]
  /** Asks the running child for its drop counters. */
  askForDrops: (child: {
    pid?: number | undefined
    kill(signal: NodeJS.Signals): boolean
    stdin: NodeJS.WritableStream | null
  }) => void
  /** Beside this process's own. */
  environment?: NodeJS.ProcessEnv
  /** Takes a line of stderr that is no message: true where it was one. */
  onLine?: (line: string, child: ChildProcess) => boolean
  /** Whether a child that ended so lost its link: then nothing came since its last sign of life. */
  isLostLink?: (code: number | null) => boolean
  /**
   * Makes a sentence of what the child said last (control characters are taken out) and how it ended; `said` are its
   * last lines, in order.
   */
  explain: (words: string, code: number | null, error: NodeJS.ErrnoException | null, said: readonly string[]) => string
  /** A tcpdump that writes only when it is made to: called where it cannot be. Absent: it writes by itself. */
  onUnflushable?: () => void
}

/** Children of this thread that run. */
const running = new Set<ChildProcess>()

/**
 * Sends a signal to a child that was started. One that could not be, for want of files, has no process number, and
 * Node's own `kill` then signals whatever its memory holds: mostly 0, which is this process's whole group.
 */
export function signalChild(
  child: Pick<ChildProcess, 'kill'> & { pid?: number | undefined },
  signal: NodeJS.Signals,
): void {
  if (child.pid !== undefined) child.kill(signal)
}

/** For a thread that has to end at once: kills its children and waits for them, so that none is left unreaped. */
export async function killChildren(patienceMs: number): Promise<void> {
  const ended = [...running].map((child) => new Promise<void>((resolve) => child.once('exit', () => resolve())))
  for (const child of running) signalChild(child, 'SIGKILL')
  let patience: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (patience = setTimeout(resolve, patienceMs)))
  await Promise.race([Promise.all(ended), late])
  clearTimeout(patience)
}

/** Starts the child; its end, however it comes, is one call of onEnd. */
export function openChild(
  { command, options, environment, askForDrops, onLine, isLostLink, explain, onUnflushable }: ChildOptions,
  events: StreamEvents,
): RunningStream {
  const child = spawn(command, options, { stdio: 'pipe', env: { ...process.env, ...environment } })
  running.add(child)
  child.once('exit', () => running.delete(child))
  let failure: NodeJS.ErrnoException | null = null
  const words = new LastWords(events, (line) => onLine?.(line, child) === true)
  let aliveAt = Date.now() / 1000
  // A child that could not be started for want of files has no pipes, whatever their type says.
  const { stdin, stdout, stderr } = child as ChildProcess
  const flusher =
    onUnflushable === undefined
      ? null
      : new Flusher(child, { onUnable: onUnflushable, onFlushed: (at) => events.onFlushed?.(at) })
  stdout?.on('data', (piece: Buffer) => {
    flusher?.noteBytes()
    aliveAt = Date.now() / 1000
    events.onBytes(piece)
  })
  stderr?.on('data', (piece: Buffer) => words.add(piece))
  // Writing to a child that is gone: its end is reported anyway.
  stdin?.on('error', () => {})
  let isOver = false
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      failure = error
      // A child that could not be started closes on some errors only.
      if (child.pid === undefined) {
        running.delete(child)
        finish(null)
      }
    })
    child.on('close', finish)
    function finish(code: number | null): void {
      if (isOver) return
      isOver = true
      if (flusher?.diedOfIt === true) onUnflushable?.()
      flusher?.stop()
      // One that ends by itself writes all that it holds; one that was killed does not.
      if (code !== null) events.onFlushed?.(Date.now() / 1000)
      const last = words.end()
      events.onEnd(explain(last, code, failure, words.lines), isLostLink?.(code) === true ? aliveAt : undefined)
      resolve()
    }
  })
  return {
    stop: async () => {
      const kill = setTimeout(() => signalChild(child, 'SIGKILL'), PATIENCE_MS)
      stdin?.end()
      signalChild(child, 'SIGTERM')
      await ended
      clearTimeout(kill)
    },
    askForDrops: () => askForDrops(child),
    setWatched: (isWatched) => flusher?.setWatched(isWatched),
    hold: (isHeld) => void (isHeld ? stdout?.pause() : stdout?.resume()),
  }
}

/** What a capture program writes on its stderr: its drop counters, and the last line that is worth telling. */
export class LastWords {
  /** The last lines that are worth telling, in order. */
  readonly lines: string[] = []
  private readonly splitter: LineSplitter

  /** `isTaken` takes a line that is no message. */
  constructor({ onDropped }: Pick<StreamEvents, 'onDropped'>, isTaken: (line: string) => boolean = () => false) {
    this.splitter = new LineSplitter((line) => {
      const dropped = parseDropped(line)
      if (dropped !== null) onDropped(dropped)
      else if (isWorthKeeping(line) && !isTaken(line.trim())) this.keep(printable(line))
    })
  }

  add(piece: Buffer): void {
    this.splitter.addBytes(piece)
  }

  /** The last line, once there is no more. */
  end(): string {
    this.splitter.end()
    return this.lines.at(-1) ?? ''
  }

  private keep(line: string): void {
    this.lines.push(line)
    if (this.lines.length > MAX_LINES) this.lines.shift()
  }
}

/**
 * "12 packets dropped by kernel", by itself or in the one line that SIGUSR1 gives; null where the line counts nothing.
 */
export function parseDropped(line: string): number | null {
  const found = /(?:^|[ ,])(\d{1,15}) packets? dropped by kernel/.exec(line.slice(0, 1000))
  return found === null ? null : Number(found[1])
}

function isWorthKeeping(line: string): boolean {
  return (
    line.trim() !== '' &&
    !/listening on |data link type |packets? (?:captured|received by filter|dropped by interface)/.test(line)
  )
}

function printable(text: string): string {
  return Array.from(text.slice(0, MAX_WORDS), (character) =>
    character < ' ' || (character >= '\x7f' && character <= '\x9f') ? '?' : character,
  ).join('')
}
