// IPv6 prefixes of the home, by who sends from them: for captures in which no router or neighbour announces any.
import { addressWord, isIpv4, isSameSubnet, scopeOf } from './addresses'
import { LINK_ETHERNET, NO_MAC, PROTOCOL_TCP, PROTOCOL_UDP, SCOPE_GROUP, SCOPE_INTERNET } from './constants'
import { addressOfEnd, flowOf, flowsUsed, portOfA, portOfB, protocolOf } from './flows'
import { frame } from './frame'
import { learnSeenPrefix } from './home-network'
import { i32At, u16At } from './memory'
import { asks, sawAsking, sawServing, serves, usesIpv4 } from './mac-behaviour'
import { findMac } from './macs'
import { freshSenderOf, isFirstHopLimit, isRouter, raiseEpoch, rescopeAddresses } from './ownership'
import { hasWideWay, isIpv4Way, noteIpv4Way, noteIpv6Way } from './routers'

// Between two global addresses nothing but the link tells who is at home. A device sends with a fresh hop limit, and
// what comes from the internet has lost some of it on the way; but captures that somebody made up, and routers that
// rewrite it, show a fresh one on both sides. So a prefix is the home's only where something else agrees: the MAC at
// the other end is a router's, or the sender's own MAC has an IPv4 address at home, or reached unrelated networks
// through one other MAC. Without MACs nothing is concluded: what passes by is then counted as that.

/** Ports below are servers' (RFC 6335 section 6); clients take theirs from above. */
const FIRST_CLIENT_PORT: i32 = 1024
/** The first 16 bits of groups that no router passes on: interface-local and link-local ones (RFC 4291 section 2.7). */
const INTERFACE_GROUP = 0xff01
const LINK_GROUP = 0xff02

/** The frame is the first one that went from `from`, an IPv6 address of the internet as far as is known, to `to`. */
export function observeGlobalSender(from: i32, to: i32): void {
  const mac = findMac(frame.macHigh, frame.macLow)
  if (mac <= NO_MAC) return
  if (isRouter(mac)) return learnReceiver(to, mac)
  if (isToLink(to)) return learnFrom(from)
  if (!isFirstHopLimit(frame.hopLimit) || frame.linkType != LINK_ETHERNET || frame.toGroup != 0) return
  if (isOnLink(mac, from, to, u16At(frame.at), i32At(frame.at + 2))) learnFrom(from)
}

/** The frame went from an IPv4 address at home to the internet. */
export function observeIpv4Way(): void {
  const mac = findMac(frame.macHigh, frame.macLow)
  if (mac > NO_MAC && frame.linkType == LINK_ETHERNET && frame.toGroup == 0)
    noteIpv4Way(mac, u16At(frame.at), i32At(frame.at + 2))
}

/**
 * At the end of a capture: what was known too late for a conversation's own packets; and of two that both may be at
 * home the one that was only ever the client, of servers that were nothing else.
 */
export function learnFromFlows(): void {
  for (let id = 0; id < flowsUsed(); id++) if (isUndecided(id)) learnFromEnds(id)
  for (let id = 0; id < flowsUsed(); id++) if (isUndecided(id)) noteRoles(id)
  for (let id = 0; id < flowsUsed(); id++) if (isUndecided(id)) learnFromRoles(id)
}

function isToLink(to: i32): bool {
  if (scopeOf(to) != SCOPE_GROUP || isIpv4(to)) return false
  const first = addressWord(to, 0) >>> 16
  return first == INTERFACE_GROUP || first == LINK_GROUP
}

/** Whether the frame's sender `mac`, which sent to the MAC (`high`, `low`), is a device of this link. */
function isOnLink(mac: i32, from: i32, to: i32, high: i32, low: i32): bool {
  const receiver = findMac(high, low)
  if (receiver == mac || from == to || scopeOf(to) != SCOPE_INTERNET) return false
  // Neighbours: a router stands between links, never within one.
  if (isSameSubnet(from, to) || (receiver > NO_MAC && isRouter(receiver))) return true
  noteIpv6Way(mac, high, low, addressWord(to, 0))
  if (hasWideWay(mac)) return true
  return usesIpv4(mac) && (receiver <= NO_MAC || !usesIpv4(receiver) || isIpv4Way(mac, high, low))
}

/** A router brought the packet: who gets it, and was seen sending with a fresh hop limit, is at home. */
function learnReceiver(to: i32, router: i32): void {
  if (scopeOf(to) != SCOPE_INTERNET || isIpv4(to)) return
  const mac = freshSenderOf(to)
  if (mac != NO_MAC && mac != router && !isRouter(mac)) learnFrom(to)
}

function learnFrom(address: i32): void {
  if (!learnSeenPrefix(addressWord(address, 0), addressWord(address, 1))) return
  rescopeAddresses()
  raiseEpoch()
}

/** Both ends are IPv6 addresses of the internet, as far as is known. */
function isUndecided(id: i32): bool {
  const flow = flowOf(id)
  if (flow.isAlive == 0 || flow.pendingPackets == 0 || isIpv4(flow.addressA) || isIpv4(flow.addressB)) return false
  return scopeOf(flow.addressA) == SCOPE_INTERNET && scopeOf(flow.addressB) == SCOPE_INTERNET
}

function learnFromEnds(id: i32): void {
  const a = flowOf(id).addressA
  const b = flowOf(id).addressB
  const macA = freshSenderOf(a)
  const macB = freshSenderOf(b)
  if (isKnownAtHome(macA, macB)) learnFrom(a)
  else if (isKnownAtHome(macB, macA)) learnFrom(b)
}

function isKnownAtHome(mac: i32, other: i32): bool {
  if (mac == NO_MAC || mac == other || isRouter(mac)) return false
  if (other != NO_MAC && isRouter(other)) return true
  return hasWideWay(mac) || (usesIpv4(mac) && other != NO_MAC && !usesIpv4(other))
}

/** The end that is the server by its port; -1 where the ports do not say. */
function serverEnd(id: i32): i32 {
  const protocol = protocolOf(id)
  if (protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP) return -1
  const isServerA = portOfA(id) > 0 && portOfA(id) < FIRST_CLIENT_PORT
  const isServerB = portOfB(id) > 0 && portOfB(id) < FIRST_CLIENT_PORT
  if (isServerA == isServerB) return -1
  return isServerA ? 0 : 1
}

function noteRoles(id: i32): void {
  const server = serverEnd(id)
  const macA = freshSenderOf(flowOf(id).addressA)
  const macB = freshSenderOf(flowOf(id).addressB)
  if (server != 1) sawServing(macA)
  if (server != 0) sawServing(macB)
  if (server != 0) sawAsking(macA)
  if (server != 1) sawAsking(macB)
}

function learnFromRoles(id: i32): void {
  const server = serverEnd(id)
  if (server < 0) return
  const client = addressOfEnd(flowOf(id), 1 - server)
  const mac = freshSenderOf(client)
  const other = freshSenderOf(addressOfEnd(flowOf(id), server))
  if (mac == NO_MAC || mac == other || isRouter(mac) || serves(mac) || asks(other)) return
  learnFrom(client)
}
