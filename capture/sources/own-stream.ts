// Frames that carry the stream itself: a router that captures the interface by which it sends to this listener.
import { ipv4TextAt, ipv6TextAt } from '../ip-address.ts'

const ETHERTYPE_IPV4 = 0x0800
const ETHERTYPE_IPV6 = 0x86dd
const VLAN_TYPES: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100])
const MAX_VLAN_TAGS = 2
const ETHERNET_LENGTH = 14
const IPV6_LENGTH = 40
const UDP = 17
const IPV6_FRAGMENT = 44
/** A datagram of the stream that needs several packets is recognised by its first; the others follow closely. */
const MAX_OPEN_FRAGMENTS = 64

export class OwnStream {
  /** Frames that were left out. */
  frames = 0
  /** Of the last one: who sent it, to where. */
  source = ''
  destination = ''
  private readonly port: number
  private readonly isSender: (address: string) => boolean
  private readonly open = new Set<string>()

  /** `isSender`: whether the address, in canonical text, is one whose datagrams are taken. */
  constructor(port: number, isSender: (address: string) => boolean) {
    this.port = port
    this.isSender = isSender
  }

  /** Whether the Ethernet frame that starts at `at` and ends with the bytes is part of a named sender's stream. */
  holds(bytes: Buffer, at: number): boolean {
    let typeAt = at + ETHERNET_LENGTH - 2
    for (let tags = 0; tags < MAX_VLAN_TAGS && typeAt + 2 <= bytes.length; tags++) {
      if (!VLAN_TYPES.has(bytes.readUInt16BE(typeAt))) break
      typeAt += 4
    }
    const network = typeAt + 2
    if (network + IPV6_LENGTH > bytes.length) return false
    const type = bytes.readUInt16BE(typeAt)
    const isOwn =
      type === ETHERTYPE_IPV4
        ? this.holdsIpv4(bytes, network)
        : type === ETHERTYPE_IPV6 && this.holdsIpv6(bytes, network)
    if (isOwn) this.frames++
    return isOwn
  }

  private holdsIpv4(bytes: Buffer, at: number): boolean {
    if (bytes[at] >> 4 !== 4 || bytes[at + 9] !== UDP) return false
    const fragment = bytes.readUInt16BE(at + 6)
    const key = (): string =>
      `${ipv4TextAt(bytes, at + 12)} ${ipv4TextAt(bytes, at + 16)} ${bytes.readUInt16BE(at + 4)}`
    if ((fragment & 0x1fff) !== 0) return this.open.size > 0 && this.open.has(key())
    if (!this.isToPort(bytes, at + (bytes[at] & 15) * 4)) return false
    const source = ipv4TextAt(bytes, at + 12)
    if (!this.isSender(source)) return false
    this.source = source
    this.destination = ipv4TextAt(bytes, at + 16)
    if ((fragment & 0x2000) !== 0) this.expectFragments(key())
    return true
  }

  private holdsIpv6(bytes: Buffer, at: number): boolean {
    let next = bytes[at + 6]
    let transport = at + IPV6_LENGTH
    let id = -1
    if (next === IPV6_FRAGMENT && transport + 8 <= bytes.length) {
      next = bytes[transport]
      id = bytes.readUInt32BE(transport + 4)
      if (bytes.readUInt16BE(transport + 2) >> 3 !== 0) {
        return next === UDP && this.open.size > 0 && this.open.has(this.ipv6Key(bytes, at, id))
      }
      transport += 8
    }
    if (bytes[at] >> 4 !== 6 || next !== UDP || !this.isToPort(bytes, transport)) return false
    const source = ipv6TextAt(bytes, at + 8)
    if (!this.isSender(source)) return false
    this.source = source
    this.destination = ipv6TextAt(bytes, at + 24)
    if (id >= 0) this.expectFragments(this.ipv6Key(bytes, at, id))
    return true
  }

  private ipv6Key(bytes: Buffer, at: number, id: number): string {
    return `${ipv6TextAt(bytes, at + 8)} ${ipv6TextAt(bytes, at + 24)} ${id}`
  }

  private isToPort(bytes: Buffer, udpAt: number): boolean {
    return udpAt + 4 <= bytes.length && bytes.readUInt16BE(udpAt + 2) === this.port
  }

  private expectFragments(key: string): void {
    if (this.open.size >= MAX_OPEN_FRAGMENTS) {
      const [oldest] = this.open
      this.open.delete(oldest)
    }
    this.open.add(key)
  }
}
