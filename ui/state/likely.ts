// Who is probably behind a far end, and what was seen of it, in words.
import type { EndpointRow, Likely, Traffic } from '../../server/api.ts'
import { likely as words } from '../text/en-likely.ts'
import { visible } from '../text/visible.ts'
import { companyName } from './names.ts'

type Met = Pick<EndpointRow, 'company' | 'network'>

/** "probably Blink, in Amazon’s cloud". */
export function probably({ company }: Pick<Likely, 'company'>, seen: Met['company'] | null): string {
  const name = companyName(company)
  return seen?.cloud === true ? words.inCloud(name, companyName(seen)) : words.company(name)
}

/** "an address in Amazon’s network". */
export function addressSeen({ company, network }: Met): string {
  if (company.cloud) return words.addressIn.cloud(companyName(company))
  return network === null ? words.addressIn.unknown : words.addressIn.network(visible(network))
}

/** What probably went to a company beside what was seen: null where nothing did. */
export function likelyMore(row: Traffic & { likely?: Traffic }): string | null {
  const { likely } = row
  if (likely === undefined || likely.sent + likely.received === 0) return null
  const say = row.sent + row.received === 0 ? words.only : words.more
  return say(likely.sent, likely.received)
}
