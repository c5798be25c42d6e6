// Bindings: one address held by one MAC, or by nobody known; and what is known of each address.
import { OTHER_ADDRESS, OTHER_BINDING } from './constants'
import { addKey, findKey, keyWord, newKeyTable } from './key-table'
import { MAX_BINDINGS, REACHED_BINDINGS } from './limits'
import { allocate, grown } from './memory'
import { countReached } from './reached'

/** Bits of a binding: ARP, NDP or DHCP names it; packets were sent from the address with this MAC. */
export const CLAIMED: i32 = 1
export const SENT: i32 = 2
/** The MAC only carried what another device sent from the address. */
export const CARRIED: i32 = 4

const FIRST_ADDRESSES: i32 = 1024
const FIRST_BINDINGS: i32 = 1024

/** What is known of one address. */
@unmanaged
export class Holding {
  /** Its binding now; 0 for none yet. */
  binding: i32 = 0
  /** The MAC it was last sent from. */
  senderHigh: i32 = 0
  senderLow: i32 = 0
  /** 1 where several MACs use it: then each frame says whose its packet is. */
  contested: i32 = 0
  /** The MAC that DHCP gave it to. */
  leasedTo: i32 = 0
  /** The MAC to which packets for it went, while nobody was seen with it. */
  nextHopHigh: i32 = 0
  nextHopLow: i32 = 0
}

const HOLDING_BYTES: usize = offsetof<Holding>()

const bindings = newKeyTable(MAX_BINDINGS)
let holdings: usize = allocate(<usize>FIRST_ADDRESSES * HOLDING_BYTES)
/** Addresses that have a holding: those from here on were never looked at. */
let addressRoom: i32 = FIRST_ADDRESSES
/** Per binding: bits of its grounds. */
let grounds: usize = allocate(<usize>FIRST_BINDINGS)
let bindingRoom: i32 = FIRST_BINDINGS

/** The binding that stands for others takes its place: once, when the secret of the hash is there. */
export function reserveBindings(): void {
  addKey(bindings, OTHER_ADDRESS, -1, 0, 0)
}

/** One more than the largest binding. */
export function bindingsUsed(): i32 {
  return bindings.used
}

export function addressOfBinding(binding: i32): i32 {
  return keyWord(bindings, binding, 0)
}

export function macOfBinding(binding: i32): i32 {
  return keyWord(bindings, binding, 1)
}

export function isProven(binding: i32): bool {
  return (groundsOf(binding) & CLAIMED) != 0
}

/** The binding of the MAC on the address, or -1. */
export function findBinding(address: i32, mac: i32): i32 {
  return findKey(bindings, address, mac, 0, 0)
}

/** Whether the MAC holds the address now, and nothing but its packets says so. */
export function isUnprovenHolder(mac: i32, address: i32): bool {
  const binding = bindingNow(address)
  return macOfBinding(binding) == mac && !isProven(binding)
}

/** The binding of the MAC on the address; OTHER_BINDING where the table is full. */
export function addBinding(address: i32, mac: i32): i32 {
  makeRoom(address)
  let binding = findKey(bindings, address, mac, 0, 0)
  if (binding < 0) binding = addKey(bindings, address, mac, 0, 0)
  if (binding < 0) {
    countReached(REACHED_BINDINGS)
    return OTHER_BINDING
  }
  if (binding >= bindingRoom) {
    grounds = grown(grounds, <usize>bindingRoom, <usize>bindingRoom * 2)
    bindingRoom *= 2
  }
  return binding
}

/** The binding on the address now; 0 where there is none, also of addresses that were never looked at. */
export function bindingNow(address: i32): i32 {
  return <u32>address < <u32>addressRoom ? holdingOf(address).binding : 0
}

/** Of an address that has a holding. To be asked for anew after `makeRoom`. */
export function holdingOf(address: i32): Holding {
  return changetype<Holding>(holdings + <usize>address * HOLDING_BYTES)
}

/** The MAC that the address was last sent from. */
export function setSender(address: i32, high: i32, low: i32): void {
  const holding = holdingOf(address)
  holding.senderHigh = high
  holding.senderLow = low
}

/** Bits of the binding's grounds. */
export function groundsOf(binding: i32): i32 {
  return <u32>binding < <u32>bindingRoom ? <i32>load<u8>(grounds + <usize>binding) : 0
}

export function isCarriedBinding(binding: i32): bool {
  return (groundsOf(binding) & CARRIED) != 0
}

export function removeGround(binding: i32, ground: i32): void {
  const at = grounds + <usize>binding
  store<u8>(at, load<u8>(at) & ~(<u8>ground))
}

export function addGround(binding: i32, ground: i32): void {
  const at = grounds + <usize>binding
  store<u8>(at, load<u8>(at) | (<u8>ground))
}

/** The columns grow to twice their length, or further where the address stands further behind. */
export function makeRoom(address: i32): void {
  if (address < addressRoom) return
  const room = address + 1 > 2 * addressRoom ? address + 1 : 2 * addressRoom
  holdings = grown(holdings, <usize>addressRoom * HOLDING_BYTES, <usize>room * HOLDING_BYTES)
  addressRoom = room
}

/** Whether the address was ever looked at, so that it has a holding. */
export function hasHolding(address: i32): bool {
  return <u32>address < <u32>addressRoom
}
