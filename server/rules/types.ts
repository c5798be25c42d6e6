// Types of the rule files, once read.

/** Kinds of devices as an owner would name them; `rules/kinds.yaml` has their plain words. */
export const KINDS = [
  'speaker',
  'display',
  'camera',
  'doorbell',
  'tv',
  'streamer',
  'phone',
  'tablet',
  'computer',
  'console',
  'printer',
  'hub',
  'plug',
  'bulb',
  'switch',
  'thermostat',
  'lock',
  'sensor',
  'appliance',
  'vacuum',
  'health',
  'reader',
  'router',
  'storage',
  'toy',
  'vehicle',
  'unknown',
] as const

export type Kind = (typeof KINDS)[number]

/**
 * Facts about a connection that matter to a person, whoever is at the other end; `rules/labels.yaml` has their plain
 * words.
 */
export const LABELS = [
  'vpn',
  'tor',
  'private-relay',
  'hidden-dns',
  'remote-access',
  'peer-to-peer',
  'direct-media',
  'unencrypted-login',
] as const

export type Label = (typeof LABELS)[number]

export interface DomainRule {
  suffix: string
  purpose: string
  source: string
}

/** `rules/companies/<slug>.yaml` */
/** What a company says of what it keeps of its customers, or where they ask for it. */
export interface CompanySaid {
  words: string
  link?: string
  source: string
  /** A year, a month or a day, `2019-06-28`. */
  date: string
}

export interface CompanyRule {
  name: string
  home: string
  about: string
  partOf?: string
  cloud?: boolean
  export?: CompanySaid
  deletion?: CompanySaid
  retention?: CompanySaid
  domains?: DomainRule[]
  ranges?: { cidr: string; source: string }[]
  asns?: number[]
  /** Ports of its servers that hardly anybody else's have, `tcp/4070`. */
  ports?: { port: string; source: string }[]
}

/** Patterns of one device line, by the evidence they are matched against. */
export interface DeviceMatch {
  dhcpHostname?: string[]
  dhcpVendorClass?: string[]
  dhcpParameterList?: string[]
  mdnsService?: string[]
  mdnsName?: string[]
  mdnsTxt?: string[]
  ssdpServer?: string[]
  ssdpType?: string[]
  userAgent?: string[]
  mqttClientId?: string[]
  stunSoftware?: string[]
  rtspServer?: string[]
  sshBanner?: string[]
  host?: string[]
  macMaker?: string[]
  /** `internet tcp 8883`, `home udp 6667`, `serves tcp 554` */
  port?: string[]
}

export type MatchKey = keyof DeviceMatch

/** Evidence whose patterns are regular expressions; the others are compared as they stand. */
export const PATTERN_KEYS = [
  'dhcpHostname',
  'dhcpVendorClass',
  'mdnsName',
  'mdnsTxt',
  'ssdpServer',
  'ssdpType',
  'userAgent',
  'mqttClientId',
  'stunSoftware',
  'rtspServer',
  'sshBanner',
] as const satisfies MatchKey[]

/** Evidence that is compared as it stands. */
export const EXACT_KEYS = ['dhcpParameterList', 'mdnsService', 'port'] as const satisfies MatchKey[]

/** What one device shows of itself, as an example in a rule file: one value or several of each. */
export type DeviceExample = Partial<Record<MatchKey, string | string[]>>

export interface DeviceRule {
  name: string
  kind: Kind
  /** Name of the line of the same maker that this one is a special case of. */
  narrows?: string
  /** Signs of this line; one that fits is enough. */
  match: DeviceMatch
  /** Vague signs that many products share: they count only where something under `match` fits as well. */
  hints?: DeviceMatch
  expects?: string[]
  examples: DeviceExample[]
}

/** `rules/devices/<slug>.yaml`: one maker and its product lines. */
export interface MakerRule {
  maker: string
  company?: string
  /** True for an operating system or a kind of product of many makers: it determines the kind, not the vendor. */
  generic?: boolean
  ouis?: string[]
  /** What the maker makes, and about what share of its devices in homes is of each kind. */
  products?: { kind: Kind; share: number }[]
  devices: DeviceRule[]
}

/** An entry of a closed list: `rules/kinds.yaml`, `rules/labels.yaml`, `rules/purposes.yaml`. */
export interface Word {
  title: string
  words: string
}
