// Frames that may be in a QUIC Initial packet: their types, and the ends of those that are skipped.
import { readVarint, varintEnd } from './quic-varint.ts'

export const FRAME_PADDING = 0x00
export const FRAME_PING = 0x01
export const FRAME_ACK = 0x02
export const FRAME_ACK_ECN = 0x03
export const FRAME_CRYPTO = 0x06
export const FRAME_CONNECTION_CLOSE = 0x1c

/** Whether a frame of this type may be in an Initial (RFC 9000 12.4, table 3). */
export function isFrameOfInitial(type: number): boolean {
  return type <= FRAME_ACK_ECN || type === FRAME_CRYPTO || type === FRAME_CONNECTION_CLOSE
}

/** The end of the ACK frame whose type byte is before `at` (RFC 9000 19.3), -1 when it does not end before `end`. */
export function skipAck(bytes: Uint8Array, at: number, end: number, withCounts: boolean): number {
  if (readVarint(bytes, at, end) < 0) return -1
  if (readVarint(bytes, varintEnd, end) < 0) return -1
  const ranges = readVarint(bytes, varintEnd, end)
  // Each range takes two bytes at least: a count that cannot fit is not walked.
  if (ranges < 0 || 2 * ranges > end - varintEnd) return -1
  const numbers = 1 + 2 * ranges + (withCounts ? 3 : 0)
  for (let index = 0; index < numbers; index++) {
    if (readVarint(bytes, varintEnd, end) < 0) return -1
  }
  return varintEnd
}

/**
 * The end of the CONNECTION_CLOSE frame whose type byte is before `at` (RFC 9000 19.19), -1 when it does not end before
 * `end`.
 */
export function skipConnectionClose(bytes: Uint8Array, at: number, end: number): number {
  if (readVarint(bytes, at, end) < 0) return -1
  if (readVarint(bytes, varintEnd, end) < 0) return -1
  const reasonLength = readVarint(bytes, varintEnd, end)
  if (reasonLength < 0 || reasonLength > end - varintEnd) return -1
  return varintEnd + reasonLength
}
