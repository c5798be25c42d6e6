// Removal of header protection and decryption of one QUIC Initial packet (RFC 9001 5).
import { byteAt } from '../memory'
import { encryptAes128, encryptAes128Block, encryptCounter, setCounterNonce } from './aes128'
import { isFrameOfInitial } from './frames'
import { addHashed, addLengths, isTag, setHashKey } from './ghash'
import { numberAt, packetEnd } from './header'
import { contentScheduleOf, headerScheduleOf, ivOf } from './keys'

export const TAG_LENGTH: usize = 16
const LONG_HEADER_PROTECTED_BITS: i32 = 0x0f
const RESERVED_BITS: i32 = 0x0c
const BLOCK: usize = 16
/** The counters of the tag and of the content's first block (NIST SP 800-38D 7.1). */
const TAG_COUNTER: u32 = 1
const FIRST_COUNTER: u32 = 2
const FIRST_SCRATCH_BYTES: usize = 4096

// Working memory of decrypting one packet.
const mask: usize = memory.data(16, 16)
const hashKey: usize = memory.data(16, 16)
/** The nonce of 12 bytes; the counter of blocks stands beside it. */
const nonce: usize = memory.data(12, 16)
const keyStream: usize = memory.data(16, 16)
/** The unprotected header; grows to the longest token seen, which one datagram bounds. */
let clearHeader: usize = heap.alloc(FIRST_SCRATCH_BYTES)
let clearHeaderCapacity: usize = FIRST_SCRATCH_BYTES
let content: usize = heap.alloc(FIRST_SCRATCH_BYTES)
let contentCapacity: usize = FIRST_SCRATCH_BYTES

/** The content and the number of the packet that `openPacket` decrypted last. */
export let contentStart: usize = 0
export let contentEnd: usize = 0
export let openedNumber: i64 = 0

function setClearHeader(at: usize, length: usize, firstByte: i32, numberLength: usize): void {
  if (length > clearHeaderCapacity) {
    heap.free(clearHeader)
    clearHeaderCapacity = 2 * length
    clearHeader = heap.alloc(clearHeaderCapacity)
  }
  memory.copy(clearHeader, at, length)
  store<u8>(clearHeader, firstByte)
  for (let index: usize = 0; index < numberLength; index++) {
    const place = clearHeader + length - numberLength + index
    store<u8>(place, byteAt(place) ^ byteAt(mask + 1 + index))
  }
}

function reserveContent(length: usize): void {
  if (length <= contentCapacity) return
  heap.free(content)
  contentCapacity = 2 * length
  content = heap.alloc(contentCapacity)
}

/** The full packet number of a truncated one (RFC 9000 A.3). `largest` is the largest decrypted so far, -1 before. */
function fullPacketNumber(largest: i64, truncated: i64, length: i32): i64 {
  const window: i64 = (<i64>1) << (8 * length)
  const expected = largest + 1
  const candidate = expected - (expected % window) + truncated
  if (candidate <= expected - window / 2) return candidate + window
  if (candidate > expected + window / 2 && candidate >= window) return candidate - window
  return candidate
}

function setNonce(iv: usize, packetNumber: i64): void {
  store<u32>(nonce, load<u32>(iv))
  store<u32>(nonce, load<u32>(iv, 4) ^ bswap<u32>(<u32>(packetNumber >>> 32)), 4)
  store<u32>(nonce, load<u32>(iv, 8) ^ bswap<u32>(<u32>packetNumber), 8)
}

/**
 * Decrypts the bytes [from, tagAt) into `content`, from its block `first` to its block `last`. What counters have in
 * common was set for the block before.
 */
function decryptBlocks(schedule: usize, from: usize, tagAt: usize, first: usize, last: usize): void {
  for (let block = first; block <= last; block++) {
    const counter = <u32>block + FIRST_COUNTER
    if ((counter & 0xff) == 0) setCounterNonce(schedule, nonce, counter)
    encryptCounter(schedule, counter, keyStream)
    const source = from + block * BLOCK
    const to = content + block * BLOCK
    if (tagAt - source >= BLOCK) {
      store<u64>(to, load<u64>(source) ^ load<u64>(keyStream))
      store<u64>(to, load<u64>(source, 8) ^ load<u64>(keyStream, 8), 8)
    } else {
      for (let index: usize = 0; index < tagAt - source; index++)
        store<u8>(to + index, byteAt(source + index) ^ byteAt(keyStream + index))
    }
  }
}

/** Checks the packet's tag, all 16 bytes of it, before its content is used. */
function isAuthentic(schedule: usize, headerLength: usize, from: usize, tagAt: usize): bool {
  encryptAes128(schedule, 0, 0, 0, 0, hashKey)
  setHashKey(hashKey)
  addHashed(clearHeader, clearHeader + headerLength)
  addHashed(from, tagAt)
  addLengths(headerLength, tagAt - from)
  encryptCounter(schedule, TAG_COUNTER, keyStream)
  return isTag(tagAt, keyStream)
}

/**
 * Removes header protection (RFC 9001 5.4) and decrypts the content (5.3) of the Initial in header.ts, which begins at
 * `at`: to `contentStart`, `contentEnd` and `openedNumber`. False when the keys do not fit. Wrong keys mostly show
 * before the costly steps: the reserved bits are zero in every packet, and the first byte of content is one of six
 * frame types.
 */
export function openPacket(at: usize, keys: usize, largest: i64): bool {
  encryptAes128Block(headerScheduleOf(keys), numberAt + 4, mask)
  const firstByte = byteAt(at) ^ (byteAt(mask) & LONG_HEADER_PROTECTED_BITS)
  if ((firstByte & RESERVED_BITS) != 0) return false
  const numberLength: i32 = (firstByte & 3) + 1
  const contentAt = numberAt + <usize>numberLength
  const tagAt = packetEnd - TAG_LENGTH
  if (tagAt <= contentAt) return false
  setClearHeader(at, contentAt - at, firstByte, numberLength)
  let truncated: i64 = 0
  const numberEnd = clearHeader + contentAt - at
  for (let byte = numberEnd - <usize>numberLength; byte < numberEnd; byte++) truncated = truncated * 256 + byteAt(byte)
  const number = fullPacketNumber(largest, truncated, numberLength)
  setNonce(ivOf(keys), number)
  const length = tagAt - contentAt
  reserveContent(length)
  const schedule = contentScheduleOf(keys)
  setCounterNonce(schedule, nonce, TAG_COUNTER)
  decryptBlocks(schedule, contentAt, tagAt, 0, 0)
  if (!isFrameOfInitial(byteAt(content))) return false
  if (!isAuthentic(schedule, contentAt - at, contentAt, tagAt)) return false
  decryptBlocks(schedule, contentAt, tagAt, 1, (length - 1) / BLOCK)
  contentStart = content
  contentEnd = content + length
  openedNumber = number
  return true
}
