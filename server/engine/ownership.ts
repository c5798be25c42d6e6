// The device that holds an address, now: ARP, NDP and DHCP prove it; without proof, who sends from it.
import { macText } from '../../capture/mac-address.ts'
import { type AddressTable, OTHER_ADDRESS, OTHER_HOME } from './addresses.ts'
import { Scope } from './home-network.ts'
import { grown, KeyTable } from './key-table.ts'
import { LIMITS, type LimitCounter } from './limits.ts'

/** The id of "no MAC". */
export const NO_MAC = 0
/** The binding that takes what finds no room in the table. */
export const OTHER_BINDING = 0
/** Senders remembered of one MAC, enough to recognise a router. */
const SAMPLES = 8
/** What stacks start to count down from (RFC 1700; Windows 128, network gear 255): a forwarded packet shows less. */
const FIRST_HOP_LIMITS = [64, 128, 255]

/**
 * A binding is one address held by one MAC (or by nobody known). Traffic is counted per binding, so that an address
 * that moves from one device to another splits at the moment it moves, and so that later proof never rewrites the past.
 */
export class Ownership {
  private readonly macs = new KeyTable(LIMITS.macs)
  private readonly bindings = new KeyTable(LIMITS.bindings)
  private readonly addresses: AddressTable
  private readonly limits: LimitCounter
  /** Changes whenever an address changes hands; flows compare it to know that their binding may be stale. */
  epoch = 1

  /** Per address: its binding now (0 = none yet), and the MAC it was last sent from. */
  private bindingOfAddress = new Int32Array(1024)
  private senderHigh = new Int32Array(1024)
  private senderLow = new Int32Array(1024)
  /** Per binding: 1 where ARP, NDP or DHCP proved it. */
  private proven = new Uint8Array(1024)
  /** Per MAC: internet addresses and unproven home IPv4 addresses it was seen sending from. */
  /** Per MAC: whether it is a router, as found out when the epoch was this. */
  private routers = new Uint8Array(1024)
  private routerEpoch = new Int32Array(1024)
  private internetSamples = new Int32Array(1024 * SAMPLES)
  private homeSamples = new Int32Array(1024 * SAMPLES)

  constructor(addresses: AddressTable, limits: LimitCounter) {
    this.addresses = addresses
    this.limits = limits
    this.macs.add(0, 0, 0, -1)
    this.bindings.add(OTHER_ADDRESS, -1, 0, 0)
  }

  /** One more than the largest binding. */
  get bindingsUsed(): number {
    return this.bindings.used
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
    if (id >= this.routers.length) this.makeRoomForMac(id)
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
    return this.proven[binding] === 1
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
    this.senderHigh[address] = high
    this.senderLow[address] = low
    const binding = this.bindingOfAddress[address]
    if (this.proven[binding] === 1) return
    // Before a device has an address it sends from 0.0.0.0 (RFC 2131): no subnet of its own.
    if (this.addresses.isIpv4(address) && this.addresses.scope(address) === Scope.Home)
      this.addSample(this.homeSamples, mac, address)
    if (this.macOfBinding(binding) !== mac) this.setBinding(address, mac)
  }

  /** A packet came from an internet address with this MAC: a router passed it on, unless it is the device's own. */
  sawInternetSender(address: number, high: number, low: number, hopLimit: number): void {
    const mac = this.macOf(high, low)
    if (mac === NO_MAC) return
    // A device sends from its own global IPv6 address with a fresh hop limit before we learn that the prefix is the
    // home's.
    const mayBeOwn = !this.addresses.isIpv4(address) && FIRST_HOP_LIMITS.includes(hopLimit)
    if (mayBeOwn && !this.sendsFromAnotherPrefix(mac, address)) {
      this.makeRoom(address)
      this.senderHigh[address] = high
      this.senderLow[address] = low
      return this.addSample(this.homeSamples, mac, address)
    }
    this.addSample(this.internetSamples, mac, address)
  }

  /** An address turned out to be the home's: it is held by the device that was seen sending from it, if any was. */
  becameHome(address: number): void {
    this.makeRoom(address)
    const mac = this.macOf(this.senderHigh[address], this.senderLow[address])
    if (this.bindingOfAddress[address] === 0) this.setBinding(address, mac)
  }

  /** ARP, NDP or DHCP says that the MAC holds the address. */
  prove(address: number, high: number, low: number): void {
    const mac = this.macOf(high, low)
    if (mac === NO_MAC || address <= OTHER_HOME || this.addresses.scope(address) !== Scope.Home) return
    this.makeRoom(address)
    const held = this.bindingOfAddress[address]
    const binding = this.macOfBinding(held) === mac ? held : this.setBinding(address, mac)
    if (binding !== OTHER_BINDING && this.proven[binding] === 0) {
      this.proven[binding] = 1
      this.epoch++
    }
  }

  /**
   * Whether the MAC passes on other devices' packets: it sends from internet addresses, or from unproven home addresses
   * of several subnets (/24; a home's usual size).
   */
  isRouter(mac: number): boolean {
    if (mac === NO_MAC) return false
    if (this.routerEpoch[mac] !== this.epoch) {
      this.routerEpoch[mac] = this.epoch
      this.routers[mac] = this.looksLikeRouter(mac) ? 1 : 0
    }
    return this.routers[mac] === 1
  }

  private looksLikeRouter(mac: number): boolean {
    for (let index = mac * SAMPLES; index < (mac + 1) * SAMPLES; index++) {
      const address = this.internetSamples[index]
      if (address !== 0 && this.addresses.scope(address) === Scope.Internet) return true
    }
    return this.sendsFromSeveralSubnets(mac)
  }

  /** Who an address belongs to for names: the MAC (negative) where it is the device's own, else the address. */
  deviceKey(binding: number): number {
    if (binding === OTHER_BINDING) return OTHER_ADDRESS
    const mac = this.macOfBinding(binding)
    if (mac !== NO_MAC && (this.proven[binding] === 1 || !this.isRouter(mac))) return -mac
    return this.addressOf(binding)
  }

  private setBinding(address: number, mac: number): number {
    this.makeRoom(address)
    let binding = this.bindings.find(address, mac, 0, 0)
    if (binding < 0) binding = this.bindings.add(address, mac, 0, 0)
    if (binding < 0) {
      this.limits.add('bindings')
      return OTHER_BINDING
    }
    this.proven = grown(this.proven, binding + 1)
    this.bindingOfAddress[address] = binding
    this.epoch++
    return binding
  }

  private makeRoomForMac(mac: number): void {
    this.routers = grown(this.routers, mac + 1)
    this.routerEpoch = grown(this.routerEpoch, mac + 1)
    this.internetSamples = grown(this.internetSamples, (mac + 1) * SAMPLES)
    this.homeSamples = grown(this.homeSamples, (mac + 1) * SAMPLES)
  }

  private makeRoom(address: number): void {
    if (address < this.bindingOfAddress.length) return
    this.bindingOfAddress = grown(this.bindingOfAddress, address + 1)
    this.senderHigh = grown(this.senderHigh, address + 1)
    this.senderLow = grown(this.senderLow, address + 1)
  }

  private addSample(samples: Int32Array, mac: number, address: number): void {
    for (let index = mac * SAMPLES; index < (mac + 1) * SAMPLES; index++) {
      if (samples[index] === address) return
      if (samples[index] === 0) {
        samples[index] = address
        this.epoch++
        return
      }
    }
  }

  private sendsFromSeveralSubnets(mac: number): boolean {
    let subnet = -1
    for (let index = mac * SAMPLES; index < (mac + 1) * SAMPLES; index++) {
      const address = this.homeSamples[index]
      if (address === 0) return false
      if (!this.addresses.isIpv4(address) || !this.isUnprovenHolder(mac, address)) continue
      const ipv4 = this.addresses.word(address, 3)
      // A link-local address beside the real one is every device's right (RFC 3927).
      if (ipv4 >>> 16 === 0xa9fe) continue
      if (subnet !== -1 && subnet !== ipv4 >>> 8) return true
      subnet = ipv4 >>> 8
    }
    return false
  }

  private isUnprovenHolder(mac: number, address: number): boolean {
    const binding = this.bindingOfAddress[address]
    return this.macOfBinding(binding) === mac && this.proven[binding] === 0
  }

  /** Whether the MAC sent from a global IPv6 address of a /64 other than this address's. */
  private sendsFromAnotherPrefix(mac: number, address: number): boolean {
    for (let index = mac * SAMPLES; index < (mac + 1) * SAMPLES; index++) {
      const other = this.homeSamples[index]
      if (other === 0) return false
      if (this.addresses.isIpv4(other) || this.addresses.scope(other) !== Scope.Internet) continue
      const isSamePrefix =
        this.addresses.word(other, 0) === this.addresses.word(address, 0) &&
        this.addresses.word(other, 1) === this.addresses.word(address, 1)
      if (!isSamePrefix) return true
    }
    return false
  }
}
