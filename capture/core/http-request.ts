// HTTP/1.x request heads: the host and the user agent.
import { methodEnd, NO_METHOD } from './http-methods'
import { HEAD_MAX_BYTES } from './limits'
import { byteAt } from './memory'

/** Results of readHttpRequest besides a length. */
export const NEED_MORE: i32 = 0
export const NOT_HTTP: i32 = -1

/** The same for places: what readers of parts give besides the place behind the part. */
const CUT: usize = 0
const WRONG: usize = NO_METHOD

const TAB: i32 = 0x09
const LINE_FEED: i32 = 0x0a
const CARRIAGE_RETURN: i32 = 0x0d
const SPACE: i32 = 0x20
const HASH: i32 = 0x23
const SLASH: i32 = 0x2f
const COLON: i32 = 0x3a
const QUESTION_MARK: i32 = 0x3f
const AT_SIGN: i32 = 0x40
const LEFT_BRACKET: i32 = 0x5b
const RIGHT_BRACKET: i32 = 0x5d
const DELETE: i32 = 0x7f

/** `CONNECT`; `HTTP/1.`; and in lower case `host`, `user-agent` and `server`. */
const CONNECT = memory.data<u8>([0x43, 0x4f, 0x4e, 0x4e, 0x45, 0x43, 0x54])
const CONNECT_LENGTH: usize = 7
const VERSION = memory.data<u8>([0x48, 0x54, 0x54, 0x50, 0x2f, 0x31, 0x2e])
const VERSION_LENGTH: usize = 7
const HOST = memory.data<u8>([0x68, 0x6f, 0x73, 0x74])
const HOST_LENGTH: usize = 4
const USER_AGENT = memory.data<u8>([0x75, 0x73, 0x65, 0x72, 0x2d, 0x61, 0x67, 0x65, 0x6e, 0x74])
const USER_AGENT_LENGTH: usize = 10
const SERVER = memory.data<u8>([0x73, 0x65, 0x72, 0x76, 0x65, 0x72])
const SERVER_LENGTH: usize = 6

// Where the parts of the request head that was read last lie; 0 where absent.

/** Behind the last letter of the method. */
export let requestMethodEnd: usize = 0
/**
 * The authority of a target in absolute form (RFC 9112 §3.2.2) or of CONNECT (§3.2.3), with its port, without user
 * information. It overrides Host.
 */
export let targetHostAt: usize = 0
export let targetHostEnd: usize = 0
/** Value of the first Host field, trimmed, with its port. As it came: it may hold what no host name holds. */
export let hostAt: usize = 0
export let hostEnd: usize = 0
/** Value of the first User-Agent field, trimmed. May hold a line break where the sender folded it (RFC 9112 §5.2). */
export let userAgentAt: usize = 0
export let userAgentEnd: usize = 0
/** Value of the first Server field, trimmed, of a response. */
export let serverAt: usize = 0
export let serverEnd: usize = 0
export let isConnect: bool = false

/** The header field read last: its name and its trimmed value. The name is empty where the line has none. */
let fieldNameAt: usize = 0
let fieldNameEnd: usize = 0
let fieldValueAt: usize = 0
let fieldValueEnd: usize = 0

/** The cheap test: [at, end) starts with a known method and a space, or is a beginning of that. */
export function startsLikeHttpRequest(at: usize, end: usize): bool {
  return methodEnd(at, end) != NO_METHOD
}

/**
 * Reads the request head at the start of [at, end), as much of the client's TCP stream as has arrived. RFC 9112 §2–5.
 *
 * Returns the length of the head in bytes when it is complete, NEED_MORE for a beginning of one, NOT_HTTP for anything
 * else and for a head longer than HEAD_MAX_BYTES. With NEED_MORE, the variables hold the fields whose lines were
 * complete, so that a cut capture still gives its host; call again with the longer stream. Line ends may lack the
 * carriage return (§2.2); lines that are no header field are skipped.
 */
export function readHttpRequest(at: usize, end: usize): i32 {
  clearRequest()
  const longest = at + <usize>HEAD_MAX_BYTES
  const result = readHead(at, min<usize>(end, longest))
  if (result == CUT && end < longest) return NEED_MORE
  if (result != CUT && result != WRONG) return <i32>(result - at)
  clearRequest()
  return NOT_HTTP
}

/** Forgets the head that was read last: readHeaderFields reads another one. */
export function startHead(): void {
  clearRequest()
}

/**
 * Reads the fields behind the first line of a head that starts at `at`: the head's length, NEED_MORE, or NOT_HTTP where
 * it is longer than HEAD_MAX_BYTES.
 */
export function readHeaderFields(at: usize, line: usize, end: usize): i32 {
  const longest = at + <usize>HEAD_MAX_BYTES
  const result = readFields(line, min<usize>(end, longest))
  if (result != CUT) return <i32>(result - at)
  return end < longest ? NEED_MORE : NOT_HTTP
}

/** End of the host in [at, end) without its `:port`; the brackets of an IPv6 literal (RFC 3986 §3.2.2) stay. */
export function hostWithoutPort(at: usize, end: usize): usize {
  let colon = end
  while (colon > at && isDigit(byteAt(colon - 1))) colon--
  if (colon <= at) return end
  colon--
  if (byteAt(colon) != COLON) return end
  if (byteAt(at) == LEFT_BRACKET) return byteAt(colon - 1) == RIGHT_BRACKET ? colon : end
  // Another colon: an IPv6 address that lacks its brackets. Its last group is no port.
  return placeOf(COLON, at, colon) == 0 ? colon : end
}

/** The place behind the head, CUT or WRONG. */
function readHead(at: usize, end: usize): usize {
  const line = readRequestLine(at, end)
  return line == CUT || line == WRONG ? line : readFields(line, end)
}

/** The place behind the fields from `line` on and the empty line, or CUT. */
function readFields(line: usize, end: usize): usize {
  while (line < end) {
    const empty = emptyLineLength(line, end)
    if (empty > 0) return line + empty
    line = readHeaderField(line, end)
    if (line == CUT) return CUT
    keepField()
  }
  return CUT
}

/** RFC 9112 §3: method, target, version, one space between them. The place behind the line, CUT or WRONG. */
function readRequestLine(at: usize, end: usize): usize {
  const method = methodEnd(at, end)
  if (method == CUT || method == WRONG) return method
  const targetAt = method + 1
  const targetEnd = readTarget(targetAt, end)
  if (targetEnd == CUT || targetEnd == WRONG) return targetEnd
  const next = readVersion(targetEnd + 1, end)
  if (next == CUT || next == WRONG) return next
  requestMethodEnd = method
  isConnect = method - at == CONNECT_LENGTH && memory.compare(at, CONNECT, CONNECT_LENGTH) == 0
  keepTargetHost(targetAt, targetEnd)
  return next
}

/** The space behind the target, CUT or WRONG. Bytes above ASCII are tolerated. */
function readTarget(at: usize, end: usize): usize {
  for (let place = at; place < end; place++) {
    const byte = byteAt(place)
    if (byte == SPACE && place > at) return place
    if (byte <= SPACE || byte == DELETE) return WRONG
  }
  return CUT
}

/** The place behind `HTTP/1.`, a digit and the line end; CUT or WRONG. */
function readVersion(at: usize, end: usize): usize {
  const digit = at + VERSION_LENGTH
  if (memory.compare(at, VERSION, min<usize>(end, digit) - at) != 0) return WRONG
  if (digit >= end) return CUT
  if (!isDigit(byteAt(digit))) return WRONG
  const lineEnd = digit + 1 < end && byteAt(digit + 1) == CARRIAGE_RETURN ? digit + 2 : digit + 1
  if (lineEnd >= end) return CUT
  return byteAt(lineEnd) == LINE_FEED ? lineEnd + 1 : WRONG
}

/**
 * Absolute form `scheme://authority…` or, for CONNECT, the authority alone. User information is no host and is left
 * out.
 */
function keepTargetHost(at: usize, end: usize): void {
  let from = isConnect ? at : authorityStart(at, end)
  if (from == 0) return
  let to = from
  while (to < end && !endsAuthority(byteAt(to))) {
    if (byteAt(to) == AT_SIGN) from = to + 1
    to++
  }
  if (to == from) return
  targetHostAt = from
  targetHostEnd = to
}

/** Behind `scheme://` (RFC 3986 §3.1), 0 when the target does not start so. */
function authorityStart(at: usize, end: usize): usize {
  const colon = placeOf(COLON, at, end)
  if (colon <= at || colon + 2 >= end) return 0
  if (byteAt(colon + 1) != SLASH || byteAt(colon + 2) != SLASH) return 0
  for (let place = at; place < colon; place++) {
    const byte = lowerCase(byteAt(place))
    const isLetter = byte >= 0x61 && byte <= 0x7a
    if (!isLetter && (place == at || !isSchemeByte(byte))) return 0
  }
  return colon + 3
}

/**
 * Reads the header field whose line starts at `at`, with the lines folded onto it (RFC 9112 §5.2), and returns the
 * start of the next line; CUT when the line's end is not in [at, end).
 */
function readHeaderField(at: usize, end: usize): usize {
  const firstLineEnd = placeOf(LINE_FEED, at, end)
  if (firstLineEnd == 0) return CUT
  let next = firstLineEnd + 1
  while (next < end && isBlank(byteAt(next))) {
    const foldedEnd = placeOf(LINE_FEED, next, end)
    if (foldedEnd == 0) return CUT
    next = foldedEnd + 1
  }
  const colon = placeOf(COLON, at, firstLineEnd)
  fieldNameAt = at
  fieldNameEnd = colon == 0 ? at : colon
  fieldValueAt = colon == 0 ? firstLineEnd : colon + 1
  fieldValueEnd = next
  // Optional white space around a value is not part of it (§5.1), nor are line ends before and after a fold.
  while (fieldValueAt < fieldValueEnd && isWhiteSpace(byteAt(fieldValueAt))) fieldValueAt++
  while (fieldValueEnd > fieldValueAt && isWhiteSpace(byteAt(fieldValueEnd - 1))) fieldValueEnd--
  return next
}

/** Length of the empty line that ends a head: 2 for CR LF, 1 for a bare LF; 0 when it is not empty or not complete. */
function emptyLineLength(at: usize, end: usize): usize {
  if (at < end && byteAt(at) == LINE_FEED) return 1
  return at + 1 < end && byteAt(at) == CARRIAGE_RETURN && byteAt(at + 1) == LINE_FEED ? 2 : 0
}

function keepField(): void {
  if (fieldValueAt == fieldValueEnd) return
  if (hostAt == 0 && isFieldNamed(HOST, HOST_LENGTH)) {
    hostAt = fieldValueAt
    hostEnd = fieldValueEnd
  } else if (userAgentAt == 0 && isFieldNamed(USER_AGENT, USER_AGENT_LENGTH)) {
    userAgentAt = fieldValueAt
    userAgentEnd = fieldValueEnd
  } else if (serverAt == 0 && isFieldNamed(SERVER, SERVER_LENGTH)) {
    serverAt = fieldValueAt
    serverEnd = fieldValueEnd
  }
}

/** Is the field's name the one at `name` (lower case)? Names do not depend on case, RFC 9110 §5.1. */
function isFieldNamed(name: usize, length: usize): bool {
  if (fieldNameEnd - fieldNameAt != length) return false
  for (let index: usize = 0; index < length; index++) {
    if (lowerCase(byteAt(fieldNameAt + index)) != byteAt(name + index)) return false
  }
  return true
}

function clearRequest(): void {
  requestMethodEnd = 0
  targetHostAt = 0
  targetHostEnd = 0
  hostAt = 0
  hostEnd = 0
  userAgentAt = 0
  userAgentEnd = 0
  serverAt = 0
  serverEnd = 0
  isConnect = false
}

/** The first such byte in [at, end), 0 where there is none. */
function placeOf(wanted: i32, at: usize, end: usize): usize {
  for (let place = at; place < end; place++) {
    if (byteAt(place) == wanted) return place
  }
  return 0
}

function isDigit(byte: i32): bool {
  return byte >= 0x30 && byte <= 0x39
}

function isBlank(byte: i32): bool {
  return byte == SPACE || byte == TAB
}

function isWhiteSpace(byte: i32): bool {
  return isBlank(byte) || byte == CARRIAGE_RETURN || byte == LINE_FEED
}

function isSchemeByte(byte: i32): bool {
  return isDigit(byte) || byte == 0x2b || byte == 0x2d || byte == 0x2e
}

function endsAuthority(byte: i32): bool {
  return byte == SLASH || byte == QUESTION_MARK || byte == HASH
}

function lowerCase(byte: i32): i32 {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
}
