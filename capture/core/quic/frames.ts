// Frames that may be in a QUIC Initial packet: their types, and the ends of those that are skipped.
import { byteAt } from '../memory'
import { readVarint, varintEnd } from './varint'

export const FRAME_PADDING: i32 = 0x00
export const FRAME_PING: i32 = 0x01
export const FRAME_ACK: i32 = 0x02
export const FRAME_ACK_ECN: i32 = 0x03
export const FRAME_CRYPTO: i32 = 0x06
export const FRAME_CONNECTION_CLOSE: i32 = 0x1c

/** Whether a frame of this type may be in an Initial (RFC 9000 12.4, table 3). */
export function isFrameOfInitial(type: i32): bool {
  return type <= FRAME_ACK_ECN || type == FRAME_CRYPTO || type == FRAME_CONNECTION_CLOSE
}

/** The end of the PADDING frames from `at` on (RFC 9000 19.1), most of a client's Initials: eight at a time. */
export function skipPadding(at: usize, end: usize): usize {
  while (end - at >= 8 && load<u64>(at) == 0) at += 8
  while (at < end && byteAt(at) == FRAME_PADDING) at++
  return at
}

/** The end of the ACK frame whose type byte is before `at` (RFC 9000 19.3), 0 when it does not end before `end`. */
export function skipAck(at: usize, end: usize, withCounts: bool): usize {
  if (readVarint(at, end) < 0) return 0
  if (readVarint(varintEnd, end) < 0) return 0
  const ranges = readVarint(varintEnd, end)
  // Each range takes two bytes at least: a count that cannot fit is not walked.
  if (ranges < 0 || 2 * ranges > <i64>(end - varintEnd)) return 0
  const numbers = 1 + 2 * ranges + (withCounts ? 3 : 0)
  for (let index: i64 = 0; index < numbers; index++) {
    if (readVarint(varintEnd, end) < 0) return 0
  }
  return varintEnd
}

/**
 * The end of the CONNECTION_CLOSE frame whose type byte is before `at` (RFC 9000 19.19), 0 when it does not end before
 * `end`.
 */
export function skipConnectionClose(at: usize, end: usize): usize {
  if (readVarint(at, end) < 0) return 0
  if (readVarint(varintEnd, end) < 0) return 0
  const reasonLength = readVarint(varintEnd, end)
  if (reasonLength < 0 || reasonLength > <i64>(end - varintEnd)) return 0
  return varintEnd + <usize>reasonLength
}
