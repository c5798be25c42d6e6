// Bytes of a caller in the memory of a packet core that reads them.
import { PacketCore } from '../../../capture/packet-core.ts'

/** Bytes copied besides the ones to be read, on both sides: a reader that looks at them gives itself away. */
const SURROUNDINGS = 64

/** A core for readers of bytes that lie outside of one: made when the first bytes come. */
export class PlacedBytes {
  private made: PacketCore | null = null
  private room = 0
  private roomAt = 0

  get core(): PacketCore {
    return (this.made ??= new PacketCore())
  }

  /** Copies bytes[at, end) into the core. Gives what the places in the core are ahead of the offsets in `bytes`. */
  place(bytes: Uint8Array, at: number, end: number): number {
    const { exports } = this.core
    const from = Math.max(0, at - SURROUNDINGS)
    const copied = bytes.subarray(from, Math.max(at, end) + SURROUNDINGS)
    if (copied.length > this.room || this.room === 0) {
      if (this.room > 0) exports.release(this.roomAt)
      this.room = 2 * copied.length + SURROUNDINGS
      this.roomAt = exports.allocate(this.room)
    }
    this.core.bytes.set(copied, this.roomAt)
    return this.roomAt - from
  }
}
