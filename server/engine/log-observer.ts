// Bindings and names from a resolver's log and the router's tables.
import { MAX_ADDRESSES_PER_MAC, REACHED_ADDRESSES_PER_MAC } from '../../capture/core/limits.ts'
import { type AddressWords, isMapped, parseAddress } from '../../capture/ip-address.ts'
import type { LogConnection } from '../../capture/logs/record.ts'
import { parseMac } from '../../capture/mac-address.ts'
import type { Engine } from './engine.ts'
import { FlowPrefixes } from './flow-prefixes.ts'
import { Scope } from './home-network.ts'
import { NO_NAME } from './name-table.ts'
import { NO_MAC, OTHER_BINDING } from './ownership.ts'
import { TimedAnswers } from './timed-answers.ts'

const encoder = new TextEncoder()
/** The last byte of the broadcast address in a network of /24, a home's usual size, and of larger ones. */
const BROADCAST_BYTE = 255

/** How a flow of which no packet was seen gets its name; see the list in the README. */
export type FlowNameSource = 'dns' | 'dns-other' | 'remembered' | 'none'
/** Ends of a flow; MACs are null where they are not known. */
type FlowEnds = Pick<LogConnection, 'client' | 'clientMac' | 'server' | 'serverMac'>

const NAMELESS: { host: string | null; namedBy: FlowNameSource } = { host: null, namedBy: 'none' }
/** No device. */
export const NO_BINDING = -1

/** Hands what stands in texts to an engine, within the same caps as what stands in packets. */
export class LogObserver {
  private readonly engine: Engine
  private readonly addressShares: number
  private readonly answers = new TimedAnswers()
  private readonly prefixes = new FlowPrefixes()

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

  /** At `time` the name led the holder of the binding to these addresses. */
  answered(binding: number, host: string, led: readonly string[], time: number): void {
    if (binding === OTHER_BINDING) return
    const device = this.engine.ownership.deviceKey(binding)
    const name = this.nameOf(device, host)
    if (name === NO_NAME) return
    for (const text of led) {
      const words = parseAddress(text)
      if (words === null || this.engine.core.exports.reserveShare(this.addressShares, device) === 0) continue
      const address = this.engine.addresses.ofWords(...words)
      this.engine.memory.answer(device, address, name)
      this.answers.add(device, address, name, time)
    }
  }

  /** An exporter saw a flow between the two: who is at home, and who holds the addresses there, follows from it. */
  sawFlow({ client, clientMac, server, serverMac }: FlowEnds): void {
    const one = parseAddress(client)
    const other = parseAddress(server)
    if (one === null || other === null) return
    this.sortGroup(one, other)
    if (!isMapped(one) && !isMapped(other)) {
      const isOnes = this.isBehindRouter(clientMac, serverMac)
      if (isOnes || this.isBehindRouter(serverMac, clientMac)) this.learn(isOnes ? one : other)
      for (const words of this.prefixes.note(one, other)) this.learn(words)
    }
    // A record does not tell a device's own global IPv6 address from one that a router passes on.
    const isTold = (words: AddressWords): boolean => isMapped(words) || this.scopeOf(words) !== Scope.Internet
    if (clientMac !== null && isTold(one)) this.sawSender(clientMac, client)
    if (serverMac !== null && isTold(other)) this.sawSender(serverMac, server)
  }

  /** A network's broadcast address is nobody's, until somebody sends from it. */
  private sortGroup(sender: AddressWords, receiver: AddressWords): void {
    const { addresses, core, ownership } = this.engine
    const from = addresses.ofWords(...sender)
    const to = addresses.ofWords(...receiver)
    if (isMapped(sender) && addresses.scope(from) === Scope.Group) core.exports.unmakeGroup(from)
    const endsBroadcast = isMapped(receiver) && (receiver[3] & BROADCAST_BYTE) === BROADCAST_BYTE
    if (endsBroadcast && addresses.scope(to) === Scope.Home && !ownership.isHeld(to)) core.exports.makeGroup(to)
  }

  private scopeOf(words: AddressWords): number {
    const { addresses } = this.engine
    return addresses.scope(addresses.ofWords(...words))
  }

  /** The MAC is a device's, and what it exchanged with the other one passed a router. */
  private isBehindRouter(mac: string | null, other: string | null): boolean {
    const isRouter = (text: string): boolean => {
      const { high, low } = parseMac(text) ?? { high: 0, low: 0 }
      const known = this.engine.ownership.findMac(high, low)
      return known > NO_MAC && this.engine.ownership.isRouter(known)
    }
    return mac !== null && other !== null && mac !== other && isRouter(other) && !isRouter(mac)
  }

  private learn(words: AddressWords): void {
    const { home, core } = this.engine
    if (this.scopeOf(words) !== Scope.Internet || !home.learnWords(words)) return
    core.exports.rescopeAddresses()
    core.exports.raiseEpoch()
  }

  /**
   * The name of a flow's far end that began at `start`: what its device had looked up before, then what it looked up
   * since, what others were answered where all agree, and what it called the address earlier.
   */
  nameOfFlow(binding: number, text: string, start: number): { host: string | null; namedBy: FlowNameSource } {
    const words = parseAddress(text)
    if (words === null) return NAMELESS
    const { addresses, core, memory, names, ownership } = this.engine
    const device = ownership.deviceKey(binding)
    const address = addresses.ofWords(...words)
    const found = (name: number, namedBy: FlowNameSource) => ({ host: names.text(name), namedBy })
    // An answer that came before the device showed its MAC is filed under its address.
    for (const key of [device, ownership.addressOf(binding)]) {
      const before = this.answers.before(key, address, start)
      const answered = before === NO_NAME ? memory.answeredName(key, address) : before
      if (answered === NO_NAME) continue
      memory.call(device, address, answered)
      return found(answered, 'dns')
    }
    const others = core.exports.othersName(device, address)
    if (others !== NO_NAME) return found(others, 'dns-other')
    const called = core.exports.calledName(device, address)
    return called === NO_NAME ? NAMELESS : found(called, 'remembered')
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
