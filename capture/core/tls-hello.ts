// TLS ClientHellos: server name, protocols and whether the name is encrypted (ECH).
import { MAX_HELLO_BYTES } from './limits'
import { byteAt, grown, u16At } from './memory'

/** The bytes given are the beginning of what may be a hello; try again with more of the stream. */
export const NEED_MORE: i32 = 0
/** The bytes given are no ClientHello, whatever follows. */
export const NOT_HELLO: i32 = -1

const HANDSHAKE_HEADER_LENGTH: usize = 4
export const RECORD_HEADER_LENGTH: usize = 5
const MAX_RECORD_LENGTH: i32 = 1 << 14
const FIRST_SCRATCH_BYTES: usize = 4096

const CONTENT_TYPE_HANDSHAKE: i32 = 22
const HANDSHAKE_CLIENT_HELLO: i32 = 1
const MAJOR_VERSION: i32 = 3
const DATAGRAM_MAJOR_VERSION: i32 = 254
/** 3.0 is SSL 3, 3.3 TLS 1.2 and (in the legacy field) 1.3; drafts never wrote more than 3.4 here. */
const MAX_MINOR_VERSION: i32 = 4
const MAX_SESSION_ID_LENGTH: i32 = 32
/** Version, random and the length of the session id. */
const FIXED_BODY_LENGTH: usize = 2 + 32 + 1

const EXTENSION_SERVER_NAME: i32 = 0
const EXTENSION_ALPN: i32 = 16
const EXTENSION_ENCRYPTED_CLIENT_HELLO: i32 = 0xfe0d
const EXTENSION_ENCRYPTED_SERVER_NAME: i32 = 0xffce
const NAME_TYPE_HOST_NAME: i32 = 0
const ENCRYPTED_CLIENT_HELLO_OUTER: i32 = 0

// What the hello that was read last offers. Places are in the bytes given, or in the scratch memory when the hello
// spanned TLS records; 0 where absent.

/** The host_name of server_name (RFC 6066 3), absent when empty. May spell an IP address. Hostile text. */
export let serverNameAt: usize = 0
export let serverNameEnd: usize = 0
/** The protocol names of ALPN, each after its one-byte length (RFC 7301 3.1). */
export let alpnAt: usize = 0
export let alpnEnd: usize = 0
/**
 * An encrypted_client_hello of type outer (RFC 9849) or its forerunner encrypted_server_name is present. The server
 * name is then the name of the fronting service, or the real one: clients without the server's key send the extension
 * with random content (GREASE, RFC 9849 6.2), made to be indistinguishable.
 */
export let hasEncryptedHello: bool = false
/** Whether the places above are in the scratch memory. */
export let isHelloJoined: bool = false

/** Where fragments are joined; grows to MAX_HELLO_BYTES at most and is kept for the next hello. */
export let helloScratch: usize = heap.alloc(FIRST_SCRATCH_BYTES)
export let helloScratchBytes: usize = FIRST_SCRATCH_BYTES

/** Forgets what the last hello offered. */
export function clearHello(): void {
  serverNameAt = 0
  serverNameEnd = 0
  alpnAt = 0
  alpnEnd = 0
  hasEncryptedHello = false
  isHelloJoined = false
}

function setServerName(at: usize, end: usize): void {
  // RFC 6066 3: a list of (type, name); servers answer the first host_name, and there may be one only.
  if (serverNameAt != 0 || end - at < 2) return
  const listEnd = min<usize>(end, at + 2 + <usize>u16At(at))
  at += 2
  while (listEnd >= at + 3) {
    const nameEnd = at + 3 + <usize>u16At(at + 1)
    if (nameEnd > listEnd) return
    if (byteAt(at) == NAME_TYPE_HOST_NAME) {
      if (nameEnd > at + 3) {
        serverNameAt = at + 3
        serverNameEnd = nameEnd
      }
      return
    }
    at = nameEnd
  }
}

function setAlpn(at: usize, end: usize): void {
  // RFC 7301 3.1: one list of names, each after its one-byte length.
  if (alpnAt != 0 || end - at < 2) return
  const listEnd = at + 2 + <usize>u16At(at)
  if (listEnd > end) return
  alpnAt = at + 2
  alpnEnd = listEnd
}

/** Walks the extensions in [at, bodyEnd) as far as `limit`; false when one runs over the end of the message. */
function readExtensions(at: usize, limit: usize, bodyEnd: usize): bool {
  while (limit >= at + 4) {
    const type = u16At(at)
    const dataAt = at + 4
    const dataEnd = dataAt + <usize>u16At(at + 2)
    if (dataEnd > bodyEnd) return false
    if (dataEnd > limit) return true
    if (type == EXTENSION_SERVER_NAME) setServerName(dataAt, dataEnd)
    else if (type == EXTENSION_ALPN) setAlpn(dataAt, dataEnd)
    else if (type == EXTENSION_ENCRYPTED_CLIENT_HELLO) {
      if (dataEnd > dataAt && byteAt(dataAt) == ENCRYPTED_CLIENT_HELLO_OUTER) hasEncryptedHello = true
    } else if (type == EXTENSION_ENCRYPTED_SERVER_NAME) hasEncryptedHello = true
    at = dataEnd
  }
  // A rest of 1 to 3 bytes is an extension cut short: by the message itself, or by what was captured of it so far.
  return at == bodyEnd || limit < bodyEnd
}

/**
 * Walks the body of a hello in [at, bodyEnd), of which the bytes before `limit` are there. False when it is malformed;
 * whether it is whole is for the caller to say (limit == bodyEnd).
 */
function readBody(at: usize, limit: usize, bodyEnd: usize, isDatagram: bool): bool {
  if (bodyEnd - at < FIXED_BODY_LENGTH) return false
  if (limit > at && byteAt(at) != (isDatagram ? DATAGRAM_MAJOR_VERSION : MAJOR_VERSION)) return false
  if (!isDatagram && limit > at + 1 && byteAt(at + 1) > MAX_MINOR_VERSION) return false
  const sessionIdAt = at + FIXED_BODY_LENGTH
  if (limit < sessionIdAt) return true
  const sessionIdLength = byteAt(sessionIdAt - 1)
  if (sessionIdLength > MAX_SESSION_ID_LENGTH) return false

  let next = sessionIdAt + <usize>sessionIdLength
  if (isDatagram) {
    // RFC 6347 4.2.1: the cookie that a HelloVerifyRequest gave, behind its length.
    next++
    if (next > bodyEnd) return false
    if (limit < next) return true
    next += <usize>byteAt(next - 1)
  }
  const suitesAt = next + 2
  if (suitesAt > bodyEnd) return false
  if (limit < suitesAt) return true
  const suitesLength = u16At(suitesAt - 2)
  if (suitesLength < 2 || (suitesLength & 1) != 0) return false

  const compressionsAt = suitesAt + <usize>suitesLength + 1
  if (compressionsAt > bodyEnd) return false
  if (limit < compressionsAt) return true
  const compressionsEnd = compressionsAt + <usize>byteAt(compressionsAt - 1)
  if (compressionsEnd == compressionsAt || compressionsEnd > bodyEnd) return false

  // Hellos before TLS 1.2 may end here (RFC 5246 7.4.1.2).
  if (compressionsEnd == bodyEnd) return true
  const extensionsAt = compressionsEnd + 2
  if (extensionsAt > bodyEnd) return false
  if (limit < extensionsAt) return true
  if (extensionsAt + <usize>u16At(extensionsAt - 2) != bodyEnd) return false
  return readExtensions(extensionsAt, limit, bodyEnd)
}

/**
 * Reads the ClientHello handshake message in [at, end) without record layer (RFC 8446 4.1.2), as a QUIC CRYPTO stream
 * carries it.
 *
 * Returns its length (> 0), NEED_MORE for the beginning of one (from 0 bytes on), NOT_HELLO as soon as it cannot be
 * one. After NEED_MORE the variables hold what the extensions so far gave: enough for a name out of a cut capture, but
 * then nobody knows whether encrypted_client_hello was among those missing.
 */
export function readClientHelloMessage(at: usize, end: usize): i32 {
  clearHello()
  if (end <= at) return NEED_MORE
  if (byteAt(at) != HANDSHAKE_CLIENT_HELLO) return NOT_HELLO
  if (end - at < HANDSHAKE_HEADER_LENGTH) return end - at > 1 && byteAt(at + 1) != 0 ? NOT_HELLO : NEED_MORE
  const length = <i32>HANDSHAKE_HEADER_LENGTH + bodyLengthAt(at)
  if (length > MAX_HELLO_BYTES) return NOT_HELLO
  const bodyEnd = at + <usize>length
  const limit = end < bodyEnd ? end : bodyEnd
  if (!readBody(at + HANDSHAKE_HEADER_LENGTH, limit, bodyEnd, false)) {
    clearHello()
    return NOT_HELLO
  }
  return limit == bodyEnd ? length : NEED_MORE
}

/**
 * Reads the body of a DTLS ClientHello in [at, bodyEnd), of which the bytes before `limit` are there: a datagram holds
 * its first piece (RFC 6347 4.2.1). False where it is none.
 */
export function readDatagramHello(at: usize, limit: usize, bodyEnd: usize): bool {
  clearHello()
  if (bodyEnd - at <= <usize>MAX_HELLO_BYTES && readBody(at, limit, bodyEnd, true)) return true
  clearHello()
  return false
}

/** The length in the header of the handshake message at `at`, of which 4 bytes are there. */
function bodyLengthAt(at: usize): i32 {
  return (byteAt(at + 1) << 16) | u16At(at + 2)
}

/** Is a TLS record header of type handshake at `at`, as far as its bytes are there? */
export function mayBeHandshakeRecord(at: usize, end: usize): bool {
  const there: usize = end > at ? end - at : 0
  if (there > 0 && byteAt(at) != CONTENT_TYPE_HANDSHAKE) return false
  if (there > 1 && byteAt(at + 1) != MAJOR_VERSION) return false
  if (there > 2 && byteAt(at + 2) > MAX_MINOR_VERSION) return false
  if (there < RECORD_HEADER_LENGTH) return true
  const length = u16At(at + 3)
  // RFC 8446 5.1: no handshake record is empty.
  return length > 0 && length <= MAX_RECORD_LENGTH
}

/** Joins the fragments of consecutive handshake records in the scratch memory and reads the hello from there. */
function readFragmentedHello(at: usize, end: usize): i32 {
  let wanted = HANDSHAKE_HEADER_LENGTH
  let have: usize = 0
  let recordAt = at
  while (true) {
    if (!mayBeHandshakeRecord(recordAt, end)) return NOT_HELLO
    const fragmentAt = recordAt + RECORD_HEADER_LENGTH
    if (fragmentAt >= end) break
    const fragmentEnd = fragmentAt + <usize>u16At(recordAt + 3)
    const partEnd = min<usize>(fragmentEnd, end)
    let from = fragmentAt
    while (from < partEnd) {
      const to = min<usize>(partEnd, from + wanted - have)
      appendFragment(from, to, have)
      have += to - from
      from = to
      if (have < wanted) break
      if (wanted > HANDSHAKE_HEADER_LENGTH) return helloInScratch(have, <i32>(from - at))
      wanted += <usize>bodyLengthAt(helloScratch)
      if (wanted > <usize>MAX_HELLO_BYTES || wanted == HANDSHAKE_HEADER_LENGTH) return NOT_HELLO
    }
    if (partEnd < fragmentEnd) break
    recordAt = fragmentEnd
  }
  return helloInScratch(have, NEED_MORE)
}

function helloInScratch(have: usize, consumed: i32): i32 {
  const result = readClientHelloMessage(helloScratch, helloScratch + have)
  isHelloJoined = result != NOT_HELLO
  return result > 0 ? consumed : result
}

/** Copies [from, to) to offset `have` of the scratch memory. The caller keeps have + (to - from) below the cap. */
function appendFragment(from: usize, to: usize, have: usize): void {
  const needed = have + (to - from)
  if (needed > helloScratchBytes) {
    const larger = min<usize>(<usize>MAX_HELLO_BYTES, 2 * needed)
    helloScratch = grown(helloScratch, helloScratchBytes, larger)
    helloScratchBytes = larger
  }
  memory.copy(helloScratch + have, from, to - from)
}

/**
 * Reads a ClientHello from the beginning of the TLS stream in [at, end): records of type handshake (RFC 8446 5.1), one
 * or several.
 *
 * Returns the bytes of stream used (> 0), NEED_MORE or NOT_HELLO, as readClientHelloMessage does. A hello inside one
 * record is read in place; one that spans records is joined in the scratch memory. An SSL 2 compatible hello is
 * NOT_HELLO: it has no room for a name.
 */
export function readClientHelloRecords(at: usize, end: usize): i32 {
  clearHello()
  if (!mayBeHandshakeRecord(at, end)) return NOT_HELLO
  const messageAt = at + RECORD_HEADER_LENGTH
  if (messageAt >= end) return NEED_MORE
  if (byteAt(messageAt) != HANDSHAKE_CLIENT_HELLO) return NOT_HELLO
  const recordLength = <usize>u16At(at + 3)
  if (recordLength >= HANDSHAKE_HEADER_LENGTH) {
    if (end - messageAt < HANDSHAKE_HEADER_LENGTH) return readClientHelloMessage(messageAt, end)
    const inOneRecord = HANDSHAKE_HEADER_LENGTH + <usize>bodyLengthAt(messageAt) <= recordLength
    if (inOneRecord || end <= messageAt + recordLength) {
      const result = readClientHelloMessage(messageAt, end)
      return result > 0 ? <i32>RECORD_HEADER_LENGTH + result : result
    }
  }
  return readFragmentedHello(at, end)
}
