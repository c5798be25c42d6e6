// Which household the words after `npm run lab` stand for.
import { DNS_ONLY } from './dns-only.ts'
import { type DevicePlan, HOUSEHOLD, TWO_DEVICES } from './plan.ts'

export function householdOf(words: readonly string[]): readonly DevicePlan[] {
  if (words.includes('--dns-only')) return DNS_ONLY
  return words.includes('--two') ? TWO_DEVICES : HOUSEHOLD
}
