// IPv6 headers: addresses, length, extension headers, fragment and payload.
import { LAYER_IPV6 } from '../constants'
import { frame, stopAt } from '../frame'
import { byteAt, i32At, u16At } from '../memory'

/** IPv6 header, RFC 8200 section 3. */
const HEADER_LENGTH: i32 = 40
const PAYLOAD_LENGTH_AT = 4
const NEXT_HEADER_AT = 6
const HOP_LIMIT_AT = 7
const SOURCE_AT = 8
const DESTINATION_AT = 24
/** More extension headers than any stack sends; RFC 8504 section 5.3 lets a host refuse such a packet. */
const MAX_EXTENSION_HEADERS = 16
/** The fragment header (section 4.5), and the shortest of the others. */
const EXTENSION_LENGTH: i32 = 8
/** Ethernet pads to 46 bytes of payload, so a header without payload is followed by at most this much. */
const LONGEST_PADDING: f64 = 6

const HOP_BY_HOP = 0
const ROUTING = 43
const FRAGMENT = 44
const AUTHENTICATION = 51
const NO_NEXT_HEADER = 59
const DESTINATION_OPTIONS = 60
const MOBILITY = 135
const HOST_IDENTITY = 139
const SHIM6 = 140
/** Jumbo payload option, RFC 2675 section 2. */
const JUMBO_OPTION = 0xc2

/** Decodes the header at `at` and walks the extension headers; payload fields as decodeIpv4 leaves them. */
export function decodeIpv6(at: usize): bool {
  const end = frame.end
  const have = <i32>(end - at)
  if (have < HEADER_LENGTH) {
    stopAt(LAYER_IPV6, at, HEADER_LENGTH, have)
    return false
  }
  frame.version = 6
  frame.sourceAt = at + SOURCE_AT
  frame.destinationAt = at + DESTINATION_AT
  frame.hopLimit = byteAt(at + HOP_LIMIT_AT)
  frame.protocol = byteAt(at + NEXT_HEADER_AT)
  frame.fragmentId = 0
  frame.ipBytes = <f64>HEADER_LENGTH + payloadLength(at)
  walkExtensionHeaders(at, frame.ipBytes < <f64>have ? at + <usize>frame.ipBytes : end)
  return true
}

function payloadLength(at: usize): f64 {
  const length = u16At(at + PAYLOAD_LENGTH_AT)
  if (length != 0 || frame.protocol == NO_NEXT_HEADER) return <f64>length
  const behindHeader = frame.originalLength - <f64>(at - frame.at) - <f64>HEADER_LENGTH
  const jumbo = frame.protocol == HOP_BY_HOP ? jumboLength(at + HEADER_LENGTH) : 0
  if (jumbo > 0) return min<f64>(jumbo, max<f64>(0, behindHeader))
  // A length of 0 with a payload behind it is segmentation offload, as in IPv4.
  return behindHeader > LONGEST_PADDING ? behindHeader : 0
}

/** The jumbo payload option is the first of its header in practice (its alignment is 4n + 2). */
function jumboLength(at: usize): f64 {
  if (<i32>(frame.end - at) < EXTENSION_LENGTH || byteAt(at + 2) != JUMBO_OPTION || byteAt(at + 3) != 4) return 0
  return <f64>(<u32>i32At(at + 4))
}

function walkExtensionHeaders(start: usize, end: usize): void {
  let at = start + HEADER_LENGTH
  let next = frame.protocol
  for (let count = 0; isExtensionHeader(next) && count < MAX_EXTENSION_HEADERS && frame.fragmentOffset == 0; count++) {
    // A header may say that it goes on behind the end.
    const have = <i32>(end - at)
    if (have < EXTENSION_LENGTH) {
      stopAt(LAYER_IPV6, min<usize>(at, end), EXTENSION_LENGTH, max<i32>(0, have))
      break
    }
    const type = next
    next = byteAt(at)
    if (type == FRAGMENT) {
      const offsetAndMore = u16At(at + 2)
      frame.fragmentOffset = offsetAndMore & 0xfff8
      frame.moreFragments = offsetAndMore & 1
      frame.fragmentId = i32At(at + 4)
      at += EXTENSION_LENGTH
    } else {
      // RFC 8200 section 4: the length counts units of 8 bytes after the first; AH counts units of 4 less 2 (RFC 4302).
      const units = byteAt(at + 1)
      at += type == AUTHENTICATION ? (units + 2) << 2 : (units + 1) << 3
    }
  }
  frame.protocol = next
  frame.payloadAt = min<usize>(at, end)
  frame.payloadEnd = end
  frame.payloadLength = max<f64>(0, frame.ipBytes - <f64>(at - start))
}

function isExtensionHeader(type: i32): bool {
  switch (type) {
    case HOP_BY_HOP:
    case ROUTING:
    case FRAGMENT:
    case AUTHENTICATION:
    case DESTINATION_OPTIONS:
    case MOBILITY:
    case HOST_IDENTITY:
    case SHIM6:
      return true
    default:
      return false
  }
}
