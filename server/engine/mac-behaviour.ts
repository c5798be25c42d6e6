// What was seen of each MAC, apart from the addresses that it holds: a view of the packet core's table.
import type { PacketCore } from '../../capture/packet-core.ts'

export class MacBehaviour {
  private readonly core: PacketCore

  constructor(core: PacketCore) {
    this.core = core
  }

  /** Whether a frame came from the MAC. */
  isSeen(mac: number): boolean {
    return this.core.exports.isSeen(mac) !== 0
  }

  /** It brought the DHCP message of `client`, which never showed up itself: a repeater, or a relay. */
  carries(mac: number, client: number): void {
    this.core.exports.carries(mac, client)
  }

  isCarrier(mac: number): boolean {
    return this.core.exports.isCarrier(mac) !== 0
  }

  /** Whether the MAC claimed an address that another one holds. */
  isSuspect(mac: number): boolean {
    return this.core.exports.isSuspect(mac) !== 0
  }
}
