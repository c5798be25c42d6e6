// The pages of one device and of one company.
import type { CompanyPage, CompanySlug, DevicePage, DeviceRow } from '../api.ts'
import type { Range } from '../history/history.ts'
import { brandsOf, type Movement, type TrafficView, movements } from './traffic-view.ts'
import { deviceRows, ofCompanies, slugOf, sparklinesOf } from './overview.ts'
import { attributedOf, companyRow, companyRows, coverageOf, endpointRows } from './sums.ts'
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
  const device = deviceRows(view, moved, sparklines, id).find((row) => row.id === id)
  if (device === undefined) return null
  return {
    device,
    endpoints: endpointRows(view, moved, isNew).map(({ device: _, ...row }) => row),
    companies: companyRows(view, moved),
    coverage: coverageOf(moved),
    attributed: attributedOf(view, moved),
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

/** What is part of an owner, and what it rents out. */
function familyRows(
  view: TrafficView,
  slug: CompanySlug,
  members: readonly CompanySlug[],
  all: Movement[],
): Pick<CompanyPage, 'brands' | 'rented'> {
  const rented = slug === null ? [] : view.rules.companies.familyOf(slug).rented.filter((cloud) => cloud !== slug)
  return {
    ...(members.length > 1 ? { brands: companyRows(view, ofCompanies(all, members)) } : {}),
    ...(rented.length > 0 ? { rented: companyRows(view, ofCompanies(all, rented)) } : {}),
  }
}

/** Null where the company is in no rule and moved nothing. */
export async function companyPage(view: TrafficView, query: string, range: Range): Promise<CompanyPage | null> {
  const slug = slugOf(query)
  const [all, sparklines] = await Promise.all([movements(view, range), sparklinesOf(view, range)])
  const members = brandsOf(view, slug)
  const moved = ofCompanies(all, members)
  const rule = slug === null ? null : view.rules.companies.describe(slug)
  if (moved.length === 0 && rule === null && slug !== null && !slug.startsWith('*')) return null
  const movers = new Set(moved.map(({ device }) => device))
  const { rows: devices, more } = mostImportant(
    deviceRows(view, moved, sparklines).filter((row: DeviceRow) => movers.has(row.id)),
  )
  const hosts = endpointRows(view, moved, () => false, true)
  return {
    company: companyRow(view, slug, moved),
    ...familyRows(view, slug, members, all),
    home: rule?.home ?? null,
    about: rule?.about ?? null,
    devices,
    ...(more === null ? {} : { moreDevices: more }),
    hosts: hosts.slice(0, MAX_HOSTS),
    ...(hosts.length > MAX_HOSTS ? { moreHosts: hosts.length - MAX_HOSTS } : {}),
  }
}
