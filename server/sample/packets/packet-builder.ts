// Frames of Ethernet, ARP, IP, TCP, UDP and ICMP from their fields: pure functions, each giving the bytes of one layer.
// Written from the RFCs and independent of the decoders under test. Every checksum is right unless asked otherwise.
import { type Address, ipBytes, macBytes } from './addresses.ts'
import { concat, empty, u16, u32, u8 } from './bytes.ts'

export const ETHERTYPE = {
  ipv4: 0x0800,
  arp: 0x0806,
  vlan: 0x8100,
  ipv6: 0x86dd,
  serviceVlan: 0x88a8,
  pppoe: 0x8864,
} as const
export const PROTOCOL = {
  hopByHop: 0,
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  routing: 43,
  fragment: 44,
  icmpv6: 58,
  none: 59,
  destinationOptions: 60,
} as const
export const TCP_FLAG = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10, urg: 0x20 } as const

// ---- checksums ----

/** The internet checksum over the parts one after another, RFC 1071; every part but the last has an even length. */
export function internetChecksum(...parts: Uint8Array[]): number {
  let sum = 0
  for (const part of parts) {
    const even = part.length & ~1
    for (let at = 0; at < even; at += 2) sum += (part[at] << 8) | part[at + 1]
    if (part.length > even) sum += part[even] << 8
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return ~sum & 0xffff
}

/** The checksum of TCP, UDP and ICMPv6 with the pseudo-header of RFC 9293, section 3.1, or RFC 8200, section 8.1. */
function transportChecksum(source: Address, destination: Address, protocol: number, segment: Uint8Array): number {
  const from = ipBytes(source)
  return internetChecksum(
    from,
    ipBytes(destination),
    from.length === 4 ? concat(u16(protocol), u16(segment.length)) : concat(u32(segment.length), u32(protocol)),
    segment,
  )
}

// ---- link layer ----

export function ethernet(source: Address, destination: Address, type: number, payload: Uint8Array): Uint8Array {
  return concat(macBytes(destination), macBytes(source), u16(type), payload)
}

/** IEEE 802.3 with a length in place of the type, as spanning tree and IPX use it. */
export function ethernet8023(source: Address, destination: Address, payload: Uint8Array): Uint8Array {
  return ethernet(source, destination, payload.length, payload)
}

/** The payload of an Ethernet frame whose type is 0x8100 (IEEE 802.1Q) or 0x88a8 (802.1ad). */
export function vlan(id: number, type: number, payload: Uint8Array, priority = 0): Uint8Array {
  return concat(u16((priority << 13) | id), u16(type), payload)
}

export type ArpFields = {
  operation: 'request' | 'reply' | number
  senderMac: Address
  senderAddress: Address
  targetMac?: Address
  targetAddress: Address
}

/** RFC 826, for IPv4 over Ethernet. */
export function arp({
  operation,
  senderMac,
  senderAddress,
  targetMac = '00:00:00:00:00:00',
  targetAddress,
}: ArpFields): Uint8Array {
  const code = operation === 'request' ? 1 : operation === 'reply' ? 2 : operation
  return concat(
    u16(1),
    u16(ETHERTYPE.ipv4),
    u8(6),
    u8(4),
    u16(code),
    macBytes(senderMac),
    ipBytes(senderAddress),
    macBytes(targetMac),
    ipBytes(targetAddress),
  )
}

// ---- network layer ----

export type Ipv4Fields = {
  source: Address
  destination: Address
  protocol: number
  payload: Uint8Array
  identification?: number
  timeToLive?: number
  typeOfService?: number
  dontFragment?: boolean
  moreFragments?: boolean
  /** In bytes, a multiple of 8. */
  fragmentOffset?: number
  /** Padded here to a multiple of 4. */
  options?: Uint8Array
  /** The value in the header; without it, the true one. 0 is what segmentation offload leaves behind. */
  totalLength?: number
  version?: number
  /** In 32-bit words; without it, the truth. */
  headerWords?: number
}

/** RFC 791. */
export function ipv4(fields: Ipv4Fields): Uint8Array {
  const options = fields.options ?? empty
  const headerLength = 20 + ((options.length + 3) & ~3)
  const packet = new Uint8Array(headerLength + fields.payload.length)
  const view = new DataView(packet.buffer)
  view.setUint8(0, ((fields.version ?? 4) << 4) | (fields.headerWords ?? headerLength / 4))
  view.setUint8(1, fields.typeOfService ?? 0)
  view.setUint16(2, fields.totalLength ?? packet.length)
  view.setUint16(4, fields.identification ?? 0)
  const flags = (fields.dontFragment ? 0x4000 : 0) | (fields.moreFragments ? 0x2000 : 0)
  view.setUint16(6, flags | ((fields.fragmentOffset ?? 0) >>> 3))
  view.setUint8(8, fields.timeToLive ?? 64)
  view.setUint8(9, fields.protocol)
  packet.set(ipBytes(fields.source), 12)
  packet.set(ipBytes(fields.destination), 16)
  packet.set(options, 20)
  view.setUint16(10, internetChecksum(packet.subarray(0, headerLength)))
  packet.set(fields.payload, headerLength)
  return packet
}

/**
 * The same packet in fragments of at most `bytesPerFragment` payload bytes (rounded down to a multiple of 8), in order.
 */
export function ipv4Fragments(fields: Ipv4Fields, bytesPerFragment: number): Uint8Array[] {
  const step = bytesPerFragment & ~7
  if (step < 8) throw new Error(`ipv4Fragments: ${bytesPerFragment} bytes per fragment is less than 8`)
  const fragments: Uint8Array[] = []
  for (let offset = 0; offset === 0 || offset < fields.payload.length; offset += step) {
    const moreFragments = offset + step < fields.payload.length
    fragments.push(
      ipv4({
        ...fields,
        moreFragments,
        fragmentOffset: offset,
        payload: fields.payload.subarray(offset, offset + step),
      }),
    )
  }
  return fragments
}

export type Ipv6Extension = {
  /** One of PROTOCOL.hopByHop, routing, fragment, destinationOptions, or 51 (authentication header). */
  type: number
  /** Everything after "next header" and the length byte; padded here with zeros (Pad1) to whole 8-byte units. */
  body: Uint8Array
}

export type Ipv6Fields = {
  source: Address
  destination: Address
  /** What the payload is, after all extension headers. */
  nextHeader: number
  payload: Uint8Array
  extensions?: Ipv6Extension[]
  hopLimit?: number
  trafficClass?: number
  flowLabel?: number
  /** The value in the header; without it, the true one. */
  payloadLength?: number
  version?: number
}

/** RFC 8200. */
export function ipv6(fields: Ipv6Fields): Uint8Array {
  const extensions = fields.extensions ?? []
  const chain = extensions.map(({ type, body }, index) =>
    extensionHeader(type, extensions[index + 1]?.type ?? fields.nextHeader, body),
  )
  let extensionLength = 0
  for (const header of chain) extensionLength += header.length
  const packet = new Uint8Array(40 + extensionLength + fields.payload.length)
  const view = new DataView(packet.buffer)
  view.setUint32(
    0,
    (((fields.version ?? 6) << 28) | ((fields.trafficClass ?? 0) << 20) | (fields.flowLabel ?? 0)) >>> 0,
  )
  view.setUint16(4, fields.payloadLength ?? packet.length - 40)
  view.setUint8(6, extensions[0]?.type ?? fields.nextHeader)
  view.setUint8(7, fields.hopLimit ?? 64)
  packet.set(ipBytes(fields.source), 8)
  packet.set(ipBytes(fields.destination), 24)
  let at = 40
  for (const header of chain) {
    packet.set(header, at)
    at += header.length
  }
  packet.set(fields.payload, at)
  return packet
}

function extensionHeader(type: number, next: number, body: Uint8Array): Uint8Array {
  // The fragment header's second byte is reserved, the authentication header counts 4-byte words less 2 (RFC 4302).
  const header = new Uint8Array((2 + body.length + 7) & ~7)
  header[0] = next
  header[1] = type === PROTOCOL.fragment ? 0 : type === 51 ? header.length / 4 - 2 : header.length / 8 - 1
  header.set(body, 2)
  return header
}

/** A fragment header for `ipv6`'s extensions, RFC 8200, section 4.5. The offset is in bytes, a multiple of 8. */
export function ipv6FragmentHeader(offset: number, moreFragments: boolean, identification: number): Ipv6Extension {
  return { type: PROTOCOL.fragment, body: concat(u16((offset & ~7) | (moreFragments ? 1 : 0)), u32(identification)) }
}

/** The same packet in fragments, in order; extension headers given are taken as unfragmentable and repeated. */
export function ipv6Fragments(fields: Ipv6Fields, bytesPerFragment: number, identification: number): Uint8Array[] {
  const step = bytesPerFragment & ~7
  if (step < 8) throw new Error(`ipv6Fragments: ${bytesPerFragment} bytes per fragment is less than 8`)
  const fragments: Uint8Array[] = []
  for (let offset = 0; offset === 0 || offset < fields.payload.length; offset += step) {
    const header = ipv6FragmentHeader(offset, offset + step < fields.payload.length, identification)
    fragments.push(
      ipv6({
        ...fields,
        extensions: [...(fields.extensions ?? []), header],
        payload: fields.payload.subarray(offset, offset + step),
      }),
    )
  }
  return fragments
}

/** IPv4 or IPv6, whichever the addresses are. */
export function ip(
  source: Address,
  destination: Address,
  protocol: number,
  payload: Uint8Array,
  extra: IpExtra = {},
): Uint8Array {
  const from = ipBytes(source)
  const { identification = 0, timeToLive = 64 } = extra
  return from.length === 4
    ? ipv4({ source: from, destination, protocol, payload, identification, timeToLive })
    : ipv6({ source: from, destination, nextHeader: protocol, payload, hopLimit: timeToLive })
}

/** The identification is IPv4's alone; the time to live is IPv6's hop limit. */
export type IpExtra = { identification?: number; timeToLive?: number }

// ---- transport layer ----

/** Both ends, for the checksum. */
export type Ends = { source: Address; destination: Address }

export type TcpFields = Ends & {
  sourcePort: number
  destinationPort: number
  sequence?: number
  acknowledgement?: number
  /** An or of TCP_FLAG; acknowledge by default. */
  flags?: number
  window?: number
  /** Padded here to a multiple of 4 with zeros (end of options). */
  options?: Uint8Array
  payload?: Uint8Array
  /** Without it, the right one. */
  checksum?: number
}

/** RFC 9293. */
export function tcp(fields: TcpFields): Uint8Array {
  const options = fields.options ?? empty
  const payload = fields.payload ?? empty
  const headerLength = 20 + ((options.length + 3) & ~3)
  const segment = new Uint8Array(headerLength + payload.length)
  const view = new DataView(segment.buffer)
  view.setUint16(0, fields.sourcePort)
  view.setUint16(2, fields.destinationPort)
  view.setUint32(4, fields.sequence ?? 0)
  view.setUint32(8, fields.acknowledgement ?? 0)
  view.setUint8(12, (headerLength / 4) << 4)
  view.setUint8(13, fields.flags ?? TCP_FLAG.ack)
  view.setUint16(14, fields.window ?? 0xffff)
  segment.set(options, 20)
  segment.set(payload, headerLength)
  view.setUint16(16, fields.checksum ?? transportChecksum(fields.source, fields.destination, PROTOCOL.tcp, segment))
  return segment
}

export type UdpFields = Ends & {
  sourcePort: number
  destinationPort: number
  payload?: Uint8Array
  /** The value in the header; without it, the true one. */
  length?: number
  /** Without it, the right one. */
  checksum?: number
}

/** RFC 768. */
export function udp(fields: UdpFields): Uint8Array {
  const payload = fields.payload ?? empty
  const datagram = new Uint8Array(8 + payload.length)
  const view = new DataView(datagram.buffer)
  view.setUint16(0, fields.sourcePort)
  view.setUint16(2, fields.destinationPort)
  view.setUint16(4, fields.length ?? datagram.length)
  datagram.set(payload, 8)
  // A sum that comes out as zero is sent as all ones: zero means "none".
  view.setUint16(
    6,
    fields.checksum ?? (transportChecksum(fields.source, fields.destination, PROTOCOL.udp, datagram) || 0xffff),
  )
  return datagram
}

/** RFC 792. `rest` is the four bytes after the checksum. */
export function icmp(type: number, code: number, payload: Uint8Array = empty, rest: Uint8Array = u32(0)): Uint8Array {
  const message = concat(u8(type), u8(code), u16(0), rest, payload)
  message.set(u16(internetChecksum(message)), 2)
  return message
}

/** RFC 4443. `body` is everything after the checksum. */
export function icmpv6({ source, destination }: Ends, type: number, code: number, body: Uint8Array): Uint8Array {
  const message = concat(u8(type), u8(code), u16(0), body)
  message.set(u16(transportChecksum(source, destination, PROTOCOL.icmpv6, message)), 2)
  return message
}

// ---- whole frames ----

export type FrameEnds = Ends & { sourceMac: Address; destinationMac: Address }

/** Ethernet, IPv4 or IPv6 by the addresses, TCP. */
export function tcpFrame(fields: FrameEnds & TcpFields & IpExtra): Uint8Array {
  return ipFrame(fields, PROTOCOL.tcp, tcp(fields), fields)
}

/** Ethernet, IPv4 or IPv6 by the addresses, UDP. */
export function udpFrame(fields: FrameEnds & UdpFields & IpExtra): Uint8Array {
  return ipFrame(fields, PROTOCOL.udp, udp(fields), fields)
}

/** Ethernet around IPv4 or IPv6 (by the addresses) around a payload of this protocol. */
export function ipFrame(ends: FrameEnds, protocol: number, payload: Uint8Array, extra: IpExtra = {}): Uint8Array {
  const source = ipBytes(ends.source)
  const type = source.length === 4 ? ETHERTYPE.ipv4 : ETHERTYPE.ipv6
  return ethernet(ends.sourceMac, ends.destinationMac, type, ip(source, ends.destination, protocol, payload, extra))
}
