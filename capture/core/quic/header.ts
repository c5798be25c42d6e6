// Long headers of QUIC packets: version, type, connection id and where the protected part lies (RFC 9000 17.2).
import { byteAt, i32At } from '../memory'
import { initialTypeOf, MAX_CONNECTION_ID_LENGTH, NO_VERSION, quicVersionOf, retryTypeOf } from './versions'
import { readVarint, varintEnd } from './varint'

const SHORTEST_LONG_HEADER: i32 = 7
const LONG_HEADER: i32 = 0x80

function mayBeLongHeader(at: usize, end: usize): bool {
  return <i32>(end - at) >= SHORTEST_LONG_HEADER && byteAt(at) >= LONG_HEADER
}

function typeBits(at: usize): i32 {
  return (byteAt(at) >>> 4) & 3
}

/**
 * Whether a UDP payload may begin with a long header packet of a known version (RFC 9000 17.2). Cheap, for every
 * datagram. The fixed bit is not checked: clients may clear it (RFC 9287), and the version decides.
 */
export function looksLikeQuicLongHeader(at: usize, end: usize): bool {
  return mayBeLongHeader(at, end) && quicVersionOf(i32At(at + 1)) != NO_VERSION
}

/**
 * Whether this is a server's packet after which the client sends its first Initial again: Version Negotiation (RFC
 * 9000 17.2.1) or Retry (17.2.5).
 */
export function asksForNewInitial(at: usize, end: usize): bool {
  if (!mayBeLongHeader(at, end)) return false
  const number = i32At(at + 1)
  if (number == 0) return true
  const version = quicVersionOf(number)
  return version != NO_VERSION && retryTypeOf(version) == typeBits(at)
}

// The header of the packet being read; one at a time.

/** The parameters of its version: see versions.ts. */
export let headerVersion: i32 = NO_VERSION
export let headerType: i32 = 0
export let connectionIdAt: usize = 0
export let connectionIdLength: i32 = 0
/** Start of the packet number, 0 where the packet has no length (Retry). */
export let numberAt: usize = 0
/** The end of the packet; one byte behind the datagram where the packet says that it ends behind it, however far. */
export let packetEnd: usize = 0

/** Reads the long header at `at`; false when there is none of a known version. `at` may be behind `end`. */
export function readLongHeader(at: usize, end: usize): bool {
  if (!mayBeLongHeader(at, end)) return false
  const version = quicVersionOf(i32At(at + 1))
  if (version == NO_VERSION) return false
  headerVersion = version
  headerType = typeBits(at)
  connectionIdAt = at + 6
  connectionIdLength = byteAt(at + 5)
  const sourceIdAt = connectionIdAt + connectionIdLength + 1
  if (connectionIdLength > MAX_CONNECTION_ID_LENGTH || sourceIdAt > end) return false
  const sourceIdLength = byteAt(sourceIdAt - 1)
  let lengthAt = sourceIdAt + sourceIdLength
  if (sourceIdLength > MAX_CONNECTION_ID_LENGTH || lengthAt > end) return false
  numberAt = 0
  packetEnd = end
  if (headerType == retryTypeOf(version)) return true
  if (headerType == initialTypeOf(version)) {
    const tokenLength = readVarint(lengthAt, end)
    if (tokenLength < 0 || tokenLength > <i64>(end - varintEnd)) return false
    lengthAt = varintEnd + <usize>tokenLength
  }
  const length = readVarint(lengthAt, end)
  if (length < 0) return false
  numberAt = varintEnd
  packetEnd = length > <i64>(end - varintEnd) ? end + 1 : varintEnd + <usize>length
  return true
}
