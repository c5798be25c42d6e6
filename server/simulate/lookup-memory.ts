// The look-ups that traffic needs: a device asks for a name again once its answer is too old.
import type { EventEndpoint } from '../events/event.ts'

/** Seconds for which answers hold, as resolvers give them out. */
const LIFETIMES = [60, 300, 900, 3_600]
/** A connection that stays open asks for nothing: one without a pause of so many seconds, but it is renewed in time. */
const OPEN_SECONDS = 90
const RENEWED_SECONDS = 14_400
const MINUTE = 60
const MAX_ENDPOINTS = 2 ** 26

export class LookupMemory {
  private readonly endpoints: readonly EventEndpoint[]
  /** When each pair of device and endpoint asked last. */
  private readonly asked = new Map<number, number>()
  /** And when it last sent anything. */
  private readonly heard = new Map<number, number>()

  constructor(endpoints: readonly EventEndpoint[]) {
    this.endpoints = endpoints
  }

  /**
   * Start of a minute, device, endpoint, count: of an hour's cells, and of the look-ups beside them. Hours come in
   * their order.
   */
  lookupsOf(cells: Float64Array, extra: Float64Array): Float64Array {
    const minutes = new Map<number, Map<number, number>>()
    for (let at = 0; at < cells.length; at += 5) {
      const key = cells[at + 1] * MAX_ENDPOINTS + cells[at + 2]
      // IPv4 and IPv6.
      if (this.needs(cells[at], cells[at + 2], key)) count(minutes, cells[at], key, 1 + (key & 1))
    }
    for (let at = 0; at < extra.length; at += 4)
      count(minutes, extra[at], extra[at + 1] * MAX_ENDPOINTS + extra[at + 2], extra[at + 3])
    const found: number[] = []
    for (const [minute, counts] of [...minutes].sort(([one], [other]) => one - other))
      for (const [key, times] of counts) found.push(minute, Math.floor(key / MAX_ENDPOINTS), key % MAX_ENDPOINTS, times)
    return Float64Array.from(found)
  }

  private needs(second: number, endpoint: number, key: number): boolean {
    if (this.endpoints[endpoint - 1].host === null) return false
    const asked = this.asked.get(key)
    const heard = this.heard.get(key) ?? second
    this.heard.set(key, second)
    if (asked !== undefined && second - asked < this.lifetime(endpoint, second - heard < OPEN_SECONDS)) return false
    this.asked.set(key, second)
    return true
  }

  private lifetime(endpoint: number, isOpen: boolean): number {
    return isOpen ? RENEWED_SECONDS : LIFETIMES[endpoint % LIFETIMES.length]
  }
}

function count(minutes: Map<number, Map<number, number>>, second: number, key: number, times: number): void {
  const minute = second - (second % MINUTE)
  let counts = minutes.get(minute)
  if (counts === undefined) minutes.set(minute, (counts = new Map()))
  counts.set(key, (counts.get(key) ?? 0) + times)
}
