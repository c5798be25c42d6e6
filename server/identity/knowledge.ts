// What the rules know about devices, indexed for matching against evidence.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BoundedMap } from '../../capture/bounded-map.ts'
import { compilePattern, type Pattern } from '../rules/patterns.ts'
import { buildSuffixes, SuffixTable } from '../rules/suffix-table.ts'
import { EXACT_KEYS, PATTERN_KEYS, type DeviceMatch, type Kind, type MatchKey } from '../rules/types.ts'
import { MacMakers, namesMaker, noMacMakers } from './mac-makers.ts'

/** Shape of `devices.json`, made by the compiler of the rules. */
export interface CompiledDevices {
  makers: {
    slug: string
    maker: string
    company: string | null
    family: string[]
    generic: boolean
    ouis: string[]
    products: Product[]
  }[]
  lines: {
    maker: number
    name: string
    kind: Kind
    narrows: string | null
    match: DeviceMatch
    hints: DeviceMatch
    expects: string[]
  }[]
  /** Company at the top of `partOf`, for companies that have one. */
  parents: Record<string, string>
  chipMakers: string[]
}

/** About what share of a maker's devices is of this kind. */
export interface Product {
  kind: Kind
  share: number
}

/** Kinds with which people browse: they talk to everything. */
export const GENERAL_PURPOSE: readonly Kind[] = ['phone', 'tablet', 'computer']

/** One product line with its patterns compiled. */
export interface DeviceLine {
  maker: Maker
  name: string
  kind: Kind
  /** `rules/devices/<slug>.yaml` */
  ruleFile: string
  expects: string[]
  /** The line that this one is a special case of. */
  narrows: DeviceLine | null
  match: Signs
  hints: Signs
}

/** Patterns compiled, exact values in lower case. Hosts are found through the table of suffixes instead. */
export interface Signs {
  patterns: Partial<Record<MatchKey, Pattern[]>>
  exact: Record<(typeof EXACT_KEYS)[number] | 'macMaker', string[]>
}

export interface Maker {
  slug: string
  name: string
  company: string | null
  /** The company and all that belong to it, without the services that everybody's devices use. */
  family: Set<string>
  /** An operating system or a family of products of many makers: it determines the kind, not the vendor. */
  generic: boolean
  /** Lower-case parts of registered names. */
  ouis: string[]
  products: readonly Product[]
  /** Share of phones, tablets and computers among them. */
  personal: number
}

/** One reason and how far it alone would convince. */
export interface Reason {
  weight: number
  text: string
}

/** A host name, with everything below it, that only these lines talk to. */
export interface HostSuffix {
  suffix: string
  lines: DeviceLine[]
}

interface Prepared {
  makers: Maker[]
  lines: DeviceLine[]
  hosts: SuffixTable
  suffixes: HostSuffix[]
  /** Companies that lines of several makers talk to: they are no evidence of the maker. */
  sharedCompanies: Set<string>
  /** Ports that a line names. */
  ports: Set<string>
}

/** What a registered name stands for: makers it means, and lines that name it as a sign or a hint. */
export interface RegisteredName {
  isChipMaker: boolean
  makers: Maker[]
  lines: Set<DeviceLine>
  hintedLines: Set<DeviceLine>
}

/** Registered names remembered; a home has a few dozen. */
const MAX_REGISTERED_NAMES = 4096
/** Devices of which it is remembered what their texts say. */
const MAX_TEXT_REASONS = 256
/** Hosts remembered with their suffixes. */
const MAX_HOSTS = 8_192

function hasSign({ patterns, exact }: Signs, key: MatchKey): boolean {
  if (key in exact) return exact[key as keyof typeof exact].length > 0
  return patterns[key as keyof typeof patterns] !== undefined
}

/** Loaded once; patterns are compiled at the first look-up. */
export class DeviceKnowledge {
  readonly macMakers: MacMakers
  private readonly compiled: CompiledDevices
  private prepared: Prepared | null = null
  private readonly registeredNames = new BoundedMap<string, RegisteredName>('registered names', MAX_REGISTERED_NAMES)
  /** By kinds of evidence: as many entries as there are combinations of them. */
  private readonly linesByKeys = new Map<string, DeviceLine[]>()
  private readonly suffixesByHost = new BoundedMap<string, HostSuffix[]>('hosts with their suffixes', MAX_HOSTS)
  /** Kept for recognise.ts: what the texts of a device say, by the texts. */
  readonly textReasons = new BoundedMap<string, readonly (readonly [DeviceLine, readonly Reason[]])[]>(
    'devices with what their texts say',
    MAX_TEXT_REASONS,
  )

  constructor(compiled: CompiledDevices, macMakers: MacMakers) {
    this.compiled = compiled
    this.macMakers = macMakers
  }

  get makers(): readonly Maker[] {
    return this.prepare().makers
  }

  get lines(): readonly DeviceLine[] {
    return this.prepare().lines
  }

  /** Suffixes that hold this host, each with the lines that declare it. */
  suffixesOf(host: string): readonly HostSuffix[] {
    const known = this.suffixesByHost.get(host)
    if (known !== undefined) return known
    const { hosts, suffixes } = this.prepare()
    const found = hosts
      .findAll(host)
      .map((index) => suffixes[index])
      .filter((one) => one !== undefined)
    this.suffixesByHost.set(host, found)
    return found
  }

  /** What is built with parts of this registered maker; none where nobody listed it. */
  productsOfChip(registered: string | null): readonly Product[] {
    if (registered === null) return []
    const { makers, isChipMaker } = this.ofRegistered(registered)
    return isChipMaker ? (makers.find(({ generic }) => generic)?.products ?? []) : []
  }

  /** Whether a product line names this port. */
  isPortSign(port: string): boolean {
    return this.prepare().ports.has(port)
  }

  /** How many companies these are, services of one company counted once. */
  countCompanies(slugs: readonly string[]): number {
    return new Set(slugs.map((slug) => this.compiled.parents[slug] ?? slug)).size
  }

  /** Whether talking to this company is no evidence, since products of several makers do. */
  isShared(company: string): boolean {
    return this.prepare().sharedCompanies.has(company)
  }

  /** Whether a registered name is that of a maker of parts. */
  isChipMaker(registered: string): boolean {
    return this.ofRegistered(registered).isChipMaker
  }

  /** What a name in the MAC registry stands for; worked out once for each name. */
  ofRegistered(registered: string): RegisteredName {
    let known = this.registeredNames.get(registered)
    if (known === undefined) {
      known = this.readRegistered(registered.toLowerCase())
      this.registeredNames.set(registered, known)
    }
    return known
  }

  /** Lines that have a pattern or value for at least one of these kinds of evidence. */
  linesFor(keys: readonly MatchKey[]): DeviceLine[] {
    const id = keys.join(' ')
    let lines = this.linesByKeys.get(id)
    if (lines === undefined) {
      lines = this.lines.filter((line) => keys.some((key) => hasSign(line.match, key)))
      this.linesByKeys.set(id, lines)
    }
    return lines
  }

  private readRegistered(lower: string): RegisteredName {
    const isIn = (parts: readonly string[]): boolean => parts.some((part) => namesMaker(lower, part))
    return {
      isChipMaker: isIn(this.compiled.chipMakers.map((part) => part.toLowerCase())),
      makers: this.makers.filter(({ ouis }) => isIn(ouis)),
      lines: new Set(this.lines.filter(({ match }) => isIn(match.exact.macMaker))),
      hintedLines: new Set(this.lines.filter(({ hints }) => isIn(hints.exact.macMaker))),
    }
  }

  private prepare(): Prepared {
    return (this.prepared ??= prepare(this.compiled))
  }
}

/** Reads the compiled rules of a build. */
export function openKnowledge(folder: string): DeviceKnowledge {
  const devices = JSON.parse(readFileSync(join(folder, 'devices.json'), 'utf8')) as CompiledDevices
  const path = join(folder, 'mac-makers.bin')
  return new DeviceKnowledge(devices, existsSync(path) ? new MacMakers(readFileSync(path)) : noMacMakers())
}

function prepare(compiled: CompiledDevices): Prepared {
  const makers = compiled.makers.map(({ slug, maker, company, family, generic, ouis, products }) => ({
    slug,
    name: maker,
    company,
    family: new Set(family),
    generic,
    ouis: ouis.map((part) => part.toLowerCase()),
    products,
    personal: products.filter(({ kind }) => GENERAL_PURPOSE.includes(kind)).reduce((sum, { share }) => sum + share, 0),
  }))
  const lines: DeviceLine[] = []
  const bySuffix = new Map<string, DeviceLine[]>()
  const expectedBy = new Map<string, Set<Maker>>()
  for (const rule of compiled.lines) {
    const maker = makers[rule.maker]
    const line = prepareLine(rule, maker)
    lines.push(line)
    for (const suffix of rule.match.host ?? []) bySuffix.set(suffix, [...(bySuffix.get(suffix) ?? []), line])
    for (const company of rule.expects) expectedBy.set(company, (expectedBy.get(company) ?? new Set()).add(maker))
  }
  compiled.lines.forEach(({ narrows }, index) => {
    if (narrows !== null)
      lines[index].narrows = lines.find(({ name, maker }) => name === narrows && maker === lines[index].maker) ?? null
  })
  const suffixes = [...bySuffix].map(([suffix, declaredBy]) => ({ suffix, lines: declaredBy }))
  const sharedCompanies = new Set(
    [...expectedBy].filter(([, expecting]) => expecting.size > 1).map(([company]) => company),
  )
  return {
    makers,
    lines,
    hosts: new SuffixTable(buildSuffixes(suffixes.map(({ suffix }) => suffix))),
    suffixes,
    sharedCompanies,
    ports: new Set(lines.flatMap(({ match, hints }) => [...match.exact.port, ...hints.exact.port])),
  }
}

function prepareLine(
  { name, kind, match, hints, expects }: CompiledDevices['lines'][number],
  maker: Maker,
): DeviceLine {
  return {
    maker,
    name,
    kind,
    expects,
    narrows: null,
    ruleFile: `rules/devices/${maker.slug}.yaml`,
    match: prepareSigns(match),
    hints: prepareSigns(hints),
  }
}

function prepareSigns(match: DeviceMatch): Signs {
  const patterns: Signs['patterns'] = {}
  for (const key of PATTERN_KEYS) {
    const sources = match[key]
    if (sources !== undefined) patterns[key] = sources.map(compilePattern)
  }
  const lower = (values: string[] | undefined): string[] => (values ?? []).map((value) => value.toLowerCase())
  return {
    patterns,
    exact: {
      dhcpParameterList: match.dhcpParameterList ?? [],
      mdnsService: lower(match.mdnsService),
      macMaker: lower(match.macMaker),
      port: match.port ?? [],
    },
  }
}
