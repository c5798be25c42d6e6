// The times that a packet can have, and the time at which one with an impossible time counts.
import { NOT_COMPARED_LINK } from '../core/constants.ts'
import { Frame } from '../frame.ts'
import type { Records } from './records.ts'

/** Where the seconds of a classic pcap end, on 2106-02-07 UTC: later times are damage. */
const LATEST_SECOND = 2 ** 32 - 1
/** No live capture is older than 2000-01-01, unless the machine's own clock is: a Pi without one begins in 1970. */
export const EARLIEST_LIVE_SECOND = 946_684_800
/** Clocks of two machines at home, such as a router's and this one's, differ by less. */
const LIVE_TOLERANCE = 86_400
/** Packets held back until one has a possible time, and their bytes. */
const MAX_HELD = 1_000
const MAX_HELD_BYTES = 4 << 20

export interface PacketTimeOptions {
  /** The machine's clock in seconds, where packets are read as they are captured: what it rules out is impossible. */
  now?: () => number
  /** Of a file: when it was last changed, in seconds. Counts where none of its packets has a possible time. */
  fileTime?: number
  /** Whether packets captured in that second are left out, also where the machine's clock rules it out now. */
  isLeftOut?: (second: number) => boolean
}

interface HeldPacket {
  bytes: Uint8Array
  originalLength: number
  linkType: number
  number: number
}

/**
 * A packet with an impossible time counts at that of the last packet with a possible one: every packet counts, and none
 * moves the clock to where nothing is. What comes before the first possible time counts at that one. The core asks
 * about packets outside of bounds that are kept in its record of the capture.
 */
export class PacketTimes {
  /** Packets whose time is impossible; the first one's number, offset in the file and time. */
  impossible = 0
  firstPacket = 0
  firstOffset = 0
  private firstSeconds = 0
  private readonly records: Records
  private readonly now: (() => number) | null
  private readonly fileTime: number | null
  private readonly isLeftOut: (second: number) => boolean
  private readonly frame = new Frame()
  private earliest = EARLIEST_LIVE_SECOND
  private latest: number
  private held: HeldPacket[] = []
  private heldBytes = 0

  constructor(options: PacketTimeOptions, records: Records) {
    this.records = records
    this.now = options.now ?? null
    const { fileTime } = options
    this.fileTime = fileTime !== undefined && fileTime > 0 && fileTime <= LATEST_SECOND ? Math.floor(fileTime) : null
    this.isLeftOut = options.isLeftOut ?? (() => false)
    this.latest = this.now === null ? LATEST_SECOND : Number.NEGATIVE_INFINITY
    this.setBounds()
  }

  /**
   * The packet at hand in the core has a time out of the bounds: true where it is to be delivered now, at the time that
   * it has in the core's frame then.
   */
  mayDeliver(): boolean {
    const { frame, records } = this
    frame.loadRecord(records.core)
    const { seconds } = frame
    if ((seconds >= this.earliest && seconds <= this.latest) || this.isPossible(frame)) {
      records.setNumber('lastSeconds', seconds)
      records.setInteger('lastNanos', frame.nanos)
      this.setBounds()
      if (this.held.length > 0) this.release()
      this.restore()
      return true
    }
    this.setBounds()
    return this.replace()
  }

  /** No more packets come. */
  end(): void {
    if (this.held.length > 0) this.release()
  }

  /** What is wrong, in one sentence; null where every time was possible. */
  get sentence(): string | null {
    if (this.impossible === 0) return null
    const [packets, which] =
      this.impossible === 1
        ? ['1 packet has an impossible time', 'it counts']
        : [`${this.impossible} packets have an impossible time`, 'each counts']
    return `${packets} (the first: ${this.firstSeconds} s since 1970): ${which} at the last possible time before it, or the first one behind it`
  }

  private isPossible({ seconds, nanos }: Frame): boolean {
    if (this.now !== null) {
      const now = this.now()
      this.earliest = now < EARLIEST_LIVE_SECOND ? 0 : EARLIEST_LIVE_SECOND
      this.latest = Math.min(LATEST_SECOND, now + LIVE_TOLERANCE)
      return seconds >= this.earliest && seconds <= this.latest
    }
    if (!(seconds >= 0 && seconds <= LATEST_SECOND)) return false
    // Nought after a real time means that nobody knew it; before, times may be counted from the start of the capture.
    return seconds > 0 || nanos > 0 || !(this.lastSeconds >= EARLIEST_LIVE_SECOND)
  }

  private replace(): boolean {
    const { frame, records } = this
    if (frame.seconds >= 0 && frame.seconds <= LATEST_SECOND && this.isLeftOut(frame.seconds)) return false
    this.impossible++
    if (this.impossible === 1) {
      this.firstPacket = frame.number
      this.firstOffset = records.number('packetOffset')
      this.firstSeconds = frame.seconds
    }
    if (Number.isNaN(this.lastSeconds)) {
      // What is captured now need not wait.
      if (this.now === null || this.fileTime !== null) {
        this.hold(frame)
        return false
      }
      records.setNumber('lastSeconds', Math.floor(this.now()))
    }
    frame.seconds = this.lastSeconds
    frame.nanos = records.integer('lastNanos')
    this.restore()
    return true
  }

  private get lastSeconds(): number {
    return this.records.number('lastSeconds')
  }

  /** Two comparisons for each packet in the core. While packets wait, none is within the bounds. */
  private setBounds(): void {
    this.records.setNumber('earliest', this.held.length > 0 ? Number.POSITIVE_INFINITY : this.earliest)
    this.records.setNumber('latest', this.latest)
  }

  private restore(): void {
    const { frame, records } = this
    frame.storeRecord(records.core, frame.at, frame.end)
  }

  private hold({ bytes, at, end, originalLength, linkType, number }: Frame): void {
    this.held.push({ bytes: bytes.slice(at, end), originalLength, linkType, number })
    this.heldBytes += end - at
    this.setBounds()
    if (this.held.length < MAX_HELD && this.heldBytes < MAX_HELD_BYTES) return
    this.release()
    this.restore()
  }

  /** At the first possible time; else at the file's; else without one. */
  private release(): void {
    const { held, records } = this
    const { core } = records
    this.held = []
    this.heldBytes = 0
    if (Number.isNaN(this.lastSeconds) && this.fileTime !== null) records.setNumber('lastSeconds', this.fileTime)
    this.setBounds()
    const frame = new Frame()
    frame.timed = !Number.isNaN(this.lastSeconds)
    const [seconds, nanos] = [frame.timed ? this.lastSeconds : 0, records.integer('lastNanos')]
    const room = core.exports.allocate(Math.max(1, ...held.map(({ bytes }) => bytes.length)))
    try {
      for (const { bytes, originalLength, linkType, number } of held) {
        core.bytes.set(bytes, room)
        Object.assign(frame, { seconds, nanos, originalLength, linkType, link: NOT_COMPARED_LINK, number })
        frame.storeRecord(core, room, room + bytes.length)
        core.exports.beginPiece()
        core.exports.deliverFrame(records.address)
      }
    } finally {
      core.exports.release(room)
    }
  }
}
