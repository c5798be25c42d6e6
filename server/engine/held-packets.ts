// Packets of new senders that wait until it is decided whose they are: a queue with a cap, and a list for each sender.
import { Frame } from '../../capture/frame.ts'
import { LIMITS } from './limits.ts'

/** Bytes kept of a packet: all of an ARP or DHCP message or a SYN, and the headers of anything. */
export const KEPT_BYTES = 512
/** Bytes are taken from the heap in pages, so that the few new devices of a home cost little. */
const PAGE_PACKETS = 1_024
const NOTHING = -1

/** Where the bytes of a packet count if its sender gets no place of its own. */
export interface Held {
  /** IP bytes; 0 where the packet is no IP. */
  bytes: number
  /** One of `Way` in newcomers.ts. */
  way: number
  /** The address that it went to, as a number of the address table; -1 where that has none. */
  peer: number
  /** Capture time in seconds. */
  time: number
}

/** Numbers packets from 0 as they come; the oldest one leaves first, or all of one sender at once. */
export class HeldPackets {
  private readonly pages: Uint8Array[] = []
  private readonly keys = new Float64Array(LIMITS.heldPackets)
  private readonly arrivals = new Float64Array(LIMITS.heldPackets)
  private readonly seconds = new Float64Array(LIMITS.heldPackets)
  private readonly nanos = new Int32Array(LIMITS.heldPackets)
  private readonly lengths = new Int32Array(LIMITS.heldPackets)
  private readonly originalLengths = new Int32Array(LIMITS.heldPackets)
  private readonly linkTypes = new Int32Array(LIMITS.heldPackets)
  private readonly isTimed = new Uint8Array(LIMITS.heldPackets)
  private readonly bytes = new Int32Array(LIMITS.heldPackets)
  private readonly ways = new Uint8Array(LIMITS.heldPackets)
  private readonly peers = new Int32Array(LIMITS.heldPackets)
  /** The packet of the same sender before this one, and how many the sender has up to it. */
  private readonly before = new Float64Array(LIMITS.heldPackets)
  private readonly counts = new Int32Array(LIMITS.heldPackets)
  private readonly newest = new Map<number, number>()
  private first = 0
  private next = 0

  get isEmpty(): boolean {
    return this.first === this.next
  }

  get isFull(): boolean {
    return this.next - this.first >= LIMITS.heldPackets
  }

  has(key: number): boolean {
    return this.newest.has(key)
  }

  /** How many packets of the sender wait. */
  countOf(key: number): number {
    const newest = this.newest.get(key)
    return newest === undefined ? 0 : this.counts[newest % LIMITS.heldPackets]
  }

  get oldestKey(): number {
    return this.keys[this.first % LIMITS.heldPackets]
  }

  /** When the oldest packet came; NaN where nothing waits. */
  get oldestArrival(): number {
    return this.isEmpty ? Number.NaN : this.arrivals[this.first % LIMITS.heldPackets]
  }

  /** There must be room. A folder's packets come long after they were captured: it came `now`. */
  add(key: number, frame: Frame, now: number, { bytes, way, peer }: Omit<Held, 'time'>): void {
    const number = this.next++
    const slot = number % LIMITS.heldPackets
    const length = Math.min(KEPT_BYTES, frame.end - frame.at)
    const page = (this.pages[Math.floor(slot / PAGE_PACKETS)] ??= new Uint8Array(PAGE_PACKETS * KEPT_BYTES))
    page.set(frame.bytes.subarray(frame.at, frame.at + length), (slot % PAGE_PACKETS) * KEPT_BYTES)
    const before = this.newest.get(key) ?? NOTHING
    this.keys[slot] = key
    this.arrivals[slot] = now
    this.seconds[slot] = frame.seconds
    this.nanos[slot] = frame.nanos
    this.isTimed[slot] = frame.timed ? 1 : 0
    this.lengths[slot] = length
    this.originalLengths[slot] = frame.originalLength
    this.linkTypes[slot] = frame.linkType
    this.bytes[slot] = bytes
    this.ways[slot] = way
    this.peers[slot] = peer
    this.before[slot] = before
    this.counts[slot] = before === NOTHING ? 1 : this.counts[before % LIMITS.heldPackets] + 1
    this.newest.set(key, number)
  }

  /** Takes the oldest packet out; null where its sender has taken it along. */
  shift(): Held | null {
    const number = this.first++
    const slot = number % LIMITS.heldPackets
    const key = this.keys[slot]
    this.keys[slot] = Number.NaN
    if (Number.isNaN(key)) return null
    if (this.newest.get(key) === number) this.newest.delete(key)
    return { bytes: this.bytes[slot], way: this.ways[slot], peer: this.peers[slot], time: this.timeOf(slot) }
  }

  /** Takes all packets of a sender out, in the order in which they came. The frame is reused. */
  take(key: number, visit: (frame: Frame) => void): void {
    const numbers: number[] = []
    for (let number = this.newest.get(key) ?? NOTHING; number >= this.first;) {
      numbers.push(number)
      number = this.before[number % LIMITS.heldPackets]
    }
    this.newest.delete(key)
    const frame = new Frame()
    for (const number of numbers.reverse()) {
      const slot = number % LIMITS.heldPackets
      this.keys[slot] = Number.NaN
      const at = (slot % PAGE_PACKETS) * KEPT_BYTES
      frame.bytes = this.pages[Math.floor(slot / PAGE_PACKETS)].slice(at, at + this.lengths[slot])
      frame.at = 0
      frame.end = frame.bytes.length
      frame.originalLength = this.originalLengths[slot]
      frame.linkType = this.linkTypes[slot]
      frame.seconds = this.seconds[slot]
      frame.nanos = this.nanos[slot]
      frame.timed = this.isTimed[slot] === 1
      visit(frame)
    }
  }

  private timeOf(slot: number): number {
    return this.seconds[slot] + this.nanos[slot] * 1e-9
  }
}
