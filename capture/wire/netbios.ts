// NetBIOS names over UDP: what a host registers, what it answers about itself, and who sent a datagram.
import { i32 } from '../frame.ts'

/** Header of the name service, RFC 1002 section 4.2.1. Offsets in bytes from its start. */
const FLAGS = 2
const QUESTIONS = 4
const ANSWERS = 6
const AUTHORITIES = 8
const ADDITIONALS = 10
const HEADER_LENGTH = 12

/** Of the flags: a response; the operation (sections 4.2.1.1 and 4.2.1.2); the result code. */
const RESPONSE = 0x8000
const OPERATION_SHIFT = 11
const RESULT_MASK = 0x0f
const QUERY = 0
const REGISTRATION = 5
const REFRESH = 8
/** RFC 1002 prints both numbers for a refresh; Windows registers hosts with several addresses by its own. */
const OTHER_REFRESH = 9
const MULTIHOMED_REGISTRATION = 15

const TYPE_NAME = 0x20
const TYPE_STATUS = 0x21
/** NB_FLAGS, section 4.2.1.3: the name is a group's; and of a status entry: it is being given up. */
const GROUP = 0x8000
const DEREGISTERED = 0x1000
/** One pair of NB_FLAGS and NB_ADDRESS; one entry of a status: 15 letters, the suffix, NAME_FLAGS. */
const PAIR_LENGTH = 6
const STATUS_ENTRY_LENGTH = 18
const MAX_RECORDS = 16
const MAX_ENTRIES = 32

/** First-level encoding, RFC 1001 section 14.1: two letters from "A" for each byte. */
const ENCODED_LENGTH = 32
const NAME_LETTERS = 15
const LETTER_A = 0x41
const POINTER = 0xc0
const MAX_LABELS = 32

/** Datagram service, RFC 1002 section 4.4.1: direct to one name, to a group, broadcast. */
const DATAGRAM_TYPES: readonly number[] = [0x10, 0x11, 0x12]
const SOURCE_ADDRESS = 4
const SOURCE_NAME = 14

/** The last byte of a name: the workstation service, and the file server's. Others are users, groups and masters. */
const SUFFIXES_OF_HOSTS: readonly number[] = [0x00, 0x20]

/** Code page 850, which Windows and Samba write in western Europe, from 0x80 on. */
const CODE_PAGE =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»' +
  '░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0'

/** A host's name and an IPv4 address (big endian, signed) that the message gives it. */
export interface NetbiosHost {
  name: string
  address: number
}

export interface NetbiosMessage {
  /** The sender's own claim, rather than its answer to somebody who asked for the name. */
  isClaim: boolean
  /** At most MAX_ENTRIES; names of groups, users and masters are left out. */
  hosts: NetbiosHost[]
}

/**
 * Reads the datagram in bytes[at, end) of UDP port 137: a registration or refresh of a name, or the answer of a host to
 * a query for its name or its status. RFC 1001, RFC 1002 section 4.2. `sender` is the IPv4 address that it came from,
 * which a status is about. Null for everything else: queries, refusals, damage.
 */
export function readNetbiosName(bytes: Uint8Array, at: number, end: number, sender: number): NetbiosMessage | null {
  if (end - at < HEADER_LENGTH) return null
  const flags = u16(bytes, at + FLAGS)
  const operation = (flags >> OPERATION_SHIFT) & 0x0f
  const isResponse = (flags & RESPONSE) !== 0
  const isClaim = !isResponse && [REGISTRATION, REFRESH, OTHER_REFRESH, MULTIHOMED_REGISTRATION].includes(operation)
  const isAnswer = isResponse && operation === QUERY && (flags & RESULT_MASK) === 0
  if (!isClaim && !isAnswer) return null
  let offset = at + HEADER_LENGTH
  for (let left = u16(bytes, at + QUESTIONS); left > 0; left--) {
    const next = nameEnd(bytes, offset, end)
    if (next < 0 || next + 4 > end) return null
    offset = next + 4
  }
  const records = u16(bytes, at + ANSWERS) + u16(bytes, at + AUTHORITIES) + u16(bytes, at + ADDITIONALS)
  const hosts: NetbiosHost[] = []
  for (let left = Math.min(records, MAX_RECORDS); left > 0 && offset >= 0; left--)
    offset = readRecord(bytes, { message: at, at: offset, end, sender }, hosts)
  return hosts.length === 0 ? null : { isClaim, hosts }
}

/**
 * Reads the datagram in bytes[at, end) of UDP port 138: who sent it, by name and address; browsers announce themselves
 * so. RFC 1002 section 4.4. Null where the name is no host's.
 */
export function readNetbiosDatagram(bytes: Uint8Array, at: number, end: number): NetbiosMessage | null {
  if (end - at < SOURCE_NAME + 2 + ENCODED_LENGTH || !DATAGRAM_TYPES.includes(bytes[at])) return null
  const name = hostName(decoded(bytes, at + SOURCE_NAME, end))
  const address = i32(bytes, at + SOURCE_ADDRESS)
  return name === null || address === 0 ? null : { isClaim: true, hosts: [{ name, address }] }
}

interface Place {
  /** Where the message, the record and the datagram's end are. */
  message: number
  at: number
  end: number
  sender: number
}

/** Adds what the record tells; the place behind it, or -1 where it is damaged. */
function readRecord(bytes: Uint8Array, place: Place, hosts: NetbiosHost[]): number {
  const { message, at, end, sender } = place
  const body = nameEnd(bytes, at, end)
  if (body < 0 || body + 10 > end) return -1
  const type = u16(bytes, body)
  const data = body + 10
  const next = data + u16(bytes, body + 8)
  if (next > end) return -1
  if (type === TYPE_STATUS) addStatus(bytes, data, next, sender, hosts)
  if (type !== TYPE_NAME) return next
  const isPointer = (bytes[at] & POINTER) === POINTER
  const target = isPointer ? message + (u16(bytes, at) & 0x3fff) : at
  const name = target < message + HEADER_LENGTH ? null : hostName(decoded(bytes, target, end))
  for (let pair = data; name !== null && pair + PAIR_LENGTH <= next; pair += PAIR_LENGTH) {
    const address = i32(bytes, pair + 2)
    if ((u16(bytes, pair) & GROUP) === 0 && address !== 0 && hosts.length < MAX_ENTRIES) hosts.push({ name, address })
  }
  return next
}

/** NODE STATUS RESPONSE, section 4.2.18: the names of whoever answers. */
function addStatus(bytes: Uint8Array, at: number, end: number, sender: number, hosts: NetbiosHost[]): void {
  const count = at < end ? Math.min(bytes[at], MAX_ENTRIES) : 0
  for (let index = 0; index < count; index++) {
    const entry = at + 1 + index * STATUS_ENTRY_LENGTH
    if (entry + STATUS_ENTRY_LENGTH > end) return
    const name = hostName(bytes.subarray(entry, entry + NAME_LETTERS + 1))
    const isHost = (u16(bytes, entry + NAME_LETTERS + 1) & (GROUP | DEREGISTERED)) === 0
    if (name !== null && isHost) hosts.push({ name, address: sender })
  }
}

/** The 15 letters and the suffix of the encoded name at `at`; null where it is none. */
function decoded(bytes: Uint8Array, at: number, end: number): Uint8Array | null {
  if (at + 1 + ENCODED_LENGTH > end || bytes[at] !== ENCODED_LENGTH) return null
  const name = new Uint8Array(NAME_LETTERS + 1)
  for (let index = 0; index < name.length; index++) {
    const high = bytes[at + 1 + 2 * index] - LETTER_A
    const low = bytes[at + 2 + 2 * index] - LETTER_A
    if (high < 0 || high > 15 || low < 0 || low > 15) return null
    name[index] = (high << 4) | low
  }
  return name
}

/** The letters of a name that is a host's, without its padding of spaces or zeros. */
function hostName(name: Uint8Array | null): string | null {
  if (name === null || !SUFFIXES_OF_HOSTS.includes(name[NAME_LETTERS])) return null
  let length = NAME_LETTERS
  while (length > 0 && (name[length - 1] === 0x20 || name[length - 1] === 0)) length--
  const letters = Array.from(name.subarray(0, length), (byte) =>
    byte < 0x80 ? String.fromCharCode(byte) : CODE_PAGE[byte - 0x80],
  )
  // Control characters mark names of services, such as the browsers' "\x01\x02__MSBROWSE__\x02".
  return letters.length === 0 || letters.some((letter) => letter < ' ' || letter === '\x7f') || letters[0] === '*'
    ? null
    : letters.join('')
}

/** The place behind the name at `at`, a pointer or labels; -1 where it is damaged. */
function nameEnd(bytes: Uint8Array, at: number, end: number): number {
  for (let labels = 0; labels < MAX_LABELS && at < end; labels++) {
    const length = bytes[at]
    if ((length & POINTER) === POINTER) return at + 2 <= end ? at + 2 : -1
    if (length === 0) return at + 1
    if ((length & POINTER) !== 0) return -1
    at += 1 + length
  }
  return -1
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1]
}
