// How many QUIC Initials are decrypted in a second, and for whom: the shares of a packet core of its own.
import { PacketCore } from '../../capture/packet-core.ts'

export class InitialBudget {
  private readonly core = new PacketCore()

  /** Whether one more Initial of `sender` (a device key) may be decrypted at `now`, in seconds; counts it. */
  take(sender: number, now: number): boolean {
    return this.core.exports.takeInitial(sender, now) !== 0
  }
}
