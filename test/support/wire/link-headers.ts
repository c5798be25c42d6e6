// Headers of link layers and capture programs around a packet, written from the formats' public descriptions.
import { hex, concat, u16, u32, u8 } from '../../../server/sample/packets/bytes.ts'

type Bytes = Uint8Array

function little16(value: number): Bytes {
  return Uint8Array.of(value & 0xff, value >> 8)
}

function little32(value: number): Bytes {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24)
}

function mac(text: string): Bytes {
  return hex(text.replaceAll(':', ''))
}

/** LLC and SNAP (RFC 1042) in front of a packet of the EtherType. */
export function snap(etherType: number, packet: Bytes): Bytes {
  return concat(hex('aaaa03 000000'), u16(etherType), packet)
}

export interface WifiFields {
  source: string
  destination: string
  /** The access point; of a relayed frame the receiver and the transmitter are its radios. */
  point?: string
  direction?: 'to the point' | 'from the point' | 'ad hoc' | 'relayed'
  isQos?: boolean
  hasHtControl?: boolean
  isEncrypted?: boolean
  isRetry?: boolean
  fragment?: number
  /** The QoS control field's "A-MSDU present". */
  isAggregate?: boolean
  /** Two bytes between header and content, as some drivers leave them. */
  isPadded?: boolean
}

/** An 802.11 data frame; `content` begins with LLC. */
export function wifi(fields: WifiFields, content: Bytes): Bytes {
  const { source, destination, point = '02:00:00:00:00:aa', direction = 'to the point' } = fields
  const isQos = fields.isQos === true || fields.isAggregate === true
  const [a1, a2, a3] = {
    'to the point': [point, source, destination],
    'from the point': [destination, point, source],
    'ad hoc': [destination, source, point],
    relayed: [point, point, destination],
  }[direction]
  const flags =
    { 'to the point': 1, 'from the point': 2, 'ad hoc': 0, relayed: 3 }[direction] |
    (fields.isRetry === true ? 0x08 : 0) |
    (fields.isEncrypted === true ? 0x40 : 0) |
    (fields.hasHtControl === true ? 0x80 : 0)
  return concat(
    Uint8Array.of(isQos ? 0x88 : 0x08, flags, 0, 0),
    mac(a1),
    mac(a2),
    mac(a3),
    little16((7 << 4) | (fields.fragment ?? 0)),
    direction === 'relayed' ? mac(source) : hex(''),
    isQos ? Uint8Array.of(fields.isAggregate === true ? 0x80 : 0, 0) : hex(''),
    isQos && fields.hasHtControl === true ? hex('00000000') : hex(''),
    fields.isPadded === true ? hex('0000') : hex(''),
    content,
  )
}

/** Parts of an A-MSDU, each with its own ends, padded to four bytes but the last. */
export function aggregate(parts: readonly { source: string; destination: string; content: Bytes }[]): Bytes {
  return concat(
    ...parts.map(({ source, destination, content }, index) => {
      const part = concat(mac(destination), mac(source), u16(content.length), content)
      return index === parts.length - 1 ? part : concat(part, new Uint8Array(-part.length & 3))
    }),
  )
}

export interface RadiotapFields {
  /** The field "flags"; 0x10: a checksum follows the frame. */
  flags?: number
  hasTime?: boolean
  /** Further words of present fields. */
  moreWords?: number
}

export function radiotap(frame: Bytes, { flags, hasTime = false, moreWords = 0 }: RadiotapFields = {}): Bytes {
  const present = (hasTime ? 1 : 0) | (flags === undefined ? 0 : 2) | (moreWords > 0 ? 0x8000_0000 : 0)
  const words = Array.from({ length: moreWords }, (_, index) => little32(index < moreWords - 1 ? 0x8000_0000 : 0))
  let fields = concat(...words)
  if (hasTime) fields = concat(fields, new Uint8Array(-(8 + fields.length) & 7), hex('0102030405060708'))
  if (flags !== undefined) fields = concat(fields, u8(flags))
  return concat(hex('0000'), little16(8 + fields.length), little32(present), fields, frame)
}

export function prism(frame: Bytes, isBigEndian = false): Bytes {
  const word = isBigEndian ? u32 : little32
  return concat(word(0x44), word(144), new Uint8Array(136), frame)
}

export function avs(frame: Bytes): Bytes {
  return concat(u32(0x80211001), u32(64), new Uint8Array(56), frame)
}

/** With the field "802.11-Common", whose flags are `flags`. */
export function ppi(linkType: number, frame: Bytes, flags = 0): Bytes {
  const common = concat(little16(2), little16(20), new Uint8Array(8), little16(flags), new Uint8Array(10))
  return concat(hex('0000'), little16(8 + common.length), little32(linkType), common, frame)
}

export function pktap(linkType: number, frame: Bytes, length = 108): Bytes {
  return concat(little32(length), little32(1), little32(linkType), new Uint8Array(length - 12), frame)
}

export interface NflogFields {
  family?: 2 | 10
  sender?: string
  prefix?: string
  isBigEndian?: boolean
  /** ARPHRD_ number of the interface. */
  hardware?: number
}

export function nflog(packet: Bytes, fields: NflogFields = {}): Bytes {
  const { family = 2, sender, prefix, isBigEndian = false, hardware } = fields
  const word = isBigEndian ? u16 : little16
  const attribute = (type: number, value: Bytes): Bytes =>
    concat(word(4 + value.length), word(type), value, new Uint8Array(-value.length & 3))
  return concat(
    Uint8Array.of(family, 0),
    u16(5),
    attribute(1, concat(u16(family === 2 ? 0x0800 : 0x86dd), hex('0100'))),
    prefix === undefined ? hex('') : attribute(10, concat(new TextEncoder().encode(prefix), hex('00'))),
    hardware === undefined ? hex('') : attribute(15, u16(hardware)),
    sender === undefined ? hex('') : attribute(8, concat(u16(6), hex('0000'), mac(sender), hex('0000'))),
    attribute(9, packet),
  )
}

/** Protocol field and packet; `isCompressed`: the field in one byte. */
export function pppOf(packet: Bytes, isCompressed = false): Bytes {
  const protocol = packet[0] >> 4 === 6 ? 0x57 : 0x21
  return concat(isCompressed ? u8(protocol) : u16(protocol), packet)
}

export function pppoe(packet: Bytes): Bytes {
  const ppp = pppOf(packet)
  return concat(hex('1100 0001'), u16(ppp.length), ppp)
}

export function pflog(packet: Bytes, length = 61): Bytes {
  const header = new Uint8Array((length + 3) & ~3)
  header.set([length, packet[0] >> 4 === 6 ? 24 : 2])
  return concat(header, packet)
}

/** An MPLS label; the last one of a stack says so. */
export function label(number: number, isLast: boolean): Bytes {
  return u32((number << 12) | (isLast ? 0x100 : 0) | 64)
}

/** A switch chip's tag of an Ethernet frame, between the MACs and the type. */
export function tagged(frame: Bytes, tag: Bytes): Bytes {
  return concat(frame.subarray(0, 12), tag, frame.subarray(12))
}
