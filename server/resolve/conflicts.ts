// Conflicts that are no ordinary thing of a home, by the texts of their parties, and what is doubtful about a device.
import { type Conflict, ConflictKind } from '../engine/conflicts.ts'
import type { Engine } from '../engine/engine.ts'
import { Scope } from '../engine/home-network.ts'
import { NO_MAC, type Ownership } from '../engine/ownership.ts'
import { CONFLICT_WORDS, type ConflictFacts } from '../model/conflict.ts'
import { compare, isoTime } from '../model/stable-text.ts'
import { doubtSentence } from './doubt-sentence.ts'

/** Doubts listed of one device. */
const MAX_DOUBTS = 12
/** IPv4 addresses that a MAC sends from: so many are those of a repeater's clients. */
const REPEATED_ADDRESSES = 3
/** MACs of one machine differ by less in their last three bytes. */
const SIBLING_DISTANCE = 32
/** Of DNS-SD: it answers for the addresses of computers that sleep. */
const SLEEP_PROXY = '_sleep-proxy._udp'
const LOCALLY_ADMINISTERED = 0x0200

/** Conflicts of the whole home that are not expected, in the order of time. */
export function listConflicts(engine: Engine): ConflictFacts[] {
  return engine.conflicts.all
    .filter((conflict) => !isExpected(engine, conflict))
    .sort((one, other) => one.first - other.first || one.kind - other.kind || one.address - other.address)
    .map((conflict) => factsOf(engine, conflict))
}

/** Conflicts seen since the last call that are worth an alert. */
export function drainConflicts(engine: Engine): { conflict: Conflict; facts: ConflictFacts }[] {
  return engine.conflicts
    .drain()
    .filter((conflict) => conflict.isTold && !isExpected(engine, conflict))
    .map((conflict) => ({ conflict, facts: factsOf(engine, conflict) }))
}

/** What is doubtful about the device with this MAC. Names of hosts only where they are kept of it. */
export function doubtsOf(engine: Engine, mac: number, keepsNames: boolean): string[] {
  const self = engine.ownership.macText(mac)
  const doubts = engine.conflicts
    .of(mac)
    .filter((conflict) => !isExpected(engine, conflict))
    .map((conflict) => factsOf(engine, conflict))
    .map((facts) => doubtSentence(keepsNames ? facts : { ...facts, name: null }, self))
  return [...new Set(doubts)].sort(compare).slice(0, MAX_DOUBTS)
}

/**
 * Whether the binding's MAC uses the address of a device that is there itself: what it announces from that address says
 * nothing, of neither of them.
 */
export function isDisputed(engine: Engine, binding: number): boolean {
  const address = engine.ownership.addressOf(binding)
  if (!engine.ownership.isContested(address)) return false
  const mac = engine.ownership.macOfBinding(binding)
  return engine.conflicts
    .of(mac)
    .some(
      (conflict) =>
        conflict.kind === ConflictKind.FlipFlop &&
        conflict.address === address &&
        conflict.other === mac &&
        !isExpected(engine, conflict),
    )
}

/** The device in whose name it was: its MAC, or its address where no MAC is known. */
function victimOf(engine: Engine, { holder, address }: Conflict): string {
  return holder === NO_MAC ? engine.addresses.text(address) : engine.ownership.macText(holder)
}

function factsOf(engine: Engine, conflict: Conflict): ConflictFacts {
  const { kind, address, other, name, first, last, times } = conflict
  return {
    kind: CONFLICT_WORDS[kind],
    address: address === 0 ? null : engine.addresses.text(address),
    device: victimOf(engine, conflict),
    other: other === NO_MAC ? null : engine.ownership.macText(other),
    name,
    first: isoTime(first),
    last: isoTime(last),
    times,
  }
}

/** What happens in every home: routers and repeaters, addresses that two routers share, computers that sleep. */
function isExpected(engine: Engine, conflict: Conflict): boolean {
  const { ownership } = engine
  const { kind, holder, other, address } = conflict
  if (kind === ConflictKind.UnaskedAnswer) return false
  if (isVirtual(ownership, holder) || isVirtual(ownership, other)) return true
  if (ownership.behaviour.isCarrier(other) || announcesSleepProxy(engine, conflict)) return true
  if (kind === ConflictKind.ForeignDhcp) return ownership.isRouter(other)
  if (kind === ConflictKind.ForeignName) return ownership.isRouter(other) || isAnnouncedByHolder(engine, conflict)
  // A repeater of which no DHCP was seen, or a router whose other side was not.
  if (ownership.behaviour.isCarrier(holder) || ownership.sampledAddresses(holder) >= REPEATED_ADDRESSES) return true
  if (ownership.isRouter(holder) && !ownership.claims(address, holder)) return true
  if (isOneRouter(ownership, conflict)) return true
  if (kind !== ConflictKind.FlipFlop && ownership.sampledAddresses(other) >= REPEATED_ADDRESSES) return true
  // Proxy ARP: a router answers for those behind it.
  return ownership.isRouter(other) && !ownership.behaviour.isSuspect(other) && !ownership.isRouter(holder)
}

/** VRRP (RFC 9568), HSRP and GLBP: several routers share an address and a MAC that none of them owns. */
function isVirtual(ownership: Ownership, mac: number): boolean {
  const [high, low] = [ownership.macNumber(mac, 0), ownership.macNumber(mac, 1)]
  const third = low >>> 24
  const fourth = (low >>> 16) & 255
  if (high === 0x0000 && third === 0x5e) return fourth === 0 && (((low >>> 8) & 255) === 1 || ((low >>> 8) & 255) === 2)
  if (high === 0x0000 && third === 0x0c) return (fourth === 0x07 && ((low >>> 8) & 255) === 0xac) || fourth === 0x9f
  if (high === 0x0005 && third === 0x73) return fourth === 0xa0
  return high === 0x0007 && third === 0xb4 && fourth === 0
}

/** One router with several MACs, or several routers that carry the home's traffic and share an address. */
function isOneRouter(ownership: Ownership, { holder, other, address }: Conflict): boolean {
  const [one, two] = [ownership.isRouter(holder), ownership.isRouter(other)]
  if (!one && !two) return false
  return areSiblings(ownership, holder, other) || (one && two && !ownership.holdsAnother(other, address, true))
}

/** Chips of one machine have numbers of one maker in a row, or one of them with another first byte. */
function areSiblings(ownership: Ownership, one: number, other: number): boolean {
  const [high1, high2] = [ownership.macNumber(one, 0), ownership.macNumber(other, 0)]
  const [low1, low2] = [ownership.macNumber(one, 1), ownership.macNumber(other, 1)]
  if ((high1 & high2 & LOCALLY_ADMINISTERED) !== 0 || (high1 & 255) !== (high2 & 255)) return false
  const isOneMaker = high1 === high2 || ((high1 ^ high2) & LOCALLY_ADMINISTERED) !== 0
  return isOneMaker && low1 >>> 24 === low2 >>> 24 && Math.abs((low1 & 0xffffff) - (low2 & 0xffffff)) < SIBLING_DISTANCE
}

function announcesSleepProxy(engine: Engine, { kind, other }: Conflict): boolean {
  return kind !== ConflictKind.FlipFlop && evidenceOf(engine, other, 'mdnsServices').has(SLEEP_PROXY)
}

/** A machine with two chips announces one name for both; a reflector repeats what the holder says. */
function isAnnouncedByHolder(engine: Engine, { holder, name }: Conflict): boolean {
  return name !== null && evidenceOf(engine, holder, 'mdnsNames').has(name)
}

function evidenceOf(engine: Engine, mac: number, kind: 'mdnsServices' | 'mdnsNames'): Set<string> {
  const { ownership, addresses, evidence } = engine
  const found = new Set<string>()
  for (const binding of ownership.bindingsOf(mac)) {
    if (addresses.scope(ownership.addressOf(binding)) !== Scope.Home) continue
    for (const value of evidence.ofBinding(binding)?.[kind] ?? []) found.add(value)
  }
  return found
}
