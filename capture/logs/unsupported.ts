// Logs that Telltale cannot read, recognised by one line so that they can be named, and what to do instead.
import { recognisesControlD } from './controld.ts'

/** Longest piece of a line that is looked at. */
const MAX_LENGTH = 2048

export interface UnsupportedLog {
  /** "systemd-resolved's log". */
  title: string
  recognises(line: string): boolean
  /** One sentence. */
  advice: string
}

const RESOLVER = 'Follow the log of the resolver that your devices ask'

/**
 * By the source or documents of each: systemd's resolved-dns-*.c; dnstap's text of dnstap/golang-dnstap and BIND's
 * dnstap-read(1); Microsoft's "DNS debug log"; RouterOS's topic dns; CEF of UniFi; getdns' Stubby; PowerDNS' recursor
 * and dnsdist; Knot Resolver; SmartDNS' audit log; AdGuardDNS' doc/querylog.md.
 */
export const UNSUPPORTED_LOGS: readonly UnsupportedLog[] = [
  {
    title: "systemd-resolved's log",
    recognises: (line) => /(?:^|\s)systemd-resolved(?:\[\d{1,10}\])?: /.test(line),
    advice: `It names no device. ${RESOLVER}.`,
  },
  {
    title: 'dnstap as text',
    recognises: (line) =>
      /(?:^|\s)[A-Z][QR] \[?[0-9A-Fa-f.:]{2,45}\]?(?::\d{1,5})? (?:->|<-) \S{2,60} (?:UDP|TCP|DOT|DOH|DOQ) \d{1,6}b /.test(
        line,
      ) ||
      /^\d\d:\d\d:\d\d\.\d{1,9} [A-Z][QR] \S{2,45} (?:UDP|TCP|DOT|DOH|DOQ) \d{1,6}b /.test(line) ||
      line === 'type: MESSAGE',
    advice: 'Let the resolver write its own query log beside it, and give that one.',
  },
  {
    title: 'a dnstap file',
    recognises: (line) => line.includes('protobuf:dnstap.Dnstap'),
    advice: 'Let the resolver write its own query log beside it, and give that one.',
  },
  {
    title: "the debug log of Windows' DNS server",
    recognises: (line) =>
      /\sPACKET\s{1,4}[0-9A-F]{8,16} (?:UDP|TCP) (?:Rcv|Snd) /.test(line) ||
      /^(?:DNS Server log file creation at|Message logging key )/.test(line),
    advice: `${RESOLVER}, or a mirror port.`,
  },
  {
    title: "MikroTik's log",
    recognises: (line) =>
      /(?:^|\s)dns(?:,packet|,debug)? (?:local |query from|done query|got query|--- )/.test(line) ||
      /(?:^|[\s:])query from [0-9A-Fa-f.:]{2,45}: #\d{1,9} \S{1,260} [A-Z0-9]{1,10}\.?$/.test(line) ||
      /(?:^|\s)dns(?:,\w{1,10}){1,3}(?::)? /.test(line),
    advice: 'RouterOS can stream packets instead: Tool › Packet Sniffer, or a mirror port.',
  },
  {
    title: "UniFi's log",
    recognises: (line) => /CEF:\d\|Ubiquiti\|/.test(line),
    advice: `${RESOLVER}, or a mirror port.`,
  },
  {
    title: "Stubby's log",
    recognises: (line) => /(?:^|\s)(?:STUBBY|stubby\[\d{1,10}\]): /.test(line),
    advice: `Stubby sees one client, the resolver in front of it. ${RESOLVER}.`,
  },
  {
    title: "PowerDNS' log",
    recognises: (line) => /(?:^|\s)(?:pdns_recursor|pdns-recursor|pdns_server|pdns)(?:\[\d{1,10}\])?: /.test(line),
    advice: `${RESOLVER}, or a mirror port.`,
  },
  {
    title: "dnsdist's log",
    recognises: (line) =>
      /(?:^|\s)dnsdist(?:\[\d{1,10}\])?: /.test(line) ||
      /(?:^|\s)Packet from \S{2,60} for \S{1,260} \w{1,10} with id \d/.test(line),
    advice: `${RESOLVER}, or a mirror port.`,
  },
  {
    title: "Knot Resolver's log",
    recognises: (line) =>
      /(?:^|\s)(?:kresd(?:\d{1,3})?(?:\[\d{1,10}\])?: |\[(?:plan|iterat|resolv|system) ?\]\[)/.test(line),
    advice: `${RESOLVER}, or a mirror port.`,
  },
  {
    title: "SmartDNS' log",
    recognises: (line) =>
      /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{1,6}\]\s?(?:\[\w{1,8}\]|\S{2,60} query \S{1,260}, type:? ?\d)/.test(line),
    advice: `${RESOLVER}, or a mirror port.`,
  },
  {
    title: "the log of AdGuard's DNS servers",
    recognises: (line) => /^\{"u":"[^"]{1,64}"(?:,"[a-z]{1,3}":(?:"[^"]{0,255}"|\d{1,15})){3}/.test(line),
    advice: "Give AdGuard Home's querylog.json, or the look-ups as CSV.",
  },
  {
    title: 'an export of Control D without look-ups',
    recognises: (line) => /^[{[]/.test(line) && recognisesControlD(line),
    advice: 'Its entries name no domain and no client: set Analytics to Full, and export the Activity Log.',
  },
  {
    title: 'an SQLite database',
    recognises: (line) => line.startsWith('SQLite format 3'),
    advice: 'Give it as pihole-ftl (Pi-hole) or technitium-db (Technitium).',
  },
  {
    title: 'a web page',
    recognises: (line) => /^\uFEFF?\s{0,16}<(?:!DOCTYPE html|html)\b/i.test(line),
    advice: 'The download may have ended at a log-in: fetch the file anew.',
  },
]

/** The log that the line is of, where Telltale cannot read it; null where the line tells nothing. */
export function unsupportedLog(line: string): UnsupportedLog | null {
  const text = line.slice(0, MAX_LENGTH)
  return UNSUPPORTED_LOGS.find(({ recognises }) => recognises(text)) ?? null
}
