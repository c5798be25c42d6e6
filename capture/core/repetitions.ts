// Payloads that a device sent before.
import { beginHash, endHash, hashBytes, hashWord, moreHash } from './keyed-hash'

/** Messages remembered; a new one takes the place of an old one with the same place. */
const PLACES: i32 = 8192

/** Of each message, 64 bits of the hash. */
const hashes: usize = memory.data(PLACES << 3, 8)

/**
 * Whether the bytes [at, end) came from `sender` not long ago; remembers that they did. Messages are remembered by 64
 * bits of a keyed hash over their sender and bytes, so that nobody can write a message that passes for another.
 * Forgetting is harmless: the message is then read again.
 */
export function isRepeated(at: usize, end: usize, sender: i32): bool {
  beginHash()
  hashWord(sender)
  hashBytes(at, end)
  const one = endHash()
  const two = moreHash()
  const place = hashes + ((<usize>(one & (PLACES - 1))) << 3)
  if (load<i32>(place) == one && load<i32>(place, 4) == two) return true
  store<i32>(place, one)
  store<i32>(place, two, 4)
  return false
}
