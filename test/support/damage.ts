// Damage to messages as networks and captures cause it: cut, changed, surrounded by other bytes.
import { type Random, seededRandom } from '../../server/sample/packets/random.ts'
import { concat } from '../../server/sample/packets/bytes.ts'

/** A message in the middle of a larger buffer, as decoders get it: bytes[at, end). */
export interface Embedded {
  bytes: Uint8Array
  at: number
  end: number
}

const GUARD_LENGTH = 300

/** Guards of one byte value on both sides: a decoder that reads them gives other results for another value. */
export function embed(message: Uint8Array, guard: number): Embedded {
  const guards = new Uint8Array(GUARD_LENGTH).fill(guard)
  return { bytes: concat(guards, message, guards), at: GUARD_LENGTH, end: GUARD_LENGTH + message.length }
}

/** The message cut behind each of its bytes, from nothing to all of it. */
export function prefixesOf(message: Uint8Array): Uint8Array[] {
  return Array.from({ length: message.length + 1 }, (_, length) => message.subarray(0, length))
}

/** `count` damaged copies of the messages, the same for the same seed. */
export function damagedCopies(messages: readonly Uint8Array[], count: number, seed: number): Uint8Array[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => damaged(random.pick(messages), random))
}

function damaged(message: Uint8Array, random: Random): Uint8Array {
  let copy: Uint8Array = Uint8Array.from(message)
  for (let changes = random.integer(1, 6); changes > 0 && copy.length > 0; changes--) {
    const at = random.integer(0, copy.length - 1)
    const kind = random.integer(0, 9)
    if (kind === 0) copy = copy.slice(0, at)
    else if (kind === 1) copy = concat(copy.subarray(0, at), random.bytes(random.integer(1, 8)), copy.subarray(at))
    else if (kind === 2) copy = concat(copy.subarray(0, at), copy.subarray(Math.min(copy.length, at + 5)))
    else
      copy[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.integer(0, 255), copy[at] ^ (1 << random.integer(0, 7))])
  }
  return copy
}
