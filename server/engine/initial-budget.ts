// How many QUIC Initials are decrypted in a second, and for whom.
import { LIMITS, type LimitCounter } from './limits.ts'

/** Packets that come out of order by less than this count in the second at hand. */
const REORDER_SECONDS = 5

/**
 * To read an Initial takes a derivation of keys and a decryption, many times what any other packet costs, and anyone
 * can send one. In each second of capture time each sender has a share, and so have all those together of whom nothing
 * was read yet, or who sends from ever new addresses would take all of the time; who was read before keeps its own
 * share. What is beyond it is counted but not read.
 */
export class InitialBudget {
  private readonly limits: LimitCounter
  private second = Number.NaN
  private readonly taken = new Map<number, number>()
  private takenByUnread = 0
  /** Senders of whom a ClientHello was read. */
  private readonly read = new Set<number>()

  constructor(limits: LimitCounter) {
    this.limits = limits
  }

  /** Whether one more Initial of `sender` (a device key) may be decrypted at `now`, in seconds; counts it. */
  take(sender: number, now: number): boolean {
    const second = Math.floor(now)
    if (!(second <= this.second && second > this.second - REORDER_SECONDS)) this.begin(second)
    const taken = this.taken.get(sender) ?? 0
    if (taken >= LIMITS.quicInitialsPerDevice) {
      this.limits.add('quicInitialsPerDevice')
      return false
    }
    if (!this.read.has(sender)) {
      if (this.takenByUnread >= LIMITS.quicInitialsOfUnread) {
        this.limits.add('quicInitialsOfUnread')
        return false
      }
      this.takenByUnread++
    }
    this.taken.set(sender, taken + 1)
    return true
  }

  /** A ClientHello of the sender was read. */
  hasRead(sender: number): void {
    if (this.read.size < LIMITS.macs) this.read.add(sender)
  }

  private begin(second: number): void {
    this.second = second
    this.taken.clear()
    this.takenByUnread = 0
  }
}
