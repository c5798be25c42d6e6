// STUN and TURN messages: the program and the relay of a call or camera that connects through the router.
import { byteAt, i32At, u16At } from './memory'

/** Header, RFC 8489 §5: type, length, magic cookie, transaction id. */
const HEADER_LENGTH: i32 = 20
const LENGTH: usize = 2
const COOKIE: usize = 4
const MAGIC: i32 = 0x2112a442
/** The two highest bits of the type are zero: they distinguish STUN from RTP, DTLS and TURN channels. */
const NOT_STUN_BITS: i32 = 0xc0

/**
 * The cheap test: magic cookie, leading zero bits, and a length that is a multiple of 4 and fits (RFC 8489 §5, §6.3).
 */
export function looksLikeStun(at: usize, end: usize): bool {
  const there = <i32>(end - at)
  if (there < HEADER_LENGTH || (byteAt(at) & NOT_STUN_BITS) != 0 || i32At(at + COOKIE) != MAGIC) return false
  const length = u16At(at + LENGTH)
  return (length & 3) == 0 && length <= there - HEADER_LENGTH
}
