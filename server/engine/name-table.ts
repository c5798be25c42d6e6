// Numbers of host names, which the core keeps. A string is made only when somebody reads one.
import type { PacketCore } from '../../capture/packet-core.ts'

export { NO_NAME } from '../../capture/core/constants.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })
const FIRST_ROOM = 256

/** Host names, case folded (ASCII) and without a trailing dot, each with a number from 1. */
export class NameTable {
  private readonly core: PacketCore
  private readonly texts = new Map<number, string>()
  /** A place in the core's memory for the name that is looked up. */
  private roomAt = 0
  private room = 0

  constructor(core: PacketCore) {
    this.core = core
  }

  /** Names in the table. */
  get size(): number {
    return this.core.exports.nameCount()
  }

  /** The number of the name in bytes[at, end), or NO_NAME where it is not in the table. */
  find(bytes: Uint8Array, at: number, end: number): number {
    const from = this.place(bytes, at, end)
    return this.core.exports.findName(from, from + end - at)
  }

  /** The number of the name in bytes[at, end), given now where it is new; NO_NAME for an empty name or a full table. */
  intern(bytes: Uint8Array, at: number, end: number): number {
    const from = this.place(bytes, at, end)
    return this.core.exports.internName(from, from + end - at)
  }

  /** As `intern`, but a new name must fit into the share of the device (a device key) that brings it in. */
  internFor(device: number, bytes: Uint8Array, at: number, end: number): number {
    const from = this.place(bytes, at, end)
    return this.core.exports.internNameFor(device, from, from + end - at)
  }

  /** The name as text. Bytes that are no UTF-8 are written as \DDD (RFC 1035 section 5.1). */
  text(id: number): string {
    let text = this.texts.get(id)
    if (text === undefined) {
      const { nameAt, nameEndOf } = this.core.exports
      text = decodeName(this.core.bytes.subarray(nameAt(id), nameEndOf(id)))
      this.texts.set(id, text)
    }
    return text
  }

  /** Copies the bytes to the core's memory; their address there. */
  private place(bytes: Uint8Array, at: number, end: number): number {
    const length = end - at
    if (length > this.room || this.room === 0) {
      const { allocate, release } = this.core.exports
      if (this.room > 0) release(this.roomAt)
      this.room = Math.max(length, 2 * this.room, FIRST_ROOM)
      this.roomAt = allocate(this.room)
    }
    this.core.bytes.set(bytes.subarray(at, end), this.roomAt)
    return this.roomAt
  }
}

function decodeName(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return Array.from(bytes, (byte) =>
      byte < 0x80 ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`,
    ).join('')
  }
}
