// Technitium DNS Server: its own log's lines, the CSV that its query logs are exported as, and its Log Exporter's JSON.
import { addressOf } from './addresses.ts'
import { CsvColumns, splitCsv } from './csv.ts'
import type { TextLogFormat } from './format.ts'
import { objectField, parseJsonLine, textField } from './json-line.ts'
import { lookUp, type Outcome } from './look-up.ts'
import { nameOf } from './names.ts'
import { isPlainLine, type LogParser, type LogRecord, NOTHING } from './record.ts'
import { parseIso } from './timestamps.ts'
import { statusOf, typeOf } from './types.ts'
import { parseUtc } from './utc-times.ts'

const MAX_LENGTH = 65_536
/** Records of one answer that are looked at. */
const MAX_RECORDS = 512

/** WriteLog of DnsServerCore/LogManager.cs: "[yyyy-MM-dd HH:mm:ss Local|UTC] [client:port] [PROTOCOL] message". */
const HEAD =
  /^\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,7})?) (Local|UTC)\] \[([0-9A-Fa-f:.%\w[\]-]{3,72}):\d{1,5}\] \[[A-Z0-9-]{2,12}\] QNAME: /
/** ExportQueryLogs of DnsServerCore/WebServiceLogsApi.cs; before version 13.4 without ResponseRtt. */
const CSV_HEAD = /^\uFEFF?RowNumber,Timestamp,ClientIpAddress,/

/**
 * The answer's records as Technitium prints RDATA: addresses, and names of aliases in front of them. Text records are
 * not told apart from names, so aliases are taken only where addresses follow.
 */
export function recordsOf(type: number, texts: readonly string[]): Pick<Outcome, 'addresses' | 'aliases'> {
  if (type !== 1 && type !== 28) return {}
  const addresses: string[] = []
  const aliases: string[] = []
  for (const text of texts.slice(0, MAX_RECORDS)) {
    const address = addressOf(text)
    const name = address === null ? nameOf(text, 'raw') : null
    if (address !== null) addresses.push(address)
    else if (name !== null) aliases.push(name)
  }
  return { addresses, aliases }
}

/** DnsServerResponseType of DnsServerCore.ApplicationCommon/IDnsQueryLogger.cs, by name or number; null: no answer. */
export function outcomeOf(responseType: string, code: string, type: number, answer: string): Outcome | null {
  if (/^(?:(?:Upstream|Cache)?Blocked(?:Cached)?|[456])$/.test(responseType)) return { status: 'blocked' }
  if (responseType === 'Dropped' || responseType === '7') return null
  const texts = answer === '' ? [] : answer.split(', ', MAX_RECORDS)
  return { status: statusOf(code, texts.length > 0), ...recordsOf(type, texts) }
}

/** Follows the log of the server, an export of its query logs, or the file of its Log Exporter app. */
export class TechnitiumLog implements LogParser {
  private columns: CsvColumns | null = null

  parse(line: string): readonly LogRecord[] {
    if (!isPlainLine(line, MAX_LENGTH)) return NOTHING
    if (line.startsWith('[')) return parseServerLine(line)
    if (line.startsWith('{')) return parseExported(line)
    if (isHead(line)) {
      this.columns = new CsvColumns(line.split(','))
      return NOTHING
    }
    return this.columns === null ? NOTHING : parseRow(line, this.columns)
  }
}

/** QNAME: n; QTYPE: t; QCLASS: c[; TSIG …]; RCODE: r; ANSWER: [records][; ADDITIONAL …][; ECS …] */
function parseServerLine(line: string): readonly LogRecord[] {
  const head = HEAD.exec(line)
  if (head === null) return NOTHING
  const [all, stamp, zone, clientText] = head
  const time = parseIso(zone === 'UTC' ? `${stamp}Z` : stamp)
  const client = addressOf(clientText.replace(/^\[|\]$/g, ''))
  const question = /^(.{1,1024}?); QTYPE: (\w{1,16}); QCLASS: IN(?:; |$)/.exec(line.slice(all.length))
  const name = question === null ? null : nameOf(question[1], 'raw')
  if (question === null || client === null || name === null) return NOTHING
  const type = typeOf(question[2]) ?? 0
  const rest = line.slice(all.length + question[0].length)
  const answer = /(?:^|; )RCODE: (\w{1,24}); ANSWER: \[/.exec(rest)
  if (answer === null) return lookUp({ time, client, name, type }, null)
  const from = answer.index + answer[0].length
  const end = rest.indexOf(']', from)
  return lookUp(
    { time, client, name, type },
    outcomeOf('', answer[1], type, rest.slice(from, end < 0 ? undefined : end)),
  )
}

function parseRow(line: string, columns: CsvColumns): readonly LogRecord[] {
  const cells = splitCsv(line)
  if (cells === null) return NOTHING
  const client = addressOf(columns.cell(cells, ['clientipaddress']))
  const name = nameOf(columns.cell(cells, ['domain', 'name']), 'raw')
  const klass = columns.cell(cells, ['class'])
  if (client === null || name === null || (klass !== '' && klass !== 'IN')) return NOTHING
  const type = typeOf(columns.cell(cells, ['type'])) ?? 0
  return lookUp(
    { time: parseUtc(columns.cell(cells, ['timestamp'])), client, name, type },
    outcomeOf(
      columns.cell(cells, ['responsetype']),
      columns.cell(cells, ['rcode']),
      type,
      columns.cell(cells, ['answer']),
    ),
  )
}

/** LogEntry of Apps/LogExporterApp/LogEntry.cs. */
function parseExported(line: string): readonly LogRecord[] {
  const entry = parseJsonLine(line)
  const question = entry === null ? null : objectField(entry, 'question')
  if (entry === null || question === null) return NOTHING
  const client = addressOf(textField(entry, 'clientIp'))
  const name = nameOf(textField(question, 'questionName'), 'raw')
  if (client === null || name === null) return NOTHING
  const type = typeOf(textField(question, 'questionType')) ?? 0
  const answers = Object.hasOwn(entry, 'answers') ? entry['answers'] : null
  const texts = Array.isArray(answers) ? answers.slice(0, MAX_RECORDS).map(recordData) : []
  return lookUp(
    { time: parseIso(textField(entry, 'timestamp')), client, name, type },
    outcomeOf(textField(entry, 'responseType'), textField(entry, 'responseCode'), type, texts.join(', ')),
  )
}

function recordData(record: unknown): string {
  return typeof record === 'object' && record !== null ? textField(record as Record<string, unknown>, 'recordData') : ''
}

/** Whether the line holds the headings of its CSV. */
export function isHead(line: string): boolean {
  return CSV_HEAD.test(line)
}

export const format: TextLogFormat<'technitium'> = {
  id: 'technitium',
  words: ['technitium'],
  program: 'Technitium',
  title: "Technitium's log",
  note: null,
  usualPath: '/etc/dns/logs/YYYY-MM-DD.log',
  switchOn:
    'Settings › Logging: *Log all queries*; the CSV export and the file of its Log Exporter app are read as well',
  storage: 'text',
  example:
    '[2026-11-24 10:00:00 UTC] [10.0.0.5:40000] [UDP] QNAME: a.example; QTYPE: A; QCLASS: IN; RCODE: NoError; ANSWER: [192.0.2.7]',
  tellsBytes: false,
  repeats: [],
  recognises: (line) => isHead(line) || new TechnitiumLog().parse(line).length > 0,
  isHeader: isHead,
  createParser: () => new TechnitiumLog(),
}
