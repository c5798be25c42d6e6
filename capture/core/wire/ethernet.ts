// Ethernet frames: the sender's MAC, and where the network layer starts.
import { LAYER_ETHERNET, LAYER_VLAN } from '../constants'
import { frame, stopAt } from '../frame'
import { byteAt, i32At, u16At } from '../memory'
import { decodePppoe } from './pppoe'

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

/** Reads the MACs and steps over VLAN tags, LLC/SNAP and PPPoE. */
export function decodeEthernet(): void {
  const at = frame.at
  const have = <i32>(frame.end - at)
  if (have < HEADER_LENGTH) return stopAt(LAYER_ETHERNET, at, HEADER_LENGTH, have)
  frame.toGroup = byteAt(at) & 1
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
  for (let tags = 0; isVlanTag(etherType) && tags < MAX_TAGS; tags++) {
    const have = <i32>(end - at)
    if (have < TAG_LENGTH) return stopAt(LAYER_VLAN, at, TAG_LENGTH, have)
    etherType = u16At(at + 2)
    at += TAG_LENGTH
  }
  if (etherType < FIRST_ETHER_TYPE) return decodeLlc(at)
  if (etherType == ETHER_TYPE_PPPOE_SESSION) return decodePppoe(at)
  frame.etherType = etherType
  frame.networkAt = at
}

/** 802.1Q, 802.1ad (QinQ) and the older vendors' outer tags. */
function isVlanTag(etherType: i32): bool {
  return etherType == 0x8100 || etherType == 0x88a8 || etherType == 0x9100 || etherType == 0x9200
}

/** LLC with SNAP (RFC 1042): AA AA 03, an organisation code of zero, the EtherType. Other LLC is no IP. */
function decodeLlc(at: usize): void {
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
