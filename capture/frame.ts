// The decoded content of one packet: one object, reused for every packet, that the decoders fill in.

/** The layer at which decoding stopped, for the health counters. */
export type Layer =
  'ethernet' | 'vlan' | 'cooked' | 'loopback' | 'pppoe' | 'arp' | 'ipv4' | 'ipv6' | 'tcp' | 'udp' | 'icmpv6'

const NO_BYTES = new Uint8Array(0)

/**
 * One captured packet and what the decoders read in it. Offsets count from the start of `bytes`; nothing is copied.
 * `end` is where the captured bytes end; `originalLength` is the packet's length on the wire.
 */
export class Frame {
  bytes: Uint8Array = NO_BYTES
  at = 0
  end = 0
  originalLength = 0
  linkType = 0
  /** Number of the packet in its capture, from 1. */
  number = 0
  /** Whole seconds since 1970-01-01 UTC, and the nanoseconds after them. */
  seconds = 0
  nanos = 0
  /** False where the format carries no time (a pcapng simple packet block): the time is then the packet's before. */
  timed = true

  /** The sender's MAC: its first two bytes and its last four (as a signed 32-bit number); 0, 0 where there is none. */
  macHigh = 0
  macLow = 0

  /** Sent to a group MAC: everybody on the link gets it, whatever the IP address looks like. */
  toGroup = false

  /** EtherType of the innermost payload, 0 where the link layer has none. */
  etherType = 0
  /** Where the network layer starts, -1 where there is none. */
  networkAt = -1

  /** 4, 6, or 0 where the packet is no IP. */
  version = 0
  /** IPv4 addresses as signed 32-bit numbers; meaningful where version is 4. */
  source = 0
  destination = 0
  /** Where the 16 address bytes start; meaningful where version is 6. */
  sourceAt = 0
  destinationAt = 0
  /** IP total length (IPv6: 40 + payload length), from the header, not from what was captured. */
  ipBytes = 0
  hopLimit = 0
  /** The transport protocol's number (IANA): 6 TCP, 17 UDP, 1 ICMP, 58 ICMPv6. */
  protocol = 0
  /** In bytes; above 0 the packet starts in the middle of a datagram and has no ports. */
  fragmentOffset = 0
  moreFragments = false
  fragmentId = 0

  /** 0 where the transport has no ports. */
  sourcePort = 0
  destinationPort = 0
  tcpFlags = 0
  sequence = 0
  /** Captured payload of the transport layer, without link padding. */
  payloadAt = 0
  payloadEnd = 0
  /** The payload's length by the headers, which may be longer than what was captured. */
  payloadLength = 0

  /** The layer that was cut or damaged; null where all was decoded. */
  stopped: Layer | null = null
  stoppedAt = 0
  stoppedNeed = 0
  stoppedHave = 0

  reset(): void {
    this.macHigh = 0
    this.macLow = 0
    this.toGroup = false
    this.etherType = 0
    this.networkAt = -1
    this.version = 0
    this.ipBytes = 0
    this.protocol = 0
    this.fragmentOffset = 0
    this.moreFragments = false
    this.sourcePort = 0
    this.destinationPort = 0
    this.tcpFlags = 0
    this.payloadAt = 0
    this.payloadEnd = 0
    this.payloadLength = 0
    this.stopped = null
  }

  /** Notes that `layer` needed `need` bytes at `at` and had only `have`. What was decoded before stays. */
  stop(layer: Layer, at: number, need: number, have: number): void {
    this.stopped = layer
    this.stoppedAt = at
    this.stoppedNeed = need
    this.stoppedHave = have
  }
}

/** Big-endian 16 bits. */
export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1]
}

/** Big-endian 32 bits as a signed number, which stays a small integer for the compiler. */
export function i32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]
}

/** Big-endian 32 bits, unsigned. */
export function u32(bytes: Uint8Array, at: number): number {
  return i32(bytes, at) >>> 0
}
