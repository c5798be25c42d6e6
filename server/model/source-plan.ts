import type { LogFormat } from '../../capture/logs/formats.ts'

/** Which packets a session reads. */
export type SourcePlan =
  | { kind: 'recording'; path: string; limits: { minutes: number; unpackedBytes: number } }
  | { kind: 'sample'; path: string }
  /** `leases`: dnsmasq's list of who holds which address; empty where it is to be found. */
  | { kind: 'live'; sources: LiveSourcePlan[]; leases?: string }

/** `title` is shown to people; `isOff`: named, and not used now. */
export type LiveSourcePlan = { id: string; title: string; isOff?: boolean } & (
  | { kind: 'interface'; interface: string }
  /** The capture service's socket, where capture runs apart from the page. */
  | { kind: 'socket'; path: string; interface: string }
  | { kind: 'ssh'; router: { host: string; interfaceName: string } }
  | { kind: 'folder'; folder: string }
  | { kind: 'stdin' }
  /** Look-ups, and with Zeek bytes, out of a log; `pihole-ftl` is Pi-hole's database. */
  | { kind: 'dns-log'; format: DnsLogFormat; path: string }
)

export type DnsLogFormat = LogFormat | 'pihole-ftl'
