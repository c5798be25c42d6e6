// Bindings and names from a resolver's log and the router's tables.
import { MAX_ADDRESSES_PER_MAC, REACHED_ADDRESSES_PER_MAC } from '../../capture/core/limits.ts'
import { parseAddress } from '../../capture/ip-address.ts'
import { parseMac } from '../../capture/mac-address.ts'
import type { Engine } from './engine.ts'
import { Scope } from './home-network.ts'
import { NO_NAME } from './name-table.ts'
import { OTHER_BINDING } from './ownership.ts'

const encoder = new TextEncoder()
/** No device. */
export const NO_BINDING = -1

/** Hands what stands in texts to an engine, within the same caps as what stands in packets. */
export class LogObserver {
  private readonly engine: Engine
  private readonly addressShares: number

  constructor(engine: Engine) {
    this.engine = engine
    this.addressShares = engine.core.exports.newShares(MAX_ADDRESSES_PER_MAC, REACHED_ADDRESSES_PER_MAC)
  }

  /** The router says that the MAC holds the address; `name` is what the device calls itself. */
  hold(mac: string, address: string, name: string | null): void {
    const { ownership, addresses, evidence } = this.engine
    const holder = parseMac(mac)
    const words = parseAddress(address)
    if (holder === null || words === null) return
    this.engine.know(mac)
    ownership.lease(addresses.ofWords(...words), holder.high, holder.low)
    if (name !== null) evidence.addToMac(mac, 'dhcpHostnames', name)
  }

  /** A flow's end was seen with this MAC. */
  sawSender(mac: string, address: string): void {
    const { ownership, addresses } = this.engine
    const sender = parseMac(mac)
    const words = parseAddress(address)
    if (sender === null || words === null) return
    const id = addresses.ofWords(...words)
    const scope = addresses.scope(id)
    if (scope === Scope.Home || scope === Scope.Self) ownership.sawSender(id, sender.high, sender.low)
    else if (scope === Scope.Internet) ownership.sawInternetSender(id, sender.high, sender.low, 0)
  }

  /**
   * The binding on the address of whoever asked; NO_BINDING where it is no device of this home. Whoever may ask the
   * home's resolver by IPv6 is at home: a global prefix need not have been learned.
   */
  bindingOf(client: string): number {
    const { ownership, addresses } = this.engine
    const words = parseAddress(client)
    if (words === null) return NO_BINDING
    const address = addresses.ofWords(...words)
    const scope = addresses.scope(address)
    const isOurs =
      scope === Scope.Home || scope === Scope.Self || (scope === Scope.Internet && !addresses.isIpv4(address))
    return isOurs ? ownership.bindingOn(address) : NO_BINDING
  }

  /** What the log calls whoever holds the binding. */
  called(binding: number, name: string): void {
    if (binding !== OTHER_BINDING) this.engine.evidence.addToBinding(binding, 'loggedNames', name)
  }

  /** As `bindingOf`, but a global IPv6 address counts only where its prefix is known to be the home's. */
  bindingOfEnd(text: string): number {
    const words = parseAddress(text)
    if (words === null) return NO_BINDING
    const address = this.engine.addresses.ofWords(...words)
    const scope = this.engine.addresses.scope(address)
    return scope === Scope.Home || scope === Scope.Self ? this.engine.ownership.bindingOn(address) : NO_BINDING
  }

  /** Neither end of home nor internet: a group, or everybody. */
  isGroup(text: string): boolean {
    const words = parseAddress(text)
    return words !== null && this.engine.addresses.scope(this.engine.addresses.ofWords(...words)) === Scope.Group
  }

  /** The number of the name that the holder of the binding asked for; NO_NAME where the tables are full. */
  asked(binding: number, host: string, type: number): number {
    const { ownership, observed, dns } = this.engine
    const device = ownership.deviceKey(binding)
    const name = this.nameOf(device, host)
    if (name !== NO_NAME && observed.addQuery(ownership.addressOf(binding), name, type)) dns.noteAsked(device, name)
    return name
  }

  /** The name led the holder of the binding to these addresses. */
  answered(binding: number, host: string, led: readonly string[]): void {
    if (binding === OTHER_BINDING) return
    const device = this.engine.ownership.deviceKey(binding)
    const name = this.nameOf(device, host)
    if (name === NO_NAME) return
    for (const text of led) {
      const words = parseAddress(text)
      if (words !== null && this.engine.core.exports.reserveShare(this.addressShares, device) !== 0)
        this.engine.memory.answer(device, this.engine.addresses.ofWords(...words), name)
    }
  }

  /** The name that the holder of the binding was last answered with the address; null where there is none. */
  nameFor(binding: number, address: string): string | null {
    const words = parseAddress(address)
    if (words === null) return null
    const name = this.engine.memory.answeredName(
      this.engine.ownership.deviceKey(binding),
      this.engine.addresses.ofWords(...words),
    )
    return name === NO_NAME ? null : this.engine.names.text(name)
  }

  private nameOf(device: number, host: string): number {
    // The root of all names, which is asked for as well.
    const bytes = encoder.encode(host === '' ? '.' : host)
    return this.engine.names.internFor(device, bytes, 0, bytes.length)
  }
}
