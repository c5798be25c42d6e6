// The clock of the packets.
import type { PacketCore } from '../../capture/packet-core.ts'

/** Times in seconds since 1970-01-01 UTC; NaN before there is a packet. */
export class PacketClock {
  private readonly core: PacketCore

  constructor(core: PacketCore) {
    this.core = core
  }

  /** Time of the packet at hand. */
  get now(): number {
    return this.core.exports.now.value as number
  }

  get first(): number {
    return this.core.exports.firstTime.value as number
  }

  get last(): number {
    return this.core.exports.lastTime.value as number
  }
}
