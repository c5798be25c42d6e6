// dnscrypt-proxy's blocked-names.log and blocked-ips.log, as TSV or LTSV.
import { DnscryptLog, dnscryptName, parseDnscryptLine } from './dnscrypt-proxy.ts'
import { addressOf } from './addresses.ts'
import type { TextLogFormat } from './format.ts'
import { lookUp } from './look-up.ts'
import { type LogParser, type LogRecord, NOTHING } from './record.ts'
import { typeOf } from './types.ts'

/**
 * Follows a log of what was blocked: NAME PATTERN, or NAME ADDRESS PATTERN (plugin_block_name.go, plugin_block_ip.go).
 * It does not tell the type that was asked for.
 */
export class DnscryptBlockedLog implements LogParser {
  parse(line: string): readonly LogRecord[] {
    const found = parseDnscryptLine(line)
    if (found === null) return NOTHING
    const { time, client, cells, labels } = found
    const isTsv = labels.size === 0
    const name = dnscryptName((isTsv ? cells[0] : labels.get('qname')) ?? '')
    if (name === null || (isTsv && !isPattern(cells))) return NOTHING
    return lookUp({ time, client, name, type: 0 }, { status: 'blocked' })
  }
}

/** A type in place of the pattern is a line of the query log. */
function isPattern([, pattern, behind]: string[]): boolean {
  if (pattern === undefined || pattern === '' || typeOf(pattern) !== null) return false
  return behind === undefined || addressOf(pattern) !== null
}

export const format: TextLogFormat<'dnscrypt-blocked'> = {
  id: 'dnscrypt-blocked',
  words: ['dnscrypt-blocked'],
  program: 'dnscrypt-proxy',
  title: "dnscrypt-proxy's log of blocked names",
  note: 'its log of blocked names',
  usualPath: '/var/log/dnscrypt-proxy/blocked-names.log',
  switchOn: '`log_file` under `[blocked_names]`; its query log holds the same and more',
  storage: 'text',
  example: '[2026-11-24 10:00:00]\t10.0.0.5\tads.example\t*.ads.example',
  tellsBytes: false,
  repeats: ['dnscrypt-proxy'],
  tellsTypes: false,
  recognises: (line) => new DnscryptBlockedLog().parse(line).length > 0 && new DnscryptLog().parse(line).length === 0,
  isHeader: null,
  createParser: () => new DnscryptBlockedLog(),
}
