// The view that queries read: one session's history and devices, with the owner's merges applied.
import type { Company, CompanySlug, Device } from '../api.ts'
import type { History, Range, StoredEndpoint } from '../history/history.ts'
import type { LocalTime } from '../model/local-time.ts'
import type { Rules } from '../rulebook/open.ts'

/** Endpoint id of everything within the home. */
export const AT_HOME_ID = 0
/** Descriptors remembered; a home has hundreds. */
const MAX_ENDPOINTS = 20_000

export interface TrafficView {
  history: History
  rules: Rules
  localTime: LocalTime
  /** The history's clock. */
  now(): number
  /** Merged devices stand under the one they were merged into. */
  devices(): Device[]
  /** The device that an id of the history counts for. */
  rootOf(id: string): string
  /** All ids of the history that count for a device. */
  membersOf(id: string): string[]
  endpointCache: Map<number, StoredEndpoint>
  /** Until when all is being learned and nothing is called new; null where that is over. */
  learningUntil(): number | null
}

/** What one device moved to one endpoint in a range; `endpoint` is null for everything within the home. */
export interface Movement {
  device: string
  endpoint: StoredEndpoint | null
  sent: number
  received: number
  /** How often the endpoint's host was looked up, by a resolver's log. */
  lookups: number
  /** How many of them were blocked, and how many answered. */
  blocked: number
  answered: number
  first: number
  last: number
}

const NOBODY: Omit<StoredEndpoint, 'id'> = {
  host: null,
  addresses: [],
  company: null,
  purpose: 'unknown',
  country: null,
  network: null,
  labels: [],
  namedBy: 'none',
  ech: false,
}

/** Everything that moved or was looked up in the range, of one device or all, under the devices' roots. */
export async function movements(view: TrafficView, range: Range, device?: string): Promise<Movement[]> {
  const query = { from: range.from, to: range.to, ...(device === undefined ? {} : { devices: view.membersOf(device) }) }
  const [sums, lookups] = await Promise.all([view.history.sums(query), view.history.lookups(query)])
  await learnEndpoints(
    view,
    [...sums, ...lookups].map(({ endpoint }) => endpoint),
  )
  const endpointOf = (id: number): StoredEndpoint | null =>
    id === AT_HOME_ID ? null : (view.endpointCache.get(id) ?? { ...NOBODY, id })
  const moved = sums.map(({ device: id, endpoint, ...rest }) => ({
    device: view.rootOf(id),
    endpoint: endpointOf(endpoint),
    ...rest,
    lookups: 0,
    blocked: 0,
    answered: 0,
  }))
  return addLookups(
    moved,
    lookups.map(({ device: id, endpoint, count, blocked, answered, first, last }) => ({
      device: view.rootOf(id),
      endpoint: endpointOf(endpoint),
      sent: 0,
      received: 0,
      lookups: count,
      blocked,
      answered,
      first,
      last,
    })),
  )
}

/** A name that was looked up and then talked to is one line: that of its bytes. */
function addLookups(moved: Movement[], lookups: Movement[]): Movement[] {
  if (lookups.length === 0) return moved
  const keyOf = ({ device, endpoint }: Movement): string => `${device}\n${endpoint?.host ?? ''}`
  const byHost = new Map<string, Movement>()
  for (const movement of moved)
    if (hasHost(movement) && !byHost.has(keyOf(movement))) byHost.set(keyOf(movement), movement)
  const alone: Movement[] = []
  for (const lookup of lookups) {
    const known = hasHost(lookup) ? byHost.get(keyOf(lookup)) : undefined
    if (known === undefined) {
      alone.push(lookup)
      continue
    }
    known.lookups += lookup.lookups
    known.blocked += lookup.blocked
    known.answered += lookup.answered
    known.first = Math.min(known.first, lookup.first)
    known.last = Math.max(known.last, lookup.last)
  }
  return [...moved, ...alone]
}

function hasHost({ endpoint }: Movement): boolean {
  return endpoint !== null && endpoint.host !== null
}

async function learnEndpoints(view: TrafficView, ids: number[]): Promise<void> {
  const cache = view.endpointCache
  if (cache.size > MAX_ENDPOINTS) cache.clear()
  const missing = [...new Set(ids)].filter((id) => id !== AT_HOME_ID && !cache.has(id))
  if (missing.length === 0) return
  for (const endpoint of await view.history.endpoints(missing)) cache.set(endpoint.id, endpoint)
}

export function describeCompany(view: TrafficView, slug: CompanySlug): Company {
  const known = slug === null ? null : view.rules.companies.describe(slug)
  return { slug, name: known?.name ?? '', cloud: known?.cloud ?? false }
}

/** The company at the top of its owners; null where it stands alone. */
export function ownerOf(view: TrafficView, slug: CompanySlug): { slug: string; name: string } | null {
  const top = slug === null ? null : view.rules.companies.parentOf(slug)
  return top === null || top === slug ? null : { slug: top, name: view.rules.companies.describe(top)?.name ?? top }
}

/** The companies that an owner's sums are about: itself and its brands. Of unknown only itself. */
export function brandsOf(view: TrafficView, slug: CompanySlug): CompanySlug[] {
  if (slug === null) return [null]
  const { brands, rented } = view.rules.companies.familyOf(slug)
  return brands.length > 0 ? brands : rented
}
