// MPLS label stacks: where the network layer, or the Ethernet frame of a pseudowire, starts.
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, LAYER_MPLS } from '../constants'
import { frame, stopAt } from '../frame'
import { byteAt, u16At } from '../memory'
import { setSourceMac } from './ethernet'
import { looksLikeIp } from './raw-ip'

/** RFC 3032 section 2.1: label, class, bottom of stack (lowest bit of the third byte), time to live. */
const LABEL_LENGTH: i32 = 4
const MAX_LABELS = 16
/** RFC 4385 section 3: a pseudowire's control word, where it has one, begins with 0, where IP has its version. */
const CONTROL_WORD: usize = 4
const ETHERNET_LENGTH: i32 = 14
const TYPE_AT = 12
const TAG_LENGTH: i32 = 4
const MAX_TAGS = 2

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
  const isFrame = isEthernet(at)
  // A MAC may begin like IP.
  const isIp = version == 4 || version == 6
  if (isIp && (!isFrame || looksLikeIp(at, frame.originalLength - <f64>(at - frame.at)))) {
    frame.etherType = version == 4 ? ETHER_TYPE_IPV4 : ETHER_TYPE_IPV6
    frame.networkAt = at
    return
  }
  // A MAC may begin like a control word, but for its flags and length, which are 0.
  const hasControl = version == 0 && (!isFrame || u16At(at) == 0)
  decodePseudowire(hasControl ? at + CONTROL_WORD : at)
}

/** Whether an Ethernet frame with a type that is read starts there. */
function isEthernet(at: usize): bool {
  return <i32>(frame.end - at) >= ETHERNET_LENGTH && isRead(u16At(at + TYPE_AT))
}

function isRead(type: i32): bool {
  return type == ETHER_TYPE_IPV4 || type == ETHER_TYPE_IPV6 || type == ETHER_TYPE_ARP || isVlan(type)
}

function isVlan(type: i32): bool {
  return type == 0x8100 || type == 0x88a8
}

/** RFC 4448: an Ethernet frame, maybe with VLAN tags. Left alone where it is not surely one. */
function decodePseudowire(at: usize): void {
  if (!isEthernet(at)) return
  let type = u16At(at + TYPE_AT)
  let network = at + ETHERNET_LENGTH
  for (let tags = 0; isVlan(type) && tags < MAX_TAGS; tags++) {
    if (<i32>(frame.end - network) < TAG_LENGTH) return
    type = u16At(network + 2)
    network += TAG_LENGTH
  }
  if (!isRead(type) || isVlan(type)) return
  frame.macHigh = 0
  frame.macLow = 0
  frame.toGroup = byteAt(at) & 1
  frame.receiverAt = at
  setSourceMac(at + 6)
  frame.etherType = type
  frame.networkAt = network
}
