// Belief in each kind, from what the maker makes and weak signs: for devices that no product line recognises.
import { type Kind, KINDS } from '../rules/types.ts'
import type { KindSign } from './kind-signs.ts'
import type { Product } from './knowledge.ts'

export interface KindGuess {
  kind: Kind
  /** 0 to 1: how likely it is of this kind, as far as is known. */
  weight: number
}

/** A kind that a product line or a name speaks for, and how far that convinces. */
export interface KindSupport {
  kind: Kind
  strength: number
}

/**
 * Rough shares of kinds among devices in homes (after Kumar et al., "All Things Considered", USENIX Security 2019):
 * where the maker is not known, and for what a maker's list leaves open.
 */
const COMMON: Partial<Record<Kind, number>> = {
  phone: 0.25,
  computer: 0.15,
  tv: 0.1,
  speaker: 0.08,
  streamer: 0.06,
  tablet: 0.05,
  camera: 0.05,
  plug: 0.04,
  console: 0.04,
  printer: 0.04,
  bulb: 0.03,
  router: 0.03,
  hub: 0.02,
}
const RARE = 0.005

/** Kinds, the likeliest first; all weights together are 1. */
export function kindBeliefs(
  products: readonly Product[],
  signs: readonly KindSign[],
  supports: readonly KindSupport[],
): KindGuess[] {
  const listed = products.reduce((sum, { share }) => sum + share, 0)
  // Lists of what a maker makes are never complete.
  const open = Math.max(0.03, 1 - listed)
  const beliefs = KINDS.filter((kind) => kind !== 'unknown').map((kind): KindGuess => {
    const share = products.find((product) => product.kind === kind)?.share ?? 0
    let weight = share + open * (COMMON[kind] ?? RARE)
    for (const { factors, rest } of signs) weight *= factors[kind] ?? rest
    for (const support of supports) if (support.kind === kind) weight /= 1 - Math.min(support.strength, 0.98)
    return { kind, weight }
  })
  const sum = beliefs.reduce((all, { weight }) => all + weight, 0)
  return beliefs
    .map(({ kind, weight }) => ({ kind, weight: weight / sum }))
    .sort((one, other) => other.weight - one.weight)
}
