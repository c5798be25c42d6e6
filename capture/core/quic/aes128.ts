// AES-128 encryption of one block, from tables of 32-bit words. Words hold four bytes as they stand in memory: the
// first one in the lowest bits.

/** The expanded key: 11 round keys of 4 words. */
export const AES128_SCHEDULE_BYTES: usize = 176
const FIRST_ROUND_KEY: usize = 16
const THIRD_ROUND_KEY: usize = 48
const ROUND_KEYS_END: usize = 160

/** SubBytes (FIPS 197 5.1.1). */
const SUBSTITUTE: usize = memory.data(256, 16)
/** SubBytes with MixColumns as one word per byte, for each of a column's four bytes: 1 KiB apart. */
const MIX: usize = memory.data(4096, 16)
const MIX_SECOND: usize = 1024
const MIX_THIRD: usize = 2048
const MIX_FOURTH: usize = 3072

/** What counters of one nonce have in common: see `setCounterNonce`. */
let counterByte: u32 = 0
let firstA: u32 = 0
let secondA: u32 = 0
let secondB: u32 = 0
let secondC: u32 = 0
let secondD: u32 = 0

function double(byte: u32): u32 {
  return ((byte << 1) ^ ((byte & 0x80) != 0 ? 0x11b : 0)) & 0xff
}

function substitute(byte: u32): u32 {
  return load<u8>(SUBSTITUTE + byte)
}

function fillTables(): void {
  // 3 generates the field's 255 non-zero elements, and its inverse 0xf6 walks through their inverses in step.
  let element: u32 = 1
  let inverse: u32 = 1
  do {
    element ^= double(element)
    inverse ^= inverse << 1
    inverse ^= inverse << 2
    inverse = (inverse ^ (inverse << 4)) & 0xff
    if ((inverse & 0x80) != 0) inverse ^= 0x09
    const turned = inverse * 0x0101
    store<u8>(SUBSTITUTE + element, 0x63 ^ inverse ^ (turned >>> 7) ^ (turned >>> 6) ^ (turned >>> 5) ^ (turned >>> 4))
  } while (element != 1)
  store<u8>(SUBSTITUTE, 0x63)
  for (let byte: u32 = 0; byte < 256; byte++) {
    const s = substitute(byte)
    const mixed = double(s) | (s << 8) | (s << 16) | ((double(s) ^ s) << 24)
    const at = MIX + (byte << 2)
    store<u32>(at, mixed)
    store<u32>(at, rotl<u32>(mixed, 8), MIX_SECOND)
    store<u32>(at, rotl<u32>(mixed, 16), MIX_THIRD)
    store<u32>(at, rotl<u32>(mixed, 24), MIX_FOURTH)
  }
}

fillTables()

function substituteWord(word: u32): u32 {
  return (
    substitute(word & 0xff) |
    (substitute((word >>> 8) & 0xff) << 8) |
    (substitute((word >>> 16) & 0xff) << 16) |
    (substitute(word >>> 24) << 24)
  )
}

/** Expands the key in the first 16 bytes of `schedule` to its 176 bytes, in place (FIPS 197 5.2). */
export function expandAes128Key(schedule: usize): void {
  let constant: u32 = 1
  let a = load<u32>(schedule)
  let b = load<u32>(schedule, 4)
  let c = load<u32>(schedule, 8)
  let d = load<u32>(schedule, 12)
  for (let at = schedule + 16; at < schedule + AES128_SCHEDULE_BYTES; at += 16) {
    a ^= substituteWord(rotr<u32>(d, 8)) ^ constant
    constant = double(constant)
    b ^= a
    c ^= b
    d ^= c
    store<u32>(at, a)
    store<u32>(at, b, 4)
    store<u32>(at, c, 8)
    store<u32>(at, d, 12)
  }
}

function firstOf(byte: u32): u32 {
  return load<u32>(MIX + (byte << 2))
}

function secondOf(byte: u32): u32 {
  return load<u32>(MIX + (byte << 2), MIX_SECOND)
}

function thirdOf(byte: u32): u32 {
  return load<u32>(MIX + (byte << 2), MIX_THIRD)
}

function fourthOf(byte: u32): u32 {
  return load<u32>(MIX + (byte << 2), MIX_FOURTH)
}

/** ShiftRows, SubBytes and MixColumns of one column. */
function mixedColumn(a: u32, b: u32, c: u32, d: u32): u32 {
  return (
    load<u32>(MIX + ((a & 0xff) << 2)) ^
    load<u32>(MIX + ((b >>> 6) & 0x3fc), MIX_SECOND) ^
    load<u32>(MIX + ((c >>> 14) & 0x3fc), MIX_THIRD) ^
    load<u32>(MIX + ((d >>> 22) & 0x3fc), MIX_FOURTH)
  )
}

/** The last round has no MixColumns. */
function lastColumn(a: u32, b: u32, c: u32, d: u32): u32 {
  return (
    substitute(a & 0xff) |
    (substitute((b >>> 8) & 0xff) << 8) |
    (substitute((c >>> 16) & 0xff) << 16) |
    (substitute(d >>> 24) << 24)
  )
}

/** Encrypts the block of the words a to d (FIPS 197 5.1) and leaves it in the 16 bytes at `to`. */
export function encryptAes128(schedule: usize, a: u32, b: u32, c: u32, d: u32, to: usize): void {
  finishRounds(
    schedule,
    FIRST_ROUND_KEY,
    a ^ load<u32>(schedule),
    b ^ load<u32>(schedule, 4),
    c ^ load<u32>(schedule, 8),
    d ^ load<u32>(schedule, 12),
    to,
  )
}

/** The rounds from the one whose key is at offset `round` of the schedule on. */
function finishRounds(schedule: usize, round: usize, a: u32, b: u32, c: u32, d: u32, to: usize): void {
  const last = schedule + ROUND_KEYS_END
  for (let at = schedule + round; at < last; at += 16) {
    const a1 = mixedColumn(a, b, c, d) ^ load<u32>(at)
    const b1 = mixedColumn(b, c, d, a) ^ load<u32>(at, 4)
    const c1 = mixedColumn(c, d, a, b) ^ load<u32>(at, 8)
    d = mixedColumn(d, a, b, c) ^ load<u32>(at, 12)
    a = a1
    b = b1
    c = c1
  }
  store<u32>(to, lastColumn(a, b, c, d) ^ load<u32>(last))
  store<u32>(to, lastColumn(b, c, d, a) ^ load<u32>(last, 4), 4)
  store<u32>(to, lastColumn(c, d, a, b) ^ load<u32>(last, 8), 8)
  store<u32>(to, lastColumn(d, a, b, c) ^ load<u32>(last, 12), 12)
}

/**
 * Encrypts counters in the last word behind a nonce of three words. Counters that differ in their last byte only have
 * most of the first two rounds in common: of each column one look-up remains.
 */
export function setCounterNonce(schedule: usize, nonce: usize, counter: u32): void {
  const a = load<u32>(nonce) ^ load<u32>(schedule)
  const b = load<u32>(nonce, 4) ^ load<u32>(schedule, 4)
  const c = load<u32>(nonce, 8) ^ load<u32>(schedule, 8)
  const d = bswap<u32>(counter & ~0xff) ^ load<u32>(schedule, 12)
  counterByte = d >>> 24
  firstA = mixedColumn(a, b, c, d) ^ fourthOf(counterByte) ^ load<u32>(schedule, 16)
  const b1 = mixedColumn(b, c, d, a) ^ load<u32>(schedule, 20)
  const c1 = mixedColumn(c, d, a, b) ^ load<u32>(schedule, 24)
  const d1 = mixedColumn(d, a, b, c) ^ load<u32>(schedule, 28)
  secondA = mixedColumn(0, b1, c1, d1) ^ firstOf(0) ^ load<u32>(schedule, 32)
  secondB = mixedColumn(b1, c1, d1, 0) ^ fourthOf(0) ^ load<u32>(schedule, 36)
  secondC = mixedColumn(c1, d1, 0, b1) ^ thirdOf(0) ^ load<u32>(schedule, 40)
  secondD = mixedColumn(d1, 0, b1, c1) ^ secondOf(0) ^ load<u32>(schedule, 44)
}

/** Encrypts the counter, which differs from the one of `setCounterNonce` in its last byte at most. */
export function encryptCounter(schedule: usize, counter: u32, to: usize): void {
  const a1 = firstA ^ fourthOf(counterByte ^ (counter & 0xff))
  finishRounds(
    schedule,
    THIRD_ROUND_KEY,
    secondA ^ firstOf(a1 & 0xff),
    secondB ^ fourthOf(a1 >>> 24),
    secondC ^ thirdOf((a1 >>> 16) & 0xff),
    secondD ^ secondOf((a1 >>> 8) & 0xff),
    to,
  )
}

/** Encrypts the 16 bytes at `at` and leaves them at `to`, which may be the same. */
export function encryptAes128Block(schedule: usize, at: usize, to: usize): void {
  encryptAes128(schedule, load<u32>(at), load<u32>(at, 4), load<u32>(at, 8), load<u32>(at, 12), to)
}
