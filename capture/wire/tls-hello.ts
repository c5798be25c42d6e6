// TLS ClientHellos: server name, protocols and whether the name is encrypted (ECH).

/** The bytes given are the beginning of what may be a hello; try again with more of the stream. */
export const NEED_MORE = 0
/** The bytes given are no ClientHello, whatever follows. */
export const NOT_HELLO = -1

/**
 * Longest handshake message read, its 4-byte header included. Real hellos stay below 4 KiB even with post-quantum key
 * shares.
 */
export const MAX_HELLO_BYTES = 64 * 1024

const HANDSHAKE_HEADER_LENGTH = 4
const RECORD_HEADER_LENGTH = 5
const MAX_RECORD_LENGTH = 1 << 14
const FIRST_SCRATCH_BYTES = 4096
const MAX_ALPN_PROTOCOLS = 64

const CONTENT_TYPE_HANDSHAKE = 22
const HANDSHAKE_CLIENT_HELLO = 1
const MAJOR_VERSION = 3
/** 3.0 is SSL 3, 3.3 TLS 1.2 and (in the legacy field) 1.3; drafts never wrote more than 3.4 here. */
const MAX_MINOR_VERSION = 4
const MAX_SESSION_ID_LENGTH = 32
/** Version, random and the length of the session id. */
const FIXED_BODY_LENGTH = 2 + 32 + 1

const EXTENSION_SERVER_NAME = 0
const EXTENSION_ALPN = 16
const EXTENSION_ENCRYPTED_CLIENT_HELLO = 0xfe0d
const EXTENSION_ENCRYPTED_SERVER_NAME = 0xffce
const NAME_TYPE_HOST_NAME = 0
const ENCRYPTED_CLIENT_HELLO_OUTER = 0

const NO_BYTES = new Uint8Array(0)

function setServerName(bytes: Uint8Array, at: number, end: number, out: ClientHello): void {
  // RFC 6066 3: a list of (type, name); servers answer the first host_name, and there may be one only.
  if (out.serverNameAt >= 0 || end - at < 2) return
  const listEnd = Math.min(end, at + 2 + ((bytes[at] << 8) | bytes[at + 1]))
  at += 2
  while (listEnd - at >= 3) {
    const nameEnd = at + 3 + ((bytes[at + 1] << 8) | bytes[at + 2])
    if (nameEnd > listEnd) return
    if (bytes[at] === NAME_TYPE_HOST_NAME) {
      if (nameEnd > at + 3) {
        out.serverNameAt = at + 3
        out.serverNameEnd = nameEnd
      }
      return
    }
    at = nameEnd
  }
}

function setAlpn(bytes: Uint8Array, at: number, end: number, out: ClientHello): void {
  // RFC 7301 3.1: one list of names, each after its one-byte length.
  if (out.alpnAt >= 0 || end - at < 2) return
  const listEnd = at + 2 + ((bytes[at] << 8) | bytes[at + 1])
  if (listEnd > end) return
  out.alpnAt = at + 2
  out.alpnEnd = listEnd
}

/** Walks the extensions in [at, bodyEnd) as far as `limit`; false when one runs over the end of the message. */
function readExtensions(bytes: Uint8Array, at: number, limit: number, bodyEnd: number, out: ClientHello): boolean {
  while (limit - at >= 4) {
    const type = (bytes[at] << 8) | bytes[at + 1]
    const dataAt = at + 4
    const dataEnd = dataAt + ((bytes[at + 2] << 8) | bytes[at + 3])
    if (dataEnd > bodyEnd) return false
    if (dataEnd > limit) return true
    if (type === EXTENSION_SERVER_NAME) setServerName(bytes, dataAt, dataEnd, out)
    else if (type === EXTENSION_ALPN) setAlpn(bytes, dataAt, dataEnd, out)
    else if (type === EXTENSION_ENCRYPTED_CLIENT_HELLO) {
      if (dataEnd > dataAt && bytes[dataAt] === ENCRYPTED_CLIENT_HELLO_OUTER) out.encryptedClientHello = true
    } else if (type === EXTENSION_ENCRYPTED_SERVER_NAME) out.encryptedClientHello = true
    at = dataEnd
  }
  // A rest of 1 to 3 bytes is an extension cut short: by the message itself, or by what was captured of it so far.
  return at === bodyEnd || limit < bodyEnd
}

/**
 * Walks the body of a hello in [at, bodyEnd), of which the bytes before `limit` are there. False when it is malformed;
 * whether it is whole is for the caller to say (limit === bodyEnd).
 */
function readBody(bytes: Uint8Array, at: number, limit: number, bodyEnd: number, out: ClientHello): boolean {
  if (bodyEnd - at < FIXED_BODY_LENGTH) return false
  if (limit > at && bytes[at] !== MAJOR_VERSION) return false
  if (limit > at + 1 && bytes[at + 1] > MAX_MINOR_VERSION) return false
  const sessionIdAt = at + FIXED_BODY_LENGTH
  if (limit < sessionIdAt) return true
  if (bytes[sessionIdAt - 1] > MAX_SESSION_ID_LENGTH) return false

  const suitesAt = sessionIdAt + bytes[sessionIdAt - 1] + 2
  if (suitesAt > bodyEnd) return false
  if (limit < suitesAt) return true
  const suitesLength = (bytes[suitesAt - 2] << 8) | bytes[suitesAt - 1]
  if (suitesLength < 2 || (suitesLength & 1) !== 0) return false

  const compressionsAt = suitesAt + suitesLength + 1
  if (compressionsAt > bodyEnd) return false
  if (limit < compressionsAt) return true
  const compressionsEnd = compressionsAt + bytes[compressionsAt - 1]
  if (compressionsEnd === compressionsAt || compressionsEnd > bodyEnd) return false

  // Hellos before TLS 1.2 may end here (RFC 5246 7.4.1.2).
  if (compressionsEnd === bodyEnd) return true
  const extensionsAt = compressionsEnd + 2
  if (extensionsAt > bodyEnd) return false
  if (limit < extensionsAt) return true
  if (extensionsAt + ((bytes[extensionsAt - 2] << 8) | bytes[extensionsAt - 1]) !== bodyEnd) return false
  return readExtensions(bytes, extensionsAt, limit, bodyEnd, out)
}

/**
 * Reads a ClientHello handshake message without record layer (RFC 8446 4.1.2), as a QUIC CRYPTO stream carries it.
 *
 * Returns its length (> 0), NEED_MORE for the beginning of one (from 0 bytes on), NOT_HELLO as soon as it cannot be
 * one. After NEED_MORE `out` holds what the extensions so far gave: enough for a name out of a cut capture, but then
 * nobody knows whether encrypted_client_hello was among those missing. Offsets are inside `bytes`. Never throws.
 */
export function readClientHello(bytes: Uint8Array, at: number, end: number, out: ClientHello): number {
  out.clear()
  out.bytes = bytes
  if (end <= at) return NEED_MORE
  if (bytes[at] !== HANDSHAKE_CLIENT_HELLO) return NOT_HELLO
  if (end - at < HANDSHAKE_HEADER_LENGTH) return end - at > 1 && bytes[at + 1] !== 0 ? NOT_HELLO : NEED_MORE
  const length = HANDSHAKE_HEADER_LENGTH + ((bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3])
  if (length > MAX_HELLO_BYTES) return NOT_HELLO
  const bodyEnd = at + length
  const limit = end < bodyEnd ? end : bodyEnd
  if (!readBody(bytes, at + HANDSHAKE_HEADER_LENGTH, limit, bodyEnd, out)) {
    out.clear()
    return NOT_HELLO
  }
  return limit === bodyEnd ? length : NEED_MORE
}

/** Is a TLS record header of type handshake at `at`, as far as its bytes are there? */
function mayBeHandshakeRecord(bytes: Uint8Array, at: number, end: number): boolean {
  const there = end - at
  if (there > 0 && bytes[at] !== CONTENT_TYPE_HANDSHAKE) return false
  if (there > 1 && bytes[at + 1] !== MAJOR_VERSION) return false
  if (there > 2 && bytes[at + 2] > MAX_MINOR_VERSION) return false
  if (there < RECORD_HEADER_LENGTH) return true
  const length = (bytes[at + 3] << 8) | bytes[at + 4]
  // RFC 8446 5.1: no handshake record is empty.
  return length > 0 && length <= MAX_RECORD_LENGTH
}

/** Joins the fragments of consecutive handshake records in `out.scratch` and reads the hello from there. */
function readFragmentedHello(bytes: Uint8Array, at: number, end: number, out: ClientHello): number {
  let wanted = HANDSHAKE_HEADER_LENGTH
  let have = 0
  let recordAt = at
  for (;;) {
    if (!mayBeHandshakeRecord(bytes, recordAt, end)) return NOT_HELLO
    const fragmentAt = recordAt + RECORD_HEADER_LENGTH
    if (fragmentAt >= end) break
    const fragmentEnd = fragmentAt + ((bytes[recordAt + 3] << 8) | bytes[recordAt + 4])
    const partEnd = Math.min(fragmentEnd, end)
    let from = fragmentAt
    while (from < partEnd) {
      const to = Math.min(partEnd, from + wanted - have)
      out.appendFragment(bytes, from, to, have)
      have += to - from
      from = to
      if (have < wanted) break
      if (wanted > HANDSHAKE_HEADER_LENGTH) return helloInScratch(out, have, from - at)
      wanted += (out.scratch[1] << 16) | (out.scratch[2] << 8) | out.scratch[3]
      if (wanted > MAX_HELLO_BYTES || wanted === HANDSHAKE_HEADER_LENGTH) return NOT_HELLO
    }
    if (partEnd < fragmentEnd) break
    recordAt = fragmentEnd
  }
  return helloInScratch(out, have, NEED_MORE)
}

function helloInScratch(out: ClientHello, have: number, consumed: number): number {
  const result = readClientHello(out.scratch, 0, have, out)
  return result > 0 ? consumed : result
}

/**
 * Reads a ClientHello from the beginning of a TLS stream: records of type handshake (RFC 8446 5.1), one or several.
 *
 * Returns the bytes of stream used (> 0), NEED_MORE or NOT_HELLO, as readClientHello does. A hello inside one record
 * is read in place; one that spans records is joined in `out`'s own memory: offsets refer to `out.bytes` either way.
 * An SSL 2 compatible hello is NOT_HELLO: it has no room for a name. Never throws.
 */
export function readClientHelloRecords(bytes: Uint8Array, at: number, end: number, out: ClientHello): number {
  out.clear()
  out.bytes = bytes
  if (!mayBeHandshakeRecord(bytes, at, end)) return NOT_HELLO
  const messageAt = at + RECORD_HEADER_LENGTH
  if (messageAt >= end) return NEED_MORE
  if (bytes[messageAt] !== HANDSHAKE_CLIENT_HELLO) return NOT_HELLO
  const recordLength = (bytes[at + 3] << 8) | bytes[at + 4]
  if (recordLength >= HANDSHAKE_HEADER_LENGTH) {
    if (end - messageAt < HANDSHAKE_HEADER_LENGTH) return readClientHello(bytes, messageAt, end, out)
    const bodyLength = (bytes[messageAt + 1] << 16) | (bytes[messageAt + 2] << 8) | bytes[messageAt + 3]
    const inOneRecord = HANDSHAKE_HEADER_LENGTH + bodyLength <= recordLength
    if (inOneRecord || end <= messageAt + recordLength) {
      const result = readClientHello(bytes, messageAt, end, out)
      return result > 0 ? RECORD_HEADER_LENGTH + result : result
    }
  }
  return readFragmentedHello(bytes, at, end, out)
}

/** What the last hello read into it offers. Reused: one for a whole capture is enough. */
export class ClientHello {
  /** The bytes that the offsets refer to: those given, or this object's own when a hello spanned TLS records. */
  bytes: Uint8Array = NO_BYTES
  /**
   * Offsets of the host_name of server_name (RFC 6066 3), -1 when absent or empty. May spell an IP address. Hostile
   * text.
   */
  serverNameAt = -1
  serverNameEnd = -1
  /** Offsets of the protocol names of ALPN, each after its one-byte length (RFC 7301 3.1), -1 when absent. */
  alpnAt = -1
  alpnEnd = -1
  /**
   * An encrypted_client_hello of type outer (RFC 9849) or its forerunner encrypted_server_name is present. The server
   * name is then the name of the fronting service, or the real one: clients without the server's key send the
   * extension with random content (GREASE, RFC 9849 6.2), made to be indistinguishable.
   */
  encryptedClientHello = false
  /** Where fragments are joined; grows to MAX_HELLO_BYTES at most and is kept for the next hello. */
  scratch: Uint8Array = NO_BYTES

  clear(): void {
    this.bytes = NO_BYTES
    this.serverNameAt = -1
    this.serverNameEnd = -1
    this.alpnAt = -1
    this.alpnEnd = -1
    this.encryptedClientHello = false
  }

  /**
   * Copies bytes [from, to) to offset `have` of the scratch memory. The caller keeps have + (to - from) below the cap.
   */
  appendFragment(bytes: Uint8Array, from: number, to: number, have: number): void {
    const needed = have + (to - from)
    if (needed > this.scratch.length) {
      const grown = new Uint8Array(Math.min(MAX_HELLO_BYTES, Math.max(FIRST_SCRATCH_BYTES, 2 * needed)))
      grown.set(this.scratch.subarray(0, have))
      this.scratch = grown
    }
    this.scratch.set(bytes.subarray(from, to), have)
  }

  /** The protocol names offered, at most 64, byte for letter (latin1). For cold use: it makes strings. */
  alpnProtocols(): string[] {
    const names: string[] = []
    let at = this.alpnAt
    while (at >= 0 && at < this.alpnEnd && names.length < MAX_ALPN_PROTOCOLS) {
      const nameEnd = at + 1 + this.bytes[at]
      if (nameEnd > this.alpnEnd) break
      names.push(latin1(this.bytes, at + 1, nameEnd))
      at = nameEnd
    }
    return names
  }
}

function latin1(bytes: Uint8Array, at: number, end: number): string {
  let text = ''
  for (let index = at; index < end; index++) text += String.fromCharCode(bytes[index])
  return text
}
