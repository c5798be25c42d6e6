// blocky's query log: CSV (of all or of each client), and the lines of its console as text or JSON.
import { isHomeAddress } from '../ip-address.ts'
import { addressOf } from './addresses.ts'
import { splitCsv } from './csv.ts'
import type { TextLogFormat } from './format.ts'
import { parseJsonLine, textField } from './json-line.ts'
import { lookUp, type Outcome } from './look-up.ts'
import { placeholderFor } from './named-client.ts'
import { nameOf } from './names.ts'
import { isPlainLine, type LogParser, type LogRecord, NOTHING, type Now } from './record.ts'
import { parseIso, readStamp } from './timestamps.ts'
import { statusOf, typeOf } from './types.ts'

const MAX_LENGTH = 65_536
const MAX_RECORDS = 512
const MAX_CLIENT_NAME = 128
/** What stands in front of a line of the console: time, level, what docker adds. */
const MAX_PREFIX = 400
const CONSOLE = /queryLog: query \w{1,16}\s|msg="?query resolved"?\s/

/** What all forms of a line have. */
interface Entry {
  time: number | null
  client: string
  names: string
  question: string
  type: string
  reason: string
  responseType: string
  code: string
  answer: string
}

/** Follows a log of blocky (querylog/file_writer.go and logger_writer.go). CSV is in this machine's zone. */
export class BlockyLog implements LogParser {
  private readonly now: Now

  constructor(now: Now) {
    this.now = now
  }

  parse(line: string): readonly LogRecord[] {
    if (!isPlainLine(line, MAX_LENGTH)) return NOTHING
    const entry = parseCsv(line) ?? parseJson(line) ?? parseConsole(line, this.now)
    return entry === null ? NOTHING : recordsOf(entry)
  }
}

/**
 * TIME CLIENT NAMES MILLISECONDS REASON QUESTION ANSWER RCODE [RESPONSE-TYPE TYPE INSTANCE], with tabs. Versions before
 * 0.19 end at RCODE and write the question as "A (name)".
 */
function parseCsv(line: string): Entry | null {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\t/.test(line)) return null
  const cells = splitCsv(line, '\t')
  if (cells === null || cells.length < 8 || !/^\d{0,12}$/.test(cells[3])) return null
  const [time, client, names, , reason, question, answer, code, responseType = '', type = ''] = cells
  const old = /^([A-Z0-9]{1,16}) \((.*)\)$/.exec(question)
  return {
    time: parseIso(time),
    client,
    names,
    question: old === null ? question : old[2],
    type: old === null ? type : old[1],
    reason,
    responseType,
    code,
    answer,
  }
}

function parseJson(line: string): Entry | null {
  const entry = line.startsWith('{') ? parseJsonLine(line) : null
  if (entry === null) return null
  return entryOf((name) => textField(entry, name), parseIso(textField(entry, 'time')))
}

/** "[2026-11-29 12:33:03]  INFO queryLog: query resolved answer=A (1.2.3.4) client_ip=… question_name=… …" */
function parseConsole(line: string, now: Now): Entry | null {
  const at = line.slice(0, MAX_PREFIX).search(CONSOLE)
  const fields = at < 0 ? null : fieldsOf(line.slice(at))
  return fields === null ? null : entryOf((name) => fields.get(name) ?? '', consoleTime(line.slice(0, at), now))
}

/** The time in brackets, of later versions `time=`, else what stands first, as docker puts it there. */
function consoleTime(prefix: string, now: Now): number | null {
  const own = /\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\]|\btime="?([\dT:.Z+-]{19,40})/.exec(prefix)
  return own === null ? readStamp(prefix, now).time : parseIso(own[1] ?? own[2])
}

/**
 * "key=value key=value", where values may hold spaces. Null where a key stands twice: an answer's text record may hold
 * anything.
 */
function fieldsOf(text: string): Map<string, string> | null {
  const keys = [...text.matchAll(/(?:^|\s)([a-z]{1,16}(?:_[a-z]{1,16})?)=/g)]
  const fields = new Map<string, string>()
  for (const [index, { 0: all, 1: key, index: at }] of keys.entries()) {
    if (fields.has(key)) return null
    const value = text.slice(at + all.length, keys[index + 1]?.index ?? text.length).trim()
    fields.set(key, /^".*"$/.test(value) ? value.slice(1, -1).replaceAll('\\"', '"') : value)
  }
  return fields
}

function entryOf(field: (name: string) => string, time: number | null): Entry | null {
  const question = field('question_name')
  if (question === '') return null
  return {
    time,
    client: field('client_ip'),
    names: field('client_names'),
    question,
    type: field('question_type'),
    reason: field('response_reason'),
    responseType: field('response_type'),
    code: field('response_code'),
    answer: field('answer'),
  }
}

function recordsOf(entry: Entry): readonly LogRecord[] {
  const address = addressOf(entry.client)
  const names = entry.names.split('; ', 8).filter((text) => text !== '' && addressOf(text) === null)
  // A global IPv6 address is the device's own: blocky answers those at home.
  const isOwn = address !== null && address.includes(':') && !isHomeAddress(address)
  const clientName = isOwn ? null : (names[0]?.slice(0, MAX_CLIENT_NAME) ?? null)
  // `queryLog.fields` may leave the address out.
  const client = address ?? (clientName === null || entry.client !== '' ? null : placeholderFor(clientName))
  const name = nameOf(entry.question, 'escaped')
  if (client === null || name === null) return NOTHING
  return lookUp({ time: entry.time, client, clientName, name, type: typeOf(entry.type) ?? 0 }, outcomeOf(entry))
}

function outcomeOf({ responseType, reason, code, answer }: Entry): Outcome | null {
  if (responseType === 'BLOCKED' || (responseType === '' && reason.startsWith('BLOCKED'))) return { status: 'blocked' }
  if (code === '') return null
  const records = [...answer.matchAll(/(?:^|, )([A-Z0-9]{1,16}) \(([^()]{1,1024})\)/g)].slice(0, MAX_RECORDS)
  const ofType = (wanted: string[]): string[] =>
    records.filter(([, type]) => wanted.includes(type)).map(([, , data]) => data)
  return {
    status: statusOf(code, answer !== ''),
    addresses: ofType(['A', 'AAAA']).flatMap((text) => addressOf(text) ?? []),
    aliases: ofType(['CNAME']).flatMap((text) => nameOf(text, 'escaped') ?? []),
  }
}

export const format: TextLogFormat<'blocky'> = {
  id: 'blocky',
  words: ['blocky'],
  program: 'blocky',
  title: "blocky's query log",
  note: null,
  usualPath: '/var/log/blocky/YYYY-MM-DD_ALL.log',
  switchOn: '`queryLog:` with `type: csv` and `target: /var/log/blocky`, or `type: console`',
  storage: 'text',
  example:
    '2026-11-24 10:00:00\t10.0.0.5\tcam\t12\tRESOLVED (tcp+udp:9.9.9.9)\ta.example.\tA (192.0.2.7)\tNOERROR\tRESOLVED\tA\tblocky',
  tellsBytes: false,
  repeats: [],
  recognises: (line, now) => new BlockyLog(now).parse(line).length > 0,
  isHeader: null,
  createParser: (now) => new BlockyLog(now),
}
