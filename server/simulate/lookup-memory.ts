// The look-ups that traffic needs: a device asks for a name again once its answer is too old.
import type { EventEndpoint } from '../events/event.ts'

/** Seconds for which answers hold, as resolvers give them out; a connection that stays open asks for nothing. */
const LIFETIMES = [60, 300, 900, 3_600, 14_400]
const MAX_ENDPOINTS = 2 ** 26

export class LookupMemory {
  private readonly endpoints: readonly EventEndpoint[]
  /** When each pair of device and endpoint asked last. */
  private readonly asked = new Map<number, number>()

  constructor(endpoints: readonly EventEndpoint[]) {
    this.endpoints = endpoints
  }

  /** Second, device, endpoint, count: of an hour's cells, and those beside them. Hours come in their order. */
  lookupsOf(cells: Float64Array, extra: Float64Array): Float64Array {
    const found: number[] = []
    let next = 0
    const addExtra = (until: number): void => {
      for (; next < extra.length && extra[next] <= until; next += 4)
        found.push(extra[next], extra[next + 1], extra[next + 2], extra[next + 3])
    }
    for (let at = 0; at < cells.length; at += 5) {
      const second = cells[at]
      const endpoint = cells[at + 2]
      const facts = this.endpoints[endpoint - 1]
      if (facts.host === null) continue
      const key = cells[at + 1] * MAX_ENDPOINTS + endpoint
      const asked = this.asked.get(key)
      if (asked !== undefined && second - asked < LIFETIMES[endpoint % LIFETIMES.length]) continue
      this.asked.set(key, second)
      addExtra(second)
      // IPv4 and IPv6.
      found.push(second, cells[at + 1], endpoint, 1 + (endpoint & 1))
    }
    addExtra(Number.POSITIVE_INFINITY)
    return Float64Array.from(found)
  }
}
