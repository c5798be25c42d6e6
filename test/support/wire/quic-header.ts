// Long headers of QUIC packets in bytes outside of the packet core, read by capture/core/quic/header.ts.
import { PlacedBytes } from './placed-bytes.ts'

const placed = new PlacedBytes()

/** Whether Initial packets of this version number can be read. */
export function isKnownVersion(version: number): boolean {
  return placed.core.exports.quicVersionOf(version) !== 0
}

/** Whether a UDP payload may begin with a long header packet of a known version. */
export function looksLikeQuicLongHeader(bytes: Uint8Array, at: number, end: number): boolean {
  const ahead = placed.place(bytes, at, end)
  return placed.core.exports.looksLikeQuicLongHeader(at + ahead, end + ahead) !== 0
}

/** Whether this is a server's packet after which the client sends its first Initial again. */
export function asksForNewInitial(bytes: Uint8Array, at: number, end: number): boolean {
  const ahead = placed.place(bytes, at, end)
  return placed.core.exports.asksForNewInitial(at + ahead, end + ahead) !== 0
}
