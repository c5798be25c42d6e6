// Problems of the makers' files: MAC makers, products and what they expect.
import { unknownWord, type WordList } from '../rules/near-words.ts'
import { KINDS, type MakerRule } from '../rules/types.ts'
import type { Problem } from './problem.ts'
import { matchProblems } from './match-check.ts'
import { missingCompany, missingDevice } from './missing.ts'

export function makerProblems(makers: Map<string, MakerRule>, companies: Set<string>, kinds: WordList): Problem[] {
  const problems: Problem[] = []
  const parts = new Map<string, string>()
  for (const [slug, maker] of makers) {
    const file = `rules/devices/${slug}.yaml`
    const say = (field: string, message: string): number => problems.push({ file, field, message })
    if (maker.company !== undefined && !companies.has(maker.company))
      say('company', missingCompany(maker.company, companies))
    for (const [index, part] of (maker.ouis ?? []).entries()) {
      const owner = [...parts].find(
        ([other]) => other.includes(part.toLowerCase()) || part.toLowerCase().includes(other),
      )
      if (owner !== undefined)
        say(
          `ouis[${index}]`,
          `"${part}" also fits "${owner[0]}" of rules/devices/${owner[1]}.yaml: make it longer, or keep it in one place`,
        )
      parts.set(part.toLowerCase(), slug)
    }
    for (const problem of productProblems(maker, kinds)) say(problem.field, problem.message)
    if (maker.devices.length === 0 && maker.products === undefined) say('devices', 'give at least one, or products')
    const names = new Set<string>()
    for (const [index, device] of maker.devices.entries()) {
      const field = `devices[${index}]`
      if (names.has(device.name)) say(`${field}.name`, `"${device.name}" is given twice in this file: join the two`)
      names.add(device.name)
      if (!(KINDS as readonly string[]).includes(device.kind)) say(`${field}.kind`, unknownWord(device.kind, kinds))
      const others = maker.devices.map(({ name }) => name).filter((name) => name !== device.name)
      if (device.narrows !== undefined && !others.includes(device.narrows))
        say(`${field}.narrows`, missingDevice(device.narrows, others))
      for (const [at, company] of (device.expects ?? []).entries())
        if (!companies.has(company)) say(`${field}.expects[${at}]`, missingCompany(company, companies))
      for (const [group, match] of [
        ['match', device.match],
        ['hints', device.hints ?? {}],
      ] as const) {
        for (const problem of matchProblems(match)) say(`${field}.${group}.${problem.field}`, problem.message)
      }
    }
  }
  return problems
}

/** Shares leave room for what nobody listed. */
function productProblems({ products = [] }: MakerRule, kinds: WordList): { field: string; message: string }[] {
  const problems: { field: string; message: string }[] = []
  const seen = new Set<string>()
  for (const [index, { kind }] of products.entries()) {
    const field = `products[${index}].kind`
    if (!(KINDS as readonly string[]).includes(kind)) problems.push({ field, message: unknownWord(kind, kinds) })
    else if (seen.has(kind)) problems.push({ field, message: `"${kind}" is given twice: join the two` })
    seen.add(kind)
  }
  const sum = products.reduce((all, { share }) => all + share, 0)
  if (sum > 1.0001)
    problems.push({ field: 'products', message: `the shares are ${sum.toFixed(2)} together: at most 1` })
  return problems
}
