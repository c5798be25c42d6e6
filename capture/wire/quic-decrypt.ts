// Removal of header protection and decryption of one QUIC Initial packet (RFC 9001 5).
import { createDecipheriv } from 'node:crypto'
import { encryptAes128Start } from './aes128.ts'
import { isFrameOfInitial } from './quic-frames.ts'
import { header } from './quic-header.ts'
import type { QuicInitialKeys } from './quic-keys.ts'

export const TAG_LENGTH = 16
const LONG_HEADER_PROTECTED_BITS = 0x0f
const RESERVED_BITS = 0x0c

// Working memory of decrypting one packet, reused so that only the plaintext is new.
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

/** The full packet number of a truncated one (RFC 9000 A.3). `largest` is the largest decrypted so far, -1 before. */
function fullPacketNumber(largest: number, truncated: number, length: number): number {
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

/** The number of the packet that openPacket decrypted last. */
export let openedNumber = 0

/**
 * Removes header protection (RFC 9001 5.4) and decrypts the content (5.3) of the Initial in `header`, which begins at
 * `at`. Null when the keys do not fit. Wrong keys mostly show before the costly steps: the reserved bits are zero in
 * every packet, and the first byte of content is one of six frame types.
 */
export function openPacket(bytes: Uint8Array, at: number, keys: QuicInitialKeys, largest: number): Uint8Array | null {
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
  openedNumber = fullPacketNumber(largest, truncated, numberLength)
  setNonce(keys.iv, openedNumber)
  for (let index = 0; index < TAG_LENGTH; index++) tag[index] = bytes[tagAt + index]
  try {
    const decipher = createDecipheriv('aes-128-gcm', keys.key, nonce)
    decipher.setAuthTag(tag)
    decipher.setAAD(clearHeaderView)
    const content = decipher.update(bytes.subarray(contentAt, tagAt))
    if (content.length === 0 || !isFrameOfInitial(content[0])) return null
    decipher.final()
    return content
  } catch {
    return null
  }
}
