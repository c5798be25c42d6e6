// Identification of a device: vendor, kind and name, how sure they are, and the reasons.
import { type Kind } from '../rules/types.ts'
import { GENERAL_PURPOSE, type DeviceKnowledge, type Maker, type Product, type Reason } from './knowledge.ts'
import { isPrivateMac, plainMaker } from './mac-makers.ts'
import { chooseName, cleanText, type NameSource } from './device-name.ts'
import type { DeviceEvidence } from './device-evidence.ts'
import { type KindGuess, kindBeliefs } from './kind-belief.ts'
import { isPortSign, type KindSign, kindSigns, PRIVATE_MAC } from './kind-signs.ts'
import {
  DRAW,
  fittingLines,
  isEnough,
  MAKER_COMPANY_WEIGHT,
  MAKER_MAC_WEIGHT,
  MANY_COMPANIES,
  MAX_HOSTS,
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
  /** Of a device of unknown kind: what it may be, the likeliest first, three at most. */
  guesses: KindGuess[]
}

/** Companies up to which talking to a maker's own cloud is taken as belonging to that maker. */
const FEW_COMPANIES = 6

const MAKER_BY_MAC_CONFIDENCE = 0.5
const MAKER_BY_COMPANY_CONFIDENCE = 0.4
const CHIP_MAKER_CONFIDENCE = 0.1

const MAX_REASONS = 8

/** How likely a kind has to be before it is said, with a known maker and without. */
const SURE = 0.75
const SURE_OF_ANY_MAKER = 0.85
const BELIEVED_CONFIDENCE = 0.65
const MAX_GUESSES = 3
/** A guess less likely than this is none. */
const LEAST_GUESS = 0.05
/** A maker seldom makes what has a smaller share. */
const SELDOM = 0.25
/** An operating system's sign below this is weaker than what the maker mainly makes. */
const SAID_BY_ITSELF = 0.5
const MAINLY = 0.5
/** What remains of kinds that a recognised line of no kind has no product of. */
const OTHER_PRODUCT = 0.1
/** By which reasons are put in order. */
const MAKES_WEIGHT = 0.25
const SIGN_WEIGHT = 0.2

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
    guesses: identity.guesses,
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

/** The ports that may say what a device is. */
export function signsAmongPorts({ ports = [] }: DeviceEvidence, knowledge: DeviceKnowledge): string[] {
  return ports.filter((port) => isPortSign(port) || knowledge.isPortSign(port))
}

interface Decision {
  vendor: string | null
  /** The vendor, where there are rules of it. */
  maker: Maker | null
  kind: Kind
  ruleName: string | null
  reasons: Reason[]
  confidence: number
  guesses: KindGuess[]
}

/** What the decision about a kind stands on. */
interface Basis {
  evidence: DeviceEvidence
  registered: string | null
  /** The maker that MAC, company or product line name. */
  maker: Maker | null
  fitting: readonly ScoredLine[]
}

function decide(evidence: DeviceEvidence, registered: string | null, knowledge: DeviceKnowledge): Decision {
  const fitting = fittingLines(evidence, registered, knowledge)
  const scored = fitting.filter(isEnough)
  const decision =
    scored.length === 0 ? decideByMaker(evidence, registered, knowledge) : decideByLines(scored, registered, knowledge)
  const byMac = registered === null ? null : makerOfMac(registered, knowledge)
  const basis = { evidence, registered, maker: decision.maker ?? byMac, fitting }
  if (decision.kind !== 'unknown' && !isForeign(decision, scored[0], byMac)) return decision
  return { ...withBelief(decision, basis, knowledge), vendor: decision.vendor ?? plainVendor(registered, knowledge) }
}

/**
 * Whether an operating system alone said a kind that is not what the maker mainly makes: a television asks for an
 * address as a phone does.
 */
function isForeign({ kind }: Decision, best: ScoredLine | undefined, byMac: Maker | null): boolean {
  if (best === undefined || !best.line.maker.generic || best.own >= SAID_BY_ITSELF) return false
  if (byMac === null || byMac.products.length === 0) return false
  return (byMac.products.find((product) => product.kind === kind)?.share ?? 0) < MAINLY
}

function plainVendor(registered: string | null, knowledge: DeviceKnowledge): string | null {
  return registered === null || knowledge.isChipMaker(registered) ? null : plainMaker(registered)
}

/** What the likelihood of kinds is worked out from. */
interface Weighed {
  products: readonly Product[]
  signs: readonly KindSign[]
  fitting: readonly ScoredLine[]
}

/** The kind that is nearly sure by what the maker makes and by weak signs; else the likeliest as guesses. */
function withBelief(
  decision: Decision,
  { evidence, maker, fitting, registered }: Basis,
  knowledge: DeviceKnowledge,
): Decision {
  const products = maker?.products ?? knowledge.productsOfChip(registered)
  const signs = kindSigns(evidence, knowledge.countCompanies(evidence.companies) >= MANY_COMPANIES)
  const limits = limitsOf(fitting, knowledge)
  const supports = fitting
    .filter(({ line }) => line.kind !== 'unknown' && (line.maker === maker || line.maker.generic || maker === null))
    .map(({ line, own }) => ({ kind: line.kind, strength: own }))
  const speaks = signs.some(({ factors }) => Object.values(factors).some((factor) => factor > 1))
  if (products.length === 0 && supports.length === 0 && !speaks) return { ...decision, kind: 'unknown', guesses: [] }
  const beliefs = kindBeliefs(products, limits === null ? signs : [...signs, limits], supports)
  const [best] = beliefs
  const reasons = [...decision.reasons]
  if (maker !== null && products.length > 0)
    reasons.push({ weight: MAKES_WEIGHT, text: `${maker.name} makes ${listed(products.map(({ kind }) => kind))}` })
  for (const { words, factors } of signs)
    if ((factors[best.kind] ?? 0) > 1) reasons.push({ weight: SIGN_WEIGHT, text: words })
  const isSure =
    best.weight >= (products.length > 0 ? SURE : SURE_OF_ANY_MAKER) && !isFarFetched(best, { products, signs, fitting })
  if (!isSure)
    return {
      ...decision,
      kind: 'unknown',
      ruleName: null,
      guesses: beliefs.slice(0, MAX_GUESSES).filter(({ weight }) => weight >= LEAST_GUESS),
    }
  return {
    ...decision,
    kind: best.kind,
    reasons,
    confidence: Math.max(decision.confidence, BELIEVED_CONFIDENCE * best.weight),
    guesses: [],
  }
}

/** A made-up address alone picks neither what the maker seldom makes, nor one of all that carry the same name. */
function isFarFetched({ kind }: KindGuess, { products, signs, fitting }: Weighed): boolean {
  const share = products.find((product) => product.kind === kind)?.share ?? 0
  const speaking = signs.filter(({ factors }) => (factors[kind] ?? 0) > 1)
  const isOfManyKinds = fitting.some(
    ({ line, reasons }) =>
      line.kind === 'unknown' && !line.maker.generic && reasons.some(({ text }) => text.startsWith(WORDS.dhcpHostname)),
  )
  const isAlone = speaking.length === 1 && speaking[0] === PRIVATE_MAC
  return products.length > 0 && isAlone && (share < SELDOM || isOfManyKinds)
}

/** A line of no kind that was recognised, such as a maker's smart devices: those of its special cases are likelier. */
function limitsOf(fitting: readonly ScoredLine[], knowledge: DeviceKnowledge): KindSign | null {
  const wide = fitting.find((scored) => isEnough(scored) && scored.line.kind === 'unknown')
  const kinds = knowledge.lines
    .filter(({ narrows }) => narrows !== null && narrows === wide?.line)
    .map(({ kind }) => kind)
  if (wide === undefined || kinds.length === 0) return null
  return { factors: Object.fromEntries(kinds.map((kind) => [kind, 1])), rest: OTHER_PRODUCT, words: wide.line.name }
}

function listed(kinds: readonly Kind[]): string {
  const words = kinds.slice(0, 3)
  return kinds.length > words.length ? `${words.join(', ')} and more` : words.join(' and ')
}

function decideByLines(scored: readonly ScoredLine[], registered: string | null, knowledge: DeviceKnowledge): Decision {
  const best = scored[0]
  // A line that this one narrows says the same with less detail.
  const rivals = scored.filter(
    ({ line, total }) =>
      best.total - total < DRAW &&
      line !== best.line.narrows &&
      (line.kind !== best.line.kind || line.maker !== best.line.maker),
  )
  const oneKind = rivals.every(({ line }) => line.kind === best.line.kind)
  const oneMaker = rivals.every(({ line }) => line.maker === best.line.maker)
  const maker = oneMaker && !best.line.maker.generic ? best.line.maker : null
  const vendor = maker === null ? vendorBehind([best, ...rivals], registered, knowledge) : maker.name
  if (oneKind)
    return {
      vendor,
      maker,
      kind: best.line.kind,
      ruleName: best.line.name,
      reasons: withMac(best.reasons, registered, knowledge),
      confidence: best.total,
      guesses: [],
    }
  const names = [...new Set([best, ...rivals].map(({ line }) => line.name))].slice(0, 3).join(' or ')
  return {
    vendor,
    maker,
    kind: 'unknown',
    ruleName: null,
    confidence: oneMaker ? best.total / 2 : CHIP_MAKER_CONFIDENCE,
    reasons: [...best.reasons, { weight: 1, text: `could be ${names}` }],
    guesses: [],
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
      vendor: maker.name,
      maker,
      kind,
      ruleName: null,
      reasons,
      confidence: both ? 0.6 : byMac !== null ? MAKER_BY_MAC_CONFIDENCE : MAKER_BY_COMPANY_CONFIDENCE,
      guesses: [],
    }
  }
  if (registered === null)
    return { vendor: null, maker: null, kind: 'unknown', ruleName: null, reasons, confidence: 0, guesses: [] }
  const chip = knowledge.isChipMaker(registered)
  return {
    vendor: plainMaker(registered),
    maker: null,
    kind: 'unknown',
    ruleName: null,
    reasons: withMac(reasons, registered, knowledge),
    confidence: chip ? CHIP_MAKER_CONFIDENCE : MAKER_BY_COMPANY_CONFIDENCE,
    guesses: [],
  }
}

/** The registry's name is shown even where it adds no confidence: people look for it. */
function withMac(reasons: Reason[], registered: string | null, knowledge: DeviceKnowledge): Reason[] {
  if (registered === null || reasons.some(({ text }) => text.startsWith(WORDS.macMaker))) return reasons
  const chip = knowledge.isChipMaker(registered) ? ' (makes parts for other makers)' : ''
  return [...reasons, { weight: 0, text: `MAC maker ${cleanText(registered)}${chip}` }]
}

function makerOfMac(registered: string, knowledge: DeviceKnowledge): Maker | null {
  return knowledge.ofRegistered(registered).makers.find(({ generic }) => !generic) ?? null
}

/**
 * The one maker whose cloud this device of few companies talks to; null for several, and for clouds that many products
 * use.
 */
function makerOfCompanies(evidence: DeviceEvidence, knowledge: DeviceKnowledge): Maker | null {
  if (knowledge.countCompanies(evidence.companies) > FEW_COMPANIES) return null
  if (evidence.mac !== null && isPrivateMac(evidence.mac)) return null
  const specific = evidence.companies.filter((slug) => !knowledge.isShared(slug))
  const makers = knowledge.makers.filter(
    (maker) => !maker.generic && specific.some((slug) => maker.family.has(slug)) && !isPersonalMaker(maker, knowledge),
  )
  return makers.length === 1 ? makers[0] : null
}

/** Everybody's phone asks the makers of phones and computers, whoever made it. */
function isPersonalMaker(maker: Maker, knowledge: DeviceKnowledge): boolean {
  return knowledge.lines.some((line) => line.maker === maker && GENERAL_PURPOSE.includes(line.kind))
}

function onlyKind(maker: Maker, knowledge: DeviceKnowledge): Kind {
  const kinds = new Set(knowledge.lines.filter((line) => line.maker === maker).map(({ kind }) => kind))
  const [kind] = kinds
  return kinds.size === 1 ? kind : 'unknown'
}
