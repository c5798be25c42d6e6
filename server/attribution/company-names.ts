// Companies and purposes by host name.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openSections, packSections, type Section } from '../rules/sections.ts'
import { buildSuffixes, SuffixTable } from '../rules/suffix-table.ts'
import { numbersOf } from './address-numbers.ts'

/** Who is behind a host name. `ruleFile` is the path of the rule that says so, from the repository's root. */
export interface CompanyAnswer {
  company: string | null
  purpose: string | null
  ruleFile: string | null
}

export interface Company {
  slug: string
  name: string
  home: string
  about: string
  partOf: string | null
  /** Whether its network is rented out to others. */
  cloud: boolean
}

/** Version, and the first 64 bits of an IPv6 address or 0 and the IPv4 address. */
type AddressPlace = readonly [version: number, high: number, low: number]

interface CompanyRange {
  first: AddressPlace
  last: AddressPlace
  company: number
}

/** Shape of `companies.json`, made by the compiler of the rules; the suffixes themselves are in `companies.bin`. */
export interface CompiledCompanies {
  companies: Company[]
  purposes: string[]
  /** Sorted by first address; addresses as [version, high, low]. */
  ranges: CompanyRange[]
  asns: Record<string, number>
}

/** One domain rule, in the order of `companies.bin`. */
export interface CompiledDomain {
  suffix: string
  /** Index in the list of companies. */
  company: number
  /** Index in the list of purposes. */
  purpose: number
}

const NOTHING: CompanyAnswer = Object.freeze({ company: null, purpose: null, ruleFile: null })

/** Names remembered with their answer, in each of two generations: about 4 MB when full. */
export const MAX_CACHED_NAMES = 16_384

/** Loaded once, used for every name on the wire. */
export class CompanyTable {
  private readonly compiled: CompiledCompanies
  private readonly suffixes: SuffixTable
  private readonly suffixCompany: Section
  private readonly suffixPurpose: Section
  private readonly answers = new Map<number, CompanyAnswer>()
  private readonly slugs = new Map<string, Company>()
  private onlyPurposes: Map<string, string | null> | null = null
  private rangesByBeginning: Map<number, CompanyRange[]> | null = null
  private recent = new Map<string, CompanyAnswer>()
  private older = new Map<string, CompanyAnswer>()

  /** `suffixes` is what `packDomains` made. */
  constructor(compiled: CompiledCompanies, suffixes: Uint8Array) {
    const { arrays } = openSections(suffixes, 'The table of company names (companies.bin)')
    this.compiled = compiled
    this.suffixes = new SuffixTable(arrays)
    this.suffixCompany = arrays['company']
    this.suffixPurpose = arrays['purpose']
    for (const company of compiled.companies) this.slugs.set(company.slug, company)
  }

  /** Company and purpose of a host name; case and a closing dot do not matter. */
  lookUp(host: string): CompanyAnswer {
    const known = this.recent.get(host)
    if (known !== undefined) return known
    const answer = this.older.get(host) ?? this.find(host)
    if (this.recent.size >= MAX_CACHED_NAMES) {
      this.older = this.recent
      this.recent = new Map()
    }
    this.recent.set(host, answer)
    return answer
  }

  get all(): readonly Company[] {
    return this.compiled.companies
  }

  /** What the screen says of a company; null for a slug no rule has. */
  describe(slug: string): Company | null {
    return this.slugs.get(slug) ?? null
  }

  /** The company at the top of `partOf`: amazon for ring. A circle ends where it began. */
  parentOf(slug: string): string {
    const seen = new Set<string>()
    let at = slug
    while (!seen.has(at)) {
      seen.add(at)
      at = this.slugs.get(at)?.partOf ?? at
    }
    return at
  }

  /** Company whose rules declare a range with this address in it, the narrowest first; null when none does. */
  companyOfAddress(address: string): string | null {
    if (this.compiled.ranges.length === 0) return null
    const numbers = numbersOf(address)
    if (numbers === null) return null
    const place: AddressPlace = [numbers.version, numbers.high, numbers.low]
    // Sorted by first address: of the ranges that hold the address the last one is the narrowest.
    const range = this.rangesNear(place)?.findLast(
      ({ first, last }) => order(first, place) <= 0 && order(place, last) <= 0,
    )
    return range === undefined ? null : this.compiled.companies[range.company].slug
  }

  /** What all of the company's names are for, where it is one thing (a resolver's are all DNS); null for several. */
  onlyPurposeOf(slug: string): string | null {
    if (this.onlyPurposes === null) {
      this.onlyPurposes = new Map()
      for (let index = 0; index < this.suffixCompany.length; index++) {
        const company = this.compiled.companies[this.suffixCompany[index]].slug
        const purpose = this.compiled.purposes[this.suffixPurpose[index]]
        const known = this.onlyPurposes.get(company)
        this.onlyPurposes.set(company, known === undefined || known === purpose ? purpose : null)
      }
    }
    return this.onlyPurposes.get(slug) ?? null
  }

  /** Ranges that hold addresses with the same beginning: the first byte of IPv4, the first two of IPv6. */
  private rangesNear(place: AddressPlace): CompanyRange[] | undefined {
    if (this.rangesByBeginning === null) {
      this.rangesByBeginning = new Map()
      for (const range of this.compiled.ranges) {
        const last = beginning(range.last)
        for (let key = beginning(range.first); key <= last; key++) {
          const ranges = this.rangesByBeginning.get(key)
          if (ranges === undefined) this.rangesByBeginning.set(key, [range])
          else ranges.push(range)
        }
      }
    }
    return this.rangesByBeginning.get(beginning(place))
  }

  /** Company that runs the network with this number. */
  companyOfAsn(asn: number | null): string | null {
    const company = asn === null ? undefined : this.compiled.asns[asn]
    return company === undefined ? null : this.compiled.companies[company].slug
  }

  private find(host: string): CompanyAnswer {
    const lower = host.toLowerCase()
    const index = this.suffixes.find(lower.endsWith('.') ? lower.slice(0, -1) : lower)
    if (index < 0) return NOTHING
    // One answer for each company and purpose, however many suffixes lead to it.
    const key = this.suffixCompany[index] * 256 + this.suffixPurpose[index]
    let answer = this.answers.get(key)
    if (answer === undefined) this.answers.set(key, (answer = this.answer(index)))
    return answer
  }

  private answer(index: number): CompanyAnswer {
    const { slug } = this.compiled.companies[this.suffixCompany[index]]
    return {
      company: slug,
      purpose: this.compiled.purposes[this.suffixPurpose[index]],
      ruleFile: `rules/companies/${slug}.yaml`,
    }
  }
}

/** Reads the compiled rules of a build. */
export function openCompanies(folder: string): CompanyTable {
  const compiled = JSON.parse(readFileSync(join(folder, 'companies.json'), 'utf8')) as CompiledCompanies
  return new CompanyTable(compiled, readFileSync(join(folder, 'companies.bin')))
}

/** Packs domain rules for the table. */
export function packDomains(domains: readonly CompiledDomain[]): Uint8Array {
  return packSections({
    meta: {},
    arrays: {
      ...buildSuffixes(domains.map(({ suffix }) => suffix)),
      company: Uint16Array.from(domains.map(({ company }) => company)),
      purpose: Uint8Array.from(domains.map(({ purpose }) => purpose)),
    },
  })
}

/** IPv6 keys lie above those of IPv4. */
function beginning([version, high, low]: AddressPlace): number {
  return version === 4 ? low >>> 24 : 256 + (high >>> 16)
}

function order(a: AddressPlace, b: AddressPlace): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}
