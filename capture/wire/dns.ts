// DNS messages: questions and records, read by the packet core. Names stay in the message until they are needed.
import {
  DNS_END,
  DNS_ID,
  DNS_INCOMPLETE,
  DNS_IS_RESPONSE,
  DNS_NAME_BYTES_LEFT,
  DNS_OPCODE,
  DNS_QUESTION_COUNT,
  DNS_QUESTION_WORDS,
  DNS_QUESTIONS,
  DNS_RECORD_COUNT,
  DNS_RECORD_WORDS,
  DNS_RECORDS,
  DNS_RESPONSE_CODE,
  DNS_START,
  MAX_QUESTIONS,
  MAX_RECORDS,
  MAX_TEXT_LENGTH,
} from '../core/dns-layout.ts'
import type { PacketCore } from '../packet-core.ts'
import { readerCore, ReaderMemory } from '../reader-core.ts'

export { MAX_RECORDS }

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

/** Memory of a core for messages that lie elsewhere, and the message whose bytes it holds now. */
interface Copies {
  memory: ReaderMemory
  of: DnsMessage | null
}

const copiesOfCores = new WeakMap<PacketCore, Copies>()

/** One message, reusable. Offsets count from the start of `bytes`. */
export class DnsMessage {
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
  private given: PacketCore | null
  private source: Uint8Array = new Uint8Array(0)
  private isInPlace = false
  /** From an offset in `bytes` to an address in the core's memory. */
  private shift = 0
  private nameBytesLeft = 0

  /** `core` is the one in whose memory most messages lie: those are read in place, all others from a copy. */
  constructor(core: PacketCore | null = null) {
    this.given = core
  }

  /** The bytes that hold the message. Those of a core's memory are to be asked for anew after each call of it. */
  get bytes(): Uint8Array {
    return this.isInPlace ? this.core.bytes : this.source
  }

  /** Reads the message in bytes[at, end); see readDnsMessage. */
  read(bytes: Uint8Array, at: number, end: number): boolean {
    const { core } = this
    this.questionCount = this.recordCount = this.nameBytesLeft = 0
    this.incomplete = false
    const isInPlace = bytes === core.bytes
    if (!isInPlace) this.copies.of = null
    const address = this.copies.memory.place(bytes, at, end)
    if (core.exports.readDnsMessage(address, address + end - at) === 0) return false
    this.isInPlace = isInPlace
    this.source = isInPlace ? new Uint8Array(0) : bytes
    this.shift = address - at
    this.start = at
    this.end = end
    if (!isInPlace) this.copies.of = this
    this.takeFields()
    return true
  }

  /** Writes the name at `at` to `name`; see readName. */
  readName(at: number, name: DnsName): number {
    const { core } = this
    this.resume()
    const { integers, exports } = core
    const behind = exports.readDnsName(at + this.shift)
    this.nameBytesLeft = integers[exports.dnsMessageAddress() / 4 + DNS_NAME_BYTES_LEFT]
    name.length = exports.dnsNameLength()
    const text = exports.dnsNameAddress()
    name.bytes.set(core.bytes.subarray(text, text + name.length))
    return behind === 0 ? -1 : behind - this.shift
  }

  private get core(): PacketCore {
    return (this.given ??= readerCore())
  }

  private get copies(): Copies {
    const { core } = this
    let copies = copiesOfCores.get(core)
    if (copies === undefined) copiesOfCores.set(core, (copies = { memory: new ReaderMemory(core), of: null }))
    return copies
  }

  /** Takes what the core read, with places as offsets in `bytes`. */
  private takeFields(): void {
    const { core, shift } = this
    const { integers } = core
    const base = core.exports.dnsMessageAddress() / 4
    this.id = integers[base + DNS_ID]
    this.isResponse = integers[base + DNS_IS_RESPONSE] === 1
    this.opcode = integers[base + DNS_OPCODE]
    this.responseCode = integers[base + DNS_RESPONSE_CODE]
    this.incomplete = integers[base + DNS_INCOMPLETE] === 1
    this.nameBytesLeft = integers[base + DNS_NAME_BYTES_LEFT]
    this.questionCount = integers[base + DNS_QUESTION_COUNT]
    this.recordCount = integers[base + DNS_RECORD_COUNT]
    for (let index = 0, at = base + DNS_QUESTIONS; index < this.questionCount; index++, at += DNS_QUESTION_WORDS) {
      this.questionAt[index] = integers[at] - shift
      this.questionType[index] = integers[at + 1]
    }
    for (let index = 0, at = base + DNS_RECORDS; index < this.recordCount; index++, at += DNS_RECORD_WORDS) {
      this.recordSection[index] = integers[at]
      this.recordAt[index] = integers[at + 1] - shift
      this.recordType[index] = integers[at + 2]
      this.recordSeconds[index] = integers[at + 3] >>> 0
      this.rdataAt[index] = integers[at + 4] - shift
      this.rdataEnd[index] = integers[at + 5] - shift
    }
  }

  /** Makes this the message whose names the core reads: it may have read others since. */
  private resume(): void {
    const { core, copies } = this
    if (!this.isInPlace && copies.of !== this) {
      this.shift = copies.memory.place(this.source, this.start, this.end) - this.start
      copies.of = this
    }
    const { integers } = core
    const base = core.exports.dnsMessageAddress() / 4
    integers[base + DNS_START] = this.start + this.shift
    integers[base + DNS_END] = this.end + this.shift
    integers[base + DNS_NAME_BYTES_LEFT] = this.nameBytesLeft
  }
}

/**
 * Reads the message in bytes[at, end). False where there is no header to read. A damaged message gives the questions
 * and records before the damage and is marked incomplete.
 */
export function readDnsMessage(bytes: Uint8Array, at: number, end: number, message: DnsMessage): boolean {
  return message.read(bytes, at, end)
}

/**
 * Writes the name at `at` to `name` and returns where it ends, or -1 where it is damaged. A pointer must point before
 * the labels it continues (RFC 1035 section 4.1.4: "a prior occurrence"), so no chain can go round. Reading has its
 * limit for each message, 65,536 bytes of names; behind that every name is damaged.
 */
export function readName(message: DnsMessage, at: number, name: DnsName): number {
  return message.readName(at, name)
}

let nameMemory: ReaderMemory | null = null

/** Where the name at `at` ends in the message (behind its pointer, if it has one); -1 where it is damaged. */
export function skipName(bytes: Uint8Array, at: number, end: number): number {
  const core = readerCore()
  nameMemory ??= new ReaderMemory(core)
  const address = nameMemory.place(bytes, at, end)
  const behind = core.exports.skipDnsName(address, address + end - at)
  return behind === 0 ? -1 : behind - address + at
}
