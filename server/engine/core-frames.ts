// Packets that enter the core one by one, and the packet that the core has at hand.
import { MAX_CAPTURED_LENGTH } from '../../capture/core/constants.ts'
import { Frame } from '../../capture/frame.ts'
import type { PacketCore } from '../../capture/packet-core.ts'
import { textOf } from '../../capture/wire/text.ts'
import { KEPT_BYTES } from './held-packets.ts'

/** Packets that had to wait are processed inside of the packet that ended their waiting, and that one maybe too. */
const MAX_NESTED = 4

export class CoreFrames {
  private readonly core: PacketCore
  private readonly frame = new Frame()
  /** Places in the core's memory, made when they are needed; 0 before. */
  private packetAt = 0
  private heldAt = 0
  private nested = 0

  constructor(core: PacketCore) {
    this.core = core
  }

  /** The packet that the core has at hand, decoded. The object is used again. */
  read(): Frame {
    this.frame.load(this.core)
    return this.frame
  }

  textAt(at: number, end: number): string {
    return textOf(this.core.bytes, at, end)
  }

  /** Takes a packet whose bytes lie anywhere. */
  process(frame: Frame): void {
    const { core } = this
    if (frame.loadedFrom === core) {
      frame.storeRecord(core, frame.at, frame.end)
    } else {
      // What stood there before is no packet to compare with any more.
      core.exports.beginPiece()
      if (this.packetAt === 0) this.packetAt = core.exports.allocate(MAX_CAPTURED_LENGTH)
      const bytes = frame.bytes.subarray(frame.at, Math.min(frame.end, frame.at + MAX_CAPTURED_LENGTH))
      core.bytes.set(bytes, this.packetAt)
      frame.storeRecord(core, this.packetAt, this.packetAt + bytes.length)
    }
    core.exports.processFrame()
  }

  /** Takes a packet that had to wait, in the middle of another one. */
  processHeld(frame: Frame): void {
    const { core } = this
    if (this.nested >= MAX_NESTED || core.exports.saveFrame() === 0)
      throw new Error(`packets that waited are processed ${this.nested} levels deep`)
    if (this.heldAt === 0) this.heldAt = core.exports.allocate(MAX_NESTED * KEPT_BYTES)
    const at = this.heldAt + this.nested * KEPT_BYTES
    this.nested++
    try {
      core.bytes.set(frame.bytes.subarray(frame.at, frame.end), at)
      frame.storeRecord(core, at, at + frame.end - frame.at)
      core.exports.processHeldFrame()
    } finally {
      this.nested--
      core.exports.restoreFrame()
    }
  }
}
