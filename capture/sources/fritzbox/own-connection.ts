// Leaves the packets that carry a pcap stream out of it: those between this machine and its sender.
import { isIP } from 'node:net'
import { LinkType } from '../../formats/link-types.ts'
import { MAX_CAPTURED_LENGTH } from '../../formats/limits.ts'
import { parseAddress, withoutZone } from '../../ip-address.ts'

/** draft-ietf-opsawg-pcap; the modified format, which FRITZ!OS writes, has longer headers of records. */
const FILE_HEADER_LENGTH = 24
const RECORD_HEADER_LENGTH = 16
const MODIFIED_RECORD_HEADER_LENGTH = 24
const MAGICS = new Map([
  [0xa1b2c3d4, RECORD_HEADER_LENGTH],
  [0xa1b23c4d, RECORD_HEADER_LENGTH],
  [0xa1b2cd34, MODIFIED_RECORD_HEADER_LENGTH],
])
/** So much of a frame is needed to tell: link header (Prism: 144 bytes), tags, IP header with options, ports. */
const LOOKED_AT = 320
const ETHERTYPE_IPV4 = 0x0800
const ETHERTYPE_IPV6 = 0x86dd
const VLAN_TYPES: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100])
const TCP = 6
const SNAP = 0xaaaa_0300
const WIFI_DATA = 2

/**
 * Canonical addresses. All TCP between the local address and the remote port is left out, further streams of the same
 * box among it; and the connection itself where an address translation changes the local address.
 */
export interface Connection {
  remoteAddress: string
  remotePort: number
  localAddress: string
  localPort: number
  /** Local ports of every stream that is open, this one's among them. */
  streamPorts: ReadonlySet<number>
}

/** Whether bytes begin as a pcap or pcapng file does; null while there are too few. */
export function beginsAsCapture(bytes: Buffer): boolean | null {
  if (bytes.length < 4) return null
  const [little, big] = [bytes.readUInt32LE(0), bytes.readUInt32BE(0)]
  return MAGICS.has(little) || MAGICS.has(big) || big === 0x0a0d0d0a
}

export class WithoutConnection {
  /** Packets of streams that were left out: capturing them makes streams grow. Others, as of log-ins, do not count. */
  streamPackets = 0
  /** Packets so far, with those. */
  seen = 0
  private readonly give: (piece: Uint8Array) => void
  private readonly connection: Connection
  private readonly isIpv6: boolean
  private readonly remote: Buffer
  private readonly local: Buffer
  private held: Buffer | null = null
  private headerLength = 0
  private isLittle = true
  private linkType = 0
  /** Bytes of a packet that are still to come, and whether they are left out. */
  private rest = 0
  private leavesRest = false
  /** Damaged, or of a format that is not looked into: all is given. */
  private isGivingAll = false

  constructor(connection: Connection, give: (piece: Uint8Array) => void) {
    this.connection = connection
    this.give = give
    this.isIpv6 = isIP(withoutZone(connection.remoteAddress)) === 6
    this.remote = bytesOf(connection.remoteAddress, this.isIpv6)
    this.local = bytesOf(connection.localAddress, this.isIpv6)
  }

  push(piece: Buffer): void {
    if (this.isGivingAll) return this.give(piece)
    const bytes = this.held === null ? piece : Buffer.concat([this.held, piece])
    this.held = null
    let at = 0
    /** What is given begins here. */
    let from = 0
    if (this.headerLength === 0) {
      if (bytes.length < FILE_HEADER_LENGTH) return this.hold(bytes, 0)
      if (!this.readFileHeader(bytes)) return this.giveAll(bytes, 0)
      at = FILE_HEADER_LENGTH
    }
    for (;;) {
      const taken = Math.min(this.rest, bytes.length - at)
      at += taken
      this.rest -= taken
      if (this.leavesRest) from = at
      if (this.rest > 0) break
      this.leavesRest = false
      const isOwn = this.isOwn(bytes, at)
      if (isOwn === null) {
        if (this.isGivingAll) return this.giveAll(bytes, from)
        if (at > from) this.give(bytes.subarray(from, at))
        return this.hold(bytes, at)
      }
      this.rest = this.headerLength + this.lengthAt(bytes, at)
      this.seen++
      if (!isOwn) continue
      if (at > from) this.give(bytes.subarray(from, at))
      this.leavesRest = true
    }
    if (at > from) this.give(bytes.subarray(from, at))
  }

  private hold(bytes: Buffer, from: number): void {
    // A piece's memory may be used again by whoever gave it.
    this.held = from < bytes.length ? Buffer.from(bytes.subarray(from)) : null
  }

  private giveAll(bytes: Buffer, from: number): void {
    this.isGivingAll = true
    if (from < bytes.length) this.give(bytes.subarray(from))
  }

  private readFileHeader(bytes: Buffer): boolean {
    this.isLittle = MAGICS.has(bytes.readUInt32LE(0))
    const length = MAGICS.get(this.isLittle ? bytes.readUInt32LE(0) : bytes.readUInt32BE(0))
    if (length === undefined) return false
    this.headerLength = length
    this.linkType = (this.isLittle ? bytes.readUInt32LE(20) : bytes.readUInt32BE(20)) & 0xffff
    return true
  }

  private lengthAt(bytes: Buffer, record: number): number {
    return this.isLittle ? bytes.readUInt32LE(record + 8) : bytes.readUInt32BE(record + 8)
  }

  /** Whether the packet of the record at `at` is one of the connection; null where too little of it is here. */
  private isOwn(bytes: Buffer, at: number): boolean | null {
    if (at + this.headerLength > bytes.length) return null
    const length = this.lengthAt(bytes, at)
    if (length > MAX_CAPTURED_LENGTH) {
      this.isGivingAll = true
      return null
    }
    const frame = at + this.headerLength
    const end = frame + Math.min(length, LOOKED_AT)
    if (end > bytes.length) return null
    const network = networkAt(this.linkType, bytes, frame, end)
    if (network < 0) return false
    return this.isIpv6 ? this.holdsIpv6(bytes, network, end) : this.holdsIpv4(bytes, network, end)
  }

  private holdsIpv4(bytes: Buffer, at: number, end: number): boolean {
    if (at + 20 > end || bytes[at] >> 4 !== 4 || bytes[at + 9] !== TCP) return false
    const ports = at + (bytes[at] & 15) * 4
    return ports + 4 <= end && this.isBetween(bytes, at + 12, at + 16, ports)
  }

  private holdsIpv6(bytes: Buffer, at: number, end: number): boolean {
    if (at + 44 > end || bytes[at] >> 4 !== 6 || bytes[at + 6] !== TCP) return false
    return this.isBetween(bytes, at + 8, at + 24, at + 40)
  }

  private isBetween(bytes: Buffer, source: number, destination: number, ports: number): boolean {
    return (
      this.isFrom(bytes, source, destination, ports, ports + 2) ||
      this.isFrom(bytes, destination, source, ports + 2, ports)
    )
  }

  /** Whether the first address and port are the remote ones, and the second address or port the local one. */
  private isFrom(bytes: Buffer, remote: number, local: number, remotePort: number, localPort: number): boolean {
    const { connection } = this
    if (bytes.readUInt16BE(remotePort) !== connection.remotePort || !isAt(bytes, remote, this.remote)) return false
    const port = bytes.readUInt16BE(localPort)
    const isStream = port === connection.localPort || connection.streamPorts.has(port)
    if (isStream) this.streamPackets++
    return isStream || isAt(bytes, local, this.local)
  }
}

function isAt(bytes: Buffer, at: number, address: Buffer): boolean {
  return bytes.compare(address, 0, address.length, at, at + address.length) === 0
}

function bytesOf(address: string, isIpv6: boolean): Buffer {
  const words = parseAddress(withoutZone(address)) ?? [0, 0, 0, 0]
  const bytes = Buffer.alloc(16)
  words.forEach((word, index) => bytes.writeUInt32BE(word >>> 0, 4 * index))
  return isIpv6 ? bytes : bytes.subarray(12)
}

/** Where the IP header begins; -1 where there is none. */
function networkAt(linkType: number, bytes: Buffer, at: number, end: number): number {
  switch (linkType) {
    case LinkType.Ethernet:
      return behindType(bytes, at + 12, end)
    case LinkType.LinuxCooked:
      return behindType(bytes, at + 14, end)
    case LinkType.Raw:
    case LinkType.RawBsd:
      return at
    case LinkType.Wifi:
      return behindWifi(bytes, at, end)
    case LinkType.Radiotap:
      return at + 4 > end ? -1 : behindWifi(bytes, at + bytes.readUInt16LE(at + 2), end)
    case LinkType.Prism:
    case LinkType.Avs:
      return at + 8 > end ? -1 : behindWifi(bytes, at + wifiHeaderLength(bytes, at), end)
    default:
      return -1
  }
}

function behindType(bytes: Buffer, at: number, end: number): number {
  for (let typeAt = at, tags = 0; tags < 3 && typeAt + 2 <= end; tags++, typeAt += 4) {
    const type = bytes.readUInt16BE(typeAt)
    if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6) return typeAt + 2
    if (!VLAN_TYPES.has(type)) return -1
  }
  return -1
}

/** IEEE 802.11-2020, 9.2.3: three addresses, a fourth between access points, QoS and HT control where they are. */
function behindWifi(bytes: Buffer, at: number, end: number): number {
  if (at + 24 > end) return -1
  const [type, flags] = [bytes[at], bytes[at + 1]]
  if (((type >> 2) & 3) !== WIFI_DATA) return -1
  const isQos = (type & 0x80) !== 0
  const fourth = (flags & 3) === 3 ? 6 : 0
  const control = isQos ? ((flags & 0x80) !== 0 ? 6 : 2) : 0
  const snap = at + 24 + fourth + control
  if (snap + 8 > end || bytes.readUInt32BE(snap) >>> 8 !== SNAP >>> 8) return -1
  return behindType(bytes, snap + 6, end)
}

/** AVS headers begin with their version, Prism's with a message number below 65536, in the byte order of the box. */
function wifiHeaderLength(bytes: Buffer, at: number): number {
  const isLittle = bytes.readUInt32LE(at) < 65_536
  return isLittle ? bytes.readUInt32LE(at + 4) : bytes.readUInt32BE(at + 4)
}
