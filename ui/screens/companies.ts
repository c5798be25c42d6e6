// The rows of the list of companies, and its first sentence.
import type { CompanyRow, Overview } from '../../server/api.ts'
import { companyName } from '../state/names.ts'
import { ownersOf, type OwnerRow } from '../state/owners.ts'
import { companies as words } from '../text/en-companies.ts'
import { t } from '../text/text.ts'

/** Rows for a purpose, or all of them; who gets most first. */
export function companyRows(overview: Overview, purpose: string | null): CompanyRow[] {
  const rows = purpose === null ? overview.companies : ofPurpose(overview, purpose)
  return mostFirst(rows)
}

/** The same by owner; who gets most first, and so are an owner's brands. */
export function ownerRows(overview: Overview, purpose: string | null): OwnerRow[] {
  const rows = ownersOf(companyRows(overview, purpose)).rows
  return mostFirst(
    rows.map((row) => (row.brands.length === 1 ? row : { ...row, devices: devicesOf(overview, row, purpose) })),
  )
}

function mostFirst<Row extends CompanyRow>(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => b.sent - a.sent || b.received - a.received || (b.lookups ?? 0) - (a.lookups ?? 0))
}

/** How many devices met any of an owner's brands. */
function devicesOf(overview: Overview, { brands }: OwnerRow, purpose: string | null): number {
  const { companies, purposes, cells, lookupCells = [] } = overview
  const slugs = new Set(brands.map(({ slug }) => slug))
  const met = [...cells, ...lookupCells].filter(
    ([, company, use]) =>
      slugs.has(companies[company]?.slug ?? null) && (purpose === null || purposes[use] === purpose),
  )
  return new Set(met.map(([device]) => device)).size
}

interface PurposeSum {
  sent: number
  received: number
  lookups: number
  blocked: number
  devices: Set<number>
}

/** The companies with only what went to them for one purpose: their cells, so that it adds up. */
function ofPurpose(overview: Overview, purpose: string): CompanyRow[] {
  const wanted = overview.purposes.indexOf(purpose)
  const sums = new Map<number, PurposeSum>()
  const add = (device: number, company: number, [sent, received, lookups, blocked]: number[]): void => {
    const sum = sums.get(company) ?? { sent: 0, received: 0, lookups: 0, blocked: 0, devices: new Set<number>() }
    sums.set(company, {
      sent: sum.sent + (sent ?? 0),
      received: sum.received + (received ?? 0),
      lookups: sum.lookups + (lookups ?? 0),
      blocked: sum.blocked + (blocked ?? 0),
      devices: sum.devices.add(device),
    })
  }
  for (const [device, company, place, sent, received] of overview.cells)
    if (place === wanted) add(device, company, [sent, received])
  for (const [device, company, place, lookups, blocked] of overview.lookupCells ?? [])
    if (place === wanted) add(device, company, [0, 0, lookups, blocked ?? 0])
  return [...sums].flatMap(([place, sum]) => {
    const found = overview.companies[place]
    if (found === undefined) return []
    // What is likely or answered is not told apart by purpose.
    const { likely: _, blocked: _blocked, answered: _answered, ...company } = found
    return [
      {
        ...company,
        sent: sum.sent,
        received: sum.received,
        lookups: sum.lookups,
        ...(sum.blocked > 0 ? { blocked: sum.blocked } : {}),
        devices: sum.devices.size,
        purposes: [purpose],
      },
    ]
  })
}

/** "Names of 9 companies were looked up today: 412 look-ups." */
export function lookupsStory(rows: readonly CompanyRow[], when: string): string {
  const total = rows.reduce((sum, row) => sum + (row.lookups ?? 0), 0)
  const blocked = rows.reduce((sum, row) => sum + (row.blocked ?? 0), 0)
  return total === 0
    ? t.lookups.quiet
    : t.lookups.companies(
        rows.filter((row) => row.slug !== null && !row.slug.startsWith('*')).length,
        total,
        when,
        blocked,
      )
}

/** "9 companies got 412 MB since midnight. Ring got most: 300 MB, 73 % of it." Unknown is not counted as a company. */
export function companiesStory(rows: readonly CompanyRow[], when: string): string {
  const total = rows.reduce((sum, row) => sum + row.sent, 0)
  const top = rows[0]
  if (top === undefined || total === 0) return words.none
  const real = rows.filter((row) => row.slug !== null && !row.slug.startsWith('*') && row.sent > 0).length
  return `${words.story(real, total, when)} ${words.top(companyName(top), top.sent, total)}`
}
