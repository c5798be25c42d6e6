// IPv6 prefixes of the home as flow records show them: of a home nothing is announced there.
import { BoundedMap } from '../../capture/bounded-map.ts'
import type { AddressWords } from '../../capture/ip-address.ts'

/** Prefixes that are looked at, and networks that one must have talked to. */
const MAX_PREFIXES = 4_096
const NETWORKS = 4
/** 2001::/32, of whose addresses the first 64 bits are those of all that use one server (Teredo, RFC 4380). */
const TEREDO = 0x2001_0000

/**
 * Between two global addresses nothing says who is at home. But whoever exports a home's flows sees each of them with
 * one end in the home: its /64 talks to unrelated networks, while a server's talks to that home alone.
 */
export class FlowPrefixes {
  /** By the first 64 bits: the first 48 bits of those it talked to; null once it is known. */
  private readonly peers = new BoundedMap<string, Set<number> | null>('IPv6 prefixes in flow records', MAX_PREFIXES)

  /** A flow between two addresses. Returns those of which the prefix has now talked to enough networks. */
  note(one: AddressWords, other: AddressWords): AddressWords[] {
    if (!isGlobal(one) || !isGlobal(other) || networkOf(one) === networkOf(other)) return []
    return [this.noteEnd(one, other), this.noteEnd(other, one)].filter((words) => words !== null)
  }

  private noteEnd(end: AddressWords, peer: AddressWords): AddressWords | null {
    const key = `${end[0]} ${end[1]}`
    const known = this.peers.get(key)
    if (known === null || end[0] === TEREDO) return null
    const networks = known ?? new Set<number>()
    networks.add(networkOf(peer))
    const isEnough = networks.size >= NETWORKS
    this.peers.set(key, isEnough ? null : networks)
    return isEnough ? end : null
  }
}

/** The first 48 bits, which one customer or one company has at least (RFC 6177). */
function networkOf([first, second]: AddressWords): number {
  return (first >>> 0) * 65_536 + (second >>> 16)
}

/** Of 2000::/3 (RFC 4291 section 2.4). */
function isGlobal([first]: AddressWords): boolean {
  return first >>> 29 === 1
}
