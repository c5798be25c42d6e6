// The compression function of SHA-256, for key derivation that hashes blocks of its own making: no padding, no streams.

export const HASH_BYTES: usize = 32
export const BLOCK_BYTES: usize = 64
/** The message schedule of one block, the constant of each round added: 64 words. */
export const SCHEDULE_BYTES: usize = 256

/** The hash before the first block: fractional parts of the square roots of the first 8 primes (FIPS 180-4 5.3.3). */
export const SHA256_START: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
])

/** Fractional parts of the cube roots of the first 64 primes (FIPS 180-4 4.2.2). */
const ROUND: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
])

/** The message schedule of the block at hand. */
const schedule: usize = memory.data(<i32>SCHEDULE_BYTES, 16)

function smallSigma0(x: u32): u32 {
  return rotr<u32>(x, 7) ^ rotr<u32>(x, 18) ^ (x >>> 3)
}

function smallSigma1(x: u32): u32 {
  return rotr<u32>(x, 17) ^ rotr<u32>(x, 19) ^ (x >>> 10)
}

function bigSigma0(a: u32): u32 {
  return rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)
}

function bigSigma1(e: u32): u32 {
  return rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25)
}

function choose(e: u32, f: u32, g: u32): u32 {
  return g ^ (e & (f ^ g))
}

function majority(a: u32, b: u32, c: u32): u32 {
  return (a & b) | (c & (a | b))
}

/**
 * Expands the block of 16 words to its message schedule (FIPS 180-4 6.2.2, step 1) and adds the constants of the
 * rounds. `block` is left as it is.
 */
export function expandBlock(block: usize, to: usize): void {
  memory.copy(to, block, BLOCK_BYTES)
  const end = to + SCHEDULE_BYTES - BLOCK_BYTES
  for (let at = to; at < end; at += 4) {
    const sum = load<u32>(at) + load<u32>(at, 36) + smallSigma0(load<u32>(at, 4)) + smallSigma1(load<u32>(at, 56))
    store<u32>(at, sum, 64)
  }
  for (let index: usize = 0; index < SCHEDULE_BYTES; index += 8) {
    store<u32>(to + index, load<u32>(to + index) + load<u32>(ROUND + index))
    store<u32>(to + index, load<u32>(to + index, 4) + load<u32>(ROUND + index, 4), 4)
  }
}

/** Mixes an expanded block into the hash of 8 words (FIPS 180-4 6.2.2, steps 2 to 4). */
export function compressExpanded(hash: usize, expanded: usize): void {
  let a = load<u32>(hash)
  let b = load<u32>(hash, 4)
  let c = load<u32>(hash, 8)
  let d = load<u32>(hash, 12)
  let e = load<u32>(hash, 16)
  let f = load<u32>(hash, 20)
  let g = load<u32>(hash, 24)
  let h = load<u32>(hash, 28)
  const end = expanded + SCHEDULE_BYTES
  // Eight rounds a turn: each takes the letters of the one before it moved by one place, so that none is copied.
  for (let at = expanded; at < end; at += 32) {
    h += bigSigma1(e) + choose(e, f, g) + load<u32>(at)
    d += h
    h += bigSigma0(a) + majority(a, b, c)
    g += bigSigma1(d) + choose(d, e, f) + load<u32>(at, 4)
    c += g
    g += bigSigma0(h) + majority(h, a, b)
    f += bigSigma1(c) + choose(c, d, e) + load<u32>(at, 8)
    b += f
    f += bigSigma0(g) + majority(g, h, a)
    e += bigSigma1(b) + choose(b, c, d) + load<u32>(at, 12)
    a += e
    e += bigSigma0(f) + majority(f, g, h)
    d += bigSigma1(a) + choose(a, b, c) + load<u32>(at, 16)
    h += d
    d += bigSigma0(e) + majority(e, f, g)
    c += bigSigma1(h) + choose(h, a, b) + load<u32>(at, 20)
    g += c
    c += bigSigma0(d) + majority(d, e, f)
    b += bigSigma1(g) + choose(g, h, a) + load<u32>(at, 24)
    f += b
    b += bigSigma0(c) + majority(c, d, e)
    a += bigSigma1(f) + choose(f, g, h) + load<u32>(at, 28)
    e += a
    a += bigSigma0(b) + majority(b, c, d)
  }
  store<u32>(hash, load<u32>(hash) + a)
  store<u32>(hash, load<u32>(hash, 4) + b, 4)
  store<u32>(hash, load<u32>(hash, 8) + c, 8)
  store<u32>(hash, load<u32>(hash, 12) + d, 12)
  store<u32>(hash, load<u32>(hash, 16) + e, 16)
  store<u32>(hash, load<u32>(hash, 20) + f, 20)
  store<u32>(hash, load<u32>(hash, 24) + g, 24)
  store<u32>(hash, load<u32>(hash, 28) + h, 28)
}

/** Mixes one block of 16 words into the hash of 8 words; words are numbers, not bytes as they stand in a message. */
export function sha256Compress(hash: usize, block: usize): void {
  expandBlock(block, schedule)
  compressExpanded(hash, schedule)
}
