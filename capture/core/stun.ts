// STUN and TURN messages: the program and the relay of a call or camera that connects through the router.
import { byteAt, i32At, u16At } from './memory'

/** Header, RFC 8489 §5: type, length, magic cookie, transaction id. */
const HEADER_LENGTH: i32 = 20
const LENGTH: usize = 2
const COOKIE: usize = 4
const ATTRIBUTE_HEADER_LENGTH: usize = 4
/** RFC 8489 §14.14: who made the program, in words. */
const SOFTWARE: i32 = 0x8022
const MAX_ATTRIBUTES: i32 = 32
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

/** The value of the SOFTWARE attribute of the message read last; 0 where it has none. Hostile text. */
export let softwareAt: usize = 0
export let softwareEnd: usize = 0

/** Looks for SOFTWARE among the attributes of the message in [at, end), which looks like STUN. */
export function readStunSoftware(at: usize, end: usize): void {
  softwareAt = 0
  softwareEnd = 0
  const to = min<usize>(end, at + <usize>HEADER_LENGTH + <usize>u16At(at + LENGTH))
  let next = at + <usize>HEADER_LENGTH
  for (let count = 0; count < MAX_ATTRIBUTES && next + ATTRIBUTE_HEADER_LENGTH <= to; count++) {
    const valueAt = next + ATTRIBUTE_HEADER_LENGTH
    const valueEnd = valueAt + <usize>u16At(next + 2)
    if (valueEnd > to) return
    if (u16At(next) == SOFTWARE) {
      softwareAt = valueAt
      softwareEnd = valueEnd
      return
    }
    // RFC 8489 §14: values are padded to a multiple of 4.
    next = valueAt + ((valueEnd - valueAt + 3) & ~3)
  }
}
