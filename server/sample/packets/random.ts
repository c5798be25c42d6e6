// Pseudo-random numbers that are the same for the same seed.

/** A seeded stream of pseudo-random numbers: same seed, same numbers, on every machine. */
export type Random = {
  /** A number in [0, 1), 32 bits of it random. */
  next(): number
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  /** One of the items, each as likely as the others. */
  pick<Item>(items: readonly Item[]): Item
  /** Exponentially distributed, with this mean: gaps between independent events. */
  exponential(mean: number): number
  /** Pareto distributed from 1 upwards, never above `cap`: few large, many small. */
  heavyTailed(shape: number, cap: number): number
  bytes(length: number): Uint8Array
}

/**
 * mulberry32 (Tommy Ettinger, public domain): 32 bits of state, passes gjrand's small tests,
 * and each seed starts somewhere else after mixing. Not for secrets.
 */
export function seededRandom(seed: number): Random {
  let state = mix(seed)

  function next32(): number {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return (bits ^ (bits >>> 14)) >>> 0
  }
  const next = (): number => next32() / 2 ** 32

  return {
    next,
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (probability) => next() < probability,
    pick: (items) => {
      if (items.length === 0) throw new Error('pick: the list is empty')
      return items[Math.floor(next() * items.length)]
    },
    exponential: (mean) => -mean * Math.log(1 - next()),
    heavyTailed: (shape, cap) => Math.min(cap, (1 - next()) ** (-1 / shape)),
    bytes: (length) => {
      const bytes = new Uint8Array(length)
      for (let at = 0; at < length; at += 4) {
        const word = next32()
        for (let part = 0; part < 4 && at + part < length; part++) bytes[at + part] = word >>> (8 * part)
      }
      return bytes
    },
  }
}

/** A seed of its own for the `index`th thing of a series, so that one thing's draws do not move the next one's. */
export function derivedSeed(seed: number, index: number): number {
  return mix(mix(seed) ^ Math.imul(index + 1, 0x9e3779b1))
}

/** The finalizer of MurmurHash3: neighbouring seeds end far apart. */
function mix(seed: number): number {
  let hash = seed | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
