// Messages for a name that no file or device has, with the nearest names that exist.
import { nearNames, either } from '../rules/near-words.ts'

export function missingCompany(slug: string, slugs: Set<string>): string {
  const near = nearNames(slug, [...slugs])
  return `there is no rules/companies/${slug}.yaml: add that file${near.length === 0 ? '' : `, or use ${either(near)}`}`
}

export function missingDevice(name: string, others: readonly string[]): string {
  const near = nearNames(name, others)
  if (others.length === 0) return `there is no other device in this file: leave it out, or add "${name}"`
  return `there is no other device "${name}" in this file: ${near.length > 0 ? `did you mean ${either(near)}?` : `choose one of: ${others.join(', ')}`}`
}
