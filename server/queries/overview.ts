// One answer for everything that a page filters by its range: devices, companies, purposes, and how they add up.
import type { Cell, CompanyRow, CompanySlug, Device, DeviceRow, LookedUp, Overview, Traffic } from '../api.ts'
import type { Range } from '../history/history.ts'
import { brandsOf, type TrafficView, type Movement, movements } from './traffic-view.ts'
import { addLookups, attributedOf, bySent, companyRows, coverageOf } from './sums.ts'
import { type LikelyCompanies, likelyCompanies, NOBODY_LIKELY } from './likely.ts'
import { likelyTops } from './likely-rows.ts'
import { mostImportant } from './most-important.ts'

const SPARKLINE_PARTS = 30
/** Look-ups decide only where no byte does, and blocked ones only where no other does: they reached nobody. */
const LEAST = 1e-9
const LEAST_BLOCKED = 1e-15
/** The address of unknown: `company` is "-" in queries. */
export const UNKNOWN_COMPANY_QUERY = '-'

type LookupCell = NonNullable<Overview['lookupCells']>[number]

export interface OverviewQuery extends Range {
  device?: string
  company?: string
  owner?: string
}

export async function overview(view: TrafficView, query: OverviewQuery): Promise<Overview> {
  const [everything, sparklines] = await Promise.all([movements(view, query, query.device), sparklinesOf(view, query)])
  const wanted = companiesAskedFor(view, query)
  const moved = wanted === null ? everything : ofCompanies(everything, wanted)
  const likely = await likelyCompanies(view, everything)
  const companies = companyRows(view, moved, likely).filter(({ slug }) => wanted === null || wanted.includes(slug))
  const all = deviceRows(view, moved, sparklines, query.device, likely)
  const { rows: devices, more } = mostImportant(all)
  const purposes = [...new Set(moved.flatMap(({ endpoint }) => (endpoint === null ? [] : [endpoint.purpose])))].sort()
  const total: Traffic & LookedUp & { sentLocal: number; receivedLocal: number } = {
    sent: 0,
    received: 0,
    sentLocal: 0,
    receivedLocal: 0,
  }
  for (const device of all) {
    total.sent += device.sent
    total.received += device.received
    total.sentLocal += device.sentLocal
    total.receivedLocal += device.receivedLocal
    addLookups(total, device)
  }
  const { cells, lookupCells } = cellsOf(moved, devices, companies, purposes)
  return {
    from: query.from,
    to: query.to,
    ...total,
    devices,
    ...(more === null ? {} : { moreDevices: more }),
    companies,
    purposes,
    cells,
    ...(lookupCells.length > 0 ? { lookupCells } : {}),
    coverage: coverageOf(moved),
    attributed: attributedOf(view, moved, likely),
  }
}

/** The companies that a query names, by `company` or by `owner`; null for all. */
export function companiesAskedFor(
  view: TrafficView,
  { company, owner }: { company?: string; owner?: string },
): CompanySlug[] | null {
  if (company !== undefined) return [slugOf(company)]
  return owner === undefined ? null : brandsOf(view, slugOf(owner))
}

export function ofCompanies(moved: Movement[], companies: readonly CompanySlug[]): Movement[] {
  const wanted = new Set(companies)
  return moved.filter(({ endpoint }) => endpoint !== null && wanted.has(endpoint.company))
}

export function slugOf(query: string): string | null {
  return query === UNKNOWN_COMPANY_QUERY ? null : query
}

/** Per root device. */
export async function sparklinesOf(view: TrafficView, { from, to }: Range): Promise<Map<string, number[]>> {
  const byRoot = new Map<string, number[]>()
  for (const [id, values] of await view.history.sparklines({ from, to, parts: SPARKLINE_PARTS })) {
    const root = view.rootOf(id)
    const known = byRoot.get(root)
    byRoot.set(root, known === undefined ? values : known.map((value, index) => value + (values[index] ?? 0)))
  }
  return byRoot
}

/** Every device, with or without traffic in the range; the one that sent most first. */
export function deviceRows(
  view: TrafficView,
  moved: Movement[],
  sparklines: Map<string, number[]>,
  only?: string,
  likely: LikelyCompanies = NOBODY_LIKELY,
): DeviceRow[] {
  const rows = new Map<string, DeviceRow>()
  for (const device of view.devices()) {
    if (only === undefined || device.id === only) rows.set(device.id, emptyRow(device, sparklines.get(device.id)))
  }
  const sentTo = new Map<string, Map<string | null, number>>()
  for (const movement of moved) {
    const { device, endpoint, sent, received } = movement
    const row = rows.get(device) ?? addUnknown(rows, device, sparklines)
    if (endpoint === null) {
      row.sentLocal += sent
      row.receivedLocal += received
      continue
    }
    row.sent += sent
    row.received += received
    addLookups(row, movement)
    const companies = sentTo.get(device) ?? new Map<string | null, number>()
    sentTo.set(device, companies)
    companies.set(endpoint.company, (companies.get(endpoint.company) ?? 0) + sent + weightOf(movement))
  }
  for (const [id, companies] of sentTo)
    (rows.get(id) as DeviceRow).topCompany = [...companies].sort(([, one], [, other]) => other - one)[0]?.[0] ?? null
  for (const [id, top] of likelyTops(view, moved, likely)) (rows.get(id) as DeviceRow).likelyTop = top
  return [...rows.values()].sort(bySent((row) => row.id))
}

function weightOf({ lookups, blocked }: Movement): number {
  return (lookups - blocked) * LEAST + blocked * LEAST_BLOCKED
}

function emptyRow(device: Device, sparkline: number[] = new Array<number>(SPARKLINE_PARTS).fill(0)): DeviceRow {
  return { ...device, sent: 0, received: 0, sentLocal: 0, receivedLocal: 0, topCompany: null, sparkline }
}

/** The history has a device that was never described: it is shown by its id, so that all adds up. */
function addUnknown(rows: Map<string, DeviceRow>, id: string, sparklines: Map<string, number[]>): DeviceRow {
  const row = emptyRow(
    {
      id,
      index: -1,
      name: null,
      namedByOwner: false,
      kind: 'unknown',
      kindByOwner: false,
      vendor: null,
      why: [],
      confidence: 0,
      mac: null,
      privateMac: false,
      addresses: [],
      level: 'everything',
      merged: [],
      firstSeen: 0,
      lastSeen: 0,
      isNew: false,
    },
    sparklines.get(id),
  )
  rows.set(id, row)
  return row
}

function cellsOf(
  moved: Movement[],
  devices: DeviceRow[],
  companies: CompanyRow[],
  purposes: string[],
): { cells: Cell[]; lookupCells: LookupCell[] } {
  const deviceAt = new Map(devices.map(({ id }, index) => [id, index]))
  const companyAt = new Map(companies.map(({ slug }, index) => [slug, index]))
  const purposeAt = new Map(purposes.map((purpose, index) => [purpose, index]))
  const cells = new Map<string, Cell>()
  const lookupCells = new Map<string, LookupCell>()
  for (const { device, endpoint, sent, received, lookups, blocked } of moved) {
    if (endpoint === null) continue
    const place = [
      deviceAt.get(device) ?? devices.length,
      companyAt.get(endpoint.company),
      purposeAt.get(endpoint.purpose),
    ] as [number, number, number]
    const key = place.join(' ')
    if (lookups > 0) {
      const [, , , before = 0, blockedBefore = 0] = lookupCells.get(key) ?? []
      lookupCells.set(key, lookupCell(place, before + lookups, blockedBefore + blocked))
    }
    if (sent === 0 && received === 0) continue
    const known = cells.get(key)
    if (known === undefined) cells.set(key, [...place, sent, received])
    else {
      known[3] += sent
      known[4] += received
    }
  }
  return { cells: [...cells.values()], lookupCells: [...lookupCells.values()] }
}

function lookupCell(place: [number, number, number], lookups: number, blocked: number): LookupCell {
  return blocked > 0 ? [...place, lookups, blocked] : [...place, lookups]
}
