// The devices at the ends of a flow, and flows that begin and end.
import {
  INSPECTION_BUDGET,
  KIND_DHCP,
  KIND_DHCPV6,
  KIND_DNS,
  KIND_DNS_OVER_TCP,
  KIND_LINK_LOCAL_NAMES,
  KIND_MULTICAST_DNS,
  KIND_NETBIOS,
  KIND_OTHER,
  KIND_SSDP,
  KIND_TCP,
  KIND_UDP,
  LINK_ETHERNET,
  NO_MAC,
  NO_NAME,
  OTHER_HOME,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  SCOPE_HOME,
  SCOPE_INTERNET,
  SCOPE_SELF,
} from './constants'
import { makeGroup, scopeOf } from './addresses'
import { now } from './clock'
import { addLocal, countWithin, creditAtOnce, foldFlow, homeEnd, startAnew, uncredit } from './flow-credits'
import { nameByMemory } from './flow-names'
import {
  addFlow,
  addressOfEnd,
  bindingOfEnd,
  CONTESTED,
  flowOf,
  HOME_A,
  HOME_B,
  HOW_BITS,
  INSPECT_A,
  INSPECT_B,
  INTERNET_A,
  INTERNET_B,
  oldestFlow,
  removeFlow,
} from './flows'
import { frame } from './frame'
import { forgetPayload, inspectOthers } from './inspector'
import { REACHED_FLOWS } from './limits'
import { i32At, u16At } from './memory'
import {
  bindingByMac,
  bindingOn,
  isContested,
  isHeld,
  isOwnBinding,
  macOfBinding,
  noteNextHop,
  ownershipEpoch,
} from './ownership'
import { countReached } from './reached'
import { ipv4Id } from './senders'

/** A new flow of the frame; a and b are its ends as they stand in the key. */
export function openFlow(a: i32, b: i32, ports: i32, protocol: i32): i32 {
  let id = addFlow(a, b, ports, protocol)
  if (id < 0) {
    countReached(REACHED_FLOWS)
    closeFlow(oldestFlow())
    id = addFlow(a, b, ports, protocol)
  }
  const addressA = frame.version == 4 ? ipv4Id(a) : a
  const addressB = frame.version == 4 ? ipv4Id(b) : b
  // A subnet's broadcast address looks like any other; the group MAC identifies it.
  if (frame.toGroup != 0 && frame.version == 4) observeBroadcast(a == frame.destination ? addressA : addressB)
  else if (frame.linkType == LINK_ETHERNET && frame.version == 4)
    noteNextHop(a == frame.destination ? addressA : addressB, u16At(frame.at), i32At(frame.at + 2))
  const flow = flowOf(id)
  flow.addressA = addressA
  flow.addressB = addressB
  flow.bindingA = -1
  flow.bindingB = -1
  flow.row = -1
  flow.epoch = 0
  flow.first = now
  flow.last = now
  flow.kind = kindOf(frame.protocol, frame.sourcePort, frame.destinationPort)
  flow.budgetA = INSPECTION_BUDGET
  flow.budgetB = INSPECTION_BUDGET
  flow.flags = flow.kind == KIND_OTHER ? 0 : INSPECT_A | INSPECT_B
  return id
}

function observeBroadcast(destination: i32): void {
  if (destination > OTHER_HOME && scopeOf(destination) == SCOPE_HOME && !isHeld(destination)) makeGroup(destination)
}

function closeFlow(id: i32): void {
  settleFlow(id)
  forgetPayload(id)
  removeFlow(id)
}

/** The end of the flow. Where neither end was at home, a prefix may have been learned since its last packet. */
export function settleFlow(id: i32): void {
  const flow = flowOf(id)
  if (flow.epoch != ownershipEpoch && flow.bindingA < 0 && flow.bindingB < 0) refreshBindings(id)
  foldFlow(id, true)
}

/** Some address changed hands since this flow last looked: what it counted so far stays with the former holder. */
export function refreshBindings(id: i32): void {
  const flow = flowOf(id)
  const bindingA = bindingFor(flow.addressA, flow.bindingA)
  const bindingB = bindingFor(flow.addressB, flow.bindingB)
  if (bindingA != flow.bindingA || bindingB != flow.bindingB) {
    const isNew = flow.bindingA < 0 && flow.bindingB < 0
    // While neither end was at home nothing was credited: a prefix learned later takes all of it along.
    if (isInherited(flow.bindingA, bindingA) && isInherited(flow.bindingB, bindingB)) uncredit(id)
    else if (!isNew) startAnew(id)
    flow.bindingA = bindingA
    flow.bindingB = bindingB
    setSides(id)
    if (flow.name == NO_NAME) nameByMemory(id)
  }
  if (isContested(flow.addressA) || isContested(flow.addressB)) flow.flags |= CONTESTED
  flow.epoch = ownershipEpoch
}

/** What went to an address before anybody showed up there is its next holder's. */
function isInherited(before: i32, after: i32): bool {
  return before == after || (before >= 0 && after >= 0 && macOfBinding(before) == NO_MAC)
}

/** A flow of a contested address stays with the device that began it. */
function bindingFor(address: i32, binding: i32): i32 {
  if (binding >= 0 && isContested(address) && isOwnBinding(binding)) return binding
  const scope = scopeOf(address)
  return scope == SCOPE_HOME || scope == SCOPE_SELF ? bindingOn(address) : -1
}

function setSides(id: i32): void {
  const flow = flowOf(id)
  let flags = flow.flags & ~(HOME_A | HOME_B | INTERNET_A | INTERNET_B)
  if (flow.bindingA >= 0) flags |= HOME_A
  if (flow.bindingB >= 0) flags |= HOME_B
  if (scopeOf(flow.addressA) == SCOPE_INTERNET) flags |= INTERNET_A
  if (scopeOf(flow.addressB) == SCOPE_INTERNET) flags |= INTERNET_B
  flow.flags = flags
}

/**
 * Of a contested address the frame says whose the packet is: the sender's MAC, and the receiver's where it is one of
 * those that use the address. A packet of another device than the flow's is counted for that device at once, without a
 * name: it must not name or end what the flow's own device began. True where that is so.
 */
export function isOthersPacket(id: i32, end: i32): bool {
  const flow = flowOf(id)
  const ownSender = bindingOfEnd(flow, end)
  const ownReceiver = bindingOfEnd(flow, 1 - end)
  const from = addressOfEnd(flow, end)
  const to = addressOfEnd(flow, 1 - end)
  const sender = isContested(from) ? bindingByMac(from, frame.macHigh, frame.macLow, ownSender) : ownSender
  const isForOne = frame.linkType == LINK_ETHERNET && isContested(to)
  const receiver = isForOne ? bindingByMac(to, u16At(frame.at), i32At(frame.at + 2), ownReceiver) : ownReceiver
  if (sender == ownSender && receiver == ownReceiver) return false
  if (flow.pendingPackets == 0 && flow.creditedPackets == 0) {
    handOver(id, end, sender, receiver)
    return false
  }
  const home = homeEnd(flow)
  if (home >= 0) creditAtOnce(id, home, home == end ? sender : receiver, frame.ipBytes, home == end)
  else {
    countWithin(sender, receiver, frame.ipBytes)
    addLocal(sender, frame.ipBytes, 0)
    addLocal(receiver, 0, frame.ipBytes)
  }
  if (frame.payloadEnd > frame.payloadAt && frame.fragmentOffset == 0) inspectOthers(id, end, sender, receiver)
  return true
}

/** The flow's first packet is another device's than the last one that used the address. */
function handOver(id: i32, end: i32, sender: i32, receiver: i32): void {
  const flow = flowOf(id)
  flow.bindingA = end == 0 ? sender : receiver
  flow.bindingB = end == 0 ? receiver : sender
  flow.name = NO_NAME
  flow.flags &= ~HOW_BITS
  nameByMemory(id)
}

function kindOf(protocol: i32, one: i32, other: i32): i32 {
  if (protocol == PROTOCOL_TCP) return one == 53 || other == 53 ? KIND_DNS_OVER_TCP : KIND_TCP
  if (protocol != PROTOCOL_UDP) return KIND_OTHER
  if (one == 53 || other == 53) return KIND_DNS
  if (one == 5353 || other == 5353) return KIND_MULTICAST_DNS
  if (one == 5355 || other == 5355) return KIND_LINK_LOCAL_NAMES
  if (one == 67 || other == 67 || one == 68 || other == 68) return KIND_DHCP
  if (one == 546 || other == 546 || one == 547 || other == 547) return KIND_DHCPV6
  if (one == 1900 || other == 1900) return KIND_SSDP
  if (one == 137 || other == 137 || one == 138 || other == 138) return KIND_NETBIOS
  return KIND_UDP
}
