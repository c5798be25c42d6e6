// Look-ups of exports that name their columns: which heading means what, whoever wrote them, and the client they name.
import { isHomeAddress } from '../ip-address.ts'
import { addressOf, macOf } from './addresses.ts'
import { headingOf } from './csv.ts'
import { lookUp, type Outcome } from './look-up.ts'
import { placeholderFor } from './named-client.ts'
import { nameOf } from './names.ts'
import type { LogRecord } from './record.ts'
import { statusOf, typeOf } from './types.ts'
import { parseUtc } from './utc-times.ts'

const MAX_CLIENT_NAME = 128
/** Records of one answer that are looked at. */
const MAX_RECORDS = 512

/** Headings without case and signs, in order of preference. */
export const HEADINGS = {
  time: ['timestamp', 'querytime', 'datetime', 'time', 'date', 'ts', 't', 'createdat'],
  name: [
    'domain',
    'question',
    'queryname',
    'qname',
    'questionname',
    'questionhost',
    'domainname',
    'query',
    'qh',
    'fqdn',
  ],
  type: ['querytype', 'qtype', 'rrtype', 'recordtype', 'questiontype', 'qt', 'type'],
  localAddress: ['devicelocalip', 'localip', 'clientlocalip', 'lanip', 'privateip'],
  address: ['clientip', 'sourceip', 'clientaddress', 'ipaddress', 'srcip', 'deviceip', 'client', 'ip', 'source'],
  clientId: ['deviceid', 'clientid', 'endpointid', 'cid'],
  clientName: ['devicename', 'clientname', 'clienthostname', 'endpointname', 'device', 'endpoint', 'client'],
  verdict: ['status', 'action', 'verdict', 'filteringstatus', 'result', 'resultreason', 'reason'],
  isBlocked: ['isfiltered', 'resultisfiltered', 'filtered', 'blocked', 'isblocked'],
  code: ['rcode', 'responsecode', 'returncode', 'dnsstatus'],
  answer: ['answer', 'answers', 'response', 'responseip', 'rdata'],
} as const

export type Field = keyof typeof HEADINGS
/** The text of a field of one row, '' where there is none. */
export type ReadField = (field: Field) => string

/** Whether these headings are those of look-ups: when, what and who. */
export function areLookUps(headings: readonly string[]): boolean {
  const found = new Set(headings.map(headingOf))
  const has = (field: Field): boolean => HEADINGS[field].some((heading) => found.has(heading))
  return has('time') && has('name') && (has('address') || has('localAddress') || has('clientId') || has('clientName'))
}

/** The records of a row: its client's MAC where it names one, the query and what became of it. */
export function recordsOfRow(read: ReadField): LogRecord[] {
  const who = clientOf(read)
  const name = nameOf(read('name'), 'raw')
  if (who === null || name === null) return []
  const { client, clientName, mac } = who
  const time = parseUtc(read('time'))
  const type = typeOf(read('type')) ?? 0
  const records = lookUp({ time, client, clientName, name, type }, outcomeOf(read))
  return mac === null
    ? records
    : [{ kind: 'lease', time, mac, address: client, name: nameOf(clientName ?? '', 'raw') }, ...records]
}

/**
 * The client of a row; null where nothing names one. Behind a home's one public address stand all its devices: an id or
 * a name tells them apart, and stands for each as an address that is none. Without both they are one client.
 */
function clientOf(read: ReadField): { client: string; clientName: string | null; mac: string | null } | null {
  const outer = addressOf(read('address'))
  const local = addressOf(read('localAddress')) ?? (outer !== null && isHomeAddress(outer) ? outer : null)
  const id = read('clientId').slice(0, MAX_CLIENT_NAME)
  const mac = macOf(id) ?? macOf(id.replace(/^[0-9a-f]{12}$/i, (digits) => (digits.match(/../g) ?? []).join(':')))
  const named = read('clientName').slice(0, MAX_CLIENT_NAME)
  const clientName = named === '' || addressOf(named) !== null ? null : named
  if (local !== null) return { client: local, clientName, mac }
  const known = id === '' ? clientName : id
  if (known !== null) return { client: placeholderFor(known), clientName: clientName ?? known, mac }
  if (outer === null) return null
  return outer.includes(':')
    ? { client: outer, clientName, mac }
    : { client: placeholderFor(outer), clientName: `devices at ${outer}`, mac }
}

/** Null where the row does not say what became of the question. */
function outcomeOf(read: ReadField): Outcome | null {
  if (isTrue(read('isBlocked')) || isBlocking(read('verdict'))) return { status: 'blocked' }
  const code = read('code')
  const addresses = read('answer')
    .split(/[\s,;|]+/, MAX_RECORDS)
    .map(addressOf)
    .filter((address) => address !== null)
  if (code === '') return addresses.length === 0 ? null : { status: 'answered', addresses }
  return { status: statusOf(code, read('answer') !== ''), addresses }
}

function isTrue(text: string): boolean {
  return /^(?:true|1|yes)$/i.test(text)
}

/**
 * The words that filters write: "blocked", "BLOCKED (ads)", "FilteredBlackList", "Denied"; not "allowed", "default",
 * "NotFilteredNotFound" or "FilteredSafeSearch", which answers with another address.
 */
function isBlocking(text: string): boolean {
  return /^(?:(?:fully|upstream|dns)?[ _-]?block|filtered(?!safesearch)|denied|deny|reject|sinkhole)/i.test(
    text.slice(0, 64),
  )
}
