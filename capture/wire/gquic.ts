// The server name in the hello of Google's QUIC. The versions before TLS (Q025 to Q046: Chrome and Google's speakers
// and sticks until 2020) send their hello, CHLO, in the clear. After "QUIC Wire Layout Specification" and "QUIC Crypto"
// (Google, 2016), and Chromium's framer for Q044 to Q046.

/** Where the last CHLO read keeps its SNI; reused. */
export interface GquicServerName {
  /** Offsets inside the bytes given, -1 when the CHLO has none. Hostile text. */
  serverNameAt: number
  serverNameEnd: number
}

const FLAG_VERSION = 0x01
const FLAG_RESET = 0x02
const FLAG_LONG_CONNECTION_ID = 0x08
const LONG_HEADER = 0x80
const CONNECTION_ID_LENGTH = 8
const VERSION_LENGTH = 4
/** Before encryption a packet carries a hash of its content instead (FNV-1a, cut to 96 bits). */
const HASH_LENGTH = 12
const FIRST_VERSION = 25
/** The first version whose private flags byte is gone. */
const FIRST_WITHOUT_PRIVATE_FLAGS = 34
const FIRST_LONG_HEADER_VERSION = 44
/** Later ones encrypt (Q048, Q050) or speak TLS. */
const LAST_VERSION = 46

const FRAME_PADDING = 0x00
const FRAME_PING = 0x07
const FRAME_STREAM = 0x80
const CRYPTO_STREAM = 1
const MESSAGE_HEADER_LENGTH = 8
const ENTRY_LENGTH = 8
/** Chromium's own limit (kMaxEntries). */
const MAX_ENTRIES = 128
const TAG_CHLO = 0x43484c4f
const TAG_SNI = 0x534e4900

function bigEndian32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]
}

function littleEndian32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0
}

/** The number in a version tag such as "Q043", -1 when it is none in the clear. */
function versionNumber(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== 0x51 || bytes[at + 1] !== 0x30) return -1
  const tens = bytes[at + 2] - 0x30
  const ones = bytes[at + 3] - 0x30
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) return -1
  const version = 10 * tens + ones
  return version >= FIRST_VERSION && version <= LAST_VERSION ? version : -1
}

/** Where the content of the packet begins, after header and hash; -1 when it is no client's packet in the clear. */
function contentAt(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 1 + CONNECTION_ID_LENGTH + VERSION_LENGTH + 1) return -1
  const flags = bytes[at]
  if ((flags & LONG_HEADER) !== 0) {
    const version = versionNumber(bytes, at + 1)
    if (version < FIRST_LONG_HEADER_VERSION) return -1
    // Two lengths in one byte, each written less 3 when there is a connection id at all.
    const lengths = bytes[at + 5]
    const destination = lengths >>> 4 === 0 ? 0 : (lengths >>> 4) + 3
    const source = (lengths & 15) === 0 ? 0 : (lengths & 15) + 3
    // Q044 always writes four bytes of packet number.
    const number = version === FIRST_LONG_HEADER_VERSION ? 4 : (flags & 3) + 1
    return at + 1 + VERSION_LENGTH + 1 + destination + source + number + HASH_LENGTH
  }
  if ((flags & FLAG_VERSION) === 0 || (flags & FLAG_RESET) !== 0 || (flags & FLAG_LONG_CONNECTION_ID) === 0) return -1
  const version = versionNumber(bytes, at + 1 + CONNECTION_ID_LENGTH)
  if (version < 0 || version >= FIRST_LONG_HEADER_VERSION) return -1
  const numberCode = (flags >>> 4) & 3
  const number = numberCode === 0 ? 1 : 2 * numberCode
  const privateFlags = version < FIRST_WITHOUT_PRIVATE_FLAGS ? 1 : 0
  return at + 1 + CONNECTION_ID_LENGTH + VERSION_LENGTH + number + HASH_LENGTH + privateFlags
}

/** Where the data of the first STREAM frame begins, if that is the start of the crypto stream; -1 otherwise. */
function cryptoDataAt(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && (bytes[at] === FRAME_PADDING || bytes[at] === FRAME_PING)) at++
  if (at >= end) return -1
  const type = bytes[at]
  if ((type & FRAME_STREAM) === 0) return -1
  // 1fdooossB: fin, data length present, length of offset (0, or one more than said), length of stream id less 1.
  const idLength = (type & 3) + 1
  const offsetCode = (type >>> 2) & 7
  const dataAt = at + 1 + idLength + (offsetCode === 0 ? 0 : offsetCode + 1) + ((type & 0x20) === 0 ? 0 : 2)
  if (dataAt > end) return -1
  // Numbers are little-endian before Q039, big-endian since: stream 1 has one byte that is 1, at either end.
  let sum = 0
  for (let index = at + 1; index <= at + idLength; index++) sum += bytes[index]
  const isCrypto = sum === CRYPTO_STREAM && (bytes[at + 1] === CRYPTO_STREAM || bytes[at + idLength] === CRYPTO_STREAM)
  return isCrypto ? dataAt : -1
}

/**
 * Reads the server name out of a UDP payload that holds the CHLO of a client of Google's QUIC, Q025 to Q046. True when
 * there is a CHLO, with its name in `out` if it has one; false for anything else. Never throws.
 */
export function readGquicServerName(bytes: Uint8Array, at: number, end: number, out: GquicServerName): boolean {
  out.serverNameAt = -1
  out.serverNameEnd = -1
  const framesAt = contentAt(bytes, at, end)
  if (framesAt < 0 || framesAt > end) return false
  const messageAt = cryptoDataAt(bytes, framesAt, end)
  if (messageAt < 0 || end - messageAt < MESSAGE_HEADER_LENGTH || bigEndian32(bytes, messageAt) !== TAG_CHLO)
    return false
  const entries = bytes[messageAt + 4] | (bytes[messageAt + 5] << 8)
  const valuesAt = messageAt + MESSAGE_HEADER_LENGTH + entries * ENTRY_LENGTH
  if (entries > MAX_ENTRIES || valuesAt > end) return false
  let valueStart = 0
  for (let entry = messageAt + MESSAGE_HEADER_LENGTH; entry < valuesAt; entry += ENTRY_LENGTH) {
    const valueEnd = littleEndian32(bytes, entry + 4)
    if (bigEndian32(bytes, entry) === TAG_SNI) {
      if (valueEnd > valueStart && valuesAt + valueEnd <= end) {
        out.serverNameAt = valuesAt + valueStart
        out.serverNameEnd = valuesAt + valueEnd
      }
      return true
    }
    valueStart = valueEnd
  }
  return true
}
