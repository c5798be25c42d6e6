// Shares of devices in a table that all of them fill.
import { type Limit, LIMITS, type LimitCounter } from './limits.ts'

/** Counts entries per device, so that a flood by one leaves room for the others. Devices are named by their key. */
export class Shares {
  private readonly taken = new Map<number, number>()
  private readonly limit: Limit
  private readonly limits: LimitCounter

  constructor(limit: Limit, limits: LimitCounter) {
    this.limit = limit
    this.limits = limits
  }

  /** Takes one more entry for the device; false, and counted, where its share is used up. */
  reserve(device: number): boolean {
    const taken = this.taken.get(device) ?? 0
    if (taken >= LIMITS[this.limit] || (taken === 0 && this.taken.size >= LIMITS.bindings)) {
      this.limits.add(this.limit)
      return false
    }
    this.taken.set(device, taken + 1)
    return true
  }
}
