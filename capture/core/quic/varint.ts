// QUIC's variable-length integers.
import { byteAt } from '../memory'

/** Where the varint read last ended. */
export let varintEnd: usize = 0

/** Reads a variable-length integer (RFC 9000 16); -1 when it does not end before `end`. */
export function readVarint(at: usize, end: usize): i64 {
  if (at >= end) return -1
  const first = byteAt(at)
  const length: usize = 1 << (first >>> 6)
  if (length > end - at) return -1
  varintEnd = at + length
  if (length == 1) return first
  if (length == 2) return ((first & 0x3f) << 8) | byteAt(at + 1)
  if (length == 4) return bswap<u32>(load<u32>(at)) & 0x3fff_ffff
  return bswap<u64>(load<u64>(at)) & 0x3fff_ffff_ffff_ffff
}
