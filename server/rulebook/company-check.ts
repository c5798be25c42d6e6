// Problems of the companies' files: owners, suffixes, networks and purposes.
import { rangeOf } from '../attribution/address-numbers.ts'
import { unknownWord, type WordList } from '../rules/near-words.ts'
import { suffixProblem } from '../rules/suffix-table.ts'
import type { CompanyRule } from '../rules/types.ts'
import type { Problem } from './problem.ts'
import { publicSuffixProblem } from './match-check.ts'
import { missingCompany } from './missing.ts'

const MAX_ENTRIES = 200

export function companyProblems(
  companies: Map<string, CompanyRule>,
  slugs: Set<string>,
  purposes: WordList,
): Problem[] {
  const problems: Problem[] = []
  for (const [slug, company] of companies) {
    const say = (field: string, message: string): number =>
      problems.push({ file: `rules/companies/${slug}.yaml`, field, message })
    if (company.partOf !== undefined && !slugs.has(company.partOf)) say('partOf', missingCompany(company.partOf, slugs))
    if (company.partOf !== undefined && circles(slug, companies))
      say('partOf', 'goes round in a circle: one of these companies must stand alone')
    if (company.cloud !== true && companies.get(company.partOf ?? '')?.cloud === true)
      say('partOf', `is a rented cloud, whose sums stand apart: name the company that owns ${company.partOf}`)
    if (
      company.domains === undefined &&
      company.ranges === undefined &&
      company.asns === undefined &&
      ![...companies.values()].some(({ partOf }) => partOf === slug)
    ) {
      say('domains', 'is missing: without domains, ranges or asns the file never matches anything')
    }
    if (entries(company) > MAX_ENTRIES)
      say('', `has ${entries(company)} entries: split it by product (with partOf: ${slug}), ${MAX_ENTRIES} are allowed`)
    for (const [index, { suffix, purpose }] of (company.domains ?? []).entries()) {
      const problem = suffixProblem(suffix) ?? publicSuffixProblem(suffix)
      if (problem !== null) say(`domains[${index}].suffix`, problem)
      if (!purposes.words.includes(purpose)) say(`domains[${index}].purpose`, unknownWord(purpose, purposes))
    }
    for (const [index, { cidr }] of (company.ranges ?? []).entries()) {
      if (rangeOf(cidr) === null)
        say(
          `ranges[${index}].cidr`,
          'is not a block of addresses: write its first address and length, as in 17.0.0.0/8 or 2620:149::/32',
        )
    }
  }
  return [...problems, ...ownershipProblems(companies)]
}

/**
 * Suffixes and networks with two owners. Which of the two files is the new one cannot be known, so neither is blamed.
 */
function ownershipProblems(companies: Map<string, CompanyRule>): Problem[] {
  const problems: Problem[] = []
  const owners = new Map<string, { file: string; field: string }>()
  for (const [slug, company] of companies) {
    const file = `rules/companies/${slug}.yaml`
    for (const { key, what, field } of ownedBy(company)) {
      const first = owners.get(`${what} ${key}`)
      if (first === undefined) owners.set(`${what} ${key}`, { file, field })
      else if (first.file === file) problems.push({ file, field, message: `${key} is given twice: remove one` })
      else
        problems.push({
          file: '',
          field: '',
          message: `${key} is in both ${first.file} (${first.field}) and ${file} (${field}): a ${what} belongs to one company; take it out of the one you just added`,
        })
    }
  }
  return problems
}

function ownedBy({
  domains = [],
  ranges = [],
  asns = [],
  ports = [],
}: CompanyRule): { key: string; what: string; field: string }[] {
  return [
    ...domains.map(({ suffix }, index) => ({ key: suffix, what: 'suffix', field: `domains[${index}]` })),
    ...ranges.map(({ cidr }, index) => ({ key: cidr, what: 'network', field: `ranges[${index}]` })),
    ...asns.map((number, index) => ({ key: String(number), what: 'network', field: `asns[${index}]` })),
    ...ports.map(({ port }, index) => ({ key: port, what: 'port', field: `ports[${index}].port` })),
  ]
}

function entries(company: CompanyRule): number {
  return (company.domains?.length ?? 0) + (company.ranges?.length ?? 0) + (company.asns?.length ?? 0)
}

function circles(slug: string, companies: Map<string, CompanyRule>): boolean {
  let at = companies.get(slug)?.partOf
  for (let steps = 0; at !== undefined && steps <= companies.size; steps++) {
    if (at === slug) return true
    at = companies.get(at)?.partOf
  }
  return false
}
