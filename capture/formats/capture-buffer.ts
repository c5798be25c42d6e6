// The room in a core's memory that captures are read from. Several readers may have one core: one holds it at a time.
import type { PacketCore } from '../packet-core.ts'
import { BUFFER_LENGTH } from './limits.ts'

/** A reader of captures: it holds the room, or another one does. */
export interface BufferHolder {
  /** Another reader's turn: what is unread is to be put aside. */
  leave(): void
  /** Its turn: what was put aside is to be put back. */
  enter(): void
}

const buffers = new WeakMap<PacketCore, CaptureBuffer>()

export class CaptureBuffer {
  /** Where its BUFFER_LENGTH bytes start in the core's memory. */
  readonly address: number
  private holder: BufferHolder | null = null

  private constructor(core: PacketCore) {
    this.address = core.exports.allocateBuffer(BUFFER_LENGTH)
  }

  /** The one of the core. */
  static of(core: PacketCore): CaptureBuffer {
    let buffer = buffers.get(core)
    if (buffer === undefined) buffers.set(core, (buffer = new CaptureBuffer(core)))
    return buffer
  }

  /** The holder reads elsewhere from now on. */
  giveUp(holder: BufferHolder): void {
    if (this.holder !== holder) return
    holder.leave()
    this.holder = null
  }

  take(holder: BufferHolder): void {
    if (this.holder === holder) return
    this.holder?.leave()
    this.holder = holder
    holder.enter()
  }
}
