// The places for sockets of the live feed: of all, of viewers, and of one viewer's address.
import type { Role } from '../api.ts'

export const MOST_SOCKETS = 64
/** The others are kept for admins. */
export const MOST_SOCKETS_OF_VIEWERS = 40
export const MOST_SOCKETS_OF_A_VIEWERS_ADDRESS = 16

interface Place {
  role: Role
  address: string
}

export class LivePlaces<Connection extends object> {
  private readonly taken = new Map<Connection, Place>()

  /** Why there is no place; null where there is one. */
  refusal({ role, address }: Place): string | null {
    if (this.taken.size >= MOST_SOCKETS) return 'Too many pages are open.'
    if (role === 'admin') return null
    const viewers = [...this.taken.values()].filter((place) => place.role === 'viewer')
    if (viewers.length >= MOST_SOCKETS_OF_VIEWERS) return 'Too many pages of viewers are open.'
    return viewers.filter((place) => place.address === address).length >= MOST_SOCKETS_OF_A_VIEWERS_ADDRESS
      ? 'Too many pages are open at this address.'
      : null
  }

  take(connection: Connection, place: Place): void {
    this.taken.set(connection, place)
  }

  leave(connection: Connection): void {
    this.taken.delete(connection)
  }
}
