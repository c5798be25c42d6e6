// IPv6 headers: addresses, length, extension headers, fragment and payload.
import { type Frame, i32, u16, u32 } from '../frame.ts'

/** IPv6 header, RFC 8200 section 3. */
const HEADER_LENGTH = 40
/** More extension headers than any stack sends; RFC 8504 section 5.3 lets a host refuse such a packet. */
const MAX_EXTENSION_HEADERS = 16
/** Ethernet pads to 46 bytes of payload, so a header without payload is followed by at most this much. */
const LONGEST_PADDING = 6

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
export function decodeIpv6(frame: Frame, at: number): boolean {
  const { bytes, end } = frame
  if (end - at < HEADER_LENGTH) {
    frame.stop('ipv6', at, HEADER_LENGTH, end - at)
    return false
  }
  frame.version = 6
  frame.sourceAt = at + 8
  frame.destinationAt = at + 24
  frame.hopLimit = bytes[at + 7]
  frame.protocol = bytes[at + 6]
  frame.fragmentId = 0
  frame.ipBytes = HEADER_LENGTH + payloadLength(frame, at)
  walkExtensionHeaders(frame, at, Math.min(at + frame.ipBytes, end))
  return true
}

function payloadLength(frame: Frame, at: number): number {
  const length = u16(frame.bytes, at + 4)
  if (length !== 0 || frame.protocol === NO_NEXT_HEADER) return length
  const behindHeader = frame.originalLength - (at - frame.at) - HEADER_LENGTH
  const jumbo = frame.protocol === HOP_BY_HOP ? jumboLength(frame, at + HEADER_LENGTH) : 0
  if (jumbo > 0) return Math.min(jumbo, Math.max(0, behindHeader))
  // A length of 0 with a payload behind it is segmentation offload, as in IPv4.
  return behindHeader > LONGEST_PADDING ? behindHeader : 0
}

/** The jumbo payload option is the first of its header in practice (its alignment is 4n + 2). */
function jumboLength(frame: Frame, at: number): number {
  if (frame.end - at < 8 || frame.bytes[at + 2] !== JUMBO_OPTION || frame.bytes[at + 3] !== 4) return 0
  return u32(frame.bytes, at + 4)
}

function walkExtensionHeaders(frame: Frame, start: number, end: number): void {
  const { bytes } = frame
  let at = start + HEADER_LENGTH
  let next = frame.protocol
  for (let count = 0; isExtensionHeader(next) && count < MAX_EXTENSION_HEADERS && frame.fragmentOffset === 0; count++) {
    if (end - at < 8) {
      frame.stop('ipv6', Math.min(at, end), 8, Math.max(0, end - at))
      break
    }
    const type = next
    next = bytes[at]
    if (type === FRAGMENT) {
      const offsetAndMore = u16(bytes, at + 2)
      frame.fragmentOffset = offsetAndMore & 0xfff8
      frame.moreFragments = (offsetAndMore & 1) === 1
      frame.fragmentId = i32(bytes, at + 4)
      at += 8
    } else {
      // RFC 8200 section 4: the length counts units of 8 bytes after the first; AH counts units of 4 less 2 (RFC 4302).
      at += type === AUTHENTICATION ? (bytes[at + 1] + 2) << 2 : (bytes[at + 1] + 1) << 3
    }
  }
  frame.protocol = next
  frame.payloadAt = Math.min(at, end)
  frame.payloadEnd = Math.max(frame.payloadAt, end)
  frame.payloadLength = Math.max(0, frame.ipBytes - (at - start))
}

function isExtensionHeader(type: number): boolean {
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
