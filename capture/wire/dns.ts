// DNS messages: questions and records. Reads in place: names stay in the message until they are needed.
import { u16, u32 } from '../frame.ts'

/** RFC 1035 section 4.1.1. */
const HEADER_LENGTH = 12
/** More than real messages hold; together with MAX_HOPS it bounds the work that one message can cost. */
const MAX_QUESTIONS = 32
export const MAX_RECORDS = 512
/** Compression pointers followed for one name. Zeek's limit; honest messages need two or three. */
const MAX_HOPS = 20
/** RFC 1035 section 3.1. */
const MAX_NAME_LENGTH = 255
/**
 * Bytes of names, pointers followed, that are read out of one message: as many as the longest message holds.
 * Compression lets a small one repeat the longest name a thousand times; then the names behind the limit read as
 * damaged.
 */
const MAX_NAME_BYTES = 65_536
/** Every byte of a name can be escaped as \DDD. */
const MAX_TEXT_LENGTH = MAX_NAME_LENGTH * 4

export const DnsType = {
  A: 1,
  NS: 2,
  CNAME: 5,
  PTR: 12,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  SVCB: 64,
  HTTPS: 65,
} as const

export const SECTION_ANSWER = 0
export const SECTION_ADDITIONAL = 2

/** A name in text form: labels joined by dots, as written (not folded), without the trailing dot. */
export class DnsName {
  readonly bytes = new Uint8Array(MAX_TEXT_LENGTH)
  length = 0
}

/** One message, reusable. Offsets count from the start of `bytes`. */
export class DnsMessage {
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
  id = 0
  isResponse = false
  opcode = 0
  responseCode = 0
  questionCount = 0
  readonly questionAt = new Int32Array(MAX_QUESTIONS)
  readonly questionType = new Int32Array(MAX_QUESTIONS)
  recordCount = 0
  readonly recordSection = new Int32Array(MAX_RECORDS)
  readonly recordAt = new Int32Array(MAX_RECORDS)
  readonly recordType = new Int32Array(MAX_RECORDS)
  readonly recordSeconds = new Float64Array(MAX_RECORDS)
  readonly rdataAt = new Int32Array(MAX_RECORDS)
  readonly rdataEnd = new Int32Array(MAX_RECORDS)
  /** True where the message is damaged, cut, or longer than what we read of it. What came before is there. */
  incomplete = false
  /** Bytes of names that readName still gives out. */
  nameBytesLeft = MAX_NAME_BYTES
}

/**
 * Reads the message in bytes[at, end). False where there is no header to read. A damaged message gives the questions
 * and records before the damage and is marked incomplete.
 */
export function readDnsMessage(bytes: Uint8Array, at: number, end: number, message: DnsMessage): boolean {
  message.questionCount = 0
  message.recordCount = 0
  message.incomplete = false
  message.nameBytesLeft = MAX_NAME_BYTES
  if (end - at < HEADER_LENGTH) return false
  message.bytes = bytes
  message.start = at
  message.end = end
  message.id = u16(bytes, at)
  const flags = u16(bytes, at + 2)
  message.isResponse = (flags & 0x8000) !== 0
  message.opcode = (flags >> 11) & 0x0f
  message.responseCode = flags & 0x0f
  let position = readQuestions(message, u16(bytes, at + 4))
  for (let section = SECTION_ANSWER; section <= SECTION_ADDITIONAL && position >= 0; section++) {
    position = readRecords(message, section, u16(bytes, at + 6 + 2 * section), position)
  }
  message.incomplete = position < 0
  return true
}

function readQuestions(message: DnsMessage, count: number): number {
  const { bytes, end } = message
  let at = message.start + HEADER_LENGTH
  for (let index = 0; index < count; index++) {
    const behindName = skipName(bytes, at, end)
    if (behindName < 0 || end - behindName < 4 || index >= MAX_QUESTIONS) return -1
    message.questionAt[index] = at
    message.questionType[index] = u16(bytes, behindName)
    message.questionCount = index + 1
    at = behindName + 4
  }
  return at
}

function readRecords(message: DnsMessage, section: number, count: number, at: number): number {
  const { bytes, end } = message
  for (let index = 0; index < count; index++) {
    const behindName = skipName(bytes, at, end)
    if (behindName < 0 || end - behindName < 10) return -1
    const rdataAt = behindName + 10
    const rdataEnd = rdataAt + u16(bytes, behindName + 8)
    const slot = message.recordCount
    if (rdataEnd > end || slot >= MAX_RECORDS) return -1
    message.recordSection[slot] = section
    message.recordAt[slot] = at
    message.recordType[slot] = u16(bytes, behindName)
    message.recordSeconds[slot] = u32(bytes, behindName + 4)
    message.rdataAt[slot] = rdataAt
    message.rdataEnd[slot] = rdataEnd
    message.recordCount = slot + 1
    at = rdataEnd
  }
  return at
}

/** Where the name at `at` ends in the message (behind its pointer, if it has one); -1 where it is damaged. */
export function skipName(bytes: Uint8Array, at: number, end: number): number {
  const limit = Math.min(end, at + MAX_NAME_LENGTH)
  while (at < limit) {
    const length = bytes[at]
    if (length === 0) return at + 1
    if (length >= 0xc0) return at + 2 <= end ? at + 2 : -1
    if (length > 63) return -1
    at += 1 + length
  }
  return -1
}

/**
 * Writes the name at `at` to `name` and returns where it ends, or -1 where it is damaged. A pointer must point before
 * the labels it continues (RFC 1035 section 4.1.4: "a prior occurrence"), so no chain can go round. Reading has its
 * limit for each message (MAX_NAME_BYTES); behind that every name is damaged.
 */
export function readName(message: DnsMessage, at: number, name: DnsName): number {
  const { bytes, start, end } = message
  const text = name.bytes
  let written = 0
  let wireLength = 0
  let behind = -1
  let earliest = at
  name.length = 0
  if (message.nameBytesLeft <= 0) return -1
  for (let hops = 0; at < end;) {
    const length = bytes[at]
    if (length === 0) {
      name.length = written
      message.nameBytesLeft -= wireLength
      return behind < 0 ? at + 1 : behind
    }
    if (length >= 0xc0) {
      if (at + 2 > end || ++hops > MAX_HOPS) break
      if (behind < 0) behind = at + 2
      at = start + (((length & 0x3f) << 8) | bytes[at + 1])
      if (at >= earliest || at < start + HEADER_LENGTH) break
      earliest = at
      continue
    }
    wireLength += 1 + length
    if (length > 63 || at + 1 + length > end || wireLength >= MAX_NAME_LENGTH) break
    if (written > 0) text[written++] = DOT
    written = writeLabel(bytes, at + 1, at + 1 + length, text, written)
    at += 1 + length
  }
  message.nameBytesLeft -= wireLength
  return -1
}

const DOT = 0x2e
const BACKSLASH = 0x5c
const ZERO = 0x30

/** RFC 1035 section 5.1: a dot or backslash inside a label is escaped, and so is what has no printed form. */
function writeLabel(bytes: Uint8Array, at: number, end: number, text: Uint8Array, written: number): number {
  for (; at < end; at++) {
    const byte = bytes[at]
    if (byte > 0x1f && byte !== DOT && byte !== BACKSLASH && byte !== 0x7f) {
      text[written++] = byte
    } else if (byte === DOT || byte === BACKSLASH) {
      text[written++] = BACKSLASH
      text[written++] = byte
    } else {
      text[written++] = BACKSLASH
      // 0 to 31 and 127.
      text[written++] = byte === 127 ? ZERO + 1 : ZERO
      text[written++] = ZERO + (byte === 127 ? 2 : (byte * 205) >> 11)
      text[written++] = ZERO + (byte === 127 ? 7 : byte - 10 * ((byte * 205) >> 11))
    }
  }
  return written
}
