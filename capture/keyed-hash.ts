// HalfSipHash-1-3: a hash of words under a secret key, for tables of what the network chooses.
import { randomFillSync } from 'node:crypto'

const KEY_0 = 0x6c796765
const KEY_1 = 0x74656462

/**
 * Half the width of SipHash (Aumasson and Bernstein, 2012), as Linux keys its tables: every bit of every word reaches
 * every bit of the result by way of the key, so that nobody can choose inputs that collide. Hash functions that
 * multiply before the key is mixed in have inputs that collide under each of their keys. Call `begin`, `add` for each
 * word, `end`.
 */
export class KeyedHash {
  private readonly key: Int32Array
  private v0 = 0
  private v1 = 0
  private v2 = 0
  private v3 = 0
  private words = 0

  /** `key` is two words; drawn at random where none is given. */
  constructor(key: Int32Array = randomFillSync(new Int32Array(2))) {
    this.key = key
  }

  begin(): void {
    const { key } = this
    this.v0 = key[0]
    this.v1 = key[1]
    this.v2 = KEY_0 ^ key[0]
    this.v3 = KEY_1 ^ key[1]
    this.words = 0
  }

  add(word: number): void {
    this.words++
    this.v3 ^= word
    this.round()
    this.v0 ^= word
  }

  /** The bytes [at, end): whole words, and a last one that holds what is left and how much that is. */
  addBytes(bytes: Uint8Array, at: number, end: number): void {
    let last = (end - at) << 24
    for (; at + 4 <= end; at += 4)
      this.add(bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24))
    for (let shift = 0; at < end; at++, shift += 8) last |= bytes[at] << shift
    this.add(last)
  }

  /** The hash, 32 bits, signed. */
  end(): number {
    this.add(this.words << 26)
    this.v2 ^= 0xff
    this.finalise()
    return this.v1 ^ this.v3
  }

  /** After `end`: another 32 bits of the same input. */
  more(): number {
    this.v1 ^= 0xdd
    this.finalise()
    return this.v1 ^ this.v3
  }

  private finalise(): void {
    this.round()
    this.round()
    this.round()
  }

  private round(): void {
    let { v0, v1, v2, v3 } = this
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
    this.v0 = v0
    this.v1 = v1
    this.v2 = v2
    this.v3 = v3
  }
}
