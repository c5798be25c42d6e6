// The pages of one device and of one company.
import type { CompanyPage, CompanySlug, CompanyTraffic, DevicePage, DeviceRow } from '../api.ts'
import type { Range } from '../history/history.ts'
import { type Movement, type TrafficView, movements } from './traffic-view.ts'
import { deviceRows, ofCompanies, slugOf, sparklinesOf } from './overview.ts'
import { attributedOf, companyRow, companyRows, coverageOf, endpointRows } from './sums.ts'
import { likelyCompanies, type LikelyCompanies } from './likely.ts'
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
  const home: HomeTraffic = { all, sparklines, likely: await likelyCompanies(view, all) }
  const rule = slug === null ? null : view.rules.companies.describe(slug)
  const { isMet, ...own } = companyTraffic(view, slug, [slug], home)
  if (!isMet && rule === null && slug !== null && !slug.startsWith('*')) return null
  return {
    ...own,
    home: rule?.home ?? null,
    about: rule?.about ?? null,
    ...(slug === null ? {} : familyOf(view, slug, home)),
  }
}

/** What all devices moved, and who is likely behind it. */
interface HomeTraffic {
  all: Movement[]
  sparklines: Map<string, number[]>
  likely: LikelyCompanies
}

/** The sums, devices and hosts of a company with its members, and whether there are any. */
function companyTraffic(
  view: TrafficView,
  slug: CompanySlug,
  members: readonly CompanySlug[],
  { all, sparklines, likely }: HomeTraffic,
): CompanyTraffic & { isMet: boolean } {
  const moved = ofCompanies(all, members)
  const likelyMoved = likelyOf(all, members, likely)
  const movers = new Set([...moved, ...likelyMoved].map(({ device }) => device))
  const { rows: devices, more } = mostImportant(
    deviceRows(view, moved, sparklines).filter((row: DeviceRow) => movers.has(row.id)),
  )
  const hosts = endpointRows(view, [...moved, ...likelyMoved], () => false, likely, true)
  return {
    isMet: movers.size > 0,
    company: companyRow(view, slug, moved, likelyMoved),
    devices,
    ...(more === null ? {} : { moreDevices: more }),
    hosts: hosts.slice(0, MAX_HOSTS),
    ...(hosts.length > MAX_HOSTS ? { moreHosts: hosts.length - MAX_HOSTS } : {}),
  }
}

/** What likely went to one of the companies, counted under a cloud or nobody. */
function likelyOf(all: Movement[], members: readonly CompanySlug[], likely: LikelyCompanies): Movement[] {
  return all.filter((movement) => {
    const likelyTo = likely.of(movement)?.company ?? null
    const seen = movement.endpoint?.company ?? null
    return likelyTo !== null && members.includes(likelyTo) && !members.includes(seen)
  })
}

/** What an owner and its brands add up to, and what it rents out; nothing of a company that owns none. */
function familyOf(view: TrafficView, slug: string, home: HomeTraffic): Pick<CompanyPage, 'family'> {
  const { brands, rented } = view.rules.companies.familyOf(slug)
  if (brands.length + rented.length === 1) return {}
  const { isMet, ...whole } = companyTraffic(view, slug, brands, home)
  const moved = [...ofCompanies(home.all, brands), ...likelyOf(home.all, brands, home.likely)]
  return {
    family: {
      ...whole,
      brands: companyRows(view, moved, home.likely).filter((row) => row.slug !== null && brands.includes(row.slug)),
      rented: companyRows(view, ofCompanies(home.all, rented)),
    },
  }
}
