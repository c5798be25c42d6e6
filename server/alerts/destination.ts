// Destinations of uploads: who is at the far end, as far as habits and incidents tell one from another.
import type { EventEndpoint } from '../events/event.ts'
import { registeredDomain } from '../model/registered-domain.ts'

/**
 * How well the far end is known: `named` by a host or by the company's own addresses; `rented`, an address of a cloud
 * without a name; `nameless`, an address of which nobody knows whose it is; `hidden`, not kept for the privacy level.
 */
export type DestinationClass = 'named' | 'rented' | 'nameless' | 'hidden'

export interface FarEnd {
  /** The same text is the same destination: `company:ring`, `host:evil.example`, `cloud:aws`, `address:192.0.2.1`. */
  key: string
  class: DestinationClass
}

const HIDDEN: FarEnd = { key: 'hidden', class: 'hidden' }
const ADDRESS = 'address:'
const CLOUD = 'cloud:'
const HOST = 'host:'
/** Key of what was sent to everybody without a company before there were destinations. */
export const UNNAMED = 'unnamed'

export function farEndOf({ company, host, address, namedBy }: EventEndpoint): FarEnd {
  if (company !== null) {
    const isRented = host === null && namedBy === 'network'
    return isRented ? { key: CLOUD + company, class: 'rented' } : { key: `company:${company}`, class: 'named' }
  }
  // Hosts of one registrable domain are one owner's; a name without one stands for itself.
  if (host !== null) return { key: `${HOST}${registeredDomain(host) ?? host}`, class: 'named' }
  return address === null ? HIDDEN : { key: ADDRESS + address, class: 'nameless' }
}

/** Whether the key is of an address without a name. */
export function isNameless(key: string): boolean {
  return key.startsWith(ADDRESS)
}

/** Whether no name was seen of it, though the owner of its network may be known. */
export function isWithoutName(key: string): boolean {
  return isNameless(key) || key.startsWith(CLOUD)
}

/** Whether the key is of a host that belongs to no company. */
export function isHost(key: string): boolean {
  return key.startsWith(HOST)
}
