// Division of a device's traffic into bursts.
import { BoundedMap } from '../../capture/bounded-map.ts'
import { AT_HOME, CELL_LENGTH } from '../model/batch.ts'
import type { Burst } from './event.ts'

/**
 * A pause longer than this ends a burst. Within one spoken request and its answer pauses of one or two seconds are
 * usual (the service thinks); between two requests lie more, as a person has to say them.
 */
export const PAUSE_SECONDS = 3
/** A second that moved less is a trickle: keep-alives must neither hold a burst open nor begin one. */
export const TRICKLE_BYTES = 2_000
/** A stream that goes on is cut, so that it is reported while it lasts. */
export const LONGEST_BURST_SECONDS = 1_800
/** Bytes a second of the thinnest speech: Opus at 32 kbit/s, the least that Alexa Voice Service documents. */
export const SPEECH_BYTES_PER_SECOND = 4_000

/** Device × endpoint pairs with an open burst; what comes beyond ends the one that was opened first. */
export const MAX_OPEN = 8_192
const MAX_ENDPOINTS = 2 ** 26

/** Where bytes were taken from that turn up elsewhere in the same second, under a name that came late. */
interface Moved {
  sent: number
  received: number
  first: number
  peak: number
  steady: number
}

/** Bytes of a burst that is over turned out to be another's. */
export type TakenBack = (device: number, endpoint: number, second: number, sent: number, received: number) => void

/** One pair: its burst of note, and its trickle. */
interface Channel {
  device: number
  endpoint: number
  /** Last second with anything. */
  touched: number
  /** The slot in which it waits to become quiet. */
  slotted: number
  burst: Burst | null
  trickle: Burst | null
  /** Sent in the second `touched`, to know its peak when it comes in parts. */
  sentNow: number
}

/**
 * Cuts cells (second, device, endpoint, sent, received: see server/model/batch.ts) into bursts. Cells come in about
 * the order of time; a cell may correct an earlier second. A negative cell takes back what a late name or a late owner
 * moves elsewhere: the burst goes along to wherever the bytes turn up.
 */
export class BurstCutter {
  private readonly channels = new BoundedMap<number, Channel>('open bursts', MAX_OPEN, (channel) => {
    channel.slotted = Number.NaN
    this.close(channel)
  })
  /** Channels by the second in which they were touched, modulo the number of slots: who stays in its slot is quiet. */
  private readonly slots: Channel[][] = Array.from({ length: PAUSE_SECONDS + 2 }, () => [])
  private readonly onBurst: (burst: Burst) => void
  private readonly onTakenBack: TakenBack
  private now = Number.NEGATIVE_INFINITY

  constructor(onBurst: (burst: Burst) => void, onTakenBack: TakenBack = () => undefined) {
    this.onBurst = onBurst
    this.onTakenBack = onTakenBack
  }

  /** Any number of cells. Those of one second with a correction are to be in one call. */
  addCells(cells: Float64Array): void {
    for (let at = 0; at < cells.length;) {
      const second = cells[at]
      let end = at
      let isCorrected = false
      for (; end < cells.length && cells[end] === second; end += CELL_LENGTH) {
        if (cells[end + 3] < 0 || cells[end + 4] < 0) isCorrected = true
      }
      this.mark(second)
      const moves = isCorrected ? this.subtract(cells, at, end, second) : NO_MOVES
      for (; at < end; at += CELL_LENGTH) {
        const endpoint = cells[at + 2]
        if (endpoint === AT_HOME || cells[at + 3] < 0 || cells[at + 4] < 0) continue
        this.add(second, cells[at + 1], endpoint, cells[at + 3], cells[at + 4], moves)
      }
    }
  }

  /** It is now `second`: whatever paused long enough is over. */
  mark(second: number): void {
    if (!(second > this.now)) return
    // Slots hold the seconds from now - PAUSE_SECONDS to now; those that lie too far back from `second` are over.
    const due = second - PAUSE_SECONDS
    if (this.now > Number.NEGATIVE_INFINITY)
      for (let at = this.now - PAUSE_SECONDS; at < due && at <= this.now; at++) this.empty(at)
    this.now = second
  }

  private empty(second: number): void {
    const { slots } = this
    const slot = slots[slotOf(second)]
    if (slot.length === 0) return
    slots[slotOf(second)] = []
    for (const channel of slot) {
      if (channel.slotted !== second) continue
      this.channels.delete(keyOf(channel.device, channel.endpoint))
      this.close(channel)
    }
  }

  /** Everything is over. */
  finish(): void {
    for (const channel of this.channels.values()) this.close(channel)
    this.channels.clear()
    for (const slot of this.slots) slot.length = 0
  }

  private subtract(cells: Float64Array, at: number, end: number, second: number): Moved[] {
    const moves: Moved[] = []
    for (; at < end; at += CELL_LENGTH) {
      const sent = cells[at + 3]
      const received = cells[at + 4]
      if (cells[at + 2] === AT_HOME || (sent >= 0 && received >= 0)) continue
      const moved = this.shrink(cells[at + 1], cells[at + 2], -sent, -received, second)
      if (moved !== null) moves.push(moved)
    }
    return moves
  }

  private shrink(device: number, endpoint: number, sent: number, received: number, second: number): Moved | null {
    const key = keyOf(device, endpoint)
    const channel = this.channels.get(key)
    const burst = channel?.burst ?? channel?.trickle
    const moved: Moved = { sent, received, first: second, peak: 0, steady: 0 }
    if (channel === undefined || burst === null || burst === undefined || second < burst.first) {
      // The burst is over: what turns up elsewhere was sent in this very second.
      this.onTakenBack(device, endpoint, second, sent, received)
      return null
    }
    burst.sent = Math.max(0, burst.sent - sent)
    burst.received = Math.max(0, burst.received - received)
    if (burst.sent + burst.received > 0) return moved
    if (channel.burst === burst) channel.burst = null
    else channel.trickle = null
    if (channel.burst === null && channel.trickle === null) {
      this.channels.delete(key)
      channel.slotted = Number.NaN
    }
    return { ...moved, first: burst.first, peak: burst.peak, steady: burst.steady }
  }

  private add(second: number, device: number, endpoint: number, sent: number, received: number, moves: Moved[]): void {
    const channel = this.touch(second, device, endpoint)
    const index = moves.length === 0 ? -1 : moves.findIndex((move) => move.sent <= sent && move.received <= received)
    const moved = index < 0 ? null : moves.splice(index, 1)[0]
    // What was moved here was sent before: only the rest is of this second.
    const sentNow = moved === null ? sent : sent - moved.sent
    const isNote = sent + received >= TRICKLE_BYTES
    const { burst } = channel
    if (burst !== null && (second - burst.last > PAUSE_SECONDS || second - burst.first >= LONGEST_BURST_SECONDS)) {
      channel.burst = null
      this.onBurst(burst)
    }
    const target = isNote || channel.burst !== null ? this.noteOf(channel, second) : this.trickleOf(channel, second)
    if (moved !== null && moved.first < target.first) target.first = moved.first
    if (moved !== null) target.peak = Math.max(target.peak, moved.peak)
    if (second < target.first) target.first = second
    // A trickle belongs to the burst that it falls into, but does not prolong it.
    if ((isNote || target === channel.trickle) && second > target.last) target.last = second
    target.sent += sent
    target.received += received
    this.countPace(channel, target, second, sentNow, moved)
  }

  private countPace(channel: Channel, burst: Burst, second: number, sentNow: number, moved: Moved | null): void {
    const before = second === channel.touched ? channel.sentNow : 0
    const whole = before + sentNow
    if (second >= channel.touched) {
      channel.touched = second
      channel.sentNow = whole
    }
    if (whole > burst.peak) burst.peak = whole
    if (whole >= SPEECH_BYTES_PER_SECOND && before < SPEECH_BYTES_PER_SECOND) burst.steady++
    if (moved !== null) burst.steady += moved.steady
  }

  private touch(second: number, device: number, endpoint: number): Channel {
    const key = keyOf(device, endpoint)
    let channel = this.channels.get(key)
    if (channel === undefined) {
      channel = { device, endpoint, touched: second, slotted: Number.NaN, burst: null, trickle: null, sentNow: 0 }
      this.channels.set(key, channel)
    }
    if (channel.slotted !== this.now) {
      channel.slotted = this.now
      this.slots[slotOf(this.now)].push(channel)
    }
    return channel
  }

  /** The burst of note; what trickled just before (a handshake) is part of it. */
  private noteOf(channel: Channel, second: number): Burst {
    if (channel.burst !== null) return channel.burst
    const { trickle } = channel
    channel.trickle = null
    if (trickle !== null && second - trickle.first <= PAUSE_SECONDS) return (channel.burst = trickle)
    if (trickle !== null) this.onBurst(trickle)
    return (channel.burst = emptyBurst(channel, second))
  }

  private trickleOf(channel: Channel, second: number): Burst {
    const { trickle } = channel
    if (trickle !== null && second - trickle.last <= PAUSE_SECONDS && second - trickle.first < LONGEST_BURST_SECONDS)
      return trickle
    if (trickle !== null) this.onBurst(trickle)
    return (channel.trickle = emptyBurst(channel, second))
  }

  private close({ burst, trickle }: Channel): void {
    if (trickle !== null && (burst === null || trickle.first < burst.first)) this.onBurst(trickle)
    if (burst !== null) this.onBurst(burst)
    if (trickle !== null && burst !== null && trickle.first >= burst.first) this.onBurst(trickle)
  }
}

const NO_MOVES: Moved[] = []

function slotOf(second: number): number {
  // A clock that was never set begins at 0: the seconds before it have a slot, too.
  const slot = second % (PAUSE_SECONDS + 2)
  return slot < 0 ? slot + PAUSE_SECONDS + 2 : slot
}

function keyOf(device: number, endpoint: number): number {
  return device * MAX_ENDPOINTS + endpoint
}

function emptyBurst({ device, endpoint }: Channel, second: number): Burst {
  return { device, endpoint, first: second, last: second, sent: 0, received: 0, peak: 0, steady: 0 }
}
