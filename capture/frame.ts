// The decoded content of one packet, for what runs around the packet core: one object, reused for every packet.
import { FrameAt } from './core/frame-layout.ts'
import type { PacketCore } from './packet-core.ts'

/** The layer at which decoding stopped, for the health counters. */
export type Layer =
  | 'ethernet'
  | 'vlan'
  | 'cooked'
  | 'loopback'
  | 'pppoe'
  | 'arp'
  | 'ipv4'
  | 'ipv6'
  | 'tcp'
  | 'udp'
  | 'icmpv6'
  | 'ppp'
  | 'wifi'
  | 'capture'
  | 'mpls'

const NO_BYTES = new Uint8Array(0)

/** Names of the layers by their numbers in the core, LAYER_…. */
export const LAYER_NAMES: readonly (Layer | null)[] = [
  null,
  'ethernet',
  'vlan',
  'cooked',
  'loopback',
  'pppoe',
  'arp',
  'ipv4',
  'ipv6',
  'tcp',
  'udp',
  'icmpv6',
  'ppp',
  'wifi',
  'capture',
  'mpls',
]

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
  /** A number of the link that it was captured on: the source's, the capture section's and the interface's. */
  link = 0
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

  /** Where the receiver's MAC stands, -1 where the link layer has none. */
  receiverAt = -1

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

  /** The core that the packet was loaded from, and its memory then. */
  private core: PacketCore | null = null
  private coreBytes: Uint8Array = NO_BYTES

  /** The core whose memory holds the packet; null where `bytes` are others. */
  get loadedFrom(): PacketCore | null {
    return this.bytes === this.coreBytes ? this.core : null
  }

  /** Takes over the packet at hand in the core: `bytes` is the core's memory then, until that grows. */
  load(core: PacketCore): void {
    this.loadRecord(core)
    this.loadDecoded(core, 0)
  }

  /** The same without what the decoders found. */
  loadRecord(core: PacketCore): void {
    const { integers, numbers } = core
    const address = core.exports.frameAddress()
    const at = address >> 2
    this.core = core
    this.bytes = this.coreBytes = core.bytes
    this.at = integers[at + (FrameAt.at >> 2)]
    this.end = integers[at + (FrameAt.end >> 2)]
    this.linkType = integers[at + (FrameAt.linkType >> 2)]
    this.link = integers[at + (FrameAt.link >> 2)]
    this.nanos = integers[at + (FrameAt.nanos >> 2)]
    this.timed = integers[at + (FrameAt.timed >> 2)] !== 0
    this.seconds = numbers[(address + FrameAt.seconds) >> 3]
    this.originalLength = numbers[(address + FrameAt.originalLength) >> 3]
    this.number = numbers[(address + FrameAt.number) >> 3]
  }

  /** What the core's decoders found in this packet, whose bytes stand `shift` higher here than in the core. */
  loadDecoded(core: PacketCore, shift: number): void {
    const { integers, numbers } = core
    const address = core.exports.frameAddress()
    const field = (offset: number): number => integers[(address + offset) >> 2]
    const place = (offset: number, nowhere: number): number => {
      const at = field(offset)
      return at === 0 ? nowhere : at + shift
    }
    this.macHigh = field(FrameAt.macHigh)
    this.macLow = field(FrameAt.macLow)
    this.toGroup = field(FrameAt.toGroup) !== 0
    this.receiverAt = place(FrameAt.receiverAt, -1)
    this.etherType = field(FrameAt.etherType)
    this.networkAt = place(FrameAt.networkAt, -1)
    this.version = field(FrameAt.version)
    this.source = field(FrameAt.source)
    this.destination = field(FrameAt.destination)
    this.sourceAt = place(FrameAt.sourceAt, 0)
    this.destinationAt = place(FrameAt.destinationAt, 0)
    this.ipBytes = numbers[(address + FrameAt.ipBytes) >> 3]
    this.hopLimit = field(FrameAt.hopLimit)
    this.protocol = field(FrameAt.protocol)
    this.fragmentOffset = field(FrameAt.fragmentOffset)
    this.moreFragments = field(FrameAt.moreFragments) !== 0
    this.fragmentId = field(FrameAt.fragmentId)
    this.sourcePort = field(FrameAt.sourcePort)
    this.destinationPort = field(FrameAt.destinationPort)
    this.tcpFlags = field(FrameAt.tcpFlags)
    this.sequence = field(FrameAt.sequence)
    this.payloadAt = place(FrameAt.payloadAt, 0)
    this.payloadEnd = place(FrameAt.payloadEnd, 0)
    this.payloadLength = numbers[(address + FrameAt.payloadLength) >> 3]
    this.stopped = LAYER_NAMES[field(FrameAt.stopped)] ?? null
    this.stoppedAt = place(FrameAt.stoppedAt, 0)
    this.stoppedNeed = field(FrameAt.stoppedNeed)
    this.stoppedHave = field(FrameAt.stoppedHave)
  }

  /** Makes this the packet at hand in the core, not decoded yet, with its bytes in [at, end) of the core's memory. */
  storeRecord(core: PacketCore, at: number, end: number): void {
    const { integers, numbers } = core
    const address = core.exports.frameAddress()
    integers[(address + FrameAt.at) >> 2] = at
    integers[(address + FrameAt.end) >> 2] = end
    integers[(address + FrameAt.linkType) >> 2] = this.linkType
    integers[(address + FrameAt.link) >> 2] = this.link
    integers[(address + FrameAt.nanos) >> 2] = this.nanos
    integers[(address + FrameAt.timed) >> 2] = this.timed ? 1 : 0
    numbers[(address + FrameAt.seconds) >> 3] = this.seconds
    numbers[(address + FrameAt.originalLength) >> 3] = this.originalLength
    numbers[(address + FrameAt.number) >> 3] = this.number
  }

  reset(): void {
    this.macHigh = 0
    this.macLow = 0
    this.toGroup = false
    this.receiverAt = -1
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

/** Time with its fraction. A double of today's seconds would round the last 120 ns of a second up to the next one. */
export function timeOf({ seconds, nanos }: Pick<Frame, 'seconds' | 'nanos'>): number {
  return seconds + Math.min(nanos, 999_999_700) * 1e-9
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
