// Payloads that a device sent before.
import { KeyedHash } from '../../capture/keyed-hash.ts'

/** Messages remembered; a new one takes the place of an old one with the same place. */
const PLACES = 8192

/**
 * Remembers messages by 64 bits of a keyed hash over their sender and bytes, so that nobody can write a message that
 * passes for another. Forgetting is harmless: the message is then read again.
 */
export class Repetitions {
  private readonly first = new Int32Array(PLACES)
  private readonly second = new Int32Array(PLACES)
  private readonly hash = new KeyedHash()

  /** Whether the bytes [at, end) came from `sender` not long ago; remembers that they did. */
  isRepeated(bytes: Uint8Array, at: number, end: number, sender: number): boolean {
    const { hash } = this
    hash.begin()
    hash.add(sender)
    hash.addBytes(bytes, at, end)
    const one = hash.end()
    const two = hash.more()
    const place = one & (PLACES - 1)
    if (this.first[place] === one && this.second[place] === two) return true
    this.first[place] = one
    this.second[place] = two
    return false
  }
}
