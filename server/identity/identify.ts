// What is this device, who made it, how sure are we, and why?
import { LONGEST_MATCHED_TEXT, matchesPattern } from '../rules/patterns.ts'
import { PATTERN_KEYS, type Kind, type MatchKey } from '../rules/types.ts'
import type { DeviceKnowledge, DeviceLine, Maker, Signs } from './knowledge.ts'
import { isPrivateMac, plainMaker } from './mac-makers.ts'
import { chooseName, cleanText, type NameSource } from './device-name.ts'
import type { DeviceEvidence } from './device-evidence.ts'

export interface Identity {
  name: string | null
  nameFrom: NameSource | null
  vendor: string | null
  kind: Kind
  /** Each reason as a short English phrase, the strongest first. */
  why: string[]
  /** 0 to 1, for vendor and kind together. */
  confidence: number
  /** The address was made up by the device and names no maker. */
  privateMac: boolean
}

/** One reason and how far it alone would convince. */
interface Reason {
  weight: number
  text: string
}

export interface ScoredLine {
  line: DeviceLine
  /** What the line's own patterns matched, without the maker's evidence: 0 to 1. */
  own: number
  total: number
  reasons: Reason[]
}

/**
 * How far one kind of evidence alone convinces, 0 to 1. Reasons add up as independent chances of being wrong:
 * 1 - (1 - a)(1 - b)... A name that the maker wrote into the device says most; a list of DHCP options is shared by
 * everything built from the same software.
 */
export const WEIGHTS: Readonly<Record<MatchKey, number>> = {
  dhcpHostname: 0.65,
  mdnsTxt: 0.65,
  mdnsName: 0.6,
  ssdpServer: 0.6,
  ssdpType: 0.5,
  userAgent: 0.5,
  dhcpVendorClass: 0.5,
  host: 0.5,
  macMaker: 0.5,
  mdnsService: 0.5,
  dhcpParameterList: 0.3,
}

/** What a hint adds to a line that something else already speaks for. */
export const HINT_WEIGHT = 0.2

/** The maker's MAC address supports each of its lines, and so does talking to the maker; neither names a line. */
const MAKER_MAC_WEIGHT = 0.3
const MAKER_COMPANY_WEIGHT = 0.15

/** Least that must speak for a line, its maker's evidence included, and of that from the line's own patterns. */
export const ENOUGH = 0.42
const ENOUGH_OF_ITS_OWN = 0.25

/** Two lines closer than this are a draw. */
export const DRAW = 0.05

/** What an operating system says counts less than what a maker says. */
export const GENERIC_FACTOR = 0.85

/**
 * A device of one purpose talks to few companies; beyond this it is used for browsing, and a host name says little of
 * what it is.
 */
const MANY_COMPANIES = 12
const MANY_COMPANIES_WEIGHT = 0.25
const BROWSED_HOST_FACTOR = 0.3
const GENERAL_PURPOSE: readonly Kind[] = ['phone', 'tablet', 'computer']

/** Companies up to which talking to a maker's own cloud is taken as belonging to that maker. */
const FEW_COMPANIES = 6

const MAKER_BY_MAC_CONFIDENCE = 0.5
const MAKER_BY_COMPANY_CONFIDENCE = 0.4
const CHIP_MAKER_CONFIDENCE = 0.1

/** Values of one kind of evidence that are looked at: a device may announce without end. */
const MAX_VALUES = 64
const MAX_HOSTS = 2_000
const MAX_HOST_REASONS = 3
const MAX_REASONS = 8

const WORDS: Record<MatchKey, string> = {
  dhcpHostname: 'DHCP name',
  dhcpVendorClass: 'DHCP vendor class',
  dhcpParameterList: 'DHCP options',
  mdnsService: 'announces',
  mdnsName: 'mDNS name',
  mdnsTxt: 'mDNS text',
  ssdpServer: 'SSDP server',
  ssdpType: 'SSDP type',
  userAgent: 'User-Agent',
  host: 'talks to',
  macMaker: 'MAC maker',
}

export function identify(evidence: DeviceEvidence, knowledge: DeviceKnowledge): Identity {
  const registered = evidence.mac === null ? null : knowledge.macMakers.lookUp(evidence.mac)
  const privateMac = evidence.mac !== null && isPrivateMac(evidence.mac)
  const identity = decide(evidence, registered, knowledge)
  const rest: Reason[] = privateMac
    ? [{ weight: 0, text: 'private address: made up by the device, so it names no maker' }]
    : []
  const { name, nameFrom } = chooseName(evidence, identity.ruleName)
  return {
    name,
    nameFrom,
    vendor: identity.vendor,
    kind: identity.kind,
    privateMac,
    why: [...identity.reasons.toSorted((a, b) => b.weight - a.weight), ...rest]
      .slice(0, MAX_REASONS)
      .map(({ text }) => text),
    confidence: Math.round(Math.min(identity.confidence, 0.99) * 100) / 100,
  }
}

/** Lines whose own patterns say enough, the likeliest first. `registered` is the MAC registry's name. */
export function recognise(
  evidence: DeviceEvidence,
  registered: string | null,
  knowledge: DeviceKnowledge,
): ScoredLine[] {
  const own = ownReasons(evidence, registered, knowledge)
  const makers = registered === null ? [] : knowledge.ofRegistered(registered).makers
  const scored: ScoredLine[] = []
  for (const [line, reasons] of own) {
    const factor = line.maker.generic ? GENERIC_FACTOR : 1
    const wider = line.narrows === null ? [] : (own.get(line.narrows) ?? [])
    const isSaid = reasons.some(({ text }) => text.startsWith(WORDS.macMaker))
    const all = [
      ...reasons,
      ...wider,
      ...makerReasons(line, evidence, !isSaid && makers.includes(line.maker) ? registered : null),
    ]
    const strength = together(reasons) * factor
    const total = together(all) * factor
    if (strength >= ENOUGH_OF_ITS_OWN && total >= ENOUGH) scored.push({ line, own: strength, total, reasons: all })
  }
  return scored.sort((a, b) => b.total - a.total || b.own - a.own)
}

interface Decision {
  vendor: string | null
  kind: Kind
  ruleName: string | null
  reasons: Reason[]
  confidence: number
}

function decide(evidence: DeviceEvidence, registered: string | null, knowledge: DeviceKnowledge): Decision {
  const scored = recognise(evidence, registered, knowledge)
  const best = scored[0]
  if (best === undefined) return decideByMaker(evidence, registered, knowledge)
  // A line that this one narrows says the same with less detail.
  const rivals = scored.filter(
    ({ line, total }) =>
      best.total - total < DRAW &&
      line !== best.line.narrows &&
      (line.kind !== best.line.kind || line.maker !== best.line.maker),
  )
  const oneKind = rivals.every(({ line }) => line.kind === best.line.kind)
  const oneMaker = rivals.every(({ line }) => line.maker === best.line.maker)
  const vendor =
    oneMaker && !best.line.maker.generic ? best.line.maker.name : vendorBehind([best, ...rivals], registered, knowledge)
  if (oneKind)
    return {
      vendor,
      kind: best.line.kind,
      ruleName: best.line.name,
      reasons: withMac(best.reasons, registered, knowledge),
      confidence: best.total,
    }
  const names = [...new Set([best, ...rivals].map(({ line }) => line.name))].slice(0, 3).join(' or ')
  return {
    vendor,
    kind: 'unknown',
    ruleName: null,
    confidence: oneMaker ? best.total / 2 : CHIP_MAKER_CONFIDENCE,
    reasons: [...best.reasons, { weight: 1, text: `could be ${names}` }],
  }
}

/**
 * Vendor when lines of several makers, or of an operating system, fit: the MAC registry decides, unless it knows only
 * the chip.
 */
function vendorBehind(
  scored: readonly ScoredLine[],
  registered: string | null,
  knowledge: DeviceKnowledge,
): string | null {
  const maker = registered === null ? null : makerOfMac(registered, knowledge)
  if (maker !== null && !maker.generic) return maker.name
  if (registered !== null && !knowledge.isChipMaker(registered)) return plainMaker(registered)
  const named = scored.find(({ line, total }) => !line.maker.generic && scored[0].total - total < DRAW)
  const others = scored.some(({ line }) => !line.maker.generic && line.maker !== named?.line.maker)
  return named === undefined || others ? null : named.line.maker.name
}

/** No product line is recognised: perhaps the maker is. */
function decideByMaker(evidence: DeviceEvidence, registered: string | null, knowledge: DeviceKnowledge): Decision {
  const byMac = registered === null ? null : makerOfMac(registered, knowledge)
  const byCompany = makerOfCompanies(evidence, knowledge)
  const reasons: Reason[] = []
  const maker = byMac ?? byCompany
  if (byCompany !== null && maker === byCompany)
    reasons.push({ weight: MAKER_COMPANY_WEIGHT, text: `talks to ${byCompany.name}` })
  if (byMac !== null) reasons.push({ weight: MAKER_MAC_WEIGHT, text: `MAC maker ${cleanText(registered ?? '')}` })
  if (maker !== null) {
    const kind = maker === byCompany ? onlyKind(maker, knowledge) : 'unknown'
    const both = byMac !== null && byMac === byCompany
    return {
      vendor: maker.generic ? null : maker.name,
      kind,
      ruleName: null,
      reasons,
      confidence: both ? 0.6 : byMac !== null ? MAKER_BY_MAC_CONFIDENCE : MAKER_BY_COMPANY_CONFIDENCE,
    }
  }
  if (registered === null) return { vendor: null, kind: 'unknown', ruleName: null, reasons, confidence: 0 }
  const chip = knowledge.isChipMaker(registered)
  return {
    vendor: plainMaker(registered),
    kind: 'unknown',
    ruleName: null,
    reasons: withMac(reasons, registered, knowledge),
    confidence: chip ? CHIP_MAKER_CONFIDENCE : MAKER_BY_COMPANY_CONFIDENCE,
  }
}

/** Kinds of evidence that are texts of the device's own. */
const TEXT_KEYS = [...PATTERN_KEYS, 'mdnsService', 'dhcpParameterList'] as const

type Texts = Record<(typeof PATTERN_KEYS)[number] | 'mdnsService' | 'dhcpParameterList', string[]>

function ownReasons(
  evidence: DeviceEvidence,
  registered: string | null,
  knowledge: DeviceKnowledge,
): Map<DeviceLine, Reason[]> {
  const found = new Map<DeviceLine, Reason[]>()
  const texts = textsByKey(evidence)
  const named = registered === null ? null : knowledge.ofRegistered(registered)
  const keys = TEXT_KEYS.filter((key) => texts[key].length > 0)
  for (const line of new Set([...(named?.lines ?? []), ...knowledge.linesFor(keys)])) {
    const reasons = matching(line.match, texts, named?.lines.has(line) ? registered : null).map(([key, value]) =>
      reasonFor(key, value, WEIGHTS[key]),
    )
    if (reasons.length > 0) found.set(line, reasons)
  }
  const companies = knowledge.countCompanies(evidence.companies)
  addHosts(evidence, knowledge, found, companies >= MANY_COMPANIES)
  for (const [line, reasons] of found) {
    reasons.push(
      ...matching(line.hints, texts, named?.hintedLines.has(line) ? registered : null).map(([key, value]) =>
        reasonFor(key, value, HINT_WEIGHT),
      ),
    )
    if (companies < MANY_COMPANIES || !GENERAL_PURPOSE.includes(line.kind)) continue
    reasons.push({ weight: MANY_COMPANIES_WEIGHT, text: `talks to ${companies} companies, as phones and computers do` })
  }
  return found
}

/** One value for each kind of evidence that fits; `registered` where the signs name the MAC's maker. */
function matching({ patterns, exact }: Signs, texts: Texts, registered: string | null): [MatchKey, string][] {
  const found: [MatchKey, string][] = []
  for (const key of PATTERN_KEYS) {
    const own = patterns[key]
    const value =
      own === undefined
        ? undefined
        : texts[key].find((text) => own.some((pattern) => matchesPattern(pattern, text, text.toLowerCase())))
    if (value !== undefined) found.push([key, value])
  }
  for (const key of ['dhcpParameterList', 'mdnsService'] as const) {
    const value = exact[key].find((wanted) => texts[key].includes(wanted))
    if (value !== undefined) found.push([key, value])
  }
  if (registered !== null) found.push(['macMaker', registered])
  return found
}

function reasonFor(key: MatchKey, value: string, weight: number): Reason {
  return { weight, text: `${WORDS[key]} ${cleanText(value)}` }
}

function addHosts(
  evidence: DeviceEvidence,
  knowledge: DeviceKnowledge,
  found: Map<DeviceLine, Reason[]>,
  browsing: boolean,
): void {
  const counted = new Map<DeviceLine, Set<string>>()
  for (const host of evidence.hosts.slice(0, MAX_HOSTS)) {
    const told = new Set<DeviceLine>()
    for (const { suffix, lines } of knowledge.suffixesOf(host.toLowerCase())) {
      for (const line of lines) {
        const seen = counted.get(line) ?? new Set()
        counted.set(line, seen)
        if (told.has(line) || seen.has(suffix) || seen.size >= MAX_HOST_REASONS) continue
        told.add(line)
        seen.add(suffix)
        const factor = browsing && !GENERAL_PURPOSE.includes(line.kind) ? BROWSED_HOST_FACTOR : 1
        found.set(line, [...(found.get(line) ?? []), reasonFor('host', host, WEIGHTS.host * factor)])
      }
    }
  }
}

/** `registered` is the MAC registry's name where it means this line's maker. */
function makerReasons({ maker }: DeviceLine, evidence: DeviceEvidence, registered: string | null): Reason[] {
  const reasons: Reason[] = []
  if (registered !== null) reasons.push({ weight: MAKER_MAC_WEIGHT, text: `MAC maker ${cleanText(registered)}` })
  if (evidence.companies.some((slug) => maker.family.has(slug)))
    reasons.push({ weight: MAKER_COMPANY_WEIGHT, text: `talks to ${maker.name}` })
  return reasons
}

/** The registry's name is said even where it adds nothing: people look for it. */
function withMac(reasons: Reason[], registered: string | null, knowledge: DeviceKnowledge): Reason[] {
  if (registered === null || reasons.some(({ text }) => text.startsWith(WORDS.macMaker))) return reasons
  const chip = knowledge.isChipMaker(registered) ? ' (makes parts for other makers)' : ''
  return [...reasons, { weight: 0, text: `MAC maker ${cleanText(registered)}${chip}` }]
}

function makerOfMac(registered: string, knowledge: DeviceKnowledge): Maker | null {
  return knowledge.ofRegistered(registered).makers[0] ?? null
}

/**
 * The one maker whose cloud this device of few companies talks to; null for several, and for clouds that many products
 * use.
 */
function makerOfCompanies(evidence: DeviceEvidence, knowledge: DeviceKnowledge): Maker | null {
  if (knowledge.countCompanies(evidence.companies) > FEW_COMPANIES) return null
  const telling = evidence.companies.filter((slug) => !knowledge.isShared(slug))
  const makers = knowledge.makers.filter(({ family, generic }) => !generic && telling.some((slug) => family.has(slug)))
  return makers.length === 1 ? makers[0] : null
}

function onlyKind(maker: Maker, knowledge: DeviceKnowledge): Kind {
  const kinds = new Set(knowledge.lines.filter((line) => line.maker === maker).map(({ kind }) => kind))
  const [kind] = kinds
  return kinds.size === 1 ? kind : 'unknown'
}

/** Chance that at least one reason is right, taking them as independent. */
function together(reasons: readonly Reason[]): number {
  return 1 - reasons.reduce((wrong, { weight }) => wrong * (1 - weight), 1)
}

function textsByKey(evidence: DeviceEvidence): Texts {
  const cut = (texts: string[]): string[] =>
    texts.slice(0, MAX_VALUES).map((text) => text.slice(0, LONGEST_MATCHED_TEXT))
  return {
    dhcpHostname: cut(evidence.dhcpHostnames),
    dhcpVendorClass: cut(evidence.dhcpVendorClasses),
    mdnsName: cut(evidence.mdnsNames),
    mdnsTxt: cut(evidence.mdnsTxt),
    ssdpServer: cut(evidence.ssdpServers),
    ssdpType: cut(evidence.ssdpTypes),
    userAgent: cut(evidence.userAgents),
    dhcpParameterList: cut(evidence.dhcpParameterLists),
    mdnsService: cut(evidence.mdnsServices).map((service) =>
      service
        .toLowerCase()
        .replace(/\.local\.?$/, '')
        .replace(/\.$/, ''),
    ),
  }
}
