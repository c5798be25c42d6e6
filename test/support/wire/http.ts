// HTTP/1.x request heads in bytes outside of the packet core, read by capture/core/http-request.ts.
import { HEAD_MAX_BYTES } from '../../../capture/core/limits.ts'
import { PlacedBytes } from './placed-bytes.ts'

export { HEAD_MAX_BYTES }

/** Results of readHttpRequest besides a length. */
export const NEED_MORE = 0
export const NOT_HTTP = -1

/** Where the parts of a request head lie: offsets into the bytes that were read, -1 = absent. Reusable. */
export interface HttpRequest {
  /** Behind the last letter of the method. */
  methodEnd: number
  /** The authority of a target in absolute form (RFC 9112 §3.2.2) or of CONNECT (§3.2.3), with its port, without
   *  user information. It overrides Host. */
  targetHostAt: number
  targetHostEnd: number
  /** Value of the first Host field, trimmed, with its port. As it came: it may hold what no host name holds. */
  hostAt: number
  hostEnd: number
  /** Value of the first User-Agent field, trimmed. May hold a line break where the sender folded it (RFC 9112 §5.2). */
  userAgentAt: number
  userAgentEnd: number
  isConnect: boolean
}

const placed = new PlacedBytes()

export function emptyHttpRequest(): HttpRequest {
  return {
    methodEnd: -1,
    targetHostAt: -1,
    targetHostEnd: -1,
    hostAt: -1,
    hostEnd: -1,
    userAgentAt: -1,
    userAgentEnd: -1,
    isConnect: false,
  }
}

/** The cheap test: bytes[at, end) start with a known method and a space, or are a beginning of that. */
export function startsLikeHttpRequest(bytes: Uint8Array, at: number, end: number): boolean {
  const ahead = placed.place(bytes, at, end)
  return placed.core.exports.startsLikeHttpRequest(at + ahead, end + ahead) !== 0
}

/**
 * Reads the request head at the start of bytes[at, end), as much of the client's TCP stream as has arrived. RFC 9112
 * §2–5.
 *
 * Returns the length of the head in bytes when it is complete, NEED_MORE for a beginning of one, NOT_HTTP for anything
 * else and for a head longer than HEAD_MAX_BYTES. With NEED_MORE, `out` holds the fields whose lines were complete, so
 * that a cut capture still gives its host; call again with the longer stream and the same `at`.
 */
export function readHttpRequest(bytes: Uint8Array, at: number, end: number, out: HttpRequest): number {
  const ahead = placed.place(bytes, at, end)
  const { exports } = placed.core
  const result = exports.readHttpRequest(at + ahead, end + ahead)
  const offsetOf = (place: { readonly value: number }): number => (place.value === 0 ? -1 : place.value - ahead)
  out.methodEnd = offsetOf(exports.requestMethodEnd)
  out.targetHostAt = offsetOf(exports.targetHostAt)
  out.targetHostEnd = offsetOf(exports.targetHostEnd)
  out.hostAt = offsetOf(exports.hostAt)
  out.hostEnd = offsetOf(exports.hostEnd)
  out.userAgentAt = offsetOf(exports.userAgentAt)
  out.userAgentEnd = offsetOf(exports.userAgentEnd)
  out.isConnect = exports.isConnect.value !== 0
  return result
}

/** End of a host without its `:port`; the brackets of an IPv6 literal (RFC 3986 §3.2.2) stay. */
export function hostWithoutPort(bytes: Uint8Array, at: number, end: number): number {
  const ahead = placed.place(bytes, at, end)
  return placed.core.exports.hostWithoutPort(at + ahead, end + ahead) - ahead
}
