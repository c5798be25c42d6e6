// What is wrong with the rules, in which file, and how is it put right?
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getPublicSuffix } from 'tldts'
import { parseCidr } from '../attribution/addresses.ts'
import { DRAW, recognise, type DeviceEvidence } from '../identity/identify.ts'
import { DeviceKnowledge, type DeviceLine } from '../identity/knowledge.ts'
import { noMacMakers } from '../identity/mac-makers.ts'
import { compileDevices } from './compile.ts'
import { patternProblem } from './patterns.ts'
import { MISSING, readFolder, readSingle, type YamlFile } from './read.ts'
import { shapeProblems, type Schema } from './schema.ts'
import { suffixProblem } from './suffix-table.ts'
import { KINDS, LABELS, PATTERN_KEYS, type CompanyRule, type DeviceExample, type DeviceMatch, type MakerRule, type MatchKey } from './types.ts'

/** `file` is the path from the repository's root, `field` a path such as `domains[2].suffix`; `message` says what to change. */
export interface Problem {
  file: string
  field: string
  message: string
}

const MAX_ENTRIES = 200
const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/

/** Every problem of every file under `rules/`; an empty list means that all is well. */
export function checkRules(rulesFolder: string): Problem[] {
  const companies = readFolder(rulesFolder, 'companies')
  const makers = readFolder(rulesFolder, 'devices')
  const purposes = readSingle(rulesFolder, 'purposes.yaml')
  const shape = [
    ...companies.flatMap((file) => shapeOf(file, schemaOf(rulesFolder, 'company'))),
    ...makers.flatMap((file) => shapeOf(file, schemaOf(rulesFolder, 'device'))),
    ...shapeOf(readSingle(rulesFolder, 'kinds.yaml'), schemaOf(rulesFolder, 'kinds')),
    ...shapeOf(readSingle(rulesFolder, 'labels.yaml'), schemaOf(rulesFolder, 'labels')),
    ...shapeOf(readSingle(rulesFolder, 'chip-makers.yaml'), schemaOf(rulesFolder, 'chip-makers')),
    ...shapeOf(purposes, schemaOf(rulesFolder, 'purposes')),
  ]
  const broken = new Set(shape.map(({ file }) => file))
  const goodCompanies = new Map(companies.filter(({ file }) => !broken.has(file)).map((file) => [file.slug, file.content as CompanyRule]))
  const goodMakers = new Map(makers.filter(({ file }) => !broken.has(file)).map((file) => [file.slug, file.content as MakerRule]))
  const companySlugs = new Set(companies.map(({ slug }) => slug))
  return [
    ...shape,
    ...[...companies, ...makers].flatMap(slugProblems),
    ...listProblems(readSingle(rulesFolder, 'kinds.yaml'), KINDS),
    ...listProblems(readSingle(rulesFolder, 'labels.yaml'), LABELS),
    ...companyProblems(goodCompanies, companySlugs, Object.keys((purposes.content ?? {}) as object)),
    ...makerProblems(goodMakers, companySlugs),
    ...exampleProblems(goodMakers, goodCompanies),
  ]
}

function shapeOf({ file, content, error }: YamlFile, schema: Schema): Problem[] {
  if (error !== null) return [{ file, field: '', message: error === MISSING ? error : `is not YAML that can be read: ${error}` }]
  return shapeProblems(content, schema).map((problem) => ({ file, ...problem }))
}

function schemaOf(rulesFolder: string, name: string): Schema {
  return JSON.parse(readFileSync(join(rulesFolder, 'schema', `${name}.json`), 'utf8')) as Schema
}

function slugProblems({ file, slug }: YamlFile): Problem[] {
  const problems: Problem[] = []
  if (!SLUG.test(slug)) problems.push({ file, field: '', message: `rename the file: small letters, digits and single hyphens only, such as ${toSlug(slug)}.yaml` })
  if (!file.endsWith('.yaml')) problems.push({ file, field: '', message: 'rename the file so that it ends in .yaml' })
  return problems
}

function listProblems({ file, content, error }: YamlFile, closed: readonly string[]): Problem[] {
  if (error !== null || typeof content !== 'object' || content === null) return []
  const given = Object.keys(content)
  return [
    ...closed.filter((word) => !given.includes(word)).map((word) => ({ file, field: word, message: 'is missing: add it with a title and words' })),
    ...given.filter((word) => !closed.includes(word)).map((word) => ({ file, field: word, message: 'is not known to the program: the list is closed, in server/rules/types.ts' })),
  ]
}

function companyProblems(companies: Map<string, CompanyRule>, slugs: Set<string>, purposes: string[]): Problem[] {
  const problems: Problem[] = []
  const owners = new Map<string, string>()
  const networks = new Map<string | number, string>()
  for (const [slug, company] of companies) {
    const file = `rules/companies/${slug}.yaml`
    const say = (field: string, message: string): number => problems.push({ file, field, message })
    if (company.partOf !== undefined && !slugs.has(company.partOf)) say('partOf', missingCompany(company.partOf, slugs))
    if (company.partOf !== undefined && circles(slug, companies)) say('partOf', 'goes round in a circle: one of these companies must stand alone')
    if (company.domains === undefined && company.ranges === undefined && company.asns === undefined && ![...companies.values()].some(({ partOf }) => partOf === slug)) {
      say('domains', 'is missing: without domains, ranges or asns the file never matches anything')
    }
    if (entries(company) > MAX_ENTRIES) say('', `has ${entries(company)} entries: split it by product (with partOf: ${slug}), ${MAX_ENTRIES} are allowed`)
    for (const [index, { suffix, purpose }] of (company.domains ?? []).entries()) {
      const field = `domains[${index}]`
      const problem = suffixProblem(suffix) ?? publicSuffixProblem(suffix)
      if (problem !== null) say(`${field}.suffix`, `${suffix}: ${problem}`)
      const owner = owners.get(suffix)
      if (owner !== undefined) say(`${field}.suffix`, owner === slug ? `${suffix} is given twice: remove one` : `${suffix} already belongs to rules/companies/${owner}.yaml: keep it in one of the two`)
      owners.set(suffix, slug)
      if (!purposes.includes(purpose)) say(`${field}.purpose`, `"${purpose}" is not in rules/purposes.yaml: use ${nearest(purpose, purposes)}`)
    }
    for (const [index, { cidr }] of (company.ranges ?? []).entries()) {
      if (parseCidr(cidr) === null) say(`ranges[${index}].cidr`, `${cidr} is not a block of addresses: write its first address and length, as in 17.0.0.0/8 or 2620:149::/32`)
    }
    for (const key of [...(company.ranges ?? []).map(({ cidr }) => cidr), ...(company.asns ?? [])]) {
      const owner = networks.get(key)
      if (owner !== undefined) say(typeof key === 'number' ? 'asns' : 'ranges', `${key} is given in rules/companies/${owner}.yaml too: keep it in one place`)
      networks.set(key, slug)
    }
  }
  return problems
}

function makerProblems(makers: Map<string, MakerRule>, companies: Set<string>): Problem[] {
  const problems: Problem[] = []
  const parts = new Map<string, string>()
  for (const [slug, maker] of makers) {
    const file = `rules/devices/${slug}.yaml`
    const say = (field: string, message: string): number => problems.push({ file, field, message })
    if (maker.company !== undefined && !companies.has(maker.company)) say('company', missingCompany(maker.company, companies))
    for (const [index, part] of (maker.ouis ?? []).entries()) {
      const owner = [...parts].find(([other]) => other.includes(part.toLowerCase()) || part.toLowerCase().includes(other))
      if (owner !== undefined) say(`ouis[${index}]`, `"${part}" also fits "${owner[0]}" of rules/devices/${owner[1]}.yaml: make it longer, or keep it in one place`)
      parts.set(part.toLowerCase(), slug)
    }
    const names = new Set<string>()
    for (const [index, device] of maker.devices.entries()) {
      const field = `devices[${index}]`
      if (names.has(device.name)) say(`${field}.name`, `"${device.name}" is given twice in this file: join the two`)
      names.add(device.name)
      if (!(KINDS as readonly string[]).includes(device.kind)) say(`${field}.kind`, `"${device.kind}" is not in rules/kinds.yaml: use ${nearest(device.kind, KINDS)}`)
      if (device.narrows !== undefined && !maker.devices.some(({ name }) => name === device.narrows && name !== device.name)) {
        say(`${field}.narrows`, `there is no other device "${device.narrows}" in this file: use ${nearest(device.narrows, maker.devices.map(({ name }) => name))}`)
      }
      for (const [at, company] of (device.expects ?? []).entries()) if (!companies.has(company)) say(`${field}.expects[${at}]`, missingCompany(company, companies))
      for (const [group, match] of [['match', device.match], ['hints', device.hints ?? {}]] as const) {
        for (const problem of matchProblems(match)) say(`${field}.${group}.${problem.field}`, problem.message)
      }
    }
  }
  return problems
}

function matchProblems(match: DeviceMatch): { field: string; message: string }[] {
  const problems: { field: string; message: string }[] = []
  for (const key of PATTERN_KEYS) {
    for (const [index, source] of (match[key] ?? []).entries()) {
      const problem = patternProblem(source)
      if (problem !== null) problems.push({ field: `${key}[${index}]`, message: `${source} ${problem}` })
      else if (new RegExp(source, 'i').test('')) problems.push({ field: `${key}[${index}]`, message: `${source} fits every text: ask for some characters` })
    }
  }
  for (const [index, suffix] of (match.host ?? []).entries()) {
    const problem = suffixProblem(suffix) ?? publicSuffixProblem(suffix)
    if (problem !== null) problems.push({ field: `host[${index}]`, message: `${suffix}: ${problem}` })
  }
  for (const [index, service] of (match.mdnsService ?? []).entries()) {
    if (!/^_[a-z0-9_-]{1,32}\._(tcp|udp)$/i.test(service)) problems.push({ field: `mdnsService[${index}]`, message: `${service}: write it as _name._tcp or _name._udp` })
  }
  for (const [index, list] of (match.dhcpParameterList ?? []).entries()) {
    if (!/^\d{1,3}(,\d{1,3})+$/.test(list)) problems.push({ field: `dhcpParameterList[${index}]`, message: `${list}: write option numbers with commas and no spaces, as in 1,3,6,15` })
  }
  return problems
}

/**
 * Each example is held against all rules: its own line must win clearly, and no line of another maker may be
 * recognised with it (an operating system may, as long as it says less). */
function exampleProblems(makers: Map<string, MakerRule>, companies: Map<string, CompanyRule>): Problem[] {
  const usable = new Map([...makers].filter(([, { devices }]) => devices.every(({ match, hints }) => matchProblems(match).length + matchProblems(hints ?? {}).length === 0)))
  const knowledge = new DeviceKnowledge(compileDevices({ makers: usable, companies, chipMakers: [] }), noMacMakers())
  const problems: Problem[] = []
  let at = 0
  for (const [slug, maker] of usable) {
    for (const [index, device] of maker.devices.entries()) {
      const own = knowledge.lines[at++]
      for (const [number, example] of device.examples.entries()) {
        const message = exampleProblem(example, own, knowledge)
        if (message !== null) problems.push({ file: `rules/devices/${slug}.yaml`, field: `devices[${index}].examples[${number}]`, message })
      }
    }
  }
  return problems
}

function exampleProblem(example: DeviceExample, own: DeviceLine, knowledge: DeviceKnowledge): string | null {
  const makers = valuesOf(example, 'macMaker')
  const scored = recognise(toEvidence(example), makers[0] ?? null, knowledge)
  const shown = Object.entries(example).map(([key, value]) => `${key} ${String(value)}`).join(', ').slice(0, 120)
  const mine = scored.find(({ line }) => line === own)
  if (mine === undefined) return `${shown}: "${own.name}" does not recognise its own example: mend the match or the example`
  const other = scored.find(({ line, total }) => line !== own && (total > mine.total - DRAW || (line.maker !== own.maker && !line.maker.generic)))
  return other === undefined ? null : `${shown}: this is recognised as "${other.line.name}" of ${other.line.ruleFile} too: make one of the two patterns narrower`
}

/** Evidence as a capture would give it. */
export function toEvidence(example: DeviceExample): DeviceEvidence {
  return {
    mac: null,
    dhcpHostnames: valuesOf(example, 'dhcpHostname'), dhcpVendorClasses: valuesOf(example, 'dhcpVendorClass'),
    dhcpParameterLists: valuesOf(example, 'dhcpParameterList'), mdnsServices: valuesOf(example, 'mdnsService'),
    mdnsNames: valuesOf(example, 'mdnsName'), mdnsTxt: valuesOf(example, 'mdnsTxt'), ssdpServers: valuesOf(example, 'ssdpServer'),
    ssdpTypes: valuesOf(example, 'ssdpType'), userAgents: valuesOf(example, 'userAgent'), hosts: valuesOf(example, 'host'), companies: [],
  }
}

function valuesOf(example: DeviceExample, key: MatchKey): string[] {
  const value = example[key]
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}

function publicSuffixProblem(suffix: string): string | null {
  if (suffix.includes('*') || getPublicSuffix(suffix, { allowPrivateDomains: false }) !== suffix) return null
  return 'anyone can register a name below it: add the name in front, as in example.co.uk'
}

function missingCompany(slug: string, slugs: Set<string>): string {
  return `there is no rules/companies/${slug}.yaml: add that file, or use ${nearest(slug, [...slugs])}`
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

function toSlug(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'name'
}

/** The few entries most like the given one, as a hint; all of them when there are few. */
function nearest(given: string, known: readonly string[]): string {
  if (known.length <= 1) return known[0] ?? 'none (the list is empty)'
  const likeness = (word: string): number => {
    let same = 0
    while (same < word.length && word[same] === given[same]) same++
    return same + (word.includes(given) || given.includes(word) ? 5 : 0)
  }
  const best = [...known].sort((a, b) => likeness(b) - likeness(a)).slice(0, 4)
  return `${best.slice(0, -1).join(', ')} or ${best.at(-1) ?? ''}`
}
