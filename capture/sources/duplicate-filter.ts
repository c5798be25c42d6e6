// Detects packets that were captured twice: by "any", on a bridge and its port, or by a second source.
import { decode } from '../decode.ts'
import { LinkType } from '../formats/link-types.ts'
import { type Frame, i32 } from '../frame.ts'
import { KeyedHash } from '../keyed-hash.ts'

/** Two sightings of one packet lie within this time; a bridge takes microseconds, two captures a few milliseconds. */
const SAME_WITHIN_MS = 100
/**
 * Slots of the table (a power of two), and how many of them one packet may stand in: 100 ms at 100,000 packets a
 * second.
 */
const SLOTS = 1 << 16
const SLOTS_TOGETHER = 8
/** Payload bytes that are compared: with addresses, ports, identification and checksums they distinguish packets. */
const PAYLOAD_LENGTH = 32

/**
 * Tells packets that were seen before on another link. The same link twice is a retransmission, and real. A link is a
 * source and, for "any", the interface in it. Forgets by itself: the table has a fixed size.
 */
export class DuplicateFilter {
  /** Packets that were seen before. */
  duplicates = 0
  /** 64 bits of a hash of each packet, where it was seen, and when (milliseconds, in float64). */
  private readonly first = new Int32Array(SLOTS)
  private readonly second = new Int32Array(SLOTS)
  private readonly links = new Int32Array(SLOTS)
  private readonly times = new Float64Array(SLOTS).fill(-Infinity)
  /** Keyed: nobody can write a packet that another one is then taken for. */
  private readonly hash = new KeyedHash()

  /**
   * True where the packet came by another link within the last 100 ms of capture time. Decodes the frame. `source` is
   * the number of the source, up to 255.
   */
  isDuplicate(frame: Frame, source: number): boolean {
    decode(frame)
    // What is no IP (ARP, for one) only teaches, and may be seen twice.
    if (frame.version === 0) return false
    const time = frame.seconds * 1000 + frame.nanos / 1e6
    const link = linkOf(frame, source)
    this.addToHash(frame)
    const first = this.hash.end()
    const second = this.hash.more()
    const start = first & (SLOTS - SLOTS_TOGETHER)
    let oldest = start
    for (let slot = start; slot < start + SLOTS_TOGETHER; slot++) {
      const isRecent = Math.abs(time - this.times[slot]) <= SAME_WITHIN_MS
      if (isRecent && this.first[slot] === first && this.second[slot] === second) {
        if (this.links[slot] === link) {
          // Sent once more on the same way: counts, and so does the copy on the other way behind it.
          this.times[slot] = time
          return false
        }
        this.duplicates++
        return true
      }
      if (this.times[slot] < this.times[oldest]) oldest = slot
    }
    this.first[oldest] = first
    this.second[oldest] = second
    this.links[oldest] = link
    this.times[oldest] = time
    return false
  }

  /**
   * Of what stays the same from link to link: not MAC, VLAN, TTL and the IPv4 header's own checksum, which depends on
   * it; the transport's checksum may be unfinished on the way out (offloading), so it does not count either.
   */
  private addToHash(frame: Frame): void {
    const { bytes, end, networkAt: at } = frame
    const { hash } = this
    hash.begin()
    hash.add(frame.protocol)
    hash.add(frame.ipBytes)
    if (frame.version === 4) {
      hash.add(i32(bytes, at + 4))
      hash.add(frame.source)
      hash.add(frame.destination)
    } else {
      for (let index = 0; index < 32; index += 4) hash.add(i32(bytes, at + 8 + index))
    }
    hash.add((frame.sourcePort << 16) | frame.destinationPort)
    if (frame.protocol === 6) {
      hash.add(frame.sequence)
      hash.add(frame.tcpFlags)
    }
    // Behind the headers, or what follows the IP header where the transport has no ports.
    const from = frame.payloadAt > 0 ? frame.payloadAt : at + (frame.version === 4 ? (bytes[at] & 15) * 4 : 40)
    hash.addBytes(bytes, from, Math.min(frame.payloadAt > 0 ? frame.payloadEnd : end, from + PAYLOAD_LENGTH))
  }
}

/** Where "any" saw it, and whether it came in or went out there: this machine's talk with itself does both. */
function linkOf(frame: Frame, source: number): number {
  const { bytes, at, end } = frame
  if (frame.linkType === LinkType.LinuxCooked2 && end - at >= 20)
    return (source << 24) ^ (i32(bytes, at + 4) << 3) ^ (bytes[at + 10] & 7)
  if (frame.linkType === LinkType.LinuxCooked && end - at >= 16) return (source << 24) ^ (bytes[at + 1] & 7)
  return source << 24
}
