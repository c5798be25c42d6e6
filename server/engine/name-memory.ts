// Names of an address for a device, which the core keeps: by its latest DNS answer, and by the names its flows carried.
import type { PacketCore } from '../../capture/packet-core.ts'

/** Names per (device, address), never one map for the whole home: two devices may mean two services by one address. */
export class NameMemory {
  private readonly core: PacketCore

  constructor(core: PacketCore) {
    this.core = core
  }

  /** `device` (a device key) got a DNS answer: `name` leads to `address`. */
  answer(device: number, address: number, name: number): void {
    this.core.exports.rememberAnswer(device, address, name)
  }

  /** A flow of the device to the address carried the name, or was named by its DNS. */
  call(device: number, address: number, name: number): void {
    this.core.exports.rememberCall(device, address, name)
  }

  /** The name of this device's latest answer for the address. */
  answeredName(device: number, address: number): number {
    return this.core.exports.answeredName(device, address)
  }
}
