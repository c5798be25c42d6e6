// ARP messages: the MAC that holds an IPv4 address.
import { LAYER_ARP } from './constants'
import { frame, stopAt } from './frame'
import { byteAt, i32At, u16At } from './memory'

/** ARP for IPv4 over Ethernet, RFC 826: hardware 1, protocol 0x0800, lengths 6 and 4. */
const MESSAGE_LENGTH: i32 = 28
const PROTOCOL_AT = 2
const LENGTHS_AT = 4
const SENDER_MAC_AT = 8
const SENDER_ADDRESS_AT = 14
const PROTOCOL_IPV4 = 0x0800
const LENGTHS_6_AND_4 = 0x0604

/** The binding that the sender announced: its MAC's first two bytes and last four, and the address. */
export let arpMacHigh: i32 = 0
export let arpMacLow: i32 = 0
export let arpAddress: i32 = 0

/**
 * Reads who sent the ARP message at frame.networkAt. False where it proves nothing: not IPv4 over Ethernet, cut off, a
 * probe from 0.0.0.0 (RFC 5227 section 2.1.1), or a group or zero MAC.
 */
export function readArp(): bool {
  const at = frame.networkAt
  if (at == 0) return false
  const have = <i32>(frame.end - at)
  if (have < MESSAGE_LENGTH) {
    stopAt(LAYER_ARP, at, MESSAGE_LENGTH, have)
    return false
  }
  const isIpv4OverEthernet = u16At(at + PROTOCOL_AT) == PROTOCOL_IPV4 && u16At(at + LENGTHS_AT) == LENGTHS_6_AND_4
  if (!isIpv4OverEthernet || (byteAt(at + SENDER_MAC_AT) & 1) == 1) return false
  arpMacHigh = u16At(at + SENDER_MAC_AT)
  arpMacLow = i32At(at + SENDER_MAC_AT + 2)
  arpAddress = i32At(at + SENDER_ADDRESS_AT)
  return arpAddress != 0 && (arpMacHigh != 0 || arpMacLow != 0)
}
