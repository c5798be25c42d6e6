// The keys that protect a QUIC client's Initial packets. They follow from the version and a connection id alone, so
// everybody on the path can read it (RFC 9001 5.2): protection against accidents, not against observers.
import { AES128_SCHEDULE_BYTES, expandAes128Key } from './aes128'
import { BLOCK_BYTES, compressExpanded, HASH_BYTES, SHA256_START, sha256Compress } from './sha256'
import {
  CLIENT_BLOCK,
  headerBlockOf,
  ivBlockOf,
  keyBlockOf,
  MAX_CONNECTION_ID_LENGTH,
  NO_VERSION,
  saltedHashes,
} from './versions'

// One record of keys, of KEYS_BYTES bytes; zeroed it stands for no keys.
/** The version's parameters, and the connection id that the keys come from. */
const VERSION: usize = 0
const CONNECTION_ID_LENGTH: usize = 4
const CONNECTION_ID: usize = 8
/** To be combined with the packet number, 12 bytes. */
const IV: usize = 28
/** Expanded keys of the AEAD and of header protection. */
const CONTENT_SCHEDULE: usize = 48
const HEADER_SCHEDULE: usize = CONTENT_SCHEDULE + AES128_SCHEDULE_BYTES
export const KEYS_BYTES: usize = HEADER_SCHEDULE + AES128_SCHEDULE_BYTES

const BLOCK_BITS: u32 = 512
const HASH_BITS: u32 = 256
const INNER_PAD: u32 = 0x36363636
const OUTER_PAD: u32 = 0x5c5c5c5c
const END_MARK: u32 = 0x80000000

// Working memory of one derivation; nothing here outlives it.
const block: usize = memory.data(<i32>BLOCK_BYTES, 16)
/** The hashes of a key's two paddings: the inner and, behind it, the outer one. */
const padded: usize = memory.data(2 * <i32>HASH_BYTES, 16)
const secret: usize = memory.data(<i32>HASH_BYTES, 16)
const output: usize = memory.data(<i32>HASH_BYTES, 16)
const message: usize = memory.data(<i32>BLOCK_BYTES, 16)
/** The hash's words, its end mark and the length: the block that an outer HMAC hashes after the padded key. */
const outerBlock: usize = memory.data(<i32>BLOCK_BYTES, 16)
store<u32>(outerBlock, END_MARK, 32)
store<u32>(outerBlock, BLOCK_BITS + HASH_BITS, 60)

/** The outer half of an HMAC (RFC 2104): `result` holds the inner hash and then the outer one. */
function finishHmac(keyHashes: usize, result: usize): void {
  memory.copy(outerBlock, result, HASH_BYTES)
  memory.copy(result, keyHashes + HASH_BYTES, HASH_BYTES)
  sha256Compress(result, outerBlock)
}

/** HMAC of one expanded last block, given the hashes of the padded key. */
function hmac(keyHashes: usize, expanded: usize, result: usize): void {
  memory.copy(result, keyHashes, HASH_BYTES)
  compressExpanded(result, expanded)
  finishHmac(keyHashes, result)
}

function hashPadded(key: usize, pad: u32, hash: usize): void {
  for (let index: usize = 0; index < HASH_BYTES; index += 4) {
    store<u32>(block + index, load<u32>(key + index) ^ pad)
    store<u32>(block + index, pad, 32)
  }
  memory.copy(hash, SHA256_START, HASH_BYTES)
  sha256Compress(hash, block)
}

/** Leaves in `padded` the hashes of the 32-byte key's two paddings. */
function setHmacKey(key: usize): void {
  hashPadded(key, INNER_PAD, padded)
  hashPadded(key, OUTER_PAD, padded + HASH_BYTES)
}

/** Words of a hash to bytes as they stand in memory. */
function writeWords(words: i32, to: usize): void {
  for (let at: usize = 0; at < (<usize>words) << 2; at += 4) store<u32>(to + at, bswap<u32>(load<u32>(output + at)))
}

export function ivOf(keys: usize): usize {
  return keys + IV
}

export function contentScheduleOf(keys: usize): usize {
  return keys + CONTENT_SCHEDULE
}

export function headerScheduleOf(keys: usize): usize {
  return keys + HEADER_SCHEDULE
}

export function forgetKeys(keys: usize): void {
  store<i32>(keys, NO_VERSION, VERSION)
}

export function areOfVersion(keys: usize, version: i32): bool {
  return load<i32>(keys, VERSION) == version
}

/** Are these the keys of this version and of the connection id in [at, at + length)? */
export function areFor(keys: usize, version: i32, at: usize, length: i32): bool {
  return areOfVersion(keys, version) && haveConnectionId(keys, at, length)
}

/** Do these keys come from the connection id in [at, at + length), whatever the version? */
export function haveConnectionId(keys: usize, at: usize, length: i32): bool {
  if (load<i32>(keys, VERSION) == NO_VERSION || load<i32>(keys, CONNECTION_ID_LENGTH) != length) return false
  return memory.compare(keys + CONNECTION_ID, at, length) == 0
}

/**
 * Derives the keys for the connection id in [at, at + length), at most 20 bytes; RFC 9001 5.1 and 5.2. The id may be
 * the record's own.
 */
export function deriveKeys(keys: usize, version: i32, at: usize, length: i32): void {
  store<i32>(keys, version, VERSION)
  store<i32>(keys, length, CONNECTION_ID_LENGTH)
  memory.copy(keys + CONNECTION_ID, at, length)

  // HKDF-Extract; connection ids of at most 20 bytes leave room for the end mark in the same block.
  memory.fill(message, 0, BLOCK_BYTES)
  memory.copy(message, keys + CONNECTION_ID, length)
  store<u8>(message + length, 0x80)
  for (let word: usize = 0; word <= <usize>MAX_CONNECTION_ID_LENGTH; word += 4)
    store<u32>(message + word, bswap<u32>(load<u32>(message + word)))
  store<u32>(message, BLOCK_BITS + (length << 3), 60)
  const salted = saltedHashes(version)
  memory.copy(secret, salted, HASH_BYTES)
  sha256Compress(secret, message)
  finishHmac(salted, secret)

  setHmacKey(secret)
  hmac(padded, CLIENT_BLOCK, secret)
  setHmacKey(secret)
  hmac(padded, keyBlockOf(version), output)
  writeWords(4, keys + CONTENT_SCHEDULE)
  expandAes128Key(keys + CONTENT_SCHEDULE)
  hmac(padded, ivBlockOf(version), output)
  writeWords(3, keys + IV)
  hmac(padded, headerBlockOf(version), output)
  writeWords(4, keys + HEADER_SCHEDULE)
  expandAes128Key(keys + HEADER_SCHEDULE)
}

/**
 * Derives the keys of another version from the connection id these come from (RFC 9368 2.3: the version may change).
 */
export function deriveAgain(keys: usize, version: i32): void {
  deriveKeys(keys, version, keys + CONNECTION_ID, load<i32>(keys, CONNECTION_ID_LENGTH))
}
