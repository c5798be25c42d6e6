// How many QUIC Initials are decrypted in a second, and for whom: the shares of a packet core.
import { REACHED_QUIC_INITIALS_OF_UNREAD, REACHED_QUIC_INITIALS_PER_DEVICE } from '../../capture/core/limits.ts'
import { PacketCore } from '../../capture/packet-core.ts'
import type { LimitCounter } from './limits.ts'

export class InitialBudget {
  private readonly limits: LimitCounter
  private readonly core = new PacketCore()

  constructor(limits: LimitCounter) {
    this.limits = limits
  }

  /** Whether one more Initial of `sender` (a device key) may be decrypted at `now`, in seconds; counts it. */
  take(sender: number, now: number): boolean {
    const { exports } = this.core
    const ofDevice = exports.timesReached(REACHED_QUIC_INITIALS_PER_DEVICE)
    const ofUnread = exports.timesReached(REACHED_QUIC_INITIALS_OF_UNREAD)
    const isTaken = exports.takeInitial(sender, now) !== 0
    if (exports.timesReached(REACHED_QUIC_INITIALS_PER_DEVICE) > ofDevice) this.limits.add('quicInitialsPerDevice')
    if (exports.timesReached(REACHED_QUIC_INITIALS_OF_UNREAD) > ofUnread) this.limits.add('quicInitialsOfUnread')
    return isTaken
  }

  /** A ClientHello of the sender was read. */
  hasRead(sender: number): void {
    this.core.exports.hasReadInitial(sender)
  }
}
