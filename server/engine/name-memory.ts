// Names of an address for a device: by its latest DNS answer, and by the names its flows carried.
import { type Clock, ClockField } from './clock.ts'
import { grown, KeyTable } from './key-table.ts'
import { LIMITS, type LimitCounter } from './limits.ts'
import { NO_NAME } from './name-table.ts'

/** Other devices' answers looked at before saying that all agree. */
const MAX_AGREEING = 64
/** Entries looked at to find a stale one when the table is full. */
const EVICTION_SAMPLE = 16

/** Names per (device, address), never one map for the whole home: two devices may mean two services by one address. */
export class NameMemory {
  private readonly table = new KeyTable(LIMITS.nameMemory)
  private readonly limits: LimitCounter
  private readonly clock: Clock
  /** Per entry: the name of the latest DNS answer, the name a flow carried, when it was last touched. */
  private answered = new Int32Array(1024)
  private called = new Int32Array(1024)
  private touched = new Float64Array(1024)
  /** Per entry: the next entry of the same address; per address: its first entry. All plus one, 0 for none. */
  private nextOfAddress = new Int32Array(1024)
  private firstOfAddress = new Int32Array(1024)
  private hand = 0

  constructor(limits: LimitCounter, clock: Clock) {
    this.limits = limits
    this.clock = clock
  }

  /** `device` (a device key) got a DNS answer: `name` leads to `address`. */
  answer(device: number, address: number, name: number): void {
    const entry = this.entry(device, address)
    this.answered[entry] = name
    this.touched[entry] = this.clock[ClockField.Now]
  }

  /** A flow of the device to the address carried the name, or was named by its DNS. */
  call(device: number, address: number, name: number): void {
    const entry = this.entry(device, address)
    this.called[entry] = name
    this.touched[entry] = this.clock[ClockField.Now]
  }

  /** The name of this device's latest answer for the address. */
  answeredName(device: number, address: number): number {
    const entry = this.table.find(device, address, 0, 0)
    return entry < 0 ? NO_NAME : this.answered[entry]
  }

  /** What this device called the address before. */
  calledName(device: number, address: number): number {
    const entry = this.table.find(device, address, 0, 0)
    return entry < 0 ? NO_NAME : this.called[entry]
  }

  /** The name that the latest answers of all other devices give the address; none where two differ. */
  othersName(device: number, address: number): number {
    if (address >= this.firstOfAddress.length) return NO_NAME
    let name = NO_NAME
    let looked = 0
    for (let entry = this.firstOfAddress[address] - 1; entry >= 0; entry = this.nextOfAddress[entry] - 1) {
      if (++looked > MAX_AGREEING) return NO_NAME
      const answer = this.answered[entry]
      if (answer === NO_NAME || this.table.key(entry, 0) === device) continue
      if (name !== NO_NAME && name !== answer) return NO_NAME
      name = answer
    }
    return name
  }

  private entry(device: number, address: number): number {
    const known = this.table.find(device, address, 0, 0)
    if (known >= 0) return known
    let entry = this.table.add(device, address, 0, 0)
    if (entry < 0) {
      this.limits.add('nameMemory')
      this.forgetOldest()
      entry = this.table.add(device, address, 0, 0)
    }
    if (entry >= this.answered.length) this.grow()
    if (address >= this.firstOfAddress.length) this.firstOfAddress = grown(this.firstOfAddress, address + 1)
    this.answered[entry] = NO_NAME
    this.called[entry] = NO_NAME
    this.nextOfAddress[entry] = this.firstOfAddress[address]
    this.firstOfAddress[address] = entry + 1
    return entry
  }

  private grow(): void {
    const length = this.answered.length * 2
    this.answered = grown(this.answered, length)
    this.called = grown(this.called, length)
    this.touched = grown(this.touched, length)
    this.nextOfAddress = grown(this.nextOfAddress, length)
  }

  private forgetOldest(): void {
    let oldest = -1
    for (let looked = 0; looked < EVICTION_SAMPLE; looked++) {
      this.hand = (this.hand + 1) % this.table.used
      if (oldest < 0 || this.touched[this.hand] < this.touched[oldest]) oldest = this.hand
    }
    this.unlink(oldest)
    this.table.remove(oldest)
  }

  private unlink(entry: number): void {
    const address = this.table.key(entry, 1)
    const next = this.nextOfAddress[entry]
    if (this.firstOfAddress[address] === entry + 1) {
      this.firstOfAddress[address] = next
      return
    }
    let before = this.firstOfAddress[address] - 1
    while (this.nextOfAddress[before] !== entry + 1) before = this.nextOfAddress[before] - 1
    this.nextOfAddress[before] = next
  }
}
