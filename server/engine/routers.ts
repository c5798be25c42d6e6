// Routers among the MACs: they pass on other devices' packets.
import type { AddressTable } from './addresses.ts'
import { Scope } from './home-network.ts'
import { grown } from './key-table.ts'

/** Senders remembered of one MAC, enough to recognise a router. */
const SAMPLES = 8

/** Remembers some addresses that each MAC sent from, and says which MACs are routers. */
export class Routers {
  private readonly addresses: AddressTable
  private readonly isUnprovenHolder: (mac: number, address: number) => boolean
  /** Per MAC: whether it is a router, as found out when the epoch was this. */
  private routers = new Uint8Array(1024)
  private routerEpoch = new Int32Array(1024)
  /** Per MAC: internet addresses and unproven home addresses it was seen sending from. */
  private internetSamples = new Int32Array(1024 * SAMPLES)
  private homeSamples = new Int32Array(1024 * SAMPLES)

  constructor(addresses: AddressTable, isUnprovenHolder: (mac: number, address: number) => boolean) {
    this.addresses = addresses
    this.isUnprovenHolder = isUnprovenHolder
  }

  /** `epoch` changes whenever the answer may. */
  isRouter(mac: number, epoch: number): boolean {
    if (this.routerEpoch[mac] !== epoch) {
      this.routerEpoch[mac] = epoch
      this.routers[mac] = this.looksLikeRouter(mac) ? 1 : 0
    }
    return this.routers[mac] === 1
  }

  /** True where that is new. */
  addHomeSample(mac: number, address: number): boolean {
    return addSample(this.homeSamples, mac, address)
  }

  addInternetSample(mac: number, address: number): boolean {
    return addSample(this.internetSamples, mac, address)
  }

  /** Whether the address is the only one on the internet that the MAC was seen sending from. */
  internetSamplesAre(mac: number, address: number): boolean {
    return this.internetSamples[mac * SAMPLES] === address && this.internetSamples[mac * SAMPLES + 1] === 0
  }

  homeSamplesOf(mac: number): number {
    let count = 0
    for (let index = mac * SAMPLES; index < (mac + 1) * SAMPLES; index++) {
      const address = this.homeSamples[index]
      if (address !== 0 && this.addresses.isIpv4(address)) count++
    }
    return count
  }

  /** Whether the MAC sent from a global IPv6 address of a /64 other than this address's. */
  sendsFromAnotherPrefix(mac: number, address: number): boolean {
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

  makeRoom(mac: number): void {
    this.routers = grown(this.routers, mac + 1)
    this.routerEpoch = grown(this.routerEpoch, mac + 1)
    this.internetSamples = grown(this.internetSamples, (mac + 1) * SAMPLES)
    this.homeSamples = grown(this.homeSamples, (mac + 1) * SAMPLES)
  }

  private looksLikeRouter(mac: number): boolean {
    for (let index = mac * SAMPLES; index < (mac + 1) * SAMPLES; index++) {
      const address = this.internetSamples[index]
      if (address !== 0 && this.addresses.scope(address) === Scope.Internet) return true
    }
    return this.sendsFromSeveralSubnets(mac)
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
}

function addSample(samples: Int32Array, mac: number, address: number): boolean {
  for (let index = mac * SAMPLES; index < (mac + 1) * SAMPLES; index++) {
    if (samples[index] === address) return false
    if (samples[index] === 0) {
      samples[index] = address
      return true
    }
  }
  return false
}
