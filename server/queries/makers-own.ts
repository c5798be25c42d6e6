// Whether a company is the maker of a device, by its names.
import type { AlertAnswers } from '../api.ts'
import type { TrafficView } from './traffic-view.ts'

/** "cloud" where it rents its network out: for whom is not known. */
export function makersOwn(view: TrafficView, vendor: string | null, company: string | null): AlertAnswers['makers'] {
  if (company === null) return 'unknown'
  if (view.rules.companies.describe(company)?.cloud === true) return 'cloud'
  if (vendor === null) return 'unknown'
  const names = [company, view.rules.companies.parentOf(company)].flatMap((slug) => [
    slug,
    view.rules.companies.describe(slug)?.name ?? '',
  ])
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '')
  return names.some(
    (name) => name !== '' && (plain(vendor).includes(plain(name)) || plain(name).includes(plain(vendor))),
  )
    ? 'yes'
    : 'no'
}
