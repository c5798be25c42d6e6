// Prints how many host names of lists get the right company and purpose. Usage: npx tsx test/score/hosts.ts TSV…
import { readFileSync } from 'node:fs'
import { openRules } from '../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../server/rules/folder.ts'

/** A line of a list: `host company|company purpose|purpose weight`; `-` where nothing is known. */
interface ListedHost {
  host: string
  companies: string[]
  purposes: string[]
}

const { companies } = openRules(compiledRulesFolder())
const files = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
if (files.length === 0) {
  console.error('Usage: npx tsx test/score/hosts.ts TSV…')
  process.exit(2)
}

let total = 0
const counts = { company: 0, both: 0, wrong: 0, ownData: 0 }
for (const listed of files.flatMap(readList)) {
  total++
  const { company, purpose, purposeFrom } = companies.lookUp(listed.host)
  const isCompany = fitsCompany(company, listed)
  const isPurpose = company === null ? isCompany : listed.purposes.includes(purpose ?? '')
  if (isCompany) counts.company++
  if (isCompany && isPurpose) counts.both++
  if (!isCompany && company !== null) counts.wrong++
  if (isCompany && !isPurpose && purpose === 'data') counts.ownData++
  if (isCompany && isPurpose) continue
  const expected = `${listed.companies.join('|')} ${listed.purposes.join('|')}`
  const from = purposeFrom === 'name' ? ' (read from the name)' : ''
  console.log(`${listed.host}: ${company ?? 'nothing'} ${purpose ?? ''}${from}, listed as ${expected}`)
}
console.log(
  `total ${total} company ${share(counts.company)} company-and-purpose ${share(counts.both)} wrong-company ` +
    `${share(counts.wrong)} of-the-other-purposes-own-data ${counts.ownData}`,
)

function readList(path: string): ListedHost[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [host, company = '-', purpose = '-'] = line.split('\t')
      return { host, companies: company.split('|'), purposes: purpose.split('|') }
    })
}

/** A family stands for its brands: `amazon` for amazon-devices and for ring, which is a part of it. */
function fitsCompany(company: string | null, listed: ListedHost): boolean {
  if (company === null) return listed.companies.includes('-')
  const names = [company, companies.parentOf(company)]
  return listed.companies.some((word) => names.some((name) => isNamed(name, word)))
}

/** `tpv` names tpvision; two letters are a whole word: `lg` does not name lgx. */
function isNamed(slug: string, word: string): boolean {
  return slug === word || slug.split('-').includes(word) || (word.length > 2 && slug.startsWith(word))
}

function share(count: number): string {
  return `${((count / Math.max(1, total)) * 100).toFixed(1)} %`
}
