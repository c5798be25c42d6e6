// Which ClientHello does a QUIC client send? Reads the client's Initial packets of one flow: QUIC version 1 (RFC 9000,
// 9001), version 2 (RFC 9369) and the drafts that browsers and apps shipped with.
import { createDecipheriv } from 'node:crypto'
import { encryptAes128Start } from './aes128.ts'
import { MAX_CONNECTION_ID_LENGTH, QuicInitialKeys, quicVersionOf, type QuicVersion } from './quic-keys.ts'
import { ClientHello, NEED_MORE, NOT_HELLO, readClientHello } from './tls-hello.ts'

/** The ClientHello is whole. */
export const COMPLETE = 1
/**
 * No Initial of this datagram can be opened, or what they carry is no ClientHello; a later one may do. (0 is
 * NEED_MORE.)
 */
export const UNREADABLE = -1
/** No Initial of a known version is in this datagram. */
export const NOT_INITIAL = -2

/** Bytes of CRYPTO stream kept per flow; real hellos are below 4 KiB. */
export const MAX_CRYPTO_BYTES = 32 * 1024
/** Separate pieces of CRYPTO stream remembered per flow. Chrome cuts a hello into some ten pieces and shuffles them. */
export const MAX_CRYPTO_RANGES = 64
/** Initial packets opened per datagram: clients send one or two. */
export const MAX_INITIALS_PER_DATAGRAM = 4
/** Long header packets walked over per datagram. */
const MAX_PACKETS_PER_DATAGRAM = 16
/** Opened packets remembered by their tag, so that a copy costs nothing. */
const REMEMBERED_PACKETS = 8

const FIRST_CRYPTO_BYTES = 4096
const TAG_LENGTH = 16
const SAMPLE_LENGTH = 16
const SHORTEST_LONG_HEADER = 7
const LONG_HEADER = 0x80
const LONG_HEADER_PROTECTED_BITS = 0x0f
const RESERVED_BITS = 0x0c

const FRAME_PADDING = 0x00
const FRAME_PING = 0x01
const FRAME_ACK = 0x02
const FRAME_ACK_ECN = 0x03
const FRAME_CRYPTO = 0x06
const FRAME_CONNECTION_CLOSE = 0x1c

/** Where the varint read last ended. */
let varintEnd = 0

/**
 * Reads a variable-length integer (RFC 9000 16); -1 when it does not end before `end`. Above 2^53 the low bits are
 * lost.
 */
function readVarint(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1
  const first = bytes[at]
  const length = 1 << (first >>> 6)
  varintEnd = at + length
  if (varintEnd > end) return -1
  if (length === 1) return first
  if (length === 2) return ((first & 0x3f) << 8) | bytes[at + 1]
  let value = first & 0x3f
  for (let index = at + 1; index < varintEnd; index++) value = value * 256 + bytes[index]
  return value
}

function versionAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
}

/** Is this version number one whose Initial packets can be read? */
export function isKnownVersion(version: number): boolean {
  return quicVersionOf(version) !== null
}

/**
 * May a UDP payload begin with a long header packet of a known version (RFC 9000 17.2)? Cheap, for every datagram.
 * The fixed bit is not asked for: clients may clear it (RFC 9287), and the version says more.
 */
export function looksLikeQuicLongHeader(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= SHORTEST_LONG_HEADER && bytes[at] >= LONG_HEADER && isKnownVersion(versionAt(bytes, at + 1))
}

/**
 * Is this a server's packet after which the client sends its first Initial again: Version Negotiation (RFC 9000 17.2.1)
 * or Retry (17.2.5)?
 */
export function asksForNewInitial(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < SHORTEST_LONG_HEADER || bytes[at] < LONG_HEADER) return false
  const number = versionAt(bytes, at + 1)
  return number === 0 || quicVersionOf(number)?.retryType === ((bytes[at] >> 4) & 3)
}

/** The header of the packet being read; one at a time. Offsets in bytes from the start of what was given. */
const header = {
  version: null as QuicVersion | null,
  type: 0,
  connectionIdAt: 0,
  connectionIdLength: 0,
  /** Start of the packet number, -1 where the packet has no length (Retry). */
  numberAt: 0,
  end: 0,
}

/** Reads the long header at `at` into `header`; false when there is none of a known version. */
function readLongHeader(bytes: Uint8Array, at: number, end: number): boolean {
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

// Working memory of opening one packet, reused so that only the plaintext is new.
const mask = new Int32Array(2)
const nonce = Buffer.alloc(12)
const tag = Buffer.alloc(TAG_LENGTH)
/** The unprotected header; grows to the longest token seen, which one datagram bounds. */
let clearHeader = new Uint8Array(256)
let clearHeaderView = clearHeader

function setClearHeader(bytes: Uint8Array, at: number, length: number, firstByte: number, numberLength: number): void {
  if (length > clearHeader.length) clearHeader = new Uint8Array(2 * length)
  if (clearHeaderView.length !== length || clearHeaderView.buffer !== clearHeader.buffer)
    clearHeaderView = clearHeader.subarray(0, length)
  for (let index = 1; index < length; index++) clearHeader[index] = bytes[at + index]
  clearHeader[0] = firstByte
  const numberMask = (mask[0] << 8) | (mask[1] >>> 24)
  for (let index = 0; index < numberLength; index++)
    clearHeader[length - numberLength + index] ^= numberMask >>> (24 - 8 * index)
}

/**
 * The number a truncated packet number stands for, RFC 9000 A.3. `largest` is the largest opened so far, -1 before.
 */
function wholePacketNumber(largest: number, truncated: number, length: number): number {
  const window = 2 ** (8 * length)
  const expected = largest + 1
  const candidate = expected - (expected % window) + truncated
  if (candidate <= expected - window / 2) return candidate + window
  if (candidate > expected + window / 2 && candidate >= window) return candidate - window
  return candidate
}

function setNonce(iv: Uint8Array, packetNumber: number): void {
  const high = Math.floor(packetNumber / 2 ** 32)
  const low = packetNumber | 0
  for (let index = 0; index < 4; index++) {
    nonce[index] = iv[index]
    nonce[4 + index] = iv[4 + index] ^ (high >>> (24 - 8 * index))
    nonce[8 + index] = iv[8 + index] ^ (low >>> (24 - 8 * index))
  }
}

function mayBeginFrames(type: number): boolean {
  return type <= FRAME_ACK_ECN || type === FRAME_CRYPTO || type === FRAME_CONNECTION_CLOSE
}

/** The packet number that openPacket found. */
let openedNumber = 0

/**
 * Removes header protection (RFC 9001 5.4) and opens the AEAD (5.3) of the Initial in `header`, which begins at `at`.
 * Null when the keys do not fit. Keys that do not fit are mostly found out before the costly steps: the reserved bits
 * are zero in every packet, and the first byte of content is one of six frame types.
 */
function openPacket(bytes: Uint8Array, at: number, keys: QuicInitialKeys, largest: number): Uint8Array | null {
  const numberAt = header.numberAt
  encryptAes128Start(keys.headerSchedule, bytes, numberAt + 4, mask)
  const firstByte = bytes[at] ^ ((mask[0] >>> 24) & LONG_HEADER_PROTECTED_BITS)
  if ((firstByte & RESERVED_BITS) !== 0) return null
  const numberLength = (firstByte & 3) + 1
  const contentAt = numberAt + numberLength
  const tagAt = header.end - TAG_LENGTH
  setClearHeader(bytes, at, contentAt - at, firstByte, numberLength)
  let truncated = 0
  for (let index = contentAt - numberLength; index < contentAt; index++)
    truncated = truncated * 256 + clearHeader[index - at]
  openedNumber = wholePacketNumber(largest, truncated, numberLength)
  setNonce(keys.iv, openedNumber)
  for (let index = 0; index < TAG_LENGTH; index++) tag[index] = bytes[tagAt + index]
  try {
    const decipher = createDecipheriv('aes-128-gcm', keys.key, nonce)
    decipher.setAuthTag(tag)
    decipher.setAAD(clearHeaderView)
    const content = decipher.update(bytes.subarray(contentAt, tagAt))
    if (content.length === 0 || !mayBeginFrames(content[0])) return null
    decipher.final()
    return content
  } catch {
    return null
  }
}

/** The end of the ACK frame whose type byte is before `at` (RFC 9000 19.3), -1 when it does not end before `end`. */
function skipAck(bytes: Uint8Array, at: number, end: number, withCounts: boolean): number {
  if (readVarint(bytes, at, end) < 0) return -1
  if (readVarint(bytes, varintEnd, end) < 0) return -1
  const ranges = readVarint(bytes, varintEnd, end)
  // Each range takes two bytes at least: a count that cannot fit is not walked.
  if (ranges < 0 || 2 * ranges > end - varintEnd) return -1
  const numbers = 1 + 2 * ranges + (withCounts ? 3 : 0)
  for (let index = 0; index < numbers; index++) {
    if (readVarint(bytes, varintEnd, end) < 0) return -1
  }
  return varintEnd
}

/**
 * The end of the CONNECTION_CLOSE frame whose type byte is before `at` (RFC 9000 19.19), -1 when it does not end before
 * `end`.
 */
function skipConnectionClose(bytes: Uint8Array, at: number, end: number): number {
  if (readVarint(bytes, at, end) < 0) return -1
  if (readVarint(bytes, varintEnd, end) < 0) return -1
  const reasonLength = readVarint(bytes, varintEnd, end)
  if (reasonLength < 0 || reasonLength > end - varintEnd) return -1
  return varintEnd + reasonLength
}

/**
 * The client's Initial packets of one flow, up to its ClientHello. Pooled: reset() makes it ready for another flow and
 * keeps its memory. Holds at most MAX_CRYPTO_BYTES and one plaintext.
 */
export class QuicInitialFlow {
  /**
   * What was read; valid after COMPLETE and until reset(). After NEED_MORE it may hold a name already (see
   * readClientHello).
   */
  readonly hello = new ClientHello()

  /** The keys in use: of the connection id that worked last, until then of the first one seen. */
  private keys = new QuicInitialKeys()
  private spareKeys = new QuicInitialKeys()
  private keysChosen = false
  private largestNumber = -1
  private complete = false
  private crypto = new Uint8Array(0)
  /** Starts and ends of the pieces of CRYPTO stream there are: disjoint, not touching, in ascending order. */
  private readonly ranges = new Int32Array(2 * MAX_CRYPTO_RANGES)
  private rangeCount = 0
  /** Two words of the tag of each of the packets opened last. */
  private readonly openedTags = new Int32Array(2 * REMEMBERED_PACKETS)
  private openedCount = 0

  reset(): void {
    this.keys.forget()
    this.spareKeys.forget()
    this.keysChosen = false
    this.complete = false
    this.forgetStream()
  }

  /**
   * Takes one UDP payload from client to server. Returns COMPLETE, NEED_MORE, UNREADABLE or NOT_INITIAL, the best that
   * any of its coalesced packets gave (RFC 9000 12.2). Packets that are not Initials, cannot be opened or are copies
   * are
   * passed over and do no harm to what was gathered; the caller bounds the number of attempts. Never throws.
   */
  push(bytes: Uint8Array, at: number, end: number): number {
    if (this.complete) return COMPLETE
    let result = NOT_INITIAL
    let initials = 0
    for (let packets = 0; packets < MAX_PACKETS_PER_DATAGRAM && readLongHeader(bytes, at, end); packets++) {
      const packetEnd = header.end
      const version = header.version!
      if (header.type === version.initialType) {
        if (++initials > MAX_INITIALS_PER_DATAGRAM) break
        const outcome = this.readInitial(bytes, at, end, version)
        if (outcome === COMPLETE) return COMPLETE
        if (outcome > result) result = outcome
      } else if (header.type === version.zeroRttType) {
        this.chooseFirstKeys(bytes, version)
      }
      at = packetEnd
    }
    return result
  }

  private readInitial(bytes: Uint8Array, at: number, end: number, version: QuicVersion): number {
    // The sample begins 4 bytes after the packet number does, whatever its length (RFC 9001 5.4.2).
    if (header.end > end || header.numberAt + 4 + SAMPLE_LENGTH > header.end) return UNREADABLE
    const tagAt = header.end - TAG_LENGTH
    if (this.wasOpened(bytes, tagAt)) return NEED_MORE
    const content = this.open(bytes, at, version)
    if (content === null) return UNREADABLE
    this.rememberOpened(bytes, tagAt)
    return this.readFrames(content)
  }

  /**
   * The keys follow from the connection id of the client's very first packet (RFC 9001 5.2); 0-RTT packets, which may
   * overtake the Initial, carry it too.
   */
  private chooseFirstKeys(bytes: Uint8Array, version: QuicVersion): void {
    if (this.keysChosen) return
    this.keysChosen = true
    this.keys.derive(version, bytes, header.connectionIdAt, header.connectionIdLength)
  }

  private open(bytes: Uint8Array, at: number, version: QuicVersion): Uint8Array | null {
    const idAt = header.connectionIdAt
    const idLength = header.connectionIdLength
    this.chooseFirstKeys(bytes, version)
    // The version may change within a connection, the connection id that the keys come from does not (RFC 9369 4.1).
    if (!this.keys.areOfVersion(version)) this.keys.deriveAgain(version)
    const content = openPacket(bytes, at, this.keys, this.largestNumber)
    if (content !== null) {
      if (openedNumber > this.largestNumber) this.largestNumber = openedNumber
      return content
    }
    if (this.keys.haveConnectionId(bytes, idAt, idLength)) return null
    if (!this.spareKeys.areFor(version, bytes, idAt, idLength)) this.spareKeys.derive(version, bytes, idAt, idLength)
    const ownContent = openPacket(bytes, at, this.spareKeys, -1)
    if (ownContent === null) return null
    this.useSpareKeys()
    this.largestNumber = openedNumber
    return ownContent
  }

  /**
   * The client began anew: after a Retry with the server's connection id, or another connection on the same ports.
   * Either way the hello is sent again from its start, so nothing of the old stream is mixed into it.
   */
  private useSpareKeys(): void {
    const keys = this.keys
    this.keys = this.spareKeys
    this.spareKeys = keys
    this.forgetStream()
  }

  private forgetStream(): void {
    this.hello.clear()
    this.largestNumber = -1
    this.rangeCount = 0
    this.openedCount = 0
  }

  private wasOpened(bytes: Uint8Array, tagAt: number): boolean {
    const first = versionAt(bytes, tagAt) | 0
    const second = versionAt(bytes, tagAt + 4) | 0
    const remembered = Math.min(this.openedCount, REMEMBERED_PACKETS)
    for (let index = 0; index < remembered; index++) {
      if (this.openedTags[2 * index] === first && this.openedTags[2 * index + 1] === second) return true
    }
    return false
  }

  private rememberOpened(bytes: Uint8Array, tagAt: number): void {
    const slot = this.openedCount++ % REMEMBERED_PACKETS
    this.openedTags[2 * slot] = versionAt(bytes, tagAt)
    this.openedTags[2 * slot + 1] = versionAt(bytes, tagAt + 4)
  }

  /** Walks the frames that may be in an Initial (RFC 9000 12.4, table 3); stops at anything else. */
  private readFrames(content: Uint8Array): number {
    const end = content.length
    const wholeBefore = this.wholeUpTo()
    let at = 0
    while (at >= 0 && at < end) {
      const type = content[at++]
      if (type === FRAME_PADDING || type === FRAME_PING) continue
      if (type === FRAME_CRYPTO) {
        const offset = readVarint(content, at, end)
        if (offset < 0) break
        const length = readVarint(content, varintEnd, end)
        if (length < 0 || length > end - varintEnd) break
        const dataAt = varintEnd
        at = dataAt + length
        if (offset === 0 && this.rangeCount === 0 && length > 0) {
          // The common case: the first frame holds it all, nothing needs to be gathered.
          const result = readClientHello(content, dataAt, at, this.hello)
          if (result > 0) return this.finish()
          if (result === NOT_HELLO) return UNREADABLE
        }
        this.addCrypto(content, dataAt, at, offset)
      } else if (type === FRAME_ACK || type === FRAME_ACK_ECN) {
        at = skipAck(content, at, end, type === FRAME_ACK_ECN)
      } else if (type === FRAME_CONNECTION_CLOSE) {
        at = skipConnectionClose(content, at, end)
      } else {
        break
      }
    }
    return this.readGathered(wholeBefore)
  }

  private readGathered(wholeBefore: number): number {
    const whole = this.wholeUpTo()
    if (whole === wholeBefore) return NEED_MORE
    const result = readClientHello(this.crypto, 0, whole, this.hello)
    if (result > 0) return this.finish()
    if (result !== NOT_HELLO) return NEED_MORE
    this.rangeCount = 0
    return UNREADABLE
  }

  private finish(): number {
    this.complete = true
    return COMPLETE
  }

  /** How much of the stream is there from its beginning without a gap. */
  private wholeUpTo(): number {
    return this.rangeCount > 0 && this.ranges[0] === 0 ? this.ranges[1] : 0
  }

  /** Puts a piece of the stream in its place. Beyond the caps it is dropped, as if its packet had been lost. */
  private addCrypto(content: Uint8Array, at: number, end: number, offset: number): void {
    const streamEnd = offset + (end - at)
    if (end === at || streamEnd > MAX_CRYPTO_BYTES) return
    if (!this.addRange(offset, streamEnd)) return
    if (streamEnd > this.crypto.length) this.growCrypto(streamEnd)
    this.crypto.set(content.subarray(at, end), offset)
  }

  private growCrypto(needed: number): void {
    let size = Math.max(FIRST_CRYPTO_BYTES, this.crypto.length)
    while (size < needed) size *= 2
    const grown = new Uint8Array(size)
    grown.set(this.crypto)
    this.crypto = grown
  }

  /** Merges [start, end) into the ranges; false when it is there already or no room is left for one more. */
  private addRange(start: number, end: number): boolean {
    const ranges = this.ranges
    let first = 0
    while (first < this.rangeCount && ranges[2 * first + 1] < start) first++
    let last = first
    while (last < this.rangeCount && ranges[2 * last] <= end) last++
    if (last === first) {
      if (this.rangeCount === MAX_CRYPTO_RANGES) return false
      ranges.copyWithin(2 * first + 2, 2 * first, 2 * this.rangeCount)
      ranges[2 * first] = start
      ranges[2 * first + 1] = end
      this.rangeCount++
      return true
    }
    if (ranges[2 * first] <= start && ranges[2 * first + 1] >= end) return false
    // Ranges first to last - 1 touch the new one and become one with it.
    ranges[2 * first] = Math.min(start, ranges[2 * first])
    ranges[2 * first + 1] = Math.max(end, ranges[2 * last - 1])
    ranges.copyWithin(2 * first + 2, 2 * last, 2 * this.rangeCount)
    this.rangeCount -= last - first - 1
    return true
  }
}
