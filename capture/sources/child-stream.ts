// What does a capture program that runs as our child say, in packets on stdout and in words on stderr?
import { spawn } from 'node:child_process'
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

/** Starts the child; its end, however it comes, is one call of onEnd. */
export function openChild(
  { command, options, askForDrops, explain }: ChildOptions,
  events: StreamEvents,
): RunningStream {
  const child = spawn(command, options, { stdio: ['pipe', 'pipe', 'pipe'] })
  let lastWords = ''
  let failure: NodeJS.ErrnoException | null = null
  const words = new LineSplitter((line) => {
    const dropped = parseDropped(line)
    if (dropped !== null) events.onDropped(dropped)
    else if (isWorthKeeping(line)) lastWords = printable(line)
  })
  child.stdout.on('data', (piece: Buffer) => events.onBytes(piece))
  child.stderr.on('data', (piece: Buffer) => words.addBytes(piece))
  // Writing to a child that is gone: its end is told anyway.
  child.stdin.on('error', () => {})
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      failure = error
      // A child that could not be started never closes.
      if (child.pid === undefined) finish(null)
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
