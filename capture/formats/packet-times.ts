// The times that a packet can have, and the time at which one with an impossible time counts.
import { Frame } from '../frame.ts'

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
 * moves the clock to where nothing is. What comes before the first possible time counts at that one.
 */
export class PacketTimes {
  /** Packets whose time is impossible; the first one's number, offset in the file and time. */
  impossible = 0
  firstPacket = 0
  firstOffset = 0
  private firstSeconds = 0
  private readonly now: (() => number) | null
  private readonly fileTime: number | null
  private readonly isLeftOut: (second: number) => boolean
  private readonly deliver: (frame: Frame) => void
  private earliest: number
  private latest: number
  private lastSeconds = Number.NaN
  private lastNanos = 0
  private held: HeldPacket[] = []
  private heldBytes = 0

  constructor(options: PacketTimeOptions, deliver: (frame: Frame) => void) {
    this.now = options.now ?? null
    const { fileTime } = options
    this.fileTime = fileTime !== undefined && fileTime > 0 && fileTime <= LATEST_SECOND ? Math.floor(fileTime) : null
    this.isLeftOut = options.isLeftOut ?? (() => false)
    this.deliver = deliver
    this.earliest = EARLIEST_LIVE_SECOND
    this.latest = this.now === null ? LATEST_SECOND : Number.NEGATIVE_INFINITY
  }

  /** Hands the frame on, now or later, at the time that counts; `offset` is where its record starts in the file. */
  pass(frame: Frame, offset: number): void {
    const { seconds } = frame
    // Two comparisons for each packet: the bounds are worked out where they seem to be passed.
    if (!(seconds >= this.earliest && seconds <= this.latest) && frame.timed && !this.isPossible(frame))
      return this.replace(frame, offset)
    if (frame.timed) {
      this.lastSeconds = seconds
      this.lastNanos = frame.nanos
      if (this.held.length > 0) this.release()
    }
    this.deliver(frame)
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

  private replace(frame: Frame, offset: number): void {
    if (frame.seconds >= 0 && frame.seconds <= LATEST_SECOND && this.isLeftOut(frame.seconds)) return
    this.impossible++
    if (this.impossible === 1) {
      this.firstPacket = frame.number
      this.firstOffset = offset
      this.firstSeconds = frame.seconds
    }
    if (Number.isNaN(this.lastSeconds)) {
      // What is captured now need not wait.
      if (this.now === null || this.fileTime !== null) return this.hold(frame)
      this.lastSeconds = Math.floor(this.now())
    }
    frame.seconds = this.lastSeconds
    frame.nanos = this.lastNanos
    this.deliver(frame)
  }

  private hold({ bytes, at, end, originalLength, linkType, number }: Frame): void {
    this.held.push({ bytes: bytes.slice(at, end), originalLength, linkType, number })
    this.heldBytes += end - at
    if (this.held.length >= MAX_HELD || this.heldBytes >= MAX_HELD_BYTES) this.release()
  }

  /** At the first possible time; else at the file's; else without one. */
  private release(): void {
    const { held } = this
    this.held = []
    this.heldBytes = 0
    if (Number.isNaN(this.lastSeconds) && this.fileTime !== null) this.lastSeconds = this.fileTime
    const frame = new Frame()
    frame.timed = !Number.isNaN(this.lastSeconds)
    for (const { bytes, originalLength, linkType, number } of held) {
      frame.seconds = frame.timed ? this.lastSeconds : 0
      frame.nanos = this.lastNanos
      Object.assign(frame, { bytes, at: 0, end: bytes.length, originalLength, linkType, number })
      this.deliver(frame)
    }
  }
}
