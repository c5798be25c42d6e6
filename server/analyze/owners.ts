// What went to each owner of companies, and to each network that is rented out.
import type { CompanyTable } from '../attribution/company-names.ts'
import { compare } from '../model/stable-text.ts'
import type { DeviceFacts } from '../resolve/facts.ts'

/**
 * A company at the top of its owners with all that is part of it. A network that is rented out has an entry of its own:
 * for whom its bytes were is not known. Together with the bytes of no company the entries add up to the internet's.
 */
export interface OwnerFacts {
  owner: string
  name: string
  sent: number
  received: number
  /** Whom the bytes went to, the most first. */
  companies: string[]
  /** Only of a network that is rented out: true, and who owns it where it is not its own owner. */
  cloud?: true
  partOf?: string
}

type Sum = Pick<OwnerFacts, 'sent' | 'received'>

/** Those that got most first. */
export function ownersOf(devices: readonly DeviceFacts[], companies: CompanyTable): OwnerFacts[] {
  const owners = new Map<string, Map<string, Sum>>()
  for (const { company, sent, received } of devices.flatMap(({ endpoints }) => endpoints)) {
    if (company === null) continue
    const owner = companies.describe(company)?.cloud === true ? company : companies.parentOf(company)
    const sums = owners.get(owner) ?? new Map<string, Sum>()
    owners.set(owner, sums)
    const sum = sums.get(company) ?? { sent: 0, received: 0 }
    sums.set(company, { sent: sum.sent + sent, received: sum.received + received })
  }
  return [...owners]
    .map(([owner, sums]) => factsOf(owner, sums, companies))
    .sort((one, other) => bySent(one, other) || compare(one.owner, other.owner))
}

function factsOf(owner: string, sums: Map<string, Sum>, companies: CompanyTable): OwnerFacts {
  const known = companies.describe(owner)
  const top = companies.parentOf(owner)
  const add = (of: keyof Sum): number => [...sums.values()].reduce((total, sum) => total + sum[of], 0)
  return {
    owner,
    name: known?.name ?? owner,
    sent: add('sent'),
    received: add('received'),
    companies: [...sums]
      .sort(([one, its], [other, others]) => bySent(its, others) || compare(one, other))
      .map(([slug]) => slug),
    ...(known?.cloud === true ? { cloud: true } : {}),
    ...(top === owner ? {} : { partOf: top }),
  }
}

function bySent(one: Sum, other: Sum): number {
  return other.sent - one.sent || other.received - one.received
}
