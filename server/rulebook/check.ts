// What is wrong with the rules, in which file, and how is it put right?
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getPublicSuffix } from 'tldts'
import { rangeOf } from '../attribution/address-numbers.ts'
import { eventRuleProblems } from './event-rule-check.ts'
import type { EventRuleFile } from '../events/rules.ts'
import { DRAW, ENOUGH, GENERIC_FACTOR, HINT_WEIGHT, recognise, type ScoredLine, WEIGHTS } from '../identity/identify.ts'
import { DeviceKnowledge, type DeviceLine, type Signs } from '../identity/knowledge.ts'
import { namesMaker, noMacMakers } from '../identity/mac-makers.ts'
import { compileDevices } from './compile.ts'
import { either, nearNames, unknownWord, type WordList } from '../rules/near-words.ts'
import { LONGEST_MATCHED_TEXT, matchesPattern, patternProblem } from '../rules/patterns.ts'
import { readFolder, readSingle, type YamlFile } from './read.ts'
import { type Schema, shapeProblems } from '../rules/shape.ts'
import { suffixProblem } from '../rules/suffix-table.ts'
import {
  KINDS,
  LABELS,
  PATTERN_KEYS,
  type CompanyRule,
  type DeviceExample,
  type DeviceMatch,
  type MakerRule,
  type MatchKey,
} from '../rules/types.ts'
import type { DeviceEvidence } from '../identity/device-evidence.ts'

/**
 * `file` is the path from the repository's root, empty where the message names several files; `field` a path such as
 * `domains[2].suffix (acme.example)`; `message` says what to change. */
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
  const events = readFolder(rulesFolder, 'events')
  const purposes = readSingle(rulesFolder, 'purposes.yaml')
  const kinds = readSingle(rulesFolder, 'kinds.yaml')
  const shape = [
    ...shapesOf(companies, schemaOf(rulesFolder, 'company')),
    ...shapesOf(makers, schemaOf(rulesFolder, 'device')),
    ...shapesOf(events, schemaOf(rulesFolder, 'event')),
    ...shapeOf(kinds, schemaOf(rulesFolder, 'kinds')),
    ...shapeOf(readSingle(rulesFolder, 'labels.yaml'), schemaOf(rulesFolder, 'labels')),
    ...shapeOf(readSingle(rulesFolder, 'chip-makers.yaml'), schemaOf(rulesFolder, 'chip-makers')),
    ...shapeOf(purposes, schemaOf(rulesFolder, 'purposes')),
  ]
  const broken = new Set(shape.map(({ file }) => file))
  const goodCompanies = new Map(
    companies.filter(({ file }) => !broken.has(file)).map((file) => [file.slug, file.content as CompanyRule]),
  )
  const goodMakers = new Map(
    makers.filter(({ file }) => !broken.has(file)).map((file) => [file.slug, file.content as MakerRule]),
  )
  const companySlugs = new Set(companies.map(({ slug }) => slug))
  const goodEvents = new Map(
    events.filter(({ file }) => !broken.has(file)).map((file) => [file.slug, file.content as EventRuleFile]),
  )
  const purposeWords = {
    file: purposes.file,
    words: Object.keys(purposes.content ?? {}),
    meanings: purposes.content,
  }
  const kindWords = { file: kinds.file, words: KINDS, meanings: kinds.content }
  const problems = [
    ...shape,
    ...[...companies, ...makers, ...events].flatMap(slugProblems),
    ...listProblems(kinds, KINDS),
    ...listProblems(readSingle(rulesFolder, 'labels.yaml'), LABELS),
    ...companyProblems(goodCompanies, companySlugs, purposeWords),
    ...makerProblems(goodMakers, companySlugs, kindWords),
    ...exampleProblems(goodMakers, goodCompanies),
    ...eventRuleProblems(goodEvents, {
      companies: companySlugs,
      vendors: [...goodMakers.values()].map(({ maker }) => maker),
      parents: new Map([...goodCompanies].map(([slug, { partOf }]) => [slug, partOf])),
      purposes: purposeWords,
      kinds: kindWords,
      labels: { file: 'rules/labels.yaml', words: LABELS, meanings: null },
      missingCompany: (slug) => missingCompany(slug, companySlugs),
    }),
  ]
  const contents = new Map([...companies, ...makers].map(({ file, content }) => [file, content]))
  return problems.map((problem) => ({ ...problem, field: namedField(problem.field, contents.get(problem.file)) }))
}

/** Entries are counted from 0, which nobody expects: the suffix, block or product is named as well. */
function namedField(field: string, content: unknown): string {
  const [, list, index] = /^(domains|ranges|devices)\[(\d+)\]/.exec(field) ?? []
  if (list === undefined) return field
  const entry = (content as Record<string, (Record<string, unknown> | null)[] | null> | null | undefined)?.[list]?.[
    Number(index)
  ]
  const name = entry?.['suffix'] ?? entry?.['cidr'] ?? entry?.['name']
  return typeof name === 'string' && name !== '' ? `${field} (${name.slice(0, 60)})` : field
}

function shapeOf({ file, content, error }: YamlFile, schema: Schema): Problem[] {
  if (error !== null) return [{ file, field: '', message: error }]
  return shapeProblems(content, schema).map((problem) => ({ file, ...problem }))
}

/** One schema for all files of a kind: it is compiled once. */
function shapesOf(files: readonly YamlFile[], schema: Schema): Problem[] {
  return files.flatMap((file) => shapeOf(file, schema))
}

function schemaOf(rulesFolder: string, name: string): Schema {
  return JSON.parse(readFileSync(join(rulesFolder, 'schema', `${name}.json`), 'utf8')) as Schema
}

function slugProblems({ file, slug }: YamlFile): Problem[] {
  const problems: Problem[] = []
  if (!SLUG.test(slug))
    problems.push({
      file,
      field: '',
      message: `rename the file: small letters, digits and single hyphens only, such as ${toSlug(slug)}.yaml`,
    })
  if (!file.endsWith('.yaml')) problems.push({ file, field: '', message: 'rename the file so that it ends in .yaml' })
  return problems
}

function listProblems({ file, content, error }: YamlFile, closed: readonly string[]): Problem[] {
  if (error !== null || typeof content !== 'object' || content === null) return []
  const given = Object.keys(content)
  return [
    ...closed
      .filter((word) => !given.includes(word))
      .map((word) => ({ file, field: word, message: 'is missing: add it with a title and words' })),
    ...given
      .filter((word) => !closed.includes(word))
      .map((word) => ({
        file,
        field: word,
        message: 'is not known to the program: the list is closed, in server/rules/types.ts',
      })),
  ]
}

function companyProblems(companies: Map<string, CompanyRule>, slugs: Set<string>, purposes: WordList): Problem[] {
  const problems: Problem[] = []
  for (const [slug, company] of companies) {
    const say = (field: string, message: string): number =>
      problems.push({ file: `rules/companies/${slug}.yaml`, field, message })
    if (company.partOf !== undefined && !slugs.has(company.partOf)) say('partOf', missingCompany(company.partOf, slugs))
    if (company.partOf !== undefined && circles(slug, companies))
      say('partOf', 'goes round in a circle: one of these companies must stand alone')
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
}: CompanyRule): { key: string; what: string; field: string }[] {
  return [
    ...domains.map(({ suffix }, index) => ({ key: suffix, what: 'suffix', field: `domains[${index}]` })),
    ...ranges.map(({ cidr }, index) => ({ key: cidr, what: 'network', field: `ranges[${index}]` })),
    ...asns.map((number, index) => ({ key: String(number), what: 'network', field: `asns[${index}]` })),
  ]
}

function makerProblems(makers: Map<string, MakerRule>, companies: Set<string>, kinds: WordList): Problem[] {
  const problems: Problem[] = []
  const parts = new Map<string, string>()
  for (const [slug, maker] of makers) {
    const file = `rules/devices/${slug}.yaml`
    const say = (field: string, message: string): number => problems.push({ file, field, message })
    if (maker.company !== undefined && !companies.has(maker.company))
      say('company', missingCompany(maker.company, companies))
    for (const [index, part] of (maker.ouis ?? []).entries()) {
      const owner = [...parts].find(
        ([other]) => other.includes(part.toLowerCase()) || part.toLowerCase().includes(other),
      )
      if (owner !== undefined)
        say(
          `ouis[${index}]`,
          `"${part}" also fits "${owner[0]}" of rules/devices/${owner[1]}.yaml: make it longer, or keep it in one place`,
        )
      parts.set(part.toLowerCase(), slug)
    }
    const names = new Set<string>()
    for (const [index, device] of maker.devices.entries()) {
      const field = `devices[${index}]`
      if (names.has(device.name)) say(`${field}.name`, `"${device.name}" is given twice in this file: join the two`)
      names.add(device.name)
      if (!(KINDS as readonly string[]).includes(device.kind)) say(`${field}.kind`, unknownWord(device.kind, kinds))
      const others = maker.devices.map(({ name }) => name).filter((name) => name !== device.name)
      if (device.narrows !== undefined && !others.includes(device.narrows))
        say(`${field}.narrows`, missingDevice(device.narrows, others))
      for (const [at, company] of (device.expects ?? []).entries())
        if (!companies.has(company)) say(`${field}.expects[${at}]`, missingCompany(company, companies))
      for (const [group, match] of [
        ['match', device.match],
        ['hints', device.hints ?? {}],
      ] as const) {
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
      else if (new RegExp(source, 'i').test(''))
        problems.push({ field: `${key}[${index}]`, message: `${source} fits every text: ask for some characters` })
    }
  }
  for (const [index, suffix] of (match.host ?? []).entries()) {
    const problem = suffixProblem(suffix) ?? publicSuffixProblem(suffix)
    if (problem !== null) problems.push({ field: `host[${index}]`, message: `${suffix}: ${problem}` })
  }
  for (const [index, service] of (match.mdnsService ?? []).entries()) {
    if (!/^_[a-z0-9_-]{1,32}\._(tcp|udp)$/i.test(service))
      problems.push({ field: `mdnsService[${index}]`, message: `${service}: write it as _name._tcp or _name._udp` })
  }
  for (const [index, list] of (match.dhcpParameterList ?? []).entries()) {
    if (!/^\d{1,3}(,\d{1,3})+$/.test(list))
      problems.push({
        field: `dhcpParameterList[${index}]`,
        message: `${list}: write option numbers with commas and no spaces, as in 1,3,6,15`,
      })
  }
  return problems
}

/**
 * Each example is held against all rules: its own line must win clearly, and no line of another maker may be
 * recognised with it (an operating system may, as long as it says less). */
function exampleProblems(makers: Map<string, MakerRule>, companies: Map<string, CompanyRule>): Problem[] {
  const usable = new Map(
    [...makers].filter(([, { devices }]) =>
      devices.every(({ match, hints }) => matchProblems(match).length + matchProblems(hints ?? {}).length === 0),
    ),
  )
  const knowledge = new DeviceKnowledge(compileDevices({ makers: usable, companies, chipMakers: [] }), noMacMakers())
  const problems: Problem[] = []
  const told = new Set<string>()
  for (const { file, field, example, own } of allExamples(usable, knowledge)) {
    const scored = recognise(toEvidence(example), valuesOf(example, 'macMaker')[0] ?? null, knowledge)
    const mine = scored.find(({ line }) => line === own)
    if (mine === undefined) problems.push({ file, field, message: unrecognised(example, own, scored) })
    for (const other of mine === undefined ? [] : rivalsOf(mine, scored)) {
      // Each of the two lines may have several examples that the other claims: that is one thing to mend.
      const pair = [own, other]
        .map((line) => knowledge.lines.indexOf(line))
        .sort()
        .join(' ')
      if (!told.has(pair)) problems.push({ file, field, message: clash(example, own, other) })
      told.add(pair)
    }
  }
  return problems
}

/** Every example with its place and the line that it is of; the compiled lines are in the order of the files. */
function allExamples(
  makers: Map<string, MakerRule>,
  { lines }: DeviceKnowledge,
): { file: string; field: string; example: DeviceExample; own: DeviceLine }[] {
  const places = [...makers].flatMap(([slug, { devices }]) =>
    devices.map(({ examples }, index) => ({ file: `rules/devices/${slug}.yaml`, index, examples })),
  )
  return places.flatMap(({ file, index, examples }, at) =>
    examples.map((example, number) => ({
      file,
      field: `devices[${index}].examples[${number}]`,
      example,
      own: lines[at],
    })),
  )
}

/** A line that this one narrows says the same with less detail: no rival. */
function rivalsOf({ line: own, total: reached }: ScoredLine, scored: readonly ScoredLine[]): DeviceLine[] {
  const rivals = scored.filter(
    ({ line, total }) =>
      line !== own &&
      line !== own.narrows &&
      (total > reached - DRAW || (line.maker !== own.maker && !line.maker.generic)),
  )
  return rivals.map(({ line }) => line)
}

function unrecognised(example: DeviceExample, own: DeviceLine, [other]: readonly ScoredLine[]): string {
  const reached = reach(example, own)
  const advice = reached > 0 ? 'add another field to the example, or mend the match' : 'mend the match or the example'
  const instead = other === undefined ? '' : `; it is recognised as ${placed(other.line)}`
  return `${shown(example)}: "${own.name}" does not recognise its own example (it reaches ${reached.toFixed(2)}, ${ENOUGH} is needed): ${advice}${instead}`
}

function clash(example: DeviceExample, own: DeviceLine, other: DeviceLine): string {
  return `${shown(example)}: is recognised both as ${placed(own)} and as ${placed(other)}: ${clashAdvice(own, other)}`
}

function clashAdvice(own: DeviceLine, other: DeviceLine): string {
  if (own.maker !== other.maker) return 'make the match of the one you just added narrower'
  if (other.narrows === own)
    return `"${other.name}" narrows "${own.name}": move the example there, or make its match narrower`
  return 'make one of the two narrower; where one is a special case of the other, give it narrows: with the name of the other'
}

function placed({ name, ruleFile }: DeviceLine): string {
  return `"${name}" of ${ruleFile}`
}

function shown(example: DeviceExample): string {
  return Object.entries(example)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(', ')
    .slice(0, 120)
}

/**
 * How far an example comes that is not enough for its line, 0 to 1. Whatever else could support it would have been
 * enough.
 */
function reach(example: DeviceExample, { match, hints, maker }: DeviceLine): number {
  const own = fitting(example, match).map((key) => WEIGHTS[key])
  if (own.length === 0) return 0
  const weights = [...own, ...fitting(example, hints).map(() => HINT_WEIGHT)]
  return (1 - weights.reduce((wrong, weight) => wrong * (1 - weight), 1)) * (maker.generic ? GENERIC_FACTOR : 1)
}

/** Fields of the example that fit, but for hosts: one is always enough. */
function fitting(example: DeviceExample, { patterns, exact }: Signs): MatchKey[] {
  const fits: Partial<Record<MatchKey, (text: string) => boolean>> = {
    dhcpParameterList: (text) => exact.dhcpParameterList.includes(text),
    mdnsService: (text) => exact.mdnsService.includes(text.toLowerCase()),
    macMaker: (text) => exact.macMaker.some((part) => namesMaker(text.toLowerCase(), part)),
  }
  for (const key of PATTERN_KEYS)
    fits[key] = (text) => (patterns[key] ?? []).some((pattern) => matchesPattern(pattern, text, text.toLowerCase()))
  return (Object.keys(example) as MatchKey[]).filter((key) =>
    valuesOf(example, key).some((text) => fits[key]?.(text.slice(0, LONGEST_MATCHED_TEXT))),
  )
}

/** Evidence as a capture would give it. */
export function toEvidence(example: DeviceExample): DeviceEvidence {
  return {
    mac: null,
    dhcpHostnames: valuesOf(example, 'dhcpHostname'),
    dhcpVendorClasses: valuesOf(example, 'dhcpVendorClass'),
    dhcpParameterLists: valuesOf(example, 'dhcpParameterList'),
    mdnsServices: valuesOf(example, 'mdnsService'),
    mdnsNames: valuesOf(example, 'mdnsName'),
    mdnsTxt: valuesOf(example, 'mdnsTxt'),
    ssdpServers: valuesOf(example, 'ssdpServer'),
    ssdpTypes: valuesOf(example, 'ssdpType'),
    userAgents: valuesOf(example, 'userAgent'),
    hosts: valuesOf(example, 'host'),
    companies: [],
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
  const near = nearNames(slug, [...slugs])
  return `there is no rules/companies/${slug}.yaml: add that file${near.length === 0 ? '' : `, or use ${either(near)}`}`
}

function missingDevice(name: string, others: readonly string[]): string {
  const near = nearNames(name, others)
  if (others.length === 0) return `there is no other device in this file: leave it out, or add "${name}"`
  return `there is no other device "${name}" in this file: ${near.length > 0 ? `did you mean ${either(near)}?` : `choose one of: ${others.join(', ')}`}`
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
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'name'
  )
}
