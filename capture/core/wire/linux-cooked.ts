// Captures of Linux's "any" interface: the sender's MAC, and where the network layer starts.
import { LAYER_COOKED } from '../constants'
import { frame, stopAt } from '../frame'
import { byteAt, u16At } from '../memory'
import { decodeEtherType } from './ethernet'
import { setSourceMac } from './source-mac'

/** LINKTYPE_LINUX_SLL: packet type, ARPHRD, address length, address (8), protocol. All big-endian. */
const COOKED_LENGTH: i32 = 16
/** LINKTYPE_LINUX_SLL2: protocol, reserved, interface, ARPHRD, packet type, address length, address (8). */
const COOKED2_LENGTH: i32 = 20
const MAC_LENGTH = 6
const ADDRESS_ROOM = 8

export function decodeLinuxCooked(): void {
  const at = frame.at
  const have = <i32>(frame.end - at)
  if (have < COOKED_LENGTH) return stopAt(LAYER_COOKED, at, COOKED_LENGTH, have)
  frame.toGroup = isGroup(u16At(at))
  setSender(u16At(at + 2), u16At(at + 4), at + 6)
  decodeEtherType(u16At(at + 6 + ADDRESS_ROOM), at + COOKED_LENGTH)
}

export function decodeLinuxCooked2(): void {
  const at = frame.at
  const have = <i32>(frame.end - at)
  if (have < COOKED2_LENGTH) return stopAt(LAYER_COOKED, at, COOKED2_LENGTH, have)
  frame.toGroup = isGroup(byteAt(at + 10))
  setSender(u16At(at + 8), byteAt(at + 11), at + 12)
  decodeEtherType(u16At(at), at + COOKED2_LENGTH)
}

/** 1 for packet type 1, broadcast, and 2, multicast (packet(7)). */
function isGroup(packetType: i32): i32 {
  return packetType == 1 || packetType == 2 ? 1 : 0
}

/** ARPHRD 1 is Ethernet, 801 to 803 are Wi-Fi (if_arp.h); a tunnel's address is no MAC. */
function setSender(hardware: i32, length: i32, at: usize): void {
  const hasMac = hardware == 1 || (hardware >= 801 && hardware <= 803)
  if (hasMac && length == MAC_LENGTH) setSourceMac(at)
}
