// Traffic by binding, host, address and name source.
import { OTHER_ADDRESS } from './addresses.ts'
import { grown, KeyTable } from './key-table.ts'
import { LIMITS, type LimitCounter } from './limits.ts'
import { NamedBy } from './named-by.ts'
import { NO_NAME } from './name-table.ts'
import { Shares } from './shares.ts'

/** Numbers of one row. Bytes are IP bytes seen from the device; first and last in seconds. */
export const RowNumber = { Sent: 0, Received: 1, Packets: 2, First: 3, Last: 4 } as const
const NUMBERS = 5
/** Numbers of one binding: bytes to and from the internet, and to and from others at home. */
export const BindingNumber = { Sent: 0, Received: 1, SentLocal: 2, ReceivedLocal: 3 } as const
const BINDING_NUMBERS = 4

/**
 * How a row is keyed: `how` is NamedBy in the lower bits, ECH above, and above that the labels that follow from ports.
 */
export const HOW_MASK = 0x0f
export const HOW_ECH = 0x10
export const LABEL_SHIFT = 5
export const HOW_LIMIT = 1 << 16

/** Totals per binding × name × how × remote address, and per binding. */
export class RowTable {
  /** Behind the rows proper there is room for one nameless row of each binding, so that totals stay exact. */
  private readonly table = new KeyTable(LIMITS.rows + LIMITS.bindings)
  private readonly limits: LimitCounter
  private readonly shares: Shares
  numbers = new Float64Array(1024 * NUMBERS)
  private bindingNumbers = new Float64Array(1024 * BINDING_NUMBERS)

  constructor(limits: LimitCounter) {
    this.limits = limits
    this.shares = new Shares('rowsPerDevice', limits)
  }

  get used(): number {
    return this.table.used
  }

  /**
   * The row of the key. Where the table is full, or the share of `owner` (the binding's MAC, or a number of its own
   * where it has none), the binding's nameless row, which takes all the rest.
   */
  row(owner: number, binding: number, name: number, how: number, address: number): number {
    const known = this.table.find(binding, name, how, address)
    if (known >= 0) return known
    if (this.table.used >= LIMITS.rows) this.limits.add('rows')
    else if (this.shares.reserve(owner)) return this.add(binding, name, how, address)
    const rest = this.table.find(binding, NO_NAME, NamedBy.None, OTHER_ADDRESS)
    return rest >= 0 ? rest : this.add(binding, NO_NAME, NamedBy.None, OTHER_ADDRESS)
  }

  private add(binding: number, name: number, how: number, address: number): number {
    const row = this.table.add(binding, name, how, address)
    if ((row + 1) * NUMBERS > this.numbers.length) this.numbers = grown(this.numbers, (row + 1) * NUMBERS)
    const at = row * NUMBERS
    this.numbers[at + RowNumber.First] = Number.POSITIVE_INFINITY
    this.numbers[at + RowNumber.Last] = Number.NEGATIVE_INFINITY
    return row
  }

  binding(row: number): number {
    return this.table.key(row, 0)
  }

  name(row: number): number {
    return this.table.key(row, 1)
  }

  how(row: number): number {
    return this.table.key(row, 2)
  }

  address(row: number): number {
    return this.table.key(row, 3)
  }

  number(row: number, field: number): number {
    return this.numbers[row * NUMBERS + field]
  }

  credit(row: number, sent: number, received: number, packets: number, first: number, last: number): void {
    const at = row * NUMBERS
    const { numbers } = this
    numbers[at + RowNumber.Sent] += sent
    numbers[at + RowNumber.Received] += received
    numbers[at + RowNumber.Packets] += packets
    if (first < numbers[at + RowNumber.First]) numbers[at + RowNumber.First] = first
    if (last > numbers[at + RowNumber.Last]) numbers[at + RowNumber.Last] = last
  }

  addBinding(binding: number, field: number, bytes: number): void {
    if ((binding + 1) * BINDING_NUMBERS > this.bindingNumbers.length)
      this.bindingNumbers = grown(this.bindingNumbers, (binding + 1) * BINDING_NUMBERS)
    this.bindingNumbers[binding * BINDING_NUMBERS + field] += bytes
  }

  bindingNumber(binding: number, field: number): number {
    const at = binding * BINDING_NUMBERS + field
    return at < this.bindingNumbers.length ? this.bindingNumbers[at] : 0
  }
}
