// Conflicting claims: addresses that two MACs use, and what was said in another device's name.
import type { PacketCore } from '../../capture/packet-core.ts'
import type { PacketClock } from './clock.ts'
import { LIMITS, type LimitCounter } from './limits.ts'

/** Numbers of CONFLICT_WORDS. A conflict of an address is the gravest of the first three that was seen. */
export const ConflictKind = {
  /** The address went to another MAC. */
  ChangedAddress: 0,
  /** It went back to a MAC that had it before. */
  ReusedAddress: 1,
  /** Two MACs use it at the same time. */
  FlipFlop: 2,
  /** A DNS answer came to a device that had not asked. */
  UnaskedAnswer: 3,
  /** DHCP in the name of another MAC. */
  ForeignDhcp: 4,
  /** A host name announced for an address that another device holds. */
  ForeignName: 5,
} as const

/** A holder that shows itself again so soon never gave the address away: both use it. One asleep is away longer. */
const SIMULTANEOUS_SECONDS = 60
/** An address of a device that has been away so long is free for the next one. */
const FREE_SECONDS = 3_600

export interface Conflict {
  kind: number
  /** Number of the address that it is about, 0 for none. */
  address: number
  /** The MAC in whose name it was, and the one that did it; 0 where none is known. */
  holder: number
  other: number
  /** What was claimed: a host name. */
  name: string | null
  first: number
  last: number
  times: number
  /** Worth an alert, unless it turns out to be expected. */
  isTold: boolean
}

/** What is known of one report beside its parties. */
export interface Report {
  name?: string | null
  isTold?: boolean
}

/** How an address was used before it changed: since when the former MAC did, and when it was last seen there. */
interface Use {
  /** DHCP gave the address to the new one. */
  isLeased: boolean
  since: number
  lastUse: number
}

/** Keeps each conflict once, with how often it was seen. Which of them are expected is for the reader to say. */
export class Conflicts {
  /** By number. */
  readonly all: Conflict[] = []
  /** By `keyOf` what it was reported as first. */
  private readonly known = new Map<string, Conflict>()
  private readonly fresh = new Set<Conflict>()
  private readonly limits: LimitCounter
  private readonly clock: PacketClock
  private readonly byMac = new Map<number, Conflict[]>()

  constructor(core: PacketCore, limits: LimitCounter, clock: PacketClock) {
    this.limits = limits
    this.clock = clock
    core.host.addressChanged = (address, before, mac, isLeased, since, lastUse) =>
      this.changed(address, before, mac, { isLeased: isLeased !== 0, since, lastUse })
  }

  report(kind: number, address: number, holder: number, other: number, { name = null, isTold = true }: Report): void {
    const known = this.known.get(keyOf(kind, address, holder, other))
    if (known !== undefined) return this.repeat(known, kind, isTold)
    this.add(kind, address, holder, other, name, isTold)
  }

  /** Those that were seen since the last call. */
  drain(): Conflict[] {
    if (this.fresh.size === 0) return []
    const drained = [...this.fresh]
    this.fresh.clear()
    return drained
  }

  /** Those that the MAC has a part in. */
  of(mac: number): readonly Conflict[] {
    return this.byMac.get(mac) ?? []
  }

  /** A number that changes with them. */
  countOf(mac: number): number {
    const conflicts = this.byMac.get(mac)
    return conflicts === undefined ? 0 : conflicts.reduce((sum, { kind }) => sum + kind + 1, 0)
  }

  /** Another MAC shows itself at the address than `before` it, by sending from it or by claiming it. */
  private changed(address: number, before: number, mac: number, { isLeased, since, lastUse }: Use): void {
    const now = this.clock.now
    const asOther = this.known.get(keyOf(ConflictKind.ChangedAddress, address, before, mac))
    const known = asOther ?? this.known.get(keyOf(ConflictKind.ChangedAddress, address, mac, before))
    if (known === undefined) {
      if (isLeased) return
      const isFree = now - lastUse > FREE_SECONDS
      return this.add(ConflictKind.ChangedAddress, address, before, mac, null, !isFree)
    }
    const isSimultaneous = asOther === undefined && now - since <= SIMULTANEOUS_SECONDS
    if (isLeased && !isSimultaneous) return
    this.repeat(known, isSimultaneous ? ConflictKind.FlipFlop : ConflictKind.ReusedAddress, true)
  }

  private repeat(conflict: Conflict, kind: number, isTold: boolean): void {
    if (conflict.kind < kind) conflict.kind = kind
    conflict.isTold ||= isTold
    conflict.last = Math.max(conflict.last, this.clock.now)
    conflict.times++
    this.fresh.add(conflict)
  }

  private add(
    kind: number,
    address: number,
    holder: number,
    other: number,
    name: string | null,
    isTold: boolean,
  ): void {
    if (this.all.length >= LIMITS.conflicts) return this.limits.add('conflicts')
    const now = this.clock.now
    const conflict = { kind, address, holder, other, name, first: now, last: now, times: 1, isTold }
    this.all.push(conflict)
    this.known.set(keyOf(kind, address, holder, other), conflict)
    this.fresh.add(conflict)
    for (const mac of new Set([holder, other])) {
      if (mac === 0) continue
      const known = this.byMac.get(mac)
      if (known === undefined) this.byMac.set(mac, [conflict])
      else known.push(conflict)
    }
  }
}

function keyOf(kind: number, address: number, holder: number, other: number): string {
  return `${kind} ${address} ${holder} ${other}`
}
