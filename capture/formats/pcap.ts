// Parser of classic pcap files: the file's header, and damage. The core reads the records.
import { LENGTHS_SWAPPED_MAYBE, LENGTHS_SWAPPED_NO, LENGTHS_SWAPPED_YES, RECORDS_DAMAGED } from '../core/constants.ts'
import type { FormatParser, RecordSink } from './format-parser.ts'
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
  private readonly sink: RecordSink
  private hasHeader = false
  private bigEndian = false
  private headerLength = RECORD_HEADER_LENGTH
  private lengthsSwapped = LENGTHS_SWAPPED_NO as number

  constructor(sink: RecordSink) {
    this.sink = sink
  }

  static recognises(bytes: Uint8Array): boolean {
    return isMagic(readU32(bytes, 0, true)) || isMagic(readU32(bytes, 0, false))
  }

  parse(from: number, to: number, fileOffset: number): number {
    if (this.hasHeader) return this.readRecords(from, to, fileOffset)
    if (to - from < FILE_HEADER_LENGTH) return from
    if (!this.readFileHeader(from, fileOffset)) return from
    return this.readRecords(from + FILE_HEADER_LENGTH, to, fileOffset + FILE_HEADER_LENGTH)
  }

  describeTail(from: number, to: number): string | null {
    const { bytes } = this.sink.records.core
    const have = to - from
    if (have === 0) return null
    if (!this.hasHeader) return `the file ends inside its header, after ${have} of ${FILE_HEADER_LENGTH} bytes`
    if (have < this.headerLength) {
      return `cut off inside the packet's record header, after ${have} of ${this.headerLength} bytes`
    }
    const first = readU32(bytes, from + 8, this.bigEndian)
    const second = readU32(bytes, from + 12, this.bigEndian)
    const isSwapped =
      this.lengthsSwapped === LENGTHS_SWAPPED_YES || (this.lengthsSwapped === LENGTHS_SWAPPED_MAYBE && first > second)
    const length = isSwapped ? second : first
    return `cut off after ${have - this.headerLength} of ${length} bytes`
  }

  private readFileHeader(at: number, fileOffset: number): boolean {
    const { sink } = this
    const { core, address } = sink.records
    const { bytes } = core
    this.bigEndian = isMagic(readU32(bytes, at, true))
    const magic = readU32(bytes, at, this.bigEndian)
    if (magic === MAGIC_MODIFIED) this.headerLength = MODIFIED_RECORD_HEADER_LENGTH
    const major = readU16(bytes, at + 4, this.bigEndian)
    const minor = readU16(bytes, at + 6, this.bigEndian)
    if (major < 2) {
      sink.fail(fileOffset + 4, `pcap version ${major}.${minor} is older than any known one`)
      return false
    }
    // Before 2.3 the two lengths stood the other way round, and 2.3 had both (libpcap, sf-pcap.c).
    if (major === 2 && minor < 3) this.lengthsSwapped = LENGTHS_SWAPPED_YES
    else if (major === 2 && minor === 3) this.lengthsSwapped = LENGTHS_SWAPPED_MAYBE
    // The upper bits give the length of the frame check sequence, not the type.
    const linkType = readU32(bytes, at + 20, this.bigEndian) & 0xffff
    const [unitsPerSecond, nanosPerUnit] = magic === MAGIC_NANOSECONDS ? [1_000_000_000, 1] : [1_000_000, 1000]
    sink.records.setInteger('bigEndian', this.bigEndian ? 1 : 0)
    core.exports.usePcap(address, linkType, this.headerLength, unitsPerSecond, nanosPerUnit, this.lengthsSwapped)
    sink.addLinkType(linkType)
    this.hasHeader = true
    sink.hasHeader = true
    return true
  }

  private readRecords(from: number, to: number, fileOffset: number): number {
    const { records } = this.sink
    const code = records.core.exports.readPcapRecords(records.address, from, to, fileOffset)
    const next = records.integer('next')
    if (code === RECORDS_DAMAGED) {
      this.sink.fail(
        fileOffset + next - from,
        `a record says it holds ${records.number('said')} bytes, more than any capture tool writes (${MAX_CAPTURED_LENGTH}); the file is damaged from here on`,
      )
    }
    return next
  }
}

function isMagic(value: number): boolean {
  return value === MAGIC_MICROSECONDS || value === MAGIC_NANOSECONDS || value === MAGIC_MODIFIED
}
