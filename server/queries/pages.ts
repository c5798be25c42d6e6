// The pages of one device and of one company.
import type { CompanyPage, DevicePage, DeviceRow } from '../api.ts'
import type { Range } from '../history/history.ts'
import { type TrafficView, describeCompany, movements } from './traffic-view.ts'
import { deviceRows, slugOf, sparklinesOf } from './overview.ts'
import { attributedOf, companyRows, coverageOf, endpointRows } from './sums.ts'
import { likelyCompanies } from './likely.ts'
import { mostImportant } from './most-important.ts'

/** Hosts on the page of a company: the most used ones. */
const MAX_HOSTS = 1_000
/** An endpoint that a device used for the first time in the last day is called new, once all has been learned. */
const NEW_FOR_SECONDS = 86_400

/** Null where there is no such device. */
export async function devicePage(view: TrafficView, id: string, range: Range): Promise<DevicePage | null> {
  const [moved, sparklines, isNew] = await Promise.all([
    movements(view, range, id),
    sparklinesOf(view, range),
    newness(view, id),
  ])
  const likely = await likelyCompanies(view, moved)
  const device = deviceRows(view, moved, sparklines, id, likely).find((row) => row.id === id)
  if (device === undefined) return null
  return {
    device,
    endpoints: endpointRows(view, moved, isNew, likely).map(({ device: _, ...row }) => row),
    companies: companyRows(view, moved, likely),
    coverage: coverageOf(moved),
    attributed: attributedOf(view, moved, likely),
  }
}

/** Which endpoints of a device are new to it. */
async function newness(view: TrafficView, id: string): Promise<(endpoint: number) => boolean> {
  const before = view.now() - NEW_FOR_SECONDS
  const device = view.devices().find((candidate) => candidate.id === id)
  if (view.learningUntil() !== null || device === undefined || device.firstSeen > before) return () => false
  const known = new Set(await view.history.endpointsBefore(view.membersOf(id), before))
  return (endpoint) => !known.has(endpoint)
}

/** Null where the company is in no rule and moved nothing. */
export async function companyPage(view: TrafficView, query: string, range: Range): Promise<CompanyPage | null> {
  const slug = slugOf(query)
  const [all, sparklines] = await Promise.all([movements(view, range), sparklinesOf(view, range)])
  const likely = await likelyCompanies(view, all)
  const moved = all.filter(({ endpoint }) => endpoint !== null && endpoint.company === slug)
  const likelyMoved = slug === null ? [] : all.filter((movement) => likely.of(movement)?.company === slug)
  const rule = slug === null ? null : view.rules.companies.describe(slug)
  if (moved.length + likelyMoved.length === 0 && rule === null && slug !== null && !slug.startsWith('*')) return null
  const company = companyRows(view, [...moved, ...likelyMoved], likely).find((row) => row.slug === slug) ?? {
    ...describeCompany(view, slug),
    sent: 0,
    received: 0,
    devices: 0,
    purposes: [],
    first: null,
    last: null,
  }
  const movers = new Set([...moved, ...likelyMoved].map(({ device }) => device))
  const { rows: devices, more } = mostImportant(
    deviceRows(view, moved, sparklines).filter((row: DeviceRow) => movers.has(row.id)),
  )
  const hosts = endpointRows(view, [...moved, ...likelyMoved], () => false, likely, true)
  return {
    company,
    home: rule?.home ?? null,
    about: rule?.about ?? null,
    devices,
    ...(more === null ? {} : { moreDevices: more }),
    hosts: hosts.slice(0, MAX_HOSTS),
    ...(hosts.length > MAX_HOSTS ? { moreHosts: hosts.length - MAX_HOSTS } : {}),
  }
}
