// The companies of an overview added up under their owners: Ring and Alexa under Amazon.
import type { CompanyRow, CompanySlug, Overview, Traffic } from '../../server/api.ts'

/** All that is part of one owner. A network that is rented out has a row of its own: whom it serves is not known. */
export interface OwnerRow extends CompanyRow {
  /** What it adds up, itself included; a company that stands alone has itself only. */
  brands: CompanyRow[]
}

export interface OwnerOverview extends Overview {
  companies: OwnerRow[]
}

/** True where a row adds up others, or another one than itself. */
export function isOwner({ slug, brands }: OwnerRow): boolean {
  return brands.length > 1 || brands[0]?.slug !== slug
}

/** Owners in the order of their first brand, whose devices they keep, and the owner's place for each row. */
export function ownersOf(rows: readonly CompanyRow[]): { rows: OwnerRow[]; placeOf: number[] } {
  const owners: OwnerRow[] = []
  const places = new Map<CompanySlug, number>()
  const placeOf = rows.map((brand) => {
    const top = brand.cloud ? undefined : brand.owner
    const slug = top?.slug ?? brand.slug
    const place = places.get(slug) ?? owners.length
    const row = owners[place]
    places.set(slug, place)
    if (row === undefined) {
      const { owner, ...facts } = brand
      owners.push({ ...facts, ...(top ?? (owner && { owner })), brands: [brand] })
    } else {
      row.sent += brand.sent
      row.received += brand.received
      for (const field of ['lookups', 'blocked', 'answered'] as const)
        if (brand[field]) row[field] = (row[field] ?? 0) + brand[field]
      if (brand.likely) row.likely = sumOf(brand.likely, row.likely)
      row.purposes = [...new Set([...row.purposes, ...brand.purposes])]
      row.brands.push(brand)
    }
    return place
  })
  return { rows: owners, placeOf }
}

function sumOf(one: Traffic, other: Traffic = { sent: 0, received: 0 }): Traffic {
  return { sent: one.sent + other.sent, received: one.received + other.received }
}

/** The same overview, to the byte, with owners in place of companies. */
export function byOwner(overview: Overview): OwnerOverview {
  const { rows, placeOf } = ownersOf(overview.companies)
  return {
    ...overview,
    companies: rows,
    cells: overview.cells.map(([device, company, ...rest]) => [device, placeOf[company] ?? company, ...rest]),
  }
}
