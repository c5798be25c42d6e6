// Admission of new senders: in a home each becomes a device at once, in a flood of made-up ones only who is answered.
import type { Frame } from '../../capture/frame.ts'
import { type Held, HeldPackets } from './held-packets.ts'
import { LIMITS, type LimitCounter } from './limits.ts'

/** Where a packet goes, for the sums that it counts in if its sender gets no place. */
export const Way = { None: 0, Out: 1, Local: 2, In: 3, Transit: 4, ToGroup: 5 } as const

/** New senders that are admitted at once, however close together; one more may be every few seconds. */
const AT_ONCE = 16
const SECONDS_PER_MORE = 5
/** After so long without a flood the others are admitted, too. */
const CALM_SECONDS = 2
/** An answer takes less than this, also from the other side of the earth. */
const ANSWER_SECONDS = 4
const WINDOW_SECONDS = 60
/** A step back by so many seconds is a clock that was put back. */
const CLOCK_PUT_BACK = 3_600
/** A flood is over with fewer new senders than this in a minute. */
const OVER_BELOW = 50
/** Packets of one sender that wait. */
const MAX_HELD_OF_ONE = 64

/** What is told of a flood. */
export interface Flood {
  /** Capture time, whole seconds. */
  since: number
  /** Senders that were new since then; whoever comes again after a while counts again. */
  senders: number
}

export interface NewcomersHost {
  /** The sender gets a place of its own. */
  admit: (key: number) => void
  /** A packet of an admitted sender is processed as if it came now. */
  process: (frame: Frame) => void
  /** A packet whose sender gets no place counts with the others'. */
  countElsewhere: (held: Held) => void
}

/** A sender's key: MACs take 48 bits; addresses stand behind them. */
export function keyOfMac(high: number, low: number): number {
  return high * 2 ** 32 + (low >>> 0)
}

export function keyOfIpv4(address: number): number {
  return 2 ** 48 + (address >>> 0)
}

/** Two addresses may have one key; then one is admitted with the other. */
export function keyOfIpv6(w0: number, w1: number, w2: number, w3: number): number {
  const mixed = Math.imul(w0 ^ Math.imul(w1, 0x85ebca6b), 0xc2b2ae35)
  return 2 ** 49 + ((w2 ^ mixed) & 0xffff) * 2 ** 32 + (w3 >>> 0)
}

/**
 * A sender is a MAC, or an address behind a router or without a MAC. The work for one is the same however many there
 * are. By capture time: the same for a file, a replay and live traffic.
 */
export class Newcomers {
  /** The flood that is going on; null in an ordinary home. */
  flood: Flood | null = null
  private held: HeldPackets | null = null
  private readonly known = new Set<number>()
  private readonly limits: LimitCounter
  private readonly host: NewcomersHost
  private admitting = Number.NaN
  private atOnce = AT_ONCE
  private now = Number.NaN
  private unanswered = 0
  private answers = 0
  /** New senders by second, modulo a minute, and their sum. */
  private readonly perSecond = new Int32Array(WINDOW_SECONDS)
  private inWindow = 0

  constructor(limits: LimitCounter, host: NewcomersHost) {
    this.limits = limits
    this.host = host
  }

  /** Whether anybody waits for an answer. */
  get isHolding(): boolean {
    return this.held !== null && !this.held.isEmpty
  }

  /** The sender was here before, or a table of the router names it: it has its place whatever happens. */
  know(key: number): void {
    if (this.known.size < LIMITS.knownSenders) this.known.add(key)
  }

  /** Whether the frame of a sender without a place may be processed now; it is kept where not. */
  pass(key: number, frame: Frame, numbers: Omit<Held, 'time'>): boolean {
    if (this.known.has(key) || key === this.admitting) return true
    const { held } = this
    if (held === null || !held.has(key)) {
      this.countNew()
      if (this.flood === null && this.atOnce >= 1 && this.mayStay()) {
        this.atOnce--
        return true
      }
    } else if (held.countOf(key) >= MAX_HELD_OF_ONE) {
      if (this.flood === null && this.mayStay()) {
        this.admit(key)
        return true
      }
      this.host.countElsewhere({ ...numbers, time: frame.seconds })
      return false
    }
    this.hold(key, frame, numbers)
    return false
  }

  /** Whether somebody of whom others only speak may have a place. */
  passClaim(key: number): boolean {
    if (this.known.has(key) || key === this.admitting) return true
    if (this.held?.has(key) === true) return false
    this.countNew()
    return this.flood === null && this.mayStay()
  }

  /** Somebody who has a place sent a packet to the sender. */
  answered(key: number): void {
    if (this.held?.has(key) !== true) return
    if (this.answers >= LIMITS.answeredNewcomers) return this.limits.add('answeredNewcomers')
    this.answers++
    this.perSecond[this.place]--
    this.inWindow--
    this.admit(key)
  }

  /** It is `now`: whoever has waited long enough is admitted, or counted with the others. */
  advance(now: number): void {
    const passed = Math.floor(now) - this.now
    // Packets of a moment ago among those of now are no earlier time; a clock that was put back is.
    if (passed === 0 || (passed < 0 && passed > -CLOCK_PUT_BACK)) return
    this.moveWindow(Math.floor(now))
    if (this.flood !== null && this.inWindow < OVER_BELOW) {
      while (this.isHolding) this.giveUpOldest()
      this.flood = null
      this.held = null
      this.atOnce = AT_ONCE
    }
    const patience = this.flood === null ? CALM_SECONDS : ANSWER_SECONDS
    while (this.isHolding && Math.abs(this.now - (this.held as HeldPackets).oldestArrival) >= patience)
      this.settleOldest()
  }

  /** The source has ended. */
  finish(): void {
    while (this.isHolding) this.settleOldest()
  }

  private get place(): number {
    return Number.isNaN(this.now) ? 0 : ((this.now % WINDOW_SECONDS) + WINDOW_SECONDS) % WINDOW_SECONDS
  }

  private moveWindow(now: number): void {
    const passed = Number.isNaN(this.now) ? 0 : Math.max(0, now - this.now)
    for (let step = 1; step <= Math.min(passed, WINDOW_SECONDS); step++) {
      const place = (((this.now + step) % WINDOW_SECONDS) + WINDOW_SECONDS) % WINDOW_SECONDS
      this.inWindow -= this.perSecond[place]
      this.perSecond[place] = 0
    }
    if (this.flood === null) this.atOnce = Math.min(AT_ONCE, this.atOnce + passed / SECONDS_PER_MORE)
    this.now = now
  }

  private countNew(): void {
    this.perSecond[this.place]++
    this.inWindow++
    if (this.flood !== null) this.flood.senders++
    else if (this.inWindow > LIMITS.newcomersPerMinute) {
      this.flood = { since: Number.isNaN(this.now) ? 0 : this.now, senders: this.inWindow }
      this.limits.add('newcomersPerMinute')
    }
  }

  /** Takes a place for a sender that nobody answered. */
  private mayStay(): boolean {
    if (this.unanswered >= LIMITS.newcomers) {
      this.limits.add('newcomers')
      return false
    }
    this.unanswered++
    return true
  }

  private hold(key: number, frame: Frame, numbers: Omit<Held, 'time'>): void {
    this.held ??= new HeldPackets()
    if (this.held.isFull) {
      this.limits.add('heldPackets')
      this.giveUpOldest()
    }
    this.held.add(key, frame, Number.isNaN(this.now) ? 0 : this.now, numbers)
  }

  private settleOldest(): void {
    const held = this.held as HeldPackets
    if (!Number.isNaN(held.oldestKey) && this.flood === null && this.mayStay()) this.admit(held.oldestKey)
    else this.giveUpOldest()
  }

  private giveUpOldest(): void {
    const held = (this.held as HeldPackets).shift()
    if (held !== null) this.host.countElsewhere(held)
  }

  private admit(key: number): void {
    const before = this.admitting
    this.admitting = key
    this.host.admit(key)
    this.held?.take(key, (frame) => this.host.process(frame))
    this.admitting = before
  }
}
