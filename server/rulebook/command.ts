// The commands "rules check" and "name".
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { CompanyTable } from '../attribution/company-names.ts'
import { checkRules } from './check.ts'
import { compiledRulesFolder } from '../rules/folder.ts'
import { openRules } from './open.ts'
import { readFolder } from './read.ts'
import type { Problem } from './problem.ts'

type Print = (line: string) => void

/** `telltale rules …`: so far there is only "check". The folder is looked for where the person stands. */
export async function rulesCommand(args: readonly string[]): Promise<number> {
  const [what, folder, ...more] = args
  if (what !== 'check') {
    console.error(`telltale: there is no command "rules ${what ?? ''}"; there is "rules check"`)
    return 2
  }
  return rulesCheckCommand(folder === undefined ? [] : [resolve(process.env['INIT_CWD'] ?? '.', folder), ...more])
}

/**
 * `telltale rules check [folder]`: lists every problem; exit status 0 when there is none, 1 when there are, 2 for a
 * wrong call.
 */
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
  const events = readFolder(folder, 'events').length
  const counted = [
    `${companies} ${companies === 1 ? 'company' : 'companies'}`,
    `${makers} ${makers === 1 ? 'maker' : 'makers'} of devices`,
    ...(events === 0 ? [] : [`${events} ${events === 1 ? 'file' : 'files'} of events`]),
  ]
    .join(', ')
    .replace(/, ([^,]*)$/, ' and $1')
  print(
    problems.length === 0
      ? `The rules are in order: ${counted}.`
      : `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} in the rules (${counted}).`,
  )
  return problems.length === 0 ? 0 : 1
}

/**
 * `telltale name host...`: host, company, purpose and rule file, with tabs between; empty where nothing is known. A
 * purpose that no rule but the name's own words say is marked in a fifth column.
 */
export function nameCommand(hosts: readonly string[], print: Print = console.log, companies?: CompanyTable): number {
  if (hosts.length === 0) {
    console.error('telltale: name one host or more: telltale name HOST…')
    return 2
  }
  companies ??= openRules(compiledRulesFolder()).companies
  for (const host of hosts) {
    const { company, purpose, ruleFile, purposeFrom } = companies.lookUp(host)
    const columns = [host.replace(/[\p{C}\p{Z}]/gu, '?'), company ?? '', purpose ?? '', ruleFile ?? '']
    print([...columns, ...(purposeFrom === 'name' ? ['read from the name'] : [])].join('\t'))
  }
  return 0
}

/** "rules/companies/ring.yaml, domains[2].suffix (RING.com): write it in lower case: ring.com" */
export function sentence({ file, field, message }: Problem): string {
  if (file === '') return message
  return field === '' ? `${file}: ${message}` : `${file}, ${field}: ${message}`
}
