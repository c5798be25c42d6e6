// DTLS handshakes in datagrams: server name of a ClientHello, certificate of a server.
import { certificateAt, certificateEnd, readCertificateMessage } from './tls-certificate'
import { nameByCertificate, observeHello, wantsCertificate } from './flow-names'
import { NAMED_BY_TLS } from './constants'
import { flowOf, INSPECT_A } from './flows'
import { byteAt, u16At } from './memory'
import { readDatagramHello } from './tls-hello'

/** Type, version, epoch and sequence number, length (RFC 6347 4.1). */
const RECORD_HEADER_LENGTH: usize = 13
const EPOCH: usize = 3
const RECORD_LENGTH: usize = 11
/** Type, length, message's number, fragment's offset and length (RFC 6347 4.2.2). */
const MESSAGE_HEADER_LENGTH: usize = 12
const FRAGMENT_OFFSET: usize = 6
const FRAGMENT_LENGTH: usize = 9

const CONTENT_TYPE_HANDSHAKE: i32 = 22
/** 254.255 is DTLS 1.0, 254.253 1.2 and, in this field, 1.3. */
const MAJOR_VERSION: i32 = 254
const MIN_MINOR_VERSION: i32 = 252
const MESSAGE_CLIENT_HELLO: i32 = 1
const MESSAGE_CERTIFICATE: i32 = 11

/** The cheap test: a handshake record that is not encrypted, in epoch 0. */
export function looksLikeDtls(at: usize, end: usize): bool {
  return (
    end - at >= RECORD_HEADER_LENGTH + MESSAGE_HEADER_LENGTH &&
    end > at &&
    byteAt(at) == CONTENT_TYPE_HANDSHAKE &&
    byteAt(at + 1) == MAJOR_VERSION &&
    byteAt(at + 2) >= MIN_MINOR_VERSION &&
    u16At(at + EPOCH) == 0
  )
}

/** Reads the records of the datagram in [at, to), which `end` of the flow sent; they may name the flow. */
export function observeDtls(at: usize, to: usize, id: i32, end: i32): void {
  while (at < to && looksLikeDtls(at, to)) {
    const recordAt = at + RECORD_HEADER_LENGTH
    const recordEnd = recordAt + <usize>u16At(at + RECORD_LENGTH)
    if (recordEnd > to) return
    readFragments(recordAt, recordEnd, id, end)
    at = recordEnd
  }
}

/** The messages, or pieces of messages, of one record. Of a message in pieces only the first one is read. */
function readFragments(at: usize, recordEnd: usize, id: i32, end: i32): void {
  while (recordEnd > at && recordEnd - at >= MESSAGE_HEADER_LENGTH) {
    const length = lengthAt(at + 1)
    const isFirst = lengthAt(at + FRAGMENT_OFFSET) == 0
    const bodyAt = at + MESSAGE_HEADER_LENGTH
    const fragment = <usize>lengthAt(at + FRAGMENT_LENGTH)
    if (fragment > recordEnd - bodyAt || fragment > <usize>length) return
    if (isFirst) readMessage(byteAt(at), bodyAt, bodyAt + fragment, length, id, end)
    at = bodyAt + fragment
  }
}

function readMessage(type: i32, at: usize, to: usize, length: i32, id: i32, end: i32): void {
  if (type == MESSAGE_CLIENT_HELLO) {
    if (!readDatagramHello(at, to, at + <usize>length)) return
    observeHello(NAMED_BY_TLS, id, end)
    if (!wantsCertificate(id, 1 - end)) flowOf(id).flags &= ~(INSPECT_A << (1 - end))
  } else if (type == MESSAGE_CERTIFICATE && wantsCertificate(id, end)) {
    if (readCertificateMessage(at, to, length) > 0) nameByCertificate(id, end, certificateAt, certificateEnd)
  }
}

/** The 24-bit length at `at`. */
function lengthAt(at: usize): i32 {
  return (byteAt(at) << 16) | u16At(at + 1)
}
