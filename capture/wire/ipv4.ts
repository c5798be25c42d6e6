// IPv4 headers: addresses, length, fragment and payload.
import { type Frame, i32, u16 } from '../frame.ts'

/** IPv4 header, RFC 791 section 3.1. */
const HEADER_LENGTH = 20

/** Decodes the header at `at`; on success frame.payloadAt/End/Length span what the header says is its payload. */
export function decodeIpv4(frame: Frame, at: number): boolean {
  const { bytes, end } = frame
  if (end - at < HEADER_LENGTH) {
    frame.stop('ipv4', at, HEADER_LENGTH, end - at)
    return false
  }
  const headerLength = (bytes[at] & 0x0f) << 2
  if (headerLength < HEADER_LENGTH) {
    frame.stop('ipv4', at, HEADER_LENGTH, headerLength)
    return false
  }
  frame.version = 4
  frame.source = i32(bytes, at + 12)
  frame.destination = i32(bytes, at + 16)
  frame.protocol = bytes[at + 9]
  frame.hopLimit = bytes[at + 8]
  const fragment = u16(bytes, at + 6)
  frame.moreFragments = (fragment & 0x2000) !== 0
  frame.fragmentOffset = (fragment & 0x1fff) << 3
  frame.fragmentId = u16(bytes, at + 4)
  let total = u16(bytes, at + 2)
  // Segmentation offload hands the capture a packet whose length the card would have filled in: the frame's counts.
  if (total === 0) total = Math.max(headerLength, frame.originalLength - (at - frame.at))
  frame.ipBytes = total
  frame.payloadAt = Math.min(at + headerLength, end)
  frame.payloadEnd = Math.max(frame.payloadAt, Math.min(at + total, end))
  frame.payloadLength = Math.max(0, total - headerLength)
  return true
}
