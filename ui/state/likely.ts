// Who is probably behind a far end, and what was seen of it, in words.
import type { Company, EndpointRow, Likely, Traffic } from '../../server/api.ts'
import { likely as words } from '../text/en-likely.ts'
import { t } from '../text/text.ts'
import { visible } from '../text/visible.ts'
import { companyName } from './names.ts'

type Met = Pick<EndpointRow, 'company' | 'network' | 'service'>

/** "probably Blink, in Amazon’s cloud". */
export function probably({ company }: Pick<Likely, 'company'>, seen: Met['company'] | null): string {
  const name = companyName(company)
  return seen?.cloud === true ? words.inCloud(name, companyName(seen)) : words.company(name)
}

/** "an address in Amazon’s network, port 443". */
export function addressSeen({ company, network, service }: Met): string {
  const where = company.cloud
    ? words.addressIn.cloud(companyName(company))
    : network === null
      ? words.addressIn.unknown
      : words.addressIn.network(visible(network))
  const [protocol = '', port = ''] = service?.split('/') ?? []
  return port === '' ? where : words.port(where, visible(protocol), visible(port))
}

/** A line on a company's page that is only likely its own: what was seen is a cloud, or nobody. */
export function isOnlyLikely({ company, likely }: Pick<EndpointRow, 'company' | 'likely'>, page: Company): boolean {
  return likely !== undefined && company.slug !== page.slug
}

/** Of a company's page: what probably went to it as well, in a sentence; null where nothing did. */
export function likelyNote(row: Traffic & { likely?: Traffic }): string | null {
  const { likely } = row
  if (likely === undefined || likely.sent + likely.received === 0) return null
  const say = row.sent + row.received === 0 ? words.companyOnly : words.companyMore
  return say(t.traffic.both(likely.sent, likely.received))
}

export function sumsByDevice(rows: readonly (Traffic & { device: string })[]): Map<string, Traffic> {
  const sums = new Map<string, Traffic>()
  for (const { device, sent, received } of rows) {
    const sum = sums.get(device) ?? { sent: 0, received: 0 }
    sums.set(device, { sent: sum.sent + sent, received: sum.received + received })
  }
  return sums
}

/** What probably went to a company beside what was seen: null where nothing did. */
export function likelyMore(row: Traffic & { likely?: Traffic | undefined }): string | null {
  const { likely } = row
  if (likely === undefined || likely.sent + likely.received === 0) return null
  const say = row.sent + row.received === 0 ? words.only : words.more
  return say(likely.sent, likely.received)
}
