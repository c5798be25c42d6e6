// Evidence that each device announced: by DHCP, multicast DNS, SSDP, its browsers and other programs.
import { LIMITS, type LimitCounter } from './limits.ts'

export type EvidenceKind =
  | 'dhcpHostnames'
  /** What a log calls the device, which said nothing itself. */
  | 'loggedNames'
  | 'dhcpVendorClasses'
  | 'dhcpParameterLists'
  | 'mdnsServices'
  | 'mdnsNames'
  | 'mdnsTxt'
  /** Names registered by NetBIOS; names under which it answered somebody's NetBIOS or LLMNR query. */
  | 'netbiosNames'
  | 'answeredNames'
  | 'ssdpServers'
  | 'ssdpTypes'
  | 'userAgents'
  | 'mqttClientIds'
  | 'stunSoftware'
  | 'rtspServers'
  | 'sshBanners'
  /** From before a restart: what is seen now stands in the port table. */
  | 'ports'

/** Texts as they stood on the wire: hostile, to be escaped where shown. Each set is capped by LIMITS.evidenceValues. */
export type Evidence = Partial<Record<EvidenceKind, Set<string>>>

/** Evidence per binding on an address (what was sent from it) and per MAC (what DHCP says of it). */
export class EvidenceTable {
  private readonly byBinding = new Map<number, Evidence>()
  private readonly byMac = new Map<string, Evidence>()
  private readonly limits: LimitCounter

  constructor(limits: LimitCounter) {
    this.limits = limits
  }

  addToBinding(binding: number, kind: EvidenceKind, value: string): void {
    this.add(this.byBinding, binding, kind, value)
  }

  addToMac(mac: string, kind: EvidenceKind, value: string): void {
    this.add(this.byMac, mac, kind, value)
  }

  /** What was added turned out to be another device's. */
  removeFromBinding(binding: number, kind: EvidenceKind, value: string): void {
    this.byBinding.get(binding)?.[kind]?.delete(value)
  }

  ofBinding(binding: number): Evidence | undefined {
    return this.byBinding.get(binding)
  }

  ofMac(mac: string): Evidence | undefined {
    return this.byMac.get(mac)
  }

  macs(): IterableIterator<[string, Evidence]> {
    return this.byMac.entries()
  }

  private add<Key>(table: Map<Key, Evidence>, key: Key, kind: EvidenceKind, value: string): void {
    if (value === '') return
    let evidence = table.get(key)
    if (evidence === undefined) {
      if (table.size >= LIMITS.evidenceDevices) return this.limits.add('evidenceDevices')
      evidence = {}
      table.set(key, evidence)
    }
    const values = (evidence[kind] ??= new Set())
    if (values.size < LIMITS.evidenceValues) values.add(value)
    else if (!values.has(value)) this.limits.add('evidenceValues')
  }
}
