// The pages of one device and of one company.
import type { CompanyPage, CompanySlug, CompanyTraffic, DevicePage, DeviceRow } from '../api.ts'
import type { Range } from '../history/history.ts'
import { type Movement, type TrafficView, movements } from './traffic-view.ts'
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

/** Null where the company is in no rule and moved nothing. */
export async function companyPage(view: TrafficView, query: string, range: Range): Promise<CompanyPage | null> {
  const slug = slugOf(query)
  const [all, sparklines] = await Promise.all([movements(view, range), sparklinesOf(view, range)])
  const rule = slug === null ? null : view.rules.companies.describe(slug)
  const own = companyTraffic(view, slug, ofCompanies(all, [slug]), sparklines)
  if (own.company.first === null && rule === null && slug !== null && !slug.startsWith('*')) return null
  return {
    ...own,
    home: rule?.home ?? null,
    about: rule?.about ?? null,
    ...(slug === null ? {} : familyOf(view, slug, all, sparklines)),
  }
}

/** The company's sums, devices and hosts, of movements that are its own or its brands'. */
function companyTraffic(
  view: TrafficView,
  slug: CompanySlug,
  moved: Movement[],
  sparklines: Map<string, number[]>,
): CompanyTraffic {
  const movers = new Set(moved.map(({ device }) => device))
  const { rows: devices, more } = mostImportant(
    deviceRows(view, moved, sparklines).filter((row: DeviceRow) => movers.has(row.id)),
  )
  const hosts = endpointRows(view, moved, () => false, true)
  return {
    company: companyRow(view, slug, moved),
    devices,
    ...(more === null ? {} : { moreDevices: more }),
    hosts: hosts.slice(0, MAX_HOSTS),
    ...(hosts.length > MAX_HOSTS ? { moreHosts: hosts.length - MAX_HOSTS } : {}),
  }
}

/** What an owner and its brands add up to, and what it rents out; nothing of a company that owns none. */
function familyOf(
  view: TrafficView,
  slug: string,
  all: Movement[],
  sparklines: Map<string, number[]>,
): Pick<CompanyPage, 'family'> {
  const { brands, rented } = view.rules.companies.familyOf(slug)
  if (brands.length + rented.length === 1) return {}
  const moved = ofCompanies(all, brands)
  return {
    family: {
      ...companyTraffic(view, slug, moved, sparklines),
      brands: companyRows(view, moved),
      rented: companyRows(view, ofCompanies(all, rented)),
    },
  }
}
