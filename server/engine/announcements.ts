// Announcements of devices about themselves: DHCP, multicast DNS, SSDP, browsers.
import { type Frame, i32 } from '../../capture/frame.ts'
import { readDhcp } from '../../capture/wire/dhcp.ts'
import { readDhcpv6 } from '../../capture/wire/dhcpv6.ts'
import { DnsMessage, DnsName, DnsType, readDnsMessage, readName } from '../../capture/wire/dns.ts'
import { macHighOf, macLowOf } from '../../capture/wire/ndp.ts'
import { readSsdp } from '../../capture/wire/ssdp.ts'
import { textOf } from '../../capture/wire/text.ts'
import { macText } from '../../capture/mac-address.ts'
import type { PacketCore } from '../../capture/packet-core.ts'
import type { AddressTable } from './addresses.ts'
import { ConflictKind, type Conflicts } from './conflicts.ts'
import { DhcpTrust } from './dhcp-trust.ts'
import type { EvidenceKind, EvidenceTable } from './evidence.ts'
import { KIND_DHCP, KIND_DHCPV6, KIND_MULTICAST_DNS, KIND_SSDP } from '../../capture/core/constants.ts'
import { Scope } from './home-network.ts'
import { LIMITS, type LimitCounter } from './limits.ts'
import { NO_MAC, OTHER_BINDING, type Ownership } from './ownership.ts'

/** DHCP message types, RFC 2132 section 9.6. */
const DHCP_ACK = 5
/** RFC 8415 section 7.3. */
const DHCPV6_REPLY = 7
/** "_googlecast._tcp" in "_googlecast._tcp.local" or behind an instance's name (RFC 6763 section 4.1). */
const SERVICE = /(?:^|\.)(_[^.]+\._(?:tcp|udp))\.local\.?$/i
const SERVICES_LIST = '_services._dns-sd._udp.local'
const MAX_TXT_STRINGS = 16
/** Records read of one message: real ones hold a few dozen, and each can cost two long names. */
const MAX_RECORDS = 96

/** Evidence that programs give in the clear, in the order of the core's numbers (SAID_… in its constants.ts). */
const SAID_KINDS: readonly EvidenceKind[] = ['mqttClientIds', 'stunSoftware', 'rtspServers', 'sshBanners']

/** Holders of an address that a record names, as its sender sees them. */
const OWN = 0
const OTHERS = 1
const UNKNOWN = 2

/** Reads announcements and stores them as evidence of who sent them; DHCP also says who holds an address. */
export class Announcements {
  readonly mdnsNames = new Set<string>()
  private readonly message: DnsMessage
  private readonly name = new DnsName()
  private readonly core: PacketCore
  private readonly addresses: AddressTable
  private readonly ownership: Ownership
  private readonly evidence: EvidenceTable
  private readonly conflicts: Conflicts
  private readonly dhcp: DhcpTrust
  private readonly limits: LimitCounter

  constructor(
    core: PacketCore,
    addresses: AddressTable,
    ownership: Ownership,
    evidence: EvidenceTable,
    conflicts: Conflicts,
    limits: LimitCounter,
  ) {
    this.core = core
    this.message = new DnsMessage(core)
    this.addresses = addresses
    this.ownership = ownership
    this.evidence = evidence
    this.conflicts = conflicts
    this.dhcp = new DhcpTrust(ownership, evidence, conflicts)
    this.limits = limits
  }

  /** Takes the frame's payload, which lies in the core, of a flow of this kind; `binding` is its sender's. */
  observe(frame: Frame, kind: number, binding: number): void {
    if (kind === KIND_DHCP) return this.observeDhcp(frame)
    if (kind === KIND_DHCPV6) return this.observeDhcpv6(frame)
    // Devices announce the same every few seconds: what was read once is not read again.
    const sender = this.isHome(binding) ? binding : 0
    if (this.core.exports.isRepeated(frame.payloadAt, frame.payloadEnd, sender) !== 0) return
    if (kind === KIND_MULTICAST_DNS) this.observeMulticastDns(frame, binding)
    else if (kind === KIND_SSDP) this.observeSsdp(frame, binding)
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
    if (message.requestedAddress !== null && message.requestedAddress !== 0 && from === client)
      ownership.requested(this.addresses.ofIpv4(message.requestedAddress), client)
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

  /** RFC 6762: answers and additional records describe the sender; its questions say little. */
  private observeMulticastDns(frame: Frame, binding: number): void {
    const { message } = this
    if (!readDnsMessage(this.core.bytes, frame.payloadAt, frame.payloadEnd, message) || !message.isResponse) return
    const count = Math.min(message.recordCount, MAX_RECORDS)
    if (this.isReflected(count, binding)) return
    for (let index = 0; index < count; index++) this.observeRecord(index, binding)
  }

  private observeRecord(index: number, binding: number): void {
    const { message } = this
    const owner = this.nameAt(message.recordAt[index])
    if (owner === null) return
    this.listName(owner)
    const type = message.recordType[index]
    if (type === DnsType.PTR) {
      const target = this.nameAt(message.rdataAt[index])
      if (target === null) return
      this.listName(target)
      this.addService(owner.toLowerCase() === SERVICES_LIST ? target : owner, binding)
      if (SERVICE.test(target) && owner.toLowerCase() !== SERVICES_LIST) this.addEvidence(binding, 'mdnsNames', target)
    } else if (type === DnsType.SRV) {
      this.addService(owner, binding)
      this.addEvidence(binding, 'mdnsNames', owner)
    } else if (type === DnsType.A || type === DnsType.AAAA) {
      if (this.holderOf(index, binding) !== OTHERS) this.addEvidence(binding, 'mdnsNames', owner)
    } else if (type === DnsType.TXT) {
      this.addService(owner, binding)
      this.observeText(index, binding)
    }
  }

  /**
   * Whether the message names addresses of others only: then it says nothing of its sender. Reflectors and sleep
   * proxies repeat what the device announced itself.
   */
  private isReflected(count: number, binding: number): boolean {
    const { message } = this
    let others = 0
    let own = 0
    for (let index = 0; index < count; index++) {
      const type = message.recordType[index]
      if (type !== DnsType.A && type !== DnsType.AAAA) continue
      const holder = this.holderOf(index, binding)
      if (holder === OWN) own++
      else if (holder === OTHERS) {
        others++
        this.reportForeignName(index, binding)
      }
    }
    if (own > 0 || others === 0) return false
    for (let index = 0; index < count; index++) {
      const owner = this.nameAt(message.recordAt[index])
      if (owner !== null) this.listName(owner)
      const target = message.recordType[index] === DnsType.PTR ? this.nameAt(message.rdataAt[index]) : null
      if (target !== null) this.listName(target)
    }
    return true
  }

  /** Whose address the record names: the sender's own, another device's, or nobody's that is known. */
  private holderOf(index: number, binding: number): number {
    const address = this.addressIn(index)
    if (binding < 0) return UNKNOWN
    const { ownership } = this
    const sender = ownership.addressOf(binding)
    if (address === sender) return OWN
    if (address < 0) return this.message.recordType[index] === DnsType.A && this.isHomeIpv4(sender) ? OTHERS : UNKNOWN
    const mac = ownership.macOfBinding(binding)
    if (mac > NO_MAC && ownership.uses(address, mac)) return OWN
    if (this.isHomeIpv4(address) && this.isHomeIpv4(sender)) return OTHERS
    return ownership.isHeld(address) && mac > NO_MAC ? OTHERS : UNKNOWN
  }

  private isHomeIpv4(address: number): boolean {
    return this.addresses.isIpv4(address) && this.addresses.scope(address) === Scope.Home
  }

  /** The number of the address in an A or AAAA record, -1 where nobody was seen with it. */
  private addressIn(index: number): number {
    const { message } = this
    const at = message.rdataAt[index]
    const length = message.rdataEnd[index] - at
    if (message.recordType[index] === DnsType.A && length === 4) return this.addresses.findIpv4(i32(message.bytes, at))
    return length === 16 ? this.addresses.findIpv6(message.bytes, at) : -1
  }

  /** Told where the address is of the sender's own subnet: between subnets it is a reflector's work. */
  private reportForeignName(index: number, binding: number): void {
    const { ownership, addresses } = this
    const address = this.addressIn(index)
    if (address < 0 || !ownership.isHeld(address)) return
    const held = ownership.bindingOn(address)
    const [holder, sender] = [ownership.macOfBinding(held), ownership.macOfBinding(binding)]
    if (held === OTHER_BINDING || sender <= NO_MAC || holder <= NO_MAC || !ownership.isOwn(held)) return
    const name = this.nameAt(this.message.recordAt[index])
    if (name === null || this.evidence.ofBinding(held)?.mdnsNames?.has(name) === true) return
    const isTold = addresses.isSameSubnet(address, ownership.addressOf(binding))
    this.conflicts.report(ConflictKind.ForeignName, address, holder, sender, { name, isTold })
  }

  private addService(name: string, binding: number): void {
    const service = SERVICE.exec(name)?.[1]
    if (service !== undefined) this.addEvidence(binding, 'mdnsServices', service.toLowerCase())
  }

  /** Strings, each behind its length (RFC 6763 section 6.1). */
  private observeText(index: number, binding: number): void {
    const { bytes } = this.message
    const end = this.message.rdataEnd[index]
    let at = this.message.rdataAt[index]
    for (let count = 0; count < MAX_TXT_STRINGS && at < end; count++) {
      const to = Math.min(end, at + 1 + bytes[at])
      this.addEvidence(binding, 'mdnsTxt', textOf(bytes, at + 1, to))
      at = to
    }
  }

  private listName(name: string): void {
    if (this.mdnsNames.size < LIMITS.mdnsNames) this.mdnsNames.add(name)
    else if (!this.mdnsNames.has(name)) this.limits.add('mdnsNames')
  }

  private nameAt(at: number): string | null {
    if (readName(this.message, at, this.name) < 0) return null
    return textOf(this.name.bytes, 0, this.name.length)
  }

  private observeSsdp(frame: Frame, binding: number): void {
    const message = readSsdp(frame.bytes, frame.payloadAt, frame.payloadEnd)
    if (message === null) return
    if (message.userAgent !== null) this.addEvidence(binding, 'userAgents', message.userAgent)
    if (message.kind === 'search') return
    if (message.server !== null) this.addEvidence(binding, 'ssdpServers', message.server)
    const type = message.kind === 'notify' ? message.notificationType : message.searchTarget
    if (type !== null) this.addEvidence(binding, 'ssdpTypes', type)
  }
}
