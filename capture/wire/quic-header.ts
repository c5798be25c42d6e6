// Long headers of QUIC packets: version, type, connection id and where the protected part lies (RFC 9000 17.2).
import { MAX_CONNECTION_ID_LENGTH, quicVersionOf, type QuicVersion } from './quic-keys.ts'
import { readVarint, varintEnd } from './quic-varint.ts'

const SHORTEST_LONG_HEADER = 7
const LONG_HEADER = 0x80

export function versionAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
}

/** Whether Initial packets of this version number can be read. */
export function isKnownVersion(version: number): boolean {
  return quicVersionOf(version) !== null
}

/**
 * Whether a UDP payload may begin with a long header packet of a known version (RFC 9000 17.2). Cheap, for every
 * datagram. The fixed bit is not checked: clients may clear it (RFC 9287), and the version decides.
 */
export function looksLikeQuicLongHeader(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= SHORTEST_LONG_HEADER && bytes[at] >= LONG_HEADER && isKnownVersion(versionAt(bytes, at + 1))
}

/**
 * Whether this is a server's packet after which the client sends its first Initial again: Version Negotiation (RFC
 * 9000 17.2.1) or Retry (17.2.5).
 */
export function asksForNewInitial(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < SHORTEST_LONG_HEADER || bytes[at] < LONG_HEADER) return false
  const number = versionAt(bytes, at + 1)
  return number === 0 || quicVersionOf(number)?.retryType === ((bytes[at] >> 4) & 3)
}

/** The header of the packet being read; one at a time. Offsets are indices into the given bytes. */
export const header = {
  version: null as QuicVersion | null,
  type: 0,
  connectionIdAt: 0,
  connectionIdLength: 0,
  /** Start of the packet number, -1 where the packet has no length (Retry). */
  numberAt: 0,
  end: 0,
}

/** Reads the long header at `at` into `header`; false when there is none of a known version. */
export function readLongHeader(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < SHORTEST_LONG_HEADER || bytes[at] < LONG_HEADER) return false
  const version = quicVersionOf(versionAt(bytes, at + 1))
  if (version === null) return false
  header.version = version
  header.type = (bytes[at] >>> 4) & 3
  header.connectionIdAt = at + 6
  header.connectionIdLength = bytes[at + 5]
  const sourceIdAt = header.connectionIdAt + header.connectionIdLength + 1
  if (header.connectionIdLength > MAX_CONNECTION_ID_LENGTH || sourceIdAt > end) return false
  const sourceIdLength = bytes[sourceIdAt - 1]
  let lengthAt = sourceIdAt + sourceIdLength
  if (sourceIdLength > MAX_CONNECTION_ID_LENGTH || lengthAt > end) return false
  header.numberAt = -1
  header.end = end
  if (header.type === version.retryType) return true
  if (header.type === version.initialType) {
    const tokenLength = readVarint(bytes, lengthAt, end)
    if (tokenLength < 0 || tokenLength > end - varintEnd) return false
    lengthAt = varintEnd + tokenLength
  }
  const length = readVarint(bytes, lengthAt, end)
  if (length < 0) return false
  header.numberAt = varintEnd
  header.end = varintEnd + length
  return true
}
