// Companies as questions speak of them.
import type { Facts } from './facts.ts'

/** A company that a rule knows, and no fold of the history. */
export function isNamed(company: string | null): boolean {
  return company !== null && !company.startsWith('*')
}

/** The company itself, or one that is part of it. */
export function isFamily(facts: Facts, company: string | null, wanted: string): boolean {
  return company === wanted || (company !== null && facts.parentOf(company) === wanted)
}
