// Frames of serial lines in HDLC framing: PPP's, and Cisco's.
import { LAYER_PPP } from '../constants'
import { frame, stopAt } from '../frame'
import { byteAt, u16At } from '../memory'
import { decodeEtherType } from './ethernet'
import { decodePpp } from './ppp'

/** Cisco HDLC, RFC 1547 section 4.3.1: unicast and multicast addresses, control, EtherType. */
const CISCO_UNICAST = 0x0f
const CISCO_MULTICAST = 0x8f
const CISCO_LENGTH: i32 = 4

/** LINKTYPE_PPP_HDLC: PPP, or Cisco's use of the same framing. */
export function decodePppHdlc(at: usize): void {
  if (frame.end > at) {
    const address = byteAt(at)
    if (address == CISCO_UNICAST || address == CISCO_MULTICAST) return decodeCiscoHdlc(at)
  }
  decodePpp(at)
}

/** LINKTYPE_C_HDLC. */
export function decodeCiscoHdlc(at: usize): void {
  const have = <i32>(frame.end - at)
  if (have < CISCO_LENGTH) return stopAt(LAYER_PPP, at, CISCO_LENGTH, max<i32>(0, have))
  decodeEtherType(u16At(at + 2), at + CISCO_LENGTH)
}
