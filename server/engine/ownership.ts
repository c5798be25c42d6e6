// The device that holds an address, now: who sends from it. ARP, NDP and DHCP say so where nobody was seen sending.
import { macText } from '../../capture/mac-address.ts'
import { type AddressTable, OTHER_ADDRESS, OTHER_HOME } from './addresses.ts'
import type { Conflicts } from './conflicts.ts'
import { Scope } from './home-network.ts'
import { grown, KeyTable } from './key-table.ts'
import { LIMITS, type LimitCounter } from './limits.ts'
import { MacBehaviour } from './mac-behaviour.ts'
import { Routers } from './routers.ts'

/** The id of "no MAC". */
export const NO_MAC = 0
/** The binding that takes what finds no room in the table. */
export const OTHER_BINDING = 0
/** What stacks start to count down from (RFC 1700; Windows 128, network gear 255): a forwarded packet shows less. */
const FIRST_HOP_LIMITS = [64, 128, 255]
/** Bits of a binding: ARP, NDP or DHCP names it; packets were sent from the address with this MAC. */
const Ground = { Claimed: 1, Sent: 2 } as const

/**
 * A binding is one address held by one MAC (or by nobody known). Traffic is counted per binding, so that an address
 * that moves splits at the moment it moves, and so that later proof never rewrites the past.
 *
 * Anybody can claim an address: a frame's own MAC outweighs what ARP, NDP, DHCP and leases say. Two kinds of device
 * carry the packets of others under their own MAC: routers, and repeaters, whose clients' DHCP names MACs that are
 * never seen themselves. What they carry stays with the device that the claims name.
 */
export class Ownership {
  private readonly macs = new KeyTable(LIMITS.macs)
  private readonly bindings = new KeyTable(LIMITS.bindings)
  private readonly addresses: AddressTable
  private readonly limits: LimitCounter
  private readonly conflicts: Conflicts
  /** Changes whenever an address changes hands; flows compare it to know that their binding may be stale. */
  epoch = 1

  /** Per address: its binding now (0 = none yet), and the MAC it was last sent from. */
  private bindingOfAddress = new Int32Array(1024)
  private senderHigh = new Int32Array(1024)
  private senderLow = new Int32Array(1024)
  /** Per address: 1 where several MACs use it: then each frame says whose its packet is. */
  private contested = new Uint8Array(1024)
  /** Per address: the MAC that DHCP gave it to. */
  private leasedTo = new Int32Array(1024)
  /** Per binding: bits of Ground. */
  private grounds = new Uint8Array(1024)
  readonly behaviour = new MacBehaviour()
  private readonly routers: Routers

  constructor(addresses: AddressTable, limits: LimitCounter, conflicts: Conflicts) {
    this.addresses = addresses
    this.limits = limits
    this.conflicts = conflicts
    this.routers = new Routers(addresses, (mac, address) => this.isUnprovenHolder(mac, address))
    this.macs.add(0, 0, 0, -1)
    this.bindings.add(OTHER_ADDRESS, -1, 0, 0)
  }

  /** One more than the largest binding. */
  get bindingsUsed(): number {
    return this.bindings.used
  }

  /** Whether one MAC stands for everybody, as in captures that somebody made up or a tunnel's end wrote. */
  get hasOneMac(): boolean {
    return this.macs.used <= NO_MAC + 2
  }

  /** Asked before a MAC that has not sent anything gets a place. */
  mayClaim: (high: number, low: number) => boolean = () => true

  /** The MAC's number, or -1 where it has no place. */
  findMac(high: number, low: number): number {
    return high === 0 && low === 0 ? NO_MAC : this.macs.find(high, low, 0, 0)
  }

  macOf(high: number, low: number): number {
    const known = this.findMac(high, low)
    if (known >= 0) return known
    return this.mayClaim(high, low) ? this.addMac(high, low) : NO_MAC
  }

  /** The number of a MAC that may have a place; NO_MAC where the table is full. */
  addMac(high: number, low: number): number {
    const known = this.findMac(high, low)
    if (known >= 0) return known
    const id = this.macs.add(high, low, 0, 0)
    if (id < 0) {
      this.limits.add('macs')
      return NO_MAC
    }
    this.makeRoomForMac(id)
    return id
  }

  macText(id: number): string {
    return macText(this.macs.key(id, 0), this.macs.key(id, 1))
  }

  addressOf(binding: number): number {
    return this.bindings.key(binding, 0)
  }

  macOfBinding(binding: number): number {
    return this.bindings.key(binding, 1)
  }

  isProven(binding: number): boolean {
    return (this.grounds[binding] & Ground.Claimed) !== 0
  }

  /** The binding on a home address now; one without a MAC where nobody has shown up yet. */
  bindingOn(address: number): number {
    if (address <= OTHER_HOME) return OTHER_BINDING
    const known = address < this.bindingOfAddress.length ? this.bindingOfAddress[address] : 0
    return known !== 0 ? known : this.setBinding(address, NO_MAC)
  }

  /** Whether some device was seen holding the address. */
  isHeld(address: number): boolean {
    return address < this.bindingOfAddress.length && this.macOfBinding(this.bindingOfAddress[address]) > NO_MAC
  }

  /** For the hot path: whether the sender of a home address is the one it was last sent from. */
  isUsualSender(address: number, high: number, low: number): boolean {
    return this.senderHigh[address] === high && this.senderLow[address] === low
  }

  /** A packet came from a home address with this MAC. */
  sawSender(address: number, high: number, low: number): void {
    const mac = this.macOf(high, low)
    if (mac === NO_MAC || address <= OTHER_HOME) return
    this.makeRoom(address)
    this.behaviour.saw(mac)
    this.senderHigh[address] = high
    this.senderLow[address] = low
    const held = this.bindingOfAddress[address]
    const isHeld = this.macOfBinding(held) === mac
    if (isHeld && this.isProven(held)) return this.noteUse(held, address, mac)
    if (!isHeld && this.isProven(held) && this.mayForward(mac, held)) return
    // Before a device has an address it sends from 0.0.0.0 (RFC 2131): no subnet of its own.
    const isIpv4AtHome = this.addresses.isIpv4(address) && this.addresses.scope(address) === Scope.Home
    if (isIpv4AtHome && this.routers.addHomeSample(mac, address)) this.epoch++
    const binding = isHeld ? held : this.setBinding(address, mac)
    if (binding !== OTHER_BINDING) this.noteUse(binding, address, mac)
  }

  /** A packet came from an internet address with this MAC: a router passed it on, unless it is the device's own. */
  sawInternetSender(address: number, high: number, low: number, hopLimit: number): void {
    const mac = this.macOf(high, low)
    if (mac === NO_MAC) return
    // A device sends from its own global IPv6 address with a fresh hop limit before we learn that the prefix is the
    // home's.
    const mayBeOwn = !this.addresses.isIpv4(address) && FIRST_HOP_LIMITS.includes(hopLimit)
    if (mayBeOwn && !this.routers.sendsFromAnotherPrefix(mac, address)) {
      this.makeRoom(address)
      this.senderHigh[address] = high
      this.senderLow[address] = low
      if (this.routers.addHomeSample(mac, address)) this.epoch++
      return
    }
    if (this.routers.addInternetSample(mac, address)) this.epoch++
  }

  /** An address turned out to be the home's: it is held by the device that was seen sending from it, if any was. */
  becameHome(address: number): void {
    this.makeRoom(address)
    const mac = this.macOf(this.senderHigh[address], this.senderLow[address])
    if (this.bindingOfAddress[address] === 0) this.setBinding(address, mac)
  }

  /**
   * ARP or NDP says that the MAC holds the address, in a frame of the MAC `from`. It does not take the address from a
   * device that sends from it, but what is sent to the claimant's own MAC is the claimant's.
   */
  claim(address: number, high: number, low: number, from: number): void {
    const mac = this.macOf(high, low)
    if (mac === NO_MAC || address <= OTHER_HOME || this.addresses.scope(address) !== Scope.Home) return
    this.makeRoom(address)
    const isOwn = from === mac
    const held = this.bindingOfAddress[address]
    const holder = this.macOfBinding(held)
    if (holder === mac || holder <= NO_MAC) this.setClaimed(address, mac)
    else if (!this.outweighs(held, mac)) {
      if (isOwn && this.isOwn(held)) this.suspect(address, mac)
      this.setClaimed(address, mac)
    } else if (isOwn) {
      this.suspect(address, mac)
      this.setGround(this.addBinding(address, mac), Ground.Claimed)
      this.contest(address)
    } else if (from !== NO_MAC) {
      this.use(address, holder)
      this.use(address, from)
    }
    if (!isOwn) return
    this.use(address, mac)
    // The holder's next packet shows that it is still there.
    this.senderHigh[address] = this.senderLow[address] = 0
  }

  /** DHCP or the router's table gave the address to the MAC. It does not take it from a device that sends from it. */
  lease(address: number, high: number, low: number): void {
    const mac = this.macOf(high, low)
    if (mac === NO_MAC || address <= OTHER_HOME || this.addresses.scope(address) !== Scope.Home) return
    this.makeRoom(address)
    this.leasedTo[address] = mac
    const held = this.bindingOfAddress[address]
    const isSeen = this.behaviour.isSeen(mac)
    if (this.macOfBinding(held) !== mac && !isSeen && this.outweighs(held, mac)) return
    this.setClaimed(address, mac)
  }

  /** The MAC asked a DHCP server for the address. */
  requested(address: number, mac: number): void {
    if (address <= OTHER_HOME) return
    this.makeRoom(address)
    this.leasedTo[address] = mac
  }

  /** Whether the MAC itself claimed the address. */
  claims(address: number, mac: number): boolean {
    const binding = this.bindings.find(address, mac, 0, 0)
    return binding >= 0 && this.isProven(binding)
  }

  /** Whether the MAC was seen with the address. */
  uses(address: number, mac: number): boolean {
    return this.bindings.find(address, mac, 0, 0) >= 0
  }

  /** Whether several MACs use the address. */
  isContested(address: number): boolean {
    return address < this.contested.length && this.contested[address] === 1
  }

  /** The binding of a contested address that the frame's MAC names; `otherwise` where it is only passed on. */
  bindingByMac(address: number, high: number, low: number, otherwise: number): number {
    const mac = this.macs.find(high, low, 0, 0)
    const binding = mac <= NO_MAC ? -1 : this.bindings.find(address, mac, 0, 0)
    return binding >= 0 && this.isOwn(binding) ? binding : otherwise
  }

  /** Whether the MAC of the binding is the device's own and not that of one who passes its packets on. */
  isOwn(binding: number): boolean {
    const mac = this.macOfBinding(binding)
    if (mac === NO_MAC || (!this.isProven(binding) && this.isRouter(mac))) return false
    return this.isProven(binding) || !this.isCarriedBy(mac, this.bindingOfAddress[this.addressOf(binding)])
  }

  /** IPv4 addresses at home that the MAC was seen sending from, as far as they are remembered. */
  sampledAddresses(mac: number): number {
    return this.routers.homeSamplesOf(mac)
  }

  /** Whether this is the only internet address that packets with the MAC came from. */
  sentOnlyFrom(mac: number, address: number): boolean {
    return this.routers.internetSamplesAre(mac, address)
  }

  /** Whether the MAC holds another address at home beside this one; only of IPv4 where `isIpv4`. */
  holdsAnother(mac: number, address: number, isIpv4: boolean): boolean {
    return this.bindingsOf(mac).some((binding) => {
      const other = this.addressOf(binding)
      if (other === address || this.grounds[binding] === 0 || (isIpv4 && !this.addresses.isIpv4(other))) return false
      return this.addresses.scope(other) === Scope.Home && this.isOwn(binding)
    })
  }

  bindingsOf(mac: number): number[] {
    const found: number[] = []
    for (let binding = 1; binding < this.bindings.used; binding++)
      if (this.macOfBinding(binding) === mac) found.push(binding)
    return found
  }

  /** The `word`-th number of the MAC, as Frame keeps it. */
  macNumber(mac: number, word: 0 | 1): number {
    return this.macs.key(mac, word)
  }

  /**
   * Whether the MAC passes on other devices' packets: it sends from internet addresses, or from unproven home addresses
   * of several subnets (/24; a home's usual size).
   */
  isRouter(mac: number): boolean {
    return mac > NO_MAC && this.routers.isRouter(mac, this.epoch)
  }

  /** Who an address belongs to for names: the MAC (negative) where it is the device's own, else the address. */
  deviceKey(binding: number): number {
    if (binding === OTHER_BINDING) return OTHER_ADDRESS
    const mac = this.macOfBinding(binding)
    if (mac !== NO_MAC && (this.isProven(binding) || !this.isRouter(mac))) return -mac
    return this.addressOf(binding)
  }

  private use(address: number, mac: number): void {
    this.conflicts.use(address, mac, this.leasedTo[address] === mac)
  }

  private noteUse(binding: number, address: number, mac: number): void {
    this.grounds[binding] |= this.behaviour.isSuspect(mac) ? Ground.Sent | Ground.Claimed : Ground.Sent
    if (this.addresses.scope(address) === Scope.Home) this.use(address, mac)
  }

  /** Whether packets that came with `mac` may be those of the binding's device, passed on. */
  private mayForward(mac: number, held: number): boolean {
    if (this.claims(this.addressOf(held), mac)) return false
    const isSuspect = this.behaviour.isSuspect(mac) && this.behaviour.isSeen(this.macOfBinding(held))
    return (this.isRouter(mac) && !isSuspect) || this.isCarriedBy(mac, held)
  }

  private isCarriedBy(mac: number, held: number): boolean {
    const holder = this.macOfBinding(held)
    return holder !== mac && this.behaviour.isCarrier(mac) && !this.behaviour.isSeen(holder)
  }

  /** Whether the holder was seen sending from its address itself, so that a claim of `mac` is only a claim. */
  private outweighs(held: number, mac: number): boolean {
    const holder = this.macOfBinding(held)
    if ((this.grounds[held] & Ground.Sent) === 0 || (!this.isProven(held) && this.isRouter(holder))) return false
    return !(this.behaviour.isCarrier(holder) && !this.behaviour.isSeen(mac))
  }

  /** Who claims another's address and passes packets on is no router: it stands in the middle. */
  private suspect(address: number, mac: number): void {
    if (!this.isRouter(mac) && this.leasedTo[address] !== mac) this.behaviour.suspect(mac)
  }

  private setClaimed(address: number, mac: number): void {
    const held = this.bindingOfAddress[address]
    this.setGround(this.macOfBinding(held) === mac ? held : this.setBinding(address, mac), Ground.Claimed)
  }

  private setGround(binding: number, ground: number): void {
    if (binding === OTHER_BINDING || (this.grounds[binding] & ground) !== 0) return
    this.grounds[binding] |= ground
    this.epoch++
  }

  /** From now on each frame says whose it is. Before it has an address any device sends from 0.0.0.0. */
  private contest(address: number): void {
    if (this.contested[address] === 1 || this.addresses.scope(address) !== Scope.Home) return
    this.contested[address] = 1
    this.epoch++
  }

  private setBinding(address: number, mac: number): number {
    const before = this.bindingOfAddress[address]
    const binding = this.addBinding(address, mac)
    if (binding === OTHER_BINDING || binding === before) return binding
    if (this.macOfBinding(before) > NO_MAC && mac !== NO_MAC) this.contest(address)
    this.bindingOfAddress[address] = binding
    // Of a contested address each packet is looked at anyway.
    if (this.contested[address] === 0) this.epoch++
    return binding
  }

  private addBinding(address: number, mac: number): number {
    this.makeRoom(address)
    let binding = this.bindings.find(address, mac, 0, 0)
    if (binding < 0) binding = this.bindings.add(address, mac, 0, 0)
    if (binding < 0) {
      this.limits.add('bindings')
      return OTHER_BINDING
    }
    this.grounds = grown(this.grounds, binding + 1)
    return binding
  }

  private makeRoomForMac(mac: number): void {
    this.behaviour.makeRoom(mac)
    this.routers.makeRoom(mac)
  }

  private makeRoom(address: number): void {
    if (address < this.bindingOfAddress.length) return
    this.bindingOfAddress = grown(this.bindingOfAddress, address + 1)
    this.senderHigh = grown(this.senderHigh, address + 1)
    this.senderLow = grown(this.senderLow, address + 1)
    this.contested = grown(this.contested, address + 1)
    this.leasedTo = grown(this.leasedTo, address + 1)
  }

  private isUnprovenHolder(mac: number, address: number): boolean {
    const binding = this.bindingOfAddress[address]
    return this.macOfBinding(binding) === mac && !this.isProven(binding)
  }
}
