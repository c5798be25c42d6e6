// Sums of movements by company, by endpoint and by name source.
import type { Attributed, CompanyRow, CompanySlug, EndpointRow, LookedUp, NameSource } from '../api.ts'
import { addTraffic, describeLikely, type LikelyCompanies, NOBODY_LIKELY } from './likely.ts'
import { type TrafficView, describeCompany, ownerOf, type Movement } from './traffic-view.ts'

/** Adds look-ups to a row; a row without any has no such field. */
export function addLookups(row: LookedUp, { lookups = 0, blocked = 0, answered = 0 }: LookedUp): void {
  if (lookups > 0) row.lookups = (row.lookups ?? 0) + lookups
  if (blocked > 0) row.blocked = (row.blocked ?? 0) + blocked
  if (answered > 0) row.answered = (row.answered ?? 0) + answered
}

/**
 * The largest sender first; equal ones by what they received, what was looked up, then by name, so that lists do not
 * jump.
 */
export function bySent<Row extends { sent: number; received: number } & LookedUp>(
  nameOf: (row: Row) => string,
): (one: Row, other: Row) => number {
  return (one, other) =>
    other.sent - one.sent ||
    other.received - one.received ||
    (other.lookups ?? 0) - (one.lookups ?? 0) ||
    (nameOf(one) < nameOf(other) ? -1 : 1)
}

/** A company to which something only likely went has a row of its own, in which nothing was seen. */
export function companyRows(
  view: TrafficView,
  moved: Movement[],
  likely: LikelyCompanies = NOBODY_LIKELY,
): CompanyRow[] {
  const byCompany = new Map<CompanySlug, { seen: Movement[]; likely: Movement[] }>()
  const of = (company: CompanySlug): { seen: Movement[]; likely: Movement[] } => {
    const known = byCompany.get(company) ?? { seen: [], likely: [] }
    byCompany.set(company, known)
    return known
  }
  for (const movement of moved) {
    if (movement.endpoint === null) continue
    const likelyTo = likely.of(movement)
    if (likelyTo !== null) of(likelyTo.company).likely.push(movement)
    of(movement.endpoint.company).seen.push(movement)
  }
  return [...byCompany]
    .map(([slug, { seen, likely }]) => companyRow(view, slug, seen, likely))
    .sort(bySent((row) => row.slug ?? ''))
}

/** The company's row, of movements that are all its own or its brands', and of those that only likely are. */
export function companyRow(
  view: TrafficView,
  slug: CompanySlug,
  seen: readonly Movement[],
  likely: readonly Movement[],
): CompanyRow {
  const owner = ownerOf(view, slug)
  const company = describeCompany(view, slug)
  const row: CompanyRow = { ...company, sent: 0, received: 0, devices: 0, purposes: [], first: null, last: null }
  if (owner !== null) row.owner = owner
  for (const movement of likely) row.likely = addTraffic(row.likely, movement)
  const ids = new Set<string>()
  const uses = new Set<string>()
  for (const movement of seen) {
    const { device, endpoint, sent, received, first, last } = movement
    row.sent += sent
    row.received += received
    addLookups(row, movement)
    row.first = Math.min(row.first ?? first, first)
    row.last = Math.max(row.last ?? last, last)
    ids.add(device)
    if (endpoint !== null) uses.add(endpoint.purpose)
  }
  return { ...row, devices: ids.size, purposes: [...uses].sort() }
}

/** One row per endpoint; with `perDevice` one per endpoint and device. */
export function endpointRows(
  view: TrafficView,
  moved: Movement[],
  isNew: (endpoint: number) => boolean,
  likely: LikelyCompanies,
  perDevice = false,
): (EndpointRow & { device: string })[] {
  const rows = new Map<string, EndpointRow & { device: string }>()
  for (const movement of moved) {
    const { device, endpoint, sent, received, first, last } = movement
    if (endpoint === null) continue
    const key = perDevice ? `${endpoint.id} ${device}` : String(endpoint.id)
    const known = rows.get(key)
    if (known === undefined) {
      const { company, ...facts } = endpoint
      const likelyTo = likely.of(movement)
      const row: EndpointRow & { device: string } = {
        ...facts,
        company: describeCompany(view, company),
        ...(likelyTo === null ? {} : { likely: describeLikely(view, likelyTo) }),
        sent,
        received,
        first,
        last,
        isNew: isNew(endpoint.id),
        device,
      }
      addLookups(row, movement)
      rows.set(key, row)
      continue
    }
    known.sent += sent
    known.received += received
    addLookups(known, movement)
    known.first = Math.min(known.first ?? first, first)
    known.last = Math.max(known.last ?? last, last)
  }
  return [...rows.values()].sort(bySent((row) => row.host ?? row.addresses[0] ?? ''))
}

/** Bytes by how far it is known whom they went to or came from. */
export function attributedOf(view: TrafficView, moved: Movement[], likely: LikelyCompanies): Attributed {
  const attributed: Attributed = { seen: 0, likely: 0, of: 0 }
  for (const movement of moved) {
    const { endpoint, sent, received } = movement
    if (endpoint === null) continue
    attributed.of += sent + received
    if (isSeen(view, endpoint.company)) attributed.seen += sent + received
    else if (likely.of(movement) !== null) attributed.likely += sent + received
  }
  return attributed
}

/** A company that is known, and does not rent its network out. */
function isSeen(view: TrafficView, company: CompanySlug): boolean {
  return company !== null && !company.startsWith('*') && !describeCompany(view, company).cloud
}

/** Sent and received bytes by how their endpoint was named. */
export function coverageOf(moved: Movement[]): Partial<Record<NameSource, number>> {
  const coverage: Partial<Record<NameSource, number>> = {}
  for (const { endpoint, sent, received } of moved) {
    if (endpoint === null) continue
    coverage[endpoint.namedBy] = (coverage[endpoint.namedBy] ?? 0) + sent + received
  }
  return coverage
}
