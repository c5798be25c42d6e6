// DNS messages: questions and records. Reads in place: names stay in the message until they are needed.
import {
  DNS_QUESTIONS,
  DNS_RECORDS,
  DNS_WORDS,
  MAX_NAME_LENGTH,
  MAX_QUESTIONS,
  MAX_RECORDS,
  MAX_TEXT_LENGTH,
} from './dns-layout'
import { byteAt, i32At, u16At } from './memory'

/** RFC 1035 section 4.1.1. */
const HEADER_LENGTH: usize = 12
/** Compression pointers followed for one name. Zeek's limit; honest messages need two or three. */
const MAX_HOPS: i32 = 20
/**
 * Bytes of names, pointers followed, that are read out of one message: as many as the longest message holds.
 * Compression lets a small one repeat the longest name a thousand times; then the names behind the limit read as
 * damaged.
 */
const MAX_NAME_BYTES: i32 = 65_536

export const TYPE_A: i32 = 1
export const TYPE_CNAME: i32 = 5
export const TYPE_AAAA: i32 = 28
export const TYPE_SVCB: i32 = 64
export const TYPE_HTTPS: i32 = 65

export const SECTION_ANSWER: i32 = 0
export const SECTION_ADDITIONAL: i32 = 2

/** Where something damaged would end. */
export const DAMAGED: usize = 0

/** One message; its questions and records stand behind these fields (dns-layout.ts). Places are addresses. */
@unmanaged
export class DnsMessage {
  start: usize = 0
  end: usize = 0
  id: i32 = 0
  isResponse: i32 = 0
  opcode: i32 = 0
  responseCode: i32 = 0
  questionCount: i32 = 0
  recordCount: i32 = 0
  /** 1 where the message is damaged, cut, or longer than what we read of it. What came before is there. */
  incomplete: i32 = 0
  /** Bytes of names that readName still gives out. */
  nameBytesLeft: i32 = 0
}

@unmanaged
class Question {
  at: usize = 0
  type: i32 = 0
}

/** `at` is where the owner's name is, `seconds` the lifetime (32 bits without a sign). */
@unmanaged
export class DnsRecord {
  section: i32 = 0
  at: usize = 0
  type: i32 = 0
  seconds: i32 = 0
  dataAt: usize = 0
  dataEnd: usize = 0
}

const words = memory.data(4 * DNS_WORDS, 8)

/** The message read last. */
export const message = changetype<DnsMessage>(words)

/** A name in text form: labels joined by dots, as written (not folded), without the trailing dot. */
export const nameText: usize = memory.data(MAX_TEXT_LENGTH, 8)
export let nameLength: i32 = 0

export function dnsMessageAddress(): usize {
  return words
}

export function dnsNameAddress(): usize {
  return nameText
}

export function dnsNameLength(): i32 {
  return nameLength
}

function question(index: i32): Question {
  return changetype<Question>(words + 4 * DNS_QUESTIONS + <usize>index * offsetof<Question>())
}

export function questionAt(index: i32): usize {
  return question(index).at
}

export function questionType(index: i32): i32 {
  return question(index).type
}

export function recordOf(index: i32): DnsRecord {
  return changetype<DnsRecord>(words + 4 * DNS_RECORDS + <usize>index * offsetof<DnsRecord>())
}

/**
 * Reads the message in [at, end). False where there is no header to read. A damaged message gives the questions and
 * records before the damage and is marked incomplete.
 */
export function readDnsMessage(at: usize, end: usize): bool {
  message.questionCount = 0
  message.recordCount = 0
  message.incomplete = 0
  message.nameBytesLeft = MAX_NAME_BYTES
  if (end < at + HEADER_LENGTH) return false
  message.start = at
  message.end = end
  message.id = u16At(at)
  const flags = u16At(at + 2)
  message.isResponse = flags >> 15
  message.opcode = (flags >> 11) & 0x0f
  message.responseCode = flags & 0x0f
  let position = readQuestions(u16At(at + 4))
  for (let section = SECTION_ANSWER; section <= SECTION_ADDITIONAL && position != DAMAGED; section++) {
    position = readRecords(section, u16At(at + 6 + 2 * <usize>section), position)
  }
  message.incomplete = i32(position == DAMAGED)
  return true
}

function readQuestions(count: i32): usize {
  const end = message.end
  let at = message.start + HEADER_LENGTH
  for (let index = 0; index < count; index++) {
    const behindName = skipName(at, end)
    if (behindName == DAMAGED || end - behindName < 4 || index >= MAX_QUESTIONS) return DAMAGED
    const slot = question(index)
    slot.at = at
    slot.type = u16At(behindName)
    message.questionCount = index + 1
    at = behindName + 4
  }
  return at
}

function readRecords(section: i32, count: i32, at: usize): usize {
  const end = message.end
  for (let index = 0; index < count; index++) {
    const behindName = skipName(at, end)
    if (behindName == DAMAGED || end - behindName < 10) return DAMAGED
    const dataAt = behindName + 10
    const dataEnd = dataAt + u16At(behindName + 8)
    const slot = message.recordCount
    if (dataEnd > end || slot >= MAX_RECORDS) return DAMAGED
    const record = recordOf(slot)
    record.section = section
    record.at = at
    record.type = u16At(behindName)
    record.seconds = i32At(behindName + 4)
    record.dataAt = dataAt
    record.dataEnd = dataEnd
    message.recordCount = slot + 1
    at = dataEnd
  }
  return at
}

/** Where the name at `at` ends in the message (behind its pointer, if it has one); DAMAGED where it does not. */
export function skipName(at: usize, end: usize): usize {
  const limit = min(end, at + MAX_NAME_LENGTH)
  while (at < limit) {
    const length = byteAt(at)
    if (length == 0) return at + 1
    if (length >= 0xc0) return at + 2 <= end ? at + 2 : DAMAGED
    if (length > 63) return DAMAGED
    at += 1 + length
  }
  return DAMAGED
}

/**
 * Writes the name at `at` of the message to `nameText` and returns where it ends, or DAMAGED. A pointer must point
 * before the labels it continues (RFC 1035 section 4.1.4: "a prior occurrence"), so no chain can go round. Reading has
 * its limit for each message (MAX_NAME_BYTES); behind that every name is damaged.
 */
export function readName(at: usize): usize {
  const start = message.start
  const end = message.end
  let text = nameText
  let wireLength = 0
  let behind = DAMAGED
  let earliest = at
  let hops = 0
  nameLength = 0
  if (message.nameBytesLeft <= 0) return DAMAGED
  while (at < end) {
    const length = byteAt(at)
    if (length == 0) {
      nameLength = <i32>(text - nameText)
      message.nameBytesLeft -= wireLength
      return behind == DAMAGED ? at + 1 : behind
    }
    if (length >= 0xc0) {
      if (at + 2 > end || ++hops > MAX_HOPS) break
      if (behind == DAMAGED) behind = at + 2
      at = start + (((length & 0x3f) << 8) | byteAt(at + 1))
      if (at >= earliest || at < start + HEADER_LENGTH) break
      earliest = at
      continue
    }
    wireLength += 1 + length
    if (length > 63 || at + 1 + length > end || wireLength >= MAX_NAME_LENGTH) break
    if (text > nameText) {
      store<u8>(text, DOT)
      text++
    }
    text = writeLabel(at + 1, at + 1 + length, text)
    at += 1 + length
  }
  message.nameBytesLeft -= wireLength
  return DAMAGED
}

const DOT: i32 = 0x2e
const BACKSLASH: i32 = 0x5c
const ZERO: i32 = 0x30

/** RFC 1035 section 5.1: a dot or backslash inside a label is escaped, and so is what has no printed form. */
function writeLabel(at: usize, end: usize, text: usize): usize {
  for (; at < end; at++) {
    const byte = byteAt(at)
    if (byte > 0x1f && byte != DOT && byte != BACKSLASH && byte != 0x7f) {
      store<u8>(text, byte)
      text++
    } else if (byte == DOT || byte == BACKSLASH) {
      store<u8>(text, BACKSLASH)
      store<u8>(text, byte, 1)
      text += 2
    } else {
      store<u8>(text, BACKSLASH)
      // 0 to 31 and 127.
      store<u8>(text, byte == 127 ? ZERO + 1 : ZERO, 1)
      store<u8>(text, ZERO + (byte == 127 ? 2 : (byte * 205) >> 11), 2)
      store<u8>(text, ZERO + (byte == 127 ? 7 : byte - 10 * ((byte * 205) >> 11)), 3)
      text += 4
    }
  }
  return text
}
