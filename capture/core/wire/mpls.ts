// MPLS label stacks: where the network layer, or the Ethernet frame of a pseudowire, starts.
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, LAYER_MPLS } from '../constants'
import { frame, stopAt } from '../frame'
import { byteAt, u16At } from '../memory'
import { setSourceMac } from './ethernet'

/** RFC 3032 section 2.1: label, class, bottom of stack (lowest bit of the third byte), time to live. */
const LABEL_LENGTH: i32 = 4
const MAX_LABELS = 16
/** RFC 4385 section 3: a pseudowire's control word begins with 0, where IP has its version. */
const CONTROL_WORD: usize = 4
const ETHERNET_LENGTH: i32 = 14

export function decodeMpls(at: usize): void {
  const end = frame.end
  for (let labels = 0, isBottom = false; !isBottom; labels++) {
    const have = <i32>(end - at)
    if (have < LABEL_LENGTH) return stopAt(LAYER_MPLS, min<usize>(at, end), LABEL_LENGTH, max<i32>(0, have))
    if (labels >= MAX_LABELS) return
    isBottom = (byteAt(at + 2) & 1) == 1
    at += LABEL_LENGTH
  }
  if (at >= end) return
  const version = byteAt(at) >> 4
  if (version == 4 || version == 6) {
    frame.etherType = version == 4 ? ETHER_TYPE_IPV4 : ETHER_TYPE_IPV6
    frame.networkAt = at
    return
  }
  decodePseudowire(version == 0 ? at + CONTROL_WORD : at)
}

/** RFC 4448: an Ethernet frame. Only what is surely one is followed. */
function decodePseudowire(at: usize): void {
  if (<i32>(frame.end - at) < ETHERNET_LENGTH) return
  const type = u16At(at + 12)
  if (type != ETHER_TYPE_IPV4 && type != ETHER_TYPE_IPV6 && type != ETHER_TYPE_ARP) return
  frame.macHigh = 0
  frame.macLow = 0
  frame.toGroup = byteAt(at) & 1
  frame.receiverAt = at
  setSourceMac(at + 6)
  frame.etherType = type
  frame.networkAt = at + ETHERNET_LENGTH
}
