// What a transport puts around a program's log line: syslog, the journal, containers and log shippers.
import { readJsonEnvelope } from './envelope-json.ts'
import type { Envelope, Now } from './record.ts'
import { NO_STAMP, readStamp, type Stamp } from './timestamps.ts'

/** Transports around transports: a container's, syslog's, the journal's, a shipper's. */
const MAX_LAYERS = 6
/** Of host, facility and the like before a program's name. */
const MAX_TOKENS = 4
/** A line that is said to be repeated more often counts so often. */
const MAX_COUNT = 1000
/** A stamp with a zone further out is of the same line: not further off than any zone, and an hour. */
const WIDEST_ZONE = 15 * 3600

const BYTE_ORDER_MARK = 0xfeff
/** RFC 7464, `journalctl -o json-seq`. */
const RECORD_SEPARATOR = 0x1e
/** `journalctl -o json-sse`. */
const SERVER_SENT = /^data: (?=\{)/
const COMPOSE = /^[A-Za-z0-9][\w.@-]{0,127} +\| /
const KUBECTL = /^\[pod\/[\w.-]{1,253}\/[\w.-]{1,64}\] /
const OCTETS = /^\d{1,6} (?=<\d{1,3}>)/
const PRIORITY = /^<\d{1,3}>/
const VERSION_1 = /^1 (?=\d{4}-\d\d-\d\dT|- )/
const RUNTIME = /^(?:stdout|stderr) ([FP])(?::\S{1,32})? /
/** APP PROCID MSGID before STRUCTURED-DATA. */
const APP = /(\S{1,48}) (\d{1,10}|-) ([\w.-]{1,32}) (?=-|\[)/y
const TOKEN = /([^ ]{1,255})( +|$)/y
const TAG = /^([A-Za-z0-9_][\w./@+-]{0,127})(?:\[(\d{1,10})\])?:$/
const TAG_AT_START = /^([A-Za-z][\w./@+-]{0,63})(?:\[(\d{1,10})\])?: /
/** Host, address, "daemon.info", "<daemon.info>". */
const WORD = /^(?:[\w.:%/-]{1,255}|<\w{1,16}\.\w{1,16}>)$/
/** Programs that name themselves on a console, without a process number. */
const NAMED_ALONE = /^(?:dnsmasq(?:-dhcp|-tftp|-script)?|pihole-FTL|named|unbound)$/
const REPEATED = /^message repeated (\d{1,9}) times: \[ ?/

/** Takes off what stands in front, layer by layer. Linear in the length of the line; never throws. */
export function unwrapLine(line: string, now: Now): Envelope {
  const envelope: Envelope = {
    line,
    text: line,
    time: null,
    later: null,
    program: null,
    process: '',
    count: 1,
    shipped: null,
    isPartial: false,
  }
  let isLocal = true
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    const before = envelope.text.length
    isLocal = peel(envelope, now, isLocal)
    if (envelope.text.length === before) break
  }
  takeRepeats(envelope)
  return envelope
}

/** Whether what is known of the time is still without a zone. */
function peel(envelope: Envelope, now: Now, isLocal: boolean): boolean {
  const { text } = envelope
  const first = text.charCodeAt(0)
  if (first === BYTE_ORDER_MARK || first === RECORD_SEPARATOR) return advance(envelope, 1, isLocal)
  if (first === 0x7b) return peelJson(envelope, isLocal)
  if (envelope.time === null && envelope.program === null) {
    const front = COMPOSE.exec(text) ?? KUBECTL.exec(text) ?? OCTETS.exec(text) ?? SERVER_SENT.exec(text)
    if (front !== null) return advance(envelope, front[0].length, isLocal)
  }
  const priority = PRIORITY.exec(text)
  if (priority !== null) advance(envelope, priority[0].length, isLocal)
  const version = VERSION_1.exec(envelope.text)
  if (version !== null) return peelVersion1(envelope, now, isLocal)
  const stamp = readStamp(envelope.text, now)
  if (stamp.end > 0) return peelStamped(envelope, stamp, isLocal)
  peelTag(envelope, TAG_AT_START.exec(envelope.text))
  return isLocal
}

function advance(envelope: Envelope, length: number, isLocal: boolean): boolean {
  envelope.text = envelope.text.slice(length)
  envelope.line = envelope.text
  return isLocal
}

/** The innermost stamp counts, unless one with a zone stands further out. */
function note(envelope: Envelope, { time, later, isLocal }: Stamp, wasLocal: boolean): boolean {
  if (time === null) return wasLocal
  const isFar = envelope.time !== null && Math.abs(envelope.time - time) > WIDEST_ZONE
  if (isLocal && !wasLocal && !isFar) return false
  envelope.time = time
  envelope.later = later
  return isLocal
}

function peelStamped(envelope: Envelope, stamp: Stamp, wasLocal: boolean): boolean {
  const isLocal = note(envelope, stamp, wasLocal)
  const stamped = envelope.text
  envelope.text = stamped.slice(stamp.end)
  const runtime = RUNTIME.exec(envelope.text)
  if (runtime !== null) {
    envelope.isPartial = runtime[1] === 'P'
    return advance(envelope, runtime[0].length, isLocal)
  }
  if (peelHeader(envelope)) return isLocal
  // A bare stamp: the program's own, as far as can be said.
  envelope.line = stamped
  return isLocal
}

/** [HOST] [FACILITY.LEVEL] TAG: or [HOST] APP PROCID MSGID STRUCTURED-DATA. False where it is none. */
function peelHeader(envelope: Envelope): boolean {
  const { text } = envelope
  let at = 0
  for (let count = 0; count < MAX_TOKENS; count++) {
    if (count < 2 && peelApp(envelope, at)) return true
    TOKEN.lastIndex = at
    const token = TOKEN.exec(text)
    if (token === null) return false
    const tag = TAG.exec(token[1])
    at = TOKEN.lastIndex
    if (tag !== null) {
      named(envelope, tag[1], tag[2])
      advance(envelope, at, false)
      return true
    }
    if (!WORD.test(token[1]) || token[1].endsWith(':')) return false
  }
  return false
}

/** RFC 5424, behind the host. */
function peelApp(envelope: Envelope, at: number): boolean {
  const { text } = envelope
  APP.lastIndex = at
  const app = APP.exec(text)
  if (app === null) return false
  const end = behindStructuredData(text, APP.lastIndex)
  if (end < 0) return false
  named(envelope, app[1], app[2])
  advance(envelope, end, false)
  return true
}

/** RFC 5424: VERSION TIMESTAMP HOST APP PROCID MSGID STRUCTURED-DATA MESSAGE, "-" for what is not there. */
function peelVersion1(envelope: Envelope, now: Now, wasLocal: boolean): boolean {
  const text = envelope.text.slice(2)
  const stamp = text.startsWith('- ') ? { ...NO_STAMP, end: 2 } : readStamp(text, now)
  const host = text.indexOf(' ', stamp.end)
  if (stamp.end === 0 || host < 0) return wasLocal
  const inner = { ...envelope, text }
  if (!peelApp(inner, host + 1)) return wasLocal
  Object.assign(envelope, inner)
  return note(envelope, stamp, wasLocal)
}

/** Where the message begins; -1 where there is no structured data. */
function behindStructuredData(text: string, from: number): number {
  if (text[from] === '-') return text[from + 1] === ' ' ? from + 2 : from + 1 === text.length ? from + 1 : -1
  let at = from
  // "[6739:3] info: …" is a message of unbound.
  while (text[at] === '[' && !/^\[\d+:[0-9a-f]+\]/.test(text.slice(at, at + 24))) {
    at = behindElement(text, at + 1)
    if (at < 0) return -1
  }
  if (at === from) return from
  return text[at] === ' ' ? at + 1 : at === text.length ? at : -1
}

/** Behind the "]" of an element, whose values may hold escaped quotes and brackets. */
function behindElement(text: string, from: number): number {
  let isQuoted = false
  for (let at = from; at < text.length; at++) {
    const letter = text[at]
    if (isQuoted && letter === '\\') at++
    else if (letter === '"') isQuoted = !isQuoted
    else if (letter === ']' && !isQuoted) return at + 1
  }
  return -1
}

/** On a console nothing stands before the program's name. */
function peelTag(envelope: Envelope, tag: RegExpExecArray | null): void {
  if (tag === null || (tag[2] === undefined && !NAMED_ALONE.test(tag[1]))) return
  named(envelope, tag[1], tag[2])
  advance(envelope, tag[0].length, false)
}

function peelJson(envelope: Envelope, wasLocal: boolean): boolean {
  const found = readJsonEnvelope(envelope.text)
  if (found === null) return wasLocal
  const { text, time, program, process, object } = found
  envelope.text = text
  envelope.line = text
  envelope.shipped ??= object
  if (program !== null) named(envelope, program, process)
  return note(envelope, { time, later: null, isLocal: false, end: 0 }, wasLocal)
}

/** The innermost name is the program's: a container's name and a shipper's stand further out. */
function named(envelope: Envelope, program: string, process: string | undefined): void {
  envelope.program = program.endsWith('.service') ? program.slice(0, -8) : program
  envelope.process = process === undefined || process === '-' ? '' : process
}

/** rsyslog with $RepeatedMsgReduction. */
function takeRepeats(envelope: Envelope): void {
  const found = REPEATED.exec(envelope.text)
  if (found === null || !envelope.text.endsWith(']')) return
  envelope.count = Math.min(MAX_COUNT, Number(found[1]))
  envelope.text = envelope.text.slice(found[0].length, -1)
  envelope.line = envelope.text
}
