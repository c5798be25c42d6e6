// The core's addresses, home and ownership against the TypeScript implementation, operation by operation.
import { expect, test } from 'vitest'
import type { CoreExports } from '../../../capture/core-exports.ts'
import { type AddressWords, parseAddress, type Prefix, prefixOf } from '../../../capture/ip-address.ts'
import {
  REACHED_ADDRESSES,
  REACHED_BINDINGS,
  REACHED_HOME_PREFIXES,
  REACHED_MACS,
} from '../../../capture/core/limits.ts'
import { AddressTable } from '../../../server/engine/addresses.ts'
import { ClockField, newClock } from '../../../server/engine/clock.ts'
import { Conflicts } from '../../../server/engine/conflicts.ts'
import { HomeNetwork } from '../../../server/engine/home-network.ts'
import { type Limit, LimitCounter, LIMITS } from '../../../server/engine/limits.ts'
import { Ownership } from '../../../server/engine/ownership.ts'
import { newCore, place } from '../../support/core.ts'

type Call = (string | number | boolean)[]
type Random = (below: number) => number

function randomOf(seed: number): Random {
  let state = seed | 0
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Whether the `count`-th MAC that is asked about may have a place. */
function mayClaimThe(count: number): boolean {
  return Math.imul(count + 1, 0x9e3779b1) >>> 29 !== 0
}

/** Both implementations, with what each asked of its surroundings. */
class Pair {
  readonly limits = new LimitCounter()
  readonly clock = newClock()
  readonly home: HomeNetwork
  readonly addresses: AddressTable
  readonly old: Ownership
  readonly core: CoreExports
  readonly oldCalls: Call[] = []
  readonly coreCalls: Call[] = []
  private readonly at: number
  private readonly packetCore = newCore()

  constructor(named: Prefix[] | null, asks: boolean) {
    const { limits, clock, oldCalls, coreCalls, packetCore } = this
    this.home = new HomeNetwork(named, limits)
    this.addresses = new AddressTable(this.home, limits)
    const conflicts = new Conflicts(limits, clock)
    const inner = conflicts as unknown as {
      changed: (address: number, before: number, mac: number, isLeased: boolean) => void
      since: Float64Array
      lastUse: Float64Array
    }
    inner.changed = (address, before, mac, isLeased) => {
      oldCalls.push(['changed', address, before, mac, isLeased, inner.since[address], inner.lastUse[address]])
    }
    this.old = new Ownership(this.addresses, limits, conflicts)
    this.core = packetCore.exports
    const { host } = packetCore
    host.addressChanged = (address, before, mac, isLeased, since, lastUse) => {
      coreCalls.push(['changed', address, before, mac, isLeased !== 0, since, lastUse])
    }
    const asked = { old: 0, core: 0 }
    this.old.mayClaim = (high, low) => {
      oldCalls.push(['mayClaim', high, low])
      return !asks || mayClaimThe(asked.old++)
    }
    host.mayClaim = (high, low) => {
      coreCalls.push(['mayClaim', high, low])
      return !asks || mayClaimThe(asked.core++) ? 1 : 0
    }
    if (named !== null) {
      this.core.beginNamedHome()
      for (const { words, bits } of named) this.core.nameHome(...words, bits)
    }
    this.at = place(packetCore, new Uint8Array(16))
  }

  setNow(time: number): void {
    this.clock[ClockField.Now] = time
    this.core.setNow(time)
  }

  learn([w0, w1, w2, w3]: AddressWords, bits: number): [boolean, boolean] {
    const bytes = new Uint8Array(16)
    const view = new DataView(bytes.buffer)
    for (const [index, word] of [w0, w1, w2, w3].entries()) view.setInt32(4 * index, word)
    this.packetCore.bytes.set(bytes, this.at)
    return [this.home.learn(bytes, 0, bits), this.core.learnPrefix(this.at, bits) !== 0]
  }

  rescope(): void {
    this.addresses.rescope((address) => this.old.becameHome(address))
    this.core.rescopeAddresses()
  }

  /** Cleared, so that lists stay short. */
  expectSameCalls(what: () => string): void {
    if (this.oldCalls.length > 0 || this.coreCalls.length > 0) expect(this.coreCalls, what()).toEqual(this.oldCalls)
    this.oldCalls.length = this.coreCalls.length = 0
  }

  expectSameLimits(): void {
    const places: [Limit, number][] = [
      ['addresses', REACHED_ADDRESSES],
      ['macs', REACHED_MACS],
      ['bindings', REACHED_BINDINGS],
      ['homePrefixes', REACHED_HOME_PREFIXES],
    ]
    for (const [limit, reached] of places)
      expect([limit, this.core.timesReached(reached)]).toEqual([limit, this.limits.reached.get(limit) ?? 0])
  }
}

function same(one: unknown, other: unknown, what: () => string): void {
  if (!Object.is(one, other)) expect(other, what()).toBe(one)
}

function expectSameAddress({ old, addresses, core }: Pair, address: number, what: () => string): void {
  const more = (): string => `${what()}: address ${address}`
  same(addresses.scope(address), core.scopeOf(address), more)
  same(addresses.isIpv4(address), core.isIpv4(address) !== 0, more)
  for (const word of [0, 1, 2, 3] as const) same(addresses.word(address, word), core.addressWord(address, word), more)
  same(old.isHeld(address), core.isHeld(address) !== 0, more)
  same(old.isContested(address), core.isContested(address) !== 0, more)
}

function expectSameBinding({ old, core }: Pair, binding: number, what: () => string): void {
  const more = (): string => `${what()}: binding ${binding}`
  same(old.addressOf(binding), core.addressOfBinding(binding), more)
  same(old.macOfBinding(binding), core.macOfBinding(binding), more)
  same(old.isProven(binding), core.isProven(binding) !== 0, more)
  same(old.isOwn(binding), core.isOwnBinding(binding) !== 0, more)
  same(old.deviceKey(binding) + 0, core.deviceKey(binding), more)
}

function expectSameMac({ old, core }: Pair, mac: number, what: () => string): void {
  const more = (): string => `${what()}: mac ${mac}`
  same(old.macNumber(mac, 0), core.macNumber(mac, 0), more)
  same(old.macNumber(mac, 1), core.macNumber(mac, 1), more)
  same(old.isRouter(mac), core.isRouter(mac) !== 0, more)
  same(old.behaviour.isSeen(mac), core.isSeen(mac) !== 0, more)
  same(old.behaviour.isCarrier(mac), core.isCarrier(mac) !== 0, more)
  same(old.behaviour.isSuspect(mac), core.isSuspect(mac) !== 0, more)
  same(old.sampledAddresses(mac), core.sampledAddresses(mac), more)
}

function expectSameBindingsOf({ old, core }: Pair, mac: number): void {
  const found: number[] = []
  for (let binding = core.nextBindingOf(mac, 0); binding >= 0; binding = core.nextBindingOf(mac, binding))
    found.push(binding)
  expect(found).toEqual(old.bindingsOf(mac))
}

function expectSame(pair: Pair, what: () => string): void {
  const { old, addresses, core } = pair
  same(addresses.used, core.addressesUsed(), what)
  same(old.bindingsUsed, core.bindingsUsed(), what)
  same(old.epoch, core.ownershipEpoch.value, what)
  same(old.hasOneMac, core.hasOneMac() !== 0, what)
  pair.expectSameCalls(what)
}

/** What operations are about. */
interface World {
  random: Random
  macs: [high: number, low: number][]
  words: AddressWords[]
}

const SCOPE_OPERATIONS = 5
const OPERATIONS = 31

function applyToAddresses(pair: Pair, { random, words }: World, operation: number, what: () => string): void {
  const { addresses, core, home } = pair
  const [w0, w1, w2, w3] = words[random(words.length)]
  if (operation === 0) same(home.scopeOfIpv6(w0, w1, w2, w3), core.scopeOfIpv6(w0, w1, w2, w3), what)
  else if (operation === 1) {
    same(home.scopeOfIpv4(w3), core.scopeOfIpv4(w3), what)
    same(addresses.otherIpv4(w3), core.otherIpv4(w3), what)
    same(addresses.findIpv4(w3), core.findIpv4(w3), what)
    if (random(16) === 0) same(addresses.ofIpv4(w3), core.addressOfIpv4(w3), what)
  } else if (operation === 2 && random(8) === 0) {
    const [one, other] = pair.learn([w0, w1, w2, w3], [0, 16, 32, 48, 56, 63, 64, 65, 96, 128, 255][random(11)])
    same(one, other, what)
    if (one || random(4) === 0) {
      pair.rescope()
      pair.old.epoch++
      core.raiseEpoch()
    }
  } else if (operation === 3 && random(16) === 0) {
    const address = random(addresses.used)
    addresses.makeGroup(address)
    core.makeGroup(address)
  } else if (operation === 4) {
    const address = random(addresses.used)
    same(addresses.isSameSubnet(address, address >> 1), core.isSameSubnet(address, address >> 1) !== 0, what)
    if (random(4) > 0) return
    addresses.unmakeGroup(address)
    core.unmakeGroup(address)
  }
}

function applyToOwnership(pair: Pair, { random, macs, words }: World, operation: number, what: () => string): void {
  const { addresses, old, core } = pair
  const place = words[random(words.length)]
  const known = addresses.ofWords(...place)
  same(known, core.addressOfWords(...place), what)
  const address = random(64) === 0 ? random(4) : known
  const [high, low] = macs[random(macs.length)]
  const mac =
    operation % 2 === 0 ? random(Math.min(macs.length + 1, pair.old.findMac(high, low) + 2)) : old.macOf(high, low)
  if (operation % 2 !== 0) same(mac, core.macOf(high, low), what)
  const hopLimit = [1, 63, 64, 127, 128, 255, 0][random(7)]
  const binding = random(old.bindingsUsed)
  switch (operation) {
    case 5:
    case 6:
    case 7:
    case 8:
      old.sawSender(address, high, low)
      return core.sawSender(address, high, low)
    case 9:
    case 10:
      old.sawInternetSender(address, high, low, hopLimit)
      return core.sawInternetSender(address, high, low, hopLimit)
    case 11:
    case 12:
      old.claim(address, high, low, mac)
      return core.claimAddress(address, high, low, mac)
    case 13: {
      const from = old.macOf(high, low)
      same(from, core.macOf(high, low), what)
      old.claim(address, high, low, from)
      return core.claimAddress(address, high, low, from)
    }
    case 14:
      old.lease(address, high, low)
      return core.leaseAddress(address, high, low)
    case 15:
      old.requested(address, mac)
      return core.requestedAddress(address, mac)
    case 16:
      old.becameHome(address)
      return core.becameHome(address)
    case 17:
    case 18:
      return same(old.bindingOn(address), core.bindingOn(address), what)
    case 19:
      old.behaviour.saw(mac)
      return core.sawMac(mac)
    case 20:
      if (random(16) > 0) return
      old.behaviour.carries(mac)
      return core.carries(mac)
    case 21:
      if (random(32) > 0) return
      old.behaviour.suspect(mac)
      return core.suspectMac(mac)
    case 22: {
      const id = random(4) === 0 ? addresses.used + random(3_000) : address
      same(old.isUsualSender(id, high, low), core.isUsualSender(id, high, low) !== 0, what)
      same(old.isUsualSender(id, 0, 0), core.isUsualSender(id, 0, 0) !== 0, what)
      same(old.isHeld(id), core.isHeld(id) !== 0, what)
      return same(old.isContested(id), core.isContested(id) !== 0, what)
    }
    case 23:
      return same(old.claims(address, mac), core.claimsAddress(address, mac) !== 0, what)
    case 24:
      return same(old.uses(address, mac), core.usesAddress(address, mac) !== 0, what)
    case 25:
      return same(old.bindingByMac(address, high, low, binding), core.bindingByMac(address, high, low, binding), what)
    case 26:
      return same(old.sentOnlyFrom(mac, address), core.sentOnlyFrom(mac, address) !== 0, what)
    case 27:
      same(old.holdsAnother(mac, address, true), core.holdsAnother(mac, address, 1) !== 0, what)
      return same(old.holdsAnother(mac, address, false), core.holdsAnother(mac, address, 0) !== 0, what)
    case 28:
      return expectSameBinding(pair, binding, what)
    case 29:
      return expectSameMac(pair, mac, what)
    default:
      same(old.findMac(high, low), core.findMac(high, low), what)
      if (random(4) === 0) same(old.addMac(high, low), core.addMac(high, low), what)
  }
}

interface Session {
  seed: number
  operations: number
  world: World
  named: Prefix[] | null
  asks: boolean
  /** Operations between two comparisons of all that is in the tables. */
  every: number
}

function run({ seed, operations, world, named, asks, every }: Session): Pair {
  const pair = new Pair(named, asks)
  const { random } = world
  let time = 1_700_000_000
  if (random(4) > 0) pair.setNow(time)
  for (let step = 0; step < operations; step++) {
    const operation = random(OPERATIONS)
    const what = (): string => `seed ${seed}, step ${step}, operation ${operation}`
    if (random(3) === 0) pair.setNow((time += [0.001, 0.5, 1, 30, 61, 4_000, -2, -7_000][random(8)]))
    if (operation < SCOPE_OPERATIONS) applyToAddresses(pair, world, operation, what)
    else applyToOwnership(pair, world, operation, what)
    expectSame(pair, what)
    if ((step + 1) % every === 0 || step + 1 === operations) expectSameTables(pair, what)
  }
  pair.expectSameLimits()
  return pair
}

function expectSameTables(pair: Pair, what: () => string): void {
  for (let address = 0; address < pair.addresses.used; address++) expectSameAddress(pair, address, what)
  for (let binding = 0; binding < pair.old.bindingsUsed; binding++) expectSameBinding(pair, binding, what)
  for (let mac = 0; mac < 16; mac++) if (pair.old.macNumber(mac, 0) !== undefined) expectSameBindingsOf(pair, mac)
}

const TEXTS = [
  ...Array.from({ length: 6 }, (_, index) => `192.168.${index >> 1}.${10 + index}`),
  ...['10.0.0.1', '10.0.0.2', '10.0.1.3', '169.254.1.1', '169.254.2.2', '0.0.0.0', '127.0.0.1', '255.255.255.255'],
  ...['198.51.100.7', '198.51.100.8', '203.0.113.9', '224.0.0.251', '100.64.0.3', '172.16.5.4', '0.0.0.9'],
  ...['fe80::1', 'fe80::2', 'fd00::1', 'fd00:0:0:1::1', 'ff02::1', '::', '::1', '::ffff:ffff', '::ffff:fffe'],
  ...Array.from({ length: 24 }, (_, index) => `2001:db8:0:${index >> 1}::${1 + index}`),
  ...['2001:db8:1::1', '2001:db8:2::1', '2a00:1::1', '2a00:1:0:1::1'],
]
const NAMED = [
  [],
  [prefixOf('192.168.0.0/16'), prefixOf('2001:db8::/48')],
  [prefixOf('198.51.100.0/24')],
  [prefixOf('0.0.0.0/0'), prefixOf('2001:db8:0:1::/64'), prefixOf('2a00:1::1')],
  Array.from({ length: 40 }, (_, index) => prefixOf(`10.0.${index}.${index}/${24 + (index % 9)}`)),
]

function smallWorld(seed: number): World {
  const random = randomOf(seed)
  const words = TEXTS.map((text) => parseAddress(text) as AddressWords).filter(() => random(3) > 0)
  const macs = Array.from({ length: 2 + random(10) }, (_, index): [number, number] => [
    0x0200 + (index & 1),
    (-7 * index) | 0,
  ])
  return { random, words, macs: [...macs, [0, 0]] }
}

function largeWorld(seed: number, addresses: number, macs: number): World {
  const random = randomOf(seed)
  const wordsOf = (index: number): AddressWords => {
    if (index % 4 === 0) return [0x20010db8, index & 0xff, random(5) - 2, index]
    if (index % 4 === 1) return [0xfe80_0000 | 0, 0, 0, index]
    return [0, 0, 0xffff, (index % 4 === 2 ? 0x0a000000 : 0x08000000) + index]
  }
  return {
    random,
    words: Array.from({ length: addresses }, (_, index) => wordsOf(index)),
    macs: Array.from({ length: macs }, (_, index): [number, number] => [index & 0xffff, Math.imul(index, 0x10001)]),
  }
}

test('random operations over a small home', () => {
  for (let seed = 1; seed <= 250; seed++) {
    const named = seed % 3 === 0 ? NAMED[(seed / 3) % NAMED.length] : null
    run({ seed, operations: 2_000, world: smallWorld(seed), named, asks: seed % 2 === 0, every: 100 })
  }
}, 600_000)

test('random operations over thousands of addresses, whose columns grow', () => {
  for (let seed = 1; seed <= 12; seed++)
    run({ seed, operations: 8_000, world: largeWorld(seed, 6_000, 3_000), named: null, asks: true, every: 4_000 })
}, 600_000)

test('a flood to the caps of addresses, MACs and bindings', () => {
  const world = largeWorld(7, LIMITS.addresses + 20_000, LIMITS.macs + 10_000)
  const pair = new Pair(null, false)
  const what = (): string => 'flood'
  for (const [index, words] of world.words.entries()) {
    const [high, low] = world.macs[index % world.macs.length]
    const address = pair.addresses.ofWords(...words)
    same(address, pair.core.addressOfWords(...words), what)
    pair.setNow(index)
    if (pair.addresses.scope(address) === 0) {
      pair.old.sawInternetSender(address, high, low, 64)
      pair.core.sawInternetSender(address, high, low, 64)
    } else {
      pair.old.sawSender(address, high, low)
      pair.core.sawSender(address, high, low)
      const other = world.macs[(index * 7) % world.macs.length]
      pair.old.claim(address, ...other, pair.old.findMac(...other))
      pair.core.claimAddress(address, ...other, pair.core.findMac(...other))
    }
    expectSame(pair, what)
  }
  for (let step = 0; step < 100_000; step++) {
    const operation = world.random(OPERATIONS - 3)
    if (operation < 2) applyToAddresses(pair, world, operation, what)
    else if (operation >= SCOPE_OPERATIONS && operation !== 27) applyToOwnership(pair, world, operation, what)
    expectSame(pair, what)
  }
  expectSameTables(pair, what)
  pair.expectSameLimits()
  expect(['addresses', 'macs', 'bindings'].filter((limit) => !pair.limits.reached.has(limit as Limit))).toEqual([])
}, 600_000)
