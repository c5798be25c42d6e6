// BIND's query log, and responses, failures and rewrites from the categories beside it.
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

const MAX_LENGTH = 8192

/** Whose lines are read where syslog names a program, or what looks like one: BIND, container, category, level. */
const PROGRAM = /named|bind|^[0-9a-f]{12}$|^(?:quer|respons|rpz|client|security|info|notice|warning|error|debug|\d)/i
/** What print-category and print-severity put in front; then "client @0x… ADDRESS#PORT". */
const HEAD =
  /^(?:[a-z-]{1,32}: )?(?:(?:debug \d{1,2}|[a-z]{1,16}): )?client (?:@0x[0-9a-f]{1,16} )?([0-9A-Fa-f:.%\w-]{2,64})#\d{1,5}(?:\/key \S{1,512})?(?: \(([^\s]{1,1100})\))?: (?:view \S{1,255}: )?/

/**
 * Reads one line; null where it is neither query, response, failure nor a policy's rewrite. BIND escapes names (\DDD,
 * \c).
 */
export function parseBindLine(line: string, now: Now, envelope = unwrapLine(line, now)): LogRecord | null {
  const { text, time, program } = envelope
  if (!isPlainLine(text, MAX_LENGTH) || (program !== null && !PROGRAM.test(program))) return null
  const head = HEAD.exec(text)
  const client = head === null ? null : addressOf(head[1])
  if (head === null || client === null) return null
  const words = text.slice(head[0].length).split(' ')
  switch (words[0]) {
    case 'query:':
      return parseQuery(words, client, time)
    case 'response:':
      return parseResponse(words, client, time)
    case 'query':
      return parseFailure(words, client, time)
    case 'rpz':
      return parseRewrite(words, client, time)
    default:
      return null
  }
}

/** query: NAME CLASS TYPE FLAGS (DESTINATION)… */
function parseQuery(words: string[], client: string, time: number | null): LogRecord | null {
  const [, nameText = '', klass, typeText = '', flags = ''] = words
  const name = nameOf(nameText, 'escaped')
  if (name === null || klass !== 'IN' || !/^[+-]/.test(flags)) return null
  return { kind: 'query', time, client, name, type: typeOf(typeText) ?? 0 }
}

/** response: NAME CLASS TYPE RCODE FLAGS… (category responses of 9.20). */
function parseResponse(words: string[], client: string, time: number | null): LogRecord | null {
  const [, nameText = '', klass, typeText = '', code = ''] = words
  if (klass !== 'IN') return null
  return answer(nameText, typeText, statusOf(code, true), client, time)
}

/** query failed (RCODE) for NAME/CLASS/TYPE at FILE:LINE (category query-errors). */
function parseFailure(words: string[], client: string, time: number | null): LogRecord | null {
  const [, failed, code = '', preposition, question = ''] = words
  if (failed !== 'failed' || preposition !== 'for') return null
  return answerOf(question, code === '(REFUSED)' ? 'refused' : 'failed', client, time, 1)
}

/** rpz TRIGGER POLICY rewrite NAME/TYPE/CLASS via ZONE (category rpz); older versions leave type and class out. */
function parseRewrite(words: string[], client: string, time: number | null): LogRecord | null {
  const at = words.indexOf('rewrite')
  if (at < 0 || words[2]?.startsWith('PASSTHRU') === true) return null
  return answerOf(words[at + 1] ?? '', 'blocked', client, time, 0)
}

/** NAME/x/y: a slash may also stand in the name, so the last two count. `typeAt` says which of them is the type. */
function answerOf(
  question: string,
  status: AnswerStatus,
  client: string,
  time: number | null,
  typeAt: 0 | 1,
): LogRecord | null {
  const last = question.lastIndexOf('/')
  const middle = last < 0 ? -1 : question.lastIndexOf('/', last - 1)
  if (middle < 0) return answer(question, '0', status, client, time)
  const fields = [question.slice(middle + 1, last), question.slice(last + 1)]
  return answer(question.slice(0, middle), fields[typeAt], status, client, time)
}

function answer(
  nameText: string,
  typeText: string,
  status: AnswerStatus,
  client: string,
  time: number | null,
): LogRecord | null {
  const name = nameOf(nameText, 'escaped')
  return name === null
    ? null
    : { kind: 'answer', time, client, name, type: typeOf(typeText) ?? 0, status, addresses: [], aliases: [] }
}

/** Follows a BIND log: every line stands by itself. */
export class BindLog implements LogParser {
  private readonly now: Now

  constructor(now: Now) {
    this.now = now
  }

  parse(line: string, envelope?: Envelope): readonly LogRecord[] {
    const record = parseBindLine(line, this.now, envelope)
    return record === null ? NOTHING : [record]
  }
}

export const format: TextLogFormat<'bind'> = {
  id: 'bind',
  words: ['bind'],
  program: 'BIND',
  title: "BIND's query log",
  note: null,
  usualPath: '/var/log/named/queries.log',
  switchOn: 'a `channel` with `file`, `print-time yes` for `category queries`; `rndc querylog on`',
  storage: 'text',
  example:
    '24-Nov-2026 10:00:00.271 queries: info: client @0x7f 10.0.0.5#40000 (a.example): query: a.example IN A + (10.0.0.1)',
  tellsBytes: false,
  repeats: [],
  recognises: (line, now, envelope) => parseBindLine(line, now, envelope) !== null,
  isHeader: null,
  createParser: (now) => new BindLog(now),
}
