// dnsmasq's log with log-queries or log-queries=extra: queries with their client, and the answers. Pi-hole writes it
// too.
import { addressOf, isUnspecified, macOf } from './addresses.ts'
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
import { typeOf } from './types.ts'

/** dnsmasq's own longest name is 1025 characters (MAXDNAME); the words around it are few. */
const MAX_LENGTH = 4096
/** Questions whose answers are awaited, and names of which the last asker is known. The oldest make room. */
const MAX_WAITING = 4096
/** dnsmasq forks one process for each TCP client; each may be in the middle of an alias chain. */
const MAX_CHAINS = 64

/** One line by itself. `process` distinguishes dnsmasq from the children it forks for TCP. */
export type DnsmasqLine =
  | {
      kind: 'query'
      time: number | null
      process: string
      serial: string | null
      client: string
      port: number
      name: string
      type: number
    }
  | ({
      kind: 'answer'
      time: number | null
      process: string
      serial: string | null
      client: string | null
      port: number
    } & DnsmasqAnswer)
  | { kind: 'lease'; time: number | null; mac: string; address: string; name: string | null }

/** `name` is null where the line only reports a failure ("reply error is REFUSED"). */
export interface DnsmasqAnswer {
  name: string | null
  status: AnswerStatus
  address: string | null
  /** The name is an alias: its target is in the lines that follow. */
  isAlias: boolean
}

/** Whose lines are read where the transport names a program: also FTL's own, and a container's by name or number. */
const PROGRAM = /dnsmasq|pi-?hole|^FTL$|^[0-9a-f]{12}$/i
/** log-queries=extra: serial number and client/port; newer versions may add the protocol. */
const EXTRA = /^(?:(?:UDP|TCP) )?(\d{1,10}) ([0-9A-Fa-f:.%\w-]{2,64})\/(\d{1,5}) (?:(?:UDP|TCP) )?/
const QUERY = /^(?:query|auth)\[([^\]\s]{1,16})\] /
/** Where an answer came from. */
const SOURCE = /^(?:reply|cached|cached-stale|config|DHCP|Pi-hole hostname|(Rate-limiting)) /
/** Pi-hole's reasons not to answer: its lists, an upstream that blocks, and names that it never passes on. */
const BLOCKED = new RegExp(
  '^(?:' +
    [
      '(?:gravity blocked|(?:exactly |regex )?(?:blacklisted|denied))(?: \\(CNAME\\))?',
      '(?:to be (?:refused|dropped) )?\\(gravity database is not available\\)',
      'blocked upstream with (?:(?:known|NULL|NXRA) address|NXDOMAIN|EDE ?\\d{1,5})',
      '(?:special|Apple iCloud Private Relay|Mozilla canary|Designated Resolver) domain',
    ].join('|') +
    ') ',
)
/** " is " in a line: a name may hold a few, the text of an extended error as well. */
const MAX_VERBS = 16
/** Behind an answer: that it was signed, and its extended error (RFC 8914), whose text may hold parentheses. */
const BEHIND = /^(?: \(DNSSEC signed\))?(?: \(EDE: .{0,1100}\))?$/
const BY_ALIAS = 'blocked during CNAME inspection'
const LEASE = /^(?:\d{1,10} )?DHCPACK\([^)\s]{1,64}\) (\S{2,64}) (\S{17})(?: (\S{1,255}))?$/

/** Reads one line; null where it is nothing about names and leases, or is not what dnsmasq writes. */
export function parseDnsmasqLine(line: string, now: Now, envelope = unwrapLine(line, now)): DnsmasqLine | null {
  const { program, time } = envelope
  let { text } = envelope
  if (!isPlainLine(text, MAX_LENGTH) || (program !== null && !PROGRAM.test(program))) return null
  const lease = LEASE.exec(text)
  if (lease !== null) return leaseOf(lease, time)
  const extra = EXTRA.exec(text)
  const client = extra === null ? null : addressOf(extra[2])
  if (extra !== null) {
    if (client === null) return null
    text = text.slice(extra[0].length)
  }
  const head = { time, process: envelope.process, serial: extra?.[1] ?? null, port: Number(extra?.[3] ?? 0) }
  const query = QUERY.exec(text)
  if (query !== null) return parseQuery(text.slice(query[0].length), query[1], head, client)
  const answer = parseAnswer(text)
  return answer === null ? null : { kind: 'answer', ...head, client, ...answer }
}

type Head = { time: number | null; process: string; serial: string | null; port: number }

/**
 * A name may hold " from 10.0.0.9": what stands last is the client, and it must be the one in front where there is one.
 */
function parseQuery(text: string, typeText: string, head: Head, front: string | null): DnsmasqLine | null {
  const at = text.lastIndexOf(' from ')
  if (at < 0) return null
  const client = addressOf(text.slice(at + 6).replace(/#\d{1,5}$/, ''))
  const name = nameOf(text.slice(0, at), 'raw')
  if (client === null || name === null || name.startsWith('<name unprintable>') || (front !== null && front !== client))
    return null
  return { kind: 'query', ...head, client, name, type: typeOf(typeText) ?? 0 }
}

/** NAME is VALUE, behind its source. The last " is " that an answer follows counts: a name may hold others. */
function parseAnswer(text: string): DnsmasqAnswer | null {
  const blocked = BLOCKED.exec(text)
  const source = blocked ?? SOURCE.exec(text)
  // A path is the hosts file that the answer is from.
  const from = source !== null ? source[0].length : text.startsWith('/') ? text.indexOf(' ') + 1 : 0
  if (from === 0) return null
  let at = text.lastIndexOf(' is ')
  for (let count = 0; count < MAX_VERBS && at > from; count++) {
    const end = text.indexOf(' (', at + 4)
    const value = text.slice(at + 4, end < 0 ? undefined : end)
    const isWhole = end < 0 || BEHIND.test(text.slice(end))
    const answer = isWhole ? answerOf(text.slice(from, at), value, blocked !== null) : null
    if (answer !== null) return source?.[1] === undefined ? answer : { ...answer, status: 'refused', address: null }
    at = text.lastIndexOf(' is ', at - 1)
  }
  return null
}

function answerOf(nameText: string, value: string, isBlocked: boolean): DnsmasqAnswer | null {
  const address = addressOf(value)
  const status = isBlocked || value === BY_ALIAS ? 'blocked' : address === null ? statusOfWord(value) : 'answered'
  if (status === null || (address === null && statusOfWord(value) === null)) return null
  if (nameText === 'error')
    return { name: null, status: value === 'REFUSED' ? 'refused' : 'failed', address: null, isAlias: false }
  const name = nameOf(nameText, 'raw')
  // "reply 8.8.8.8 is dns.google" answers the question for an address's name.
  if (name === null || addressOf(nameText) !== null) return null
  if (address !== null && isUnspecified(address)) return { name, status: 'blocked', address: null, isAlias: false }
  const isAnswered = status === 'answered'
  return { name, status, address: isAnswered ? address : null, isAlias: isAnswered && value === '<CNAME>' }
}

function statusOfWord(value: string): AnswerStatus | null {
  if (value === BY_ALIAS) return 'blocked'
  if (/^NXDOMAIN(?:-IPv[46])?$/.test(value)) return 'no-name'
  if (/^NODATA(?:-IPv[46])?$/.test(value)) return 'no-data'
  if (/^<[^<>]{1,64}>$/.test(value)) return 'answered'
  if (value === 'REFUSED') return 'refused'
  return /^(?:SERVFAIL|FORMERR|NOTIMP|BADVERS|not \w{1,32})$/.test(value) ? 'failed' : null
}

function leaseOf(found: RegExpExecArray, time: number | null): DnsmasqLine | null {
  const address = addressOf(found[1])
  const mac = macOf(found[2])
  if (address === null || mac === null) return null
  return { kind: 'lease', time, mac, address, name: found[3] === undefined ? null : nameOf(found[3], 'raw') }
}

interface Question {
  client: string
  port: number
  name: string
  type: number
  /** Its last word was said: what dnsmasq goes on to log of it reached nobody. */
  isBlocked: boolean
}

/** A CNAME was read: the next line is its target's, and lines of that name behind it are more of its addresses. */
interface Chain {
  question: Question
  last: string
  open: boolean
}

/**
 * Follows a dnsmasq or Pi-hole log. With `extra` each line carries its question's number and client; without, an answer
 * belongs to the last query for its name, and what follows a CNAME to the question of the CNAME.
 */
export class DnsmasqLog implements LogParser {
  private readonly now: Now
  /** By process and serial number. */
  private readonly numbered = new Map<string, Question>()
  /** By name, folded: the last client. */
  private readonly lastAsked = new Map<string, Question>()
  /** By process: the aliases being read, and the question asked last. */
  private readonly chains = new Map<string, Chain>()
  private readonly latest = new Map<string, Question>()

  constructor(now: Now) {
    this.now = now
  }

  parse(text: string, envelope?: Envelope): readonly LogRecord[] {
    const line = parseDnsmasqLine(text, this.now, envelope)
    if (line === null) return NOTHING
    if (line.kind === 'lease') return [line]
    if (line.kind === 'query') {
      const { time, client, port, name, type } = line
      this.remember(line.process, line.serial, { client, port, name, type, isBlocked: false })
      return [{ kind: 'query', time, client, name, type }]
    }
    const question = line.serial === null ? this.questionOfName(line) : this.questionOfSerial(line)
    if (question === null || question.isBlocked) return NOTHING
    question.isBlocked = line.status === 'blocked'
    const { client, name, type } = question
    const aliases = line.name === null || fold(line.name) === fold(name) ? [] : [line.name]
    return [
      {
        kind: 'answer',
        time: line.time,
        client,
        name,
        type,
        status: line.status,
        addresses: line.address === null ? [] : [line.address],
        aliases,
      },
    ]
  }

  private remember(process: string, serial: string | null, question: Question): void {
    if (serial !== null) return put(this.numbered, `${process}:${serial}`, question, MAX_WAITING)
    put(this.lastAsked, fold(question.name), question, MAX_WAITING)
    put(this.latest, process, question, MAX_CHAINS)
    this.chains.delete(process)
  }

  private questionOfSerial(line: DnsmasqLine & { kind: 'answer' }): Question | null {
    const question = this.numbered.get(`${line.process}:${line.serial}`)
    if (question !== undefined) return question.client === line.client && question.port === line.port ? question : null
    // Asked before reading began: the line itself has client and name.
    if (line.name === null || line.client === null) return null
    return {
      client: line.client,
      port: line.port,
      name: line.name,
      type: typeOfAddress(line.address),
      isBlocked: false,
    }
  }

  private questionOfName(line: DnsmasqLine & { kind: 'answer' }): Question | null {
    if (line.name === null) return this.latest.get(line.process) ?? null
    const chain = this.chains.get(line.process)
    if (chain !== undefined && (chain.open || chain.last === line.name)) {
      chain.open = line.isAlias
      chain.last = line.name
      return chain.question
    }
    this.chains.delete(line.process)
    const question = this.lastAsked.get(fold(line.name)) ?? null
    if (question !== null && line.isAlias)
      put(this.chains, line.process, { question, last: line.name, open: true }, MAX_CHAINS)
    return question
  }
}

function typeOfAddress(address: string | null): number {
  return address === null ? 0 : address.includes(':') ? 28 : 1
}

/** RFC 4343: ASCII letters only. */
function fold(name: string): string {
  return name.toLowerCase()
}

/** Puts the entry last and evicts the first one where there are too many. */
function put<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > most) map.delete(map.keys().next().value as string)
}

export const format: TextLogFormat<'dnsmasq'> = {
  id: 'dnsmasq',
  words: ['dnsmasq'],
  program: 'dnsmasq',
  title: "dnsmasq's log",
  note: null,
  usualPath: '/var/log/dnsmasq.log',
  switchOn: '`log-queries=extra` and `log-facility=/var/log/dnsmasq.log` in its configuration, then restart it',
  storage: 'text',
  example: 'Nov 24 10:00:00 dnsmasq[7]: query[A] a.example from 10.0.0.5',
  tellsBytes: false,
  repeats: [],
  recognises: (line, now, envelope) => parseDnsmasqLine(line, now, envelope) !== null,
  isHeader: null,
  createParser: (now) => new DnsmasqLog(now),
}
