// Control D: the entries of its activity log as JSON, one a line or many in one document, and as CSV.
import { CsvColumns, headingOf, splitCsv } from './csv.ts'
import { areLookUps, type Field, HEADINGS, type ReadField, recordsOfRow } from './exported-look-ups.ts'
import type { TextLogFormat } from './format.ts'
import { objectField, objectsField } from './json-line.ts'
import { type LogParser, type LogRecord, isPlainLine, MAX_LINE_LENGTH, NOTHING } from './record.ts'

const MAX_LENGTH = 16_384
/** Entries of one document on one line; lines and characters of entries that are spread over several. */
const MAX_ENTRIES = 4096
const MAX_ENTRY_LINES = 256
const MAX_ENTRY_LENGTH = 32_768
/** Headings that no other export has. */
const OWN = [
  'querytime',
  'endpointid',
  'endpointname',
  'actiontrigger',
  'actiontriggervalue',
  'triggervalue',
  'profileid',
]
/** -1 failed, 0 blocked, 1 bypassed, 2 and 3 redirected or spoofed: answered with another address. */
const BLOCKED = '0'
const FAILED = '-1'

type Entry = Record<string, unknown>

/**
 * Follows an export. Control D publishes no description of the file; the fields are those of the activity log that its
 * API gives (GET /v2/activity-log: question, rrType, rcode, action, sourceIp, clientId, endpointId and others), found
 * by name, whatever their order and whichever are left out.
 */
export class ControlDLog implements LogParser {
  private columns: CsvColumns | null = null
  /** A document that is written over several lines: lines since the outermost brace, and where objects began. */
  private lines: string[] = []
  private starts: number[] = []
  private length = 0

  parse(line: string): readonly LogRecord[] {
    if (line.length > MAX_LINE_LENGTH) return NOTHING
    const text = line.trim()
    if (text === '{' || this.starts.length > 0) return this.collect(text)
    if (text.startsWith('{') || text.startsWith('[')) return readDocument(text)
    if (!isPlainLine(line, MAX_LENGTH)) return NOTHING
    if (isHead(line)) {
      this.columns = new CsvColumns(splitCsv(line) ?? [])
      return NOTHING
    }
    const { columns } = this
    const cells = columns === null ? null : splitCsv(line)
    if (columns === null || cells === null) return NOTHING
    return recordsOf((headings) => columns.cell(cells, headings))
  }

  /** Each object is read where it is closed; what gave look-ups is kept no longer: a long list takes no room. */
  private collect(text: string): readonly LogRecord[] {
    if (text.endsWith('{')) this.starts.push(this.lines.length)
    this.lines.push(text)
    this.length += text.length
    const start = text === '}' || text === '},' ? this.starts.pop() : undefined
    const inner = start === undefined ? [] : this.lines.slice(start + 1)
    const entry = start === undefined ? null : parseObject(`{${inner.join('').replace(/,$/, '')}`)
    const records = entry === null ? [] : recordsOfEntry(entry)
    if (records.length > 0) this.lines.length = start ?? 0
    if (this.starts.length === 0 || this.lines.length > MAX_ENTRY_LINES || this.length > MAX_ENTRY_LENGTH) this.clear()
    if (records.length > 0) this.length = 0
    return records
  }

  private clear(): void {
    this.lines = []
    this.starts = []
    this.length = 0
  }
}

function parseObject(text: string): Entry | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Entry) : null
  } catch {
    return null
  }
}

/** One entry, a list of them, or what the API answers: body.queries. */
function entriesOf(text: string): Entry[] {
  if (text.length > MAX_LINE_LENGTH) return []
  const value = parseObject(text.startsWith('[') ? `{"queries":${text.replace(/,$/, '')}}` : text.replace(/,$/, ''))
  if (value === null) return []
  const holder = objectField(value, 'body') ?? objectField(value, 'data') ?? value
  const list = objectsField(holder, 'queries', MAX_ENTRIES)
  return list.length > 0 ? list : [value]
}

function readDocument(text: string): LogRecord[] {
  return entriesOf(text).flatMap(recordsOfEntry)
}

function recordsOfEntry(entry: Entry): LogRecord[] {
  const texts = new Map<string, string>()
  for (const [key, value] of Object.entries(entry).slice(0, 64)) {
    const text = textOf(value)
    if (text !== '') texts.set(headingOf(key), text)
  }
  return recordsOf((headings) => {
    const found = headings.find((heading) => texts.has(heading))
    return found === undefined ? '' : (texts.get(found) as string)
  })
}

/** Texts, numbers and lists of them; of an answer's records their data. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (!Array.isArray(value)) return ''
  return value
    .slice(0, 64)
    .map((item: unknown) => (typeof item === 'object' && item !== null ? rdataOf(item as Entry) : textOf(item)))
    .join(' ')
}

function rdataOf(record: Entry): string {
  const value = record['rdata'] ?? record['data'] ?? record['value'] ?? ''
  return typeof value === 'string' ? value : ''
}

function recordsOf(read: (headings: readonly string[]) => string): LogRecord[] {
  const action = read(['action'])
  const readField: ReadField = (field: Field) => {
    if (field === 'verdict' && action === BLOCKED) return 'blocked'
    if (field === 'code' && action === FAILED) return 'SERVFAIL'
    return read(HEADINGS[field])
  }
  return recordsOfRow(readField)
}

/** Whether the line holds the headings of its CSV. */
export function isHead(line: string): boolean {
  if (line.length > MAX_LENGTH || !/^\uFEFF?"?[A-Za-z]/.test(line)) return false
  const headings = splitCsv(line) ?? []
  return areLookUps(headings) && headings.some((heading) => OWN.includes(headingOf(heading)))
}

export const format: TextLogFormat<'controld'> = {
  id: 'controld',
  words: ['controld'],
  program: 'Control D',
  title: "Control D's export",
  note: null,
  usualPath: '/home/me/controld.json',
  switchOn: 'Analytics › Activity Log with *Full* analytics: its export as JSON or CSV',
  storage: 'text',
  example:
    '{"queryTime":"2026-11-24T10:00:00.000Z","question":"a.example","rrType":"A","action":1,"sourceIp":"10.0.0.5","endpointId":"x1"}',
  tellsBytes: false,
  repeats: [],
  recognises: recognisesControlD,
  isHeader: isHead,
  createParser: () => new ControlDLog(),
}

/** Whether the line is surely of an export of Control D. */
export function recognisesControlD(line: string): boolean {
  if (line.startsWith('{') || line.startsWith('['))
    return entriesOf(line.trim()).some((entry) => Object.keys(entry).some((key) => OWN.includes(headingOf(key))))
  return isHead(line)
}
