// The records that a line of a DNS or flow log can give: the common form of all formats.

/** Longest line that any parser looks at, in characters: two DNS messages of 64 KB as base64 and room around them. */
export const MAX_LINE_LENGTH = 262_144

/**
 * How a question was answered: `answered` with records (perhaps of a kind that a log does not spell out), `no-name`
 * (NXDOMAIN), `no-data`, `blocked` by a filter, `refused`, or `failed`.
 */
export type AnswerStatus = 'answered' | 'no-name' | 'no-data' | 'blocked' | 'refused' | 'failed'

/** A device asked. */
export interface LogQuery {
  kind: 'query'
  /** Seconds since 1970-01-01 UTC, null where the line carries none. */
  time: number | null
  /** The asking address, without zone; never a name. */
  client: string
  /**
   * What the log calls the device. Where the address is none of a home it is not the device's own, which asks from
   * outside (AdGuard's client id): then the name alone says who it is.
   */
  clientName?: string
  /** In the text form of wire names: labels joined by dots, RFC 1035 escapes, no dot at the end, case as logged. */
  name: string
  /** IANA resource record type, 0 where the log's word for it is unknown. */
  type: number
  /** "aa:bb:cc:dd:ee:ff" that the question was sent from, where the log holds link addresses. */
  clientMac?: string
}

/** A device was answered. A log that writes a line per record gives a LogAnswer per line. */
export interface LogAnswer {
  kind: 'answer'
  time: number | null
  client: string
  /** As of LogQuery. */
  clientName?: string
  /** The name that was asked for, whatever aliases led on from it. */
  name: string
  type: number
  status: AnswerStatus
  /** What the asked name leads to. */
  addresses: string[]
  /** Canonical names on the way, in the order of the log. */
  aliases: string[]
}

/** A flow with its bytes (Zeek conn, flow exports): as IP counts them where the log has them, else of the payload. */
export interface LogConnection {
  kind: 'connection'
  time: number | null
  uid: string
  client: string
  clientPort: number
  server: string
  serverPort: number
  /** IANA protocol number: 6 TCP, 17 UDP, 1 ICMP. */
  protocol: number
  seconds: number
  bytesUp: number
  bytesDown: number
  packetsUp: number
  packetsDown: number
  /** "aa:bb:cc:dd:ee:ff" of each end where Zeek logs link addresses, else null. */
  clientMac: string | null
  serverMac: string | null
  /**
   * Of a flow that may go on: its bytes are told so many seconds after they moved at most, and more may follow. Absent
   * where a flow is told once, when it is over.
   */
  lateSeconds?: number
}

/** A TLS hello named the server of a flow (Zeek ssl). */
export interface LogServerName {
  kind: 'server-name'
  time: number | null
  uid: string
  client: string
  server: string
  serverPort: number
  name: string
}

/** The router handed an address to a device. */
export interface LogLease {
  kind: 'lease'
  time: number | null
  mac: string
  address: string
  name: string | null
}

export type LogRecord = LogQuery | LogAnswer | LogConnection | LogServerName | LogLease

/** One line of a program, without what others put in front. */
export interface Envelope {
  /** The program's own line, with the stamp that it begins with where no syslog header stands between. */
  line: string
  /** The same behind that stamp. */
  text: string
  /** Seconds since 1970-01-01 UTC: of the innermost stamp, or of one further out with a zone where that has none. */
  time: number | null
  /** The other time that a stamp without a zone may mean; see Stamp. */
  later: number | null
  /** The program by syslog's tag, as "dnsmasq"; null where none is named. */
  program: string | null
  /** Its process number as text, '' where there is none. */
  process: string
  /** How often syslog says that the line came: "message repeated 2 times". */
  count: number
  /** The object of a log shipper that the line stood in; null where there was none. */
  shipped: Record<string, unknown> | null
  /** The rest of the line is in the next one (a container runtime cuts long ones). */
  isPartial: boolean
}

/** Reads a log line by line, without line ends. Never throws; what says nothing gives an empty list. */
export interface LogParser {
  /**
   * The line as the program wrote it: transports are taken off already, and `envelope` has what they said (its time
   * goes to the records without one). Without an envelope, a line that nothing was taken off.
   */
  parse(line: string, envelope?: Envelope): readonly LogRecord[]
}

export const NOTHING: readonly LogRecord[] = []

/** The wall clock in seconds: a syslog stamp has no year, and the reader of a log no clock of its own. */
export type Now = () => number

/** A line may hold tabs but no other control character: whoever put one there wants to write lines of their own. */
export function isPlainLine(line: string, maxLength: number = MAX_LINE_LENGTH): boolean {
  if (line.length > maxLength) return false
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at)
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return false
  }
  return true
}
