// Decoding of one packet into a frame, layer by layer, by the packet core. Never throws.
import type { Frame } from './frame.ts'
import { PacketCore } from './packet-core.ts'

export { PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from './core/constants.ts'

/** A core for packets that stand in no core's memory, and room in it for one of them. */
let decoder: PacketCore | null = null
let roomAt = 0
let roomLength = 0
const SMALLEST_ROOM = 4096

/**
 * Decodes link, network and transport layer of frame.bytes[at, end). What could be read before a damaged place is kept;
 * frame.stopped names the layer that was cut. False where the link type is not one we read.
 */
export function decode(frame: Frame): boolean {
  const { at, end, loadedFrom } = frame
  if (loadedFrom !== null) return decodeAt(frame, loadedFrom, at)
  decoder ??= new PacketCore()
  const length = Math.max(0, end - at)
  if (length > roomLength || roomAt === 0) {
    if (roomAt !== 0) decoder.exports.release(roomAt)
    roomLength = Math.max(SMALLEST_ROOM, length)
    roomAt = decoder.exports.allocate(roomLength)
  }
  decoder.bytes.set(frame.bytes.subarray(at, at + length), roomAt)
  return decodeAt(frame, decoder, roomAt)
}

/** Decodes the frame, whose packet begins at `address` of the core's memory. */
export function decodeAt(frame: Frame, core: PacketCore, address: number): boolean {
  frame.storeRecord(core, address, address + frame.end - frame.at)
  const isRead = core.exports.decodeFrame() !== 0
  frame.loadDecoded(core, frame.at - address)
  return isRead
}
