// NextDNS: the CSV of Logs › Download, and the entries of its API as JSON lines.
import { CsvColumns, splitCsv } from './csv.ts'
import { HEADINGS, type ReadField, recordsOfRow } from './exported-look-ups.ts'
import type { TextLogFormat } from './format.ts'
import { objectField, parseJsonLine, textField } from './json-line.ts'
import { isPlainLine, type LogParser, type LogRecord, NOTHING } from './record.ts'
import { typeOf } from './types.ts'

const MAX_LENGTH = 16_384
/**
 * Headings of the download; older ones end at `root_domain` or leave columns out. `client_name` is the program that
 * asked ("apple-profile"), not the device.
 */
const HEADINGS_NOW =
  'timestamp,domain,query_type,dnssec,protocol,client_ip,status,reasons,destination_country,root_domain,device_id,device_name,device_model,device_local_ip,matched_name,client_name'
const HEAD = /^\uFEFF?"?timestamp"?,"?domain"?,"?query_type"?,/
const PROTOCOL = /^(?:DNS-over-[A-Z]+|DNS-over-HTTPS\/3|UDP|TCP|DNS|DoH|DoT|DoQ)$/i

/** Follows a download, by the headings that it begins with. */
export class NextDnsLog implements LogParser {
  private columns = new CsvColumns(HEADINGS_NOW.split(','))

  parse(line: string): readonly LogRecord[] {
    if (!isPlainLine(line, MAX_LENGTH)) return NOTHING
    if (line.startsWith('{')) return parseEntry(line)
    const cells = splitCsv(line)
    if (cells === null) return NOTHING
    if (isHead(line)) {
      this.columns = new CsvColumns(cells)
      return NOTHING
    }
    // A column of the protocol that holds something else is no row of this export.
    const protocol = this.columns.cell(cells, ['protocol'])
    if (cells.length < 6 || (protocol !== '' && !PROTOCOL.test(protocol))) return NOTHING
    return recordsOfRow((field) =>
      this.columns.cell(
        cells,
        HEADINGS[field].filter((heading) => heading !== 'clientname'),
      ),
    )
  }
}

/** An entry of GET /profiles/:profile/logs (nextdns.github.io/api). */
function parseEntry(line: string): readonly LogRecord[] {
  const entry = parseJsonLine(line)
  if (entry === null || textField(entry, 'domain') === '' || textField(entry, 'clientIp') === '') return NOTHING
  const device = objectField(entry, 'device') ?? {}
  const texts: Partial<Record<keyof typeof HEADINGS, string>> = {
    time: textField(entry, 'timestamp'),
    name: textField(entry, 'domain'),
    type: textField(entry, 'type') || textField(entry, 'queryType'),
    address: textField(entry, 'clientIp'),
    localAddress: textField(device, 'localIp'),
    clientId: textField(device, 'id'),
    clientName: textField(device, 'name'),
    verdict: textField(entry, 'status'),
  }
  const read: ReadField = (field) => texts[field] ?? ''
  return recordsOfRow(read)
}

/** Whether the line holds the headings of its CSV. */
export function isHead(line: string): boolean {
  return HEAD.test(line)
}

export const format: TextLogFormat<'nextdns'> = {
  id: 'nextdns',
  words: ['nextdns'],
  program: 'NextDNS',
  title: "NextDNS's export",
  note: null,
  usualPath: '/home/me/nextdns.csv',
  switchOn: 'my.nextdns.io › Logs: *Download logs*',
  storage: 'text',
  example:
    '2026-11-24T10:00:00.000Z,a.example,A,false,DNS-over-HTTPS,198.51.100.7,,,US,a.example,ABC12,Cam,,10.0.0.5,,nextdns-cli',
  tellsBytes: false,
  repeats: [],
  recognises: recognisesNextDns,
  isHeader: isHead,
  createParser: () => new NextDnsLog(),
}

function recognisesNextDns(line: string): boolean {
  if (isHead(line)) return true
  if (line.startsWith('{')) return line.includes('"clientIp"') && new NextDnsLog().parse(line).length > 0
  const [time = '', , type = '', dnssec = '', protocol = ''] = line.split(',', 6)
  return (
    /^\d{4}-\d\d-\d\dT[\d:.]{5,18}Z$/.test(time) &&
    typeOf(type) !== null &&
    /^(?:true|false)$/.test(dnssec) &&
    PROTOCOL.test(protocol) &&
    new NextDnsLog().parse(line).length > 0
  )
}
