// One line of Linux's table of connections: of the program conntrack (-L, -E), or of /proc/net/nf_conntrack.
import { type AddressWords, isMapped, parseAddress } from '../ip-address.ts'

// The forms are those of libnetfilter_conntrack (snprintf_default.c) and of the kernel (nf_conntrack_standalone.c):
// what came from the end that began, then what the other end sent, as the addresses were before translation back.
//   [time] [DESTROY] ipv4 2 tcp 6 117 TIME_WAIT src=A dst=B sport=1 dport=2 packets=3 bytes=4 src=B … [ASSURED] id=5

/** Longer than any line of the kernel's; a security context (SELinux) takes most of it. */
export const MAX_CONNECTION_LINE = 2048

/** A packet may be one that the kernel put together of many: up to 512 KB (BIG TCP), and more than an IP header. */
const MAX_PACKET_BYTES = 1 << 20
const MIN_PACKET_BYTES = 20
const MAX_PROTOCOL = 255
const MAX_PORT = 65_535

/** Where its parts stand, found without reading each: most lines of a table say what they said a second ago. */
export interface ConnectionParts {
  /** NEW, UPDATE, DESTROY; '' where it is a row of a table. */
  event: string
  /** What tells it from all other connections that there are: protocol, tuple and zone. */
  key: string
  /** The kernel's number of it; '' where it stands in no line, as in /proc. */
  id: string
  /** IANA number of the transport protocol. */
  protocol: number
  /** All that may be counted: both tuples with their counters. */
  body: string
  /** The kernel hands its packets past the firewall: by software or by hardware. */
  isOffloaded: boolean
}

/** What one end sent, as the kernel counted it: IP total length, packets as it handled them. */
export interface Counters {
  packetsA: number
  bytesA: number
  packetsB: number
  bytesB: number
}

export interface Ends {
  version: 4 | 6
  /** Who began, and who answers: addresses behind all translation. */
  a: AddressWords
  b: AddressWords
  portA: number
  portB: number
}

/** Null where the line is no connection. Nothing in it is believed yet: see `endsOf` and `countersOf`. */
export function partsOf(line: string): ConnectionParts | null {
  if (line.length > MAX_CONNECTION_LINE) return null
  const first = line.indexOf('src=')
  const second = line.indexOf(' src=', first + 4)
  if (first < 1 || second < 0) return null
  const head = HEAD.exec(line.slice(0, first))
  if (head === null) return null
  const { 1: event = '', 2: protocolText = '' } = head
  const protocol = Number(protocolText)
  if (protocol > MAX_PROTOCOL) return null
  const end = endOfReply(line, second + 1)
  const tupleEnd = line.indexOf(' packets=', first)
  const tuple = line.slice(first, tupleEnd < 0 || tupleEnd > second ? second : tupleEnd)
  const zone = ZONE.exec(line.slice(end))?.[1] ?? '0'
  return {
    event,
    key: zone === '0' ? `${protocol} ${tuple}` : `${protocol} ${tuple} ${zone}`,
    id: ID.exec(line.slice(end))?.[1] ?? '',
    protocol,
    body: line.slice(first, end),
    isOffloaded: line.indexOf('OFFLOAD]', end) >= 0,
  }
}

/** Its ends; null where they are none. */
export function endsOf(body: string): Ends | null {
  const found = TUPLES.exec(body)
  if (found === null) return null
  const [, source = '', sport = '0', answerer = '', answerPort = '0'] = found
  const a = parseAddress(source)
  const b = parseAddress(answerer)
  if (a === null || b === null || isMapped(a) !== isMapped(b)) return null
  const portA = Number(sport)
  const portB = Number(answerPort)
  return portA > MAX_PORT || portB > MAX_PORT ? null : { version: isMapped(a) ? 4 : 6, a, b, portA, portB }
}

/** What was counted; 'none' where the kernel counts nothing of it, null where the numbers are none of packets. */
export function countersOf(body: string): Counters | 'none' | null {
  const second = body.indexOf(' src=', 4)
  const one = COUNTERS.exec(body.slice(0, second))
  const other = COUNTERS.exec(body.slice(second))
  if (one === null || other === null) return body.includes('bytes=') ? null : 'none'
  const counters = {
    packetsA: Number(one[1]),
    bytesA: Number(one[2]),
    packetsB: Number(other[1]),
    bytesB: Number(other[2]),
  }
  const { packetsA, bytesA, packetsB, bytesB } = counters
  return arePackets(packetsA, bytesA) && arePackets(packetsB, bytesB) ? counters : null
}

/** Whether so many packets may have so many bytes. */
export function arePackets(packets: number, bytes: number): boolean {
  return Number.isSafeInteger(bytes) && bytes >= packets * MIN_PACKET_BYTES && bytes <= packets * MAX_PACKET_BYTES
}

/** The stamp, the event, the network protocol, and the transport protocol by name and number. */
const HEAD = /^(?:\[\d{1,12}\.\d{1,9}\])?\s*(?:\[([A-Z]{3,8})\])?\s*(?:ipv[46]\s+\d{1,2}\s+)?[\w-]{1,16}\s+(\d{1,3})\s/
/** Behind the addresses stand ports, GRE's keys, or ICMP's type, code and number, which is not the connection's. */
const TUPLES =
  /^src=([0-9a-f.:]{2,45}) dst=[0-9a-f.:]{2,45}(?: sport=(\d{1,5}))?[^\]]*?(?: \[UNREPLIED\])? src=([0-9a-f.:]{2,45}) dst=[0-9a-f.:]{2,45}(?: sport=(\d{1,5}))?/
const COUNTERS = / packets=(\d{1,16}) bytes=(\d{1,16})(?: |$)/
const ID = / id=(\d{1,10})(?: |$)/
const ZONE = / (zone(?:-orig|-reply)?=[1-9]\d{0,4})(?: |$)/
const REPLY_END = / bytes=\d+/g
const REPLY_TUPLE = /^src=\S+ dst=\S+(?: [st]\w+=\S+)?(?: [dc]\w+=\S+)?(?: id=\d+)?/

/** Where the second tuple ends, with its counters where it has any. */
function endOfReply(line: string, from: number): number {
  REPLY_END.lastIndex = from
  if (REPLY_END.exec(line) !== null) return REPLY_END.lastIndex
  return from + (REPLY_TUPLE.exec(line.slice(from))?.[0].length ?? 0)
}
