// Ethernet frames: the sender's MAC, and where the network layer starts.
import {
  ETHER_TYPE_ARP,
  ETHER_TYPE_IPV4,
  ETHER_TYPE_IPV6,
  LAYER_ETHERNET,
  LAYER_VLAN,
  LINK_RAW,
  NOTE_RAW_IP,
} from '../constants'
import { frame, stopAt } from '../frame'
import { countNote } from '../link-notes'
import { byteAt, i32At, u16At } from '../memory'
import { decodeMpls } from './mpls'
import { decodePppoe } from './pppoe'
import { isRawIp } from './raw-ip'

/** Ethernet II header, IEEE 802.3 clause 3: destination, source, type. */
const HEADER_LENGTH: i32 = 14
const SOURCE_AT = 6
const TYPE_AT = 12
/** 802.1Q-2018 clause 9.6: tag control information and the next type. Nobody stacks more than a few tags. */
const TAG_LENGTH: i32 = 4
const MAX_TAGS = 8
const SNAP_LENGTH: i32 = 8
/** Below this the field is the length of an 802.3 frame and LLC follows. */
const FIRST_ETHER_TYPE = 0x0600
const ETHER_TYPE_PPPOE_SESSION = 0x8864
const ETHER_TYPE_MPLS = 0x8847
const ETHER_TYPE_MPLS_MULTICAST = 0x8848
/** Marvell's Ethertype DSA: two bytes, the tag of four, the next type. */
const ETHER_TYPE_EDSA = 0xdada
const EDSA_LENGTH: i32 = 8
/** The half of the first byte that is the version in an IP header. */
const VERSION_BITS = 0xf0

/** Reads the MACs and steps over VLAN tags, switch tags, LLC/SNAP, PPPoE and MPLS. */
export function decodeEthernet(): void {
  const at = frame.at
  const have = <i32>(frame.end - at)
  if (have < HEADER_LENGTH) return stopAt(LAYER_ETHERNET, at, HEADER_LENGTH, have)
  const first = byteAt(at)
  const version = first & VERSION_BITS
  if ((version == 0x40 || version == 0x60) && isRawIp()) {
    countNote(NOTE_RAW_IP)
    frame.linkType = LINK_RAW
    frame.networkAt = at
    return
  }
  frame.toGroup = first & 1
  frame.receiverAt = at
  setSourceMac(at + SOURCE_AT)
  decodeEtherType(u16At(at + TYPE_AT), at + HEADER_LENGTH)
}

/** Sets the sender; group addresses and zeroes are no one's (IEEE 802-2014 clause 8.2.2). */
export function setSourceMac(at: usize): void {
  if ((byteAt(at) & 1) == 1) return
  frame.macHigh = u16At(at)
  frame.macLow = i32At(at + 2)
}

/** Follows `etherType` from `at`, through tags, to the network layer. */
export function decodeEtherType(etherType: i32, at: usize): void {
  const end = frame.end
  for (let tags = 0; isTag(etherType) && tags < MAX_TAGS; tags++) {
    const length = etherType == ETHER_TYPE_EDSA ? EDSA_LENGTH : TAG_LENGTH
    const have = <i32>(end - at)
    if (have < length) return stopAt(LAYER_VLAN, at, length, have)
    at += length
    etherType = u16At(at - 2)
  }
  if (etherType < FIRST_ETHER_TYPE) return decodeLlc(at)
  if (etherType != ETHER_TYPE_IPV4 && etherType != ETHER_TYPE_IPV6 && etherType != ETHER_TYPE_ARP) {
    if (etherType == ETHER_TYPE_PPPOE_SESSION) return decodePppoe(at)
    if (etherType == ETHER_TYPE_MPLS || etherType == ETHER_TYPE_MPLS_MULTICAST) return decodeMpls(at)
  }
  frame.etherType = etherType
  frame.networkAt = at
}

/** 802.1Q, 802.1ad (QinQ), the older vendors' outer tags, and a switch chip's. */
function isTag(etherType: i32): bool {
  if (etherType == ETHER_TYPE_IPV4 || etherType == ETHER_TYPE_IPV6) return false
  return (
    etherType == 0x8100 ||
    etherType == 0x88a8 ||
    etherType == 0x9100 ||
    etherType == 0x9200 ||
    etherType == ETHER_TYPE_EDSA
  )
}

/** LLC with SNAP (RFC 1042): AA AA 03, an organisation code of zero, the EtherType. Other LLC is no IP. */
export function decodeLlc(at: usize): void {
  const end = frame.end
  const have = <i32>(end - at)
  if (have < SNAP_LENGTH) {
    // A whole frame that is shorter is no SNAP; of a cut one nobody knows.
    if (frame.originalLength > <f64>(end - frame.at)) stopAt(LAYER_ETHERNET, at, SNAP_LENGTH, have)
    return
  }
  const isSnap = u16At(at) == 0xaaaa && byteAt(at + 2) == 0x03
  const isEncapsulatedEthernet = byteAt(at + 3) == 0 && u16At(at + 4) == 0
  if (!isSnap || !isEncapsulatedEthernet) return
  frame.etherType = u16At(at + 6)
  frame.networkAt = at + 8
}
