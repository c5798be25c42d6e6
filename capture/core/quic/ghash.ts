// GHASH, the authentication of AES-GCM (NIST SP 800-38D 6.4). Blocks and the sum are kept as they stand in memory; only
// the table is made of numbers.

const POSITIONS: usize = 32
/** The products of the hash key with the 16 values of the four bits at one place: 256 bytes. */
const POSITION_BYTES: usize = 256

/**
 * For each four bits of a block the product of the hash key with each of their values, 16 bytes each, so that a block
 * takes 32 look-ups that do not wait for each other. Of the key that `setHashKey` was given last.
 */
const products: usize = memory.data(<i32>(POSITIONS * POSITION_BYTES), 16)
const padded: usize = memory.data(16, 16)

let sumLow: u64 = 0
let sumHigh: u64 = 0

/** Makes the table for the hash key in the 16 bytes at `key`, and begins a new sum. */
export function setHashKey(key: usize): void {
  // The product with each power of x in turn: bits run from the highest of the first byte on (SP 800-38D 6.3).
  let high = bswap<u64>(load<u64>(key))
  let low = bswap<u64>(load<u64>(key, 8))
  for (let at = products; at < products + POSITIONS * POSITION_BYTES; at += POSITION_BYTES) {
    for (let place: usize = 128; place >= 16; place >>>= 1) {
      store<u64>(at + place, bswap<u64>(high))
      store<u64>(at + place, bswap<u64>(low), 8)
      const carry: u64 = -(low & 1)
      low = (low >>> 1) | (high << 63)
      high = (high >>> 1) ^ (carry & 0xe100000000000000)
    }
    addProducts(at)
  }
  sumLow = 0
  sumHigh = 0
}

/** The values of several bits are the sums of those of one bit. */
function addProducts(at: usize): void {
  for (let bit: usize = 32; bit <= 128; bit <<= 1) {
    const bitLow = load<u64>(at + bit)
    const bitHigh = load<u64>(at + bit, 8)
    for (let rest: usize = 16; rest < bit; rest += 16) {
      store<u64>(at + bit + rest, bitLow ^ load<u64>(at + rest))
      store<u64>(at + bit + rest, bitHigh ^ load<u64>(at + rest, 8), 8)
    }
  }
}

/** Lower half of the sum of the products of the eight places of one word: of each byte first the high four bits. */
function productsLow(table: usize, word: u32): u64 {
  return (
    load<u64>(table + (word & 0xf0)) ^
    load<u64>(table + ((word << 4) & 0xf0), 256) ^
    load<u64>(table + ((word >>> 8) & 0xf0), 512) ^
    load<u64>(table + ((word >>> 4) & 0xf0), 768) ^
    load<u64>(table + ((word >>> 16) & 0xf0), 1024) ^
    load<u64>(table + ((word >>> 12) & 0xf0), 1280) ^
    load<u64>(table + ((word >>> 24) & 0xf0), 1536) ^
    load<u64>(table + ((word >>> 20) & 0xf0), 1792)
  )
}

/** The higher half. */
function productsHigh(table: usize, word: u32): u64 {
  return (
    load<u64>(table + (word & 0xf0), 8) ^
    load<u64>(table + ((word << 4) & 0xf0), 264) ^
    load<u64>(table + ((word >>> 8) & 0xf0), 520) ^
    load<u64>(table + ((word >>> 4) & 0xf0), 776) ^
    load<u64>(table + ((word >>> 16) & 0xf0), 1032) ^
    load<u64>(table + ((word >>> 12) & 0xf0), 1288) ^
    load<u64>(table + ((word >>> 24) & 0xf0), 1544) ^
    load<u64>(table + ((word >>> 20) & 0xf0), 1800)
  )
}

/** Adds whole blocks: each time the product of the key and of what was there with the block. */
function addBlocks(at: usize, end: usize): void {
  let low = sumLow
  let high = sumHigh
  for (; at < end; at += 16) {
    low ^= load<u64>(at)
    high ^= load<u64>(at, 8)
    const first = <u32>low
    const second = <u32>(low >>> 32)
    const third = <u32>high
    const fourth = <u32>(high >>> 32)
    low =
      productsLow(products, first) ^
      productsLow(products + 8 * POSITION_BYTES, second) ^
      productsLow(products + 16 * POSITION_BYTES, third) ^
      productsLow(products + 24 * POSITION_BYTES, fourth)
    high =
      productsHigh(products, first) ^
      productsHigh(products + 8 * POSITION_BYTES, second) ^
      productsHigh(products + 16 * POSITION_BYTES, third) ^
      productsHigh(products + 24 * POSITION_BYTES, fourth)
  }
  sumLow = low
  sumHigh = high
}

/** Adds the bytes [at, end), the last block filled with zeros. */
export function addHashed(at: usize, end: usize): void {
  const whole = at + ((end - at) & ~15)
  addBlocks(at, whole)
  if (whole == end) return
  memory.fill(padded, 0, 16)
  memory.copy(padded, whole, end - whole)
  addBlocks(padded, padded + 16)
}

/** Adds the lengths in bytes of what was authenticated only and of what was encrypted: the last block. */
export function addLengths(authenticated: usize, encrypted: usize): void {
  store<u64>(padded, bswap<u64>((<u64>authenticated) << 3))
  store<u64>(padded, bswap<u64>((<u64>encrypted) << 3), 8)
  addBlocks(padded, padded + 16)
}

/** Whether the sum, encrypted with the 16 bytes at `mask`, is the tag at `tag`: all 16 bytes of it. */
export function isTag(tag: usize, mask: usize): bool {
  const low = sumLow ^ load<u64>(mask) ^ load<u64>(tag)
  const high = sumHigh ^ load<u64>(mask, 8) ^ load<u64>(tag, 8)
  return (low | high) == 0
}
