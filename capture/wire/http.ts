// HTTP/1.x request heads: the host and the user agent.

/** Results of readHttpRequest besides a length. */
export const NEED_MORE = 0
export const NOT_HTTP = -1

/**
 * A longer head is not read: RFC 9112 §3 asks for 8,000 bytes of request line, common servers stop at 8 to 16 KiB in
 * all.
 */
export const HEAD_MAX_BYTES = 16 * 1024

/**
 * Registered methods (RFC 9110 §16.1.1, WebDAV among them) and those of UPnP. Only these: a reader that took any word
 * would wait for the end of a "head" in every text protocol there is. PRI, the preface of HTTP/2, is missing on
 * purpose.
 */
const METHODS = [
  'GET',
  'POST',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'TRACE',
  'PATCH',
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'REPORT',
  'SEARCH',
  'ACL',
  'BASELINE-CONTROL',
  'BIND',
  'CHECKIN',
  'CHECKOUT',
  'LABEL',
  'LINK',
  'MERGE',
  'MKACTIVITY',
  'MKCALENDAR',
  'MKREDIRECTREF',
  'MKWORKSPACE',
  'ORDERPATCH',
  'REBIND',
  'UNBIND',
  'UNCHECKOUT',
  'UNLINK',
  'UPDATE',
  'UPDATEREDIRECTREF',
  'VERSION-CONTROL',
  'NOTIFY',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'M-SEARCH',
  'M-POST',
]

const TAB = 0x09
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const HASH = 0x23
const SLASH = 0x2f
const COLON = 0x3a
const QUESTION_MARK = 0x3f
const AT_SIGN = 0x40
const LEFT_BRACKET = 0x5b
const RIGHT_BRACKET = 0x5d
const DELETE = 0x7f

const METHODS_BY_FIRST_BYTE = methodsByFirstByte()
const CONNECT = asciiBytes('CONNECT')
const VERSION = asciiBytes('HTTP/1.')
const HOST = asciiBytes('host')
const USER_AGENT = asciiBytes('user-agent')

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

/** One header field: offsets of the name and of the trimmed value. nameEnd = nameAt where the line has no name. */
export interface HeaderField {
  nameAt: number
  nameEnd: number
  valueAt: number
  valueEnd: number
}

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

export function emptyHeaderField(): HeaderField {
  return { nameAt: 0, nameEnd: 0, valueAt: 0, valueEnd: 0 }
}

/** The cheap test: bytes[at, end) start with a known method and a space, or are a beginning of that. */
export function startsLikeHttpRequest(bytes: Uint8Array, at: number, end: number): boolean {
  return readMethod(bytes, at, end) !== NOT_HTTP
}

/**
 * Reads the request head at the start of bytes[at, end), as much of the client's TCP stream as has arrived. RFC 9112
 * §2–5.
 *
 * Returns the length of the head in bytes when it is complete, NEED_MORE for a beginning of one, NOT_HTTP for anything
 * else and for a head longer than HEAD_MAX_BYTES. With NEED_MORE, `out` holds the fields whose lines were complete, so
 * that a cut capture still gives its host; call again with the longer stream and the same `at`. Line ends may lack the
 * carriage return (§2.2); lines that are no header field are skipped.
 */
export function readHttpRequest(bytes: Uint8Array, at: number, end: number, out: HttpRequest): number {
  clear(out)
  const result = readHead(bytes, at, Math.min(end, at + HEAD_MAX_BYTES), out)
  if (result > 0) return result - at
  if (result === NEED_MORE && end - at < HEAD_MAX_BYTES) return NEED_MORE
  clear(out)
  return NOT_HTTP
}

/** End of a host without its `:port`; the brackets of an IPv6 literal (RFC 3986 §3.2.2) stay. */
export function hostWithoutPort(bytes: Uint8Array, at: number, end: number): number {
  let colon = end
  while (colon > at && isDigit(bytes[colon - 1])) colon--
  colon--
  if (colon < at || bytes[colon] !== COLON) return end
  if (bytes[at] === LEFT_BRACKET) return bytes[colon - 1] === RIGHT_BRACKET ? colon : end
  // Another colon: an IPv6 address that lacks its brackets. Its last group is no port.
  return indexOf(bytes, COLON, at, colon) < 0 ? colon : end
}

/**
 * Reads the header field whose line starts at `at`, with the lines folded onto it (RFC 9112 §5.2), and returns the
 * start of the next line; -1 when the line's end is not in bytes[at, end).
 */
export function readHeaderField(bytes: Uint8Array, at: number, end: number, field: HeaderField): number {
  const firstLineEnd = indexOf(bytes, LINE_FEED, at, end)
  if (firstLineEnd < 0) return -1
  let next = firstLineEnd + 1
  while (next < end && isBlank(bytes[next])) {
    const foldedEnd = indexOf(bytes, LINE_FEED, next, end)
    if (foldedEnd < 0) return -1
    next = foldedEnd + 1
  }
  const colon = indexOf(bytes, COLON, at, firstLineEnd)
  field.nameAt = at
  field.nameEnd = colon < 0 ? at : colon
  field.valueAt = colon < 0 ? firstLineEnd : colon + 1
  field.valueEnd = next
  trim(bytes, field)
  return next
}

/**
 * Length of the empty line that ends a head: 2 for CR LF, 1 for a bare LF, 0 when the line is not empty or not
 * complete.
 */
export function emptyLineLength(bytes: Uint8Array, at: number, end: number): number {
  if (at < end && bytes[at] === LINE_FEED) return 1
  return at + 1 < end && bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED ? 2 : 0
}

/** Is the field's name `name` (lower case)? Names do not depend on case, RFC 9110 §5.1. */
export function isNamed(bytes: Uint8Array, field: HeaderField, name: Uint8Array): boolean {
  if (field.nameEnd - field.nameAt !== name.length) return false
  for (let index = 0; index < name.length; index++) {
    if (lowerCase(bytes[field.nameAt + index]) !== name[index]) return false
  }
  return true
}

/** Offset behind the head, NEED_MORE or NOT_HTTP. */
function readHead(bytes: Uint8Array, at: number, end: number, out: HttpRequest): number {
  let line = readRequestLine(bytes, at, end, out)
  if (line <= 0) return line
  const field = emptyHeaderField()
  while (line < end) {
    const empty = emptyLineLength(bytes, line, end)
    if (empty > 0) return line + empty
    line = readHeaderField(bytes, line, end, field)
    if (line < 0) return NEED_MORE
    keep(bytes, field, out)
  }
  return NEED_MORE
}

/** RFC 9112 §3: method, target, version, one space between them. Offset behind the line, NEED_MORE or NOT_HTTP. */
function readRequestLine(bytes: Uint8Array, at: number, end: number, out: HttpRequest): number {
  const methodEnd = readMethod(bytes, at, end)
  if (methodEnd <= 0) return methodEnd
  const targetAt = methodEnd + 1
  const targetEnd = readTarget(bytes, targetAt, end)
  if (targetEnd <= 0) return targetEnd
  const next = readVersion(bytes, targetEnd + 1, end)
  if (next <= 0) return next
  out.methodEnd = methodEnd
  out.isConnect = startsWith(bytes, at, methodEnd, CONNECT)
  keepTargetHost(bytes, targetAt, targetEnd, out)
  return next
}

/** Offset of the space behind a known method, NEED_MORE or NOT_HTTP. */
function readMethod(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return NEED_MORE
  for (const method of METHODS_BY_FIRST_BYTE[bytes[at]]) {
    const stop = Math.min(end, at + method.length)
    if (!startsWith(bytes, at, stop, method)) continue
    if (stop === end) return NEED_MORE
    if (bytes[stop] === SPACE) return stop
  }
  return NOT_HTTP
}

/** Offset of the space behind the target, NEED_MORE or NOT_HTTP. Bytes above ASCII are tolerated. */
function readTarget(bytes: Uint8Array, at: number, end: number): number {
  for (let index = at; index < end; index++) {
    const byte = bytes[index]
    if (byte === SPACE && index > at) return index
    if (byte <= SPACE || byte === DELETE) return NOT_HTTP
  }
  return NEED_MORE
}

/** Offset behind `HTTP/1.`, a digit and the line end; NEED_MORE or NOT_HTTP. */
function readVersion(bytes: Uint8Array, at: number, end: number): number {
  if (!startsWith(bytes, at, Math.min(end, at + VERSION.length), VERSION)) return NOT_HTTP
  const digit = at + VERSION.length
  if (digit >= end) return NEED_MORE
  if (!isDigit(bytes[digit])) return NOT_HTTP
  const lineEnd = digit + 1 < end && bytes[digit + 1] === CARRIAGE_RETURN ? digit + 2 : digit + 1
  if (lineEnd >= end) return NEED_MORE
  return bytes[lineEnd] === LINE_FEED ? lineEnd + 1 : NOT_HTTP
}

/**
 * Absolute form `scheme://authority…` or, for CONNECT, the authority alone. User information is no host and is left
 * out.
 */
function keepTargetHost(bytes: Uint8Array, at: number, end: number, out: HttpRequest): void {
  const authorityAt = out.isConnect ? at : authorityStart(bytes, at, end)
  if (authorityAt < 0) return
  let hostAt = authorityAt
  let hostEnd = authorityAt
  while (hostEnd < end && !endsAuthority(bytes[hostEnd])) {
    if (bytes[hostEnd] === AT_SIGN) hostAt = hostEnd + 1
    hostEnd++
  }
  if (hostEnd === hostAt) return
  out.targetHostAt = hostAt
  out.targetHostEnd = hostEnd
}

/** Behind `scheme://` (RFC 3986 §3.1), -1 when the target does not start so. */
function authorityStart(bytes: Uint8Array, at: number, end: number): number {
  const colon = indexOf(bytes, COLON, at, end)
  if (colon <= at || colon + 2 >= end) return -1
  if (bytes[colon + 1] !== SLASH || bytes[colon + 2] !== SLASH) return -1
  for (let index = at; index < colon; index++) {
    const byte = lowerCase(bytes[index])
    const isLetter = byte >= 0x61 && byte <= 0x7a
    if (!isLetter && (index === at || !isSchemeByte(byte))) return -1
  }
  return colon + 3
}

function keep(bytes: Uint8Array, field: HeaderField, out: HttpRequest): void {
  if (field.valueAt === field.valueEnd) return
  if (out.hostAt < 0 && isNamed(bytes, field, HOST)) {
    out.hostAt = field.valueAt
    out.hostEnd = field.valueEnd
  } else if (out.userAgentAt < 0 && isNamed(bytes, field, USER_AGENT)) {
    out.userAgentAt = field.valueAt
    out.userAgentEnd = field.valueEnd
  }
}

function clear(out: HttpRequest): void {
  out.methodEnd = -1
  out.targetHostAt = -1
  out.targetHostEnd = -1
  out.hostAt = -1
  out.hostEnd = -1
  out.userAgentAt = -1
  out.userAgentEnd = -1
  out.isConnect = false
}

/** Optional white space around a value is not part of it (RFC 9112 §5.1), nor are line ends before and after a fold. */
function trim(bytes: Uint8Array, field: HeaderField): void {
  while (field.valueAt < field.valueEnd && isWhiteSpace(bytes[field.valueAt])) field.valueAt++
  while (field.valueEnd > field.valueAt && isWhiteSpace(bytes[field.valueEnd - 1])) field.valueEnd--
}

/** Do bytes[at, end) equal the first end - at bytes of `expected`? */
function startsWith(bytes: Uint8Array, at: number, end: number, expected: Uint8Array): boolean {
  for (let index = at; index < end; index++) {
    if (bytes[index] !== expected[index - at]) return false
  }
  return true
}

/** As Uint8Array.indexOf, which would look on behind `end`. */
function indexOf(bytes: Uint8Array, wanted: number, at: number, end: number): number {
  for (let index = at; index < end; index++) {
    if (bytes[index] === wanted) return index
  }
  return -1
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB
}

function isWhiteSpace(byte: number): boolean {
  return isBlank(byte) || byte === CARRIAGE_RETURN || byte === LINE_FEED
}

function isSchemeByte(byte: number): boolean {
  return isDigit(byte) || byte === 0x2b || byte === 0x2d || byte === 0x2e
}

function endsAuthority(byte: number): boolean {
  return byte === SLASH || byte === QUESTION_MARK || byte === HASH
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
}

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
}

function methodsByFirstByte(): Uint8Array[][] {
  const table: Uint8Array[][] = Array.from({ length: 256 }, () => [])
  for (const method of METHODS.map(asciiBytes)) table[method[0]].push(method)
  return table
}
