// Traffic by binding, host, address and name source, which the core counts.
import {
  BINDING_ALONE,
  BINDING_RECEIVED,
  BINDING_RECEIVED_LOCAL,
  BINDING_SENT,
  BINDING_SENT_LOCAL,
} from '../../capture/core/constants.ts'
import type { PacketCore } from '../../capture/packet-core.ts'

/** How a row is keyed. */
export { HOW_ECH, HOW_MASK, LABEL_SHIFT } from '../../capture/core/constants.ts'
export const HOW_LIMIT = 1 << 16

/** Numbers of one row. Bytes are IP bytes seen from the device; first and last in seconds. */
export const RowNumber = { Sent: 0, Received: 1, Packets: 2, First: 3, Last: 4 } as const
/** Numbers of one binding: bytes to and from the internet, and to and from others at home. */
export const BindingNumber = {
  Sent: BINDING_SENT,
  Received: BINDING_RECEIVED,
  SentLocal: BINDING_SENT_LOCAL,
  ReceivedLocal: BINDING_RECEIVED_LOCAL,
  /** The part of the local ones that no other binding has as well. */
  Alone: BINDING_ALONE,
} as const

/** Words of a row's key. */
const BINDING = 0
const NAME = 1
const HOW = 2
const ADDRESS = 3

/** Totals per binding × name × how × remote address, and per binding. */
export class RowTable {
  private readonly core: PacketCore

  constructor(core: PacketCore) {
    this.core = core
  }

  get used(): number {
    return this.core.exports.rowsUsed()
  }

  binding(row: number): number {
    return this.core.exports.rowWord(row, BINDING)
  }

  name(row: number): number {
    return this.core.exports.rowWord(row, NAME)
  }

  how(row: number): number {
    return this.core.exports.rowWord(row, HOW)
  }

  address(row: number): number {
    return this.core.exports.rowWord(row, ADDRESS)
  }

  /** `field` is one of RowNumber. */
  number(row: number, field: number): number {
    return this.core.exports.rowNumber(row, field)
  }

  /** Protocol (IANA) and port of the far end, the lowest of its ports; null where it has none. */
  service(row: number): { protocol: number; port: number } | null {
    const service = this.core.exports.rowService(row)
    return service === 0 ? null : { protocol: service >>> 16, port: service & 0xffff }
  }

  /** `field` is one of BindingNumber. */
  bindingNumber(binding: number, field: number): number {
    return this.core.exports.bindingNumber(binding, field)
  }
}
