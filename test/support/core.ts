// A packet core of its own for a test, with bytes put into its memory.
import { PacketCore } from '../../capture/packet-core.ts'

/** A new core. */
export function newCore(): PacketCore {
  return new PacketCore()
}

/** Copies the bytes into memory that stays as long as the core; gives their address. */
export function place(core: PacketCore, bytes: Uint8Array): number {
  const at = core.exports.allocate(Math.max(1, bytes.length))
  core.bytes.set(bytes, at)
  return at
}
