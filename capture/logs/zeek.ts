// Zeek's dns, conn and ssl logs, as TSV (fields in any order) or JSON: look-ups, flows with bytes, server names.
import { addressOf, isUnspecified, macOf } from './addresses.ts'
import { secondsOf } from './envelope-json.ts'
import type { TextLogFormat } from './format.ts'
import { listField, numberField, parseJsonLine, textField } from './json-line.ts'
import { nameOf } from './names.ts'
import { type Envelope, type LogParser, type LogRecord, MAX_LINE_LENGTH, NOTHING } from './record.ts'
import { parseIso } from './timestamps.ts'
import { statusOf, typeOf } from './types.ts'
import { zeekFieldsOf } from './zeek-shipped.ts'

/** Columns that a header may name. */
const MAX_FIELDS = 256
/** Items of a set, such as a DNS answer's records. */
const MAX_ITEMS = 512

type ZeekPath = 'dns' | 'conn' | 'ssl'

/** One entry, whichever way it was written. */
interface Entry {
  text(name: string): string
  number(name: string): number | null
  list(name: string): string[]
}

/** Follows a Zeek log. A TSV log has its kind and columns in its header; those of a JSON entry are in its fields. */
export class ZeekLog implements LogParser {
  private separator = '\t'
  private setSeparator = ','
  private emptyField = '(empty)'
  private unsetField = '-'
  private path: string | null = null
  private columns = new Map<string, number>()

  /** `path` ("dns", "conn", "ssl") helps where reading starts behind the header; columns are then Zeek's defaults. */
  constructor(path: ZeekPath | null = null) {
    this.path = path
    if (path !== null) this.setFields(DEFAULT_FIELDS[path])
  }

  parse(line: string, envelope?: Envelope): readonly LogRecord[] {
    if (line.length > MAX_LINE_LENGTH || line === '') return NOTHING
    if (line[0] === '#') {
      this.readHeader(line)
      return NOTHING
    }
    if (line[0] === '{') return this.readObject(line.endsWith(',') ? line.slice(0, -1) : line, envelope)
    if (line[0] === '[') return this.readList(line)
    const shipped = envelope?.shipped ?? null
    if (shipped !== null) return this.readFields(zeekFieldsOf(shipped))
    if (this.columns.size === 0) return NOTHING
    return read(this.path, this.tsvEntry(line.split(this.separator, MAX_FIELDS)))
  }

  private readObject(line: string, envelope?: Envelope): readonly LogRecord[] {
    const fields = parseJsonLine(line)
    if (fields === null) return NOTHING
    const records = this.readFields(fields)
    return records.length > 0 ? records : this.readFields(zeekFieldsOf(envelope?.shipped ?? fields))
  }

  private readFields(fields: Record<string, unknown> | null): readonly LogRecord[] {
    return fields === null ? NOTHING : read(jsonPath(fields, this.path), jsonEntry(fields))
  }

  /** A whole log as one JSON list, on one line. */
  private readList(line: string): readonly LogRecord[] {
    try {
      const list: unknown = JSON.parse(line)
      if (!Array.isArray(list)) return NOTHING
      return list.flatMap((entry: unknown) =>
        typeof entry === 'object' && entry !== null && !Array.isArray(entry)
          ? this.readFields(entry as Record<string, unknown>)
          : [],
      )
    } catch {
      return NOTHING
    }
  }

  private readHeader(line: string): void {
    if (line.startsWith('#separator ')) {
      this.separator = unescape(line.slice(11)) || '\t'
      return
    }
    const [name = '', ...values] = line.split(this.separator, MAX_FIELDS + 1)
    const value = values[0] ?? ''
    if (name === '#set_separator') this.setSeparator = value || ','
    else if (name === '#empty_field') this.emptyField = value
    else if (name === '#unset_field') this.unsetField = value
    else if (name === '#path') this.path = value
    else if (name === '#fields') this.setFields(values)
  }

  private setFields(names: readonly string[]): void {
    this.columns = new Map(names.map((name, index) => [name, index]))
  }

  private tsvEntry(cells: string[]): Entry {
    const cell = (name: string): string => {
      const index = this.columns.get(name)
      const value = index === undefined ? undefined : cells[index]
      return value === undefined || value === this.unsetField || value === this.emptyField ? '' : value
    }
    return {
      text: (name) => unescape(cell(name)),
      number: (name) => numberOf(cell(name)),
      // Separators inside an item are escaped: split first.
      list: (name) => (cell(name) === '' ? [] : cell(name).split(this.setSeparator, MAX_ITEMS).map(unescape)),
    }
  }
}

function read(path: string | null, entry: Entry): readonly LogRecord[] {
  switch (path) {
    case 'dns':
      return readDns(entry)
    case 'conn':
      return readConnection(entry)
    case 'ssl':
      return readServerName(entry)
    default:
      return NOTHING
  }
}

function readDns(entry: Entry): readonly LogRecord[] {
  const client = addressOf(entry.text('id.orig_h'))
  const name = nameOf(entry.text('query'), 'raw')
  // Multicast DNS and LLMNR are no questions to a resolver.
  const port = entry.number('id.resp_p')
  if (client === null || name === null || port === 5353 || port === 5355) return NOTHING
  const time = timeOf(entry)
  const type = entry.number('qtype') ?? typeOf(entry.text('qtype_name')) ?? 0
  const query: LogRecord = { kind: 'query', time, client, name, type }
  const code = entry.text('rcode_name') || String(entry.number('rcode') ?? '')
  const answers = entry.list('answers')
  if (code === '' && answers.length === 0) return [query]
  const addresses = answers.map(addressOf).filter((address) => address !== null)
  const isBlocked = addresses.length > 0 && addresses.every(isUnspecified)
  // A text record's item is a name by its looks only: aliases are taken where addresses follow them.
  const aliases =
    type === 1 || type === 28
      ? answers.filter((item) => addressOf(item) === null).flatMap((item) => nameOf(item, 'raw') ?? [])
      : []
  const status = isBlocked ? 'blocked' : statusOf(code || '0', answers.length > 0)
  return [
    query,
    {
      kind: 'answer',
      time,
      client,
      name,
      type,
      status,
      addresses: isBlocked || type === 12 || type === 16 ? [] : addresses,
      aliases,
    },
  ]
}

const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1, icmp6: 58 }

function readConnection(entry: Entry): readonly LogRecord[] {
  const client = addressOf(entry.text('id.orig_h'))
  const server = addressOf(entry.text('id.resp_h'))
  if (client === null || server === null) return NOTHING
  const word = entry.text('proto')
  return [
    {
      kind: 'connection',
      time: timeOf(entry),
      uid: entry.text('uid'),
      client,
      clientPort: countOf(entry, 'id.orig_p'),
      server,
      serverPort: countOf(entry, 'id.resp_p'),
      protocol: word === 'icmp' && server.includes(':') ? 58 : Object.hasOwn(PROTOCOLS, word) ? PROTOCOLS[word] : 0,
      seconds: countOf(entry, 'duration'),
      bytesUp: entry.number('orig_ip_bytes') === null ? countOf(entry, 'orig_bytes') : countOf(entry, 'orig_ip_bytes'),
      bytesDown:
        entry.number('resp_ip_bytes') === null ? countOf(entry, 'resp_bytes') : countOf(entry, 'resp_ip_bytes'),
      packetsUp: countOf(entry, 'orig_pkts'),
      packetsDown: countOf(entry, 'resp_pkts'),
      clientMac: macOf(entry.text('orig_l2_addr')),
      serverMac: macOf(entry.text('resp_l2_addr')),
    },
  ]
}

function readServerName(entry: Entry): readonly LogRecord[] {
  const client = addressOf(entry.text('id.orig_h'))
  const server = addressOf(entry.text('id.resp_h'))
  const name = nameOf(entry.text('server_name'), 'raw')
  if (client === null || server === null || name === null || addressOf(name) !== null) return NOTHING
  return [
    {
      kind: 'server-name',
      time: timeOf(entry),
      uid: entry.text('uid'),
      client,
      server,
      serverPort: countOf(entry, 'id.resp_p'),
      name,
    },
  ]
}

/** Seconds, or thousandths of them where Zeek writes JSON::TS_MILLIS; or ISO 8601. */
function timeOf(entry: Entry): number | null {
  const count = entry.number('ts')
  return count === null ? parseIso(entry.text('ts')) : secondsOf(count)
}

/** Never negative: what a log counts. */
function countOf(entry: Entry, name: string): number {
  const value = entry.number(name)
  return value === null || value < 0 ? 0 : value
}

function jsonEntry(fields: Record<string, unknown>): Entry {
  return {
    text: (name) => textField(fields, name),
    number: (name) => numberField(fields, name),
    list: (name) => listField(fields, name).slice(0, MAX_ITEMS),
  }
}

/** JSON logs have no header: `_path` where json-streaming-logs writes it, else the fields that only one kind has. */
function jsonPath(fields: Record<string, unknown>, path: string | null): string | null {
  const own = textField(fields, '_path')
  if (own !== '') return own
  if ('conn_state' in fields) return 'conn'
  if ('server_name' in fields || 'cipher' in fields) return 'ssl'
  return 'query' in fields || 'qtype' in fields || 'trans_id' in fields ? 'dns' : path
}

/** Zeek writes bytes that are no text as \xHH, and a backslash as \\. */
function unescape(text: string): string {
  if (!text.includes('\\')) return text
  const bytes: number[] = []
  const utf8 = Buffer.from(text, 'utf8')
  for (let at = 0; at < utf8.length; at++) {
    const hex =
      utf8[at] === 0x5c && utf8[at + 1] === 0x78
        ? Number.parseInt(utf8.toString('latin1', at + 2, at + 4), 16)
        : Number.NaN
    if (Number.isInteger(hex)) {
      bytes.push(hex)
      at += 3
    } else {
      if (utf8[at] === 0x5c && utf8[at + 1] === 0x5c) at++
      bytes.push(utf8[at])
    }
  }
  return Buffer.from(bytes).toString('utf8')
}

function numberOf(text: string): number | null {
  if (text === '' || text.length > 32) return null
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}

const DEFAULT_FIELDS: Readonly<Record<ZeekPath, readonly string[]>> = {
  dns: [
    'ts',
    'uid',
    'id.orig_h',
    'id.orig_p',
    'id.resp_h',
    'id.resp_p',
    'proto',
    'trans_id',
    'rtt',
    'query',
    'qclass',
    'qclass_name',
    'qtype',
    'qtype_name',
    'rcode',
    'rcode_name',
    'AA',
    'TC',
    'RD',
    'RA',
    'Z',
    'answers',
    'TTLs',
    'rejected',
  ],
  conn: [
    'ts',
    'uid',
    'id.orig_h',
    'id.orig_p',
    'id.resp_h',
    'id.resp_p',
    'proto',
    'service',
    'duration',
    'orig_bytes',
    'resp_bytes',
    'conn_state',
    'local_orig',
    'local_resp',
    'missed_bytes',
    'history',
    'orig_pkts',
    'orig_ip_bytes',
    'resp_pkts',
    'resp_ip_bytes',
    'tunnel_parents',
  ],
  ssl: ['ts', 'uid', 'id.orig_h', 'id.orig_p', 'id.resp_h', 'id.resp_p', 'version', 'cipher', 'curve', 'server_name'],
}

export const format: TextLogFormat<'zeek'> = {
  id: 'zeek',
  words: ['zeek'],
  program: 'Zeek',
  title: "Zeek's log",
  note: 'bytes too',
  usualPath: '/opt/zeek/logs/current/conn.log',
  switchOn: 'nothing: Zeek writes `dns.log` (look-ups), `conn.log` (bytes) and `ssl.log` (names), each a source',
  storage: 'text',
  example: '{"ts":1795383622.5,"id.orig_h":"10.0.0.5","id.resp_h":"10.0.0.1","query":"a.example","qtype":1}',
  tellsBytes: true,
  repeats: [],
  recognises: (line, _, envelope) => recognisesZeek(line, envelope),
  isHeader: (line) => line.startsWith('#'),
  createParser: () => new ZeekLog(),
}

function recognisesZeek(line: string, envelope?: Envelope): boolean {
  if (line.startsWith('#separator') || line.startsWith('#fields')) return true
  const isJson = line.startsWith('{') || line.startsWith('[{') || (envelope !== undefined && envelope.shipped !== null)
  return isJson && new ZeekLog().parse(line, envelope).length > 0
}
