// Packets that were captured more than once: on several interfaces, before and after a router, or by a mirror.
import { NOT_COMPARED_LINK, PROTOCOL_TCP, PROTOCOL_UDP, TCP_FIN, TCP_RST, TCP_SYN } from './constants'
import { now } from './clock'
import { forgetDoubling, isClockFine, isDoubling, observeAgain, observeClock } from './copy-evidence'
import { hasNumber, identify, linkBits, senderBits } from './copy-identity'
import {
  addWay,
  COUNTED,
  countWay,
  EXCLUDED,
  find,
  findTranslated,
  insert,
  isTagKnown,
  isSamePacket,
  isSamePayload,
  isSourceOther,
  LEFT_OUT,
  NO_FLOW,
  noteLeftOut,
  Sighting,
  takeLeftOut,
  wayOf,
} from './copy-table'
import { countCopy } from './counters'
import { takeBack } from './flow-credits'
import { frame } from './frame'

/**
 * The same packet by another way (link, MACs, VLAN or hop limit) comes within this time: a bridge or router takes
 * microseconds, the clocks of two machines differ by milliseconds.
 */
const OTHER_WAY_SECONDS: f64 = 0.1
/**
 * Copies by the same way come within this time: a switch's mirror port has buffers of a few milliseconds. Timers of
 * retransmission are longer: RFC 6298 asks for 1 s, Linux waits 200 ms and FreeBSD 30 ms at least, tail loss probes
 * (RFC 8985) two round trips and more. Nearly all stacks give what they send again a new number in the IP header, too.
 */
const SAME_WAY_SECONDS: f64 = 0.005
/** The same for segments without a number: a loss shows after a round trip at the earliest (RACK, RFC 8985). */
const UNNUMBERED_SECONDS: f64 = 0.001
/**
 * A mirror of both directions, or of several ports, shows a packet up to this often. What comes oftener in the same
 * words is a program that sends nothing else, as a generator of traffic does: all of it was sent, and counts.
 */
const MOST_SIGHTINGS: u8 = 4
/** A router takes one off the hop limit; a container's host and the home's router two. */
const MOST_HOPS: i32 = 2
/** Payloads of this length and more are not the same by chance. */
const LONG_PAYLOAD: usize = 16
/** RFC 9000 section 17: the fixed bit; section 12.3: no packet number is sent twice; section 10.3: the shortest one. */
const QUIC_PORT = 443
const QUIC_BIT: u8 = 0x40
const SHORTEST_QUIC: usize = 21

/** Copies by the same way, by another one, and with other addresses; and what may be one, and is counted. */
export let copiesSameWay: f64 = 0
export let copiesOtherWay: f64 = 0
export let copiesTranslated: f64 = 0
export let copiesUnsure: f64 = 0
/** The longest time between two sightings by the same way, in seconds. */
export let longestCopyGap: f64 = 0
/** Numbers of the first copy by the same way, of the first other one, and of the first that may be one; 0: none. */
export let firstSameWay: f64 = 0
export let firstOtherWay: f64 = 0
export let firstUnsure: f64 = 0

/** The sighting of the packet at hand; 0 where it is none that was taken in. */
let current: usize = 0
/** Packets like the one at hand that were left out as its copies and turn out to be none. */
export let restored: i32 = 0

/** Whether the packet at hand, which is decoded and IP, was counted before. Notes it for those behind it. */
export function isCopied(): bool {
  current = 0
  restored = 0
  if (frame.link == NOT_COMPARED_LINK) return false
  observeClock()
  identify()
  const known = find(now, OTHER_WAY_SECONDS)
  return known != 0 ? isSeen(changetype<Sighting>(known)) : isNew()
}

/** The packet at hand was counted for the end of the flow. */
export function noteFlow(id: i32, end: i32): void {
  if (current != 0) changetype<Sighting>(current).flow = (id << 1) | end
}

/** The packet at hand is excluded: its copies must not be counted either. */
export function noteExcluded(): void {
  if (current != 0) changetype<Sighting>(current).state = EXCLUDED
}

/** Another packet is processed in between: gives what `resumeCopies` needs. */
export function suspendCopies(): usize {
  const before = current
  current = 0
  return before
}

export function resumeCopies(before: usize): void {
  current = before
}

/** A packet with these addresses was there within the last moments. */
function isSeen(sighting: Sighting): bool {
  const way = wayOf(sighting)
  if (way < 0) {
    if (!isSamePayload(sighting) || isOtherSender(sighting)) return isNew()
    addWay(sighting)
    return leaveOther()
  }
  const times = countWay(sighting, way)
  // It was sent again, and counted where it was seen first.
  if (times <= sighting.counted) return leaveOther()
  if (times > MOST_SIGHTINGS) return isRepeated(sighting, times)
  const gap = Math.abs(now - sighting.time)
  if (gap <= SAME_WAY_SECONDS && isSamePacket(sighting)) {
    const isSure = isClockFine() && isRecognisable()
    observeAgain(isSure)
    if (isCertain(gap, isSure)) {
      sighting.counted = times
      noteLeftOut(sighting)
      return leaveSameWay(gap)
    }
    noteUnsure()
  }
  sighting.counted = times
  sighting.time = now
  return sighting.state == LEFT_OUT ? leaveOther() : false
}

/** It comes too often for a copy: those that were left out by the same way count, too. */
function isRepeated(sighting: Sighting, times: u8): bool {
  sighting.counted = times
  sighting.time = now
  if (sighting.state == LEFT_OUT) return leaveOther()
  restored = takeLeftOut(sighting)
  copiesSameWay -= restored
  if (restored > 0) forgetDoubling()
  return false
}

/**
 * On one link with as many hops: where another MAC sent it, it is another one's packet, as in a flood of made-up
 * senders. Between the same two only what two packets cannot share makes it the same.
 */
function isOtherSender(sighting: Sighting): bool {
  const apart = abs<i32>(<i32>sighting.hopLimit - frame.hopLimit)
  if (sighting.link != linkBits() || (apart > 0 && apart <= MOST_HOPS)) return false
  if (sighting.sender == senderBits() && (isRecognisable() || isDoubling())) return false
  if (Math.abs(now - sighting.time) <= SAME_WAY_SECONDS) noteUnsure()
  return true
}

function noteUnsure(): void {
  copiesUnsure++
  if (firstUnsure == 0) firstUnsure = frame.number
}

/** Whether it is no repetition. What cannot be told is, where the link doubles everything else. */
function isCertain(gap: f64, isSure: bool): bool {
  if (isSure && (hasNumber || isQuic() || gap <= UNNUMBERED_SECONDS)) return true
  return isDoubling()
}

/**
 * Whether two packets like it are one. Acknowledgements, resets and small datagrams are sent twice in the same words,
 * and without a number nothing tells the second from a copy.
 */
function isRecognisable(): bool {
  if (hasNumber) return true
  if (frame.protocol == PROTOCOL_TCP && frame.transportAt != 0) {
    const isOpening = (frame.tcpFlags & (TCP_SYN | TCP_FIN)) != 0
    return (frame.tcpFlags & TCP_RST) == 0 && (isOpening || frame.payloadEnd > frame.payloadAt)
  }
  return isQuic()
}

function isQuic(): bool {
  return (
    frame.protocol == PROTOCOL_UDP &&
    (frame.sourcePort == QUIC_PORT || frame.destinationPort == QUIC_PORT) &&
    frame.payloadEnd - frame.payloadAt >= SHORTEST_QUIC &&
    (load<u8>(frame.payloadAt) & QUIC_BIT) != 0
  )
}

function isNew(): bool {
  if (isTagKnown && frame.version == 4 && isTranslatable()) {
    const other = findTranslated(now, OTHER_WAY_SECONDS, MOST_HOPS)
    if (other != 0 && isSamePayload(changetype<Sighting>(other))) return isTranslated(changetype<Sighting>(other))
  }
  current = changetype<usize>(insert(now))
  return false
}

/** Whether the content alone makes two packets with other addresses the same. */
function isTranslatable(): bool {
  if (frame.protocol == PROTOCOL_TCP) return frame.transportAt != 0
  return hasNumber || frame.payloadEnd - frame.payloadAt >= LONG_PAYLOAD
}

/**
 * The same packet on the other side of a translation of addresses (NAT). The home's side is counted, whose address is
 * the device's: there the source is not replaced yet, or the destination is replaced already, and the hop limit tells
 * before from behind. What was counted for the other side is taken back.
 */
function isTranslated(other: Sighting): bool {
  const isInner = isSourceOther(other) == frame.hopLimit > <i32>other.hopLimit
  const state = other.state
  const flow = other.flow
  const bytes = frame.ipBytes
  const time = other.time
  if (isInner && state == COUNTED && flow != NO_FLOW && takeBack(flow >> 1, flow & 1, bytes, time)) {
    other.state = LEFT_OUT
    copiesTranslated++
    if (firstOtherWay == 0) firstOtherWay = frame.number
    countCopy(bytes)
    current = changetype<usize>(insert(now))
    return false
  }
  const isCounted = isInner && state == EXCLUDED
  const sighting = insert(now)
  if (isCounted) {
    current = changetype<usize>(sighting)
    return false
  }
  sighting.state = LEFT_OUT
  copiesTranslated++
  if (firstOtherWay == 0) firstOtherWay = frame.number
  return true
}

function leaveOther(): bool {
  copiesOtherWay++
  if (firstOtherWay == 0) firstOtherWay = frame.number
  return true
}

function leaveSameWay(gap: f64): bool {
  copiesSameWay++
  if (firstSameWay == 0) firstSameWay = frame.number
  if (gap > longestCopyGap) longestCopyGap = gap
  return true
}
