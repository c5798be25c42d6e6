// Addresses at home, and addresses on the internet.
import { i32 } from '../../capture/frame.ts'
import { type Prefix, prefixContains } from '../../capture/ip-address.ts'
import { LIMITS, type LimitCounter } from './limits.ts'

/** Where an address lives. */
export const Scope = {
  Internet: 0,
  /** A unicast address of the home: a device may hold it. */
  Home: 1,
  /** Multicast and broadcast: no device in particular. */
  Group: 2,
  /** Unspecified and loopback: this very machine, whichever it is. */
  Self: 3,
} as const

const MAPPED_WORD = 0xffff
/** The length that a prefix has which a host takes addresses from (RFC 4862, RFC 4291 section 2.5.1). */
const SUBNET_BITS = 64

/**
 * RFC 1918, 100.64/10 (RFC 6598), ULA (RFC 4193) and the home's own delegated IPv6 prefixes, which routers and
 * neighbours announce; or what the owner named, which replaces both. Link-local, multicast and broadcast always count
 * as local. All else leaves by the router, and counts as the internet even where it has no place there
 * (capture/special-addresses.ts has the table, and a test that these ranges are its).
 */
export class HomeNetwork {
  private readonly named: Prefix[] | null
  private readonly learned: Prefix[] = []
  private readonly limits: LimitCounter

  constructor(named: Prefix[] | null, limits: LimitCounter) {
    this.named = named
    this.limits = limits
  }

  scopeOfIpv4(address: number): number {
    const first = address >>> 24
    if (first === 127 || first === 0) return Scope.Self
    if (first >= 224) return first < 240 || address === -1 ? Scope.Group : Scope.Internet
    if (address >>> 16 === 0xa9fe) return Scope.Home
    if (this.named !== null) return this.isNamed(0, 0, MAPPED_WORD, address) ? Scope.Home : Scope.Internet
    const isPrivate =
      first === 10 || address >>> 20 === 0xac1 || address >>> 16 === 0xc0a8 || address >>> 22 === 0x64400000 >>> 22
    return isPrivate ? Scope.Home : Scope.Internet
  }

  scopeOfIpv6(w0: number, w1: number, w2: number, w3: number): number {
    const first = w0 >>> 16
    if (first >= 0xff00) return Scope.Group
    if ((first & 0xffc0) === 0xfe80) return Scope.Home
    if (w0 === 0 && w1 === 0 && w2 === 0 && (w3 === 0 || w3 === 1)) return Scope.Self
    if (w0 === 0 && w1 === 0 && w2 === MAPPED_WORD) return this.scopeOfIpv4(w3)
    if (this.named !== null) return this.isNamed(w0, w1, w2, w3) ? Scope.Home : Scope.Internet
    if ((first & 0xfe00) === 0xfc00) return Scope.Home
    return this.learned.some((prefix) => prefixContains(prefix, w0, w1, w2, w3)) ? Scope.Home : Scope.Internet
  }

  /**
   * A router advertised the prefix, or a neighbour sent from an address of it. True where that is new. Only global
   * unicast (2000::/3) is learned, and nothing where the owner named the home.
   */
  learn(bytes: Uint8Array, at: number, bits = SUBNET_BITS): boolean {
    const isGlobalUnicast = bytes[at] >> 5 === 1
    if (this.named !== null || !isGlobalUnicast) return false
    const words: Prefix['words'] = [i32(bytes, at), i32(bytes, at + 4), i32(bytes, at + 8), i32(bytes, at + 12)]
    if (this.learned.some((prefix) => prefixContains(prefix, ...words))) return false
    if (this.learned.length >= LIMITS.homePrefixes) {
      this.limits.add('homePrefixes')
      return false
    }
    this.learned.push({ words, bits: Math.max(bits, 32) })
    return true
  }

  private isNamed(w0: number, w1: number, w2: number, w3: number): boolean {
    return (this.named as Prefix[]).some((prefix) => prefixContains(prefix, w0, w1, w2, w3))
  }
}
