// The compression function of SHA-256, for key derivation that hashes blocks of its own making: no padding, no streams.

/** The hash before the first block: fractional parts of the square roots of the first 8 primes (FIPS 180-4 5.3.3). */
export const SHA256_START: Readonly<Int32Array> = Int32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
)

/** Fractional parts of the cube roots of the first 64 primes (FIPS 180-4 4.2.2). */
const ROUND = Int32Array.of(
  0x428a2f98,
  0x71374491,
  0xb5c0fbcf,
  0xe9b5dba5,
  0x3956c25b,
  0x59f111f1,
  0x923f82a4,
  0xab1c5ed5,
  0xd807aa98,
  0x12835b01,
  0x243185be,
  0x550c7dc3,
  0x72be5d74,
  0x80deb1fe,
  0x9bdc06a7,
  0xc19bf174,
  0xe49b69c1,
  0xefbe4786,
  0x0fc19dc6,
  0x240ca1cc,
  0x2de92c6f,
  0x4a7484aa,
  0x5cb0a9dc,
  0x76f988da,
  0x983e5152,
  0xa831c66d,
  0xb00327c8,
  0xbf597fc7,
  0xc6e00bf3,
  0xd5a79147,
  0x06ca6351,
  0x14292967,
  0x27b70a85,
  0x2e1b2138,
  0x4d2c6dfc,
  0x53380d13,
  0x650a7354,
  0x766a0abb,
  0x81c2c92e,
  0x92722c85,
  0xa2bfe8a1,
  0xa81a664b,
  0xc24b8b70,
  0xc76c51a3,
  0xd192e819,
  0xd6990624,
  0xf40e3585,
  0x106aa070,
  0x19a4c116,
  0x1e376c08,
  0x2748774c,
  0x34b0bcb5,
  0x391c0cb3,
  0x4ed8aa4a,
  0x5b9cca4f,
  0x682e6ff3,
  0x748f82ee,
  0x78a5636f,
  0x84c87814,
  0x8cc70208,
  0x90befffa,
  0xa4506ceb,
  0xbef9a3f7,
  0xc67178f2,
)

/** The message schedule of the block at hand. */
const schedule = new Int32Array(64)

/**
 * Mixes one block of 16 big-endian words into the hash of 8 words (FIPS 180-4 6.2.2). `block` is left as it is.
 *
 * Loops on purpose: written out for 16 or 64 rounds it runs up to 1.7 times as fast once compiled, but compiling takes
 * so long that a capture needs thousands of QUIC flows before it is paid back.
 */
export function sha256Compress(hash: Int32Array, block: Int32Array): void {
  const words = schedule
  const round = ROUND
  for (let i = 0; i < 16; i++) words[i] = block[i]
  for (let i = 16; i < 64; i++) {
    const x = words[i - 15]
    const y = words[i - 2]
    words[i] =
      (words[i - 16] +
        words[i - 7] +
        (((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)) +
        (((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10))) |
      0
  }
  let a = hash[0],
    b = hash[1],
    c = hash[2],
    d = hash[3],
    e = hash[4],
    f = hash[5],
    g = hash[6],
    h = hash[7]
  for (let i = 0; i < 64; i++) {
    const first =
      (h +
        (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) +
        (g ^ (e & (f ^ g))) +
        round[i] +
        words[i]) |
      0
    const second =
      ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) | (c & (a | b)))) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  hash[0] = (hash[0] + a) | 0
  hash[1] = (hash[1] + b) | 0
  hash[2] = (hash[2] + c) | 0
  hash[3] = (hash[3] + d) | 0
  hash[4] = (hash[4] + e) | 0
  hash[5] = (hash[5] + f) | 0
  hash[6] = (hash[6] + g) | 0
  hash[7] = (hash[7] + h) | 0
}
