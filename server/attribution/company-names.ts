// Companies and purposes by host name.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openSections, packSections, type Section } from '../rules/sections.ts'
import { buildSuffixes, SuffixTable } from '../rules/suffix-table.ts'
import type { CompanySaid } from '../rules/types.ts'
import { numbersOf } from './address-numbers.ts'
import { splitAlias } from './alias-names.ts'
import { purposeOfWords } from './name-words.ts'

/** Who is behind a host name. `ruleFile` is the path of the rule that says so, from the repository's root. */
export interface CompanyAnswer {
  company: string | null
  purpose: string | null
  ruleFile: string | null
  /** Whether a rule says the purpose, or a word of the name where only a general rule matches; null with no purpose. */
  purposeFrom: 'rule' | 'name' | null
}

export interface Company {
  slug: string
  name: string
  home: string
  about: string
  partOf: string | null
  /** Whether its network is rented out to others. */
  cloud: boolean
  /** What it says of what it keeps of its customers; absent where no rule tells. */
  said?: { export: CompanySaid | null; deletion: CompanySaid | null; retention: CompanySaid | null }
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
  /** By `tcp/4070`. */
  ports: Record<string, number>
}

/** One domain rule, in the order of `companies.bin`. */
export interface CompiledDomain {
  suffix: string
  /** Index in the list of companies. */
  company: number
  /** Index in the list of purposes. */
  purpose: number
  /** Whether it says so little that a word in front of the suffix says more. */
  general: boolean
}

const NOTHING: CompanyAnswer = Object.freeze({ company: null, purpose: null, ruleFile: null, purposeFrom: null })

/** Names remembered with their answer, in each of two generations: about 4 MB when full. */
export const MAX_CACHED_NAMES = 16_384

/** Loaded once, used for every name on the wire. */
export class CompanyTable {
  private readonly compiled: CompiledCompanies
  private readonly suffixes: SuffixTable
  private readonly suffixCompany: Section
  private readonly suffixPurpose: Section
  /** Labels of a general rule's suffix, 0 for any other's. */
  private readonly generalLabels: Section
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
    this.generalLabels = arrays['generalLabels']
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

  /**
   * The company with all that is part of it: what it does under its own names, and the networks that it rents out,
   * which say nothing of whom the bytes were for. A rented cloud stands for itself alone.
   */
  familyOf(slug: string): { brands: string[]; rented: string[] } {
    if (this.slugs.get(slug)?.cloud === true) return { brands: [], rented: [slug] }
    const members = this.compiled.companies.filter((company) => company.slug !== slug && this.isPartOf(company, slug))
    const slugsOf = (cloud: boolean): string[] =>
      members.filter((company) => company.cloud === cloud).map((company) => company.slug)
    return { brands: [slug, ...slugsOf(false)], rented: slugsOf(true) }
  }

  private isPartOf(company: Company, owner: string): boolean {
    const seen = new Set<string>()
    for (let at = company.partOf; at !== null && !seen.has(at); at = this.slugs.get(at)?.partOf ?? null) {
      if (at === owner) return true
      seen.add(at)
    }
    return false
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

  /** Company whose servers are reached by this port (`tcp/4070`), which hardly anybody else uses. */
  companyOfPort(service: string): string | null {
    const company = this.compiled.ports[service]
    return company === undefined ? null : this.compiled.companies[company].slug
  }

  private find(host: string): CompanyAnswer {
    const lower = host.toLowerCase()
    const name = lower.endsWith('.') ? lower.slice(0, -1) : lower
    const index = this.suffixes.find(name)
    const customer = this.customerOf(name, index)
    if (customer !== null) return customer
    if (index < 0) return NOTHING
    const said = this.saidByName(name, index)
    const purpose = said ?? this.suffixPurpose[index]
    // One answer for each company and purpose, however many suffixes lead to it.
    const key = (this.suffixCompany[index] * 256 + purpose) * 2 + (said === null ? 0 : 1)
    let answer = this.answers.get(key)
    if (answer === undefined) this.answers.set(key, (answer = this.answer(index, purpose, said !== null)))
    return answer
  }

  /** The answer for whom a delivery network serves, where only the network's own rule matches and its name is known. */
  private customerOf(name: string, index: number): CompanyAnswer | null {
    const alias = splitAlias(name)
    if (alias === null || index !== this.suffixes.find(alias.network)) return null
    const answer = this.find(alias.customer)
    return answer.company === null ? null : answer
  }

  /** The purpose that the name's own words say where the rule is a general one; null where the rule's holds. */
  private saidByName(name: string, index: number): number | null {
    const suffixLabels = this.generalLabels[index]
    if (suffixLabels === 0) return null
    const labels = name.split('.')
    if (labels.length <= suffixLabels) return null
    const { purposes } = this.compiled
    const rulePurpose = this.suffixPurpose[index]
    const word = purposeOfWords(labels.slice(0, labels.length - suffixLabels), purposes[rulePurpose])
    const place = word === null ? -1 : purposes.indexOf(word)
    return place < 0 || place === rulePurpose ? null : place
  }

  private answer(index: number, purpose: number, byName: boolean): CompanyAnswer {
    const { slug } = this.compiled.companies[this.suffixCompany[index]]
    return {
      company: slug,
      purpose: this.compiled.purposes[purpose],
      ruleFile: `rules/companies/${slug}.yaml`,
      purposeFrom: byName ? 'name' : 'rule',
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
      generalLabels: Uint8Array.from(domains.map(({ suffix, general }) => (general ? suffix.split('.').length : 0))),
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
