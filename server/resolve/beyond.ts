// Private addresses behind a router: hosts of a VPN or of the provider are no devices of this home.
import type { Engine } from '../engine/engine.ts'
import { Scope } from '../engine/home-network.ts'
import { NO_MAC } from '../engine/ownership.ts'
import { BindingNumber } from '../engine/row-table.ts'

/** 169.254/16: no router passes it on (RFC 3927 section 2.7). */
const LINK_LOCAL = 0xa9fe

/** Networks in which some device was seen with its own MAC: by their first 24 bits, and the first 16 of each. */
interface HomeSubnets {
  subnets: Set<number>
  wider: Set<number>
}

/** Whose packets come through a router, seen from the networks that are captured themselves. */
export class Beyond {
  private readonly engine: Engine
  private readonly home: HomeSubnets

  /** `holders`: addresses of devices that were seen with their own MAC. */
  constructor(engine: Engine, holders: Iterable<number>) {
    this.engine = engine
    this.home = { subnets: new Set(), wider: new Set() }
    for (const address of holders) {
      if (!this.isPrivateIpv4(address)) continue
      this.home.subnets.add(engine.addresses.word(address, 3) >>> 8)
      this.home.wider.add(engine.addresses.word(address, 3) >>> 16)
    }
  }

  /**
   * Whether the address, which no MAC holds, is no device of this home: its packets come through a router, or what is
   * sent to it goes there, nothing of its network was seen itself, and it never talks to the internet. Where it answers
   * from a neighbouring network (the same first 16 bits), it may be a device of another VLAN.
   */
  isBeyond(address: number, bindings: readonly number[]): boolean {
    if (!this.isBehindRouter(address) || this.usesInternet(bindings)) return false
    return !this.home.wider.has(this.engine.addresses.word(address, 3) >>> 16) || !this.answers(bindings)
  }

  /** Whether packets of the address come through a router, from a network of which nothing was seen itself. */
  isBehindRouter(address: number): boolean {
    const { addresses, ownership } = this.engine
    if (this.home.subnets.size === 0 || !this.isPrivateIpv4(address)) return false
    return !this.home.subnets.has(addresses.word(address, 3) >>> 8) && ownership.passedOnBy(address) !== NO_MAC
  }

  private isPrivateIpv4(address: number): boolean {
    const { addresses } = this.engine
    if (!addresses.isIpv4(address) || addresses.scope(address) !== Scope.Home) return false
    return addresses.word(address, 3) >>> 16 !== LINK_LOCAL
  }

  private usesInternet(bindings: readonly number[]): boolean {
    const { rows } = this.engine
    const moves = (binding: number, field: number): boolean => rows.bindingNumber(binding, field) !== 0
    return bindings.some((binding) => moves(binding, BindingNumber.Sent) || moves(binding, BindingNumber.Received))
  }

  private answers(bindings: readonly number[]): boolean {
    return bindings.some((binding) => this.engine.ownership.macOfBinding(binding) > NO_MAC)
  }
}

/** What is doubtful about an address that stands alone behind a router, in one sentence without its full stop. */
export function routedDoubt(engine: Engine, address: number): string | null {
  const by = engine.ownership.passedOnBy(address)
  return by > NO_MAC
    ? `Its packets come through ${engine.ownership.macText(by)}: it is a device of another network behind that one`
    : null
}
