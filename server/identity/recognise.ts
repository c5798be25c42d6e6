// Recognition of product lines: what of the evidence fits the patterns of which line, and how far that convinces.
import {
  GENERAL_PURPOSE,
  type Signs,
  type DeviceKnowledge,
  type DeviceLine,
  type Maker,
  type Reason,
} from './knowledge.ts'
import { EXACT_KEYS, type MatchKey, PATTERN_KEYS } from '../rules/types.ts'
import type { DeviceEvidence } from './device-evidence.ts'
import { LONGEST_MATCHED_TEXT, matchesPattern, type Pattern } from '../rules/patterns.ts'
import { cleanText, hostName } from './host-name.ts'
import { isPrivateMac } from './mac-makers.ts'

export interface ScoredLine {
  line: DeviceLine
  /** What the line's own patterns matched, without the maker's evidence: 0 to 1. */
  own: number
  total: number
  reasons: Reason[]
}

/**
 * How far one kind of evidence alone convinces, 0 to 1. Reasons add up as independent chances of being wrong: 1 - (1 -
 * a)(1 - b)... A name that the maker wrote into the device has the most weight; a list of DHCP options is shared by
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
  mqttClientId: 0.5,
  rtspServer: 0.5,
  stunSoftware: 0.3,
  sshBanner: 0.3,
  dhcpParameterList: 0.3,
  port: 0.4,
}

/** What a hint adds to a line that other evidence supports already. */
export const HINT_WEIGHT = 0.2

/** The maker's MAC address supports each of its lines, and so does talking to the maker; neither names a line. */
export const MAKER_MAC_WEIGHT = 0.3

export const MAKER_COMPANY_WEIGHT = 0.15

/** Least support that a line needs, its maker's evidence included, and of that from the line's own patterns. */
export const ENOUGH = 0.42

const ENOUGH_OF_ITS_OWN = 0.25

/** Two lines closer than this are a draw. */
export const DRAW = 0.05

/** Evidence of an operating system counts less than evidence of a maker. */
export const GENERIC_FACTOR = 0.85

/**
 * A device of one purpose talks to few companies; beyond this it is used for browsing, and a host name is weak evidence
 * of what it is.
 */
export const MANY_COMPANIES = 12

const MANY_COMPANIES_WEIGHT = 0.25

const BROWSED_HOST_FACTOR = 0.2

/**
 * Apps talk to the hosts that the maker's devices talk to: a phone with Amazon's app to the voice service. With other
 * evidence of a phone or computer a host says next to nothing.
 */
const APP_HOST_FACTOR = 0.08

/** Share of phones, tablets and computers among what a maker makes, from which on its hosts are theirs. */
const MOSTLY_PERSONAL = 0.7

/** Values of one kind of evidence that are looked at: a device may announce without end. */
const MAX_VALUES = 64

/** Of a device that announces more than this, what its texts say is worked out anew each time. */
const LONGEST_KEPT_TEXTS = 8_192

export const MAX_HOSTS = 2_000

const MAX_HOST_REASONS = 3

export const WORDS: Record<MatchKey, string> = {
  dhcpHostname: 'DHCP name',
  dhcpVendorClass: 'DHCP vendor class',
  dhcpParameterList: 'DHCP options',
  mdnsService: 'announces',
  mdnsName: 'mDNS name',
  mdnsTxt: 'mDNS text',
  ssdpServer: 'SSDP server',
  ssdpType: 'SSDP type',
  userAgent: 'User-Agent',
  mqttClientId: 'MQTT client',
  stunSoftware: 'STUN software',
  rtspServer: 'RTSP server',
  sshBanner: 'SSH',
  host: 'talks to',
  macMaker: 'MAC maker',
  port: 'uses port',
}

/** Lines whose own patterns match well enough, the likeliest first. `registered` is the MAC registry's name. */
export function recognise(
  evidence: DeviceEvidence,
  registered: string | null,
  knowledge: DeviceKnowledge,
): ScoredLine[] {
  return fittingLines(evidence, registered, knowledge).filter(isEnough)
}

export function isEnough({ own, total }: ScoredLine): boolean {
  return own >= ENOUGH_OF_ITS_OWN && total >= ENOUGH
}

/** Every line of which a pattern matches, the likeliest first. */
export function fittingLines(
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
    scored.push({ line, own: strength, total, reasons: all })
  }
  return scored.sort((a, b) => b.total - a.total || b.own - a.own)
}

/** Kinds of evidence that are texts of the device's own. */
const TEXT_KEYS = [...PATTERN_KEYS, ...EXACT_KEYS] as const

/** Names by NetBIOS are looked for among those that devices ask for an address with: makers give one for both. */
type Texts = Record<(typeof TEXT_KEYS)[number] | 'netbiosName', string[]>

function ownReasons(
  evidence: DeviceEvidence,
  registered: string | null,
  knowledge: DeviceKnowledge,
): Map<DeviceLine, Reason[]> {
  const texts = textsByKey(evidence, knowledge)
  // Ports come one by one as they are used; what the texts say stays the same meanwhile.
  const found = new Map(
    textReasons({ ...texts, port: [] }, registered, knowledge).map(([line, reasons]): [DeviceLine, Reason[]] => [
      line,
      [...reasons],
    ]),
  )
  addPorts(texts.port, knowledge, found)
  const named = registered === null ? null : knowledge.ofRegistered(registered)
  const companies = knowledge.countCompanies(evidence.companies)
  const isGeneral = isPersonal(evidence, found)
  const factor = isGeneral ? APP_HOST_FACTOR : companies >= MANY_COMPANIES ? BROWSED_HOST_FACTOR : 1
  const byMac = named?.makers.find(({ generic }) => !generic)
  addHosts(evidence, knowledge, found, (line) =>
    isAnothers(line, byMac) ? Math.min(factor, BROWSED_HOST_FACTOR) : factor,
  )
  for (const [line, reasons] of found) {
    reasons.push(
      ...matching(line.hints, texts, named?.hintedLines.has(line) ? registered : null).map(([key, value, words]) =>
        reasonFor(key, value, HINT_WEIGHT, words),
      ),
    )
    if (companies < MANY_COMPANIES || !GENERAL_PURPOSE.includes(line.kind)) continue
    reasons.push({ weight: MANY_COMPANIES_WEIGHT, text: `talks to ${companies} companies, as phones and computers do` })
  }
  return found
}

/**
 * Whether the device is one that people browse with, whatever hosts it talks to: it made its address up, as nothing
 * does that is made for one purpose, or what it says of itself is a phone's or a computer's.
 */
export function isPersonal({ mac }: DeviceEvidence, byTexts: ReadonlyMap<DeviceLine, readonly Reason[]>): boolean {
  if (mac !== null && isPrivateMac(mac)) return true
  let personal = 0
  let other = 0
  for (const [{ kind }, reasons] of byTexts) {
    const strength = together(reasons)
    if (GENERAL_PURPOSE.includes(kind)) personal = Math.max(personal, strength)
    else if (kind !== 'unknown') other = Math.max(other, strength)
  }
  return personal >= 0.5 && personal >= other
}

/** What the texts and the MAC's maker say; worked out once for each device, whose texts seldom change. */
function textReasons(
  texts: Texts,
  registered: string | null,
  knowledge: DeviceKnowledge,
): readonly (readonly [DeviceLine, readonly Reason[]])[] {
  const id = JSON.stringify([registered, texts])
  const known = knowledge.textReasons.get(id)
  if (known !== undefined) return known
  const found: [DeviceLine, Reason[]][] = []
  const named = registered === null ? null : knowledge.ofRegistered(registered)
  const hasText = (key: (typeof TEXT_KEYS)[number]): boolean => texts[key].length > 0
  const keys = TEXT_KEYS.filter((key) => hasText(key) || (key === 'dhcpHostname' && texts.netbiosName.length > 0))
  for (const line of new Set([...(named?.lines ?? []), ...knowledge.linesFor(keys)])) {
    const matched = matching(line.match, texts, named?.lines.has(line) ? registered : null)
    if (matched.length === 0) continue
    found.push([line, matched.map(([key, value, words]) => reasonFor(key, value, WEIGHTS[key], words))])
  }
  if (id.length <= LONGEST_KEPT_TEXTS) knowledge.textReasons.set(id, found)
  return found
}

function addPorts(ports: readonly string[], knowledge: DeviceKnowledge, found: Map<DeviceLine, Reason[]>): void {
  if (ports.length === 0) return
  for (const line of knowledge.linesFor(['port'])) {
    const value = line.match.exact.port.find((wanted) => ports.includes(wanted))
    if (value === undefined) continue
    const reason = reasonFor('port', value, WEIGHTS.port)
    const known = found.get(line)
    if (known === undefined) found.set(line, [reason])
    else known.push(reason)
  }
}

/** One value for each kind of evidence that fits; `registered` where the signs name the MAC's maker. */
function matching(
  { patterns, exact }: Signs,
  texts: Texts,
  registered: string | null,
): [key: MatchKey, value: string, words?: string][] {
  const found: [MatchKey, string, string?][] = []
  for (const key of PATTERN_KEYS) {
    const own = patterns[key]
    if (own === undefined) continue
    const value = firstMatch(own, texts[key])
    const netbios = value === undefined && key === 'dhcpHostname' ? firstMatch(own, texts.netbiosName) : undefined
    if (value !== undefined) found.push([key, value])
    else if (netbios !== undefined) found.push([key, netbios, 'NetBIOS name'])
  }
  for (const key of EXACT_KEYS) {
    if (exact[key].length === 0 || texts[key].length === 0) continue
    const value = exact[key].find((wanted) => texts[key].includes(wanted))
    if (value !== undefined) found.push([key, value])
  }
  if (registered !== null) found.push(['macMaker', registered])
  return found
}

function firstMatch(patterns: readonly Pattern[], texts: readonly string[]): string | undefined {
  for (const text of texts) {
    const lower = text.toLowerCase()
    for (const pattern of patterns) if (matchesPattern(pattern, text, lower)) return text
  }
  return undefined
}

function reasonFor(key: MatchKey, value: string, weight: number, words = WORDS[key]): Reason {
  return { weight, text: `${words} ${cleanText(value)}` }
}

/** A television or phone of one maker asks another's voice service or app without being its device. */
function isAnothers({ maker, expects }: DeviceLine, byMac: Maker | undefined): boolean {
  if (byMac === undefined || maker === byMac || maker.generic) return false
  if (byMac.company !== null && expects.includes(byMac.company)) return false
  const isPart = (one: Maker, other: Maker): boolean => other.company !== null && one.family.has(other.company)
  return !isPart(byMac, maker) && !isPart(maker, byMac)
}

/** Phones and computers themselves, and lines of a maker that makes little else, whatever kind they are. */
function isOfPersonalThings({ kind, maker }: DeviceLine): boolean {
  return GENERAL_PURPOSE.includes(kind) || (kind === 'unknown' && maker.personal >= MOSTLY_PERSONAL)
}

function addHosts(
  evidence: DeviceEvidence,
  knowledge: DeviceKnowledge,
  found: Map<DeviceLine, Reason[]>,
  factorOf: (line: DeviceLine) => number,
): void {
  const counted = new Map<DeviceLine, Set<string>>()
  for (const host of evidence.hosts.slice(0, MAX_HOSTS)) {
    const ofHost = new Set<DeviceLine>()
    for (const { suffix, lines } of knowledge.suffixesOf(host.toLowerCase())) {
      for (const line of lines) {
        const seen = counted.get(line) ?? new Set()
        counted.set(line, seen)
        if (ofHost.has(line) || seen.has(suffix) || seen.size >= MAX_HOST_REASONS) continue
        ofHost.add(line)
        seen.add(suffix)
        const weight = WEIGHTS.host * (isOfPersonalThings(line) ? 1 : factorOf(line))
        found.set(line, [...(found.get(line) ?? []), reasonFor('host', host, weight)])
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

/** Chance that at least one reason is right, taking them as independent. */
export function together(reasons: readonly Reason[]): number {
  return 1 - reasons.reduce((wrong, { weight }) => wrong * (1 - weight), 1)
}

function textsByKey(evidence: DeviceEvidence, knowledge: DeviceKnowledge): Texts {
  const cut = (texts: string[]): string[] =>
    texts.slice(0, MAX_VALUES).map((text) => text.slice(0, LONGEST_MATCHED_TEXT))
  return {
    dhcpHostname: cut(evidence.dhcpHostnames.map((text) => hostName(text) ?? text)),
    netbiosName: cut((evidence.netbiosNames ?? []).map((text) => hostName(text) ?? text)),
    dhcpVendorClass: cut(evidence.dhcpVendorClasses),
    mdnsName: cut(evidence.mdnsNames),
    mdnsTxt: cut(evidence.mdnsTxt),
    ssdpServer: cut(evidence.ssdpServers),
    ssdpType: cut(evidence.ssdpTypes),
    userAgent: cut(evidence.userAgents),
    mqttClientId: cut(evidence.mqttClientIds ?? []),
    stunSoftware: cut(evidence.stunSoftware ?? []),
    rtspServer: cut(evidence.rtspServers ?? []),
    sshBanner: cut(evidence.sshBanners ?? []),
    dhcpParameterList: cut(evidence.dhcpParameterLists),
    port: (evidence.ports ?? []).filter((port) => knowledge.isPortSign(port)),
    mdnsService: cut(evidence.mdnsServices).map((service) =>
      service
        .toLowerCase()
        .replace(/\.local\.?$/, '')
        .replace(/\.$/, ''),
    ),
  }
}
