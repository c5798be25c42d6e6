// Packets in tunnels: which tunnel the IP packet at hand is of, and where the frame inside it starts.
import {
  LINK_AVS,
  LINK_ETHERNET,
  LINK_PRISM,
  LINK_RAW,
  LINK_WIFI,
  PROTOCOL_UDP,
  TUNNEL_ERSPAN,
  TUNNEL_GENEVE,
  TUNNEL_GRE,
  TUNNEL_NONE,
  TUNNEL_TZSP,
  TUNNEL_VXLAN,
} from '../constants'
import { frame } from '../frame'
import { byteAt, u16At } from '../memory'

/** Ports: TZSP as MikroTik's and others' routers send it; VXLAN (RFC 7348), and Linux's own default; Geneve. */
const PORT_TZSP = 37_008
const PORT_VXLAN = 4_789
const PORT_VXLAN_LINUX = 8_472
const PORT_GENEVE = 6_081
/** Shorter frames inside carry nothing. */
const SHORTEST_INSIDE: i32 = 14

/** TZSP: version, type (received, or to be sent), protocol; then tags: 0 fills, 1 ends, others have a length. */
const TZSP_LENGTH: i32 = 4
const TZSP_TAG_FILL = 0
const TZSP_TAG_END = 1
const VXLAN_LENGTH: i32 = 8
const VXLAN_HAS_ID = 0x08
/** RFC 8926 section 3.4: version and length of the options in words, flags, protocol, id. */
const GENEVE_LENGTH: i32 = 8
/** RFC 2784 and 2890: flags and version, protocol, and as the flags say checksum, key and sequence number. */
const GRE_LENGTH: i32 = 4
const GRE_CHECKSUM = 0x8000
const GRE_ROUTING = 0x4000
const GRE_KEY = 0x2000
const GRE_SEQUENCE = 0x1000
const GRE_VERSION = 0x0007
const BRIDGED_ETHERNET = 0x6558
const GRE_IPV4 = 0x0800
const GRE_IPV6 = 0x86dd
const GRE_ERSPAN = 0x88be
const GRE_ERSPAN_3 = 0x22eb
/** draft-foschiano-erspan: type II has 8 bytes, type III 12 and 8 more where the lowest bit of its flags is set. */
const ERSPAN_2_LENGTH: i32 = 8
const ERSPAN_3_LENGTH: i32 = 12
const ERSPAN_3_MORE: i32 = 8

/** Where the frame inside starts, and its link type; set by tunnelAtHand. */
export let insideAt: usize = 0
export let insideLink: i32 = 0

let leavesTzsp: bool = false

/** A source of its own takes the datagrams of TZSP: where captures show them they are datagrams only. */
export function setLeavesTzsp(value: i32): void {
  leavesTzsp = value != 0
}

/** Whether datagrams to the port may be a tunnel's. */
export function isTunnelPort(port: i32): bool {
  if (port == PORT_TZSP) return !leavesTzsp
  return port == PORT_VXLAN || port == PORT_VXLAN_LINUX || port == PORT_GENEVE
}

/** The tunnel (one of TUNNEL_…) that the decoded packet is of; TUNNEL_NONE where it is of none, or holds no frame. */
export function tunnelAtHand(): i32 {
  const at = frame.payloadAt
  const have = <i32>(frame.payloadEnd - at)
  insideLink = LINK_ETHERNET
  let tunnel: i32 = TUNNEL_NONE
  if (frame.protocol != PROTOCOL_UDP) tunnel = readGre(at, have)
  else if (frame.destinationPort == PORT_TZSP) tunnel = readTzsp(at, have)
  else if (frame.destinationPort == PORT_GENEVE) tunnel = readGeneve(at, have)
  else tunnel = readVxlan(at, have)
  return <i32>(frame.payloadEnd - insideAt) >= SHORTEST_INSIDE ? tunnel : TUNNEL_NONE
}

function readTzsp(at: usize, have: i32): i32 {
  if (have < TZSP_LENGTH || byteAt(at) != 1 || byteAt(at + 1) > 1) return TUNNEL_NONE
  const protocol = u16At(at + 2)
  if (protocol == 18) insideLink = LINK_WIFI
  else if (protocol == 119) insideLink = LINK_PRISM
  else if (protocol == 127) insideLink = LINK_AVS
  else if (protocol != 1) return TUNNEL_NONE
  let tag = TZSP_LENGTH
  while (tag < have) {
    const type = byteAt(at + tag)
    if (type == TZSP_TAG_END) {
      insideAt = at + tag + 1
      return TUNNEL_TZSP
    }
    if (type == TZSP_TAG_FILL) tag++
    else if (tag + 1 >= have) break
    else tag += 2 + byteAt(at + tag + 1)
  }
  return TUNNEL_NONE
}

/** On Linux's old port, which is no other program's by right, the reserved bits must be as Linux sends them. */
function readVxlan(at: usize, have: i32): i32 {
  if (have < VXLAN_LENGTH || (byteAt(at) & VXLAN_HAS_ID) == 0) return TUNNEL_NONE
  const isPlain = byteAt(at) == VXLAN_HAS_ID && byteAt(at + 1) == 0 && u16At(at + 2) == 0 && byteAt(at + 7) == 0
  if (frame.destinationPort != PORT_VXLAN && !isPlain) return TUNNEL_NONE
  insideAt = at + VXLAN_LENGTH
  return TUNNEL_VXLAN
}

function readGeneve(at: usize, have: i32): i32 {
  if (have < GENEVE_LENGTH || byteAt(at) >> 6 != 0 || u16At(at + 2) != BRIDGED_ETHERNET) return TUNNEL_NONE
  const length = GENEVE_LENGTH + ((byteAt(at) & 0x3f) << 2)
  if (length > have) return TUNNEL_NONE
  insideAt = at + length
  return TUNNEL_GENEVE
}

function readGre(at: usize, have: i32): i32 {
  if (have < GRE_LENGTH) return TUNNEL_NONE
  const flags = u16At(at)
  // Version 1 is PPTP's, whose PPP is a household's own.
  if ((flags & (GRE_ROUTING | GRE_VERSION)) != 0) return TUNNEL_NONE
  let length = GRE_LENGTH
  if ((flags & GRE_CHECKSUM) != 0) length += 4
  if ((flags & GRE_KEY) != 0) length += 4
  if ((flags & GRE_SEQUENCE) != 0) length += 4
  if (length >= have) return TUNNEL_NONE
  const inside = at + length
  insideAt = inside
  switch (u16At(at + 2)) {
    case BRIDGED_ETHERNET:
      return TUNNEL_GRE
    case GRE_IPV4:
    case GRE_IPV6:
      insideLink = LINK_RAW
      return TUNNEL_GRE
    case GRE_ERSPAN:
      return readErspan(inside, have - length, (flags & GRE_SEQUENCE) != 0)
    case GRE_ERSPAN_3:
      return readErspan3(inside, have - length)
    default:
      return TUNNEL_NONE
  }
}

/** Type I has no header of its own and no sequence number in GRE's. */
function readErspan(at: usize, have: i32, isNumbered: bool): i32 {
  if (!isNumbered) return TUNNEL_ERSPAN
  if (have < ERSPAN_2_LENGTH || byteAt(at) >> 4 != 1) return TUNNEL_NONE
  insideAt = at + ERSPAN_2_LENGTH
  return TUNNEL_ERSPAN
}

function readErspan3(at: usize, have: i32): i32 {
  if (have < ERSPAN_3_LENGTH || byteAt(at) >> 4 != 2) return TUNNEL_NONE
  const said = u16At(at + 10)
  const length = ERSPAN_3_LENGTH + ((said & 1) != 0 ? ERSPAN_3_MORE : 0)
  if (length >= have) return TUNNEL_NONE
  // The type of the frame: 0 Ethernet, 2 IP.
  const type = (said >> 10) & 0x1f
  if (type != 0 && type != 2) return TUNNEL_NONE
  if (type == 2) insideLink = LINK_RAW
  insideAt = at + length
  return TUNNEL_ERSPAN
}
