// The device that holds an address, now: who sends from it. ARP, NDP and DHCP say so where nobody was seen sending.
import { noteUser } from './address-users'
import { isIpv4, nextRescoped, reserveAddresses, scopeOf } from './addresses'
import {
  addBinding,
  addGround,
  addressOfBinding,
  bindingNow,
  bindingsUsed,
  CARRIED,
  CLAIMED,
  findBinding,
  groundsOf,
  hasHolding,
  holdingOf,
  isCarriedBinding,
  isProven,
  macOfBinding,
  makeRoom,
  removeGround,
  reserveBindings,
  SENT,
  setSender,
} from './bindings'
import { NO_MAC, OTHER_ADDRESS, OTHER_BINDING, OTHER_HOME, SCOPE_HOME, SCOPE_INTERNET } from './constants'
import { carriesClient, isCarrier, isSeen, isSuspect, sawIpv4, sawMac, suspectMac } from './mac-behaviour'
import { findMac, macOf, reserveMacs } from './macs'
import {
  addHomeSample,
  addInternetSample,
  homeSamplesOf,
  internetSamplesAre,
  isRouterAt,
  sendsFromAnotherPrefix,
} from './routers'

export { addressOfBinding, bindingsUsed, isCarriedBinding, isProven, macOfBinding } from './bindings'
export { sawMac } from './mac-behaviour'
export { findMac, hasOneMac, macOf } from './macs'

// A binding is one address held by one MAC (or by nobody known). Traffic is counted per binding, so that an address
// that moves splits at the moment it moves, and so that later proof never rewrites the past.
//
// Anybody can claim an address: a frame's own MAC outweighs what ARP, NDP, DHCP and leases say. Two kinds of device
// carry the packets of others under their own MAC: routers, and repeaters, whose clients' DHCP names MACs that are
// never seen themselves. What they carry stays with the device that the claims name.

/** The MAC to which packets for the internet were sent last. */
let gatewayHigh: i32 = 0
let gatewayLow: i32 = 0

/** Changes whenever an address changes hands; flows compare it to know that their binding may be stale. */
export let ownershipEpoch: i32 = 1

export function raiseEpoch(): void {
  ownershipEpoch++
}

/** The ids that stand for others take their places: called once, when the secret of the hash is there. */
export function reserveIds(): void {
  reserveAddresses()
  reserveMacs()
  reserveBindings()
}

/** The binding on a home address now; one without a MAC where nobody has shown up yet. */
export function bindingOn(address: i32): i32 {
  if (address <= OTHER_HOME) return OTHER_BINDING
  const known = bindingNow(address)
  return known != 0 ? known : setBinding(address, NO_MAC)
}

/** Whether some device was seen holding the address. */
export function isHeld(address: i32): bool {
  return macOfBinding(bindingNow(address)) > NO_MAC
}

/** For the hot path: whether the sender of a home address is the one it was last sent from. */
export function isUsualSender(address: i32, high: i32, low: i32): bool {
  if (!hasHolding(address)) return false
  const holding = holdingOf(address)
  return holding.senderHigh == high && holding.senderLow == low
}

/** A packet came from a home address with this MAC. */
export function sawSender(address: i32, high: i32, low: i32): void {
  const mac = macOf(high, low)
  if (mac == NO_MAC || address <= OTHER_HOME) return
  makeRoom(address)
  sawMac(mac)
  setSender(address, high, low)
  const held = bindingNow(address)
  const holds = macOfBinding(held) == mac
  if (holds && isProven(held)) {
    noteUse(held, address, mac)
    return
  }
  if (!holds && isProven(held) && mayForward(mac, held)) return
  // Before a device has an address it sends from 0.0.0.0 (RFC 2131): no subnet of its own.
  const isIpv4AtHome = isIpv4(address) && scopeOf(address) == SCOPE_HOME
  if (isIpv4AtHome && addHomeSample(mac, address)) raiseEpoch()
  const binding = holds ? held : setBinding(address, mac)
  if (binding != OTHER_BINDING) noteUse(binding, address, mac)
}

/** A packet came from an internet address with this MAC: a router passed it on, unless it is the device's own. */
export function sawInternetSender(address: i32, high: i32, low: i32, hopLimit: i32): void {
  const mac = macOf(high, low)
  if (mac == NO_MAC) return
  // A device sends from its own global IPv6 address with a fresh hop limit before we learn that the prefix is the
  // home's.
  const mayBeOwn = !isIpv4(address) && isFirstHopLimit(hopLimit)
  if (mayBeOwn && !sendsFromAnotherPrefix(mac, address)) {
    makeRoom(address)
    setSender(address, high, low)
    if (addHomeSample(mac, address)) raiseEpoch()
    return
  }
  if (addInternetSample(mac, address)) raiseEpoch()
}

/** An address turned out to be the home's: it is held by the device that was seen sending from it, if any was. */
export function becameHome(address: i32): void {
  makeRoom(address)
  const mac = macOf(holdingOf(address).senderHigh, holdingOf(address).senderLow)
  if (bindingNow(address) == 0) setBinding(address, mac)
  // Its next packet is looked at as one of home.
  setSender(address, 0, 0)
}

/** Checks every IPv6 address again after the home learned a prefix; each that is local now is its sender's. */
export function rescopeAddresses(): void {
  for (let address = nextRescoped(OTHER_HOME); address >= 0; address = nextRescoped(address)) becameHome(address)
}

/** The MAC that an internet address was last sent from as its own, with a fresh hop limit; NO_MAC for none. */
export function freshSenderOf(address: i32): i32 {
  if (!hasHolding(address)) return NO_MAC
  const mac = findMac(holdingOf(address).senderHigh, holdingOf(address).senderLow)
  return mac > NO_MAC ? mac : NO_MAC
}

/**
 * ARP or NDP says that the MAC holds the address, in a frame of the MAC `from`. It does not take the address from a
 * device that sends from it, but what is sent to the claimant's own MAC is the claimant's.
 */
export function claimAddress(address: i32, high: i32, low: i32, from: i32): void {
  const mac = macOf(high, low)
  if (mac == NO_MAC || address <= OTHER_HOME || scopeOf(address) != SCOPE_HOME) return
  makeRoom(address)
  // A repeater puts its own MAC into what its clients say by ARP, too.
  if (carriesFor(mac, address)) return
  const isOwn = from == mac
  const held = bindingNow(address)
  const holder = macOfBinding(held)
  if (holder == mac || holder <= NO_MAC) setClaimed(address, mac)
  else if (!outweighs(held, mac)) {
    if (isOwn && isOwnBinding(held)) suspect(address, mac)
    setClaimed(address, mac)
  } else if (isOwn) {
    suspect(address, mac)
    setGround(addBinding(address, mac), CLAIMED)
    contest(address)
  } else if (from != NO_MAC) {
    use(address, holder)
    use(address, from)
  }
  if (!isOwn) return
  use(address, mac)
  // The holder's next packet shows that it is still there.
  setSender(address, 0, 0)
}

/** DHCP or the router's table gave the address to the MAC. It does not take it from a device that sends from it. */
export function leaseAddress(address: i32, high: i32, low: i32): void {
  const mac = macOf(high, low)
  if (mac == NO_MAC || address <= OTHER_HOME || scopeOf(address) != SCOPE_HOME) return
  makeRoom(address)
  holdingOf(address).leasedTo = mac
  const held = bindingNow(address)
  if (macOfBinding(held) != mac && !isSeen(mac) && outweighs(held, mac)) return
  // What the carrier sent from there before this was known was its client's as well.
  if (carriesFor(macOfBinding(held), address)) addGround(held, CARRIED)
  setClaimed(address, mac)
  if (isCarriedBinding(bindingNow(address))) removeGround(bindingNow(address), CARRIED)
}

/** The MAC asked a DHCP server for the address. */
export function requestedAddress(address: i32, mac: i32): void {
  if (address <= OTHER_HOME) return
  makeRoom(address)
  holdingOf(address).leasedTo = mac
}

/** Whether the MAC itself claimed the address. */
export function claimsAddress(address: i32, mac: i32): bool {
  const binding = findBinding(address, mac)
  return binding >= 0 && isProven(binding)
}

/** Whether the MAC was seen with the address. */
export function usesAddress(address: i32, mac: i32): bool {
  return findBinding(address, mac) >= 0
}

/** Whether the MAC was seen sending from the address. */
export function sendsFrom(address: i32, mac: i32): bool {
  const binding = findBinding(address, mac)
  return binding >= 0 && (groundsOf(binding) & SENT) != 0
}

/** A packet for the address left for this MAC; one for the internet, for the gateway's. */
export function noteNextHop(address: i32, high: i32, low: i32): void {
  if (address <= OTHER_HOME) return
  if (scopeOf(address) == SCOPE_INTERNET) {
    gatewayHigh = high
    gatewayLow = low
  } else if (scopeOf(address) == SCOPE_HOME && !isHeld(address)) {
    makeRoom(address)
    holdingOf(address).nextHopHigh = high
    holdingOf(address).nextHopLow = low
  }
}

/**
 * The MAC that brings the packets of an address that is not its own, or else takes those for it: NO_MAC for none, and
 * -1 for a gateway that never showed up itself.
 */
export function passedOnBy(address: i32): i32 {
  if (!hasHolding(address)) return NO_MAC
  const holding = holdingOf(address)
  const sender = macOfBinding(holding.binding)
  if (sender > NO_MAC) return isOwnBinding(holding.binding) ? NO_MAC : sender
  if (holding.nextHopHigh == 0 && holding.nextHopLow == 0) return NO_MAC
  const mac = findMac(holding.nextHopHigh, holding.nextHopLow)
  const isGateway = holding.nextHopHigh == gatewayHigh && holding.nextHopLow == gatewayLow
  if (mac <= NO_MAC) return isGateway ? -1 : NO_MAC
  return isGateway || isRouter(mac) || homeSamplesOf(mac) > 0 ? mac : NO_MAC
}

/** Whether several MACs use the address. */
export function isContested(address: i32): bool {
  return hasHolding(address) && holdingOf(address).contested == 1
}

/** The binding of a contested address that the frame's MAC names; `otherwise` where it is only passed on. */
export function bindingByMac(address: i32, high: i32, low: i32, otherwise: i32): i32 {
  const mac = findMac(high, low)
  const binding = mac <= NO_MAC ? -1 : findBinding(address, mac)
  return binding >= 0 && isOwnBinding(binding) ? binding : otherwise
}

/** Whether the MAC of the binding is the device's own and not that of one who passes its packets on. */
export function isOwnBinding(binding: i32): bool {
  const mac = macOfBinding(binding)
  if (mac == NO_MAC || isCarriedBinding(binding) || (!isProven(binding) && isRouter(mac))) return false
  return isProven(binding) || !isCarriedBy(mac, bindingNow(addressOfBinding(binding)))
}

/** IPv4 addresses at home that the MAC was seen sending from, as far as they are remembered. */
export function sampledAddresses(mac: i32): i32 {
  return homeSamplesOf(mac)
}

/** Whether this is the only internet address that packets with the MAC came from. */
export function sentOnlyFrom(mac: i32, address: i32): bool {
  return internetSamplesAre(mac, address)
}

/** Whether the MAC holds another address at home beside this one; only of IPv4 where `onlyIpv4`. */
export function holdsAnother(mac: i32, address: i32, onlyIpv4: bool): bool {
  for (let binding = nextBindingOf(mac, 0); binding >= 0; binding = nextBindingOf(mac, binding)) {
    const other = addressOfBinding(binding)
    if (other == address || groundsOf(binding) == 0 || (onlyIpv4 && !isIpv4(other))) continue
    if (scopeOf(other) == SCOPE_HOME && isOwnBinding(binding)) return true
  }
  return false
}

/** The next binding of the MAC after the one given, from 0; -1 where that was the last. */
export function nextBindingOf(mac: i32, after: i32): i32 {
  for (let binding = after + 1; binding < bindingsUsed(); binding++) if (macOfBinding(binding) == mac) return binding
  return -1
}

/**
 * Whether the MAC passes on other devices' packets: it sends from internet addresses, or from unproven home addresses
 * of several subnets (/24; a home's usual size).
 */
export function isRouter(mac: i32): bool {
  return mac > NO_MAC && isRouterAt(mac, ownershipEpoch)
}

/** Who an address belongs to for names: the MAC (negative) where it is the device's own, else the address. */
export function deviceKey(binding: i32): i32 {
  if (binding == OTHER_BINDING) return OTHER_ADDRESS
  const mac = macOfBinding(binding)
  if (mac != NO_MAC && !isCarriedBinding(binding) && (isProven(binding) || !isRouter(mac))) return -mac
  return addressOfBinding(binding)
}

function use(address: i32, mac: i32): void {
  noteUser(address, mac, holdingOf(address).leasedTo == mac)
}

function noteUse(binding: i32, address: i32, mac: i32): void {
  addGround(binding, isSuspect(mac) ? SENT | CLAIMED : SENT)
  if (scopeOf(address) != SCOPE_HOME) return
  if (isIpv4(address)) sawIpv4(mac)
  use(address, mac)
}

/** What stacks start to count down from (RFC 1700; Windows 128, network gear 255): a forwarded packet shows less. */
export function isFirstHopLimit(hopLimit: i32): bool {
  return hopLimit == 64 || hopLimit == 128 || hopLimit == 255
}

/** Whether packets that came with `mac` may be those of the binding's device, passed on. */
function mayForward(mac: i32, held: i32): bool {
  if (carriesFor(mac, addressOfBinding(held))) return true
  if (claimsAddress(addressOfBinding(held), mac)) return false
  const isKnownSuspect = isSuspect(mac) && isSeen(macOfBinding(held))
  return (isRouter(mac) && !isKnownSuspect) || isCarriedBy(mac, held)
}

function isCarriedBy(mac: i32, held: i32): bool {
  const holder = macOfBinding(held)
  return holder != mac && isCarrier(mac) && !isSeen(holder)
}

/** Whether DHCP gave the address to a device that the MAC carries and that was never seen itself. */
function carriesFor(mac: i32, address: i32): bool {
  return hasHolding(address) && carriesClient(mac, holdingOf(address).leasedTo)
}

/** Whether the holder was seen sending from its address itself, so that a claim of `mac` is only a claim. */
function outweighs(held: i32, mac: i32): bool {
  const holder = macOfBinding(held)
  if ((groundsOf(held) & SENT) == 0 || (!isProven(held) && isRouter(holder))) return false
  return !(isCarrier(holder) && !isSeen(mac))
}

/** Who claims another's address and passes packets on is no router: it stands in the middle. */
function suspect(address: i32, mac: i32): void {
  if (!isRouter(mac) && holdingOf(address).leasedTo != mac) suspectMac(mac)
}

function setClaimed(address: i32, mac: i32): void {
  const held = bindingNow(address)
  setGround(macOfBinding(held) == mac ? held : setBinding(address, mac), CLAIMED)
}

function setGround(binding: i32, ground: i32): void {
  if (binding == OTHER_BINDING || (groundsOf(binding) & ground) != 0) return
  addGround(binding, ground)
  raiseEpoch()
}

/** From now on each frame says whose it is. Before it has an address any device sends from 0.0.0.0. */
function contest(address: i32): void {
  if (holdingOf(address).contested == 1 || scopeOf(address) != SCOPE_HOME) return
  holdingOf(address).contested = 1
  raiseEpoch()
}

function setBinding(address: i32, mac: i32): i32 {
  const before = bindingNow(address)
  const binding = addBinding(address, mac)
  if (binding == OTHER_BINDING || binding == before) return binding
  if (macOfBinding(before) > NO_MAC && mac != NO_MAC) contest(address)
  holdingOf(address).binding = binding
  // Of a contested address each packet is looked at anyway.
  if (holdingOf(address).contested == 0) raiseEpoch()
  return binding
}
