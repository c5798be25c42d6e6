// Ethernet frames: the sender's MAC, and where the network layer starts.
import { type Frame, u16 } from '../frame.ts'
import { decodePppoe } from './pppoe.ts'

/** Ethernet II header, IEEE 802.3 clause 3: destination, source, type. */
const HEADER_LENGTH = 14
const SOURCE_AT = 6
/** 802.1Q-2018 clause 9.6: tag control information and the next type. Nobody stacks more than a few tags. */
const TAG_LENGTH = 4
const MAX_TAGS = 8
const SNAP_LENGTH = 8
/** Below this the field is the length of an 802.3 frame and LLC follows. */
const FIRST_ETHER_TYPE = 0x0600

export const ETHER_TYPE_IPV4 = 0x0800
export const ETHER_TYPE_ARP = 0x0806
export const ETHER_TYPE_IPV6 = 0x86dd
const ETHER_TYPE_PPPOE_SESSION = 0x8864

/** Reads the MACs and steps over VLAN tags, LLC/SNAP and PPPoE. */
export function decodeEthernet(frame: Frame): void {
  const { bytes, at } = frame
  const have = frame.end - at
  if (have < HEADER_LENGTH) return frame.stop('ethernet', at, HEADER_LENGTH, have)
  frame.toGroup = (bytes[at] & 1) === 1
  setSourceMac(frame, at + SOURCE_AT)
  decodeEtherType(frame, u16(bytes, at + 12), at + HEADER_LENGTH)
}

/** Sets the sender; group addresses and zeroes are no one's (IEEE 802-2014 clause 8.2.2). */
export function setSourceMac(frame: Frame, at: number): void {
  const { bytes } = frame
  if ((bytes[at] & 1) === 1) return
  frame.macHigh = u16(bytes, at)
  frame.macLow = (bytes[at + 2] << 24) | (bytes[at + 3] << 16) | (bytes[at + 4] << 8) | bytes[at + 5]
}

/** Follows `etherType` from `at`, through tags, to the network layer. */
export function decodeEtherType(frame: Frame, etherType: number, at: number): void {
  const { bytes, end } = frame
  for (let tags = 0; isVlanTag(etherType) && tags < MAX_TAGS; tags++) {
    if (end - at < TAG_LENGTH) return frame.stop('vlan', at, TAG_LENGTH, end - at)
    etherType = u16(bytes, at + 2)
    at += TAG_LENGTH
  }
  if (etherType < FIRST_ETHER_TYPE) return decodeLlc(frame, at)
  if (etherType === ETHER_TYPE_PPPOE_SESSION) return decodePppoe(frame, at)
  frame.etherType = etherType
  frame.networkAt = at
}

/** 802.1Q, 802.1ad (QinQ) and the older vendors' outer tags. */
function isVlanTag(etherType: number): boolean {
  return etherType === 0x8100 || etherType === 0x88a8 || etherType === 0x9100 || etherType === 0x9200
}

/** LLC with SNAP (RFC 1042): AA AA 03, an organisation code of zero, the EtherType. Other LLC is no IP. */
function decodeLlc(frame: Frame, at: number): void {
  const { bytes, end } = frame
  if (end - at < SNAP_LENGTH) {
    // A whole frame that is shorter is no SNAP; of a cut one nobody knows.
    if (frame.originalLength > end - frame.at) frame.stop('ethernet', at, SNAP_LENGTH, end - at)
    return
  }
  const isSnap = bytes[at] === 0xaa && bytes[at + 1] === 0xaa && bytes[at + 2] === 0x03
  const isEncapsulatedEthernet = bytes[at + 3] === 0 && bytes[at + 4] === 0 && bytes[at + 5] === 0
  if (!isSnap || !isEncapsulatedEthernet) return
  frame.etherType = u16(bytes, at + 6)
  frame.networkAt = at + 8
}
