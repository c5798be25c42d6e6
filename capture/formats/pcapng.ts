// Parser of pcapng files: sections, interfaces, statistics, and damage. The core reads the packet blocks.
import { RECORDS_LONG_PACKET, RECORDS_MORE, RECORDS_NO_INTERFACE, RECORDS_OTHER_BLOCK } from '../core/constants.ts'
import type { FormatParser, RecordSink } from './format-parser.ts'
import { readU16, readU32 } from './integers.ts'
import { BUFFER_LENGTH } from './limits.ts'

/** draft-ietf-opsawg-pcapng section 4: block types. */
const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const OBSOLETE_PACKET = 2
const SIMPLE_PACKET = 3
const INTERFACE_STATISTICS = 5
const ENHANCED_PACKET = 6

const BYTE_ORDER_MAGIC = 0x1a2b3c4d
/** Type, total length, and the total length again behind the body. */
const SMALLEST_BLOCK = 12
/** Wireshark's MAX_BLOCK_SIZE: a longer block is a damaged length. */
const LARGEST_BLOCK = 16 * 1024 * 1024
/** Interfaces of one section; a hostile file can declare millions. */
const MAX_INTERFACES = 65_536
const MAX_OPTIONS = 256

const OPTION_END = 0
const OPTION_TIMESTAMP_RESOLUTION = 9
const OPTION_TIMESTAMP_OFFSET = 14
const STATISTIC_DROPPED_BY_INTERFACE = 5
const STATISTIC_DROPPED_BY_SYSTEM = 7

export class PcapngParser implements FormatParser {
  private readonly sink: RecordSink
  private bigEndian = false
  /** Drops of each interface of the section in its last statistics block. */
  private drops: number[] = []
  /** Bytes of a block too long for the buffer (never a packet) that are still to be stepped over. */
  private skip = 0

  constructor(sink: RecordSink) {
    this.sink = sink
  }

  static recognises(bytes: Uint8Array): boolean {
    return readU32(bytes, 0, true) === SECTION_HEADER
  }

  parse(from: number, to: number, fileOffset: number): number {
    const { records } = this.sink
    let at = from
    while (at < to) {
      if (this.skip > 0) {
        const step = Math.min(this.skip, to - at)
        this.skip -= step
        at += step
        continue
      }
      const offset = fileOffset + at - from
      const code = records.core.exports.readPcapngRecords(records.address, at, to, offset)
      const next = records.integer('next')
      if (code === RECORDS_MORE) return next
      if (code !== RECORDS_OTHER_BLOCK) {
        at = next
        this.reportPacket(code)
        continue
      }
      const length = this.readOtherBlock(next, to, offset + next - at)
      if (length === null) return next
      at = next + length
    }
    return at
  }

  describeTail(from: number, to: number): string | null {
    const have = to - from
    if (this.skip > 0) return `cut off inside a block, ${this.skip} bytes before its end`
    if (have === 0) return null
    if (have < SMALLEST_BLOCK) return `cut off inside a block's header, after ${have} bytes`
    return `cut off after ${have} of ${this.u32(from + 4)} bytes of a block`
  }

  /** The length of the block at `at`; null where it is not whole or nothing behind it can be read. */
  private readOtherBlock(at: number, to: number, offset: number): number | null {
    const { sink } = this
    const { bytes } = sink.records.core
    const isSection = readU32(bytes, at, true) === SECTION_HEADER
    if (isSection && !this.readByteOrder(bytes, at, offset)) return null
    const length = readU32(bytes, at + 4, this.bigEndian)
    const type = readU32(bytes, at, this.bigEndian)
    if (length < SMALLEST_BLOCK || length % 4 !== 0 || length > LARGEST_BLOCK) {
      sink.fail(offset, `a block says it is ${length} bytes long, which cannot be; the file is damaged from here on`)
      return null
    }
    if (length > BUFFER_LENGTH) {
      if (isPacket(type)) {
        sink.fail(offset, `a packet block says it is ${length} bytes long, more than any capture tool writes`)
        return null
      }
      this.skip = length
      return 0
    }
    if (to - at < length) return null
    const again = readU32(bytes, at + length - 4, this.bigEndian)
    if (again !== length) {
      sink.fail(offset, `a block's two lengths differ (${length} and ${again}); the file is damaged from here on`)
      return null
    }
    this.readBlock(bytes, type, at, at + length - 4, offset)
    return sink.failed ? null : length
  }

  private readByteOrder(bytes: Uint8Array, at: number, offset: number): boolean {
    const isBig = readU32(bytes, at + 8, true) === BYTE_ORDER_MAGIC
    if (!isBig && readU32(bytes, at + 8, false) !== BYTE_ORDER_MAGIC) {
      this.sink.fail(offset, 'a section header has no byte-order magic; the file is damaged from here on')
      return false
    }
    this.bigEndian = isBig
    this.sink.records.setInteger('bigEndian', isBig ? 1 : 0)
    return true
  }

  private readBlock(bytes: Uint8Array, type: number, at: number, end: number, offset: number): void {
    switch (type) {
      case INTERFACE_DESCRIPTION:
        return this.readInterface(bytes, at, end, offset)
      case INTERFACE_STATISTICS:
        return this.readStatistics(bytes, at, end)
      case SECTION_HEADER:
        return this.startSection(bytes, at, end, offset)
    }
  }

  /** Section 4.1. Interfaces belong to their section. */
  private startSection(bytes: Uint8Array, at: number, end: number, offset: number): void {
    this.drops = []
    const { core, address } = this.sink.records
    core.exports.clearInterfaces(address)
    if (end - at < 24) {
      this.sink.fail(offset, 'a section header is too short')
      return
    }
    const major = readU16(bytes, at + 12, this.bigEndian)
    if (major === 1) this.sink.hasHeader = true
    else this.sink.fail(offset, `pcapng version ${major} is not known`)
  }

  /** Section 4.2. */
  private readInterface(bytes: Uint8Array, at: number, end: number, offset: number): void {
    // Packets name interfaces by their count: without this one they would be taken for another's.
    if (end - at < 16) return this.sink.fail(offset, 'an interface description is too short')
    if (this.drops.length >= MAX_INTERFACES) {
      this.sink.problems.add(
        0,
        offset,
        `an interface description is more than the ${MAX_INTERFACES} that one section may have`,
      )
      return
    }
    const linkType = readU16(bytes, at + 8, this.bigEndian)
    const snaplen = readU32(bytes, at + 12, this.bigEndian)
    let [units, seconds] = [1_000_000, 0]
    this.forEachOption(bytes, at + 16, end, (code, from, length) => {
      if (code === OPTION_TIMESTAMP_RESOLUTION && length >= 1) units = unitsPerSecond(bytes[from])
      else if (code === OPTION_TIMESTAMP_OFFSET && length >= 8) seconds = this.readI64(bytes, from)
    })
    const { core, address } = this.sink.records
    core.exports.addInterface(address, linkType, snaplen, units, seconds)
    this.drops.push(0)
    this.sink.addLinkType(linkType)
  }

  /** Section 4.6: packets that kernel and interface dropped since the capture began: the last block counts. */
  private readStatistics(bytes: Uint8Array, at: number, end: number): void {
    if (end - at < 20) return
    const id = readU32(bytes, at + 8, this.bigEndian)
    if (id >= this.drops.length) return
    let dropped = 0
    this.forEachOption(bytes, at + 20, end, (code, from, length) => {
      const isDropCount = code === STATISTIC_DROPPED_BY_INTERFACE || code === STATISTIC_DROPPED_BY_SYSTEM
      if (isDropCount && length >= 8) dropped += Math.max(0, this.readI64(bytes, from))
    })
    const { records } = this.sink
    records.setNumber('dropped', records.number('dropped') + dropped - this.drops[id])
    this.drops[id] = dropped
  }

  /** Why the core could not read the last packet: one of RECORDS_…. */
  private reportPacket(code: number): void {
    const { records, problems } = this.sink
    problems.add(records.number('packets'), records.number('badOffset'), this.describePacket(code))
  }

  private describePacket(code: number): string {
    const { records } = this.sink
    const said = records.number('said')
    if (code === RECORDS_NO_INTERFACE)
      return `the packet names interface ${said}, but the section has ${this.drops.length}`
    if (code === RECORDS_LONG_PACKET)
      return `the packet says it holds ${said} bytes, but its block has room for ${records.integer('room')}`
    return 'the packet block is too short'
  }

  private u32(at: number): number {
    return readU32(this.sink.records.core.bytes, at, this.bigEndian)
  }

  private forEachOption(
    bytes: Uint8Array,
    at: number,
    end: number,
    visit: (code: number, from: number, length: number) => void,
  ): void {
    for (let count = 0; count < MAX_OPTIONS && end - at >= 4; count++) {
      const code = readU16(bytes, at, this.bigEndian)
      const length = readU16(bytes, at + 2, this.bigEndian)
      if (code === OPTION_END || at + 4 + length > end) return
      visit(code, at + 4, length)
      at += 4 + ((length + 3) & ~3)
    }
  }

  private readI64(bytes: Uint8Array, at: number): number {
    const first = readU32(bytes, at, this.bigEndian)
    const second = readU32(bytes, at + 4, this.bigEndian)
    return this.bigEndian ? (first | 0) * 4_294_967_296 + second : (second | 0) * 4_294_967_296 + first
  }
}

function isPacket(type: number): boolean {
  return type === ENHANCED_PACKET || type === SIMPLE_PACKET || type === OBSOLETE_PACKET
}

/** if_tsresol: a power of ten, or of two where the top bit is set (section 4.2). */
function unitsPerSecond(resolution: number): number {
  return resolution & 0x80 ? 2 ** (resolution & 0x7f) : 10 ** Math.min(resolution, 18)
}
