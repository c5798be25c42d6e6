// PPP frames, with and without the framing of serial lines: where the network layer starts.
import { ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, LAYER_PPP } from '../constants'
import { frame, stopAt } from '../frame'
import { byteAt, u16At } from '../memory'
import { decodeEtherType } from './ethernet'
import { decodeMpls } from './mpls'

/** RFC 1662 section 3.1: address "all stations" and control "unnumbered information". */
const ALL_STATIONS = 0xff
const UNNUMBERED = 0x03
/** Protocols, RFC 1661 section 2; IP has one-byte forms, as protocol field compression sends it (section 6.5). */
const PPP_IPV4 = 0x0021
const PPP_IPV6 = 0x0057
/** RFC 3032 section 4.3. */
const PPP_MPLS = 0x0281
const PPP_MPLS_MULTICAST = 0x0283
/** Cisco HDLC, RFC 1547 section 4.3.1: unicast and multicast addresses, control, EtherType. */
const CISCO_UNICAST = 0x0f
const CISCO_MULTICAST = 0x8f
const CISCO_LENGTH: i32 = 4

/** LINKTYPE_PPP: with address and control, or without them. */
export function decodePpp(at: usize): void {
  const have = <i32>(frame.end - at)
  const isFramed = have >= 2 && byteAt(at) == ALL_STATIONS && byteAt(at + 1) == UNNUMBERED
  decodePppProtocol(isFramed ? at + 2 : at)
}

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

/** Follows the protocol field at `at`: two bytes, or one where its lowest bit is set (RFC 1661 section 2). */
export function decodePppProtocol(at: usize): void {
  const have = <i32>(frame.end - at)
  if (have < 1) return stopAt(LAYER_PPP, min<usize>(at, frame.end), 1, 0)
  let protocol = byteAt(at)
  let length: usize = 1
  if ((protocol & 1) == 0) {
    if (have < 2) return stopAt(LAYER_PPP, at, 2, have)
    protocol = u16At(at)
    length = 2
  }
  if (protocol == PPP_MPLS || protocol == PPP_MPLS_MULTICAST) return decodeMpls(at + length)
  if (protocol != PPP_IPV4 && protocol != PPP_IPV6) return
  frame.etherType = protocol == PPP_IPV4 ? ETHER_TYPE_IPV4 : ETHER_TYPE_IPV6
  frame.networkAt = at + length
}
