// What was seen of each MAC, apart from the addresses that it holds.
import { grown } from './key-table.ts'

/** Bits of a MAC. */
const Flag = { Seen: 1, Carries: 2, Suspect: 4 } as const
/** The id of "no MAC"; see ownership.ts. */
const NO_MAC = 0

export class MacBehaviour {
  private flags = new Uint8Array(1024)

  makeRoom(mac: number): void {
    this.flags = grown(this.flags, mac + 1)
  }

  /** A frame came from the MAC. */
  saw(mac: number): void {
    this.set(mac, Flag.Seen)
  }

  /** Whether a frame came from the MAC. */
  isSeen(mac: number): boolean {
    return (this.flags[mac] & Flag.Seen) !== 0
  }

  /** It brought the DHCP message of a client that never showed up itself: a repeater, or a relay. */
  carries(mac: number): void {
    this.set(mac, Flag.Carries)
  }

  isCarrier(mac: number): boolean {
    return (this.flags[mac] & Flag.Carries) !== 0
  }

  /** It claimed an address that another one holds. */
  suspect(mac: number): void {
    this.set(mac, Flag.Suspect)
  }

  /** Whether the MAC claimed an address that another one holds. */
  isSuspect(mac: number): boolean {
    return (this.flags[mac] & Flag.Suspect) !== 0
  }

  private set(mac: number, flag: number): void {
    if (mac !== NO_MAC) this.flags[mac] |= flag
  }
}
