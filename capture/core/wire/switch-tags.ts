// Ethernet frames with the tag of a switch chip, as a router's inner interface shows them.
import { LAYER_ETHERNET, LINK_ETHERNET } from '../constants'
import { frame, stopAt } from '../frame'
import { byteAt, u16At } from '../memory'
import { decodeEtherType, setSourceMac } from './ethernet'
import { enterLink } from './inner-link'

/** Destination and source. */
const MACS_LENGTH: i32 = 12
const TYPE_LENGTH: i32 = 2
/** LINKTYPE_DSA_TAG_DSA and _BRCM: four bytes in front of the type; _EDSA: a type, two bytes, four bytes. */
export const SHORT_TAG: i32 = 4
export const LONG_TAG: i32 = 8

/** The tag of `length` bytes stands between the MACs and the type. */
export function decodeTagged(length: i32): void {
  const at = frame.at
  const need = MACS_LENGTH + length + TYPE_LENGTH
  const have = <i32>(frame.end - at)
  if (have < need) return stopAt(LAYER_ETHERNET, at, need, have)
  frame.toGroup = byteAt(at) & 1
  frame.receiverAt = at
  setSourceMac(at + 6)
  decodeEtherType(u16At(at + MACS_LENGTH + length), at + need)
}

/** LINKTYPE_DSA_TAG_BRCM_PREPEND: the tag stands in front of the frame. */
export function unwrapTagBefore(): bool {
  const have = <i32>(frame.end - frame.at)
  if (have < SHORT_TAG) {
    stopAt(LAYER_ETHERNET, frame.at, SHORT_TAG, have)
    return false
  }
  enterLink(LINK_ETHERNET, SHORT_TAG)
  return true
}
