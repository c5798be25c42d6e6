// Every address seen, with a number, and where it lives: a view of the packet core's table.
import { OTHER_HOME } from '../../capture/core/constants.ts'
import { i32 } from '../../capture/frame.ts'
import { ipv4Text, ipv6Text } from '../../capture/ip-address.ts'
import type { PacketCore } from '../../capture/packet-core.ts'

/** The ids of addresses that found no room, on the internet and at home: all such count together. */
export { OTHER_ADDRESS, OTHER_HOME } from '../../capture/core/constants.ts'

export class AddressTable {
  private readonly core: PacketCore
  /** Texts that were read. */
  private readonly texts = new Map<number, string>()

  constructor(core: PacketCore) {
    this.core = core
  }

  /** One more than the largest id. */
  get used(): number {
    return this.core.exports.addressesUsed()
  }

  /** The id, or -1 where the address is not in the table. */
  findIpv4(address: number): number {
    return this.core.exports.findIpv4(address)
  }

  findIpv6(bytes: Uint8Array, at: number): number {
    return this.core.exports.findAddress(i32(bytes, at), i32(bytes, at + 4), i32(bytes, at + 8), i32(bytes, at + 12))
  }

  ofIpv4(address: number): number {
    return this.core.exports.addressOfIpv4(address)
  }

  /** The 16 bytes at `at`. */
  ofIpv6(bytes: Uint8Array, at: number): number {
    return this.ofWords(i32(bytes, at), i32(bytes, at + 4), i32(bytes, at + 8), i32(bytes, at + 12))
  }

  ofWords(w0: number, w1: number, w2: number, w3: number): number {
    return this.core.exports.addressOfWords(w0, w1, w2, w3)
  }

  scope(id: number): number {
    return this.core.exports.scopeOf(id)
  }

  isIpv4(id: number): boolean {
    return this.core.exports.isIpv4(id) !== 0
  }

  /** Whether both are of one /24 (IPv4; a home's usual size) or one /64. */
  isSameSubnet(one: number, other: number): boolean {
    return this.core.exports.isSameSubnet(one, other) !== 0
  }

  /** The `word`-th 32 bits; word 3 of an IPv4 address is the address. */
  word(id: number, word: 0 | 1 | 2 | 3): number {
    return this.core.exports.addressWord(id, word)
  }

  text(id: number): string {
    let text = this.texts.get(id)
    if (text === undefined) {
      text = this.write(id)
      this.texts.set(id, text)
    }
    return text
  }

  private write(id: number): string {
    if (id <= OTHER_HOME) return 'other'
    if (this.isIpv4(id)) return ipv4Text(this.word(id, 3))
    return ipv6Text(this.word(id, 0), this.word(id, 1), this.word(id, 2), this.word(id, 3))
  }
}
