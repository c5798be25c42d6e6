// What the packet core keeps of one capture that it reads: capture/core/records/reader.ts.
import { INTERFACE_BYTES, RecordsAt } from '../core/records-layout.ts'
import type { PacketCore } from '../packet-core.ts'

type NumberField =
  | 'packets'
  | 'frameBytes'
  | 'dropped'
  | 'packetOffset'
  | 'earliest'
  | 'latest'
  | 'seconds'
  | 'lastSeconds'
  | 'firstTime'
  | 'lastTime'
  | 'said'
  | 'badOffset'
type IntegerField =
  | 'mode'
  | 'nanos'
  | 'lastNanos'
  | 'next'
  | 'room'
  | 'bigEndian'
  | 'interfaceCount'
  | 'source'
  | 'interfaces'
  | 'interfaceRoom'

/** Its fields, also after the core has forgotten it. */
export class Records {
  core: PacketCore
  /** Where the record is, for calls of the core. */
  address: number
  private kept: DataView | null = null

  /** `mode` is one of READ_TO_…. */
  constructor(core: PacketCore, mode: number) {
    this.core = core
    this.address = core.exports.openRecords(mode)
  }

  get isOpen(): boolean {
    return this.kept === null
  }

  number(field: NumberField): number {
    const offset = RecordsAt[field]
    return this.kept?.getFloat64(offset, true) ?? this.core.numbers[(this.address + offset) >> 3]
  }

  integer(field: IntegerField): number {
    const offset = RecordsAt[field]
    return this.kept?.getInt32(offset, true) ?? this.core.integers[(this.address + offset) >> 2]
  }

  setNumber(field: NumberField, value: number): void {
    if (this.kept === null) this.core.numbers[(this.address + RecordsAt[field]) >> 3] = value
    else this.kept.setFloat64(RecordsAt[field], value, true)
  }

  setInteger(field: IntegerField, value: number): void {
    if (this.kept === null) this.core.integers[(this.address + RecordsAt[field]) >> 2] = value
    else this.kept.setInt32(RecordsAt[field], value, true)
  }

  /** Another core goes on reading the capture where this one stopped. */
  moveTo(core: PacketCore): void {
    if (this.kept !== null) return
    const { core: before, address } = this
    const record = before.bytes.slice(address, address + RecordsAt.interfaceRoom + 4)
    const interfaces = this.integer('interfaces')
    const room = this.integer('interfaceRoom') * INTERFACE_BYTES
    const table = interfaces === 0 ? null : before.bytes.slice(interfaces, interfaces + room)
    before.exports.closeRecords(address)
    this.core = core
    this.address = core.exports.openRecords(0)
    core.bytes.set(record, this.address)
    const moved = table === null ? 0 : core.exports.allocate(room)
    if (table !== null) core.bytes.set(table, moved)
    this.setInteger('interfaces', moved)
  }

  /** Nothing more is read of the capture: gives the core's memory back. */
  close(): void {
    if (this.kept !== null) return
    const { core, address } = this
    this.kept = new DataView(core.bytes.slice(address, address + RecordsAt.interfaceRoom + 4).buffer)
    core.exports.closeRecords(address)
  }
}
