// What is likely in the made-up home: sums by company and device, apart from what was seen.
import type { Attributed, CompanyRow, LikelyTop, Traffic } from '../../server/api.ts'
import type { Range } from '../../server/http/service.ts'
import type { FakeEndpoint } from './fake-home.ts'

type Found = readonly { endpoint: FakeEndpoint }[]

function movedTo({ sent, received }: FakeEndpoint, { from, to }: Range): Traffic {
  return { sent: sent(to) - sent(from), received: received(to) - received(from) }
}

const isSeen = ({ company }: FakeEndpoint): boolean => company.slug !== null && !company.cloud

export function attributedOf(found: Found, range: Range): Attributed {
  const attributed = { seen: 0, likely: 0, of: 0 }
  for (const { endpoint } of found) {
    const { sent, received } = movedTo(endpoint, range)
    attributed.of += sent + received
    if (isSeen(endpoint)) attributed.seen += sent + received
    else if (endpoint.likely !== undefined) attributed.likely += sent + received
  }
  return attributed
}

/** The rows with what probably went to them; a company that is only likely gets one without any sum. */
export function withLikely(rows: CompanyRow[], found: Found, range: Range): CompanyRow[] {
  const bySlug = new Map(rows.map((row) => [row.slug, row]))
  for (const { endpoint } of found) {
    const { sent, received } = movedTo(endpoint, range)
    if (endpoint.likely === undefined || sent + received === 0) continue
    const { company } = endpoint.likely
    const row = bySlug.get(company.slug) ?? emptyRow(company)
    const { likely = { sent: 0, received: 0 } } = row
    bySlug.set(company.slug, { ...row, likely: { sent: likely.sent + sent, received: likely.received + received } })
  }
  return [...bySlug.values()]
}

/** What all of them moved; null where that is nothing. */
export function sumOf(found: Found, range: Range): Traffic | null {
  const sum = { sent: 0, received: 0 }
  for (const { endpoint } of found) {
    const { sent, received } = movedTo(endpoint, range)
    sum.sent += sent
    sum.received += received
  }
  return sum.sent + sum.received === 0 ? null : sum
}

function emptyRow(company: Pick<CompanyRow, 'slug' | 'name' | 'cloud'>): CompanyRow {
  return { ...company, sent: 0, received: 0, devices: 0, purposes: [], first: null, last: null }
}

export function likelyTop(found: Found, range: Range): LikelyTop | undefined {
  const sums = new Map<string | null, LikelyTop>()
  for (const { endpoint } of found) {
    if (endpoint.likely === undefined) continue
    const { company } = endpoint.likely
    const before = sums.get(company.slug)?.sent ?? 0
    sums.set(company.slug, { company, sent: before + movedTo(endpoint, range).sent })
  }
  return [...sums.values()].filter(({ sent }) => sent > 0).sort((one, other) => other.sent - one.sent)[0]
}
