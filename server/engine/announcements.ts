// Announcements of devices about themselves: DHCP, names on the local network, SSDP, browsers.
import type { Frame } from '../../capture/frame.ts'
import { readDhcp } from '../../capture/wire/dhcp.ts'
import { readDhcpv6 } from '../../capture/wire/dhcpv6.ts'
import { macHighOf, macLowOf } from '../../capture/wire/ndp.ts'
import { readSsdp } from '../../capture/wire/ssdp.ts'
import { parseAddress } from '../../capture/ip-address.ts'
import { macText } from '../../capture/mac-address.ts'
import type { PacketCore } from '../../capture/packet-core.ts'
import type { AddressTable } from './addresses.ts'
import type { Conflicts } from './conflicts.ts'
import { DhcpTrust } from './dhcp-trust.ts'
import type { EvidenceKind, EvidenceTable } from './evidence.ts'
import {
  KIND_DHCP,
  KIND_DHCPV6,
  KIND_LINK_LOCAL_NAMES,
  KIND_MULTICAST_DNS,
  KIND_NETBIOS,
  KIND_SSDP,
} from '../../capture/core/constants.ts'
import { Scope } from './home-network.ts'
import type { LimitCounter } from './limits.ts'
import { LocalNames } from './local-names.ts'
import { MulticastDns } from './multicast-dns.ts'
import { NO_MAC, type Ownership } from './ownership.ts'

/** DHCP message types, RFC 2132 section 9.6. */
const DHCP_REQUEST = 3
const DHCP_ACK = 5
/** RFC 8415 section 7.3. */
const DHCPV6_REPLY = 7
/** `http://192.168.1.20:8080/description.xml`: the address that a device says it is to be found at. */
const LOCATION = /^https?:\/\/(\d{1,3}(?:\.\d{1,3}){3})(?:[:/]|$)/i

/** Evidence that programs give in the clear, in the order of the core's numbers (SAID_… in its constants.ts). */
const SAID_KINDS: readonly EvidenceKind[] = ['mqttClientIds', 'stunSoftware', 'rtspServers', 'sshBanners']

/** Reads announcements and stores them as evidence of who sent them; DHCP also says who holds an address. */
export class Announcements {
  private readonly multicastDns: MulticastDns
  private readonly localNames: LocalNames
  private readonly core: PacketCore
  private readonly addresses: AddressTable
  private readonly ownership: Ownership
  private readonly evidence: EvidenceTable
  private readonly dhcp: DhcpTrust

  constructor(
    core: PacketCore,
    addresses: AddressTable,
    ownership: Ownership,
    evidence: EvidenceTable,
    conflicts: Conflicts,
    limits: LimitCounter,
  ) {
    this.core = core
    this.multicastDns = new MulticastDns({ core, addresses, ownership, evidence, conflicts, limits })
    this.localNames = new LocalNames(core, addresses, ownership, evidence)
    this.addresses = addresses
    this.ownership = ownership
    this.evidence = evidence
    this.dhcp = new DhcpTrust(ownership, evidence, conflicts)
  }

  /** Names that devices announced by multicast DNS. */
  get mdnsNames(): ReadonlySet<string> {
    return this.multicastDns.names
  }

  /** Names that reflectors and sleep proxies repeat of the holder of the address. */
  repeatedNames(address: number): ReadonlySet<string> | undefined {
    return this.multicastDns.owners.repeatedOf(address)
  }

  /** Takes the frame's payload, which lies in the core, of a flow of this kind; `binding` is its sender's. */
  observe(frame: Frame, kind: number, binding: number): void {
    if (kind === KIND_DHCP) return this.observeDhcp(frame)
    if (kind === KIND_DHCPV6) return this.observeDhcpv6(frame)
    // Devices announce the same every few seconds: what was read once is not read again.
    const sender = this.isHome(binding) ? binding : 0
    if (this.core.exports.isRepeated(frame.payloadAt, frame.payloadEnd, sender) !== 0) return
    if (kind === KIND_MULTICAST_DNS) this.multicastDns.observe(frame, binding)
    else if (kind === KIND_SSDP) this.observeSsdp(frame, binding)
    else if (kind === KIND_NETBIOS) this.localNames.observeNetbios(frame, binding)
    else if (kind === KIND_LINK_LOCAL_NAMES) this.localNames.observeLinkLocal(frame, binding)
  }

  addUserAgent(binding: number, text: string): void {
    this.addEvidence(binding, 'userAgents', text)
  }

  /** `said` is one of SAID_… of the core. */
  addSaid(said: number, binding: number, text: string): void {
    this.addEvidence(binding, SAID_KINDS[said], text)
  }

  private addEvidence(binding: number, kind: EvidenceKind, text: string): void {
    if (this.isHome(binding)) this.evidence.addToBinding(binding, kind, text)
  }

  private isHome(binding: number): boolean {
    return binding >= 0 && this.addresses.scope(this.ownership.addressOf(binding)) === Scope.Home
  }

  private observeDhcp(frame: Frame): void {
    const message = readDhcp(frame.bytes, frame.payloadAt, frame.payloadEnd)
    if (message === null || message.clientMac === null) return
    const high = macHighOf(message.clientMac, 0)
    const low = macLowOf(message.clientMac, 0)
    if (high === 0 && low === 0) return
    const { ownership } = this
    const mac = macText(high, low)
    const client = ownership.macOf(high, low)
    const from = ownership.macOf(frame.macHigh, frame.macLow)
    const name = message.hostname ?? message.fqdn
    const claim = { client, from, transaction: message.transactionId, names: [name] }
    if (!(message.isReply ? this.dhcp.fromServer(claim) : this.dhcp.fromClient(claim))) return
    // A server repeats the client's name: where only its side was captured, that names it too.
    if (name !== null) this.evidence.addToMac(mac, 'dhcpHostnames', name)
    if (message.isReply) {
      if (message.messageType === DHCP_ACK && message.yourAddress !== 0)
        ownership.lease(this.addresses.ofIpv4(message.yourAddress), high, low)
      return
    }
    if (message.vendorClass !== null) this.evidence.addToMac(mac, 'dhcpVendorClasses', message.vendorClass)
    if (message.parameterList.length > 0)
      this.evidence.addToMac(mac, 'dhcpParameterLists', message.parameterList.join(','))
    if (message.requestedAddress !== null && message.requestedAddress !== 0) {
      const asked = this.addresses.ofIpv4(message.requestedAddress)
      if (from === client) ownership.requested(asked, client)
      // A repeater's MAC is all that is seen of this client later: the address it requests has to say whose that is.
      else if (from !== NO_MAC && message.messageType === DHCP_REQUEST) ownership.lease(asked, high, low)
    }
    // A client that renews or informs states the address it holds (RFC 2131 section 4.3.2).
    if (message.clientAddress === 0) return
    const address = this.addresses.ofIpv4(message.clientAddress)
    if (from === client) ownership.claim(address, high, low, from)
    else ownership.lease(address, high, low)
  }

  private observeDhcpv6(frame: Frame): void {
    const message = readDhcpv6(frame.bytes, frame.payloadAt, frame.payloadEnd)
    if (message === null || message.clientMac === null) return
    const high = macHighOf(message.clientMac, 0)
    const low = macLowOf(message.clientMac, 0)
    if (high === 0 && low === 0) return
    const { ownership } = this
    const client = ownership.macOf(high, low)
    const from = ownership.macOf(frame.macHigh, frame.macLow)
    const claim = { client, from, transaction: message.transactionId, names: [message.fqdn] }
    if (!(message.isReply ? this.dhcp.fromServer(claim) : this.dhcp.fromClient(claim))) return
    const mac = macText(high, low)
    if (message.fqdn !== null) this.evidence.addToMac(mac, 'dhcpHostnames', message.fqdn)
    if (message.vendorClass !== null) this.evidence.addToMac(mac, 'dhcpVendorClasses', message.vendorClass)
    if (message.messageType !== DHCPV6_REPLY) return
    for (const { address } of message.addresses) ownership.lease(this.addresses.ofIpv6(address, 0), high, low)
  }

  private observeSsdp(frame: Frame, binding: number): void {
    const message = readSsdp(frame.bytes, frame.payloadAt, frame.payloadEnd)
    if (message === null) return
    if (message.userAgent !== null) this.addEvidence(binding, 'userAgents', message.userAgent)
    if (message.kind === 'search' || this.isAnothers(message.location, binding)) return
    if (message.server !== null) this.addEvidence(binding, 'ssdpServers', message.server)
    const type = message.kind === 'notify' ? message.notificationType : message.searchTarget
    if (type !== null) this.addEvidence(binding, 'ssdpTypes', type)
  }
  /** Whether the announcement is of a device at another address at home, which the sender only passes on. */
  private isAnothers(location: string | null, binding: number): boolean {
    const { addresses, ownership } = this
    const words = parseAddress(LOCATION.exec(location ?? '')?.[1] ?? '')
    if (words === null || binding < 0 || !addresses.isIpv4(ownership.addressOf(binding))) return false
    const address = addresses.findIpv4(words[3])
    if (address < 0) return this.core.exports.scopeOfIpv4(words[3]) === Scope.Home
    const mac = ownership.macOfBinding(binding)
    const isOwn = address === ownership.addressOf(binding) || (mac > NO_MAC && ownership.uses(address, mac))
    return addresses.scope(address) === Scope.Home && !isOwn
  }
}
