// Who is probably behind an address that no name was seen for: reasons for each company, added up.
import { type LikelyReason, likelySentence } from '../text/en/likely.ts'
import type { Rules } from '../rulebook/open.ts'
import type { Kind } from '../rules/types.ts'
import { MAKER_SHARE, type MakerProfile, makerProfile } from './makers.ts'
import type { Neighbours } from './neighbours.ts'
import { companyOfOwner } from './network-owners.ts'
import { looksLikePeer, NAME_SERVICES, portUse, TIME_SERVICE } from './service-ports.ts'

/** A device, as far as it says whom its connections go to. */
export interface LikelyDevice {
  vendor: string | null
  kind: Kind | null
  /** Distinct addresses on the internet that it exchanged traffic with. */
  addresses: number
}

/** An endpoint without a name. */
export interface NamelessEndpoint {
  address: string
  /** By its network; null where nobody knows. */
  company: string | null
  /** `tcp/443`, of the far end; null where it is not known. */
  service: string | null
  sent: number
  received: number
}

/** Reasoned from the device, the network, the port and what else was seen; never counted as seen. */
export interface Likely {
  company: string
  purpose: string
  /** 0 to 1. */
  confidence: number
  /** Each reason as a short English sentence, the strongest first. */
  why: string[]
}

/** What is less likely is not told. */
export const LEAST_CONFIDENCE = 0.5
const MOST_CONFIDENCE = 0.97

/** How far one reason alone convinces, 0 to 1. Several add up as independent chances of being wrong. */
const WEIGHTS = {
  usedCloud: 0.5,
  ownCloud: 0.5,
  address: 0.9,
  neighbour: 0.4,
  owner: 0.8,
  usedPort: 0.2,
  ownPort: 0.75,
  pool: 0.6,
}

/** A device of unknown kind whose maker's products mostly serve one purpose: share of its products at least. */
const MOSTLY_SINGLE_PURPOSE = 0.5
/** A device that talks to more addresses than this is used for more than one thing, whatever its kind. */
const FEW_ADDRESSES = 64

/** What speaks against the maker, as factors. */
const AGAINST = { otherCloud: 0.85, nobodys: 0.85, peer: 0.55, download: 0.6, manyAddresses: 0.6 }
/** Music and films: far more comes than goes, and much of it. */
const DOWNLOAD_BYTES = 500_000
const DOWNLOAD_RATIO = 15
/** A camera's pictures go out: more of it than comes in, and at least this much. */
const UPLOAD_BYTES = 50_000
const UPLOAD_RATIO = 3

const TIME_POOL = 'ntp-pool'

interface Candidate {
  company: string
  /** 0 to 1, and what makes it so. */
  reasons: { weight: number; reason: LikelyReason }[]
  /** Product of what speaks against it. */
  factor: number
}

/**
 * Null where nothing says enough, and where a company was seen that does not rent its network out. Nothing of it is
 * ever counted as seen.
 */
export function likelyBehind(
  endpoint: NamelessEndpoint,
  device: LikelyDevice,
  rules: Rules,
  neighbours: Neighbours | null,
): Likely | null {
  const maker = device.vendor === null ? null : makerProfile(device.vendor, rules)
  const network = rentedNetwork(endpoint, maker, rules)
  if (network === undefined) return null
  if (endpoint.service !== null && NAME_SERVICES.has(endpoint.service)) return null
  const candidates = new Map<string, Candidate>()
  const add = (company: string, weight: number, reason: LikelyReason): void => {
    const known = candidates.get(company)
    if (known === undefined) candidates.set(company, { company, reasons: [{ weight, reason }], factor: 1 })
    else known.reasons.push({ weight, reason })
  }
  addNeighbours(endpoint.address, rules, neighbours, add)
  if (endpoint.service === TIME_SERVICE) {
    // Makers run time servers of their own as well, where they run everything else.
    const isMakers = network !== null && maker?.clouds.has(network) === true
    if (!isMakers) add(TIME_POOL, WEIGHTS.pool, portReason(endpoint.service))
  } else {
    addPort(endpoint.service, rules, add)
    const owner = addOwner(endpoint, rules, add)
    if (maker !== null && (owner === null || owner === maker.company))
      addMaker({ ...endpoint, company: network }, device, maker, rules, add, candidates)
  }
  return best([...candidates.values()], endpoint, device, rules)
}

/**
 * The cloud that the address is in; null in a network of nobody we know; undefined where a company of its own is there.
 * Large companies rent out machines of the same network that their own services run in: where the device's maker is
 * known to be a customer, the network's number alone decides nothing.
 */
function rentedNetwork(
  { company, service }: NamelessEndpoint,
  maker: MakerProfile | null,
  { companies }: Rules,
): string | null | undefined {
  if (company === null || companies.describe(company)?.cloud === true) return company
  if (maker === null || service === TIME_SERVICE) return undefined
  const parent = companies.parentOf(company)
  if (companies.parentOf(maker.company) === parent) return undefined
  return [...maker.clouds].find((slug) => companies.parentOf(slug) === parent)
}

type Add = (company: string, weight: number, reason: LikelyReason) => void

/** By name, the same address is the same server for everybody; addresses around it often belong to the same company. */
function addNeighbours(address: string, rules: Rules, neighbours: Neighbours | null, add: Add): void {
  if (neighbours === null) return
  const seen = neighbours.at(address)
  if (seen !== null) add(seen.company, WEIGHTS.address, { reason: 'address', host: seen.host })
  const around = neighbours.around(address)
  const families = new Set(around.map(({ company }) => rules.companies.parentOf(company)))
  if (families.size !== 1) return
  const [{ company }] = around
  const count = around.reduce((sum, { addresses }) => sum + addresses, 0)
  const name = rules.companies.describe(company)?.name ?? company
  add(company, 1 - (1 - WEIGHTS.neighbour) ** Math.min(count, 3), { reason: 'neighbours', company: name, count })
}

/** Nobody's network by its number, and still registered under a company's own name. */
function addOwner({ address, company }: NamelessEndpoint, rules: Rules, add: Add): string | null {
  const owner = company === null ? (rules.networks.lookUp(address)?.owner ?? null) : null
  const named = owner === null ? null : companyOfOwner(owner, rules)
  if (owner !== null && named !== null) add(named, WEIGHTS.owner, { reason: 'network', owner })
  return named
}

/** A port that only one company's servers are known to have, whatever the device. */
function addPort(service: string | null, { companies }: Rules, add: Add): void {
  const company = service === null ? null : companies.companyOfPort(service)
  if (service === null || company === null) return
  add(company, WEIGHTS.ownPort, ownPortReason(service, companies.describe(company)?.name ?? company))
}

/** Devices of one purpose talk to their maker; others run anybody's programs, and their maker says nothing. */
function addMaker(
  endpoint: NamelessEndpoint,
  device: LikelyDevice,
  maker: MakerProfile,
  rules: Rules,
  add: Add,
  candidates: Map<string, Candidate>,
): void {
  const share = makerShare(device, maker)
  if (share === null) return
  add(maker.company, share.weight, share.reason)
  const candidate = candidates.get(maker.company) as Candidate
  if (endpoint.company === null) candidate.factor *= device.kind === 'unknown' ? AGAINST.nobodys : 1
  else addCloud(endpoint.company, maker, rules, add, candidate)
  if (endpoint.service !== null && maker.ports.has(endpoint.service))
    add(maker.company, WEIGHTS.ownPort, ownPortReason(endpoint.service, maker.name))
  else if (endpoint.service !== null && portUse(endpoint.service) !== null)
    add(maker.company, WEIGHTS.usedPort, portReason(endpoint.service))
  // Nobody's phone or camera stands in a data centre.
  if (endpoint.company === null && looksLikePeer(endpoint.service)) candidate.factor *= AGAINST.peer
  if (endpoint.received > DOWNLOAD_BYTES && endpoint.received > DOWNLOAD_RATIO * endpoint.sent)
    candidate.factor *= AGAINST.download
  if (device.addresses > FEW_ADDRESSES) candidate.factor *= AGAINST.manyAddresses
}

function makerShare({ kind }: LikelyDevice, maker: MakerProfile): { weight: number; reason: LikelyReason } | null {
  if (kind !== null && kind !== 'unknown') {
    const weight = MAKER_SHARE[kind]
    return weight === undefined ? null : { weight, reason: { reason: 'single-purpose', kind, maker: maker.name } }
  }
  if (maker.singlePurpose < MOSTLY_SINGLE_PURPOSE) return null
  return { weight: maker.makerShare, reason: { reason: 'maker', maker: maker.name } }
}

/** The maker's devices are known to talk to the network, or it is of the same owner, or it speaks against the maker. */
function addCloud(slug: string, maker: MakerProfile, rules: Rules, add: Add, candidate: Candidate): void {
  const cloud = rules.companies.describe(slug)?.name ?? slug
  if (rules.companies.parentOf(slug) === rules.companies.parentOf(maker.company))
    add(maker.company, WEIGHTS.ownCloud, { reason: 'own-cloud', cloud })
  else if (maker.clouds.has(slug))
    add(maker.company, WEIGHTS.usedCloud, { reason: 'used-cloud', maker: maker.name, cloud })
  else candidate.factor *= AGAINST.otherCloud
}

function ownPortReason(service: string, owner: string): LikelyReason {
  return { reason: 'own-port', port: service.split('/')[1] ?? service, owner }
}

function portReason(service: string): LikelyReason {
  return { reason: 'port', port: service.split('/')[1] ?? service, use: portUse(service)?.use ?? service }
}

function best(
  candidates: readonly Candidate[],
  endpoint: NamelessEndpoint,
  device: LikelyDevice,
  rules: Rules,
): Likely | null {
  const judged = candidates
    .map((candidate) => ({ candidate, confidence: confidenceOf(candidate) }))
    .sort((one, other) => other.confidence - one.confidence)
  const [first] = judged
  if (first === undefined || first.confidence < LEAST_CONFIDENCE) return null
  const { company, reasons } = first.candidate
  const isUpload = endpoint.sent > UPLOAD_BYTES && endpoint.sent > UPLOAD_RATIO * endpoint.received
  const isCamera = device.kind === 'camera' || device.kind === 'doorbell'
  const why = reasons.toSorted((one, other) => other.weight - one.weight).map(({ reason }) => likelySentence(reason))
  if (isUpload && isCamera) why.push(likelySentence({ reason: 'upload' }))
  return {
    company,
    purpose:
      portUse(endpoint.service)?.purpose ??
      (isUpload && isCamera ? 'video' : (rules.companies.onlyPurposeOf(company) ?? 'unknown')),
    confidence: Math.round(Math.min(first.confidence, MOST_CONFIDENCE) * 100) / 100,
    why,
  }
}

function confidenceOf({ reasons, factor }: Candidate): number {
  return factor * (1 - reasons.reduce((rest, { weight }) => rest * (1 - weight), 1))
}
