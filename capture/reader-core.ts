// The packet core that reads messages from outside a capture, and memory of a core for their bytes.
import { PacketCore } from './packet-core.ts'

const FIRST_CAPACITY = 4096

let core: PacketCore | null = null

/** The core for single messages, one for each thread. */
export function readerCore(): PacketCore {
  return (core ??= new PacketCore())
}

/** Memory of a core for the bytes of one message at a time. */
export class ReaderMemory {
  private readonly core: PacketCore
  private address = 0
  private capacity = 0

  constructor(core: PacketCore) {
    this.core = core
  }

  /**
   * The address of bytes[at, end): of a copy, which replaces the one before, unless they lie in the core's memory
   * themselves.
   */
  place(bytes: Uint8Array, at: number, end: number): number {
    if (bytes === this.core.bytes) return at
    const length = end - at
    if (length > this.capacity || this.address === 0) this.grow(length)
    this.core.bytes.set(bytes.subarray(at, end), this.address)
    return this.address
  }

  private grow(length: number): void {
    if (this.address !== 0) this.core.exports.release(this.address)
    this.capacity = Math.max(FIRST_CAPACITY, length, 2 * this.capacity)
    this.address = this.core.exports.allocate(this.capacity)
  }
}
