// Captures of Linux's "any" interface: the sender's MAC, and where the network layer starts.
import { type Frame, u16 } from '../frame.ts'
import { decodeEtherType, setSourceMac } from './ethernet.ts'

/** LINKTYPE_LINUX_SLL: packet type, ARPHRD, address length, address (8), protocol. All big-endian. */
const COOKED_LENGTH = 16
/** LINKTYPE_LINUX_SLL2: protocol, reserved, interface, ARPHRD, packet type, address length, address (8). */
const COOKED2_LENGTH = 20
const MAC_LENGTH = 6
const ADDRESS_ROOM = 8

export function decodeLinuxCooked(frame: Frame): void {
  const { bytes, at, end } = frame
  if (end - at < COOKED_LENGTH) return frame.stop('cooked', at, COOKED_LENGTH, end - at)
  frame.toGroup = isGroup(u16(bytes, at))
  setSender(frame, u16(bytes, at + 2), u16(bytes, at + 4), at + 6)
  decodeEtherType(frame, u16(bytes, at + 6 + ADDRESS_ROOM), at + COOKED_LENGTH)
}

export function decodeLinuxCooked2(frame: Frame): void {
  const { bytes, at, end } = frame
  if (end - at < COOKED2_LENGTH) return frame.stop('cooked', at, COOKED2_LENGTH, end - at)
  frame.toGroup = isGroup(bytes[at + 10])
  setSender(frame, u16(bytes, at + 8), bytes[at + 11], at + 12)
  decodeEtherType(frame, u16(bytes, at), at + COOKED2_LENGTH)
}

/** Packet type 1 is broadcast, 2 multicast (packet(7)). */
function isGroup(packetType: number): boolean {
  return packetType === 1 || packetType === 2
}

/** ARPHRD 1 is Ethernet, 801 to 803 are Wi-Fi (if_arp.h); a tunnel's address is no MAC. */
function setSender(frame: Frame, hardware: number, length: number, at: number): void {
  const hasMac = hardware === 1 || (hardware >= 801 && hardware <= 803)
  if (hasMac && length === MAC_LENGTH) setSourceMac(frame, at)
}
