// Packets from the stdout and messages from the stderr of a capture program that runs as a child process.
import { type ChildProcess, spawn } from 'node:child_process'
import { LineSplitter } from './line-splitter.ts'
import type { RunningStream, StreamEvents } from './restarting-source.ts'

/** A child that does not end when asked is killed. */
const PATIENCE_MS = 2000
/** Words kept of stderr. */
const MAX_WORDS = 300

export interface ChildOptions {
  command: string
  options: string[]
  /** Asks the running child for its drop counters. */
  askForDrops: (child: { kill(signal: NodeJS.Signals): boolean; stdin: NodeJS.WritableStream | null }) => void
  /** Makes a sentence of what the child said last (control characters are taken out) and how it ended. */
  explain: (words: string, code: number | null, error: NodeJS.ErrnoException | null) => string
}

/** Children of this thread that run. */
const running = new Set<ChildProcess>()

/** For a thread that has to end at once: kills its children and waits for them, so that none is left unreaped. */
export async function killChildren(patienceMs: number): Promise<void> {
  const ended = [...running].map((child) => new Promise<void>((resolve) => child.once('exit', () => resolve())))
  for (const child of running) child.kill('SIGKILL')
  let patience: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (patience = setTimeout(resolve, patienceMs)))
  await Promise.race([Promise.all(ended), late])
  clearTimeout(patience)
}

/** Starts the child; its end, however it comes, is one call of onEnd. */
export function openChild(
  { command, options, askForDrops, explain }: ChildOptions,
  events: StreamEvents,
): RunningStream {
  const child = spawn(command, options, { stdio: ['pipe', 'pipe', 'pipe'] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  let lastWords = ''
  let failure: NodeJS.ErrnoException | null = null
  const words = new LineSplitter((line) => {
    const dropped = parseDropped(line)
    if (dropped !== null) events.onDropped(dropped)
    else if (isWorthKeeping(line)) lastWords = printable(line)
  })
  child.stdout.on('data', (piece: Buffer) => events.onBytes(piece))
  child.stderr.on('data', (piece: Buffer) => words.addBytes(piece))
  // Writing to a child that is gone: its end is reported anyway.
  child.stdin.on('error', () => {})
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      failure = error
      // A child that could not be started never closes.
      if (child.pid === undefined) {
        running.delete(child)
        finish(null)
      }
    })
    child.on('close', finish)
    function finish(code: number | null): void {
      words.end()
      events.onEnd(explain(lastWords, code, failure))
      resolve()
    }
  })
  return {
    stop: async () => {
      const kill = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
      child.stdin.end()
      child.kill('SIGTERM')
      await ended
      clearTimeout(kill)
    },
    askForDrops: () => askForDrops(child),
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
