// What devices asked the DNS for, which the core keeps.
import type { PacketCore } from '../../capture/packet-core.ts'

export class DnsObserver {
  private readonly core: PacketCore

  constructor(core: PacketCore) {
    this.core = core
  }

  /** The device (a device key) asked for the name, by what a resolver's log says. */
  noteAsked(device: number, name: number): void {
    this.core.exports.noteAsked(device, name)
  }

  /** Whether the device asked for the name, whatever the type. */
  hasAsked(device: number, name: number): boolean {
    return this.core.exports.hasAsked(device, name) !== 0
  }

  /** Whether the name is one that ECH keys in the DNS show in place of the destination. */
  isEchPublicName(name: number): boolean {
    return this.core.exports.isEchPublicName(name) !== 0
  }
}
