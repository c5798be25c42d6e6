// TCP headers: ports, flags and payload.
import { type Frame, i32, u16 } from '../frame.ts'

/** TCP header, RFC 9293 section 3.1. */
const HEADER_LENGTH = 20
export const TCP_FIN = 0x01
export const TCP_SYN = 0x02
export const TCP_RST = 0x04
export const TCP_ACK = 0x10

/** Decodes the segment at frame.payloadAt and moves the payload behind the header. */
export function decodeTcp(frame: Frame): void {
  const { bytes, payloadAt: at, payloadEnd: end } = frame
  const have = end - at
  // A snaplen may cut behind the ports: they still identify the flow.
  if (have >= 4) {
    frame.sourcePort = u16(bytes, at)
    frame.destinationPort = u16(bytes, at + 2)
  }
  if (have < HEADER_LENGTH) {
    frame.payloadAt = end
    return frame.stop('tcp', at, HEADER_LENGTH, have)
  }
  frame.sequence = i32(bytes, at + 4)
  frame.tcpFlags = bytes[at + 13]
  const headerLength = (bytes[at + 12] >> 4) << 2
  if (headerLength < HEADER_LENGTH || headerLength > have) {
    frame.payloadAt = end
    frame.payloadLength = Math.max(0, frame.payloadLength - Math.max(headerLength, HEADER_LENGTH))
    return frame.stop('tcp', at, Math.max(headerLength, HEADER_LENGTH), Math.min(headerLength, have))
  }
  frame.payloadAt = at + headerLength
  frame.payloadLength -= headerLength
}
