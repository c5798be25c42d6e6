// The service's log: one entry per line on stderr, with time and level, as text for people or JSON for programs.
import { type Logger, pino, stdTimeFunctions } from 'pino'

/** Errors go in as `log.error({ err }, sentence)`: their stack is written below. */
export type Log = Pick<Logger, 'info' | 'warn' | 'error'>

export type LogFormat = 'text' | 'journal' | 'json'

interface Entry {
  level: string
  time: string
  msg?: string
  err?: { stack: string }
}

/** Priorities of syslog (RFC 5424, section 6.2.1), as journald takes them from the start of a line. */
const PRIORITIES: Record<string, number> = { fatal: 2, error: 3, warn: 4, info: 6 }

/**
 * TELLTALE_LOG names it; else text on a terminal and in systemd's journal, which shows time and level itself, and JSON
 * in a file or pipe.
 */
export function formatOf(environment: NodeJS.ProcessEnv, isTerminal: boolean): LogFormat {
  const { TELLTALE_LOG: named, JOURNAL_STREAM: journal } = environment
  if (named === 'json' || named === 'text') return named
  if (isTerminal) return 'text'
  return journal === undefined ? 'json' : 'journal'
}

export function createLog(format: LogFormat, write: (text: string) => void): Log {
  return pino(
    {
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      serializers: { err: describe },
    },
    {
      write: (line: string) => {
        const plain = withoutTokens(line)
        write(format === 'json' ? plain : textOf(JSON.parse(plain) as Entry, format))
      },
    },
  )
}

/** The log of this process. */
export function openLog(): Log {
  return createLog(formatOf(process.env, process.stderr.isTTY), (text) => void process.stderr.write(text))
}

/** Other fields of an error may hold what was sent or asked for. */
function describe(error: unknown): { type: string; message: string; stack: string } {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error), stack: String(error) }
  return { type: error.name, message: error.message, stack: error.stack ?? String(error) }
}

/** The token of the first visit, in an address or a request; user and password of an address. */
function withoutTokens(line: string): string {
  return line.replace(/\b(token=|bearer )[\w%.~+/=-]+/gi, '$1[hidden]').replace(/(:\/\/)[^/?#\s"@]+@/g, '$1[hidden]@')
}

function textOf({ level, time, msg = '', err }: Entry, format: LogFormat): string {
  const lines = [msg, ...(err?.stack.split('\n') ?? [])]
  const isJournal = format === 'journal'
  const start = isJournal ? `<${PRIORITIES[level] ?? 6}>` : `${localTime(time)} ${level.padEnd(5)} `
  return lines.map((line, index) => `${index === 0 || isJournal ? start : '    '}${line}\n`).join('')
}

/** "2026-03-01 17:04:59", in the machine's time zone. */
function localTime(time: string): string {
  return new Date(time).toLocaleString('sv-SE')
}
