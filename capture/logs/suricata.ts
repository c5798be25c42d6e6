// Suricata's eve.json: look-ups and answers, names of servers in TLS and QUIC hellos, flows with their bytes.
import { addressOf, macOf } from './addresses.ts'
import type { TextLogFormat } from './format.ts'
import { listField, numberField, objectField, objectsField, parseJsonLine, textField } from './json-line.ts'
import { answerOf, type Outcome, type Question, queryOf } from './look-up.ts'
import { nameOf } from './names.ts'
import { type LogParser, type LogRecord, MAX_LINE_LENGTH, NOTHING } from './record.ts'
import { parseIso } from './timestamps.ts'
import { statusOf, typeOf } from './types.ts'

/** Questions and records taken from one event; more than a DNS message of a home holds. */
const MAX_QUESTIONS = 8
const MAX_RECORDS = 512
/** Questions remembered until their answers come; the oldest make room. */
const MAX_ASKED = 4096
/** What syslog may put in front of an event (`filetype: syslog`). */
const MAX_PREFIX = 300
const DNS_PORTS: ReadonlySet<number> = new Set([53, 853])
const NOT_A_RESOLVER: ReadonlySet<number> = new Set([5353, 5355])

type Fields = Record<string, unknown>

interface Ends {
  client: string
  clientPort: number
  server: string
  serverPort: number
}

/**
 * Follows an eve.json (docs.suricata.io, "Eve JSON Format"). An event is one JSON object with `event_type` and a part
 * of that name. The part `dns` has three forms: version 1 of Suricata 4 writes an event per record of an answer,
 * version 2 one per answer with `answers` or `grouped`, version 3 of Suricata 8 `queries` with types "request" and
 * "response". Where only answers are logged, each stands for its question too.
 */
export class SuricataLog implements LogParser {
  /** Questions that were counted, by transaction. */
  private readonly asked = new Set<string>()

  parse(line: string): readonly LogRecord[] {
    const event = parseEvent(line)
    if (event === null) return NOTHING
    switch (textField(event, 'event_type')) {
      case 'dns':
        return this.readDns(event)
      case 'tls':
        return readServerName(event, 'tls')
      case 'quic':
        return readServerName(event, 'quic')
      case 'flow':
        return readFlow(event)
      default:
        return NOTHING
    }
  }

  private readDns(event: Fields): readonly LogRecord[] {
    const dns = objectField(event, 'dns')
    if (dns === null) return NOTHING
    const word = textField(dns, 'type')
    const isAnswer = word === 'answer' || word === 'response'
    const ends = endsOf(event)
    if (ends === null || (!isAnswer && word !== 'query' && word !== 'request')) return NOTHING
    const isTurned = isFromServer(ends, isAnswer)
    const client = isTurned ? ends.server : ends.client
    const clientMac = macAt(event, isTurned ? 'dest' : 'src')
    if (NOT_A_RESOLVER.has(ends.serverPort) || NOT_A_RESOLVER.has(ends.clientPort)) return NOTHING
    const time = parseIso(textField(event, 'timestamp'))
    return questionsOf(dns).flatMap(({ name, type }) => {
      const question = { time, client, clientMac, name, type }
      const key = [client, numberField(event, 'flow_id') ?? '', numberField(dns, 'id') ?? '', type, name].join(' ')
      return isAnswer ? this.answer(key, question, outcomeOf(dns, type), isWhole(dns)) : this.ask(key, question)
    })
  }

  private ask(key: string, question: Question): LogRecord[] {
    this.asked.delete(key)
    this.asked.add(key)
    if (this.asked.size > MAX_ASKED) this.asked.delete(this.asked.values().next().value as string)
    return [queryOf(question)]
  }

  /** Version 1 writes an event per record: the first of them counts the question where none was logged. */
  private answer(key: string, question: Question, outcome: Outcome, isWhole: boolean): LogRecord[] {
    const answer = answerOf(question, outcome)
    const records = this.asked.has(key) ? [answer] : [...this.ask(key, question), answer]
    if (isWhole) this.asked.delete(key)
    return records
  }
}

/** The event on the line, behind whatever syslog put in front of it; null where there is none. */
function parseEvent(line: string): Fields | null {
  if (line.length > MAX_LINE_LENGTH) return null
  const at = line.startsWith('{') ? 0 : line.slice(0, MAX_PREFIX).indexOf('{"timestamp"')
  const event = at < 0 ? null : parseJsonLine(at === 0 ? line : line.slice(at))
  return event !== null && textField(event, 'event_type') !== '' ? event : null
}

function endsOf(event: Fields): Ends | null {
  const client = addressOf(textField(event, 'src_ip'))
  const server = addressOf(textField(event, 'dest_ip'))
  if (client === null || server === null) return null
  return { client, clientPort: countOf(event, 'src_port'), server, serverPort: countOf(event, 'dest_port') }
}

/** Older versions log an answer as its packet went; later ones always from the client's side. */
function isFromServer({ clientPort, serverPort }: Ends, isAnswer: boolean): boolean {
  return isAnswer && DNS_PORTS.has(clientPort) && !DNS_PORTS.has(serverPort)
}

/** The questions of an event: `rrname` and `rrtype` of its own, or `queries` (version 3, and version 2 of alerts). */
function questionsOf(dns: Fields): { name: string; type: number }[] {
  const own = textField(dns, 'rrname') === '' ? objectsField(dns, 'queries', MAX_QUESTIONS) : [dns]
  return own.flatMap((question) => {
    const name = nameOf(textField(question, 'rrname'), 'raw')
    return name === null ? [] : [{ name, type: typeOf(textField(question, 'rrtype')) ?? 0 }]
  })
}

/** Whether the event holds all of an answer; version 1 writes an event per record. */
function isWhole(dns: Fields): boolean {
  return numberField(dns, 'version') !== null || 'answers' in dns || 'grouped' in dns || 'queries' in dns
}

/** What `answers`, `grouped` or, of version 1, the event's own `rdata` say. */
function outcomeOf(dns: Fields, type: number): Outcome {
  const records = objectsField(dns, 'answers', MAX_RECORDS)
  const grouped = objectField(dns, 'grouped')
  const ofType = (name: string): string[] => [
    ...records.filter((record) => textField(record, 'rrtype') === name).map((record) => textField(record, 'rdata')),
    ...(grouped === null || records.length > 0 ? [] : listField(grouped, name).slice(0, MAX_RECORDS)),
  ]
  const own = textField(dns, 'rdata')
  const addresses = [...ofType('A'), ...ofType('AAAA'), ...(type === 1 || type === 28 ? [own] : [])]
    .map(addressOf)
    .filter((address) => address !== null)
  const aliases = ofType('CNAME').flatMap((text) => nameOf(text, 'raw') ?? [])
  const hasRecords = records.length > 0 || own !== '' || (grouped !== null && Object.keys(grouped).length > 0)
  return { status: statusOf(textField(dns, 'rcode') || 'NOERROR', hasRecords), addresses, aliases }
}

function readServerName(event: Fields, part: 'tls' | 'quic'): readonly LogRecord[] {
  const hello = objectField(event, part)
  const ends = endsOf(event)
  const name = hello === null ? null : nameOf(textField(hello, 'sni'), 'raw')
  if (ends === null || name === null || addressOf(name) !== null) return NOTHING
  const { client, server, serverPort } = ends
  const time = parseIso(textField(event, 'timestamp'))
  return [{ kind: 'server-name', time, uid: uidOf(event), client, server, serverPort, name }]
}

/**
 * A flow that is over. Suricata counts whole frames, so that an Ethernet header of 14 bytes stands in each packet's
 * bytes. Events of the type netflow hold the same bytes again, by direction, and are left out.
 */
function readFlow(event: Fields): readonly LogRecord[] {
  const flow = objectField(event, 'flow')
  const ends = endsOf(event)
  if (flow === null || ends === null) return NOTHING
  const start = parseIso(textField(flow, 'start'))
  const end = parseIso(textField(flow, 'end'))
  const word = textField(event, 'proto')
  return [
    {
      kind: 'connection',
      time: start ?? parseIso(textField(event, 'timestamp')),
      uid: uidOf(event),
      ...ends,
      protocol: Object.hasOwn(PROTOCOLS, word) ? PROTOCOLS[word] : 0,
      seconds: start !== null && end !== null && end > start ? end - start : countOf(flow, 'age'),
      bytesUp: countOf(flow, 'bytes_toserver'),
      bytesDown: countOf(flow, 'bytes_toclient'),
      packetsUp: countOf(flow, 'pkts_toserver'),
      packetsDown: countOf(flow, 'pkts_toclient'),
      clientMac: macAt(event, 'src'),
      serverMac: macAt(event, 'dest'),
    },
  ]
}

const PROTOCOLS: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, ICMP: 1, 'IPv6-ICMP': 58, SCTP: 132 }

/** `ether` (`ethernet: yes`): of a flow lists of all that were seen; several MACs on one end prove nothing. */
function macAt(event: Fields, end: 'src' | 'dest'): string | null {
  const ether = objectField(event, 'ether')
  if (ether === null) return null
  const seen = listField(ether, `${end}_macs`)
  if (seen.length > 1) return null
  return macOf(seen[0] ?? textField(ether, `${end}_mac`))
}

function uidOf(event: Fields): string {
  return String(numberField(event, 'flow_id') ?? '')
}

/** Never negative: what a log counts. */
function countOf(fields: Fields, name: string): number {
  const value = numberField(fields, name)
  return value === null || value < 0 ? 0 : value
}

export const format: TextLogFormat<'suricata'> = {
  id: 'suricata',
  words: ['suricata'],
  program: 'Suricata',
  title: "Suricata's eve.json",
  note: 'bytes too',
  usualPath: '/var/log/suricata/eve.json',
  switchOn: '`eve-log` with the types `dns`, `tls`, `quic` and `flow`; `ethernet: yes` tells MACs too',
  storage: 'text',
  example:
    '{"timestamp":"2026-11-24T10:00:00.000000+0000","event_type":"dns","src_ip":"10.0.0.5","src_port":40000,"dest_ip":"10.0.0.1","dest_port":53,"dns":{"type":"query","id":1,"rrname":"a.example","rrtype":"A"}}',
  tellsBytes: true,
  repeats: [],
  recognises: recognisesSuricata,
  isHeader: null,
  createParser: () => new SuricataLog(),
}

/** Any event: a log begins with statistics or alerts as often as not. */
function recognisesSuricata(line: string): boolean {
  const event = parseEvent(line)
  return event !== null && textField(event, 'timestamp') !== '' && parseIso(textField(event, 'timestamp')) !== null
}
