// What was seen of each MAC, apart from the addresses that it holds.
import { NO_MAC } from './constants'
import { allocate, grown } from './memory'

/** Bits of a MAC. */
const SEEN: i32 = 1
const CARRIES: i32 = 2
const SUSPECT: i32 = 4
const USES_IPV4: i32 = 8
const SERVES: i32 = 16
const ASKS: i32 = 32

const FIRST_MACS: i32 = 1024

let flags: usize = allocate(<usize>FIRST_MACS)
/** Of each MAC, the one that brought its DHCP messages; 0 for none. */
let carriers: usize = allocate((<usize>FIRST_MACS) << 2)
let capacity: i32 = FIRST_MACS

/** Room for the MAC, whose number is at most one more than those before. */
export function makeRoomForBehaviour(mac: i32): void {
  if (mac < capacity) return
  flags = grown(flags, <usize>capacity, <usize>capacity * 2)
  carriers = grown(carriers, (<usize>capacity) << 2, (<usize>capacity) << 3)
  capacity *= 2
}

/** A frame came from the MAC. */
export function sawMac(mac: i32): void {
  setFlag(mac, SEEN)
}

/** Whether a frame came from the MAC. */
export function isSeen(mac: i32): bool {
  return hasFlag(mac, SEEN)
}

/** It brought the DHCP message of `client`, which never showed up itself: a repeater, or a relay. */
export function carries(mac: i32, client: i32): void {
  setFlag(mac, CARRIES)
  if (client > NO_MAC && client < capacity) store<i32>(carriers + ((<usize>client) << 2), mac)
}

/** Whether the MAC brings what `client` sends, which never showed up itself. */
export function carriesClient(mac: i32, client: i32): bool {
  if (mac <= NO_MAC || client <= NO_MAC || client >= capacity || isSeen(client)) return false
  return load<i32>(carriers + ((<usize>client) << 2)) == mac
}

export function isCarrier(mac: i32): bool {
  return hasFlag(mac, CARRIES)
}

/** It claimed an address that another one holds. */
export function suspectMac(mac: i32): void {
  setFlag(mac, SUSPECT)
}

/** Whether the MAC claimed an address that another one holds. */
export function isSuspect(mac: i32): bool {
  return hasFlag(mac, SUSPECT)
}

/** It sent from an IPv4 address at home. */
export function sawIpv4(mac: i32): void {
  setFlag(mac, USES_IPV4)
}

export function usesIpv4(mac: i32): bool {
  return hasFlag(mac, USES_IPV4)
}

/** In conversations of which no end is known to be at home it was the server, or the client. */
export function sawServing(mac: i32): void {
  setFlag(mac, SERVES)
}

export function serves(mac: i32): bool {
  return hasFlag(mac, SERVES)
}

export function sawAsking(mac: i32): void {
  setFlag(mac, ASKS)
}

export function asks(mac: i32): bool {
  return hasFlag(mac, ASKS)
}

/** The MAC of OTHER_BINDING is -1: nothing was seen of it. */
function hasFlag(mac: i32, flag: i32): bool {
  return <u32>mac < <u32>capacity && ((<i32>load<u8>(flags + <usize>mac)) & flag) != 0
}

function setFlag(mac: i32, flag: i32): void {
  if (mac <= NO_MAC || mac >= capacity) return
  const at = flags + <usize>mac
  store<u8>(at, load<u8>(at) | (<u8>flag))
}
