// Parser of pcapng files: packets with the interface and clock they belong to.
import type { FormatParser, PacketSink } from './format-parser.ts'
import { readU16, readU32 } from './integers.ts'
import { BUFFER_LENGTH, MAX_CAPTURED_LENGTH } from './limits.ts'

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

/** An interface of the current section. `unitsPerSecond` is its clock's resolution, `offset` seconds to add. */
interface CaptureInterface {
  linkType: number
  snaplen: number
  unitsPerSecond: number
  offset: number
  /** Drops in its last statistics block. */
  dropped: number
}

export class PcapngParser implements FormatParser {
  private readonly reader: PacketSink
  private bigEndian = false
  private interfaces: CaptureInterface[] = []
  /** Bytes of a block too long for the buffer (never a packet) that are still to be stepped over. */
  private skip = 0

  constructor(reader: PacketSink) {
    this.reader = reader
  }

  static recognises(bytes: Uint8Array): boolean {
    return readU32(bytes, 0, true) === SECTION_HEADER
  }

  parse(bytes: Uint8Array, at: number, to: number, fileOffset: number): number {
    const { reader } = this
    reader.frame.bytes = bytes
    while (at < to) {
      if (this.skip > 0) {
        const step = Math.min(this.skip, to - at)
        this.skip -= step
        at += step
        continue
      }
      if (to - at < SMALLEST_BLOCK) return at
      const isSection = readU32(bytes, at, true) === SECTION_HEADER
      if (isSection && !this.readByteOrder(bytes, at, fileOffset)) return at
      const length = readU32(bytes, at + 4, this.bigEndian)
      const type = readU32(bytes, at, this.bigEndian)
      if (length < SMALLEST_BLOCK || length % 4 !== 0 || length > LARGEST_BLOCK) {
        reader.fail(
          fileOffset + at,
          `a block says it is ${length} bytes long, which cannot be; the file is damaged from here on`,
        )
        return at
      }
      if (length > BUFFER_LENGTH) {
        if (isPacket(type)) {
          reader.fail(
            fileOffset + at,
            `a packet block says it is ${length} bytes long, more than any capture tool writes`,
          )
          return at
        }
        this.skip = length
        continue
      }
      if (to - at < length) return at
      if (readU32(bytes, at + length - 4, this.bigEndian) !== length) {
        reader.fail(
          fileOffset + at,
          `a block's two lengths differ (${length} and ${readU32(bytes, at + length - 4, this.bigEndian)}); the file is damaged from here on`,
        )
        return at
      }
      this.readBlock(bytes, type, at, at + length - 4, fileOffset)
      if (reader.failed) return at
      at += length
    }
    return at
  }

  describeTail(bytes: Uint8Array, from: number, to: number): string | null {
    const have = to - from
    if (this.skip > 0) return `cut off inside a block, ${this.skip} bytes before its end`
    if (have === 0) return null
    if (have < SMALLEST_BLOCK) return `cut off inside a block's header, after ${have} bytes`
    return `cut off after ${have} of ${readU32(bytes, from + 4, this.bigEndian)} bytes of a block`
  }

  private readByteOrder(bytes: Uint8Array, at: number, fileOffset: number): boolean {
    const isBig = readU32(bytes, at + 8, true) === BYTE_ORDER_MAGIC
    if (!isBig && readU32(bytes, at + 8, false) !== BYTE_ORDER_MAGIC) {
      this.reader.fail(fileOffset + at, 'a section header has no byte-order magic; the file is damaged from here on')
      return false
    }
    this.bigEndian = isBig
    return true
  }

  private readBlock(bytes: Uint8Array, type: number, at: number, end: number, fileOffset: number): void {
    switch (type) {
      case ENHANCED_PACKET:
        return this.readEnhancedPacket(bytes, at, end, fileOffset)
      case SIMPLE_PACKET:
        return this.readSimplePacket(bytes, at, end, fileOffset)
      case OBSOLETE_PACKET:
        return this.readObsoletePacket(bytes, at, end, fileOffset)
      case INTERFACE_DESCRIPTION:
        return this.readInterface(bytes, at, end, fileOffset)
      case INTERFACE_STATISTICS:
        return this.readStatistics(bytes, at, end)
      case SECTION_HEADER:
        return this.startSection(bytes, at, end, fileOffset)
    }
  }

  /** Section 4.1. Interfaces belong to their section. */
  private startSection(bytes: Uint8Array, at: number, end: number, fileOffset: number): void {
    this.interfaces = []
    if (end - at < 24) {
      this.reader.fail(fileOffset + at, 'a section header is too short')
      return
    }
    const major = readU16(bytes, at + 12, this.bigEndian)
    if (major === 1) this.reader.hasHeader = true
    else this.reader.fail(fileOffset + at, `pcapng version ${major} is not known`)
  }

  /** Section 4.2. */
  private readInterface(bytes: Uint8Array, at: number, end: number, fileOffset: number): void {
    // Packets name interfaces by their count: without this one they would be taken for another's.
    if (end - at < 16) return this.reader.fail(fileOffset + at, 'an interface description is too short')
    if (this.interfaces.length >= MAX_INTERFACES) {
      this.reader.problems.add(
        0,
        fileOffset + at,
        `an interface description is more than the ${MAX_INTERFACES} that one section may have`,
      )
      return
    }
    const entry: CaptureInterface = {
      linkType: readU16(bytes, at + 8, this.bigEndian),
      snaplen: readU32(bytes, at + 12, this.bigEndian),
      unitsPerSecond: 1_000_000,
      offset: 0,
      dropped: 0,
    }
    this.forEachOption(bytes, at + 16, end, (code, from, length) => {
      if (code === OPTION_TIMESTAMP_RESOLUTION && length >= 1) entry.unitsPerSecond = unitsPerSecond(bytes[from])
      else if (code === OPTION_TIMESTAMP_OFFSET && length >= 8) entry.offset = this.readI64(bytes, from)
    })
    this.interfaces.push(entry)
    this.reader.addLinkType(entry.linkType)
  }

  /** Section 4.3. */
  private readEnhancedPacket(bytes: Uint8Array, at: number, end: number, fileOffset: number): void {
    if (end - at < 28) return this.badPacket(fileOffset + at, 'the packet block is too short')
    const captured = readU32(bytes, at + 20, this.bigEndian)
    const source = this.interfaceOf(readU32(bytes, at + 8, this.bigEndian), fileOffset + at)
    if (source === undefined) return
    this.setTime(source, readU32(bytes, at + 12, this.bigEndian), readU32(bytes, at + 16, this.bigEndian))
    this.emit(source, at + 28, captured, readU32(bytes, at + 24, this.bigEndian), end, fileOffset + at)
  }

  /**
   * Section A.1 of the draft, written by old tools: like the enhanced block with a 16-bit interface and a drop count.
   */
  private readObsoletePacket(bytes: Uint8Array, at: number, end: number, fileOffset: number): void {
    if (end - at < 28) return this.badPacket(fileOffset + at, 'the packet block is too short')
    const captured = readU32(bytes, at + 20, this.bigEndian)
    const source = this.interfaceOf(readU16(bytes, at + 8, this.bigEndian), fileOffset + at)
    if (source === undefined) return
    const drops = readU16(bytes, at + 10, this.bigEndian)
    // 65,535 means "not known".
    if (drops !== 0xffff) this.reader.dropped += drops
    this.setTime(source, readU32(bytes, at + 12, this.bigEndian), readU32(bytes, at + 16, this.bigEndian))
    this.emit(source, at + 28, captured, readU32(bytes, at + 24, this.bigEndian), end, fileOffset + at)
  }

  /** Section 4.4: the first interface's packet, without a time; its captured length follows from the snaplen. */
  private readSimplePacket(bytes: Uint8Array, at: number, end: number, fileOffset: number): void {
    if (end - at < 12) return this.badPacket(fileOffset + at, 'the packet block is too short')
    const source = this.interfaceOf(0, fileOffset + at)
    if (source === undefined) return
    const original = readU32(bytes, at + 8, this.bigEndian)
    const limit = source.snaplen === 0 ? original : Math.min(original, source.snaplen)
    this.reader.frame.timed = false
    this.emit(source, at + 12, Math.min(limit, end - at - 12), original, end, fileOffset + at)
  }

  /** Section 4.6: packets that kernel and interface dropped since the capture began: the last block counts. */
  private readStatistics(bytes: Uint8Array, at: number, end: number): void {
    const source = end - at < 20 ? undefined : this.interfaces[readU32(bytes, at + 8, this.bigEndian)]
    if (source === undefined) return
    let dropped = 0
    this.forEachOption(bytes, at + 20, end, (code, from, length) => {
      const isDropCount = code === STATISTIC_DROPPED_BY_INTERFACE || code === STATISTIC_DROPPED_BY_SYSTEM
      if (isDropCount && length >= 8) dropped += Math.max(0, this.readI64(bytes, from))
    })
    this.reader.dropped += dropped - source.dropped
    source.dropped = dropped
  }

  private interfaceOf(id: number, offset: number): CaptureInterface | undefined {
    const entry = this.interfaces[id]
    if (entry === undefined)
      this.badPacket(offset, `the packet names interface ${id}, but the section has ${this.interfaces.length}`)
    return entry
  }

  private badPacket(offset: number, message: string): void {
    this.reader.packets++
    this.reader.problems.add(this.reader.packets, offset, message)
  }

  private emit(
    source: CaptureInterface,
    start: number,
    captured: number,
    original: number,
    end: number,
    offset: number,
  ): void {
    if (captured > end - start || captured > MAX_CAPTURED_LENGTH) {
      return this.badPacket(
        offset,
        `the packet says it holds ${captured} bytes, but its block has room for ${end - start}`,
      )
    }
    const { frame } = this.reader
    frame.at = start
    frame.end = start + captured
    frame.originalLength = original
    frame.linkType = source.linkType
    this.reader.emit(offset)
  }

  /**
   * Sets the frame's time from a 64-bit count of the interface's units. Long division in 16-bit digits stays exact
   * where a plain product would not: nanoseconds since 1970 need 61 bits, a JavaScript number has 53.
   */
  private setTime(source: CaptureInterface, high: number, low: number): void {
    const { frame } = this.reader
    const units = source.unitsPerSecond
    frame.timed = true
    if (units > 2 ** 36) return this.setFineTime(source, high, low)
    let rest = high % units
    let seconds = Math.floor(high / units) * 4_294_967_296
    rest = rest * 65_536 + (low >>> 16)
    seconds += Math.floor(rest / units) * 65_536
    rest = (rest % units) * 65_536 + (low & 0xffff)
    seconds += Math.floor(rest / units)
    frame.seconds = seconds + source.offset
    frame.nanos = Math.floor((rest % units) * (1e9 / units))
  }

  /** Resolutions finer than 2^-36 s, which only tests and radio equipment use. */
  private setFineTime(source: CaptureInterface, high: number, low: number): void {
    const { frame } = this.reader
    const units = BigInt(source.unitsPerSecond)
    const count = (BigInt(high) << 32n) | BigInt(low)
    frame.seconds = Number(count / units) + source.offset
    frame.nanos = Number(((count % units) * 1_000_000_000n) / units)
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
