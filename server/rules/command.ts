// What do `telltale rules check` and `telltale name` print?
import { existsSync } from 'node:fs'
import type { CompanyTable } from '../attribution/company-names.ts'
import { checkRules, type Problem } from './check.ts'
import { readFolder } from './read.ts'

type Print = (line: string) => void

/** `telltale rules check [folder]`: lists every problem; exit status 0 when there is none, 1 when there are, 2 for a wrong call. */
export async function rulesCheckCommand(args: readonly string[], print: Print = console.log): Promise<number> {
  const [folder = 'rules', ...more] = args
  if (more.length > 0) {
    print(`"rules check" takes one folder, not ${args.length} things: ${args.join(' ')}`)
    return 2
  }
  if (!existsSync(folder)) {
    print(`There is no folder ${folder}: run this in the folder of the project, or name the folder with the rules`)
    return 2
  }
  const problems = checkRules(folder)
  for (const problem of problems) print(sentence(problem))
  const companies = readFolder(folder, 'companies').length
  const makers = readFolder(folder, 'devices').length
  const counted = `${companies} ${companies === 1 ? 'company' : 'companies'} and ${makers} ${makers === 1 ? 'maker' : 'makers'} of devices`
  print(problems.length === 0 ? `The rules are in order: ${counted}.` : `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} in the rules (${counted}).`)
  return problems.length === 0 ? 0 : 1
}

/** `telltale name host...`: host, company, purpose and rule file, with tabs between; empty where nothing is known. */
export function nameCommand(hosts: readonly string[], companies: CompanyTable, print: Print = console.log): number {
  for (const host of hosts) {
    const { company, purpose, ruleFile } = companies.lookUp(host)
    print([host.replace(/[\p{C}\p{Z}]/gu, '?'), company ?? '', purpose ?? '', ruleFile ?? ''].join('\t'))
  }
  return 0
}

/** "rules/companies/ring.yaml, domains[2].suffix: RING.com: write it in lower case: ring.com" */
export function sentence({ file, field, message }: Problem): string {
  return field === '' ? `${file}: ${message}` : `${file}, ${field}: ${message}`
}
