// Multicast DNS (RFC 6762): what devices announce, by the address in each record.
import { type Frame, i32 } from '../../capture/frame.ts'
import type { PacketCore } from '../../capture/packet-core.ts'
import { DnsMessage, DnsName, DnsType, readDnsMessage, readName } from '../../capture/wire/dns.ts'
import { textOf } from '../../capture/wire/text.ts'
import type { AddressTable } from './addresses.ts'
import { ConflictKind, type Conflicts } from './conflicts.ts'
import type { EvidenceKind, EvidenceTable } from './evidence.ts'
import { Scope } from './home-network.ts'
import { LIMITS, type LimitCounter } from './limits.ts'
import { NameOwners, OTHERS, OWN, type Sender, UNKNOWN } from './name-owners.ts'
import { NO_MAC, OTHER_BINDING, type Ownership } from './ownership.ts'

/** "_googlecast._tcp" in "_googlecast._tcp.local" or behind an instance's name (RFC 6763 section 4.1). */
const SERVICE = /(?:^|\.)(_[^.]+\._(?:tcp|udp))\.local\.?$/i
const SERVICES_LIST = '_services._dns-sd._udp.local'
const SLEEP_PROXY = '_sleep-proxy._udp'
/** Several speakers that play together: announced by one of them beside itself. */
const CAST_GROUP = /^google-cast-group-/i
const MAX_TXT_STRINGS = 16
/** Records read of one message: real ones hold a few dozen, and each can cost two long names. */
const MAX_RECORDS = 96
/** The pseudo-record with options (RFC 6891), and the one in which a sleep proxy says for whom it speaks. */
const TYPE_OPT = 41
const OPTION_OWNER = 4
/** Version, sequence number, the host's MAC, and the interface's where it differs. */
const OWNER_MACS = [2, 8]
const MAC_LENGTH = 6

/** The engine's tables that announcements are read with. */
export interface MulticastDnsParts {
  core: PacketCore
  addresses: AddressTable
  ownership: Ownership
  evidence: EvidenceTable
  conflicts: Conflicts
  limits: LimitCounter
}

export class MulticastDns {
  readonly names = new Set<string>()
  readonly owners: NameOwners
  private readonly message: DnsMessage
  private readonly name = new DnsName()
  private readonly parts: MulticastDnsParts
  /** Of the message at hand: addresses of its sender's own in it, and of others. */
  private hasOwn = false
  private hasOthers = false
  private speaksForAnother = false

  constructor(parts: MulticastDnsParts) {
    this.parts = parts
    this.message = new DnsMessage(parts.core)
    this.owners = new NameOwners(parts.ownership, parts.evidence, parts.limits)
  }

  /** Answers and additional records describe somebody; questions say little. */
  observe(frame: Frame, binding: number): void {
    const { message } = this
    const { core, addresses, ownership } = this.parts
    if (!readDnsMessage(core.bytes, frame.payloadAt, frame.payloadEnd, message) || !message.isResponse) return
    const count = Math.min(message.recordCount, MAX_RECORDS)
    const isHome = binding >= 0 && addresses.scope(ownership.addressOf(binding)) === Scope.Home
    if (!isHome) return this.listNames(count)
    const sender = this.owners.senderOf(binding)
    this.readHosts(count, sender, frame)
    for (let index = 0; index < count; index++) this.observeRecord(index, sender)
  }

  /** Addresses of hosts, and hosts of services: the rest of the message is judged by them. */
  private readHosts(count: number, sender: Sender, frame: Frame): void {
    const { message, owners } = this
    this.hasOwn = false
    this.hasOthers = false
    for (let index = 0; index < count; index++) {
      const type = message.recordType[index]
      if (type === DnsType.A || type === DnsType.AAAA) this.readHost(index, sender)
      else if (type === DnsType.SRV) this.readTarget(index)
    }
    this.speaksForAnother = !this.hasOwn && this.namesAnotherOwner(count, frame)
    if (!this.hasOwn && (this.hasOthers || this.speaksForAnother)) owners.markReflector(sender)
  }

  private readHost(index: number, sender: Sender): void {
    const host = this.nameAt(this.message.recordAt[index])
    if (host === null) return
    const holder = this.holderOf(index, sender)
    if (holder === OWN) this.hasOwn = true
    const address = this.addressIn(index, holder === OTHERS && this.owners.mayRepeat)
    if (address >= 0) this.owners.addHost(host.toLowerCase(), address)
    if (holder !== OTHERS) return
    this.hasOthers = true
    if (address >= 0 && this.isTrusted(address, sender)) this.owners.repeat(address, host)
    else this.reportForeignName(address, host, sender)
  }

  private readTarget(index: number): void {
    const { message } = this
    const instance = this.nameAt(message.recordAt[index])
    // Priority, weight and port stand before it (RFC 2782).
    const target = this.nameAt(message.rdataAt[index] + 6)
    if (instance !== null && target !== null) this.owners.addTarget(instance.toLowerCase(), target.toLowerCase())
  }

  private observeRecord(index: number, sender: Sender): void {
    const { message } = this
    const owner = this.nameAt(message.recordAt[index])
    if (owner === null) return
    this.listName(owner)
    const type = message.recordType[index]
    if (type === DnsType.PTR) this.observePointer(index, owner, sender)
    else if (type === DnsType.SRV) {
      if (!this.isOwn(owner, sender)) return
      this.addService(owner, owner, sender)
      this.add(owner, sender, 'mdnsNames', owner)
    } else if (type === DnsType.A || type === DnsType.AAAA) {
      if (this.holderOf(index, sender) !== OTHERS) this.add(owner, sender, 'mdnsNames', owner)
    } else if (type === DnsType.TXT && this.isOwn(owner, sender)) {
      this.addService(owner, owner, sender)
      if (!CAST_GROUP.test(owner)) this.observeText(index, owner, sender)
    }
  }

  private observePointer(index: number, owner: string, sender: Sender): void {
    const target = this.nameAt(this.message.rdataAt[index])
    if (target === null) return
    this.listName(target)
    const isList = owner.toLowerCase() === SERVICES_LIST
    if (!this.isOwn(target, sender)) return
    this.addService(isList ? target : owner, target, sender)
    if (SERVICE.test(target) && !isList) this.add(target, sender, 'mdnsNames', target)
  }

  /** Whether the service counts as the sender's; else it is taken back, and goes to those whose it is. */
  private isOwn(instance: string, sender: Sender): boolean {
    const { owners } = this
    const key = instance.toLowerCase()
    // "_airplay._tcp.local" is everybody's.
    const isInstance = !key.startsWith('_')
    const known = isInstance ? owners.ownerOf(key, sender) : UNKNOWN
    const isRepeating = owners.isReflector(sender) && (!this.hasOwn || this.hasOthers)
    const isOthers = known === OTHERS || (known === UNKNOWN && (isRepeating || this.speaksForAnother))
    if (!isOthers) {
      if (isInstance) owners.announce(key, sender, known === OWN || (this.hasOwn && !this.hasOthers))
      return true
    }
    owners.retract(sender.device, key)
    for (const address of owners.addressesOf(key))
      if (SERVICE.test(instance) && this.isTrusted(address, sender)) owners.repeat(address, instance)
    return false
  }

  private add(instance: string, sender: Sender, kind: EvidenceKind, value: string): void {
    const key = instance.toLowerCase()
    const isConfirmed = (this.hasOwn && !this.hasOthers) || this.owners.ownerOf(key, sender) === OWN
    if (isConfirmed) this.owners.addConfirmed(sender, kind, value)
    else this.owners.addUnconfirmed(key, sender, kind, value)
  }

  private addService(name: string, instance: string, sender: Sender): void {
    const service = SERVICE.exec(name)?.[1]?.toLowerCase()
    if (service === undefined) return
    if (service === SLEEP_PROXY) this.owners.markSleepProxy(sender)
    this.add(instance, sender, 'mdnsServices', service)
  }

  /** Strings, each behind its length (RFC 6763 section 6.1). */
  private observeText(index: number, instance: string, sender: Sender): void {
    const { bytes } = this.message
    const end = this.message.rdataEnd[index]
    let at = this.message.rdataAt[index]
    for (let count = 0; count < MAX_TXT_STRINGS && at < end; count++) {
      const to = Math.min(end, at + 1 + bytes[at])
      const text = textOf(bytes, at + 1, to)
      if (text !== '') this.add(instance, sender, 'mdnsTxt', text)
      at = to
    }
  }

  /** Whose address the record names: the sender's own, another device's, or nobody's that is known. */
  private holderOf(index: number, sender: Sender): number {
    const { ownership } = this.parts
    const address = this.addressIn(index, false)
    const isIpv4 = this.message.recordType[index] === DnsType.A
    if (address >= 0 && this.owners.holds(address, sender)) return OWN
    // Of a sender whose own IPv4 address is known any other one at home is somebody else's.
    const isKnown = this.isHomeIpv4(sender.address) || this.ownsIpv4(sender)
    if (address < 0) return isIpv4 && isKnown ? OTHERS : UNKNOWN
    if (this.isHomeIpv4(address) && isKnown) return OTHERS
    return ownership.isHeld(address) && sender.mac > NO_MAC ? OTHERS : UNKNOWN
  }

  private ownsIpv4({ mac, address }: Sender): boolean {
    return mac > NO_MAC && this.parts.ownership.holdsAnother(mac, address, true)
  }

  private isHomeIpv4(address: number): boolean {
    const { addresses } = this.parts
    return addresses.isIpv4(address) && addresses.scope(address) === Scope.Home
  }

  /** The number of the address in an A or AAAA record; -1 where nobody was seen with it and none is `made`. */
  private addressIn(index: number, made: boolean): number {
    const { message } = this
    const { addresses } = this.parts
    const at = message.rdataAt[index]
    const length = message.rdataEnd[index] - at
    if (message.recordType[index] === DnsType.A && length === 4) {
      const address = i32(message.bytes, at)
      return made ? addresses.ofIpv4(address) : addresses.findIpv4(address)
    }
    return length === 16 ? addresses.findIpv6(message.bytes, at) : -1
  }

  /**
   * Whether a name that the sender repeats may stand for the address: from another subnet, by a router, or by a sleep
   * proxy. Any other device would be naming its neighbour.
   */
  private isTrusted(address: number, sender: Sender): boolean {
    const { addresses, ownership } = this.parts
    if (addresses.scope(address) !== Scope.Home || this.owners.holds(address, sender)) return false
    if (ownership.isRouter(sender.mac) || this.owners.isSleepProxy(sender)) return true
    const own = addresses.isIpv4(sender.address) ? [sender.address] : this.ipv4Of(sender)
    return addresses.isIpv4(address) && own.length > 0 && !own.some((one) => addresses.isSameSubnet(address, one))
  }

  private ipv4Of({ mac }: Sender): number[] {
    const { addresses, ownership } = this.parts
    if (mac <= NO_MAC) return []
    return ownership
      .bindingsOf(mac)
      .map((binding) => ownership.addressOf(binding))
      .filter((address) => addresses.isIpv4(address) && addresses.scope(address) === Scope.Home)
  }

  /** A device names its neighbour. */
  private reportForeignName(address: number, name: string, { binding, address: from }: Sender): void {
    const { ownership, addresses, evidence, conflicts } = this.parts
    if (address < 0 || !ownership.isHeld(address)) return
    const held = ownership.bindingOn(address)
    const [holder, sender] = [ownership.macOfBinding(held), ownership.macOfBinding(binding)]
    if (held === OTHER_BINDING || sender <= NO_MAC || holder <= NO_MAC || !ownership.isOwn(held)) return
    if (evidence.ofBinding(held)?.mdnsNames?.has(name) === true) return
    const isTold = addresses.isSameSubnet(address, from)
    conflicts.report(ConflictKind.ForeignName, address, holder, sender, { name, isTold })
  }

  /** Whether an option says that the records are those of a MAC other than the frame's. */
  private namesAnotherOwner(count: number, frame: Frame): boolean {
    const { message } = this
    const { bytes } = message
    for (let index = 0; index < count; index++) {
      if (message.recordType[index] !== TYPE_OPT) continue
      const end = message.rdataEnd[index]
      for (let at = message.rdataAt[index]; at + 4 <= end;) {
        const code = (bytes[at] << 8) | bytes[at + 1]
        const length = (bytes[at + 2] << 8) | bytes[at + 3]
        if (at + 4 + length > end) break
        if (code === OPTION_OWNER && length >= OWNER_MACS[0] + MAC_LENGTH)
          return !OWNER_MACS.some((offset) => offset + MAC_LENGTH <= length && isMacOf(frame, bytes, at + 4 + offset))
        at += 4 + length
      }
    }
    return false
  }

  private listNames(count: number): void {
    for (let index = 0; index < count; index++) {
      const owner = this.nameAt(this.message.recordAt[index])
      if (owner !== null) this.listName(owner)
      const isPointer = this.message.recordType[index] === DnsType.PTR
      const target = isPointer ? this.nameAt(this.message.rdataAt[index]) : null
      if (target !== null) this.listName(target)
    }
  }

  private listName(name: string): void {
    if (this.names.size < LIMITS.mdnsNames) this.names.add(name)
    else if (!this.names.has(name)) this.parts.limits.add('mdnsNames')
  }

  private nameAt(at: number): string | null {
    if (readName(this.message, at, this.name) < 0) return null
    return textOf(this.name.bytes, 0, this.name.length)
  }
}

function isMacOf(frame: Frame, bytes: Uint8Array, at: number): boolean {
  return ((bytes[at] << 8) | bytes[at + 1]) === frame.macHigh && i32(bytes, at + 2) === frame.macLow
}
