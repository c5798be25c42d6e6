// The conversations going on now: one record of integers and one of numbers for each.
import { KeyTable, grown } from './key-table.ts'
import { LIMITS } from './limits.ts'

/** Integers of one flow beside its key. A cache line holds them. */
export const FlowField = {
  /** Bits of FlowFlag, the way its name is known, and the inspection budgets. */
  Flags: 0,
  /** Ownership.epoch when the bindings were looked up. */
  Epoch: 1,
  /** Bindings of the two ends, -1 where an end is not at home. */
  BindingA: 2,
  BindingB: 3,
  AddressA: 4,
  AddressB: 5,
  Name: 6,
  /** Row that its totals are credited to, -1 for none yet. */
  Row: 7,
  /** Next TCP sequence number expected of each end, while its payload is inspected. */
  NextA: 8,
  NextB: 9,
  PendingPackets: 10,
  CreditedPackets: 11,
  /** What its payload is to be read as. */
  Kind: 12,
  BudgetA: 13,
  BudgetB: 14,
} as const
const INTEGERS = 16

/** Numbers of one flow: bytes not yet credited and credited, from A and from B; first and last packet in seconds. */
export const FlowNumber = {
  PendingA: 0,
  PendingB: 1,
  CreditedA: 2,
  CreditedB: 3,
  First: 4,
  Last: 5,
} as const
const NUMBERS = 8

/** Flows looked at to find the one idle longest when the table is full. */
const EVICTION_SAMPLE = 64

/**
 * Flows keyed by both ends in a fixed order, ports and protocol. Ids shift left give the place in `ints` and `numbers`.
 */
export class FlowTable {
  private readonly table = new KeyTable(LIMITS.flows)
  ints = new Int32Array(1024 * INTEGERS)
  numbers = new Float64Array(1024 * NUMBERS)
  private alive = new Uint8Array(1024)
  private hand = 0

  /** Highest id given out, plus one. */
  get used(): number {
    return this.table.used
  }

  get size(): number {
    return this.table.size
  }

  find(a: number, b: number, ports: number, protocol: number): number {
    return this.table.find(a, b, ports, protocol)
  }

  /** A new flow with zeroed fields, or -1 where the table is full: evict `oldest()` then. */
  add(a: number, b: number, ports: number, protocol: number): number {
    const flow = this.table.add(a, b, ports, protocol)
    if (flow < 0) return -1
    if (flow >= this.alive.length) this.grow()
    this.ints.fill(0, flow * INTEGERS, (flow + 1) * INTEGERS)
    this.numbers.fill(0, flow * NUMBERS, (flow + 1) * NUMBERS)
    this.alive[flow] = 1
    return flow
  }

  private grow(): void {
    const length = this.alive.length * 2
    this.ints = grown(this.ints, length * INTEGERS)
    this.numbers = grown(this.numbers, length * NUMBERS)
    this.alive = grown(this.alive, length)
  }

  /** Gives the memory back; nothing may be asked of the table any more. */
  release(): void {
    this.ints = new Int32Array(0)
    this.numbers = new Float64Array(0)
    this.alive = new Uint8Array(0)
  }

  remove(flow: number): void {
    this.alive[flow] = 0
    this.table.remove(flow)
  }

  isAlive(flow: number): boolean {
    return this.alive[flow] === 1
  }

  portA(flow: number): number {
    return this.table.key(flow, 2) >>> 16
  }

  portB(flow: number): number {
    return this.table.key(flow, 2) & 0xffff
  }

  protocol(flow: number): number {
    return this.table.key(flow, 3) & 0xff
  }

  /** The flow idle longest among the next few: close to the oldest of all, at a bounded cost. */
  oldest(): number {
    let best = -1
    let bestLast = Number.POSITIVE_INFINITY
    for (let looked = 0; looked < EVICTION_SAMPLE;) {
      this.hand = (this.hand + 1) % this.table.used
      if (this.alive[this.hand] === 0) continue
      looked++
      const last = this.numbers[this.hand * NUMBERS + FlowNumber.Last]
      if (last < bestLast) {
        best = this.hand
        bestLast = last
      }
    }
    return best
  }
}

export const FLOW_INTEGERS = INTEGERS
export const FLOW_NUMBERS = NUMBERS
