// dnscrypt-proxy's query.log, as TSV or LTSV.
import { addressOf } from './addresses.ts'
import type { TextLogFormat } from './format.ts'
import { lookUp, type Outcome } from './look-up.ts'
import { nameOf } from './names.ts'
import { isPlainLine, type LogParser, type LogRecord, NOTHING } from './record.ts'
import { parseIso } from './timestamps.ts'
import { typeOf } from './types.ts'

const MAX_LENGTH = 8192
const MAX_CELLS = 16

/** One line of dnscrypt-proxy's logs: what is common to all of them, and the cells behind. */
export interface DnscryptLine {
  time: number | null
  client: string
  /** The cells behind the client (TSV), none of LTSV. */
  cells: string[]
  /** The cells by their label (LTSV), none of TSV. */
  labels: ReadonlyMap<string, string>
}

/**
 * "[2026-11-29 15:17:54]⇥client⇥…", in this machine's zone, or "time:1795965474⇥host:client⇥…"
 * (dnscrypt-proxy/plugin_query_log.go); null for any other line.
 */
export function parseDnscryptLine(line: string): DnscryptLine | null {
  if (!isPlainLine(line, MAX_LENGTH)) return null
  const [first = '', second = '', ...cells] = line.split('\t', MAX_CELLS)
  const stamp = /^\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\]$/.exec(first)
  if (stamp !== null) {
    const client = addressOf(second)
    return client === null ? null : { time: parseIso(stamp[1]), client, cells, labels: new Map() }
  }
  const epoch = /^time:(\d{9,10})$/.exec(first)
  const client = second.startsWith('host:') ? addressOf(second.slice(5)) : null
  if (epoch === null || client === null) return null
  const labels = new Map(cells.map((cell) => [cell.slice(0, cell.indexOf(':')), cell.slice(cell.indexOf(':') + 1)]))
  return { time: Number(epoch[1]), client, cells: [], labels }
}

/** StringQuote of dnscrypt-proxy/common.go: Go's quoting without the quotes, so that each backslash is doubled. */
export function dnscryptName(text: string): string | null {
  return nameOf(text.replaceAll('\\\\', '\\').replaceAll('\\"', '"'), 'escaped')
}

/** PluginsReturnCodeToString of dnscrypt-proxy/plugins.go. SYNTH is an answer of its own making, of any kind. */
function outcomeOf(code: string | undefined): Outcome | null {
  switch (code) {
    case undefined:
    case 'SYNTH':
      return null
    case 'PASS':
    case 'FORWARD':
    case 'CLOAK':
      return { status: 'answered' }
    case 'REJECT':
    case 'DROP':
      return { status: 'blocked' }
    case 'NXDOMAIN':
      return { status: 'no-name' }
    default:
      return { status: 'failed' }
  }
}

/** Follows a query log: NAME TYPE [RETURN DURATION SERVER], of later versions with more behind. */
export class DnscryptLog implements LogParser {
  parse(line: string): readonly LogRecord[] {
    const found = parseDnscryptLine(line)
    if (found === null) return NOTHING
    const { time, client, cells, labels } = found
    const isTsv = labels.size === 0
    const type = typeOf((isTsv ? cells[1] : labels.get('type')) ?? '')
    const name = dnscryptName((isTsv ? cells[0] : labels.get('message')) ?? '')
    if (name === null || type === null) return NOTHING
    return lookUp({ time, client, name, type }, outcomeOf(isTsv ? cells[2] : labels.get('return')))
  }
}

export const format: TextLogFormat<'dnscrypt-proxy'> = {
  id: 'dnscrypt-proxy',
  words: ['dnscrypt-proxy', 'dnscrypt'],
  program: 'dnscrypt-proxy',
  title: "dnscrypt-proxy's query log",
  note: null,
  usualPath: '/var/log/dnscrypt-proxy/query.log',
  switchOn: "`file = '/var/log/dnscrypt-proxy/query.log'` under `[query_log]`",
  storage: 'text',
  example: '[2026-11-24 10:00:00]\t10.0.0.5\ta.example\tA\tPASS\t62ms\tquad9',
  tellsBytes: false,
  repeats: [],
  recognises: (line) => new DnscryptLog().parse(line).length > 0,
  isHeader: null,
  createParser: () => new DnscryptLog(),
}
