// Compilation of the rules and the public registers into files that open in milliseconds.
import { createRequire } from 'node:module'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Company, packDomains, type CompiledCompanies, type CompiledDomain } from '../attribution/company-names.ts'
import { isGeneralRule } from '../attribution/name-words.ts'
import { type AddressNumbers, rangeOf } from '../attribution/address-numbers.ts'
import { buildNetworks, csvRows, type CountryRow, type NetworkRow } from '../attribution/networks.ts'
import { compileEventRules } from '../events/rules.ts'
import { buildMacMakers } from '../identity/mac-makers.ts'
import type { CompiledDevices } from '../identity/knowledge.ts'
import { readRules } from './read.ts'
import type { CompanyRule } from '../rules/types.ts'
import type { RuleFiles } from './rule-files.ts'

/** What to compile besides the rules; both registers are packages that are needed at build time only. */
export interface CompileOptions {
  /** The IEEE's register of MAC address makers (package oui-data). */
  macMakers?: boolean
  /** Network owners and countries (packages @ip-location-db/asn and @ip-location-db/asn-country). */
  networks?: boolean
  /** Where the two are installed, if not where Node would look. */
  packagesFolder?: string
}

/**
 * Compiled files by name: companies.json, companies.bin, devices.json, events.json, words.json, mac-makers.bin,
 * networks.bin.
 */
export type CompiledRules = Map<string, Uint8Array>

/** Services that devices of all makers use: cameras ask time.windows.com too. */
const INFRASTRUCTURE_PURPOSES = ['time', 'dns', 'connectivity', 'cdn', 'cloud', 'push']

const NETWORK_PACKAGE = '@ip-location-db/asn'
const COUNTRY_PACKAGE = '@ip-location-db/asn-country'

/**
 * Compiles `rules/`. Throws when a file is no YAML or the rules contradict each other beyond use; `checkRules` lists
 * every problem. A register whose package is not installed is left out: look-ups in it then find nothing.
 */
export function compileRules(rulesFolder: string, options: CompileOptions = {}): CompiledRules {
  const rules = readRules(rulesFolder)
  const files: CompiledRules = new Map([
    ['companies.json', toJson(compileCompanies(rules))],
    ['companies.bin', packDomains(compileDomains(rules))],
    ['devices.json', toJson(compileDevices(rules))],
    [
      'events.json',
      toJson(
        compileEventRules(rules.events, new Map([...rules.companies].map(([slug, { partOf }]) => [slug, partOf]))),
      ),
    ],
    ['words.json', toJson({ purposes: rules.purposes, kinds: rules.kinds, labels: rules.labels })],
  ])
  const macMakers = options.macMakers === false ? null : compileMacMakers(options)
  if (macMakers !== null) files.set('mac-makers.bin', macMakers)
  const networks = options.networks === false ? null : compileNetworks(options)
  if (networks !== null) files.set('networks.bin', networks)
  return files
}

/** Compiles into a folder; returns the names and sizes written, in bytes. */
export function writeRules(
  rulesFolder: string,
  outFolder: string,
  options: CompileOptions = {},
): { name: string; bytes: number }[] {
  const files = compileRules(rulesFolder, options)
  mkdirSync(outFolder, { recursive: true })
  return [...files].map(([name, bytes]) => {
    writeFileSync(join(outFolder, name), bytes)
    return { name, bytes: bytes.length }
  })
}

export function compileCompanies({
  companies,
  purposes,
}: Pick<RuleFiles, 'companies' | 'purposes'>): CompiledCompanies {
  const slugs = [...companies.keys()]
  const asns: Record<string, number> = {}
  companies.forEach((company, slug) => company.asns?.forEach((asn) => (asns[asn] = slugs.indexOf(slug))))
  const ports: Record<string, number> = {}
  companies.forEach((company, slug) => company.ports?.forEach(({ port }) => (ports[port] = slugs.indexOf(slug))))
  return {
    companies: [...companies].map(([slug, { name, home, about, partOf, cloud, ...rule }]) => ({
      slug,
      name,
      home,
      about,
      partOf: partOf ?? null,
      cloud: cloud ?? false,
      ...saidBy(rule),
    })),
    purposes: purposeList(companies, purposes),
    ranges: rangesOf(companies, slugs),
    asns,
    ports,
  }
}

function saidBy({ export: ask, deletion, retention }: Partial<CompanyRule>): Pick<Company, 'said'> {
  if (ask === undefined && deletion === undefined && retention === undefined) return {}
  return { said: { export: ask ?? null, deletion: deletion ?? null, retention: retention ?? null } }
}

/** Every domain rule, with indexes into the lists of `compileCompanies`. */
export function compileDomains({ companies, purposes }: Pick<RuleFiles, 'companies' | 'purposes'>): CompiledDomain[] {
  const list = purposeList(companies, purposes)
  return [...companies.values()].flatMap(({ domains }, company) =>
    (domains ?? []).map(({ suffix, purpose }) => ({
      suffix,
      company,
      purpose: list.indexOf(purpose),
      general: isGeneralRule(suffix, purpose),
    })),
  )
}

export function compileDevices({
  makers,
  companies,
  chipMakers,
}: Pick<RuleFiles, 'makers' | 'companies' | 'chipMakers'>): CompiledDevices {
  const slugs = [...makers.keys()]
  const parents = Object.fromEntries(
    [...companies.keys()].map((slug) => [slug, topOf(slug, companies)]).filter(([slug, top]) => slug !== top),
  )
  return {
    makers: [...makers].map(([slug, { maker, company, generic, ouis, products }]) => ({
      slug,
      maker,
      company: company ?? null,
      generic: generic ?? false,
      ouis: ouis ?? [],
      products: products ?? [],
      family:
        company === undefined
          ? []
          : [...companies.keys()].filter(
              (other) => belongsTo(other, company, companies) && !isInfrastructure(companies.get(other)),
            ),
    })),
    lines: [...makers].flatMap(([slug, { devices }]) =>
      devices.map(({ name, kind, narrows, match, hints, expects }) => ({
        maker: slugs.indexOf(slug),
        name,
        kind,
        narrows: narrows ?? null,
        match,
        hints: hints ?? {},
        expects: expects ?? [],
      })),
    ),
    chipMakers,
    parents,
  }
}

/** The IEEE register, or null where its package is not installed. */
export function compileMacMakers(options: CompileOptions = {}): Uint8Array | null {
  const path = findPackage('oui-data', options)
  if (path === null) return null
  return buildMacMakers(JSON.parse(readFileSync(join(path, 'index.json'), 'utf8')) as Record<string, string>)
}

/** Network owners and countries, or null where the packages are not installed. */
export function compileNetworks(options: CompileOptions = {}): Uint8Array | null {
  const owners = findPackage(NETWORK_PACKAGE, options)
  if (owners === null) return null
  const countries = findPackage(COUNTRY_PACKAGE, options)
  return buildNetworks(readOwners(owners), countries === null ? [] : readCountries(countries), dateOfPackage(owners))
}

function* readOwners(folder: string): Generator<NetworkRow> {
  for (const name of ['asn-ipv4.csv', 'asn-ipv6.csv']) {
    for (const {
      row: [first, last, asn, owner],
    } of csvRows(readFileSync(join(folder, name), 'utf8')))
      yield { first, last, asn: Number(asn), owner }
  }
}

function* readCountries(folder: string): Generator<CountryRow> {
  for (const name of ['asn-country-ipv4.csv', 'asn-country-ipv6.csv']) {
    for (const {
      row: [first, last, country],
    } of csvRows(readFileSync(join(folder, name), 'utf8')))
      yield { first, last, country }
  }
}

/** These packages carry their day in the version: 2.3.2026061719 is 17 June 2026, 19 h. */
function dateOfPackage(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  const [, year, month, day] = /(\d{4})(\d\d)(\d\d)\d\d$/.exec(version) ?? []
  if (year === undefined) throw new Error(`${folder}: version ${version} does not end in a date (YYYYMMDDHH)`)
  return `${year}-${month}-${day}`
}

/** A package's folder, by looking for it as Node does; its `exports` may hide package.json from `resolve`. */
function findPackage(name: string, options: CompileOptions): string | null {
  const folders =
    options.packagesFolder === undefined
      ? (createRequire(import.meta.url).resolve.paths(name) ?? [])
      : [options.packagesFolder]
  return folders.map((folder) => join(folder, name)).find((folder) => existsSync(join(folder, 'package.json'))) ?? null
}

function purposeList(companies: Map<string, CompanyRule>, purposes: Record<string, unknown>): string[] {
  const used = [...companies.values()].flatMap(({ domains }) => (domains ?? []).map(({ purpose }) => purpose))
  return [...new Set([...Object.keys(purposes), ...used])]
}

function rangesOf(companies: Map<string, CompanyRule>, slugs: string[]): CompiledCompanies['ranges'] {
  const ranges = [...companies].flatMap(([slug, company]) =>
    (company.ranges ?? []).map(({ cidr }) => {
      const range = rangeOf(cidr)
      if (range === null)
        throw new Error(`rules/companies/${slug}.yaml: ${cidr} is not a block of addresses such as 17.0.0.0/8`)
      return { first: toTriple(range.first), last: toTriple(range.last), company: slugs.indexOf(slug) }
    }),
  )
  // Wider first where two begin together, so that the narrowest comes last.
  return ranges.sort((a, b) => compare(a.first, b.first) || compare(b.last, a.last))
}

function toTriple({ version, high, low }: AddressNumbers): [number, number, number] {
  return [version, high, low]
}

function compare(a: readonly number[], b: readonly number[]): number {
  return a.map((value, at) => value - b[at]).find((difference) => difference !== 0) ?? 0
}

function topOf(slug: string, companies: Map<string, CompanyRule>): string {
  const seen = new Set<string>()
  let at = slug
  for (
    let parent = companies.get(at)?.partOf;
    parent !== undefined && !seen.has(at);
    parent = companies.get(at)?.partOf
  ) {
    seen.add(at)
    at = parent
  }
  return at
}

function belongsTo(slug: string, company: string, companies: Map<string, CompanyRule>): boolean {
  const seen = new Set<string>()
  for (let at: string | undefined = slug; at !== undefined && !seen.has(at); at = companies.get(at)?.partOf) {
    if (at === company) return true
    seen.add(at)
  }
  return false
}

function isInfrastructure(company: CompanyRule | undefined): boolean {
  const domains = company?.domains ?? []
  return (
    (company?.cloud ?? false) ||
    (domains.length > 0 && domains.every(({ purpose }) => INFRASTRUCTURE_PURPOSES.includes(purpose)))
  )
}

function toJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}
