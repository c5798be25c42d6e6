// The log formats that Telltale reads. A new one is a file in this folder and its two lines here; see README.md.
import { format as adguardCsv } from './adguard-csv.ts'
import { format as adguardHome } from './adguard-home.ts'
import { format as bind } from './bind.ts'
import { format as blocky } from './blocky.ts'
import { format as controlD } from './controld.ts'
import { format as coreDns } from './coredns.ts'
import { format as dnscryptBlocked } from './dnscrypt-blocked.ts'
import { format as dnscryptProxy } from './dnscrypt-proxy.ts'
import { format as dnsmasq } from './dnsmasq.ts'
import type { LogFormatDefinition, TextLogFormat } from './format.ts'
import { format as nextDns } from './nextdns.ts'
import { format as pfBlockerNgUnified } from './pfblockerng-unified.ts'
import { format as pfBlockerNg } from './pfblockerng.ts'
import { format as piholeFtl } from './pihole-ftl.ts'
import { format as pihole } from './pihole.ts'
import type { LogParser, Now } from './record.ts'
import { format as suricata } from './suricata.ts'
import { format as technitiumDb } from './technitium-db.ts'
import { format as technitium } from './technitium.ts'
import { format as unbound } from './unbound.ts'
import { LineUnwrapper, UnwrappedLog } from './unwrapped-log.ts'
import { format as zeek } from './zeek.ts'

/** In the order of the interface. */
const ALL = [
  dnsmasq,
  pihole,
  piholeFtl,
  adguardHome,
  unbound,
  bind,
  zeek,
  technitium,
  technitiumDb,
  adguardCsv,
  nextDns,
  controlD,
  coreDns,
  dnscryptProxy,
  dnscryptBlocked,
  blocky,
  pfBlockerNg,
  pfBlockerNgUnified,
  suricata,
] as const

export type LogFormat = (typeof ALL)[number]['id']
export type TextFormat = Extract<(typeof ALL)[number], { storage: 'text' }>['id']

export const LOG_FORMATS: readonly LogFormatDefinition<LogFormat>[] = ALL
export const TEXT_FORMATS: readonly TextLogFormat<TextFormat>[] = ALL.filter(
  (format): format is Extract<(typeof ALL)[number], { storage: 'text' }> => format.storage === 'text',
)

export function logFormat(id: LogFormat): LogFormatDefinition<LogFormat> {
  return LOG_FORMATS.find((format) => format.id === id) as LogFormatDefinition<LogFormat>
}

/** By the word of Settings and the command line; null where no format is called so. */
export function logFormatOfWord(word: string): LogFormatDefinition<LogFormat> | null {
  return LOG_FORMATS.find(({ words }) => words.includes(word)) ?? null
}

export function textFormat(id: TextFormat): TextLogFormat<TextFormat> {
  return TEXT_FORMATS.find((format) => format.id === id) as TextLogFormat<TextFormat>
}

/** A parser with a memory of its own, for one log in any transport. */
export function createLogParser(id: TextFormat, now: Now): LogParser {
  return new UnwrappedLog(textFormat(id).createParser(now), now)
}

/** The format of a log by its first lines; null where none of them says anything that we can read. */
export function recogniseLog(lines: readonly string[], now: Now): TextFormat | null {
  const unwrapper = new LineUnwrapper(now)
  for (const raw of lines) {
    const envelope = unwrapper.add(raw)
    if (envelope === null) continue
    for (const { id, recognises } of TEXT_FORMATS) if (recognises?.(envelope.line, now, envelope) === true) return id
  }
  return null
}

/** "dnsmasq, Pi-hole, AdGuard Home, unbound, BIND or Zeek" */
export function programsInWords(): string {
  return inWords([...new Set(LOG_FORMATS.map(({ program }) => program))])
}

/** "dnsmasq, pihole, pihole-ftl (its database), adguard, unbound, bind or zeek (bytes too)" */
export function formatWords(): string {
  return inWords(LOG_FORMATS.map(({ words: [word], note }) => (note === null ? word : `${word} (${note})`)))
}

function inWords(list: readonly string[]): string {
  return list.length < 2 ? list.join('') : `${list.slice(0, -1).join(', ')} or ${list.at(-1)}`
}
