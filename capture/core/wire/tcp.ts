// TCP headers: ports, flags and payload.
import { LAYER_TCP } from '../constants'
import { frame, stopAt } from '../frame'
import { byteAt, i32At, u16At } from '../memory'

/** TCP header, RFC 9293 section 3.1. */
const HEADER_LENGTH: i32 = 20
const PORTS_LENGTH: i32 = 4
const SEQUENCE_AT = 4
const DATA_OFFSET_AT = 12
const FLAGS_AT = 13

/** Decodes the segment at frame.payloadAt and moves the payload behind the header. */
export function decodeTcp(): void {
  const at = frame.payloadAt
  const end = frame.payloadEnd
  const have = <i32>(end - at)
  // A snaplen may cut behind the ports: they still identify the flow.
  if (have >= PORTS_LENGTH) {
    frame.sourcePort = u16At(at)
    frame.destinationPort = u16At(at + 2)
  }
  if (have < HEADER_LENGTH) {
    frame.payloadAt = end
    return stopAt(LAYER_TCP, at, HEADER_LENGTH, have)
  }
  frame.transportAt = at
  frame.sequence = i32At(at + SEQUENCE_AT)
  frame.tcpFlags = byteAt(at + FLAGS_AT)
  const headerLength = (byteAt(at + DATA_OFFSET_AT) >> 4) << 2
  if (headerLength < HEADER_LENGTH || headerLength > have) {
    const need = max<i32>(headerLength, HEADER_LENGTH)
    frame.payloadAt = end
    frame.payloadLength = max<f64>(0, frame.payloadLength - <f64>need)
    return stopAt(LAYER_TCP, at, need, min<i32>(headerLength, have))
  }
  frame.payloadAt = at + headerLength
  frame.payloadLength -= <f64>headerLength
}
