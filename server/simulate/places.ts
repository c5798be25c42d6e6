// The far ends that the devices of a simulated home talk to.
import type { EventEndpoint } from '../events/event.ts'
import type { Label } from '../rules/types.ts'

/** Who is behind a host name, by the rules; nulls where no rule knows it. */
export type LookUp = (host: string) => { company: string | null; purpose: string | null }
/** The company at the top of its family, such as Amazon for Ring. */
export type FamilyOf = (company: string) => string

/** Addresses for benchmarks (RFC 2544), of which there are 131,072; beyond them those of class E. */
const BENCHMARKS = 131_072

export class Places {
  readonly endpoints: EventEndpoint[] = []
  private readonly byHost = new Map<string, number>()
  private readonly lookUp: LookUp
  private readonly familyOf: FamilyOf

  constructor(lookUp: LookUp, familyOf: FamilyOf) {
    this.lookUp = lookUp
    this.familyOf = familyOf
  }

  /** A far end whose name was seen; the same name is the same far end. */
  named(host: string): number {
    const known = this.byHost.get(host)
    if (known !== undefined) return known
    const { company, purpose } = this.lookUp(host)
    const number = this.add({ host, company, purpose: purpose ?? 'unknown', namedBy: 'tls', network: null, labels: [] })
    this.byHost.set(host, number)
    return number
  }

  /** An address of which only the network's owner is known: a rented computer, or the company's own. */
  ofNetwork(company: string, purpose = 'cloud'): number {
    return this.add({ host: null, company, purpose, namedBy: 'network', network: `network of ${company}`, labels: [] })
  }

  /** An address of which nobody knows anything; of some the network's owner, who is no company of the rules. */
  nameless(network: string | null = null, labels: Label[] = []): number {
    const namedBy = network === null ? 'none' : 'network'
    return this.add({ host: null, company: null, purpose: 'unknown', namedBy, network, labels })
  }

  at(number: number): EventEndpoint {
    return this.endpoints[number - 1]
  }

  /** Families of companies among the far ends. */
  families(numbers: Iterable<number>): Set<string> {
    const families = new Set<string>()
    for (const number of numbers) {
      const { company } = this.at(number)
      if (company !== null) families.add(this.familyOf(company))
    }
    return families
  }

  familyOfHost(host: string): string | null {
    const { company } = this.lookUp(host)
    return company === null ? null : this.familyOf(company)
  }

  familyOfCompany(company: string): string {
    return this.familyOf(company)
  }

  private add(endpoint: Omit<EventEndpoint, 'number' | 'address'>): number {
    const number = this.endpoints.length + 1
    this.endpoints.push({ ...endpoint, number, address: addressOf(number) })
    return number
  }
}

function addressOf(number: number): string {
  const within = number % BENCHMARKS
  const first = number < BENCHMARKS ? `198.${18 + (within >> 16)}` : `240.${Math.floor(number / BENCHMARKS)}`
  return `${first}.${(within >> 8) & 255}.${within & 255}`
}
