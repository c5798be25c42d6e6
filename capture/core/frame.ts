// The decoded content of the packet at hand: one record, which the decoders fill in and all others read.
import { LAYER_NONE } from './constants'

/**
 * One captured packet and what the decoders read in it. Places are addresses in the core's memory; nothing is copied.
 * `end` is where the captured bytes end; `originalLength` is the packet's length on the wire. The program around the
 * core reads the record by the offsets in frame-layout.ts.
 */
@unmanaged
export class Frame {
  /** Whole seconds since 1970-01-01 UTC. */
  seconds: f64 = 0
  originalLength: f64 = 0
  /** IP total length (IPv6: 40 + payload length), from the header, not from what was captured. */
  ipBytes: f64 = 0
  /** The payload's length by the headers, which may be longer than what was captured. */
  payloadLength: f64 = 0
  /** Number of the packet in its capture, from 1. */
  number: f64 = 0

  /** Nanoseconds after the second. */
  nanos: i32 = 0
  /** 0 where the format carries no time: the time is then the packet's before. */
  timed: i32 = 1
  linkType: i32 = 0
  at: usize = 0
  end: usize = 0

  /** The sender's MAC: its first two bytes and its last four; 0, 0 where there is none. */
  macHigh: i32 = 0
  macLow: i32 = 0
  /** 1 where it was sent to a group MAC: everybody on the link gets it, whatever the IP address looks like. */
  toGroup: i32 = 0

  /** EtherType of the innermost payload, 0 where the link layer has none. */
  etherType: i32 = 0
  /** Where the network layer starts, 0 where there is none. */
  networkAt: usize = 0

  /** 4, 6, or 0 where the packet is no IP. */
  version: i32 = 0
  /** IPv4 addresses; meaningful where version is 4. */
  source: i32 = 0
  destination: i32 = 0
  /** Where the 16 address bytes start; meaningful where version is 6. */
  sourceAt: usize = 0
  destinationAt: usize = 0
  hopLimit: i32 = 0
  /** The transport protocol's number (IANA): 6 TCP, 17 UDP, 1 ICMP, 58 ICMPv6. */
  protocol: i32 = 0
  /** In bytes; above 0 the packet starts in the middle of a datagram and has no ports. */
  fragmentOffset: i32 = 0
  moreFragments: i32 = 0
  fragmentId: i32 = 0

  /** 0 where the transport has no ports. */
  sourcePort: i32 = 0
  destinationPort: i32 = 0
  tcpFlags: i32 = 0
  sequence: i32 = 0
  /** Captured payload of the transport layer, without link padding. */
  payloadAt: usize = 0
  payloadEnd: usize = 0

  /** Where a whole TCP header starts, 0 where there is none. */
  transportAt: usize = 0
  /** A number of the link that it was captured on: the source's, the capture section's and the interface's. */
  link: i32 = 0

  /** The layer (one of LAYER_…) that was cut or damaged; LAYER_NONE where all was decoded. */
  stopped: i32 = 0
  stoppedAt: usize = 0
  stoppedNeed: i32 = 0
  stoppedHave: i32 = 0

  /** Where the receiver's MAC stands; 0 where the link layer has none. */
  receiverAt: usize = 0
  /** 1 where the packet was in a tunnel or is one of several in a Wi-Fi frame: only then the fields below count. */
  isUnusual: i32 = 0
  /** Where the next packet of the same Wi-Fi frame starts, and where the frame ends; 0 where there is none. */
  partsAt: usize = 0
  partsEnd: usize = 0
  /** The tunnel (one of TUNNEL_…) that the packet was in, and the IP length of the packet outside. */
  tunnel: i32 = 0
  outerBytes: f64 = 0
}

export const frame = changetype<Frame>(memory.data(offsetof<Frame>(), 8))

/** Where the record is, for the program around the core. */
export function frameAddress(): usize {
  return changetype<usize>(frame)
}

/** Clears what the decoders fill in; what the record of the capture file says stays. */
export function resetFrame(): void {
  frame.macHigh = 0
  frame.macLow = 0
  frame.toGroup = 0
  frame.etherType = 0
  frame.networkAt = 0
  frame.version = 0
  frame.ipBytes = 0
  frame.protocol = 0
  frame.fragmentOffset = 0
  frame.moreFragments = 0
  frame.sourcePort = 0
  frame.destinationPort = 0
  frame.tcpFlags = 0
  frame.transportAt = 0
  frame.payloadAt = 0
  frame.payloadEnd = 0
  frame.payloadLength = 0
  frame.stopped = LAYER_NONE
  frame.receiverAt = 0
  frame.isUnusual = 0
}

/** Notes that `layer` needed `need` bytes at `at` and had only `have`. What was decoded before stays. */
export function stopAt(layer: i32, at: usize, need: i32, have: i32): void {
  frame.stopped = layer
  frame.stoppedAt = at
  frame.stoppedNeed = need
  frame.stoppedHave = have
}
