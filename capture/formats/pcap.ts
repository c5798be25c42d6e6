// Parser of classic pcap files.
import type { FormatParser, PacketSink } from './format-parser.ts'
import { readU16, readU32 } from './integers.ts'
import { MAX_CAPTURED_LENGTH } from './limits.ts'

/** draft-ietf-opsawg-pcap sections 4 and 5. */
const FILE_HEADER_LENGTH = 24
const RECORD_HEADER_LENGTH = 16
/** Kuznetzov's patched libpcap adds interface, protocol and packet type to each record. */
const MODIFIED_RECORD_HEADER_LENGTH = 24

const MAGIC_MICROSECONDS = 0xa1b2c3d4
const MAGIC_NANOSECONDS = 0xa1b23c4d
const MAGIC_MODIFIED = 0xa1b2cd34

export class PcapParser implements FormatParser {
  private readonly reader: PacketSink
  private hasHeader = false
  private bigEndian = false
  private headerLength = RECORD_HEADER_LENGTH
  private nanosPerUnit = 1000
  private unitsPerSecond = 1_000_000
  private linkType = 0
  private lengthsSwapped: 'no' | 'maybe' | 'yes' = 'no'

  constructor(reader: PacketSink) {
    this.reader = reader
  }

  static recognises(bytes: Uint8Array): boolean {
    return isMagic(readU32(bytes, 0, true)) || isMagic(readU32(bytes, 0, false))
  }

  parse(bytes: Uint8Array, from: number, to: number, fileOffset: number): number {
    if (!this.hasHeader) {
      if (to - from < FILE_HEADER_LENGTH) return from
      if (!this.readFileHeader(bytes, from)) return from
      from += FILE_HEADER_LENGTH
    }
    return this.readRecords(bytes, from, to, fileOffset)
  }

  describeTail(bytes: Uint8Array, from: number, to: number): string | null {
    const have = to - from
    if (have === 0) return null
    if (!this.hasHeader) return `the file ends inside its header, after ${have} of ${FILE_HEADER_LENGTH} bytes`
    if (have < this.headerLength) {
      return `cut off inside the packet's record header, after ${have} of ${this.headerLength} bytes`
    }
    const first = readU32(bytes, from + 8, this.bigEndian)
    const second = readU32(bytes, from + 12, this.bigEndian)
    const length = this.lengthsSwapped === 'yes' || (this.lengthsSwapped === 'maybe' && first > second) ? second : first
    return `cut off after ${have - this.headerLength} of ${length} bytes`
  }

  private readFileHeader(bytes: Uint8Array, at: number): boolean {
    this.bigEndian = isMagic(readU32(bytes, at, true))
    const magic = readU32(bytes, at, this.bigEndian)
    if (magic === MAGIC_NANOSECONDS) {
      this.nanosPerUnit = 1
      this.unitsPerSecond = 1_000_000_000
    }
    if (magic === MAGIC_MODIFIED) this.headerLength = MODIFIED_RECORD_HEADER_LENGTH
    const major = readU16(bytes, at + 4, this.bigEndian)
    const minor = readU16(bytes, at + 6, this.bigEndian)
    if (major < 2) {
      this.reader.fail(at + 4, `pcap version ${major}.${minor} is older than any known one`)
      return false
    }
    // Before 2.3 the two lengths stood the other way round, and 2.3 had both (libpcap, sf-pcap.c).
    if (major === 2 && minor < 3) this.lengthsSwapped = 'yes'
    else if (major === 2 && minor === 3) this.lengthsSwapped = 'maybe'
    // The upper bits give the length of the frame check sequence, not the type.
    this.linkType = readU32(bytes, at + 20, this.bigEndian) & 0xffff
    this.reader.addLinkType(this.linkType)
    this.hasHeader = true
    this.reader.hasHeader = true
    return true
  }

  private readRecords(bytes: Uint8Array, at: number, to: number, fileOffset: number): number {
    const { reader, bigEndian, headerLength } = this
    const frame = reader.frame
    frame.bytes = bytes
    while (to - at >= headerLength) {
      let captured = readU32(bytes, at + 8, bigEndian)
      let original = readU32(bytes, at + 12, bigEndian)
      if (this.lengthsSwapped !== 'no' && (this.lengthsSwapped === 'yes' || captured > original)) {
        const swap = captured
        captured = original
        original = swap
      }
      if (captured > MAX_CAPTURED_LENGTH) {
        reader.fail(
          fileOffset + at,
          `a record says it holds ${captured} bytes, more than any capture tool writes (${MAX_CAPTURED_LENGTH}); the file is damaged from here on`,
        )
        return at
      }
      const start = at + headerLength
      const end = start + captured
      if (end > to) return at
      frame.seconds = readU32(bytes, at, bigEndian)
      const units = readU32(bytes, at + 4, bigEndian)
      // A fraction beyond its second is damage; the second itself is still the time.
      frame.nanos = units < this.unitsPerSecond ? units * this.nanosPerUnit : 999_999_999
      frame.at = start
      frame.end = end
      frame.originalLength = original
      frame.linkType = this.linkType
      reader.emit(fileOffset + at)
      at = end
    }
    return at
  }
}

function isMagic(value: number): boolean {
  return value === MAGIC_MICROSECONDS || value === MAGIC_NANOSECONDS || value === MAGIC_MODIFIED
}
