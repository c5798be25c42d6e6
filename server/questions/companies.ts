// Companies as questions speak of them.
import type { Movement } from '../queries/traffic-view.ts'
import type { Facts } from './facts.ts'

/** A company that a rule knows, and no fold of the history. */
export function isNamed(company: string | null): boolean {
  return company !== null && !company.startsWith('*')
}

/** The company itself, or one that is part of it. */
export function isFamily(facts: Facts, company: string | null, wanted: string): boolean {
  return company === wanted || (company !== null && facts.parentOf(company) === wanted)
}

/** Owners of the companies met, the one that got most first. Rented networks alone make nobody an owner. */
export function parentsOf(facts: Facts, moved: readonly Movement[]): { slug: string; weight: number }[] {
  const weights = new Map<string, number>()
  for (const { endpoint, sent, lookups } of moved) {
    const company = endpoint?.company ?? null
    if (company === null || !isNamed(company) || facts.isCloud(company)) continue
    const parent = facts.parentOf(company)
    weights.set(parent, (weights.get(parent) ?? 0) + (facts.source.lookupsOnly ? lookups : sent))
  }
  return [...weights].map(([slug, weight]) => ({ slug, weight })).sort((one, other) => other.weight - one.weight)
}
