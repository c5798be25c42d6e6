// Reader of packets from a stream of bytes: finds out the format, then has the core read one packet after another.
import { READ_TO_HOST } from '../core/constants.ts'
import { Frame } from '../frame.ts'
import { PacketCore } from '../packet-core.ts'
import { CaptureBuffer, type BufferHolder } from './capture-buffer.ts'
import type { FormatParser, RecordSink } from './format-parser.ts'
import { BUFFER_LENGTH, READ_LENGTH } from './limits.ts'
import { describeLinkType } from './link-types.ts'
import { describeOtherFile } from './other-files.ts'
import { type PacketTimeOptions, PacketTimes } from './packet-times.ts'
import { PcapParser } from './pcap.ts'
import { PcapngParser } from './pcapng.ts'
import { type Problem, ProblemList } from './problem.ts'
import { Records } from './records.ts'

/** Link types in one file; a hostile file can name 65,536. */
const MAX_LINK_TYPES = 64
const NOTHING = new Uint8Array(0)

export type CaptureFormat = 'pcap' | 'pcapng'

/** Where the packets go. */
export interface PacketTarget {
  /** The core that reads them, asked for before each piece where it may change. Several readers may have one. */
  core: PacketCore | (() => PacketCore)
  /** One of READ_TO_…: its engine takes each packet, the host does, or they are counted only; it may change, too. */
  mode: number | (() => number)
  /** A number of the source, up to 255: readers of one core have different ones. Absent: 0. */
  source?: number
  /** READ_TO_HOST: called for each packet with the same reused frame. Absent: core.host.takePacket stays as it is. */
  onPacket?: (frame: Frame) => void
  /** Called with what is thrown while a packet is delivered; without it `commit` throws it. */
  onFault?: (error: unknown) => void
}

/** Whether its first four bytes are those of a capture that is read here. */
export function mayBeCapture(head: Uint8Array): boolean {
  return head.length >= 4 && (PcapngParser.recognises(head) || PcapParser.recognises(head))
}

/**
 * Reads pcap and pcapng from pieces of any length in bounded memory. The caller fills what `room` gives and calls
 * `commit`, or calls `push`; each whole record becomes one packet. What a call throws while a packet is delivered comes
 * through: the packet counts as read, and the next `commit` goes on behind it.
 */
export class CaptureReader implements RecordSink, BufferHolder {
  /** The packet that `onPacket` is called with. */
  readonly frame = new Frame()
  readonly problems = new ProblemList()
  readonly records: Records
  format: CaptureFormat | null = null
  readonly linkTypes: number[] = []
  /** True once the file's own header was read: it is a capture, however short. */
  hasHeader = false
  /** True once damage makes everything behind it unreadable. */
  failed = false
  /** Bytes that wait for the rest of their record. */
  filled = 0

  private core: PacketCore
  private readonly target: Pick<PacketTarget, 'core' | 'mode'>
  private readonly onPacket: ((frame: Frame) => void) | null
  private readonly onFault: ((error: unknown) => void) | null
  private buffer: CaptureBuffer
  private readonly times: PacketTimes
  private parser: FormatParser | null = null
  private fileOffset = 0
  /** What is unread while another reader holds the buffer. */
  private aside = NOTHING
  private readonly unread = new Map<number, { packet: number; offset: number; count: number }>()

  constructor(target: ((frame: Frame) => void) | PacketTarget, times: PacketTimeOptions = {}) {
    const {
      core,
      mode,
      source = 0,
      onPacket,
      onFault,
    }: PacketTarget = typeof target === 'function'
      ? { core: new PacketCore(), mode: READ_TO_HOST, onPacket: target }
      : target
    this.target = { core, mode }
    this.core = typeof core === 'function' ? core() : core
    this.onPacket = onPacket ?? null
    this.onFault = onFault ?? null
    this.records = new Records(this.core, typeof mode === 'function' ? mode() : mode)
    this.records.setInteger('source', source)
    this.buffer = CaptureBuffer.of(this.core)
    this.times = new PacketTimes(times, this.records)
  }

  /** Packets in the file, those of unread link types included, and their lengths on the wire added up. */
  get packets(): number {
    return this.records.number('packets')
  }
  get frameBytes(): number {
    return this.records.number('frameBytes')
  }

  /** Packets dropped, as reported by the capturing kernel (pcapng interface statistics). */
  get dropped(): number {
    return this.records.number('dropped')
  }

  /** Where the record of the packet at hand starts in the file. */
  get packetOffset(): number {
    return this.records.number('packetOffset')
  }

  /** Time of the packet at hand or read last, as it counts, with its fraction. */
  get packetTime(): number {
    return this.records.number('seconds') + this.records.integer('nanos') / 1e9
  }

  /** READ_TO_COUNT: time of the earliest and the latest packet; infinite where there is none. */
  get firstTime(): number {
    return this.records.number('firstTime')
  }
  get lastTime(): number {
    return this.records.number('lastTime')
  }

  /** A sentence on packets with an impossible time; null where there are none. */
  get timeProblem(): string | null {
    return this.times.sentence
  }

  /** Bytes of the file taken so far. */
  get bytesRead(): number {
    return this.fileOffset + this.filled
  }

  /** Where the caller may write the next bytes of the file, at once: it is the core's memory. Never empty. */
  room(): Uint8Array {
    this.takeTurn()
    const from = this.buffer.address + this.filled
    return this.core.bytes.subarray(from, from + Math.min(BUFFER_LENGTH - this.filled, READ_LENGTH))
  }

  /** Takes `length` bytes that the caller wrote to the beginning of `room`. */
  commit(length: number): void {
    this.takeTurn()
    this.filled += length
    if (this.failed || !this.records.isOpen) {
      this.discard(this.filled)
      return
    }
    if (this.parser === null && !this.chooseParser()) return
    for (let isWhole = false; !isWhole;) isWhole = this.parse()
  }

  /** Reads what there is; false where it is to go on behind a packet at which something failed. */
  private parse(): boolean {
    const { address } = this.buffer
    let next = address
    this.records.setInteger('next', address)
    try {
      next = (this.parser as FormatParser).parse(address, address + this.filled, this.fileOffset)
      return true
    } catch (error) {
      next = this.records.integer('next')
      if (this.onFault === null) throw error
      this.onFault(error)
      this.setMode()
      return this.failed
    } finally {
      this.discard(this.failed ? this.filled : next - address)
    }
  }

  /** Copies a piece of a stream in, as often as the buffer needs. */
  push(piece: Uint8Array): void {
    for (let at = 0; at < piece.length;) {
      const room = this.room()
      const length = Math.min(piece.length - at, room.length)
      room.set(piece.subarray(at, at + length))
      this.commit(length)
      at += length
    }
  }

  /** The stream has ended: reports what is left over, and which packets could not be read. */
  end(): void {
    if (!this.records.isOpen) return
    this.buffer.take(this)
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
    this.records.close()
    const { timeProblem, times } = this
    if (timeProblem !== null) this.problems.add(times.firstPacket, times.firstOffset, timeProblem)
  }

  allProblems(): Problem[] {
    return this.problems.all()
  }

  /** For the buffer: another reader's turn. */
  leave(): void {
    const { address } = this.buffer
    this.aside = this.core.bytes.slice(address, address + this.filled)
  }

  /** For the buffer: this reader's turn. */
  enter(): void {
    const { core, times, onPacket, frame } = this
    core.bytes.set(this.aside, this.buffer.address)
    this.aside = NOTHING
    core.host.mayDeliver = () => (times.mayDeliver() ? 1 : 0)
    core.host.countUnread = () => this.countUnread()
    if (onPacket === null) return
    core.host.takePacket = () => {
      frame.loadRecord(core)
      onPacket(frame)
    }
  }

  /** For the parsers: a link type appears in the file. */
  addLinkType(linkType: number): void {
    if (!this.linkTypes.includes(linkType) && this.linkTypes.length < MAX_LINK_TYPES) this.linkTypes.push(linkType)
  }

  /** For the parsers: nothing behind `offset` can be trusted. */
  fail(offset: number, message: string): void {
    this.failed = true
    this.problems.add(this.packets + 1, offset, message)
  }

  /** The buffer is this reader's, in the core that reads now, and packets go where they are to go now. */
  private takeTurn(): void {
    const { core } = this.target
    if (typeof core === 'function' && this.core !== core()) {
      this.buffer.giveUp(this)
      this.core = core()
      this.records.moveTo(this.core)
      this.buffer = CaptureBuffer.of(this.core)
    }
    this.setMode()
    this.buffer.take(this)
  }

  private setMode(): void {
    const { mode } = this.target
    if (typeof mode === 'function') this.records.setInteger('mode', mode())
  }

  private describeTail(): string | null {
    const { address } = this.buffer
    if (this.parser !== null) return this.parser.describeTail(address, address + this.filled)
    return this.filled === 0
      ? null
      : `this is no capture: it ends after ${this.filled} of the 4 bytes that tell the format`
  }

  private countUnread(): void {
    const { frame, packets, packetOffset: offset } = this
    frame.loadRecord(this.core)
    const seen = this.unread.get(frame.linkType)
    if (seen !== undefined) seen.count++
    else if (this.unread.size < MAX_LINK_TYPES) this.unread.set(frame.linkType, { packet: packets, offset, count: 1 })
  }

  private discard(length: number): void {
    const { address } = this.buffer
    this.core.bytes.copyWithin(address, address + length, address + this.filled)
    this.filled -= length
    this.fileOffset += length
  }

  private chooseParser(): boolean {
    if (this.filled < 4) return false
    const { address } = this.buffer
    const bytes = this.core.bytes.subarray(address, address + this.filled)
    if (PcapngParser.recognises(bytes)) {
      this.format = 'pcapng'
      this.parser = new PcapngParser(this)
    } else if (PcapParser.recognises(bytes)) {
      this.format = 'pcap'
      this.parser = new PcapParser(this)
    } else {
      this.fail(0, describeOtherFile(bytes))
      this.discard(this.filled)
      return false
    }
    return true
  }
}
