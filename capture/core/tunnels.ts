// Tunnels within the home: the packet inside is taken in place of the one outside.
import { LINK_RAW, PROTOCOL_GRE, PROTOCOL_UDP, SCOPE_GROUP, SCOPE_HOME, SCOPE_SELF, TUNNEL_NONE } from './constants'
import { frame, resetFrame } from './frame'
import { scopeOfIpv4, scopeOfIpv6 } from './home-network'
import { MAX_TUNNEL_FRAGMENTS } from './limits'
import { countTunnel } from './link-notes'
import { byteAt, i32At } from './memory'
import { insideAt, insideLink, isTunnelPort, tunnelAtHand } from './wire/tunnels'

// A router or switch that mirrors the home's packets sends them to an address at home; so do bridges between its parts.
// A tunnel with an end on the internet is the traffic of the device that has it, and is counted as that.

/** A tunnel in a tunnel is a mirror of one; nobody mirrors more often than that. */
const MAX_TUNNELS = 2
const IPV4_LENGTH: i32 = 20
const IPV6_LENGTH: i32 = 40

/** A packet outside whose later fragments are to come. The addresses are as wide as IPv6's. */
@unmanaged
class FirstFragment {
  /** One of TUNNEL_…; TUNNEL_NONE where the place is free. */
  tunnel: i32 = 0
  version: i32 = 0
  id: i32 = 0
  source: i32 = 0
  destination: i32 = 0
}

/** How deep the packet at hand is; of the outermost tunnel which one it is, and the IP length of its packet. */
export let tunnelDepth: i32 = 0
let outside: i32 = TUNNEL_NONE
let outsideBytes: f64 = 0
let mayEnter: bool = true

const FIRST_BYTES: usize = offsetof<FirstFragment>()
const firsts: usize = memory.data(32 * MAX_TUNNEL_FRAGMENTS, 8)
let nextFirst: i32 = 0
let openFirsts: i32 = 0

/** Whether the decoded packet may be a tunnel's, or a later fragment of one. */
export function mayBeTunnel(): bool {
  if (frame.protocol == PROTOCOL_UDP)
    return isTunnelPort(frame.destinationPort) || (frame.fragmentOffset > 0 && openFirsts > 0)
  return frame.protocol == PROTOCOL_GRE
}

/** Packets that were looked at before are not looked into. */
export function setMayEnter(value: bool): void {
  mayEnter = value
}

/**
 * Where the decoded packet is a tunnel's and both of its ends are at home, the frame inside becomes the record. False
 * where it is none, or is all that counts.
 */
export function enterTunnel(): bool {
  // Further packets of a Wi-Fi frame would be lost.
  if (!mayEnter || tunnelDepth >= MAX_TUNNELS || frame.isUnusual != 0 || !areEndsAtHome()) return false
  if (frame.fragmentOffset > 0) {
    if (tunnelDepth == 0) takeLaterFragment()
    return false
  }
  const tunnel = tunnelAtHand()
  if (tunnel == TUNNEL_NONE || (insideLink == LINK_RAW && !isHomesIp(insideAt))) return false
  if (tunnelDepth == 0) {
    outside = tunnel
    outsideBytes = frame.ipBytes
    countTunnel(tunnel)
    if (frame.moreFragments != 0) keepFirst(tunnel)
  }
  tunnelDepth++
  frame.originalLength = max<f64>(0, frame.payloadLength - <f64>(insideAt - frame.payloadAt))
  frame.end = frame.payloadEnd
  frame.at = insideAt
  frame.linkType = insideLink
  return true
}

/** Notes in the frame, which is decoded, in what it was. */
export function finishTunnel(): void {
  if (frame.isUnusual == 0) frame.partsAt = 0
  frame.isUnusual = 1
  frame.tunnel = outside
  frame.outerBytes = outsideBytes
  tunnelDepth = 0
}

function areEndsAtHome(): bool {
  if (frame.version == 4) return areAtHome(scopeOfIpv4(frame.source), scopeOfIpv4(frame.destination))
  return areAtHome(scopeAt(frame.sourceAt), scopeAt(frame.destinationAt))
}

function areAtHome(source: i32, destination: i32): bool {
  return isAtHome(source) && (isAtHome(destination) || destination == SCOPE_GROUP)
}

function isAtHome(scope: i32): bool {
  return scope == SCOPE_HOME || scope == SCOPE_SELF
}

/** Whether the IP packet at `at`, within the payload, has an end at home. */
function isHomesIp(at: usize): bool {
  const have = <i32>(frame.payloadEnd - at)
  const version = have > 0 ? byteAt(at) >> 4 : 0
  if (version == 4 && have >= IPV4_LENGTH)
    return scopeOfIpv4(i32At(at + 12)) == SCOPE_HOME || scopeOfIpv4(i32At(at + 16)) == SCOPE_HOME
  if (version == 6 && have >= IPV6_LENGTH) return scopeAt(at + 8) == SCOPE_HOME || scopeAt(at + 24) == SCOPE_HOME
  return false
}

function scopeAt(at: usize): i32 {
  return scopeOfIpv6(i32At(at), i32At(at + 4), i32At(at + 8), i32At(at + 12))
}

/** Fragments of a packet outside follow its first one closely: a ring of the last ones is enough. */
function keepFirst(tunnel: i32): void {
  const entry = firstAt(nextFirst)
  nextFirst = (nextFirst + 1) % MAX_TUNNEL_FRAGMENTS
  if (entry.tunnel == TUNNEL_NONE) openFirsts++
  entry.tunnel = tunnel
  entry.version = frame.version
  entry.id = frame.fragmentId
  entry.source = sourceWord()
  entry.destination = destinationWord()
}

/** What the first fragment held was counted by its own headers: all of this one is the tunnel's. */
function takeLaterFragment(): void {
  const source = sourceWord()
  const destination = destinationWord()
  for (let place = 0; place < MAX_TUNNEL_FRAGMENTS; place++) {
    const entry = firstAt(place)
    if (entry.tunnel == TUNNEL_NONE || entry.id != frame.fragmentId || entry.version != frame.version) continue
    if (entry.source != source || entry.destination != destination) continue
    const tunnel = entry.tunnel
    if (frame.moreFragments == 0) {
      entry.tunnel = TUNNEL_NONE
      openFirsts--
    }
    outside = tunnel
    outsideBytes = frame.ipBytes
    tunnelDepth = 1
    resetFrame()
    return
  }
}

/** The address, or all words of an IPv6 address folded into one: both ends are at home. */
function sourceWord(): i32 {
  return frame.version == 4 ? frame.source : folded(frame.sourceAt)
}

function destinationWord(): i32 {
  return frame.version == 4 ? frame.destination : folded(frame.destinationAt)
}

function folded(at: usize): i32 {
  return i32At(at) ^ i32At(at + 4) ^ i32At(at + 8) ^ i32At(at + 12)
}

function firstAt(place: i32): FirstFragment {
  return changetype<FirstFragment>(firsts + <usize>place * FIRST_BYTES)
}
