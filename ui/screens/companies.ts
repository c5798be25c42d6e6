// Which companies does the list show, and what does its first sentence say?
import type { CompanyRow, Overview } from '../../server/api.ts'
import { companyName } from '../state/names.ts'
import { t } from '../text/text.ts'

/** Rows for a purpose, or all of them; who gets most first. */
export function companyRows(overview: Overview, purpose: string | null): CompanyRow[] {
  const rows = purpose === null ? overview.companies : ofPurpose(overview, purpose)
  return [...rows].sort((a, b) => b.sent - a.sent || b.received - a.received)
}

/** The companies with only what went to them for one purpose: their cells, so that it adds up. */
function ofPurpose(overview: Overview, purpose: string): CompanyRow[] {
  const wanted = overview.purposes.indexOf(purpose)
  const sums = new Map<number, { sent: number; received: number; devices: Set<number> }>()
  for (const [device, company, place, sent, received] of overview.cells) {
    if (place !== wanted) continue
    const sum = sums.get(company) ?? { sent: 0, received: 0, devices: new Set() }
    sum.sent += sent
    sum.received += received
    sums.set(company, { ...sum, devices: sum.devices.add(device) })
  }
  return [...sums].flatMap(([place, sum]) => {
    const company = overview.companies[place]
    return company === undefined ? [] : [{ ...company, sent: sum.sent, received: sum.received, devices: sum.devices.size, purposes: [purpose] }]
  })
}

/** "9 companies got 412 MB since midnight. Ring got most: 300 MB, 73 % of it." Unknown is not counted as a company. */
export function companiesStory(rows: readonly CompanyRow[], when: string): string {
  const total = rows.reduce((sum, row) => sum + row.sent, 0)
  const top = rows[0]
  if (top === undefined || total === 0) return t.companiesScreen.none
  const real = rows.filter((row) => row.slug !== null && !row.slug.startsWith('*') && row.sent > 0).length
  return `${t.companiesScreen.story(real, total, when)} ${t.companiesScreen.top(companyName(top), top.sent, total)}`
}
