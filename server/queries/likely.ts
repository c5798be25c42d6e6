// Who is likely behind what moved without a name: worked out at each question, from what is kept, and never stored.
import type { Likely, Traffic } from '../api.ts'
import { type Likely as LikelyFacts, likelyBehind, type LikelyDevice } from '../likely/likely.ts'
import { Neighbours } from '../likely/neighbours.ts'
import type { Kind } from '../rules/types.ts'
import { describeCompany, type Movement, type TrafficView } from './traffic-view.ts'

/** By device and endpoint. */
export interface LikelyCompanies {
  of(movement: Movement): LikelyFacts | null
}

export const NOBODY_LIKELY: LikelyCompanies = { of: () => null }

/** For movements of a range: what a device's level keeps no address of has no likely company either. */
export async function likelyCompanies(view: TrafficView, moved: readonly Movement[]): Promise<LikelyCompanies> {
  const nameless = moved.filter(isNameless)
  if (nameless.length === 0) return NOBODY_LIKELY
  const neighbours = await neighboursOf(view, nameless)
  const devices = likelyDevices(view, moved)
  const known = new Map<string, LikelyFacts | null>()
  return {
    of: (movement) => {
      const { device, endpoint, sent, received } = movement
      const from = devices.get(device)
      if (from === undefined || endpoint === null || !isNameless(movement)) return null
      const key = `${device} ${endpoint.id}`
      const before = known.get(key)
      if (before !== undefined) return before
      const { company, service = null, addresses } = endpoint
      const likely = likelyBehind(
        { address: addresses[0], company, service, sent, received },
        from,
        view.rules,
        neighbours,
      )
      known.set(key, likely)
      return likely
    },
  }
}

/** For the page. */
export function describeLikely(view: TrafficView, { company, ...rest }: LikelyFacts): Likely {
  return { ...rest, company: describeCompany(view, company) }
}

export function addTraffic(sum: Traffic | undefined, { sent, received }: Traffic): Traffic {
  return { sent: (sum?.sent ?? 0) + sent, received: (sum?.received ?? 0) + received }
}

function isNameless({ endpoint }: Movement): boolean {
  return endpoint !== null && endpoint.host === null && endpoint.addresses.length > 0
}

async function neighboursOf(view: TrafficView, nameless: readonly Movement[]): Promise<Neighbours> {
  const addresses = new Set(nameless.map(({ endpoint }) => endpoint?.addresses[0] ?? ''))
  const neighbours = new Neighbours()
  for (const { address, company, host } of await view.history.namedAround([...addresses]))
    if (!company.startsWith('*') && view.rules.companies.describe(company)?.cloud !== true)
      neighbours.add(address, company, host)
  return neighbours
}

function likelyDevices(view: TrafficView, moved: readonly Movement[]): Map<string, LikelyDevice> {
  const addresses = new Map<string, Set<string>>()
  for (const { device, endpoint } of moved) {
    const known = addresses.get(device) ?? new Set<string>()
    addresses.set(device, known)
    for (const address of endpoint?.addresses ?? []) known.add(address)
  }
  return new Map(
    view
      .devices()
      .filter(({ id }) => addresses.has(id))
      .map(({ id, vendor, kind }) => [id, { vendor, kind: kind as Kind, addresses: addresses.get(id)?.size ?? 0 }]),
  )
}
