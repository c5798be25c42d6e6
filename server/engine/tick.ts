// What moved in one second of capture time.
import type { PacketCore } from '../../capture/packet-core.ts'

/** One second's traffic, in columns. `rows` and `bindings` are numbers of the engine's tables. */
export interface Tick {
  /** Seconds since 1970-01-01 UTC. */
  second: number
  /** Bytes to and from the internet per row; negative where a late name moved earlier bytes to another row. */
  rows: Int32Array
  sent: Float64Array
  received: Float64Array
  /** Bytes to and from others at home per binding. */
  bindings: Int32Array
  sentLocal: Float64Array
  receivedLocal: Float64Array
}

/** Copies the sums of the second out of the core, which begins anew. */
export function readTick(core: PacketCore, second: number): Tick {
  const { exports, integers, numbers } = core
  const rows = exports.tickRows()
  const bindings = exports.tickBindings()
  const tick = {
    second,
    rows: copied(integers, exports.tickRowIds(), rows),
    sent: copied(numbers, exports.tickSent(), rows),
    received: copied(numbers, exports.tickReceived(), rows),
    bindings: copied(integers, exports.tickBindingIds(), bindings),
    sentLocal: copied(numbers, exports.tickSentLocal(), bindings),
    receivedLocal: copied(numbers, exports.tickReceivedLocal(), bindings),
  }
  exports.clearTick()
  return tick
}

/** The `length` values at the address `at`. */
function copied<Column extends Int32Array | Float64Array>(memory: Column, at: number, length: number): Column {
  const first = at / memory.BYTES_PER_ELEMENT
  return memory.slice(first, first + length) as Column
}
