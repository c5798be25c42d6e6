// HalfSipHash-1-3: a hash of words under a secret key, for tables of what the network chooses.

const KEY_0: i32 = 0x6c796765
const KEY_1: i32 = 0x74656462

/** The key, two words, which the program around the core fills from the system's generator before the first hash. */
const key: usize = memory.data(8, 8)

let v0: i32 = 0
let v1: i32 = 0
let v2: i32 = 0
let v3: i32 = 0
let words: i32 = 0

/**
 * Half the width of SipHash (Aumasson and Bernstein, 2012), as Linux keys its tables: every bit of every word reaches
 * every bit of the result by way of the key, so that nobody can choose inputs that collide. Hash functions that
 * multiply before the key is mixed in have inputs that collide under each of their keys. Call `beginHash`, `hashWord`
 * for each word, `endHash`.
 */
export function beginHash(): void {
  v0 = load<i32>(key)
  v1 = load<i32>(key, 4)
  v2 = KEY_0 ^ v0
  v3 = KEY_1 ^ v1
  words = 0
}

export function hashWord(word: i32): void {
  words++
  v3 ^= word
  round()
  v0 ^= word
}

/** The bytes [at, end): whole words, and a last one that holds what is left and how much that is. */
export function hashBytes(at: usize, end: usize): void {
  let last = (<i32>(end - at)) << 24
  for (; at + 4 <= end; at += 4) hashWord(load<i32>(at))
  for (let shift = 0; at < end; at++, shift += 8) last |= (<i32>load<u8>(at)) << shift
  hashWord(last)
}

/** The hash, 32 bits, signed. */
export function endHash(): i32 {
  hashWord(words << 26)
  v2 ^= 0xff
  finalise()
  return v1 ^ v3
}

/** After `endHash`: another 32 bits of the same input. */
export function moreHash(): i32 {
  v1 ^= 0xdd
  finalise()
  return v1 ^ v3
}

/** Where the key's two words are. */
export function hashKeyAddress(): usize {
  return key
}

function finalise(): void {
  round()
  round()
  round()
}

function round(): void {
  v0 = v0 + v1
  v1 = rotl<i32>(v1, 5) ^ v0
  v0 = rotl<i32>(v0, 16)
  v2 = v2 + v3
  v3 = rotl<i32>(v3, 8) ^ v2
  v0 = v0 + v3
  v3 = rotl<i32>(v3, 7) ^ v0
  v2 = v2 + v1
  v1 = rotl<i32>(v1, 13) ^ v2
  v2 = rotl<i32>(v2, 16)
}
