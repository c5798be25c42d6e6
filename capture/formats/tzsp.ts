// Reader of TZSP datagrams (TaZmen Sniffer Protocol): where the captured frame stands in one, and what its tags say.
import { LinkType } from './link-types.ts'

// The protocol's description by Network Chemistry (application note AN001, 2002) and Wireshark's packet-tzsp.c.
const VERSION = 1
const HEADER_LENGTH = 4
/** Types: a received frame, one to be sent, configuration, keep-alive, and what opens the port of a firewall. */
const RECEIVED = 0
const TO_BE_SENT = 1
const RESERVED = 2
const PORT_OPENER = 5
/** Tags: filling and end are one byte; others are followed by their length and that many bytes. */
const TAG_FILL = 0
const TAG_END = 1
const TAG_FCS_ERROR = 0x11
const TAG_PACKET_COUNT = 0x28
const TAG_ORIGINAL_LENGTH = 0x29

/** Protocols of the frame inside, by the numbers of TZSP. */
const LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [1, LinkType.Ethernet],
  [18, LinkType.Wifi],
  [119, LinkType.Prism],
  [127, LinkType.Avs],
])

/**
 * `frame`: there is one. `empty`: a message without a frame. `unread`: a frame of another protocol. `wrong`: the radio
 * that received it found its checksum wrong. `damaged`: it is no TZSP, or cut off.
 */
export type TzspKind = 'frame' | 'empty' | 'unread' | 'wrong' | 'damaged'

/** A datagram as it was read last; the fields of the frame count where the kind is `frame`. */
export class TzspDatagram {
  linkType = 0
  /** Where the frame starts in the datagram; it ends where the datagram does. */
  at = 0
  /** The frame's length before it was cut. */
  originalLength = 0
  /** The sender's number of the frame, counted up by one (32 bits); null where it gives none. */
  count: number | null = null
  private fcsError = false

  /** Throws nothing. */
  read(bytes: Uint8Array): TzspKind {
    this.count = null
    this.fcsError = false
    this.originalLength = 0
    if (bytes.length < HEADER_LENGTH || bytes[0] !== VERSION || bytes[1] > PORT_OPENER) return 'damaged'
    const [, type, high, low] = bytes
    if (type >= RESERVED) return 'empty'
    if (type !== RECEIVED && type !== TO_BE_SENT) return 'damaged'
    const at = this.readTags(bytes)
    if (at < 0) return 'damaged'
    const protocol = (high << 8) | low
    if (at === bytes.length || protocol === 0) return 'empty'
    const linkType = LINK_TYPES.get(protocol)
    if (linkType === undefined) return 'unread'
    if (this.fcsError) return 'wrong'
    this.linkType = linkType
    this.at = at
    this.originalLength = Math.max(this.originalLength, bytes.length - at)
    return 'frame'
  }

  /** Where the frame starts; -1 where the tags have no end. */
  private readTags(bytes: Uint8Array): number {
    for (let at = HEADER_LENGTH; at < bytes.length;) {
      const tag = bytes[at++]
      if (tag === TAG_END) return at
      if (tag === TAG_FILL) continue
      const length = bytes[at++]
      if (length === undefined || at + length > bytes.length) return -1
      this.readTag(tag, bytes, at, length)
      at += length
    }
    return -1
  }

  private readTag(tag: number, bytes: Uint8Array, at: number, length: number): void {
    if (tag === TAG_FCS_ERROR && length === 1) this.fcsError = bytes[at] !== 0
    else if (tag === TAG_ORIGINAL_LENGTH && length === 2) this.originalLength = (bytes[at] << 8) | bytes[at + 1]
    else if (tag === TAG_PACKET_COUNT && length === 4)
      this.count = ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
  }
}
