// Packets from their fields: small pure functions, each returning the bytes of one layer.
// Written from the RFCs and independent of the decoders under test. Every checksum is right unless asked otherwise.
import { encode, type Answer, type Packet as DnsPacket, type Question } from 'dns-packet'

/** An address as text ('192.168.1.2', 'fe80::1', '02:00:00:00:00:01') or already as bytes. */
export type Address = string | Uint8Array

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
export const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff'

const empty = new Uint8Array(0)
const utf8 = new TextEncoder()

// ---- bytes ----

export function concat(...parts: Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function text(value: string): Uint8Array {
  return utf8.encode(value)
}

export function u8(value: number): Uint8Array {
  return Uint8Array.of(value)
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value)
}

export function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}

/** Bytes from hex, blanks and colons ignored: `hex('45 00 00:14')`. */
export function hex(digits: string): Uint8Array {
  const clean = digits.replace(/[\s:]/g, '')
  if (clean.length % 2 !== 0 || /[^0-9a-f]/i.test(clean)) throw new Error(`hex: "${digits}" is not pairs of hex digits`)
  return Uint8Array.from(clean.match(/../g) ?? [], (pair) => parseInt(pair, 16))
}

export function macBytes(address: Address): Uint8Array {
  const bytes = typeof address === 'string' ? hex(address) : address
  if (bytes.length !== 6) throw new Error(`MAC address "${String(address)}" is not 6 bytes`)
  return bytes
}

/** 4 bytes for dotted decimals, 16 for anything with a colon (RFC 4291, section 2.2, with "::" and an IPv4 tail). */
export function ipBytes(address: Address): Uint8Array {
  if (typeof address !== 'string') return address
  return address.includes(':') ? ipv6Bytes(address) : ipv4Bytes(address)
}

function ipv4Bytes(address: string): Uint8Array {
  const parts = address.split('.')
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255))
    throw new Error(`"${address}" is not an IPv4 address`)
  return Uint8Array.from(parts, Number)
}

function ipv6Bytes(address: string): Uint8Array {
  const halves = address.split('::')
  const [head, tail] = halves.map((half) =>
    half === '' ? [] : half.split(':').flatMap((group) => ipv6Group(group, address)),
  )
  const bytes = new Uint8Array(16)
  bytes.set(head)
  if (tail) bytes.set(tail, 16 - tail.length)
  const given = head.length + (tail?.length ?? 0)
  if (halves.length > 2 || (tail ? given > 14 : given !== 16)) throw new Error(`"${address}" is not an IPv6 address`)
  return bytes
}

function ipv6Group(group: string, address: string): number[] {
  if (group.includes('.')) return [...ipv4Bytes(group)]
  if (!/^[0-9a-f]{1,4}$/i.test(group)) throw new Error(`"${address}" is not an IPv6 address`)
  return [parseInt(group, 16) >>> 8, parseInt(group, 16) & 0xff]
}

/** An address as text; IPv6 as RFC 5952 recommends. */
export function ipText(address: Uint8Array): string {
  if (address.length === 4) return address.join('.')
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((address[2 * index] << 8) | address[2 * index + 1]).toString(16),
  )
  const zeros = groups.join(':').match(/(?<![0-9a-f])0(:0)+(?![0-9a-f])/g) ?? []
  const longest = zeros.reduce((best, run) => (run.length > best.length ? run : best), '')
  const whole = groups.join(':')
  if (longest === '') return whole
  const at = whole.search(new RegExp(`(?<![0-9a-f])${longest}(?![0-9a-f])`))
  return `${whole.slice(0, at).replace(/:$/, '')}::${whole.slice(at + longest.length).replace(/^:/, '')}`
}

export function macText(address: Uint8Array): string {
  return Array.from(address, (byte) => byte.toString(16).padStart(2, '0')).join(':')
}

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
  /** What the header claims; without it, the truth. 0 is what segmentation offload leaves behind. */
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
  /** What the header claims; without it, the truth. */
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
  /** What the header claims; without it, the truth. */
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

// ---- neighbour discovery, RFC 4861 ----

export const NDP = {
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighborSolicitation: 135,
  neighborAdvertisement: 136,
} as const
export const NDP_OPTION = { sourceLinkLayer: 1, targetLinkLayer: 2, prefix: 3, recursiveDns: 25 } as const

/** A whole IPv6 packet: neighbour discovery is only believed with hop limit 255. */
export function ndp(ends: Ends, type: number, body: Uint8Array): Uint8Array {
  return ipv6({ ...ends, nextHeader: PROTOCOL.icmpv6, hopLimit: 255, payload: icmpv6(ends, type, 0, body) })
}

/** An option: type, length in units of 8 bytes, value; padded with zeros. */
export function ndpOption(type: number, value: Uint8Array): Uint8Array {
  const units = Math.ceil((2 + value.length) / 8)
  const option = new Uint8Array(8 * units)
  option[0] = type
  option[1] = units
  option.set(value, 2)
  return option
}

export function neighborSolicitation({
  source,
  destination,
  target,
  mac,
}: Ends & { target: Address; mac?: Address }): Uint8Array {
  const option = mac === undefined ? empty : ndpOption(NDP_OPTION.sourceLinkLayer, macBytes(mac))
  return ndp({ source, destination }, NDP.neighborSolicitation, concat(u32(0), ipBytes(target), option))
}

export function neighborAdvertisement({
  source,
  destination,
  target,
  mac,
  solicited = true,
}: Ends & { target: Address; mac?: Address; solicited?: boolean }): Uint8Array {
  const option = mac === undefined ? empty : ndpOption(NDP_OPTION.targetLinkLayer, macBytes(mac))
  const override = 0x20000000
  return ndp(
    { source, destination },
    NDP.neighborAdvertisement,
    concat(u32(((solicited ? 0x40000000 : 0) | override) >>> 0), ipBytes(target), option),
  )
}

export type RouterAdvertisementFields = Ends & {
  mac: Address
  prefix?: Address
  prefixLength?: number
  dnsServer?: Address
  lifetimeSeconds?: number
}

export function routerAdvertisement(fields: RouterAdvertisementFields): Uint8Array {
  const lifetime = fields.lifetimeSeconds ?? 1800
  const options = [ndpOption(NDP_OPTION.sourceLinkLayer, macBytes(fields.mac))]
  // Flags 0xc0: on-link, and addresses may be formed from the prefix (SLAAC).
  if (fields.prefix !== undefined) {
    options.push(
      ndpOption(
        NDP_OPTION.prefix,
        concat(u8(fields.prefixLength ?? 64), u8(0xc0), u32(86400), u32(14400), u32(0), ipBytes(fields.prefix)),
      ),
    )
  }
  // RFC 8106, section 5.1.
  if (fields.dnsServer !== undefined)
    options.push(ndpOption(NDP_OPTION.recursiveDns, concat(u16(0), u32(lifetime), ipBytes(fields.dnsServer))))
  return ndp(fields, NDP.routerAdvertisement, concat(u8(64), u8(0), u16(lifetime), u32(0), u32(0), ...options))
}

/** The multicast address a neighbour solicitation for this address goes to, RFC 4291, section 2.7.1. */
export function solicitedNode(target: Address): Uint8Array {
  return concat(hex('ff02 0000 0000 0000 0000 0001 ff'), ipBytes(target).subarray(13))
}

/** The Ethernet address of an IPv4 (RFC 1112, section 6.4) or IPv6 (RFC 2464, section 7) multicast group. */
export function multicastMac(group: Address): Uint8Array {
  const bytes = ipBytes(group)
  return bytes.length === 4
    ? Uint8Array.of(0x01, 0x00, 0x5e, bytes[1] & 0x7f, bytes[2], bytes[3])
    : concat(hex('33 33'), bytes.subarray(12))
}

// ---- DHCP, RFC 2131 and 2132 ----

export const DHCP_MESSAGE = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  acknowledge: 5,
  refuse: 6,
  release: 7,
  inform: 8,
} as const
export const DHCP_OPTION = {
  subnetMask: 1,
  router: 3,
  dnsServers: 6,
  hostName: 12,
  requestedAddress: 50,
  leaseSeconds: 51,
  messageType: 53,
  serverIdentifier: 54,
  parameterList: 55,
  vendorClass: 60,
  clientIdentifier: 61,
  fullyQualifiedName: 81,
} as const

export type DhcpFields = {
  message: number
  transaction: number
  clientMac: Address
  clientAddress?: Address
  /** The address the server gives ("yiaddr"). */
  yourAddress?: Address
  serverAddress?: Address
  /** After the message type: [code, value]. */
  options?: [code: number, value: Uint8Array][]
  /** Without it, a server's message types are replies. */
  operation?: 1 | 2
}

/** The payload of UDP 68 → 67 or 67 → 68. */
export function dhcp(fields: DhcpFields): Uint8Array {
  const fromServer: number[] = [DHCP_MESSAGE.offer, DHCP_MESSAGE.acknowledge, DHCP_MESSAGE.refuse]
  const fixed = new Uint8Array(236)
  fixed.set([fields.operation ?? (fromServer.includes(fields.message) ? 2 : 1), 1, 6, 0])
  fixed.set(u32(fields.transaction), 4)
  fixed.set(ipBytes(fields.clientAddress ?? '0.0.0.0'), 12)
  fixed.set(ipBytes(fields.yourAddress ?? '0.0.0.0'), 16)
  fixed.set(ipBytes(fields.serverAddress ?? '0.0.0.0'), 20)
  fixed.set(macBytes(fields.clientMac), 28)
  const options = (fields.options ?? []).map(([code, value]) => concat(u8(code), u8(value.length), value))
  return concat(fixed, hex('63 82 53 63'), hex('35 01'), u8(fields.message), ...options, u8(255))
}

// ---- DNS ----

/** The type number as dns-packet writes records it has no words for. */
export const HTTPS_TYPE = 'UNKNOWN_65'

export type HttpsParameters = {
  alpn?: string[]
  port?: number
  ipv4Hints?: Address[]
  ipv6Hints?: Address[]
  ech?: Uint8Array
}
export type RawRecord = { name: string; type: typeof HTTPS_TYPE; ttl: number; class: 'IN'; data: Buffer }
type Records = (Answer | RawRecord)[]
/** dns-packet's description of a message, HTTPS records included. */
export type DnsMessage = Pick<DnsPacket, 'type' | 'id' | 'flags'> & {
  questions?: (Question | { name: string; type: typeof HTTPS_TYPE })[]
  answers?: Records
  authorities?: Records
  additionals?: Records
}

/** A DNS or mDNS message; dns-packet does not compress names. */
export function dns(message: DnsMessage): Uint8Array {
  return Uint8Array.from(encode(message as DnsPacket))
}

/** An HTTPS resource record (RFC 9460) for `dns`'s answers; `target` '' is "the owner itself", priority 0 an alias. */
export function httpsRecord(
  name: string,
  priority: number,
  target: string,
  parameters: HttpsParameters = {},
  ttl = 300,
): RawRecord {
  return {
    name,
    type: HTTPS_TYPE,
    ttl,
    class: 'IN',
    data: Buffer.from(concat(u16(priority), dnsName(target), serviceParameters(parameters))),
  }
}

/** A name in wire form, uncompressed, RFC 1035, section 3.1. */
export function dnsName(name: string): Uint8Array {
  const labels = name
    .split('.')
    .filter((label) => label !== '')
    .map(text)
  return concat(...labels.flatMap((label) => [u8(label.length), label]), u8(0))
}

/** RFC 9460, section 2.2: keys in ascending order, each with a 16-bit length. */
function serviceParameters({ alpn, port, ipv4Hints, ech, ipv6Hints }: HttpsParameters): Uint8Array {
  const parts: Uint8Array[] = []
  const add = (key: number, value: Uint8Array): number => parts.push(u16(key), u16(value.length), value)
  if (alpn) add(1, concat(...alpn.map((id) => concat(u8(id.length), text(id)))))
  if (port !== undefined) add(3, u16(port))
  if (ipv4Hints) add(4, concat(...ipv4Hints.map(ipBytes)))
  if (ech) add(5, ech)
  if (ipv6Hints) add(6, concat(...ipv6Hints.map(ipBytes)))
  return concat(...parts)
}
