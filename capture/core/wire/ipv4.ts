// IPv4 headers: addresses, length, fragment and payload.
import { LAYER_IPV4 } from '../constants'
import { frame, stopAt } from '../frame'
import { byteAt, i32At, u16At } from '../memory'

/** IPv4 header, RFC 791 section 3.1. */
const HEADER_LENGTH: i32 = 20
const TOTAL_LENGTH_AT = 2
const IDENTIFICATION_AT = 4
const FRAGMENT_AT = 6
const TIME_TO_LIVE_AT = 8
const PROTOCOL_AT = 9
const SOURCE_AT = 12
const DESTINATION_AT = 16
const MORE_FRAGMENTS = 0x2000
const FRAGMENT_OFFSET = 0x1fff

/** Decodes the header at `at`; on success frame.payloadAt/End/Length span what the header says is its payload. */
export function decodeIpv4(at: usize): bool {
  const end = frame.end
  const have = <i32>(end - at)
  if (have < HEADER_LENGTH) {
    stopAt(LAYER_IPV4, at, HEADER_LENGTH, have)
    return false
  }
  const headerLength = (byteAt(at) & 0x0f) << 2
  if (headerLength < HEADER_LENGTH) {
    stopAt(LAYER_IPV4, at, HEADER_LENGTH, headerLength)
    return false
  }
  frame.version = 4
  frame.source = i32At(at + SOURCE_AT)
  frame.destination = i32At(at + DESTINATION_AT)
  frame.protocol = byteAt(at + PROTOCOL_AT)
  frame.hopLimit = byteAt(at + TIME_TO_LIVE_AT)
  const fragment = u16At(at + FRAGMENT_AT)
  frame.moreFragments = (fragment & MORE_FRAGMENTS) != 0 ? 1 : 0
  frame.fragmentOffset = (fragment & FRAGMENT_OFFSET) << 3
  frame.fragmentId = u16At(at + IDENTIFICATION_AT)
  let total = <f64>u16At(at + TOTAL_LENGTH_AT)
  // Segmentation offload hands the capture a packet whose length the card would have filled in: the frame's counts.
  if (total == 0) total = max<f64>(<f64>headerLength, frame.originalLength - <f64>(at - frame.at))
  frame.ipBytes = total
  frame.payloadAt = min<usize>(at + headerLength, end)
  const totalEnd = total < <f64>have ? at + <usize>total : end
  frame.payloadEnd = max<usize>(frame.payloadAt, totalEnd)
  frame.payloadLength = max<f64>(0, total - <f64>headerLength)
  return true
}
