// Neighbour discovery messages: the MAC that holds an IPv6 address, and the prefixes of the home.
import { type Frame, i32, u16 } from '../frame.ts'

/** Neighbor Discovery, RFC 4861 section 4; options section 4.6. */
const ROUTER_SOLICITATION = 133
const ROUTER_ADVERTISEMENT = 134
const NEIGHBOR_SOLICITATION = 135
const NEIGHBOR_ADVERTISEMENT = 136
const OPTION_SOURCE_LINK_ADDRESS = 1
const OPTION_TARGET_LINK_ADDRESS = 2
const OPTION_PREFIX_INFORMATION = 3
/** A packet that a router passed on has a smaller hop limit and proves nothing (section 7.1). */
const HOP_LIMIT = 255
const MAX_OPTIONS = 32
const MAX_PREFIXES = 8

/** Reusable: what one message says. Offsets are -1 where absent. */
export class NdpMessage {
  type = 0
  /** The address whose holder is proved (16 bytes), and the MAC (6 bytes). */
  addressAt = -1
  macAt = -1
  /** The address somebody asks for: it is on this link whoever holds it. */
  targetAt = -1
  /** Prefixes of a router advertisement: where their 16 bytes start, and their length in bits. */
  prefixCount = 0
  readonly prefixAt = new Int32Array(MAX_PREFIXES)
  readonly prefixBits = new Int32Array(MAX_PREFIXES)
}

/** Reads an ICMPv6 message at frame.payloadAt. False where it is no neighbour discovery or was routed. */
export function readNdp(frame: Frame, message: NdpMessage): boolean {
  const { bytes, payloadAt: at, payloadEnd: end } = frame
  message.addressAt = message.macAt = message.targetAt = -1
  message.prefixCount = 0
  if (frame.version !== 6 || end - at < 8 || frame.hopLimit !== HOP_LIMIT || bytes[at + 1] !== 0) return false
  message.type = bytes[at]
  switch (message.type) {
    case ROUTER_SOLICITATION:
      message.addressAt = frame.sourceAt
      readOptions(bytes, at + 8, end, OPTION_SOURCE_LINK_ADDRESS, message)
      return true
    case ROUTER_ADVERTISEMENT:
      message.addressAt = frame.sourceAt
      readOptions(bytes, at + 16, end, OPTION_SOURCE_LINK_ADDRESS, message)
      return true
    case NEIGHBOR_SOLICITATION:
      if (end - at < 24) return false
      message.addressAt = frame.sourceAt
      message.targetAt = at + 8
      readOptions(bytes, at + 24, end, OPTION_SOURCE_LINK_ADDRESS, message)
      return true
    case NEIGHBOR_ADVERTISEMENT:
      if (end - at < 24) return false
      message.addressAt = at + 8
      message.targetAt = at + 8
      readOptions(bytes, at + 24, end, OPTION_TARGET_LINK_ADDRESS, message)
      return true
    default:
      return false
  }
}

function readOptions(bytes: Uint8Array, at: number, end: number, linkAddress: number, message: NdpMessage): void {
  for (let count = 0; count < MAX_OPTIONS && end - at >= 8; count++) {
    const length = bytes[at + 1] << 3
    if (length === 0 || at + length > end) return
    if (bytes[at] === linkAddress && length === 8) message.macAt = at + 2
    else if (bytes[at] === OPTION_PREFIX_INFORMATION && length === 32) addPrefix(bytes, at, message)
    at += length
  }
}

/** Only on-link prefixes (flag L, section 4.6.2) of a sane length are a home's. */
function addPrefix(bytes: Uint8Array, at: number, message: NdpMessage): void {
  const bits = bytes[at + 2]
  const isOnLink = (bytes[at + 3] & 0x80) !== 0
  if (!isOnLink || bits < 32 || bits > 128 || message.prefixCount === MAX_PREFIXES) return
  message.prefixAt[message.prefixCount] = at + 16
  message.prefixBits[message.prefixCount] = bits
  message.prefixCount++
}

/** The six bytes at `at` as Frame keeps a MAC; group and zero MACs read as 0, 0. */
export function macHighOf(bytes: Uint8Array, at: number): number {
  return (bytes[at] & 1) === 1 ? 0 : u16(bytes, at)
}
export function macLowOf(bytes: Uint8Array, at: number): number {
  return (bytes[at] & 1) === 1 ? 0 : i32(bytes, at + 2)
}
