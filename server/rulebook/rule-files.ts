// The type of all rule files together.
import type { EventRuleFile } from '../events/rules.ts'
import type { Word, MakerRule, CompanyRule } from '../rules/types.ts'

/** Everything under `rules/` that this part reads, each by slug or file name. */
export interface RuleFiles {
  companies: Map<string, CompanyRule>
  makers: Map<string, MakerRule>
  events: Map<string, EventRuleFile>
  purposes: Record<string, Word>
  kinds: Record<string, Word>
  labels: Record<string, Word>
  chipMakers: string[]
}
