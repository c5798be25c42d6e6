// How many host names of lists get the right company and purpose. Usage: npx tsx test/score/hosts.ts TSV…
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CompanyTable, packDomains } from '../../server/attribution/company-names.ts'
import { compileCompanies, compileDomains } from '../../server/rulebook/compile.ts'
import { readRules } from '../../server/rulebook/read.ts'

/** A line of a list: `host company|company purpose|purpose weight`; `-` where nothing is known. */
export interface ListedHost {
  host: string
  companies: string[]
  purposes: string[]
}

export interface HostsScore {
  total: number
  company: number
  both: number
  /** Given a company that the list does not name. */
  wrong: number
  /** Right companies whose purpose is the household's own data where the list says something else. */
  ownData: number
  /** A sentence for each host that is not right in both. */
  misses: string[]
}

/** The rules as the files are. */
export function companiesOf(rulesFolder: string): CompanyTable {
  const rules = readRules(rulesFolder)
  return new CompanyTable(compileCompanies(rules), packDomains(compileDomains(rules)))
}

export function scoreHosts(hosts: readonly ListedHost[], table: CompanyTable): HostsScore {
  const score: HostsScore = { total: hosts.length, company: 0, both: 0, wrong: 0, ownData: 0, misses: [] }
  for (const listed of hosts) {
    const { company, purpose, purposeFrom } = table.lookUp(listed.host)
    const isCompany = fitsCompany(company, listed, table)
    const isPurpose = company === null ? isCompany : listed.purposes.includes(purpose ?? '')
    if (isCompany) score.company++
    else if (company !== null) score.wrong++
    if (isCompany && isPurpose) {
      score.both++
      continue
    }
    if (isCompany && purpose === 'data') score.ownData++
    const from = purposeFrom === 'name' ? ' (read from the name)' : ''
    const expected = `${listed.companies.join('|')} ${listed.purposes.join('|')}`
    score.misses.push(`${listed.host}: ${company ?? 'nothing'} ${purpose ?? ''}${from}, listed as ${expected}`)
  }
  return score
}

export function readHosts(path: string): ListedHost[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [host, company = '-', purpose = '-'] = line.split('\t')
      return { host, companies: company.split('|'), purposes: purpose.split('|') }
    })
}

/** A family stands for its brands: `amazon` for amazon-devices and for ring, which is a part of it. */
function fitsCompany(company: string | null, listed: ListedHost, table: CompanyTable): boolean {
  if (company === null) return listed.companies.includes('-')
  const names = [company, table.parentOf(company)]
  return listed.companies.some((word) => names.some((name) => isNamed(name, word)))
}

/** `tpv` names tpvision; two letters are a whole word: `lg` does not name lgx. */
function isNamed(slug: string, word: string): boolean {
  return slug === word || slug.split('-').includes(word) || (word.length > 2 && slug.startsWith(word))
}

function share(count: number, total: number): string {
  return `${((count / Math.max(1, total)) * 100).toFixed(1)} %`
}

if (process.argv[1] === import.meta.filename) {
  const files = process.argv.slice(2)
  if (files.length === 0) {
    console.error('Usage: npx tsx test/score/hosts.ts TSV…')
    process.exit(2)
  }
  const table = companiesOf(fileURLToPath(new URL('../../rules', import.meta.url)))
  const { total, company, both, wrong, ownData, misses } = scoreHosts(files.flatMap(readHosts), table)
  for (const miss of misses) console.log(miss)
  console.log(
    `total ${total} company ${share(company, total)} company-and-purpose ${share(both, total)} ` +
      `wrong-company ${share(wrong, total)} own-data-instead ${ownData}`,
  )
}
