// The search for devices, companies and hosts that contain a text.
import type { LookedUp, SearchHit } from '../api.ts'
import { lookups, ofThemBlocked } from '../text/en/lookups.ts'
import { addLookups, companyRows } from './sums.ts'
import { type Movement, type TrafficView, movements } from './traffic-view.ts'

const MAX_HITS = 50

export async function search(view: TrafficView, text: string): Promise<SearchHit[]> {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return []
  const contains = (...texts: (string | null)[]): boolean =>
    texts.some((candidate) => candidate?.toLowerCase().includes(wanted) === true)
  const devices = view
    .devices()
    .filter(({ id, name, vendor, kind, addresses }) => contains(id, name, vendor, kind, ...addresses))
  const { first } = await view.history.facts()
  const moved = first === null ? [] : await movements(view, { from: first, to: view.now() + 1 })
  const companies = companyRows(view, moved)
  const hosts = await view.history.search(wanted, MAX_HITS)
  return [
    ...devices.map(({ id, name, vendor, addresses }): SearchHit => ({
      kind: 'device',
      id,
      title: name ?? id,
      detail: [vendor, ...addresses].filter((word) => word !== null).join(' · '),
    })),
    ...companies
      .filter(({ slug, name }) => contains(slug, name))
      .map((row): SearchHit => ({
        kind: 'company',
        id: row.slug ?? '-',
        title: row.name,
        detail: [row.purposes.join(', '), ...blockedOf(row)].join(' · '),
      })),
    ...hosts.map(({ device, host }): SearchHit => ({
      kind: 'host',
      id: view.rootOf(device),
      title: host,
      detail: [nameOf(view, view.rootOf(device)), ...blockedOf(sumOf(moved, view.rootOf(device), host))].join(' · '),
    })),
  ].slice(0, MAX_HITS)
}

/** Nothing where no look-up was blocked. */
function blockedOf({ lookups: count = 0, blocked = 0 }: LookedUp): string[] {
  return blocked > 0 ? [`${lookups(count)}${ofThemBlocked(count, blocked)}`] : []
}

function sumOf(moved: readonly Movement[], device: string, host: string): LookedUp {
  const sum: LookedUp = {}
  for (const movement of moved)
    if (movement.device === device && movement.endpoint?.host === host) addLookups(sum, movement)
  return sum
}

function nameOf(view: TrafficView, id: string): string {
  return view.devices().find((device) => device.id === id)?.name ?? id
}
