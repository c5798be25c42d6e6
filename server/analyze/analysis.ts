// What does analyze say of a capture? The shape of its JSON.
import type { EventKind } from '../events/event.ts'
import type { NamedByWord } from '../engine/named-by.ts'
import type { Kind, Label } from '../rules/types.ts'

/** Times are ISO-8601 in UTC; absent is null or empty. Bytes are IP bytes. */
export interface Analysis {
  schema: 1
  capture: CaptureFacts
  devices: DeviceFacts[]
  /** What the devices did, in the order of time. Empty without rules. */
  events: EventEntry[]
  /** What stood out against what the capture showed before. Empty without rules. */
  alerts: AlertEntry[]
  coverage: { share: number; by: Partial<Record<NamedByWord, number>> }
  observed: ObservedFacts
}

export interface CaptureFacts {
  file: string
  format: 'pcap' | 'pcapng'
  linkTypes: number[]
  packets: number
  frameBytes: number
  ipPackets: number
  ipBytes: number
  first: string | null
  last: string | null
  problems: { packet: number; offset: number; message: string }[]
}

/**
 * One burst of traffic and what it seems to mean. `seconds` is its length, of a heartbeat the time between two beats.
 */
export interface EventEntry {
  at: string
  device: string
  kind: EventKind
  company: string | null
  host: string | null
  purpose: string
  sent: number
  received: number
  seconds: number
  confidence: number
}

/** `seen` and `usual` are in the alert's own unit, mostly bytes; `usual` is null where nothing is usual yet. */
export interface AlertEntry {
  at: string
  device: string | null
  kind: string
  company: string | null
  seen: number
  usual: number | null
  message: string
}

export interface Traffic {
  /** To and from the internet. */
  sent: number
  received: number
  /** To and from others at home. */
  sentLocal: number
  receivedLocal: number
}

export interface DeviceFacts extends Traffic {
  /** The MAC, or the address where no MAC is known to be the device's own. */
  id: string
  mac: string | null
  addresses: string[]
  name: string | null
  vendor: string | null
  kind: Kind | null
  /** Why we think so, the strongest reason first; and how sure, 0 to 1. */
  why: string[]
  confidence: number
  /** The MAC is made up by the device (locally administered) and names no maker. */
  privateMac: boolean
  byAddress: ({ address: string } & Traffic)[]
  endpoints: EndpointFacts[]
}

export interface EndpointFacts {
  host: string | null
  addresses: string[]
  company: string | null
  purpose: string | null
  /** Where the address's network is registered (ISO 3166), which need not be where the machine stands. */
  country: string | null
  /** Whose network it is, in words, where no name is known. */
  network: string | null
  /** What matters to a person: VPN, hidden DNS, direct media … */
  labels: Label[]
  namedBy: NamedByWord
  /** The hello offered ECH: its outer name may hide another. */
  ech: boolean
  sent: number
  received: number
  packets: number
  first: string | null
  last: string | null
}

export interface ObservedFacts {
  tlsServerNames: Record<string, number>
  quicServerNames: Record<string, number>
  httpHosts: Record<string, number>
  dnsQueries: { client: string; name: string; type: number; count: number }[]
  dhcpHostnames: Record<string, string[]>
  mdnsNames: string[]
}
