// How many host names of public evidence the rules give the company and the purpose that the evidence gives.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CompanyTable, packDomains } from '../../server/attribution/company-names.ts'
import { compileCompanies, compileDomains } from '../../server/rulebook/compile.ts'
import { readRules } from '../../server/rulebook/read.ts'
import type { CompanyRule } from '../../server/rules/types.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'
import { COMPANY_ALIASES, purposeFits } from './evidence-words.ts'

/** One line of the evidence: what a public source says of the names below a suffix. */
export interface Evidence {
  suffix: string
  company: string
  product: string
  purpose: string
  source: string
  /** 1 mentioned in a list, 2 the list names product or purpose, 3 client code or the maker's document. */
  weight: number
}

export type CompanyVerdict = 'right' | 'wrong' | 'none'
export type PurposeVerdict = 'right' | 'wrong' | 'not tested'

export interface Judged {
  evidence: Evidence
  company: string | null
  purpose: string | null
  companyVerdict: CompanyVerdict
  purposeVerdict: PurposeVerdict
}

export interface WeightScore {
  weight: number
  hosts: number
  company: Record<CompanyVerdict, number>
  purpose: Record<PurposeVerdict, number>
}

export function readEvidence(text: string): Evidence[] {
  const [, ...rows] = text.trimEnd().split('\n')
  return rows.map((row) => {
    const [suffix, company, product, purpose, source, weight] = row.split('\t')
    return { suffix, company, product, purpose, source, weight: Number(weight) }
  })
}

/** The table of companies of a rules folder as it is, without a build. */
export function companiesOf(rulesFolder: string): { table: CompanyTable; families: Families } {
  const rules = readRules(rulesFolder)
  const table = new CompanyTable(compileCompanies(rules), packDomains(compileDomains(rules)))
  return { table, families: new Families(rules.companies, table) }
}

/** Which companies of the rules a name in the evidence may mean, by the company at the top of each. */
export class Families {
  private readonly byName = new Map<string, Set<string>>()
  private readonly table: CompanyTable

  constructor(companies: ReadonlyMap<string, CompanyRule>, table: CompanyTable) {
    this.table = table
    for (const [slug, { name }] of companies) {
      for (const spelling of [slug, ...spellingsOf(name)]) {
        const tops = this.byName.get(spelling.replace(/[^\p{L}\p{N}]/gu, '')) ?? new Set()
        this.byName.set(spelling.replace(/[^\p{L}\p{N}]/gu, ''), tops.add(table.parentOf(slug)))
      }
    }
  }

  /** Whether a company of the rules is the one named, a part of it, its owner or another part of its owner. */
  same(slug: string, named: string): boolean {
    const top = this.table.parentOf(slug)
    const aliases = (COMPANY_ALIASES[named]?.slugs ?? []).map((alias) => this.table.parentOf(alias))
    return aliases.includes(top) || spellingsOf(named).some((spelling) => this.byName.get(spelling)?.has(top) ?? false)
  }
}

/** `TP-Link (Kasa, Tapo, Deco)` is tplink, kasa, tapo or deco. */
function spellingsOf(name: string): string[] {
  const [before, inside = ''] = name.split('(')
  return [before, ...inside.replace(')', '').split(',')].map(normalised).filter((spelling) => spelling !== '')
}

function normalised(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
}

export function judge(evidence: Evidence, table: CompanyTable, families: Families): Judged {
  // A made-up label stands for what the source left open.
  const { company, purpose } = table.lookUp(evidence.suffix.replaceAll('*', 'x7'))
  const companyVerdict = company === null ? 'none' : families.same(company, evidence.company) ? 'right' : 'wrong'
  return { evidence, company, purpose, companyVerdict, purposeVerdict: judgePurpose(evidence, purpose) }
}

function judgePurpose({ purpose: said, weight }: Evidence, purpose: string | null): PurposeVerdict {
  if (said === 'unknown' || purpose === null) return said === 'unknown' ? 'not tested' : 'wrong'
  return purposeFits(said, purpose, weight) ? 'right' : 'wrong'
}

export function scoreByWeight(judged: readonly Judged[]): WeightScore[] {
  return [3, 2, 1].map((weight) => {
    const score: WeightScore = {
      weight,
      hosts: 0,
      company: { right: 0, wrong: 0, none: 0 },
      purpose: { right: 0, wrong: 0, 'not tested': 0 },
    }
    for (const { evidence, companyVerdict, purposeVerdict } of judged) {
      if (evidence.weight !== weight) continue
      score.hosts++
      score.company[companyVerdict]++
      score.purpose[purposeVerdict]++
    }
    return score
  })
}

/** A line for each host whose company or purpose is not the one of the evidence. */
export function contradictions(judged: readonly Judged[]): string[] {
  return judged
    .filter(({ companyVerdict, purposeVerdict }) => companyVerdict !== 'right' || purposeVerdict === 'wrong')
    .map(({ evidence: { suffix, company, product, purpose, source, weight }, ...ours }) =>
      [
        weight,
        suffix,
        `company ${ours.companyVerdict}: ${company} (${product}), rules ${ours.company ?? 'none'}`,
        `purpose ${ours.purposeVerdict}: ${purpose}, rules ${ours.purpose ?? 'none'}`,
        source,
      ].join('\t'),
    )
}

function share(part: number, whole: number): string {
  return `${part} of ${whole} (${whole === 0 ? '0.0' : ((100 * part) / whole).toFixed(1)} %)`
}

if (process.argv[1] === import.meta.filename) {
  const list = process.argv.includes('--list')
  const given = process.argv.slice(2).find((word) => !word.startsWith('--'))
  const folder = realDataFolder()
  const file = given ?? (folder === null ? null : join(folder, 'hosts-evidence.tsv'))
  if (file === null) {
    console.log(NO_REAL_DATA)
  } else {
    const { table, families } = companiesOf(fileURLToPath(new URL('../../rules', import.meta.url)))
    const judged = readEvidence(readFileSync(file, 'utf8')).map((evidence) => judge(evidence, table, families))
    if (list) for (const line of contradictions(judged)) console.log(line)
    for (const { weight, hosts, company, purpose } of scoreByWeight(judged)) {
      const tested = purpose.right + purpose.wrong
      console.log(
        `weight ${weight}: company or family ${share(company.right, hosts)}, ` +
          `another ${company.wrong}, none ${company.none}; ` +
          `purpose of the same family ${share(purpose.right, tested)}`,
      )
    }
  }
}
