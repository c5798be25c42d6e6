// Payloads that a device sent before.

/** Messages remembered; a new one takes the place of an old one with the same place. */
const PLACES = 8192

/**
 * Remembers messages by two 32-bit sums over their bytes and sender, seeded anew each time, so that nobody can write a
 * message that passes for another. Forgetting is harmless: the message is then read again.
 */
export class Repetitions {
  private readonly first = new Int32Array(PLACES)
  private readonly second = new Int32Array(PLACES)
  private readonly seed = Math.floor(Math.random() * 0x7fffffff)

  /** Whether the bytes [at, end) came from `sender` not long ago; remembers that they did. */
  isRepeated(bytes: Uint8Array, at: number, end: number, sender: number): boolean {
    let one = this.seed ^ Math.imul(sender + 1, 0x2c1b3c6d)
    let two = Math.imul(this.seed, 0x297a2d39) ^ (end - at)
    for (; at + 4 <= end; at += 4) {
      const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)
      one = Math.imul(one ^ word, 0x01000193)
      one ^= one >>> 15
      two = Math.imul(two + word, 0x5bd1e995)
      two ^= two >>> 13
    }
    for (; at < end; at++) {
      one = Math.imul(one ^ bytes[at], 0x01000193)
      two = Math.imul(two + bytes[at], 0x5bd1e995)
    }
    const place = (one ^ (one >>> 16)) & (PLACES - 1)
    if (this.first[place] === one && this.second[place] === two) return true
    this.first[place] = one
    this.second[place] = two
    return false
  }
}
