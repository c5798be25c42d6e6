// UDP headers: ports and payload.
import { LAYER_UDP } from '../constants'
import { frame, stopAt } from '../frame'
import { u16At } from '../memory'

/** UDP header, RFC 768. */
const HEADER_LENGTH: i32 = 8
const PORTS_LENGTH: i32 = 4
const LENGTH_AT = 4

/** Decodes the datagram at frame.payloadAt and moves the payload behind the header. */
export function decodeUdp(): void {
  const at = frame.payloadAt
  const end = frame.payloadEnd
  const have = <i32>(end - at)
  if (have >= PORTS_LENGTH) {
    frame.sourcePort = u16At(at)
    frame.destinationPort = u16At(at + 2)
  }
  if (have < HEADER_LENGTH) {
    frame.payloadAt = end
    return stopAt(LAYER_UDP, at, HEADER_LENGTH, have)
  }
  const length = u16At(at + LENGTH_AT)
  frame.payloadAt = at + HEADER_LENGTH
  frame.payloadLength -= <f64>HEADER_LENGTH
  // 0 is legal in a jumbogram (RFC 2675 section 4), and offload leaves it so: the payload is the rest.
  if (length < HEADER_LENGTH || length > have) return
  frame.payloadEnd = at + length
  frame.payloadLength = min<f64>(frame.payloadLength, <f64>(length - HEADER_LENGTH))
}
