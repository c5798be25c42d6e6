// Credits of connections, written to the packet core in batches (capture/core/credits.ts).
import { CREDIT_BYTES, CREDITS_AT_ONCE } from '../core/constants.ts'
import { CreditAt } from '../core/credits-layout.ts'
import type { PacketCore } from '../packet-core.ts'
import type { Moved } from './connection-table.ts'

const MAX_INT32 = 0x7fffffff

/** Holds credits back until there are enough for one call of the core, or `flush`. */
export class CreditWriter {
  private readonly waiting: Moved[] = []
  private readonly core: () => PacketCore
  private readonly clock: () => number
  private readonly guard: (what: string, take: () => void) => void

  /**
   * `core` takes them at the time that `clock` gives, in seconds. `guard` calls `take`, and notes what it throws
   * instead of throwing it.
   */
  constructor(core: () => PacketCore, clock: () => number, guard: (what: string, take: () => void) => void) {
    this.core = core
    this.clock = clock
    this.guard = guard
  }

  add(moved: Moved): void {
    this.waiting.push(moved)
    if (this.waiting.length >= CREDITS_AT_ONCE) this.flush()
  }

  flush(): void {
    const { waiting } = this
    if (waiting.length === 0) return
    const { a, b, portA, portB, protocol } = waiting[0]
    this.guard(`connections from ${[...a, portA, ...b, portB, protocol].join(' ')}`, () => {
      const core = this.core()
      const at = core.exports.creditsAddress()
      const view = new DataView(core.bytes.buffer, at, CREDIT_BYTES * CREDITS_AT_ONCE)
      for (let index = 0; index < waiting.length; index++) write(view, index * CREDIT_BYTES, waiting[index])
      core.exports.takeCredits(waiting.length, this.clock())
    })
    waiting.length = 0
  }
}

function write(view: DataView, at: number, moved: Moved): void {
  for (let word = 0; word < 4; word++) {
    view.setInt32(at + CreditAt.addressA + 4 * word, moved.a[word])
    view.setInt32(at + CreditAt.addressB + 4 * word, moved.b[word])
  }
  view.setFloat64(at + CreditAt.bytesA, moved.bytesA, true)
  view.setFloat64(at + CreditAt.bytesB, moved.bytesB, true)
  view.setInt32(at + CreditAt.packetsA, Math.min(MAX_INT32, moved.packetsA), true)
  view.setInt32(at + CreditAt.packetsB, Math.min(MAX_INT32, moved.packetsB), true)
  view.setUint16(at + CreditAt.portA, moved.portA, true)
  view.setUint16(at + CreditAt.portB, moved.portB, true)
  view.setUint8(at + CreditAt.version, moved.version)
  view.setUint8(at + CreditAt.protocol, moved.protocol)
}
