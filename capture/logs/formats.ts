// Which logs can be read, and which one is this file?
import { AdGuardHomeLog } from './adguard-home.ts'
import { BindLog, parseBindLine } from './bind.ts'
import { DnsmasqLog, parseDnsmasqLine } from './dnsmasq.ts'
import type { LogParser, Now } from './record.ts'
import { parseUnboundLine, UnboundLog } from './unbound.ts'
import { ZeekLog } from './zeek.ts'

export type LogFormat = 'dnsmasq' | 'pihole' | 'unbound' | 'bind' | 'adguard-home' | 'zeek'

export const LOG_FORMATS: readonly LogFormat[] = ['dnsmasq', 'pihole', 'unbound', 'bind', 'adguard-home', 'zeek']

/** A parser with a memory of its own, for one log. */
export function createLogParser(format: LogFormat, now: Now): LogParser {
  switch (format) {
    case 'dnsmasq':
    case 'pihole':
      return new DnsmasqLog(now)
    case 'unbound':
      return new UnboundLog(now)
    case 'bind':
      return new BindLog(now)
    case 'adguard-home':
      return new AdGuardHomeLog()
    case 'zeek':
      return new ZeekLog()
  }
}

/** The format of a log by its first lines; null where none of them says anything that we can read. */
export function recogniseLog(lines: readonly string[], now: Now): LogFormat | null {
  for (const line of lines) {
    if (line.startsWith('#separator') || line.startsWith('#fields')) return 'zeek'
    if (line.startsWith('{')) {
      if (new AdGuardHomeLog().take(line).length > 0) return 'adguard-home'
      if (new ZeekLog().take(line).length > 0) return 'zeek'
    }
    if (parseDnsmasqLine(line, now) !== null) return 'dnsmasq'
    if (parseUnboundLine(line, now) !== null) return 'unbound'
    if (parseBindLine(line, now) !== null) return 'bind'
  }
  return null
}
