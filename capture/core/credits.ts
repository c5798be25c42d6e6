// Credits: bytes and packets of connections that another program counted (Linux's conntrack), added to the flows to
// which their packets would have belonged.
import { bindingNow } from './bindings'
import {
  CREDIT_BYTES,
  CREDITS_AT_ONCE,
  ETHER_TYPE_IPV4,
  ETHER_TYPE_IPV6,
  LINK_RAW,
  NO_MAC,
  NOT_COMPARED_LINK,
  OTHER_BINDING,
  REST_PASSING,
  REST_TO_GROUP,
  SCOPE_GROUP,
  SCOPE_HOME,
  SCOPE_INTERNET,
  SCOPE_SELF,
} from './constants'
import { findIpv4, findIpv6 } from './addresses'
import { now } from './clock'
import { resumeCopies, suspendCopies } from './copies'
import { countCredited, countExcludedCredit, countLocal, countRest } from './counters'
import { keepTime, mayExclude } from './engine'
import { openFlow, refreshBindings } from './flow-bindings'
import { addLocal, creditNameless, hasTicks, touchFlow } from './flow-credits'
import { findFlow, flowOf, TOUCHED } from './flows'
import { frame, resetFrame } from './frame'
import { scopeOfIpv4, scopeOfIpv6 } from './home-network'
import { isExcluded, mayBeNamed } from './host'
import { macNumber } from './macs'
import { i32At } from './memory'
import { macOfBinding, ownershipEpoch } from './ownership'
import { notePorts } from './ports'
import { ipv6Id } from './senders'

/** One record; the program around the core writes it by the offsets in credits-layout.ts. */
@unmanaged
class Credit {
  addressA0: i64 = 0
  addressA1: i64 = 0
  addressB0: i64 = 0
  addressB1: i64 = 0
  bytesA: f64 = 0
  bytesB: f64 = 0
  packetsA: i32 = 0
  packetsB: i32 = 0
  portA: u16 = 0
  portB: u16 = 0
  version: u8 = 0
  protocol: u8 = 0
}

const ADDRESS_BYTES: usize = 16
const IPV4_IN_ADDRESS: usize = 12
/** MAC of the receiver, where the question whether a credit is excluded looks for it. */
const receiver = memory.data(8, 8)
const buffer = memory.data(CREDIT_BYTES * CREDITS_AT_ONCE, 8)

/** Where CREDITS_AT_ONCE records have room. */
export function creditsAddress(): usize {
  return buffer
}

/** Takes the first `count` records of the buffer: what passed until `time`, seconds since 1970-01-01 UTC. */
export function takeCredits(count: i32, time: f64): void {
  const copies = suspendCopies()
  const most = min<i32>(count, CREDITS_AT_ONCE)
  for (let index = 0; index < most; index++) {
    const at = buffer + <usize>index * CREDIT_BYTES
    const credit = changetype<Credit>(at)
    if (credit.version != 4 && credit.version != 6) continue
    if (credit.packetsA > 0 || credit.bytesA > 0) {
      fillFrame(credit, time, at, at + ADDRESS_BYTES)
      frame.sourcePort = credit.portA
      frame.destinationPort = credit.portB
      take(credit.bytesA, credit.packetsA)
    }
    if (credit.packetsB > 0 || credit.bytesB > 0) {
      fillFrame(credit, time, at + ADDRESS_BYTES, at)
      frame.sourcePort = credit.portB
      frame.destinationPort = credit.portA
      take(credit.bytesB, credit.packetsB)
    }
  }
  resumeCopies(copies)
}

function fillFrame(credit: Credit, time: f64, source: usize, destination: usize): void {
  resetFrame()
  frame.timed = 1
  frame.seconds = Math.floor(time)
  frame.nanos = <i32>((time - frame.seconds) * 1e9)
  frame.linkType = LINK_RAW
  frame.link = NOT_COMPARED_LINK
  frame.at = source
  frame.end = source
  frame.payloadAt = source
  frame.payloadEnd = source
  frame.version = credit.version
  frame.etherType = credit.version == 4 ? ETHER_TYPE_IPV4 : ETHER_TYPE_IPV6
  frame.protocol = credit.protocol
  frame.hopLimit = 0
  if (credit.version == 4) {
    frame.source = i32At(source + IPV4_IN_ADDRESS)
    frame.destination = i32At(destination + IPV4_IN_ADDRESS)
  }
  frame.sourceAt = source
  frame.destinationAt = destination
}

/** What one end sent: the frame holds its way. */
function take(bytes: f64, packets: i32): void {
  keepTime()
  frame.ipBytes = bytes
  if (mayExclude && isOneExcluded()) return countExcludedCredit(bytes, <f64>packets)
  countCredited(bytes, <f64>packets)
  if (!mayAppear()) return takeElsewhere(bytes, packets)
  const isIpv4 = frame.version == 4
  const source = isIpv4 ? frame.source : ipv6Id(frame.sourceAt)
  const destination = isIpv4 ? frame.destination : ipv6Id(frame.destinationAt)
  const protocol = (frame.version << 8) | frame.protocol
  const isSwapped = source > destination || (source == destination && frame.sourcePort > frame.destinationPort)
  const a = isSwapped ? destination : source
  const b = isSwapped ? source : destination
  const ports = isSwapped
    ? (frame.destinationPort << 16) | frame.sourcePort
    : (frame.sourcePort << 16) | frame.destinationPort
  const end = isSwapped ? 1 : 0
  let id = findFlow(a, b, ports, protocol)
  if (id < 0) id = openFlow(a, b, ports, protocol)
  if (flowOf(id).epoch != ownershipEpoch) {
    refreshBindings(id)
    notePorts(id, end)
  }
  const flow = flowOf(id)
  if (end == 0) flow.pendingA += bytes
  else flow.pendingB += bytes
  if (now > flow.last) flow.last = now
  else if (now < flow.first) flow.first = now
  flow.pendingPackets += packets
  if (hasTicks && (flow.flags & TOUCHED) == 0) touchFlow(id)
}

/**
 * A packet shows the MACs of its ends, by which the owner's decisions are kept; of a credit they are those that hold
 * its addresses now.
 */
function isOneExcluded(): bool {
  const from = holderOf(frame.source, frame.sourceAt)
  const to = holderOf(frame.destination, frame.destinationAt)
  if (from > NO_MAC) {
    frame.macHigh = macNumber(from, 0)
    frame.macLow = macNumber(from, 1)
  }
  if (to > NO_MAC) {
    store<u16>(receiver, bswap<u16>(<u16>macNumber(to, 0)))
    store<u32>(receiver + 2, bswap<u32>(<u32>macNumber(to, 1)))
    frame.receiverAt = receiver
  }
  const isOut = isExcluded()
  // It was no packet: it proves nothing of who sends from where.
  frame.macHigh = 0
  frame.macLow = 0
  frame.receiverAt = 0
  return isOut
}

function holderOf(ipv4: i32, at: usize): i32 {
  const address = frame.version == 4 ? findIpv4(ipv4) : findIpv6(at)
  return address < 0 ? NO_MAC : macOfBinding(bindingNow(address))
}

function scopeAt(ipv4: i32, at: usize): i32 {
  return frame.version == 4 ? scopeOfIpv4(ipv4) : scopeOfIpv6(i32At(at), i32At(at + 4), i32At(at + 8), i32At(at + 12))
}

/** Whether the sender is known, or is one of the few new ones that a home may bring at once. No credit waits. */
function mayAppear(): bool {
  const known = frame.version == 4 ? findIpv4(frame.source) : findIpv6(frame.sourceAt)
  if (known >= 0 || scopeAt(frame.source, frame.sourceAt) != SCOPE_HOME) return true
  turnRound()
  const isAdmitted = mayBeNamed()
  turnRound()
  return isAdmitted
}

/** Swaps the two addresses: the host is asked about a destination. */
function turnRound(): void {
  const source = frame.source
  const sourceAt = frame.sourceAt
  frame.source = frame.destination
  frame.sourceAt = frame.destinationAt
  frame.destination = source
  frame.destinationAt = sourceAt
}

/** In a flood of made-up senders: the bytes count with all others of the kind. */
function takeElsewhere(bytes: f64, packets: i32): void {
  const to = scopeAt(frame.destination, frame.destinationAt)
  if (to == SCOPE_INTERNET) return creditNameless(OTHER_BINDING, bytes, 0, now)
  if (to == SCOPE_HOME || to == SCOPE_SELF) {
    countLocal(bytes)
    return addLocal(OTHER_BINDING, bytes, 0)
  }
  countRest(to == SCOPE_GROUP ? REST_TO_GROUP : REST_PASSING, bytes, <f64>packets)
}
