// Every address seen, with a number, and where it lives.
import { i32 } from '../../capture/frame.ts'
import { ipv4Text, ipv6Text } from '../../capture/ip-address.ts'
import { type HomeNetwork, Scope } from './home-network.ts'
import { grown, KeyTable } from './key-table.ts'
import { LIMITS, type LimitCounter } from './limits.ts'

/** The ids of addresses that found no room, on the internet and at home: all such count together. */
export const OTHER_ADDRESS = 0
export const OTHER_HOME = 1
const MAPPED_WORD = 0xffff

/** Numbers addresses from 1. IPv4 stands as ::ffff:a.b.c.d, so that both kinds share one table. */
export class AddressTable {
  private readonly table = new KeyTable(LIMITS.addresses)
  private scopes = new Uint8Array(1024)
  /** Texts that were read. */
  private readonly texts = new Map<number, string>()
  private readonly home: HomeNetwork
  private readonly limits: LimitCounter

  constructor(home: HomeNetwork, limits: LimitCounter) {
    this.home = home
    this.limits = limits
    this.table.add(0, 0, 0, -1)
    this.table.add(0, 0, 0, -2)
    this.scopes[OTHER_HOME] = Scope.Home
  }

  /** One more than the largest id. */
  get used(): number {
    return this.table.used
  }

  /** The id, or -1 where the address is not in the table. */
  findIpv4(address: number): number {
    return this.table.find(0, 0, MAPPED_WORD, address)
  }

  findIpv6(bytes: Uint8Array, at: number): number {
    return this.table.find(i32(bytes, at), i32(bytes, at + 4), i32(bytes, at + 8), i32(bytes, at + 12))
  }

  ofIpv4(address: number): number {
    const id = this.findIpv4(address)
    return id >= 0 ? id : this.add(0, 0, MAPPED_WORD, address, this.home.scopeOfIpv4(address))
  }

  /** The 16 bytes at `at`. */
  ofIpv6(bytes: Uint8Array, at: number): number {
    return this.ofWords(i32(bytes, at), i32(bytes, at + 4), i32(bytes, at + 8), i32(bytes, at + 12))
  }

  ofWords(w0: number, w1: number, w2: number, w3: number): number {
    const id = this.table.find(w0, w1, w2, w3)
    return id >= 0 ? id : this.add(w0, w1, w2, w3, this.home.scopeOfIpv6(w0, w1, w2, w3))
  }

  /** The id that stands for the address where it gets no room of its own. */
  otherIpv4(address: number): number {
    return otherOf(this.home.scopeOfIpv4(address))
  }

  otherIpv6(bytes: Uint8Array, at: number): number {
    return otherOf(this.home.scopeOfIpv6(i32(bytes, at), i32(bytes, at + 4), i32(bytes, at + 8), i32(bytes, at + 12)))
  }

  scope(id: number): number {
    return this.scopes[id]
  }

  /** The address turned out to be everybody's. */
  makeGroup(id: number): void {
    this.scopes[id] = Scope.Group
  }

  /** Takes makeGroup back; what is multicast by its number stays so. */
  unmakeGroup(id: number): void {
    const { table } = this
    this.scopes[id] = this.home.scopeOfIpv6(table.key(id, 0), table.key(id, 1), table.key(id, 2), table.key(id, 3))
  }

  /** Checks every IPv6 address again after the home learned a prefix; calls back for each that turned out local. */
  rescope(moved: (id: number) => void): void {
    for (let id = OTHER_HOME + 1; id < this.table.used; id++) {
      if (this.scopes[id] !== Scope.Internet || this.isIpv4(id)) continue
      const { table } = this
      const scope = this.home.scopeOfIpv6(table.key(id, 0), table.key(id, 1), table.key(id, 2), table.key(id, 3))
      if (scope === Scope.Internet) continue
      this.scopes[id] = scope
      moved(id)
    }
  }

  isIpv4(id: number): boolean {
    const { table } = this
    return table.key(id, 0) === 0 && table.key(id, 1) === 0 && table.key(id, 2) === MAPPED_WORD
  }

  /** Whether both are of one /24 (IPv4; a home's usual size) or one /64. */
  isSameSubnet(one: number, other: number): boolean {
    if (this.isIpv4(one) !== this.isIpv4(other)) return false
    if (this.isIpv4(one)) return this.word(one, 3) >>> 8 === this.word(other, 3) >>> 8
    return this.word(one, 0) === this.word(other, 0) && this.word(one, 1) === this.word(other, 1)
  }

  /** The `word`-th 32 bits; word 3 of an IPv4 address is the address. */
  word(id: number, word: 0 | 1 | 2 | 3): number {
    return this.table.key(id, word)
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
    const { table } = this
    if (this.isIpv4(id)) return ipv4Text(table.key(id, 3))
    return ipv6Text(table.key(id, 0), table.key(id, 1), table.key(id, 2), table.key(id, 3))
  }

  private add(w0: number, w1: number, w2: number, w3: number, scope: number): number {
    const id = this.table.add(w0, w1, w2, w3)
    if (id < 0) {
      this.limits.add('addresses')
      return otherOf(scope)
    }
    if (id >= this.scopes.length) this.scopes = grown(this.scopes, id + 1)
    this.scopes[id] = scope
    return id
  }
}

function otherOf(scope: number): number {
  return scope === Scope.Internet ? OTHER_ADDRESS : OTHER_HOME
}
