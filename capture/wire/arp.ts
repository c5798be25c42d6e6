// ARP messages: the MAC that holds an IPv4 address.
import { type Frame, i32, u16 } from '../frame.ts'

/** ARP for IPv4 over Ethernet, RFC 826: hardware 1, protocol 0x0800, lengths 6 and 4. */
const MESSAGE_LENGTH = 28

/** The binding a sender announces. Numbers as in Frame: `macHigh` two bytes, `macLow`, `address` signed 32 bits. */
export class ArpMessage {
  macHigh = 0
  macLow = 0
  address = 0
}

/**
 * Reads who sent an ARP message at frame.networkAt. False where it proves nothing: not IPv4 over Ethernet, cut off, a
 * probe from 0.0.0.0 (RFC 5227 section 2.1.1), or a group or zero MAC.
 */
export function readArp(frame: Frame, message: ArpMessage): boolean {
  const { bytes, networkAt: at, end } = frame
  if (end - at < MESSAGE_LENGTH) {
    frame.stop('arp', at, MESSAGE_LENGTH, end - at)
    return false
  }
  const isIpv4OverEthernet = u16(bytes, at + 2) === 0x0800 && bytes[at + 4] === 6 && bytes[at + 5] === 4
  if (!isIpv4OverEthernet || (bytes[at + 8] & 1) === 1) return false
  message.macHigh = u16(bytes, at + 8)
  message.macLow = i32(bytes, at + 10)
  message.address = i32(bytes, at + 14)
  return message.address !== 0 && (message.macHigh !== 0 || message.macLow !== 0)
}
