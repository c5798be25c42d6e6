// Raw IP packets in captures that claim to hold Ethernet, as iOS's remote interface and mobile adapters write them.
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from '../constants'
import { frame } from '../frame'
import { byteAt, u16At } from '../memory'

const IPV4_LENGTH: i32 = 20
const IPV6_LENGTH: i32 = 40
/** Version 4 with a header of 20 bytes. As the start of a MAC it is a group's that nobody has. */
const USUAL_IPV4 = 0x45
const TYPE_AT = 12
/** Ethernet's own limits: the shortest frame, and the longest length field (802.3 clause 3.2.6). */
const SHORTEST_FRAME: f64 = 60
const LONGEST_8023 = 1500
const LLC_LENGTH = 3

/** Whether the frame, which has at least 14 bytes, is an IP packet without any link layer. */
export function isRawIp(): bool {
  const at = frame.at
  const first = byteAt(at)
  const version = first >> 4
  if (version != 4 && version != 6) return false
  if (first != USUAL_IPV4 && isEtherType(u16At(at + TYPE_AT))) return false
  return looksLikeIp(at, frame.originalLength)
}

/** Whether the bytes at `at` are surely an IP header, of a packet that is `length` bytes long on the wire. */
export function looksLikeIp(at: usize, length: f64): bool {
  if (at >= frame.end) return false
  const first = byteAt(at)
  if (first >> 4 == 4) return isIpv4(at, first, length)
  return first >> 4 == 6 && isIpv6(at, length)
}

/** The length is the packet's, and the header's checksum is right (RFC 1071), or left to the adapter. */
function isIpv4(at: usize, first: i32, longest: f64): bool {
  const length = (first & 0x0f) << 2
  if (length < IPV4_LENGTH || <i32>(frame.end - at) < length) return false
  const total = <f64>u16At(at + 2)
  if (total < <f64>length || total > longest) return false
  let sum = 0
  for (let word = 0; word < length; word += 2) sum += u16At(at + word)
  sum = (sum & 0xffff) + (sum >> 16)
  sum = (sum & 0xffff) + (sum >> 16)
  if (sum == 0xffff) return true
  return first == USUAL_IPV4 && u16At(at + 10) == 0 && total == longest
}

function isIpv6(at: usize, length: f64): bool {
  if (<i32>(frame.end - at) < IPV6_LENGTH || byteAt(at + 7) == 0 || !isNextHeader(byteAt(at + 6))) return false
  const total = <f64>(IPV6_LENGTH + u16At(at + 4))
  return total == length || (total < length && length == SHORTEST_FRAME)
}

/** What real traffic carries: hop-by-hop, TCP, UDP, routing, fragment, ESP, AH, ICMPv6, nothing, options. */
function isNextHeader(type: i32): bool {
  return (
    type == 0 ||
    type == 6 ||
    type == 17 ||
    type == 43 ||
    type == 44 ||
    (type >= 50 && type <= 51) ||
    (type >= 58 && type <= 60)
  )
}

/** A type that Ethernet frames have: IP, ARP, tags, the 88xx of PPPoE, MPLS, LLDP and their like, or a length. */
function isEtherType(type: i32): bool {
  if (type == ETHER_TYPE_IPV4 || type == ETHER_TYPE_ARP || type == ETHER_TYPE_IPV6) return true
  if (type >> 8 == 0x88 || type >> 8 == 0x89 || type == 0x8100 || type == 0x9000 || type == 0x9100 || type == 0x9200)
    return true
  return type >= LLC_LENGTH && type <= LONGEST_8023 && <f64>(type + 14) <= frame.originalLength
}
