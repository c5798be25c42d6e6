// Addresses at home, and addresses on the internet: what the packet core says of them.
import { SCOPE_GROUP, SCOPE_HOME, SCOPE_INTERNET, SCOPE_SELF } from '../../capture/core/constants.ts'
import type { AddressWords, Prefix } from '../../capture/ip-address.ts'
import type { PacketCore } from '../../capture/packet-core.ts'

/** Where an address lives. */
export const Scope = {
  Internet: SCOPE_INTERNET,
  /** A unicast address of the home: a device may hold it. */
  Home: SCOPE_HOME,
  /** Multicast and broadcast: no device in particular. */
  Group: SCOPE_GROUP,
  /** Unspecified and loopback: this very machine, whichever it is. */
  Self: SCOPE_SELF,
} as const

/** The length that a prefix has which a host takes addresses from (RFC 4862, RFC 4291 section 2.5.1). */
const SUBNET_BITS = 64
const ADDRESS_BYTES = 16

/** The home's networks: the standard ones and what the network teaches, or what the owner named, before any packet. */
export class HomeNetwork {
  private readonly core: PacketCore
  /** Room for one address in the core's memory. */
  private readonly room: number

  constructor(core: PacketCore, named: Prefix[] | null) {
    this.core = core
    this.room = core.exports.allocate(ADDRESS_BYTES)
    if (named === null) return
    core.exports.beginNamedHome()
    for (const { words, bits } of named) core.exports.nameHome(...words, bits)
  }

  scopeOfIpv4(address: number): number {
    return this.core.exports.scopeOfIpv4(address)
  }

  scopeOfIpv6(w0: number, w1: number, w2: number, w3: number): number {
    return this.core.exports.scopeOfIpv6(w0, w1, w2, w3)
  }

  /** A router advertised the prefix, or a neighbour sent from an address of it. True where that is new. */
  learn(bytes: Uint8Array, at: number, bits = SUBNET_BITS): boolean {
    this.core.bytes.set(bytes.subarray(at, at + ADDRESS_BYTES), this.room)
    return this.core.exports.learnPrefix(this.room, bits) !== 0
  }

  /** Flows show that the first 64 bits of the address are the home's. True where that is new. */
  learnWords(words: AddressWords): boolean {
    const bytes = new Uint8Array(ADDRESS_BYTES)
    const view = new DataView(bytes.buffer)
    for (const [place, word] of words.entries()) view.setInt32(4 * place, word)
    return this.learn(bytes, 0)
  }
}
