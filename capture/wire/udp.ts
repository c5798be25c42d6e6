// UDP headers: ports and payload.
import { type Frame, u16 } from '../frame.ts'

/** UDP header, RFC 768. */
const HEADER_LENGTH = 8

/** Decodes the datagram at frame.payloadAt and moves the payload behind the header. */
export function decodeUdp(frame: Frame): void {
  const { bytes, payloadAt: at, payloadEnd: end } = frame
  const have = end - at
  if (have >= 4) {
    frame.sourcePort = u16(bytes, at)
    frame.destinationPort = u16(bytes, at + 2)
  }
  if (have < HEADER_LENGTH) {
    frame.payloadAt = end
    return frame.stop('udp', at, HEADER_LENGTH, have)
  }
  const length = u16(bytes, at + 4)
  frame.payloadAt = at + HEADER_LENGTH
  frame.payloadLength -= HEADER_LENGTH
  // 0 is legal in a jumbogram (RFC 2675 section 4), and offload leaves it so: the payload is the rest.
  if (length < HEADER_LENGTH || at + length > end) return
  frame.payloadEnd = at + length
  frame.payloadLength = Math.min(frame.payloadLength, length - HEADER_LENGTH)
}
