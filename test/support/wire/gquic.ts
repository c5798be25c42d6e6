// The server name in the hello of Google's QUIC outside of the packet core, read by capture/core/gquic.ts.
import { PlacedBytes } from './placed-bytes.ts'

/** Where the last CHLO read keeps its SNI; reused. */
export interface GquicServerName {
  /** Offsets inside the bytes given, -1 when the CHLO has none. Hostile text. */
  serverNameAt: number
  serverNameEnd: number
}

const placed = new PlacedBytes()

/**
 * Reads the server name out of a UDP payload that holds the CHLO of a client of Google's QUIC, Q025 to Q046. True when
 * there is a CHLO, with its name in `out` if it has one; false for anything else. Never throws.
 */
export function readGquicServerName(bytes: Uint8Array, at: number, end: number, out: GquicServerName): boolean {
  const ahead = placed.place(bytes, at, end)
  const { exports } = placed.core
  const isHello = exports.readGquicServerName(at + ahead, end + ahead) !== 0
  const nameAt = exports.gquicNameAt.value
  out.serverNameAt = nameAt === 0 ? -1 : nameAt - ahead
  out.serverNameEnd = nameAt === 0 ? -1 : exports.gquicNameEnd.value - ahead
  return isHello
}
