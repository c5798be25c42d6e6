// Log lines inside JSON objects: the journal's, a container engine's, and those of log shippers.
import { parseJsonLine, textField } from './json-line.ts'
import { MAX_LINE_LENGTH } from './record.ts'
import { parseIso } from './timestamps.ts'

export interface JsonEnvelope {
  text: string
  /** Seconds since 1970-01-01 UTC. */
  time: number | null
  program: string | null
  process: string
  object: Record<string, unknown>
}

/** Later than any second that is meant: thousandths or millionths of one. */
const LATEST_SECOND = 1e11
const LATEST_MILLISECOND = 1e14

/**
 * The field that holds the line: the journal's and syslog-ng's `MESSAGE`, Docker's `log`, `message` of Filebeat, Vector
 * and rsyslog, `event.original` of the Elastic Common Schema. The first that is there counts.
 */
const LINE_FIELDS = ['MESSAGE', 'log', 'message', 'event.original', '@message']
/** Of any of them; a quote inside a text is escaped, so that no name can look like one. */
const HAS_LINE = /"(?:MESSAGE|log|message|original|event\.original|@message)" ?: ?["[]/
const TIME_FIELDS = ['@timestamp', 'time', 'timestamp', 'ISODATE', 'DATE', 'timereported']
const PROGRAM_FIELDS = ['SYSLOG_IDENTIFIER', 'PROGRAM', 'programname', 'syslogtag', 'program', 'appname', 'ident']
const PROCESS_FIELDS = ['SYSLOG_PID', '_PID', 'PID', 'procid', 'pid']

/** The line that the object carries; null where it carries none. */
export function readJsonEnvelope(line: string): JsonEnvelope | null {
  if (!HAS_LINE.test(line)) return null
  const object = parseJsonLine(line)
  const text = object === null ? null : lineOf(object)
  if (object === null || text === null) return null
  const tag = first(object, PROGRAM_FIELDS)
  const named = /^([^\s:[\]]{1,128})(?:\[(\d{1,10})\])?:?$/.exec(tag)
  return {
    text,
    time: timeOf(object),
    program: named?.[1] ?? null,
    process: named?.[2] ?? processOf(object),
    object,
  }
}

function lineOf(object: Record<string, unknown>): string | null {
  for (const name of LINE_FIELDS) {
    const value = Object.hasOwn(object, name) ? object[name] : undefined
    const text = typeof value === 'string' ? value : textOfBytes(value)
    if (text !== null && text !== '') return trimmed(text)
  }
  const event = Object.hasOwn(object, 'event') ? object['event'] : undefined
  if (typeof event !== 'object' || event === null) return null
  const original = textField(event as Record<string, unknown>, 'original')
  return original === '' ? null : trimmed(original)
}

/** The journal writes what is no text as a list of its bytes. */
function textOfBytes(value: unknown): string | null {
  if (!Array.isArray(value) || value.length > MAX_LINE_LENGTH) return null
  const isBytes = value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255)
  return isBytes ? Buffer.from(value as number[]).toString('utf8') : null
}

/** Without the end of the line, and the space that rsyslog leaves in front. */
function trimmed(text: string): string {
  let end = text.length
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--
  return text.slice(text.startsWith(' ') ? 1 : 0, end)
}

function timeOf(object: Record<string, unknown>): number | null {
  // The journal's: millionths of a second.
  const realtime = Number(textField(object, '_SOURCE_REALTIME_TIMESTAMP') || textField(object, '__REALTIME_TIMESTAMP'))
  if (Number.isFinite(realtime) && realtime > 0) return realtime / 1e6
  for (const name of TIME_FIELDS) {
    const value = Object.hasOwn(object, name) ? object[name] : undefined
    const time = typeof value === 'number' ? secondsOf(value) : typeof value === 'string' ? parseIso(value) : null
    if (time !== null) return time
  }
  return null
}

/** Seconds of a count of seconds, milliseconds or microseconds since 1970; null where it is none. */
export function secondsOf(value: number): number | null {
  if (!Number.isFinite(value) || value < 0) return null
  return value < LATEST_SECOND ? value : value < LATEST_MILLISECOND ? value / 1000 : value / 1e6
}

function processOf(object: Record<string, unknown>): string {
  for (const name of PROCESS_FIELDS) {
    const value = Object.hasOwn(object, name) ? object[name] : undefined
    if (typeof value === 'number' || typeof value === 'string') {
      const text = String(value)
      if (/^\d{1,10}$/.test(text)) return text
    }
  }
  return ''
}

function first(object: Record<string, unknown>, names: readonly string[]): string {
  for (const name of names) {
    const text = textField(object, name)
    if (text !== '') return text
  }
  return ''
}
