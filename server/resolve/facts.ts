// Types of what is stated of a device and of an endpoint.
import type { NamedByWord } from '../engine/named-by.ts'
import type { Likely } from '../likely/likely.ts'
import type { Kind, Label } from '../rules/types.ts'

export interface Traffic {
  /** To and from the internet. */
  sent: number
  received: number
  /** To and from others at home. */
  sentLocal: number
  receivedLocal: number
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
  /** Who is probably there, where no company was seen, or only one that rents its network out. Absent: nobody knows. */
  likely?: Likely
  /** Protocol and port of the far end, `tcp/443`: the lowest of its ports. Null where it has none. */
  service: string | null
  /** What matters to a person: VPN, hidden DNS, direct media … */
  labels: Label[]
  namedBy: NamedByWord
  /** The ClientHello offered ECH: its outer name may hide another. */
  ech: boolean
  sent: number
  received: number
  packets: number
  first: string | null
  last: string | null
}

/** How often a device looked a name up, by a resolver's log. */
export interface LookupFacts {
  /** Null: names beyond the tables' limits. */
  host: string | null
  company: string | null
  purpose: string | null
  count: number
  /** Of these the resolver blocked and answered so many; of the rest the log does not say. */
  blocked: number
  answered: number
  first: string
  last: string
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
  /** What is doubtful about it: conflicting claims, one sentence each. Absent where nothing is. */
  doubts?: string[]
  /** The MAC is made up by the device (locally administered) and names no maker. */
  privateMac: boolean
  byAddress: ({ address: string } & Traffic)[]
  endpoints: EndpointFacts[]
  /** Of a resolver's log only, the name looked up most often first. */
  lookups?: LookupFacts[]
}
