// Reader of packets from a stream of bytes: finds out the format, then hands over one frame after another.
import { Frame } from '../frame.ts'
import type { FormatParser, PacketSink } from './format-parser.ts'
import { BUFFER_LENGTH, READ_LENGTH } from './limits.ts'
import { describeLinkType, isReadable } from './link-types.ts'
import { type PacketTimeOptions, PacketTimes } from './packet-times.ts'
import { PcapParser } from './pcap.ts'
import { PcapngParser } from './pcapng.ts'
import { type Problem, ProblemList } from './problem.ts'

/** Link types in one file; a hostile file can name 65,536. */
const MAX_LINK_TYPES = 64

export type CaptureFormat = 'pcap' | 'pcapng'

/**
 * Reads pcap and pcapng from pieces of any length in bounded memory. The caller fills `buffer` from `filled` on and
 * calls `commit`; each whole record becomes one call of `onPacket` with the same reused frame.
 */
export class CaptureReader implements PacketSink {
  readonly buffer = new Uint8Array(BUFFER_LENGTH)
  filled = 0
  readonly frame = new Frame()
  readonly problems = new ProblemList()
  format: CaptureFormat | null = null
  readonly linkTypes: number[] = []
  /** Packets in the file, those of unread link types included, and their lengths on the wire added up. */
  packets = 0
  frameBytes = 0
  /** Packets dropped, as reported by the capturing kernel (pcapng interface statistics). */
  dropped = 0
  /** True once the file's own header was read: it is a capture, however short. */
  hasHeader = false
  /** True once damage makes everything behind it unreadable. */
  failed = false

  /** Where the record of the packet at hand starts in the file. */
  packetOffset = 0

  private readonly times: PacketTimes
  private parser: FormatParser | null = null
  private fileOffset = 0
  private lastLinkType = -1
  private isLastReadable = false
  private readonly unread = new Map<number, { packet: number; offset: number; count: number }>()

  constructor(onPacket: (frame: Frame) => void, times: PacketTimeOptions = {}) {
    this.times = new PacketTimes(times, onPacket)
  }

  /** A sentence on packets with an impossible time; null where there are none. */
  get timeProblem(): string | null {
    return this.times.sentence
  }

  /** Bytes of the file taken so far. */
  get bytesRead(): number {
    return this.fileOffset + this.filled
  }

  /** Takes `length` bytes that the caller wrote to `buffer` at `filled`. */
  commit(length: number): void {
    this.filled += length
    if (this.failed) {
      this.discard(this.filled)
      return
    }
    if (this.parser === null && !this.chooseParser()) return
    const consumed = (this.parser as FormatParser).parse(this.buffer, 0, this.filled, this.fileOffset)
    this.discard(this.failed ? this.filled : consumed)
  }

  /** Copies a piece of a stream in, as often as the buffer needs. */
  push(piece: Uint8Array): void {
    for (let at = 0; at < piece.length;) {
      const length = Math.min(piece.length - at, this.buffer.length - this.filled, READ_LENGTH)
      this.buffer.set(piece.subarray(at, at + length), this.filled)
      this.commit(length)
      at += length
    }
  }

  /** The stream has ended: reports what is left over, and which packets could not be read. */
  end(): void {
    if (!this.failed) {
      const message = this.describeTail()
      if (message !== null) this.problems.add(this.packets + 1, this.fileOffset, message)
    }
    for (const [linkType, { packet, offset, count }] of this.unread) {
      const packets = count === 1 ? '1 packet' : `${count} packets`
      this.problems.add(packet, offset, `${packets} of ${describeLinkType(linkType)} counted but not read`)
    }
    this.unread.clear()
    this.times.end()
    const { timeProblem, times } = this
    if (timeProblem !== null) this.problems.add(times.firstPacket, times.firstOffset, timeProblem)
  }

  allProblems(): Problem[] {
    return this.problems.all()
  }

  /** For the parsers: a link type appears in the file. */
  addLinkType(linkType: number): void {
    if (!this.linkTypes.includes(linkType) && this.linkTypes.length < MAX_LINK_TYPES) this.linkTypes.push(linkType)
  }

  /** For the parsers: the frame is filled in. */
  emit(offset: number): void {
    this.packets++
    this.frameBytes += this.frame.originalLength
    if (this.frame.linkType !== this.lastLinkType) {
      this.lastLinkType = this.frame.linkType
      this.isLastReadable = isReadable(this.lastLinkType)
    }
    this.frame.number = this.packets
    this.packetOffset = offset
    if (this.isLastReadable) this.times.pass(this.frame, offset)
    else this.countUnread(this.frame.linkType, offset)
  }

  /** For the parsers: nothing behind `offset` can be trusted. */
  fail(offset: number, message: string): void {
    this.failed = true
    this.problems.add(this.packets + 1, offset, message)
  }

  private describeTail(): string | null {
    if (this.parser !== null) return this.parser.describeTail(this.buffer, 0, this.filled)
    return this.filled === 0
      ? null
      : `this is no capture: it ends after ${this.filled} of the 4 bytes that tell the format`
  }

  private countUnread(linkType: number, offset: number): void {
    const seen = this.unread.get(linkType)
    if (seen !== undefined) seen.count++
    else if (this.unread.size < MAX_LINK_TYPES) this.unread.set(linkType, { packet: this.packets, offset, count: 1 })
  }

  private discard(length: number): void {
    this.buffer.copyWithin(0, length, this.filled)
    this.filled -= length
    this.fileOffset += length
  }

  private chooseParser(): boolean {
    if (this.filled < 4) return false
    if (PcapngParser.recognises(this.buffer)) {
      this.format = 'pcapng'
      this.parser = new PcapngParser(this)
    } else if (PcapParser.recognises(this.buffer)) {
      this.format = 'pcap'
      this.parser = new PcapParser(this)
    } else {
      this.fail(0, describeUnknown(this.buffer))
      this.discard(this.filled)
      return false
    }
    return true
  }
}

const OTHER_FORMATS: [number[], string][] = [
  [[0x73, 0x6e, 0x6f, 0x6f, 0x70], 'a Solaris snoop file'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'compressed with zstd'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'compressed with xz'],
  [[0x42, 0x5a, 0x68], 'compressed with bzip2'],
  [[0x04, 0x22, 0x4d, 0x18], 'compressed with lz4'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive'],
]

function describeUnknown(bytes: Uint8Array): string {
  const other = OTHER_FORMATS.find(([magic]) => magic.every((byte, index) => bytes[index] === byte))
  if (other !== undefined) return `this is ${other[1]}; pcap and pcapng are read, plain or gzipped`
  const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return `this is no capture: it starts with ${start}; pcap and pcapng are read, plain or gzipped`
}
