// Companies seen by name at addresses, for what they say of the same address and of those around it.
import { BoundedMap } from '../../capture/bounded-map.ts'
import { parseAddress } from '../../capture/ip-address.ts'

/** Addresses and blocks of them that are remembered. */
const MAX_PLACES = 65_536

export interface SeenAt {
  company: string
  host: string
}

/** Who was seen at an address, and in the block around it (IPv4 /24, IPv6 /64). */
export class Neighbours {
  private readonly byAddress = new BoundedMap<string, SeenAt | null>('addresses with their company', MAX_PLACES)
  /** Companies by block, each with the addresses it was seen at. */
  private readonly byBlock = new BoundedMap<string, Map<string, Set<string>>>('blocks with their companies', MAX_PLACES)

  /** A name of this company was seen for the address. */
  add(address: string, company: string, host: string): void {
    const known = this.byAddress.get(address)
    // Two companies at one address say nothing of a third connection.
    this.byAddress.set(address, known === undefined || known?.company === company ? { company, host } : null)
    const block = blockOf(address)
    if (block === null) return
    const companies = this.byBlock.get(block) ?? new Map<string, Set<string>>()
    const addresses = companies.get(company) ?? new Set<string>()
    addresses.add(address)
    companies.set(company, addresses)
    this.byBlock.set(block, companies)
  }

  /** Null where nobody was seen there, or several were. */
  at(address: string): SeenAt | null {
    return this.byAddress.get(address) ?? null
  }

  /** Companies in the block of the address, and at how many addresses each. */
  around(address: string): { company: string; addresses: number }[] {
    const block = blockOf(address)
    const companies = block === null ? undefined : this.byBlock.get(block)
    return [...(companies ?? [])].map(([company, addresses]) => ({ company, addresses: addresses.size }))
  }
}

/** The block around an address, which is text of the engine or the history; null where an IPv6 address is none. */
export function blockOf(address: string): string | null {
  if (!address.includes(':')) return address.slice(0, address.lastIndexOf('.'))
  const words = parseAddress(address)
  return words === null ? null : `${words[0]}:${words[1]}`
}
