// Identification of a device: vendor, kind and name, how sure they are, and the reasons.
import { type Kind } from '../rules/types.ts'
import type { DeviceKnowledge, Maker, Reason } from './knowledge.ts'
import { isPrivateMac, plainMaker } from './mac-makers.ts'
import { chooseName, cleanText, type NameSource } from './device-name.ts'
import type { DeviceEvidence } from './device-evidence.ts'
import {
  DRAW,
  MAKER_COMPANY_WEIGHT,
  MAKER_MAC_WEIGHT,
  MAX_HOSTS,
  recognise,
  type ScoredLine,
  WORDS,
} from './recognise.ts'

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

/** Companies up to which talking to a maker's own cloud is taken as belonging to that maker. */
const FEW_COMPANIES = 6

const MAKER_BY_MAC_CONFIDENCE = 0.5
const MAKER_BY_COMPANY_CONFIDENCE = 0.4
const CHIP_MAKER_CONFIDENCE = 0.1

const MAX_REASONS = 8

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

/** As `identify`, of which only the kind is asked for. */
export function kindBy(evidence: DeviceEvidence, knowledge: DeviceKnowledge): Kind {
  const registered = evidence.mac === null ? null : knowledge.macMakers.lookUp(evidence.mac)
  return decide(evidence, registered, knowledge).kind
}

/** The hosts that may say what a device is; the others change nothing of what `kindBy` gives. */
export function signsAmong(hosts: readonly string[], knowledge: DeviceKnowledge): string[] {
  return hosts.slice(0, MAX_HOSTS).filter((host) => knowledge.suffixesOf(host.toLowerCase()).length > 0)
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

/** The registry's name is shown even where it adds no confidence: people look for it. */
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
  const specific = evidence.companies.filter((slug) => !knowledge.isShared(slug))
  const makers = knowledge.makers.filter(({ family, generic }) => !generic && specific.some((slug) => family.has(slug)))
  return makers.length === 1 ? makers[0] : null
}

function onlyKind(maker: Maker, knowledge: DeviceKnowledge): Kind {
  const kinds = new Set(knowledge.lines.filter((line) => line.maker === maker).map(({ kind }) => kind))
  const [kind] = kinds
  return kinds.size === 1 ? kind : 'unknown'
}
