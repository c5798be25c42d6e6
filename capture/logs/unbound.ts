// unbound's log: queries, replies and local actions, without the records of an answer.
import { addressOf } from './addresses.ts'
import { unwrapLine } from './envelope.ts'
import type { TextLogFormat } from './format.ts'
import { nameOf } from './names.ts'
import {
  type AnswerStatus,
  type Envelope,
  isPlainLine,
  type LogParser,
  type LogRecord,
  NOTHING,
  type Now,
} from './record.ts'
import { statusOf, typeOf } from './types.ts'

const MAX_LENGTH = 4096
/** Questions that were logged and not yet answered; the oldest make room. */
const MAX_WAITING = 4096

/** One line by itself. unbound does not log the records of an answer. */
export interface UnboundLine {
  kind: 'query' | 'reply' | 'filtered'
  time: number | null
  client: string
  name: string
  type: number
  status: AnswerStatus
}

/**
 * "unbound[pid:thread] info: " of its own file, "[pid:thread] info: " behind syslog's header; log-identity changes the
 * word, log-tag-queryreply the level.
 */
const HEAD = /^[^\s:[\]]{0,64}\[\d{1,10}:[0-9a-f]{1,10}\] (info|query|reply): /
const FILTERING =
  /^(?:always_nxdomain|always_nodata|always_refuse|always_deny|always_null|deny|refuse|redirect|static|block_a|inform_deny|inform_redirect)$/

/** Reads one line; null where it is no query, reply or local action. Names come with every unusual byte as "?". */
export function parseUnboundLine(line: string, now: Now, envelope = unwrapLine(line, now)): UnboundLine | null {
  const { text, time } = envelope
  if (!isPlainLine(text, MAX_LENGTH)) return null
  const head = HEAD.exec(text)
  if (head === null) return null
  const words = text.slice(head[0].length).split(' ')
  if (words.length > 12) return null
  return parseFiltered(words, time) ?? parseMessage(words, head[1], time)
}

/** CLIENT NAME TYPE CLASS, and of a reply RCODE SECONDS CACHED BYTES [DESTINATION…]. */
function parseMessage(words: string[], tag: string, time: number | null): UnboundLine | null {
  const [clientText = '', nameText = '', typeText = '', klass, code] = words
  const client = addressOf(clientText)
  const name = nameOf(nameText, 'raw')
  const type = typeOf(typeText)
  if (client === null || name === null || type === null || (klass !== 'IN' && klass !== 'CLASS1')) return null
  if (words.length === 4 && tag !== 'reply') return { kind: 'query', time, client, name, type, status: 'answered' }
  // No answer, no rcode: "- - -" stands where a reply was not sent.
  if (words.length < 8 || tag === 'query' || code === undefined || !/^[A-Z][A-Z0-9]{2,15}$/.test(code)) return null
  return { kind: 'reply', time, client, name, type, status: statusOf(code, true) }
}

/** ZONE ACTION CLIENT@PORT NAME TYPE CLASS; response policy zones put "rpz: applied [tag]" in front. */
function parseFiltered(words: string[], time: number | null): UnboundLine | null {
  const isPolicy = words[0] === 'rpz:' && words[1] === 'applied'
  if (words.length < 6) return null
  const [action = '', endpoint = '', nameText = '', typeText = ''] = words.slice(-5, -1)
  const isFilter = isPolicy
    ? action.startsWith('rpz-') && action !== 'rpz-passthru'
    : words.length === 6 && FILTERING.test(action)
  const at = endpoint.lastIndexOf('@')
  const client = at < 0 ? null : addressOf(endpoint.slice(0, at))
  const name = nameOf(nameText, 'raw')
  const type = typeOf(typeText)
  return isFilter && client !== null && name !== null && type !== null
    ? { kind: 'filtered', time, client, name, type, status: 'blocked' }
    : null
}

/** Follows an unbound log. Where only replies are logged, each stands for its question too. */
export class UnboundLog implements LogParser {
  private readonly now: Now
  /** Questions without a reply yet, and whether a filter took the question. */
  private readonly waiting = new Map<string, { count: number; isBlocked: boolean }>()

  constructor(now: Now) {
    this.now = now
  }

  parse(text: string, envelope?: Envelope): readonly LogRecord[] {
    const line = parseUnboundLine(text, this.now, envelope)
    if (line === null) return NOTHING
    const { time, client, name, type } = line
    const key = `${client} ${type} ${name}`
    const open = this.waiting.get(key)
    if (line.kind === 'query') {
      this.open(key, open)
      return [{ kind: 'query', time, client, name, type }]
    }
    if (line.kind === 'filtered') return this.readFiltered(line, key, open)
    const status = open?.isBlocked === true ? 'blocked' : line.status
    const answer: LogRecord = { kind: 'answer', time, client, name, type, status, addresses: [], aliases: [] }
    if (open === undefined) return [{ kind: 'query', time, client, name, type }, answer]
    if (--open.count === 0) this.waiting.delete(key)
    return [answer]
  }

  /** The reply that follows repeats it, where replies are logged at all. */
  private readFiltered(
    line: UnboundLine,
    key: string,
    open: { count: number; isBlocked: boolean } | undefined,
  ): readonly LogRecord[] {
    const { time, client, name, type } = line
    const answer: LogRecord = {
      kind: 'answer',
      time,
      client,
      name,
      type,
      status: 'blocked',
      addresses: [],
      aliases: [],
    }
    if (open !== undefined) {
      open.isBlocked = true
      return [answer]
    }
    this.open(key, undefined).isBlocked = true
    return [{ kind: 'query', time, client, name, type }, answer]
  }

  private open(
    key: string,
    open: { count: number; isBlocked: boolean } | undefined,
  ): { count: number; isBlocked: boolean } {
    const entry = open ?? { count: 0, isBlocked: false }
    entry.count++
    this.waiting.delete(key)
    this.waiting.set(key, entry)
    if (this.waiting.size > MAX_WAITING) this.waiting.delete(this.waiting.keys().next().value as string)
    return entry
  }
}

export const format: TextLogFormat<'unbound'> = {
  id: 'unbound',
  words: ['unbound'],
  program: 'unbound',
  title: "unbound's log",
  note: null,
  usualPath: '/var/log/unbound.log',
  switchOn: '`log-queries: yes`, `log-replies: yes`, `logfile: /var/log/unbound.log`',
  storage: 'text',
  example: '[1795383622] unbound[7:0] info: 10.0.0.5 a.example. A IN',
  tellsBytes: false,
  repeats: [],
  recognises: (line, now, envelope) => parseUnboundLine(line, now, envelope) !== null,
  isHeader: null,
  createParser: (now) => new UnboundLog(now),
}
