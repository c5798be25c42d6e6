// The device that holds an address, now: a view of the packet core's tables.
import { macText } from '../../capture/mac-address.ts'
import type { PacketCore } from '../../capture/packet-core.ts'
import { MacBehaviour } from './mac-behaviour.ts'

/** The id of "no MAC", and the binding that takes what finds no room in the table. */
export { NO_MAC, OTHER_BINDING } from '../../capture/core/constants.ts'

/**
 * A binding is one address held by one MAC (or by nobody known). Who holds an address, capture/core/ownership.ts says:
 * a frame's own MAC outweighs what ARP, NDP, DHCP and leases say.
 */
export class Ownership {
  readonly behaviour: MacBehaviour
  private readonly core: PacketCore

  constructor(core: PacketCore) {
    this.core = core
    this.behaviour = new MacBehaviour(core)
  }

  /** Changes whenever an address changes hands. */
  get epoch(): number {
    return this.core.exports.ownershipEpoch.value
  }

  /** One more than the largest binding. */
  get bindingsUsed(): number {
    return this.core.exports.bindingsUsed()
  }

  /** Asked before a MAC that has not sent anything gets a place. */
  set mayClaim(answer: (high: number, low: number) => boolean) {
    this.core.host.mayClaim = (high, low) => (answer(high, low) ? 1 : 0)
  }

  /** The MAC's number, or -1 where it has no place. */
  findMac(high: number, low: number): number {
    return this.core.exports.findMac(high, low)
  }

  /** The MAC's number, given now where it may have one; NO_MAC where not. */
  macOf(high: number, low: number): number {
    return this.core.exports.macOf(high, low)
  }

  /** The number of a MAC that may have a place; NO_MAC where the table is full. */
  addMac(high: number, low: number): number {
    return this.core.exports.addMac(high, low)
  }

  macText(id: number): string {
    return macText(this.macNumber(id, 0), this.macNumber(id, 1))
  }

  /** The `word`-th number of the MAC, as Frame keeps it. */
  macNumber(mac: number, word: 0 | 1): number {
    return this.core.exports.macNumber(mac, word)
  }

  addressOf(binding: number): number {
    return this.core.exports.addressOfBinding(binding)
  }

  macOfBinding(binding: number): number {
    return this.core.exports.macOfBinding(binding)
  }

  isProven(binding: number): boolean {
    return this.core.exports.isProven(binding) !== 0
  }

  /** The binding on a home address now; one without a MAC where nobody has shown up yet. */
  bindingOn(address: number): number {
    return this.core.exports.bindingOn(address)
  }

  /** Whether some device was seen holding the address. */
  isHeld(address: number): boolean {
    return this.core.exports.isHeld(address) !== 0
  }

  /** A packet came from a home address with this MAC. */
  sawSender(address: number, high: number, low: number): void {
    this.core.exports.sawSender(address, high, low)
  }

  /** A packet came from an internet address with this MAC: a router passed it on, unless it is the device's own. */
  sawInternetSender(address: number, high: number, low: number, hopLimit: number): void {
    this.core.exports.sawInternetSender(address, high, low, hopLimit)
  }

  /** ARP or NDP says that the MAC holds the address, in a frame of the MAC `from`. */
  claim(address: number, high: number, low: number, from: number): void {
    this.core.exports.claimAddress(address, high, low, from)
  }

  /** DHCP or the router's table gave the address to the MAC. It does not take it from a device that sends from it. */
  lease(address: number, high: number, low: number): void {
    this.core.exports.leaseAddress(address, high, low)
  }

  /** The MAC asked a DHCP server for the address. */
  requested(address: number, mac: number): void {
    this.core.exports.requestedAddress(address, mac)
  }

  /** Whether the MAC itself claimed the address. */
  claims(address: number, mac: number): boolean {
    return this.core.exports.claimsAddress(address, mac) !== 0
  }

  /** Whether the MAC was seen with the address. */
  uses(address: number, mac: number): boolean {
    return this.core.exports.usesAddress(address, mac) !== 0
  }

  /**
   * The MAC that brings the packets of an address that is not its own, or else takes those for it: NO_MAC for none, and
   * -1 for a gateway that never showed up itself.
   */
  passedOnBy(address: number): number {
    return this.core.exports.passedOnBy(address)
  }

  /** Whether the MAC was seen sending from the address. */
  sendsFrom(address: number, mac: number): boolean {
    return this.core.exports.sendsFrom(address, mac) !== 0
  }

  /** Whether several MACs use the address. */
  isContested(address: number): boolean {
    return this.core.exports.isContested(address) !== 0
  }

  /** Whether the MAC of the binding is the device's own and not that of one who passes its packets on. */
  isOwn(binding: number): boolean {
    return this.core.exports.isOwnBinding(binding) !== 0
  }

  /** Whether the binding's MAC only carried what another device sent from the address: a repeater's. */
  isCarried(binding: number): boolean {
    return this.core.exports.isCarriedBinding(binding) !== 0
  }

  /** IPv4 addresses at home that the MAC was seen sending from, as far as they are remembered. */
  sampledAddresses(mac: number): number {
    return this.core.exports.sampledAddresses(mac)
  }

  /** Whether the MAC holds another address at home beside this one; only of IPv4 where `isIpv4`. */
  holdsAnother(mac: number, address: number, isIpv4: boolean): boolean {
    return this.core.exports.holdsAnother(mac, address, Number(isIpv4)) !== 0
  }

  bindingsOf(mac: number): number[] {
    const { nextBindingOf } = this.core.exports
    const found: number[] = []
    for (let binding = nextBindingOf(mac, 0); binding >= 0; binding = nextBindingOf(mac, binding)) found.push(binding)
    return found
  }

  /** Whether the MAC passes on other devices' packets. */
  isRouter(mac: number): boolean {
    return this.core.exports.isRouter(mac) !== 0
  }

  /** Who an address belongs to for names: the MAC (negative) where it is the device's own, else the address. */
  deviceKey(binding: number): number {
    return this.core.exports.deviceKey(binding)
  }
}
