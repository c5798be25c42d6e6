// The ClientHello that a QUIC client sends, read from its Initial packets: QUIC version 1 (RFC 9000, 9001), version 2
// (RFC 9369) and the drafts that browsers and apps shipped with.
import { CryptoStream } from './quic-crypto-stream.ts'
import { openedNumber, openPacket, TAG_LENGTH } from './quic-decrypt.ts'
import {
  FRAME_ACK,
  FRAME_ACK_ECN,
  FRAME_CONNECTION_CLOSE,
  FRAME_CRYPTO,
  FRAME_PADDING,
  FRAME_PING,
  skipAck,
  skipConnectionClose,
} from './quic-frames.ts'
import { header, readLongHeader, versionAt } from './quic-header.ts'
import { QuicInitialKeys, type QuicVersion } from './quic-keys.ts'
import { readVarint, varintEnd } from './quic-varint.ts'
import { ClientHello, NEED_MORE, NOT_HELLO, readClientHello } from './tls-hello.ts'

/** The ClientHello is whole. */
export const COMPLETE = 1
/** No Initial of this datagram can be decrypted, or they carry no ClientHello; a later one may. (0 is NEED_MORE.) */
export const UNREADABLE = -1
/** No Initial of a known version is in this datagram. */
export const NOT_INITIAL = -2

/** Initial packets decrypted per datagram: clients send one or two. */
export const MAX_INITIALS_PER_DATAGRAM = 4
/** Long header packets read per datagram. */
const MAX_PACKETS_PER_DATAGRAM = 16
/** Decrypted packets remembered by their tag, so that a copy costs nothing. */
const REMEMBERED_PACKETS = 8

const SAMPLE_LENGTH = 16

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
  private readonly stream = new CryptoStream()
  /** Two words of the tag of each of the packets decrypted last. */
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
   * Reads one UDP payload from client to server. Returns COMPLETE, NEED_MORE, UNREADABLE or NOT_INITIAL, the best of
   * its coalesced packets (RFC 9000 12.2). Packets that are not Initials, cannot be decrypted or are copies are
   * skipped and leave the stream as it is; the caller bounds the number of attempts. Never throws.
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
   * The client started again: after a Retry with the server's connection id, or another connection on the same ports.
   * Either way the hello is sent again from its start, so the old stream is dropped.
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
    this.stream.clear()
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

  /** Reads the frames that may be in an Initial; stops at any other. */
  private readFrames(content: Uint8Array): number {
    const end = content.length
    const wholeBefore = this.stream.whole
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
        if (offset === 0 && this.stream.isEmpty && length > 0) {
          // The common case: the first frame holds it all, nothing needs to be assembled.
          const result = readClientHello(content, dataAt, at, this.hello)
          if (result > 0) return this.finish()
          if (result === NOT_HELLO) return UNREADABLE
        }
        this.stream.add(content, dataAt, at, offset)
      } else if (type === FRAME_ACK || type === FRAME_ACK_ECN) {
        at = skipAck(content, at, end, type === FRAME_ACK_ECN)
      } else if (type === FRAME_CONNECTION_CLOSE) {
        at = skipConnectionClose(content, at, end)
      } else {
        break
      }
    }
    return this.readStream(wholeBefore)
  }

  private readStream(wholeBefore: number): number {
    const whole = this.stream.whole
    if (whole === wholeBefore) return NEED_MORE
    const result = readClientHello(this.stream.bytes, 0, whole, this.hello)
    if (result > 0) return this.finish()
    if (result !== NOT_HELLO) return NEED_MORE
    this.stream.clear()
    return UNREADABLE
  }

  private finish(): number {
    this.complete = true
    return COMPLETE
  }
}
