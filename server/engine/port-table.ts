// Ports by which each binding asks others and is asked, as the core noted them.
import {
  PORT_ROLE_SHIFT,
  PORT_SERVED,
  PORT_TO_HOME,
  PORT_TO_INTERNET,
  PORT_UDP,
  PORTS_PER_BINDING,
} from '../../capture/core/constants.ts'
import type { PacketCore } from '../../capture/packet-core.ts'

/** By role: it asks somebody on the internet or at home, or others ask it. */
const WORDS = { [PORT_TO_INTERNET]: 'internet', [PORT_TO_HOME]: 'home', [PORT_SERVED]: 'serves' }

export class PortTable {
  private readonly core: PacketCore

  constructor(core: PacketCore) {
    this.core = core
  }

  /** A flow record tells that the binding asks for the port, or serves it; `role` is one of PORT_…. */
  note(binding: number, role: number, isUdp: boolean, port: number): void {
    this.core.exports.notePort(binding, port | (isUdp ? PORT_UDP : 0) | (role << PORT_ROLE_SHIFT))
  }

  /** How many are noted. */
  countOf(binding: number): number {
    return this.core.exports.portCountOf(binding)
  }

  /** `internet tcp 8883`, `home udp 6667`, `serves tcp 554`: those seen first, PORTS_PER_BINDING at most. */
  of(binding: number): string[] {
    const found: string[] = []
    for (let place = 0; place < PORTS_PER_BINDING; place++) {
      const value = this.core.exports.portOfBinding(binding, place)
      if (value === 0) break
      const role = WORDS[(value >> PORT_ROLE_SHIFT) as keyof typeof WORDS]
      found.push(`${role} ${(value & PORT_UDP) === 0 ? 'tcp' : 'udp'} ${value & 0xffff}`)
    }
    return found
  }
}
