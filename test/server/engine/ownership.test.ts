// Addresses, MACs and bindings in the packet core: their numbers, who holds what, and what happens at the caps.
import { describe, expect, test } from 'vitest'
import {
  MAX_ADDRESSES,
  MAX_BINDINGS,
  MAX_MACS,
  REACHED_ADDRESSES,
  REACHED_BINDINGS,
  REACHED_MACS,
} from '../../../capture/core/limits.ts'
import { type AddressWords, parseAddress, prefixOf } from '../../../capture/ip-address.ts'
import { parseMac } from '../../../capture/mac-address.ts'
import type { PacketCore } from '../../../capture/packet-core.ts'
import { AddressTable, OTHER_ADDRESS, OTHER_HOME } from '../../../server/engine/addresses.ts'
import { PacketClock } from '../../../server/engine/clock.ts'
import { ConflictKind, Conflicts } from '../../../server/engine/conflicts.ts'
import { HomeNetwork, Scope } from '../../../server/engine/home-network.ts'
import { LimitCounter } from '../../../server/engine/limits.ts'
import { NO_MAC, OTHER_BINDING, Ownership } from '../../../server/engine/ownership.ts'
import { ipBytes } from '../../../server/sample/packets/addresses.ts'
import { newCore } from '../../support/core.ts'

const CAMERA = '02:00:00:00:00:0a'
const PHONE = '02:00:00:00:00:0b'
const ROUTER = '02:00:00:00:00:01'

/** A core with views of its tables, which speaks in texts. */
class Lab {
  readonly core: PacketCore = newCore()
  readonly addresses = new AddressTable(this.core)
  readonly ownership = new Ownership(this.core)

  id(address: string): number {
    return this.addresses.ofWords(...(parseAddress(address) as AddressWords))
  }

  sends(mac: string, address: string): void {
    this.ownership.sawSender(this.id(address), ...numbersOf(mac))
  }

  /** ARP or NDP in a frame of the MAC itself, or of `from`. */
  claims(mac: string, address: string, from = mac): void {
    this.ownership.claim(this.id(address), ...numbersOf(mac), this.ownership.macOf(...numbersOf(from)))
  }

  holderOf(address: string): string {
    return this.ownership.macText(this.ownership.macOfBinding(this.ownership.bindingOn(this.id(address))))
  }

  mac(text: string): number {
    return this.ownership.macOf(...numbersOf(text))
  }
}

function numbersOf(text: string): [high: number, low: number] {
  const { high, low } = parseMac(text) as { high: number; low: number }
  return [high, low]
}

describe('addresses', () => {
  test('have numbers from 2, and the same one in each spelling and by whatever they are found', () => {
    const { addresses, ...lab } = new Lab()
    const ids = ['192.168.1.5', '8.8.8.8', 'fe80::1', '2001:db8::7'].map((text) =>
      addresses.ofWords(...(parseAddress(text) as AddressWords)),
    )
    expect([ids, addresses.used, lab.core.exports.addressesUsed()]).toEqual([[2, 3, 4, 5], 6, 6])
    expect(addresses.findIpv4(0xc0a80105 | 0)).toBe(2)
    expect(addresses.ofIpv6(ipBytes('2001:db8::7'), 0)).toBe(5)
    expect([addresses.findIpv6(ipBytes('fe80::1'), 0), addresses.findIpv6(ipBytes('fe80::2'), 0)]).toEqual([4, -1])
    expect(ids.map((id) => addresses.text(id))).toEqual(['192.168.1.5', '8.8.8.8', 'fe80::1', '2001:db8::7'])
    expect(ids.map((id) => [addresses.scope(id), addresses.isIpv4(id)])).toEqual([
      [Scope.Home, true],
      [Scope.Internet, true],
      [Scope.Home, false],
      [Scope.Internet, false],
    ])
  })

  test('are found again after the table has grown, with their scopes', () => {
    const { addresses } = new Lab()
    const count = 5_000
    const ids = Array.from({ length: count }, (_, index) => addresses.ofIpv4(0x0a000000 + index))
    expect(ids).toEqual(Array.from({ length: count }, (_, index) => index + 2))
    expect(ids.map((_, index) => addresses.findIpv4(0x0a000000 + index))).toEqual(ids)
    expect(new Set(ids.map((id) => addresses.scope(id)))).toEqual(new Set([Scope.Home]))
  })

  test('beyond the cap count together, those at home apart from those of the internet', () => {
    const { addresses, core } = new Lab()
    for (let index = 0; index < MAX_ADDRESSES - 2; index++) addresses.ofIpv4(0x0a000000 + index)
    expect([addresses.used, core.exports.timesReached(REACHED_ADDRESSES)]).toEqual([MAX_ADDRESSES, 0])
    expect([addresses.ofIpv4(0x08080808), addresses.ofIpv4(0xc0a80101 | 0)]).toEqual([OTHER_ADDRESS, OTHER_HOME])
    expect([addresses.used, core.exports.timesReached(REACHED_ADDRESSES)]).toEqual([MAX_ADDRESSES, 2])
    expect([addresses.scope(OTHER_ADDRESS), addresses.scope(OTHER_HOME)]).toEqual([Scope.Internet, Scope.Home])
    expect([addresses.text(OTHER_ADDRESS), addresses.text(OTHER_HOME)]).toEqual(['other', 'other'])
  })

  test('are of one subnet where their /24 or /64 is one', () => {
    const lab = new Lab()
    const pairs = [
      ['192.168.1.5', '192.168.1.250'],
      ['192.168.1.5', '192.168.2.5'],
      ['2001:db8::1', '2001:db8::ffff:0:0:1'],
      ['2001:db8::1', '2001:db8:0:1::1'],
      ['192.168.1.5', 'fe80::1'],
    ]
    const isSame = pairs.map(([one, other]) => lab.addresses.isSameSubnet(lab.id(one), lab.id(other)))
    expect(isSame).toEqual([true, false, true, false, false])
  })

  test('that are groups for now are so until that is taken back', () => {
    const lab = new Lab()
    const [home, multicast] = [lab.id('192.168.1.255'), lab.id('224.0.0.251')]
    for (const id of [home, multicast]) lab.core.exports.makeGroup(id)
    expect([home, multicast].map((id) => lab.addresses.scope(id))).toEqual([Scope.Group, Scope.Group])
    for (const id of [home, multicast]) lab.core.exports.unmakeGroup(id)
    expect([home, multicast].map((id) => lab.addresses.scope(id))).toEqual([Scope.Home, Scope.Group])
  })

  test('of a prefix that is learned are held by who was seen sending from them', () => {
    const lab = new Lab()
    const home = new HomeNetwork(lab.core, null)
    const address = lab.id('2001:db8:1:1::a')
    lab.ownership.sawInternetSender(address, ...numbersOf(CAMERA), 64)
    const before = lab.addresses.scope(address)
    expect(home.learn(ipBytes('2001:db8:1:1::'), 0)).toBe(true)
    lab.core.exports.rescopeAddresses()
    expect([before, lab.addresses.scope(address)]).toEqual([Scope.Internet, Scope.Home])
    expect(lab.holderOf('2001:db8:1:1::a')).toBe(CAMERA)
  })

  test('are at home where the owner said so before the first of them', () => {
    const lab = new Lab()
    new HomeNetwork(lab.core, [prefixOf('203.0.113.0/24')])
    expect(['203.0.113.9', '192.168.1.1'].map((text) => lab.addresses.scope(lab.id(text)))).toEqual([
      Scope.Home,
      Scope.Internet,
    ])
  })
})

describe('the holder of an address', () => {
  test('is nobody before anybody shows up, then the sender; each has a binding of its own', () => {
    const lab = new Lab()
    const nobody = lab.ownership.bindingOn(lab.id('192.168.1.5'))
    const { epoch } = lab.ownership
    expect([lab.ownership.macOfBinding(nobody), lab.ownership.isHeld(lab.id('192.168.1.5'))]).toEqual([NO_MAC, false])
    lab.sends(CAMERA, '192.168.1.5')
    const camera = lab.ownership.bindingOn(lab.id('192.168.1.5'))
    expect([nobody, camera, lab.holderOf('192.168.1.5')]).toEqual([1, 2, CAMERA])
    expect([lab.ownership.bindingsUsed, lab.ownership.epoch > epoch]).toEqual([3, true])
    expect([lab.ownership.deviceKey(nobody), lab.ownership.deviceKey(camera)]).toEqual([
      lab.id('192.168.1.5'),
      -lab.mac(CAMERA),
    ])
  })

  test('stays who sends from it when another only claims it, and the address is contested', () => {
    const lab = new Lab()
    lab.claims(CAMERA, '192.168.1.5')
    lab.sends(CAMERA, '192.168.1.5')
    lab.claims(PHONE, '192.168.1.5')
    expect([lab.holderOf('192.168.1.5'), lab.ownership.isContested(lab.id('192.168.1.5'))]).toEqual([CAMERA, true])
    expect(lab.ownership.behaviour.isSuspect(lab.mac(PHONE))).toBe(true)
    expect(lab.ownership.claims(lab.id('192.168.1.5'), lab.mac(PHONE))).toBe(true)
  })

  test('is not the router that passes its packets on', () => {
    const lab = new Lab()
    lab.claims(CAMERA, '192.168.1.5')
    lab.ownership.sawInternetSender(lab.id('198.51.100.7'), ...numbersOf(ROUTER), 57)
    lab.sends(ROUTER, '192.168.1.5')
    expect([lab.ownership.isRouter(lab.mac(ROUTER)), lab.ownership.isRouter(lab.mac(CAMERA))]).toEqual([true, false])
    expect(lab.holderOf('192.168.1.5')).toBe(CAMERA)
  })

  test('can have other addresses beside it, of either kind', () => {
    const lab = new Lab()
    for (const address of ['192.168.1.5', 'fe80::5']) lab.sends(CAMERA, address)
    const [mac, ipv4] = [lab.mac(CAMERA), lab.id('192.168.1.5')]
    expect([lab.ownership.holdsAnother(mac, ipv4, false), lab.ownership.holdsAnother(mac, ipv4, true)]).toEqual([
      true,
      false,
    ])
    expect(
      lab.ownership.bindingsOf(mac).map((binding) => lab.addresses.text(lab.ownership.addressOf(binding))),
    ).toEqual(['192.168.1.5', 'fe80::5'])
    expect(lab.ownership.sampledAddresses(mac)).toBe(1)
  })

  test('is who DHCP gave it to, unless another one sends from it', () => {
    const lab = new Lab()
    lab.ownership.lease(lab.id('192.168.1.5'), ...numbersOf(CAMERA))
    lab.sends(PHONE, '192.168.1.6')
    lab.ownership.lease(lab.id('192.168.1.6'), ...numbersOf(CAMERA))
    expect([lab.holderOf('192.168.1.5'), lab.holderOf('192.168.1.6')]).toEqual([CAMERA, PHONE])
  })
})

describe('a MAC', () => {
  test('gets a number only where the program around the core lets it, unless it has one', () => {
    const lab = new Lab()
    const asked: number[][] = []
    lab.ownership.mayClaim = (high, low) => {
      asked.push([high, low])
      return low === 0x0a
    }
    expect([lab.mac(CAMERA), lab.mac(PHONE), lab.mac(CAMERA)]).toEqual([1, NO_MAC, 1])
    expect(asked).toEqual([
      [0x0200, 0x0a],
      [0x0200, 0x0b],
    ])
    expect([lab.ownership.addMac(0x0200, 0x0b), lab.mac(PHONE)]).toEqual([2, 2])
    expect([lab.ownership.findMac(0, 0), lab.ownership.findMac(9, 9)]).toEqual([NO_MAC, -1])
  })

  test('beyond the cap has none, which is counted', () => {
    const { ownership, core } = new Lab()
    for (let index = 1; index < MAX_MACS; index++) ownership.addMac(1, index)
    expect(core.exports.timesReached(REACHED_MACS)).toBe(0)
    expect([ownership.macOf(2, 2), core.exports.timesReached(REACHED_MACS)]).toEqual([NO_MAC, 1])
    expect(ownership.findMac(1, MAX_MACS - 1)).toBe(MAX_MACS - 1)
  })

  test('beyond the cap of bindings shares the one of all others, which is counted', () => {
    const { addresses, ownership, core } = new Lab()
    for (let index = 1; index < MAX_BINDINGS; index++) ownership.bindingOn(addresses.ofIpv4(0x0a000000 + index))
    const more = addresses.ofIpv4(0x0aff0000)
    expect(core.exports.timesReached(REACHED_BINDINGS)).toBe(0)
    expect([ownership.bindingOn(more), core.exports.timesReached(REACHED_BINDINGS)]).toEqual([OTHER_BINDING, 1])
    ownership.sawSender(more, 0x0200, 0x0a)
    expect([ownership.bindingOn(more), ownership.isHeld(more)]).toEqual([OTHER_BINDING, false])
    expect(ownership.deviceKey(OTHER_BINDING)).toBe(OTHER_ADDRESS)
  })
})

describe('an address that goes to another MAC', () => {
  function changesOf(steps: [time: number, mac: string][], lease?: string): unknown[] {
    const lab = new Lab()
    const changes: unknown[] = []
    lab.core.host.addressChanged = (address, before, mac, isLeased, since, lastUse) => {
      const parties = [lab.ownership.macText(before), lab.ownership.macText(mac)]
      changes.push([lab.addresses.text(address), ...parties, isLeased, since, lastUse])
    }
    if (lease !== undefined) lab.ownership.requested(lab.id('192.168.1.5'), lab.mac(lease))
    for (const [time, mac] of steps) {
      lab.core.exports.setNow(time)
      lab.sends(mac, '192.168.1.5')
    }
    return changes
  }

  test('is told of with the times of the former one, as they were before', () => {
    const steps: [number, string][] = [
      [100, CAMERA],
      [107.5, CAMERA],
      [120, PHONE],
      [121, CAMERA],
    ]
    expect(changesOf(steps)).toEqual([
      ['192.168.1.5', CAMERA, PHONE, 0, 100, 107.5],
      ['192.168.1.5', PHONE, CAMERA, 0, 120, 120],
    ])
  })

  test('is told of as leased where DHCP gave it', () => {
    const steps: [number, string][] = [
      [100, CAMERA],
      [120, PHONE],
    ]
    expect(changesOf(steps, PHONE)).toEqual([['192.168.1.5', CAMERA, PHONE, 1, 100, 100]])
  })

  test('is a conflict, and a graver one where both use it at once', () => {
    const lab = new Lab()
    const conflicts = new Conflicts(lab.core, new LimitCounter(lab.core), new PacketClock(lab.core))
    const kinds: number[][] = []
    for (const [time, mac] of [
      [100, CAMERA],
      [120, PHONE],
      [130, CAMERA],
    ] as [number, string][]) {
      lab.core.exports.setNow(time)
      lab.sends(mac, '192.168.1.5')
      kinds.push(conflicts.all.map(({ kind }) => kind))
    }
    expect(kinds).toEqual([[], [ConflictKind.ChangedAddress], [ConflictKind.FlipFlop]])
    expect(conflicts.of(lab.mac(PHONE))).toHaveLength(1)
  })
})
