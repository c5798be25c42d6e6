// Mutations of messages, a field at a time: cut, changed, repeated, mixed with another.
import type { Random } from '../../server/sample/packets/random.ts'
import { concat } from '../../server/sample/packets/bytes.ts'

const BYTES = [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xfe, 0xff]
const WORDS = [0, 1, 0x7f, 0xff, 0x100, 0x7fff, 0x8000, 0xfffc, 0xffff]

/** A copy with one to six changes; `others` are there to be mixed in. */
export function mutated(message: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  let copy: Uint8Array = Uint8Array.from(message)
  for (let changes = random.integer(1, 6); changes > 0; changes--) {
    // Field changes are the ones that get deep: a cut or a shift makes most of what follows nonsense.
    copy = random.chance(0.75) ? changeField(copy, random) : changeShape(copy, others, random)
  }
  return copy
}

/** Changes in place; the length stays. */
function changeField(copy: Uint8Array, random: Random): Uint8Array {
  if (copy.length === 0) return copy
  const at = random.integer(0, copy.length - 1)
  switch (random.integer(0, 5)) {
    case 0:
      copy[at] ^= 1 << random.integer(0, 7)
      break
    case 1:
      copy[at] = random.pick(BYTES)
      break
    case 2:
      copy[at] = random.integer(0, 255)
      break
    case 3:
      // A length or a count that is off by a little.
      copy[at] += random.integer(-4, 4)
      break
    case 4:
      if (at + 1 < copy.length) copy.set([random.pick(WORDS) >> 8, random.pick(WORDS)], at)
      break
    default:
      copy.copyWithin(at, random.integer(0, copy.length - 1), Math.min(copy.length, at + random.integer(1, 8)))
  }
  return copy
}

function changeShape(copy: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  const at = random.integer(0, copy.length)
  const to = Math.min(copy.length, at + random.integer(1, 40))
  switch (random.integer(0, 5)) {
    case 0:
      return copy.slice(0, at)
    case 1:
      return concat(copy.subarray(0, at), random.bytes(random.integer(1, 8)), copy.subarray(at))
    case 2:
      return concat(copy.subarray(0, at), copy.subarray(to))
    case 3: {
      const part = copy.subarray(at, to)
      return concat(
        copy.subarray(0, at),
        ...Array.from({ length: random.integer(2, 20) }, () => part),
        copy.subarray(to),
      )
    }
    case 4: {
      const other = random.pick(others)
      return concat(copy.subarray(0, at), other.subarray(random.integer(0, other.length)))
    }
    default:
      return copy.length === 0 ? random.bytes(random.integer(0, 64)) : copy
  }
}
