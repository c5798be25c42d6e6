// The search for devices, companies and hosts that contain a text.
import type { SearchHit } from '../api.ts'
import { type TrafficView, movements } from './traffic-view.ts'
import { companyRows } from './sums.ts'

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
  const companies = first === null ? [] : companyRows(view, await movements(view, { from: first, to: view.now() + 1 }))
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
      .map(({ slug, name, purposes }): SearchHit => ({
        kind: 'company',
        id: slug ?? '-',
        title: name,
        detail: purposes.join(', '),
      })),
    ...hosts.map(({ device, host }): SearchHit => ({
      kind: 'host',
      id: view.rootOf(device),
      title: host,
      detail: nameOf(view, view.rootOf(device)),
    })),
  ].slice(0, MAX_HITS)
}

function nameOf(view: TrafficView, id: string): string {
  return view.devices().find((device) => device.id === id)?.name ?? id
}
