// The sources that the owner chose, in Settings or on the command line.
import {
  deliversPackets,
  type LiveSourcePlan,
  packetDefinition,
  plansOfSettings,
  type SourceLists,
  type SourceSecrets,
} from '../../capture/sources/sources.ts'

export { planOfArgument } from '../../capture/sources/sources.ts'

/** Section "sources" of the settings: a list for each kind, and the ids of sources that are named and switched off. */
export type ChosenSources = SourceLists & { off: string[] }

/** Those of the command line, then in the order of Settings, each once; the sample plays where the list is empty. */
export function plansOf(commandLine: LiveSourcePlan[], { off, ...lists }: ChosenSources): LiveSourcePlan[] {
  const named = [...commandLine, ...plansOfSettings(lists)]
  const single = named.filter(({ id }, place) => named.findIndex((other) => other.id === id) === place)
  return single.map((plan) => (off.includes(plan.id) ? { ...plan, isOff: true } : plan))
}

/** Of the secrets among the fields of section "sources" those that the sources need. */
export function secretsOf(fields: Readonly<Record<string, unknown>>, plans: readonly LiveSourcePlan[]): SourceSecrets {
  const needed = plans.filter(deliversPackets).flatMap((plan) => packetDefinition(plan).secret?.field ?? [])
  return Object.fromEntries(needed.map((field) => [field, String(fields[field] ?? '')]))
}
