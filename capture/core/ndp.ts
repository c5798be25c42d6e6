// Neighbour discovery messages: the MAC that holds an IPv6 address, and the prefixes of the home.
import { frame } from './frame'
import { byteAt, i32At, u16At } from './memory'

/** Neighbor Discovery, RFC 4861 section 4; options section 4.6. */
const ROUTER_SOLICITATION = 133
const ROUTER_ADVERTISEMENT = 134
const NEIGHBOR_SOLICITATION = 135
const NEIGHBOR_ADVERTISEMENT = 136
const OPTION_SOURCE_LINK_ADDRESS = 1
const OPTION_TARGET_LINK_ADDRESS = 2
const OPTION_PREFIX_INFORMATION = 3
/** Where the options of a router's solicitation and advertisement, and of a neighbour's messages begin. */
const SOLICITATION_OPTIONS_AT = 8
const ADVERTISEMENT_OPTIONS_AT = 16
const NEIGHBOR_OPTIONS_AT = 24
const TARGET_AT = 8
/** A packet that a router passed on has a smaller hop limit and proves nothing (section 7.1). */
const HOP_LIMIT = 255
const MAX_OPTIONS = 32
const MAX_PREFIXES = 8

/** What the message that was read last says; places are 0 where absent. */
export let ndpType: i32 = 0
/** The address whose holder is proved (16 bytes), and the MAC (6 bytes). */
export let ndpAddressAt: usize = 0
export let ndpMacAt: usize = 0
/** The address somebody asks for: it is on this link whoever holds it. */
export let ndpTargetAt: usize = 0
/** Prefixes of a router advertisement. */
export let ndpPrefixCount: i32 = 0
const prefixes = memory.data(4 * MAX_PREFIXES, 4)
const prefixLengths = memory.data(4 * MAX_PREFIXES, 4)

/** Where the 16 bytes of prefix `index` start, and its length in bits. */
export function ndpPrefixAt(index: i32): usize {
  return load<usize>(prefixes + ((<usize>index) << 2))
}
export function ndpPrefixBits(index: i32): i32 {
  return load<i32>(prefixLengths + ((<usize>index) << 2))
}

/** Reads an ICMPv6 message at frame.payloadAt. False where it is no neighbour discovery or was routed. */
export function readNdp(): bool {
  const at = frame.payloadAt
  const end = frame.payloadEnd
  const have = <i32>(end - at)
  ndpAddressAt = 0
  ndpMacAt = 0
  ndpTargetAt = 0
  ndpPrefixCount = 0
  if (frame.version != 6 || have < 8 || frame.hopLimit != HOP_LIMIT || byteAt(at + 1) != 0) return false
  ndpType = byteAt(at)
  switch (ndpType) {
    case ROUTER_SOLICITATION:
      ndpAddressAt = frame.sourceAt
      readOptions(at + SOLICITATION_OPTIONS_AT, end, OPTION_SOURCE_LINK_ADDRESS)
      return true
    case ROUTER_ADVERTISEMENT:
      ndpAddressAt = frame.sourceAt
      readOptions(at + ADVERTISEMENT_OPTIONS_AT, end, OPTION_SOURCE_LINK_ADDRESS)
      return true
    case NEIGHBOR_SOLICITATION:
      if (have < NEIGHBOR_OPTIONS_AT) return false
      ndpAddressAt = frame.sourceAt
      ndpTargetAt = at + TARGET_AT
      readOptions(at + NEIGHBOR_OPTIONS_AT, end, OPTION_SOURCE_LINK_ADDRESS)
      return true
    case NEIGHBOR_ADVERTISEMENT:
      if (have < NEIGHBOR_OPTIONS_AT) return false
      ndpAddressAt = at + TARGET_AT
      ndpTargetAt = at + TARGET_AT
      readOptions(at + NEIGHBOR_OPTIONS_AT, end, OPTION_TARGET_LINK_ADDRESS)
      return true
    default:
      return false
  }
}

function readOptions(at: usize, end: usize, linkAddress: i32): void {
  // Of a short router advertisement the options would begin behind its end.
  for (let count = 0; count < MAX_OPTIONS && <i32>(end - at) >= 8; count++) {
    const length = byteAt(at + 1) << 3
    if (length == 0 || length > <i32>(end - at)) return
    const type = byteAt(at)
    if (type == linkAddress && length == 8) ndpMacAt = at + 2
    else if (type == OPTION_PREFIX_INFORMATION && length == 32) addPrefix(at)
    at += length
  }
}

/** Only on-link prefixes (flag L, section 4.6.2) of a sane length are a home's. */
function addPrefix(at: usize): void {
  const bits = byteAt(at + 2)
  const isOnLink = (byteAt(at + 3) & 0x80) != 0
  if (!isOnLink || bits < 32 || bits > 128 || ndpPrefixCount == MAX_PREFIXES) return
  const place = (<usize>ndpPrefixCount) << 2
  store<usize>(prefixes + place, at + 16)
  store<i32>(prefixLengths + place, bits)
  ndpPrefixCount++
}

/** The MAC at `at` as the frame keeps one; group and zero MACs read as 0, 0. */
export function macHighAt(at: usize): i32 {
  return (byteAt(at) & 1) == 1 ? 0 : u16At(at)
}
export function macLowAt(at: usize): i32 {
  return (byteAt(at) & 1) == 1 ? 0 : i32At(at + 2)
}
