// The first flight of a TLS server up to version 1.2: the certificate that it shows.
import { MAX_CERTIFICATE_BYTES, MAX_FLIGHT_BYTES } from './limits'
import { byteAt, u16At } from './memory'
import { mayBeHandshakeRecord, NEED_MORE, RECORD_HEADER_LENGTH } from './tls-hello'

/** The bytes given are no server's flight with a certificate, whatever follows. */
export const NOT_FLIGHT: i32 = -1

const MESSAGE_HEADER_LENGTH: usize = 4
const LENGTH_BYTES: usize = 3
const MESSAGE_SERVER_HELLO: i32 = 2
const MESSAGE_CERTIFICATE: i32 = 11

/** The server's own certificate in the flight that was read last, in the memory where records are joined; 0: none. */
export let certificateAt: usize = 0
export let certificateEnd: usize = 0

/** Where the content of records is joined. */
const joined: usize = memory.data(MAX_FLIGHT_BYTES, 8)

/** Whether the TLS record at `at` may begin a server's flight: its first message is a ServerHello. */
export function startsLikeFlight(at: usize, end: usize): bool {
  const messageAt = at + RECORD_HEADER_LENGTH
  return messageAt < end && mayBeHandshakeRecord(at, end) && byteAt(messageAt) == MESSAGE_SERVER_HELLO
}

/**
 * Reads a server's flight from the beginning of its TLS stream in [at, end): ServerHello, then Certificate (RFC 5246
 * 7.4), over any number of records. Of the chain only the first certificate, the server's own, has to be there.
 *
 * Returns 1 where it is, NEED_MORE or NOT_FLIGHT. In TLS 1.3 the certificate is encrypted, and a resumed session has
 * none: the message behind the ServerHello is another one then.
 */
export function readServerFlight(at: usize, end: usize): i32 {
  certificateAt = 0
  certificateEnd = 0
  let length: usize = 0
  while (at < end) {
    if (!mayBeHandshakeRecord(at, end)) return NOT_FLIGHT
    const contentAt = at + RECORD_HEADER_LENGTH
    if (contentAt >= end) return NEED_MORE
    const contentEnd = contentAt + <usize>u16At(at + 3)
    const to = min<usize>(contentEnd, end)
    const room = <usize>MAX_FLIGHT_BYTES - length
    const taken = min<usize>(to - contentAt, room)
    memory.copy(joined + length, contentAt, taken)
    length += taken
    const result = readMessages(joined, joined + length)
    if (result != NEED_MORE) return result
    if (taken == room) return NOT_FLIGHT
    at = contentEnd
  }
  return NEED_MORE
}

/** Reads the handshake messages in [at, end): a ServerHello, then a Certificate as far as the first of its list. */
function readMessages(at: usize, end: usize): i32 {
  if (at >= end) return NEED_MORE
  if (byteAt(at) != MESSAGE_SERVER_HELLO) return NOT_FLIGHT
  if (end - at < MESSAGE_HEADER_LENGTH) return NEED_MORE
  const helloLength = <usize>lengthAt(at + 1)
  if (helloLength > <usize>MAX_FLIGHT_BYTES) return NOT_FLIGHT
  const next = at + MESSAGE_HEADER_LENGTH + helloLength
  if (next >= end) return NEED_MORE
  if (byteAt(next) != MESSAGE_CERTIFICATE) return NOT_FLIGHT
  if (end - next < MESSAGE_HEADER_LENGTH) return NEED_MORE
  return readCertificateMessage(next + MESSAGE_HEADER_LENGTH, end, lengthAt(next + 1))
}

/**
 * Reads the body at `at` of a Certificate message of `messageLength` bytes, as far as the first certificate of its list
 * (RFC 5246 7.4.2).
 */
export function readCertificateMessage(at: usize, end: usize, messageLength: i32): i32 {
  const firstAt = at + 2 * LENGTH_BYTES
  if (firstAt > end) return NEED_MORE
  const listLength = lengthAt(at)
  const length = lengthAt(at + LENGTH_BYTES)
  if (listLength + <i32>LENGTH_BYTES != messageLength || length + <i32>LENGTH_BYTES > listLength) return NOT_FLIGHT
  if (length == 0 || length > MAX_CERTIFICATE_BYTES) return NOT_FLIGHT
  if (end - firstAt < <usize>length) return NEED_MORE
  certificateAt = firstAt
  certificateEnd = firstAt + <usize>length
  return 1
}

/** The 24-bit length at `at`. */
function lengthAt(at: usize): i32 {
  return (byteAt(at) << 16) | u16At(at + 1)
}
