// Names of hosts by NetBIOS and LLMNR: registrations, and answers to those who ask.
import { type Frame, i32 } from '../../capture/frame.ts'
import type { PacketCore } from '../../capture/packet-core.ts'
import { DnsMessage, DnsName, DnsType, readDnsMessage, readName } from '../../capture/wire/dns.ts'
import { type NetbiosMessage, readNetbiosDatagram, readNetbiosName } from '../../capture/wire/netbios.ts'
import { textOf } from '../../capture/wire/text.ts'
import type { AddressTable } from './addresses.ts'
import type { EvidenceKind, EvidenceTable } from './evidence.ts'
import { Scope } from './home-network.ts'
import { NO_MAC, type Ownership } from './ownership.ts'

const NETBIOS_DATAGRAMS = 138
const MAX_RECORDS = 8

export class LocalNames {
  private readonly core: PacketCore
  private readonly addresses: AddressTable
  private readonly ownership: Ownership
  private readonly evidence: EvidenceTable
  private readonly message: DnsMessage
  private readonly name = new DnsName()

  constructor(core: PacketCore, addresses: AddressTable, ownership: Ownership, evidence: EvidenceTable) {
    this.core = core
    this.addresses = addresses
    this.ownership = ownership
    this.evidence = evidence
    this.message = new DnsMessage(core)
  }

  /** A name counts where the message gives it the sender's own address: relays and servers pass on others' names. */
  observeNetbios(frame: Frame, binding: number): void {
    if (frame.version !== 4 || !this.isHome(binding)) return
    const message = this.readNetbios(frame)
    if (message === null) return
    const kind: EvidenceKind = message.isClaim ? 'netbiosNames' : 'answeredNames'
    for (const { name, address } of message.hosts)
      if (this.isOwn(this.addresses.findIpv4(address), binding)) this.evidence.addToBinding(binding, kind, name)
  }

  /** RFC 4795: whoever answers has the name; questions are about others. */
  observeLinkLocal(frame: Frame, binding: number): void {
    const { message } = this
    if (!this.isHome(binding)) return
    if (!readDnsMessage(this.core.bytes, frame.payloadAt, frame.payloadEnd, message) || !message.isResponse) return
    for (let index = 0; index < Math.min(message.recordCount, MAX_RECORDS); index++) {
      const name = this.isOwn(this.addressIn(index), binding) ? this.nameAt(message.recordAt[index]) : null
      if (name !== null && name !== '') this.evidence.addToBinding(binding, 'answeredNames', name)
    }
  }

  private readNetbios(frame: Frame): NetbiosMessage | null {
    const { bytes, payloadAt, payloadEnd, source } = frame
    const isDatagram = frame.sourcePort === NETBIOS_DATAGRAMS || frame.destinationPort === NETBIOS_DATAGRAMS
    if (isDatagram) return readNetbiosDatagram(bytes, payloadAt, payloadEnd)
    return readNetbiosName(bytes, payloadAt, payloadEnd, source)
  }

  private addressIn(index: number): number {
    const { message, addresses } = this
    const at = message.rdataAt[index]
    const length = message.rdataEnd[index] - at
    if (message.recordType[index] === DnsType.A && length === 4) return addresses.findIpv4(i32(message.bytes, at))
    if (message.recordType[index] === DnsType.AAAA && length === 16) return addresses.findIpv6(message.bytes, at)
    return -1
  }

  private isOwn(address: number, binding: number): boolean {
    if (address < 0) return false
    if (address === this.ownership.addressOf(binding)) return true
    const mac = this.ownership.macOfBinding(binding)
    return mac > NO_MAC && this.ownership.uses(address, mac)
  }

  private isHome(binding: number): boolean {
    return binding >= 0 && this.addresses.scope(this.ownership.addressOf(binding)) === Scope.Home
  }

  private nameAt(at: number): string | null {
    if (readName(this.message, at, this.name) < 0) return null
    return textOf(this.name.bytes, 0, this.name.length)
  }
}
