// What is known of a maker's devices as a whole: whether they serve one purpose, and whose computers the maker rents.
import type { Maker } from '../identity/knowledge.ts'
import type { Rules } from '../rulebook/open.ts'
import type { Kind } from '../rules/types.ts'

export interface MakerProfile {
  name: string
  /** The maker's company in rules/companies. */
  company: string
  /** Clouds and delivery networks that its devices are known to talk to. */
  clouds: ReadonlySet<string>
  /** How likely what one of its devices of unknown kind sends goes to it: the mean over what it makes, 0 to 1. */
  makerShare: number
  /** Ports of servers on the internet that its products are told by, `tcp/9543`. */
  ports: ReadonlySet<string>
  /** Share of its products that serve one purpose, 0 to 1. */
  singlePurpose: number
}

/**
 * How likely what a device of this kind sends goes to its maker, where nothing else is known, 0 to 1. Kinds that are
 * not here run programs of anybody: phones, computers, televisions and what is plugged into them, consoles, storage,
 * routers.
 */
export const MAKER_SHARE: Readonly<Partial<Record<Kind, number>>> = {
  plug: 0.9,
  bulb: 0.9,
  switch: 0.9,
  lock: 0.9,
  thermostat: 0.9,
  doorbell: 0.9,
  vacuum: 0.9,
  camera: 0.85,
  sensor: 0.85,
  appliance: 0.85,
  hub: 0.8,
  health: 0.8,
  vehicle: 0.8,
  reader: 0.8,
  speaker: 0.75,
  toy: 0.75,
  printer: 0.75,
  display: 0.7,
}

const profilesByRules = new WeakMap<Rules, Map<string, MakerProfile | null>>()

/** By the maker's name as devices carry it (`vendor`); null for who is in no rule or has no company. */
export function makerProfile(vendor: string, rules: Rules): MakerProfile | null {
  let profiles = profilesByRules.get(rules)
  if (profiles === undefined) profilesByRules.set(rules, (profiles = new Map()))
  const known = profiles.get(vendor)
  if (known !== undefined) return known
  // There are as many as there are makers in the rules; a device's own text is never a vendor.
  const maker = rules.devices.makers.find(
    ({ name, generic, company }) => name === vendor && !generic && company !== null,
  )
  const profile = maker === undefined ? null : readProfile(maker, rules)
  if (profile !== null) profiles.set(vendor, profile)
  return profile
}

function readProfile({ name, products: made, ...maker }: Maker, { devices, companies }: Rules): MakerProfile | null {
  if (maker.company === null) return null
  const lines = devices.lines.filter((line) => line.maker.slug === maker.slug)
  const products = made.length > 0 ? made : lines.map(({ kind }) => ({ kind, share: 1 / lines.length }))
  const single = products.filter(({ kind }) => MAKER_SHARE[kind] !== undefined)
  return {
    name,
    company: maker.company,
    clouds: new Set(lines.flatMap(({ expects }) => expects).filter((slug) => companies.describe(slug)?.cloud === true)),
    ports: new Set(lines.flatMap(({ match }) => match.exact.port).flatMap(internetPort)),
    makerShare: single.reduce((sum, { kind, share }) => sum + share * (MAKER_SHARE[kind] ?? 0), 0),
    singlePurpose: single.reduce((sum, { share }) => sum + share, 0),
  }
}

/** `tcp/9543` of `internet tcp 9543`; nothing of a port that the device itself serves, or uses at home. */
function internetPort(written: string): string[] {
  const [side, protocol, port] = written.split(' ')
  return side === 'internet' ? [`${protocol}/${port}`] : []
}
