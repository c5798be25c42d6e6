// Who sent the frame at hand, and the places of its addresses.
import { MAX_ADDRESSES_PER_MAC, MAX_MACS, REACHED_ADDRESSES_PER_MAC } from './limits'
import { NO_MAC, SCOPE_GROUP, SCOPE_HOME, SCOPE_INTERNET, SCOPE_SELF } from './constants'
import {
  addressOfIpv4,
  addressOfIpv6,
  findIpv4,
  findIpv6,
  otherIpv4,
  otherIpv6,
  scopeOf,
  unmakeGroup,
} from './addresses'
import { addressOfEnd, flowOf, HOME_A, INTERNET_A, SAW_SENDER_A, SAW_SENDER_B } from './flows'
import { frame } from './frame'
import { scopeOfIpv4, scopeOfIpv6 } from './home-network'
import { mayAppear, mayBeNamed } from './host'
import { i32At } from './memory'
import { findMac, isUsualSender, sawInternetSender, sawSender } from './ownership'
import { countReached } from './reached'
import { observeGlobalSender, observeIpv4Way } from './seen-prefixes'

/** New addresses that each MAC brought in. */
const brought = memory.data(4 * MAX_MACS, 4)

function scopeOfBytes(at: usize): i32 {
  return scopeOfIpv6(i32At(at), i32At(at + 4), i32At(at + 8), i32At(at + 12))
}

/** Whether the packet of a sender that was not seen from its address may be processed now; it waits where not. */
export function maySenderAppear(): bool {
  const mac = findMac(frame.macHigh, frame.macLow)
  if (mac < 0) return mayAppear()
  if (frame.version == 0) return true
  const scope = frame.version == 4 ? scopeOfIpv4(frame.source) : scopeOfBytes(frame.sourceAt)
  if (scope != SCOPE_HOME) return true
  const known = frame.version == 4 ? findIpv4(frame.source) : findIpv6(frame.sourceAt)
  return known >= 0 || mayAppear()
}

/** The number of an address that the packet comes from or goes to; -1 where its sender has to wait. */
export function ipv6End(at: usize): i32 {
  const known = findIpv6(at)
  if (known >= 0) return known
  return maySenderAppear() ? ipv6Id(at) : -1
}

export function ipv6Id(at: usize): i32 {
  const known = findIpv6(at)
  if (known >= 0) return known
  return mayBringAddress() && (at != frame.destinationAt || mayDestinationBeNamed()) ? addressOfIpv6(at) : otherIpv6(at)
}

export function ipv4Id(address: i32): i32 {
  const known = findIpv4(address)
  if (known >= 0) return known
  const isNamed = address == frame.destination && frame.version == 4
  return mayBringAddress() && (!isNamed || mayDestinationBeNamed()) ? addressOfIpv4(address) : otherIpv4(address)
}

/** One MAC may bring in only so many addresses: a scanning device must not push the others out. */
function mayBringAddress(): bool {
  const mac = findMac(frame.macHigh, frame.macLow)
  if (mac == NO_MAC) return true
  if (mac < 0) return false
  const at = brought + ((<usize>mac) << 2)
  const count = load<i32>(at)
  if (count >= MAX_ADDRESSES_PER_MAC) {
    countReached(REACHED_ADDRESSES_PER_MAC)
    return false
  }
  store<i32>(at, count + 1)
  return true
}

/** Whether an address at home that nobody has sent from may have a place because something was sent to it. */
function mayDestinationBeNamed(): bool {
  const scope = frame.version == 4 ? scopeOfIpv4(frame.destination) : scopeOfBytes(frame.destinationAt)
  return scope != SCOPE_HOME || frame.toGroup != 0 || mayBeNamed()
}

/** Whose address did the packet of a known flow come from? False where the packet has to wait. */
export function checkSender(id: i32, end: i32): bool {
  const flow = flowOf(id)
  const flags = flow.flags
  if ((flags & (HOME_A << end)) != 0) {
    const address = addressOfEnd(flow, end)
    if (isUsualSender(address, frame.macHigh, frame.macLow)) return true
    if (!maySenderAppear()) return false
    sawSender(address, frame.macHigh, frame.macLow)
  } else if ((flags & ((SAW_SENDER_A | INTERNET_A) << end)) == INTERNET_A << end) {
    observeSender(id, end)
  }
  return true
}

/** The first packet of a flow, or its first one from an end on the internet. */
export function observeSender(id: i32, end: i32): void {
  const flow = flowOf(id)
  const address = addressOfEnd(flow, end)
  // Nobody sends from a broadcast address: who does is a device after all.
  if (scopeOf(address) == SCOPE_GROUP) unmakeGroup(address)
  const scope = scopeOf(address)
  if (scope == SCOPE_HOME || scope == SCOPE_SELF) {
    sawSender(address, frame.macHigh, frame.macLow)
    if (frame.version == 4 && scopeOf(addressOfEnd(flowOf(id), 1 - end)) == SCOPE_INTERNET) observeIpv4Way()
  } else if (scope == SCOPE_INTERNET && (flow.flags & (SAW_SENDER_A << end)) == 0) {
    // Of two IPv4 addresses on the internet the first sender is enough.
    flow.flags |= frame.version == 4 ? SAW_SENDER_A | SAW_SENDER_B : SAW_SENDER_A << end
    sawInternetSender(address, frame.macHigh, frame.macLow, frame.hopLimit)
    if (frame.version != 6) return
    observeGlobalSender(address, addressOfEnd(flowOf(id), 1 - end))
    if (scopeOf(address) == SCOPE_HOME) sawSender(address, frame.macHigh, frame.macLow)
  }
}
