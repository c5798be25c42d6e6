// What a text is that somebody took for a capture: a web page, a program's list of packets, a log of look-ups.
import { recogniseLog, textFormat } from '../logs/formats.ts'

const WIRESHARK_TEXT = 'it holds the list of packets and not the packets; save them as pcapng (File › Save As)'

type Kind = readonly [describe: string | ((text: string) => string), pattern: RegExp]

/** In this order: what is surely one thing stands before what it might be as well. */
const KINDS: readonly Kind[] = [
  [
    'it is the answer of a web server with its head; log in to the router and save the capture again',
    /^HTTP\/[\d.]+ \d{3}/,
  ],
  [describePage, /^<(?:!doctype html|html|head|body|script|title|meta|frameset|div|form)\b/i],
  [`it is Wireshark's list of packets as XML (PDML, PSML); ${WIRESHARK_TEXT}`, /^<(?:pdml|psml)\b/],
  [describeMarkup, /^<[a-z][\w:.-]*[\s/>]/i],
  [
    'it is a HAR file: what a browser noted of its own requests, and not the packets of the home; capture on the router',
    /^\{\s*"log"\s*:\s*\{/,
  ],
  [
    `it is Wireshark's or tshark's list of packets as JSON; ${WIRESHARK_TEXT}`,
    /^[[{][^]{0,400}?"(?:_source|layers|frame\.number)"\s*:/,
  ],
  [
    "it is tshark's list of packets for Elasticsearch; write the packets themselves: tshark -w FILE",
    /^\{\s*"index"\s*:/,
  ],
  [
    'it is JSON, and no log of a kind that is read here; pcap and pcapng are read, plain or packed with gzip, zstd or xz',
    /^[[{]\s*(?:["{[\]}\d-]|true|false|null)/,
  ],
  [
    'it is the text that tcpdump prints, and not the packets; record them with -w: tcpdump -i br-lan -w home.pcap',
    /^(?:(?:tcpdump: |listening on |reading from |dropped privs)[^\n]*\n)*\s*(?:\d{1,6}\s+)?(?:\d{4}-\d\d-\d\d )?(?:\d\d:\d\d:\d\d\.\d{1,9}|\d{1,10}\.\d{1,9})?\s*(?:[\w.@-]{1,16}\s+(?:In|Out|B|M|P)\s+)?(?:[0-9a-f]{2}(?::[0-9a-f]{2}){5} (?:\(oui [^)]*\) )?> |(?:IP6?|ARP|RARP|STP \d|LLDP|IPX|CDPv\d)(?: |,|\b[\d.:]))/,
  ],
  [
    'it is what tcpdump says while it records, and not the packets; record them with -w FILE',
    /^(?:tcpdump: |dropped privs to )/,
  ],
  [
    'it is the text that tshark prints, and not the packets; record them with -w: tshark -i br-lan -w home.pcapng',
    /^(?:Capturing on [^\n]*\n)?\s*\d{1,9}\s+\d{1,10}\.\d{3,9}\s+\S{2,64}\s+(?:→|->)\s+\S{2,64}\s/,
  ],
  [`it is Wireshark's list of packets as text; ${WIRESHARK_TEXT}`, /^"?No\.[",\s]+"?Time[",\s]+"?Source\b/],
  [
    'it is a dump of bytes as text (hex dump); text2pcap makes a capture of it: text2pcap IN.txt OUT.pcap',
    /^(?:0x)?0{3,8}:?\s{1,3}(?:[0-9a-f]{2,8}[ |:]{1,2}){4}/i,
  ],
  [
    'it is a capture as base64; turn it into bytes: base64 -d IN.txt > OUT.pcap',
    /^(?:1MOyoQ|obLD1A|TTyyoQ|obI8TQ|Cg0NC[g-j])[A-Za-z0-9+/\s]{8,}/,
  ],
  [
    "it is the systemd journal's export; write it as a log instead: journalctl -u NAME -o short-iso",
    /^__(?:CURSOR|REALTIME_TIMESTAMP|MONOTONIC_TIMESTAMP)=/m,
  ],
  [
    "it is the router's saved settings, and not packets; take a capture on the router's page for captures",
    /^\*\*\*\* FRITZ!Box|^config (?:interface|system|defaults)\b/,
  ],
  ['it is a key or certificate, and no packets', /^-----BEGIN /],
  [
    'it is the list of the connections of the kernel (conntrack); capture packets: tcpdump -i br-lan -w home.pcap',
    /^(?:ipv[46]\s+\d+\s+)?(?:tcp|udp|icmp)\s+\d+\s+\d+\s+(?:[A-Z_]+\s+)?src=/,
  ],
  [
    "it is the table of DHCP leases (dnsmasq's); give it under Settings › Sources, as the table of leases",
    /^\d{9,10} [0-9a-f]{2}(?::[0-9a-f]{2}){5} \d{1,3}(?:\.\d{1,3}){3} /,
  ],
]

/** Words that log in pages of routers have, in the languages of their makers. */
const LOGIN =
  /log.?in|sign.?in|password|passwort|kennwort|anmeld|mot de passe|connexion|contrase|iniciar|accedi|wachtwoord|aanmelden|haslo|session|sid=0{8}/i

/** What Pi-hole adds to dnsmasq's words. */
const PIHOLE =
  /pihole|gravity blocked|exactly (?:denied|blacklisted)|regex (?:denied|blacklisted)|iCloud Private Relay domain|Mozilla canary domain|special domain/i

/** What the text is and what to do; null where it is none that is known, or no text. */
export function describeText(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return describeUtf16(bytes, true)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return describeUtf16(bytes, false)
  const text = new TextDecoder('utf-8').decode(bytes)
  return describeWords(text)
}

function describeWords(text: string): string | null {
  const words = text.replace(/^[\ufeff\s]+/, '')
  if (words === '') return 'it holds spaces only'
  const log = describeLog(words)
  if (log !== null) return log
  const body = withoutProlog(words)
  for (const [describe, pattern] of KINDS)
    if (pattern.test(body)) return typeof describe === 'string' ? describe : describe(words)
  return null
}

/** Without the comments and instructions (<?xml …?>) in front of the first element. */
function withoutProlog(text: string): string {
  let rest = text
  for (;;) {
    const end = rest.startsWith('<!--') ? '-->' : rest.startsWith('<?') ? '?>' : null
    const at = end === null ? -1 : rest.indexOf(end, 2)
    if (end === null || at < 0) return rest
    rest = rest.slice(at + end.length).trimStart()
  }
}

/** PowerShell's > turns what a program writes into text of this kind. */
function describeUtf16(bytes: Uint8Array, isLittleEndian: boolean): string {
  const text = new TextDecoder(isLittleEndian ? 'utf-16le' : 'utf-16be').decode(bytes)
  const known = describeWords(text)
  const how = 'as text in UTF-16, as PowerShell writes it'
  if (known !== null) return `${known} (${how})`
  return `it was saved ${how}: what a program wrote through > is not what it was; let it write the file itself: tcpdump -w FILE`
}

function describePage(text: string): string {
  if (LOGIN.test(text))
    return "it is a web page, a login page: the router's session had ended; log in again and save the capture again"
  return 'it is a web page; the router answered with it in place of the capture: log in again and save the capture again'
}

function describeMarkup(text: string): string {
  return LOGIN.test(text)
    ? "it is an answer of the router's page (XML): its session had ended; log in again and save the capture again"
    : 'it is XML; pcap and pcapng are read, plain or packed with gzip, zstd or xz'
}

/** A log of look-ups or flows that is read here, under another option. */
function describeLog(text: string): string | null {
  const lines = text.split(/\r?\n/)
  // The last one may be cut.
  const whole = lines.length > 1 ? lines.slice(0, -1) : lines
  const id = recogniseLog(whole, () => 0)
  if (id === null) return null
  const isPihole = id === 'dnsmasq' && PIHOLE.test(text)
  const { program, words } = textFormat(isPihole ? 'pihole' : id)
  const also = id === 'dnsmasq' && !isPihole ? ', or as --source dns:pihole:PATH where it is that of Pi-hole' : ''
  return `it is a log of ${program}; give it as --source dns:${words[0]}:PATH${also}`
}
