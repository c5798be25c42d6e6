// The server name in the hello of Google's QUIC. The versions before TLS (Q025 to Q046: Chrome and Google's speakers
// and sticks until 2020) send their hello, CHLO, in the clear. After "QUIC Wire Layout Specification" and "QUIC Crypto"
// (Google, 2016), and Chromium's framer for Q044 to Q046.
import { byteAt, i32At } from './memory'

/** The SNI of the CHLO that was read last, 0 when it has none. Hostile text. */
export let gquicNameAt: usize = 0
export let gquicNameEnd: usize = 0

const FLAG_VERSION: i32 = 0x01
const FLAG_RESET: i32 = 0x02
const FLAG_LONG_CONNECTION_ID: i32 = 0x08
const LONG_HEADER: i32 = 0x80
const CONNECTION_ID_LENGTH: i32 = 8
const VERSION_LENGTH: i32 = 4
/** Before encryption a packet carries a hash of its content instead (FNV-1a, cut to 96 bits). */
const HASH_LENGTH: i32 = 12
const FIRST_VERSION: i32 = 25
/** The first version whose private flags byte is gone. */
const FIRST_WITHOUT_PRIVATE_FLAGS: i32 = 34
const FIRST_LONG_HEADER_VERSION: i32 = 44
/** Later ones encrypt (Q048, Q050) or speak TLS. */
const LAST_VERSION: i32 = 46

const FRAME_PADDING: i32 = 0x00
const FRAME_PING: i32 = 0x07
const FRAME_STREAM: i32 = 0x80
const CRYPTO_STREAM: i32 = 1
const MESSAGE_HEADER_LENGTH: usize = 8
const ENTRY_LENGTH: usize = 8
/** Chromium's own limit (kMaxEntries). */
const MAX_ENTRIES: usize = 128
const TAG_CHLO: i32 = 0x43484c4f
const TAG_SNI: i32 = 0x534e4900

/** The number in a version tag such as "Q043", -1 when it is none in the clear. */
function versionNumber(at: usize): i32 {
  if (byteAt(at) != 0x51 || byteAt(at + 1) != 0x30) return -1
  const tens = byteAt(at + 2) - 0x30
  const ones = byteAt(at + 3) - 0x30
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) return -1
  const version = 10 * tens + ones
  return version >= FIRST_VERSION && version <= LAST_VERSION ? version : -1
}

/** Where the content of the packet begins, after header and hash; 0 when it is no client's packet in the clear. */
function contentOf(at: usize, end: usize): usize {
  if (<i32>(end - at) < 1 + CONNECTION_ID_LENGTH + VERSION_LENGTH + 1) return 0
  const flags = byteAt(at)
  if ((flags & LONG_HEADER) != 0) {
    const version = versionNumber(at + 1)
    if (version < FIRST_LONG_HEADER_VERSION) return 0
    // Two lengths in one byte, each written less 3 when there is a connection id at all.
    const lengths = byteAt(at + 5)
    const destination = lengths >>> 4 == 0 ? 0 : (lengths >>> 4) + 3
    const source = (lengths & 15) == 0 ? 0 : (lengths & 15) + 3
    // Q044 always writes four bytes of packet number.
    const number = version == FIRST_LONG_HEADER_VERSION ? 4 : (flags & 3) + 1
    return at + <usize>(1 + VERSION_LENGTH + 1 + destination + source + number + HASH_LENGTH)
  }
  if ((flags & FLAG_VERSION) == 0 || (flags & FLAG_RESET) != 0 || (flags & FLAG_LONG_CONNECTION_ID) == 0) return 0
  const version = versionNumber(at + 1 + CONNECTION_ID_LENGTH)
  if (version < 0 || version >= FIRST_LONG_HEADER_VERSION) return 0
  const numberCode = (flags >>> 4) & 3
  const number = numberCode == 0 ? 1 : 2 * numberCode
  const privateFlags = version < FIRST_WITHOUT_PRIVATE_FLAGS ? 1 : 0
  return at + <usize>(1 + CONNECTION_ID_LENGTH + VERSION_LENGTH + number + HASH_LENGTH + privateFlags)
}

/** Where the data of the first STREAM frame begins, if that is the start of the crypto stream; 0 otherwise. */
function cryptoDataOf(at: usize, end: usize): usize {
  while (at < end && (byteAt(at) == FRAME_PADDING || byteAt(at) == FRAME_PING)) at++
  if (at >= end) return 0
  const type = byteAt(at)
  if ((type & FRAME_STREAM) == 0) return 0
  // 1fdooossB: fin, data length present, length of offset (0, or one more than said), length of stream id less 1.
  const idLength: usize = (type & 3) + 1
  const offsetCode = (type >>> 2) & 7
  const offsetLength: usize = offsetCode == 0 ? 0 : offsetCode + 1
  const dataAt = at + 1 + idLength + offsetLength + ((type & 0x20) == 0 ? 0 : 2)
  if (dataAt > end) return 0
  // Numbers are little-endian before Q039, big-endian since: stream 1 has one byte that is 1, at either end.
  let sum = 0
  for (let byte = at + 1; byte <= at + idLength; byte++) sum += byteAt(byte)
  const isCrypto = sum == CRYPTO_STREAM && (byteAt(at + 1) == CRYPTO_STREAM || byteAt(at + idLength) == CRYPTO_STREAM)
  return isCrypto ? dataAt : 0
}

/**
 * Reads the server name out of a UDP payload that holds the CHLO of a client of Google's QUIC, Q025 to Q046. True when
 * there is a CHLO, with the place of its name if it has one; false for anything else.
 */
export function readGquicServerName(at: usize, end: usize): bool {
  gquicNameAt = 0
  gquicNameEnd = 0
  const framesAt = contentOf(at, end)
  if (framesAt == 0 || framesAt > end) return false
  const messageAt = cryptoDataOf(framesAt, end)
  if (messageAt == 0 || end - messageAt < MESSAGE_HEADER_LENGTH || i32At(messageAt) != TAG_CHLO) return false
  const entries: usize = load<u16>(messageAt + 4)
  const valuesAt = messageAt + MESSAGE_HEADER_LENGTH + entries * ENTRY_LENGTH
  if (entries > MAX_ENTRIES || valuesAt > end) return false
  let valueStart: u32 = 0
  for (let entry = messageAt + MESSAGE_HEADER_LENGTH; entry < valuesAt; entry += ENTRY_LENGTH) {
    const valueEnd = load<u32>(entry, 4)
    if (i32At(entry) == TAG_SNI) {
      if (valueEnd > valueStart && valueEnd <= <u32>(end - valuesAt)) {
        gquicNameAt = valuesAt + valueStart
        gquicNameEnd = valuesAt + valueEnd
      }
      return true
    }
    valueStart = valueEnd
  }
  return true
}
