// Header fields in the form of HTTP/1.x (RFC 9112 §5), of messages that are not read in the packet core.

const TAB = 0x09
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const COLON = 0x3a

/** One header field: offsets of the name and of the trimmed value. nameEnd = nameAt where the line has no name. */
export interface HeaderField {
  nameAt: number
  nameEnd: number
  valueAt: number
  valueEnd: number
}

export function emptyHeaderField(): HeaderField {
  return { nameAt: 0, nameEnd: 0, valueAt: 0, valueEnd: 0 }
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

/** Optional white space around a value is not part of it (RFC 9112 §5.1), nor are line ends before and after a fold. */
function trim(bytes: Uint8Array, field: HeaderField): void {
  while (field.valueAt < field.valueEnd && isWhiteSpace(bytes[field.valueAt])) field.valueAt++
  while (field.valueEnd > field.valueAt && isWhiteSpace(bytes[field.valueEnd - 1])) field.valueEnd--
}

/** As Uint8Array.indexOf, which would look on behind `end`. */
function indexOf(bytes: Uint8Array, wanted: number, at: number, end: number): number {
  for (let index = at; index < end; index++) {
    if (bytes[index] === wanted) return index
  }
  return -1
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB
}

function isWhiteSpace(byte: number): boolean {
  return isBlank(byte) || byte === CARRIAGE_RETURN || byte === LINE_FEED
}
