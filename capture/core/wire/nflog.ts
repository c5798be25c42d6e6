// Packets that Linux's firewall logged (NFLOG): the sender's MAC, and where the network layer starts.
import { LAYER_CAPTURE } from '../constants'
import { frame, stopAt } from '../frame'
import { byteAt, u16At } from '../memory'
import { setSourceMac } from './ethernet'

/** LINKTYPE_NFLOG: address family, version, resource id (big-endian); then attributes of length, type and value. */
const HEADER_LENGTH: i32 = 4
const ATTRIBUTE_LENGTH: i32 = 4
/** Types of attributes, linux/netfilter/nfnetlink_log.h; the top two bits are flags (linux/netlink.h). */
const TYPE_MASK = 0x3fff
const SENDER = 8
const PAYLOAD = 9
const HARDWARE_TYPE = 15
/** The length of the address (big-endian), two unused bytes, the address. */
const SENDER_LENGTH: i32 = 12
const MAC_LENGTH = 6
const ARPHRD_ETHERNET = 1

/** Where the values of the attributes stand, 0 where there are none; and the payload's end. */
let senderAt: usize = 0
let payloadAt: usize = 0
let payloadEnd: usize = 0
let hardware: i32 = ARPHRD_ETHERNET

export function decodeNflog(): void {
  const at = frame.at
  const have = <i32>(frame.end - at)
  if (have < HEADER_LENGTH) return stopAt(LAYER_CAPTURE, at, HEADER_LENGTH, have)
  // Lengths and types are in the byte order of the machine that logged: only one of the two makes sense.
  if (!readAttributes(false) && !readAttributes(true)) return stopAt(LAYER_CAPTURE, at, have + 1, have)
  if (senderAt != 0 && hardware == ARPHRD_ETHERNET && u16At(senderAt) == MAC_LENGTH) setSourceMac(senderAt + 4)
  if (payloadAt == 0) return
  frame.end = payloadEnd
  frame.networkAt = payloadAt
}

/** False where there is no payload, or an attribute before it is no attribute in this byte order. */
function readAttributes(isBigEndian: bool): bool {
  const end = frame.end
  let at = frame.at + HEADER_LENGTH
  senderAt = 0
  payloadAt = 0
  hardware = ARPHRD_ETHERNET
  while (<i32>(end - at) >= ATTRIBUTE_LENGTH) {
    const length = <i32>hostU16(at, isBigEndian)
    const type = hostU16(at + 2, isBigEndian) & TYPE_MASK
    if (length < ATTRIBUTE_LENGTH) return false
    const value = at + ATTRIBUTE_LENGTH
    const have = <i32>(end - at)
    if (type == PAYLOAD) {
      // A snaplen cuts the payload, which is the last attribute that the kernel writes in practice.
      payloadAt = value
      payloadEnd = length < have ? at + length : end
      if (length >= have) return true
    } else if (length > have) {
      return false
    } else if (type == SENDER && length >= ATTRIBUTE_LENGTH + SENDER_LENGTH) {
      senderAt = value
    } else if (type == HARDWARE_TYPE && length >= ATTRIBUTE_LENGTH + 2) {
      hardware = u16At(value)
    }
    at += (length + 3) & ~3
    if (at > end) break
  }
  return payloadAt != 0
}

function hostU16(at: usize, isBigEndian: bool): i32 {
  return isBigEndian ? u16At(at) : byteAt(at) | (byteAt(at + 1) << 8)
}
