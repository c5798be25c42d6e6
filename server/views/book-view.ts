// What do the views look at? One session's history and devices, with the owner's merges applied.
import type { Company, CompanySlug, Device } from '../api.ts'
import type { History, Range, StoredEndpoint } from '../history/history.ts'
import type { LocalTime } from '../history/local-time.ts'
import type { Rules } from '../rules/open.ts'

/** Endpoint id of everything within the home. */
export const AT_HOME_ID = 0
/** Descriptors remembered; a home has hundreds. */
const MAX_ENDPOINTS = 20_000

export interface BookView {
  history: History
  rules: Rules
  localTime: LocalTime
  /** The books' clock. */
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
  first: number
  last: number
}

const NOBODY: Omit<StoredEndpoint, 'id'> = {
  host: null, addresses: [], company: null, purpose: 'unknown', country: null, network: null, labels: [], namedBy: 'none', ech: false,
}

/** Everything that moved in the range, of one device or all, under the devices' roots. */
export async function movements(view: BookView, range: Range, device?: string): Promise<Movement[]> {
  const members = device === undefined ? {} : { devices: view.membersOf(device) }
  const sums = await view.history.sums({ from: range.from, to: range.to, ...members })
  await learnEndpoints(view, sums.map(({ endpoint }) => endpoint))
  return sums.map(({ device: id, endpoint, ...moved }) => ({
    device: view.rootOf(id),
    endpoint: endpoint === AT_HOME_ID ? null : (view.endpointCache.get(endpoint) ?? { ...NOBODY, id: endpoint }),
    ...moved,
  }))
}

async function learnEndpoints(view: BookView, ids: number[]): Promise<void> {
  const cache = view.endpointCache
  if (cache.size > MAX_ENDPOINTS) cache.clear()
  const missing = [...new Set(ids)].filter((id) => id !== AT_HOME_ID && !cache.has(id))
  if (missing.length === 0) return
  for (const endpoint of await view.history.endpoints(missing)) cache.set(endpoint.id, endpoint)
}

export function describeCompany(view: BookView, slug: CompanySlug): Company {
  const known = slug === null ? null : view.rules.companies.describe(slug)
  return { slug, name: known?.name ?? '', cloud: known?.cloud ?? false }
}
