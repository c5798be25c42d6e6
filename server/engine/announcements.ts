// Announcements of devices about themselves: DHCP, multicast DNS, SSDP, browsers.
import type { Frame } from '../../capture/frame.ts'
import { readDhcp } from '../../capture/wire/dhcp.ts'
import { readDhcpv6 } from '../../capture/wire/dhcpv6.ts'
import { DnsMessage, DnsName, DnsType, readDnsMessage, readName } from '../../capture/wire/dns.ts'
import { macHighOf, macLowOf } from '../../capture/wire/ndp.ts'
import { readSsdp } from '../../capture/wire/ssdp.ts'
import { textOf } from '../../capture/wire/text.ts'
import { macText } from '../../capture/mac-address.ts'
import type { AddressTable } from './addresses.ts'
import type { EvidenceKind, EvidenceTable } from './evidence.ts'
import { FlowKind } from './flow-state.ts'
import { Scope } from './home-network.ts'
import { LIMITS, type LimitCounter } from './limits.ts'
import type { Ownership } from './ownership.ts'
import { Repetitions } from './repetitions.ts'

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

/** Reads announcements and stores them as evidence; DHCP also proves who holds an address. */
export class Announcements {
  readonly mdnsNames = new Set<string>()
  /** Devices announce the same every few seconds: what was read once is not read again. */
  private readonly repetitions = new Repetitions()
  private readonly message = new DnsMessage()
  private readonly name = new DnsName()
  private readonly addresses: AddressTable
  private readonly ownership: Ownership
  private readonly evidence: EvidenceTable
  private readonly limits: LimitCounter

  constructor(addresses: AddressTable, ownership: Ownership, evidence: EvidenceTable, limits: LimitCounter) {
    this.addresses = addresses
    this.ownership = ownership
    this.evidence = evidence
    this.limits = limits
  }

  /** Takes the frame's payload, of a flow of this kind, sent from `address`. */
  observe(frame: Frame, kind: number, address: number): void {
    if (kind === FlowKind.Dhcp) return this.observeDhcp(frame)
    if (kind === FlowKind.Dhcpv6) return this.observeDhcpv6(frame)
    const binding = this.addresses.scope(address) === Scope.Home ? this.ownership.bindingOn(address) : 0
    if (this.repetitions.isRepeated(frame.bytes, frame.payloadAt, frame.payloadEnd, binding)) return
    if (kind === FlowKind.MulticastDns) this.observeMulticastDns(frame, address)
    else if (kind === FlowKind.Ssdp) this.observeSsdp(frame, address)
  }

  addUserAgent(address: number, text: string): void {
    this.addEvidence(address, 'userAgents', text)
  }

  private addEvidence(address: number, kind: EvidenceKind, text: string): void {
    if (this.addresses.scope(address) === Scope.Home)
      this.evidence.addToBinding(this.ownership.bindingOn(address), kind, text)
  }

  private observeDhcp(frame: Frame): void {
    const message = readDhcp(frame.bytes, frame.payloadAt, frame.payloadEnd)
    if (message === null || message.clientMac === null) return
    const high = macHighOf(message.clientMac, 0)
    const low = macLowOf(message.clientMac, 0)
    if (high === 0 && low === 0) return
    const mac = macText(high, low)
    // A server repeats the client's name: where only its side was captured, that names it too.
    if (message.hostname !== null) this.evidence.addToMac(mac, 'dhcpHostnames', message.hostname)
    else if (message.fqdn !== null) this.evidence.addToMac(mac, 'dhcpHostnames', message.fqdn)
    if (!message.isReply) {
      if (message.vendorClass !== null) this.evidence.addToMac(mac, 'dhcpVendorClasses', message.vendorClass)
      if (message.parameterList.length > 0)
        this.evidence.addToMac(mac, 'dhcpParameterLists', message.parameterList.join(','))
      // A client that renews or informs states the address it holds (RFC 2131 section 4.3.2).
      if (message.clientAddress !== 0) this.ownership.prove(this.addresses.ofIpv4(message.clientAddress), high, low)
    } else if (message.messageType === DHCP_ACK && message.yourAddress !== 0) {
      this.ownership.prove(this.addresses.ofIpv4(message.yourAddress), high, low)
    }
  }

  private observeDhcpv6(frame: Frame): void {
    const message = readDhcpv6(frame.bytes, frame.payloadAt, frame.payloadEnd)
    if (message === null || message.clientMac === null) return
    const high = macHighOf(message.clientMac, 0)
    const low = macLowOf(message.clientMac, 0)
    if (high === 0 && low === 0) return
    const mac = macText(high, low)
    if (message.fqdn !== null) this.evidence.addToMac(mac, 'dhcpHostnames', message.fqdn)
    if (message.vendorClass !== null) this.evidence.addToMac(mac, 'dhcpVendorClasses', message.vendorClass)
    if (message.messageType !== DHCPV6_REPLY) return
    for (const { address } of message.addresses) this.ownership.prove(this.addresses.ofIpv6(address, 0), high, low)
  }

  /** RFC 6762: answers and additional records describe the sender; its questions say little. */
  private observeMulticastDns(frame: Frame, address: number): void {
    const { message } = this
    if (!readDnsMessage(frame.bytes, frame.payloadAt, frame.payloadEnd, message) || !message.isResponse) return
    const count = Math.min(message.recordCount, MAX_RECORDS)
    for (let index = 0; index < count; index++) this.observeRecord(index, address)
  }

  private observeRecord(index: number, address: number): void {
    const { message } = this
    const owner = this.nameAt(message.recordAt[index])
    if (owner === null) return
    this.listName(owner)
    const type = message.recordType[index]
    if (type === DnsType.PTR) {
      const target = this.nameAt(message.rdataAt[index])
      if (target === null) return
      this.listName(target)
      this.addService(owner.toLowerCase() === SERVICES_LIST ? target : owner, address)
      if (SERVICE.test(target) && owner.toLowerCase() !== SERVICES_LIST) this.addEvidence(address, 'mdnsNames', target)
    } else if (type === DnsType.SRV) {
      this.addService(owner, address)
      this.addEvidence(address, 'mdnsNames', owner)
    } else if (type === DnsType.A || type === DnsType.AAAA) {
      this.addEvidence(address, 'mdnsNames', owner)
    } else if (type === DnsType.TXT) {
      this.addService(owner, address)
      this.observeText(index, address)
    }
  }

  private addService(name: string, address: number): void {
    const service = SERVICE.exec(name)?.[1]
    if (service !== undefined) this.addEvidence(address, 'mdnsServices', service.toLowerCase())
  }

  /** Strings, each behind its length (RFC 6763 section 6.1). */
  private observeText(index: number, address: number): void {
    const { bytes } = this.message
    const end = this.message.rdataEnd[index]
    let at = this.message.rdataAt[index]
    for (let count = 0; count < MAX_TXT_STRINGS && at < end; count++) {
      const to = Math.min(end, at + 1 + bytes[at])
      this.addEvidence(address, 'mdnsTxt', textOf(bytes, at + 1, to))
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

  private observeSsdp(frame: Frame, address: number): void {
    const message = readSsdp(frame.bytes, frame.payloadAt, frame.payloadEnd)
    if (message === null) return
    if (message.userAgent !== null) this.addEvidence(address, 'userAgents', message.userAgent)
    if (message.kind === 'search') return
    if (message.server !== null) this.addEvidence(address, 'ssdpServers', message.server)
    const type = message.kind === 'notify' ? message.notificationType : message.searchTarget
    if (type !== null) this.addEvidence(address, 'ssdpTypes', type)
  }
}
