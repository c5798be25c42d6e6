// The shape of the JSON that analyze prints.
import type { LogFormat } from '../../capture/logs/formats.ts'
import type { NamedByWord } from '../engine/named-by.ts'
import type { DeviceFacts } from '../resolve/facts.ts'
import type { CountedBytes } from '../model/remainder.ts'
import type { ConflictFacts } from '../model/conflict.ts'
import type { OwnerFacts } from './owners.ts'
import type { AlertEntry, EventEntry } from '../detection/entries.ts'

/** Times are ISO-8601 in UTC; absent is null or empty. Bytes are IP bytes. */
export interface Analysis {
  schema: 1
  capture: CaptureFacts
  devices: DeviceFacts[]
  /** Whom the bytes went to, by the owner of the companies; the one that got most first. Empty without rules. */
  owners: OwnerFacts[]
  /** What the devices did, in the order of time. Empty without rules. */
  events: EventEntry[]
  /** What stood out against what the capture showed before. Empty without rules. */
  alerts: AlertEntry[]
  /** Conflicting claims to addresses and names: what they are about is doubtful. */
  conflicts: ConflictFacts[]
  coverage: CoverageFacts
  observed: ObservedFacts
  /**
   * Caps of tables that were reached, by name (server/engine/limits.ts), and how often: what came later is counted in
   * part only, or without its name. Empty where all was kept.
   */
  limits: Record<string, number>
}

/**
 * Shares of the bytes to and from the internet, 0 to 1. Bytes that pass by between addresses of which none is known to
 * be at home are part of the whole, without a name: a device's may be among them. All are 0 where there are no bytes.
 */
export interface CoverageFacts {
  /** A host's name is known. */
  share: number
  /** The company at the other end is known or likely; clouds and networks that others rent do not count. */
  attributed: number
  /** The part of `attributed` that is likely only. */
  likely: number
  /** By how the endpoint was named. */
  by: Partial<Record<NamedByWord, number>>
  /** Every IP byte of a capture once: internet + local + remainder = capture.ipBytes. Of a log: what it counts. */
  bytes: CountedBytes
}

export interface CaptureFacts {
  file: string
  /** Of a resolver's log, the program that wrote it. */
  format: 'pcap' | 'pcapng' | LogFormat
  linkTypes: number[]
  packets: number
  frameBytes: number
  ipPackets: number
  ipBytes: number
  first: string | null
  last: string | null
  /**
   * Of a log only: its lines (a database's rows), those too long to be read, and look-ups in them; how many of those
   * were blocked, if any.
   */
  lines?: number
  skippedLines?: number
  lookups?: number
  blockedLookups?: number
  problems: { packet: number; offset: number; message: string }[]
  /** How the packets were read where that is not as the file says: tunnels, raw IP under Ethernet. Else absent. */
  notices?: string[]
}

export interface ObservedFacts {
  tlsServerNames: Record<string, number>
  quicServerNames: Record<string, number>
  httpHosts: Record<string, number>
  dnsQueries: { client: string; name: string; type: number; count: number }[]
  dhcpHostnames: Record<string, string[]>
  mdnsNames: string[]
}
