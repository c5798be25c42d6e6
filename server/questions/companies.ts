// Companies as questions speak of them.
import type { Facts } from './facts.ts'

/** The owner's name without the kind of its service: "Amazon". */
export function familyName(facts: Facts, slug: string): string {
  return facts.companyName(slug)
}
