// Addresses at home: by the standards, by what the owner names, and by what the network teaches.
import { describe, expect, test } from 'vitest'
import { parseAddress, prefixOf } from '../../../capture/ip-address.ts'
import { HomeNetwork, Scope } from '../../../server/engine/home-network.ts'
import { MAX_HOME_PREFIXES, REACHED_HOME_PREFIXES } from '../../../capture/core/limits.ts'
import { newCore } from '../../support/core.ts'
import { ethernet, ETHERTYPE, udpFrame } from '../../../server/sample/packets/packet-builder.ts'
import {
  analysisOf,
  CAMERA,
  deviceOf,
  ipLength,
  PHONE,
  ROUTER,
  SERVER,
  trafficOf,
  udpIn,
  udpOut,
  udpWithin,
} from './lab.ts'
import { multicastMac, solicitedNode, ipBytes, BROADCAST_MAC } from '../../../server/sample/packets/addresses.ts'
import {
  routerAdvertisement,
  neighborAdvertisement,
  neighborSolicitation,
} from '../../../server/sample/packets/ndp-builder.ts'

const SCOPE_WORDS = ['internet', 'home', 'group', 'self']

function scopeOf(home: HomeNetwork, address: string): string | undefined {
  const words = parseAddress(address)
  if (words === null) throw new Error(`${address} is no address`)
  return SCOPE_WORDS[home.scopeOfIpv6(...words)]
}

/** Learns from the text of an address. */
function learn(home: HomeNetwork, address: string, bits?: number): boolean {
  return home.learn(ipBytes(address), 0, bits)
}

describe('the home without a name', () => {
  test.each([
    ['10.0.0.0', 'home'],
    ['10.255.255.255', 'home'],
    ['9.255.255.255', 'internet'],
    ['11.0.0.0', 'internet'],
    ['172.15.255.255', 'internet'],
    ['172.16.0.0', 'home'],
    ['172.31.255.255', 'home'],
    ['172.32.0.0', 'internet'],
    ['192.167.255.255', 'internet'],
    ['192.168.0.0', 'home'],
    ['192.168.255.255', 'home'],
    ['192.169.0.0', 'internet'],
    ['100.63.255.255', 'internet'],
    ['100.64.0.0', 'home'],
    ['100.127.255.255', 'home'],
    ['100.128.0.0', 'internet'],
    ['169.253.255.255', 'internet'],
    ['169.254.0.1', 'home'],
    ['169.255.0.0', 'internet'],
    ['223.255.255.255', 'internet'],
    ['224.0.0.1', 'group'],
    ['239.255.255.255', 'group'],
    ['240.0.0.1', 'internet'],
    ['255.255.255.255', 'group'],
    ['0.0.0.0', 'self'],
    ['127.0.0.1', 'self'],
    ['203.0.113.5', 'internet'],
    ['fc00::1', 'home'],
    ['fdff::1', 'home'],
    ['fbff::1', 'internet'],
    ['fe00::1', 'internet'],
    ['fe80::1', 'home'],
    ['febf::1', 'home'],
    ['fec0::1', 'internet'],
    ['ff02::fb', 'group'],
    ['::', 'self'],
    ['::1', 'self'],
    ['::2', 'internet'],
    ['2001:db8::1', 'internet'],
    ['::ffff:192.168.1.1', 'home'],
    ['::ffff:203.0.113.5', 'internet'],
  ])('%s is of the scope %s', (address, scope) => {
    expect(scopeOf(new HomeNetwork(newCore(), null), address)).toBe(scope)
  })

  test('a prefix learned from a neighbour is 64 bits long', () => {
    const home = new HomeNetwork(newCore(), null)
    expect(learn(home, '2001:db8:1:2:3:4:5:6')).toBe(true)
    expect([
      scopeOf(home, '2001:db8:1:2::1'),
      scopeOf(home, '2001:db8:1:3::1'),
      scopeOf(home, '2001:db8:1:1:ffff::'),
    ]).toEqual(['home', 'internet', 'internet'])
  })

  test('a prefix that is known, or lies in a known one, is not new', () => {
    const home = new HomeNetwork(newCore(), null)
    expect([learn(home, '2001:db8::', 48), learn(home, '2001:db8::', 48), learn(home, '2001:db8:0:7::')]).toEqual([
      true,
      false,
      false,
    ])
  })

  test('nothing but global unicast is learned', () => {
    const home = new HomeNetwork(newCore(), null)
    expect([learn(home, 'fe80::1'), learn(home, '::'), learn(home, 'ff02::1'), learn(home, '4000::1')]).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  test('learning stops at its cap, which is counted', () => {
    const core = newCore()
    const home = new HomeNetwork(core, null)
    for (let index = 0; index < MAX_HOME_PREFIXES + 3; index++) learn(home, `2001:db8:${index}::1`)
    expect(scopeOf(home, `2001:db8:${MAX_HOME_PREFIXES}::9`)).toBe('internet')
    expect(core.exports.timesReached(REACHED_HOME_PREFIXES)).toBe(3)
  })
})

describe('a home that the owner names', () => {
  const home = new HomeNetwork(newCore(), [prefixOf('203.0.113.0/24'), prefixOf('2001:db8:7::/48')])

  test('is what was named, and the private ranges are the internet', () => {
    expect([
      scopeOf(home, '203.0.113.200'),
      scopeOf(home, '203.0.114.1'),
      scopeOf(home, '192.168.1.1'),
      scopeOf(home, '10.0.0.1'),
      scopeOf(home, 'fd00::1'),
    ]).toEqual(['home', 'internet', 'internet', 'internet', 'internet'])
    expect([scopeOf(home, '2001:db8:7:ffff::1'), scopeOf(home, '2001:db8:8::1')]).toEqual(['home', 'internet'])
  })

  test('still has link-local, multicast and broadcast addresses', () => {
    expect(
      ['169.254.1.1', 'fe80::1', '224.0.0.251', 'ff02::1', '255.255.255.255'].map((address) => scopeOf(home, address)),
    ).toEqual(['home', 'home', 'group', 'group', 'group'])
  })

  test('learns nothing', () => {
    expect(learn(home, '2001:db8:9::1')).toBe(false)
    expect(scopeOf(home, '2001:db8:9::1')).toBe('internet')
  })

  test('can be nothing: then only link-local addresses are at home', () => {
    const nothing = new HomeNetwork(newCore(), [])
    expect(learn(nothing, '2001:db8:9::1')).toBe(false)
    expect(['192.168.1.1', 'fd00::1', '2001:db8:9::1', 'fe80::1'].map((address) => scopeOf(nothing, address))).toEqual([
      'internet',
      'internet',
      'internet',
      'home',
    ])
  })

  test('can be many networks', () => {
    const networks = Array.from({ length: 100 }, (_, index) => prefixOf(`203.0.${index}.0/24`))
    const many = new HomeNetwork(newCore(), networks)
    const inside = networks.map((_, index) => scopeOf(many, `203.0.${index}.7`))
    expect([new Set(inside), scopeOf(many, '203.0.100.7')]).toEqual([new Set(['home']), 'internet'])
  })

  test('can be a single address, or everything', () => {
    expect(scopeOf(new HomeNetwork(newCore(), [prefixOf('198.51.100.1')]), '198.51.100.1')).toBe('home')
    expect(scopeOf(new HomeNetwork(newCore(), [prefixOf('198.51.100.1')]), '198.51.100.0')).toBe('internet')
    expect(scopeOf(new HomeNetwork(newCore(), [prefixOf('0.0.0.0/0')]), '8.8.8.8')).toBe('home')
    expect(SCOPE_WORDS[Scope.Home]).toBe('home')
  })
})

const GLOBAL = '2001:db8:1:1::a'
const REMOTE = '2001:db8:ffff::5'
const NODES = 'ff02::1'
const camera6 = { mac: CAMERA.mac, address: GLOBAL }

function advertisement(prefix: string, prefixLength = 64): Uint8Array {
  return ethernet(
    ROUTER.mac,
    multicastMac(NODES),
    ETHERTYPE.ipv6,
    routerAdvertisement({ source: 'fe80::1', destination: NODES, mac: ROUTER.mac, prefix, prefixLength }),
  )
}

describe("traffic of addresses that turn out to be the home's", () => {
  const up = udpOut(camera6, REMOTE, { payload: new Uint8Array(100) })
  const down = udpIn(camera6, REMOTE, { payload: new Uint8Array(900) })

  test('a router advertisement makes its prefix local', () => {
    const analysis = analysisOf([advertisement('2001:db8:1:1::'), up, down])
    expect(trafficOf(analysis, CAMERA.mac)).toEqual([ipLength(up), ipLength(down), 0, 0])
  })

  test("a prefix learned in the middle of a flow takes the flow's beginning along", () => {
    const analysis = analysisOf([up, down, advertisement('2001:db8:1:1::'), up, down])
    expect(trafficOf(analysis, CAMERA.mac)).toEqual([2 * ipLength(up), 2 * ipLength(down), 0, 0])
  })

  test("a prefix learned after a flow's last packet takes the flow along too", () => {
    const analysis = analysisOf([up, down, advertisement('2001:db8:1:1::')])
    expect(trafficOf(analysis, CAMERA.mac)).toEqual([ipLength(up), ipLength(down), 0, 0])
  })

  test.each([
    [
      'a neighbour that sends from it',
      neighborSolicitation({
        source: GLOBAL,
        destination: solicitedNode('fe80::1'),
        target: 'fe80::1',
        mac: CAMERA.mac,
      }),
    ],
    [
      'somebody who looks for a neighbour with it',
      neighborSolicitation({ source: 'fe80::1', destination: solicitedNode(GLOBAL), target: GLOBAL, mac: ROUTER.mac }),
    ],
    [
      'a neighbour that says it has it',
      neighborAdvertisement({ source: 'fe80::a', destination: 'fe80::1', target: GLOBAL, mac: CAMERA.mac }),
    ],
  ])('%s teaches the prefix', (_, packet) => {
    const analysis = analysisOf([ethernet(CAMERA.mac, ROUTER.mac, ETHERTYPE.ipv6, packet), up, down])
    expect(trafficOf(analysis, CAMERA.mac).slice(0, 2)).toEqual([ipLength(up), ipLength(down)])
  })

  test('neighbour discovery that was routed here, with a hop limit below 255, teaches nothing', () => {
    const packet = advertisement('2001:db8:1:1::')
    packet[14 + 7] = 254
    const routed = udpOut(camera6, REMOTE, { payload: new Uint8Array(100) })
    routed[14 + 7] = 63
    expect(analysisOf([packet, routed, down]).devices.map((device) => device.addresses)).not.toContainEqual([GLOBAL])
  })

  test('the prefix is not learned where the owner names the home', () => {
    const analysis = analysisOf([advertisement('2001:db8:1:1::'), up, down], { home: [prefixOf('192.168.0.0/16')] })
    expect(analysis.devices.flatMap((device) => device.addresses)).not.toContain(GLOBAL)
  })

  test('between two addresses of the learned prefix traffic is local', () => {
    const within = udpWithin(camera6, { mac: PHONE.mac, address: '2001:db8:1:1::b' }, { payload: new Uint8Array(50) })
    const analysis = analysisOf([advertisement('2001:db8:1:1::'), within])
    expect(trafficOf(analysis, CAMERA.mac)).toEqual([0, 0, ipLength(within), 0])
  })
})

describe('local traffic', () => {
  test('to another device counts as sent and received at home, to groups as sent at home', () => {
    const within = udpWithin(CAMERA, PHONE, { payload: new Uint8Array(10) })
    const multicast = udpFrame({
      sourceMac: CAMERA.mac,
      destinationMac: multicastMac('239.255.255.250'),
      source: CAMERA.address,
      destination: '239.255.255.250',
      sourcePort: 1900,
      destinationPort: 1900,
    })
    const broadcast = udpFrame({
      sourceMac: CAMERA.mac,
      destinationMac: BROADCAST_MAC,
      source: CAMERA.address,
      destination: '255.255.255.255',
      sourcePort: 6666,
      destinationPort: 6667,
    })
    const up = udpOut(CAMERA, SERVER, { payload: new Uint8Array(33) })
    const phone = udpOut(PHONE, SERVER)
    const analysis = analysisOf([within, multicast, broadcast, up, phone])
    expect(trafficOf(analysis, CAMERA.mac)).toEqual([ipLength(up), 0, ipLength(within, multicast, broadcast), 0])
    expect(trafficOf(analysis, PHONE.mac)).toEqual([ipLength(phone), 0, 0, ipLength(within)])
  })

  test("a subnet's own broadcast address is no device", () => {
    const broadcast = udpFrame({
      sourceMac: CAMERA.mac,
      destinationMac: BROADCAST_MAC,
      source: CAMERA.address,
      destination: '192.168.1.255',
      sourcePort: 6666,
      destinationPort: 6667,
    })
    const analysis = analysisOf([broadcast, broadcast])
    expect(analysis.devices.map((device) => device.id)).toEqual([CAMERA.mac])
    expect(trafficOf(analysis, CAMERA.mac)).toEqual([0, 0, 2 * ipLength(broadcast), 0])
  })

  test('a device that was first written to at a group MAC is a device as soon as it sends', () => {
    const toGroupMac = udpFrame({
      sourceMac: PHONE.mac,
      destinationMac: BROADCAST_MAC,
      source: PHONE.address,
      destination: CAMERA.address,
      sourcePort: 9,
      destinationPort: 9,
    })
    const up = udpOut(CAMERA, SERVER)
    expect(deviceOf(analysisOf([toGroupMac, up]), CAMERA.mac).sent).toBe(ipLength(up))
  })
})
