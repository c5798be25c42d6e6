// QUIC's variable-length integers.

/** Where the varint read last ended. */
export let varintEnd = 0

/**
 * Reads a variable-length integer (RFC 9000 16); -1 when it does not end before `end`. Above 2^53 the low bits are
 * lost.
 */
export function readVarint(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1
  const first = bytes[at]
  const length = 1 << (first >>> 6)
  varintEnd = at + length
  if (varintEnd > end) return -1
  if (length === 1) return first
  if (length === 2) return ((first & 0x3f) << 8) | bytes[at + 1]
  let value = first & 0x3f
  for (let index = at + 1; index < varintEnd; index++) value = value * 256 + bytes[index]
  return value
}
