// What looks like a conflict and happens in every home, and what stays a conflict beside it.
import { describe, expect, test } from 'vitest'
import type { Analysis } from '../../../server/analyze/analysis.ts'
import { dhcp, DHCP_MESSAGE, DHCP_OPTION } from '../../../server/sample/packets/dhcp-builder.ts'
import { dns } from '../../../server/sample/packets/dns-builder.ts'
import { arp, ETHERTYPE, ethernet, udpFrame } from '../../../server/sample/packets/packet-builder.ts'
import { BROADCAST_MAC, ipBytes, multicastMac } from '../../../server/sample/packets/addresses.ts'
import { LINK_TYPE } from '../../../server/sample/packets/pcap-writer.ts'
import { text } from '../../../server/sample/packets/bytes.ts'
import { arpFrom, type Host, ipLength, newLab, ROUTER, SERVER, trafficOf, udpIn, udpOut } from './lab.ts'

const LAPTOP: Host = { mac: '3c:22:fb:00:00:10', address: '192.168.1.20' }
const TABLET: Host = { mac: '48:d6:d5:00:00:11', address: '192.168.1.21' }
/** The other's MAC with the laptop's address. */
const OTHER: Host = { mac: '02:ba:d0:00:00:66', address: LAPTOP.address }
const payload = new Uint8Array(400)
type Timed = [seconds: number, frame: Uint8Array]

function analysisOf(frames: readonly Timed[], linkType: number = LINK_TYPE.ethernet): Analysis {
  const lab = newLab({ linkType })
  for (const [seconds, frame] of frames) lab.add(10_000 + seconds, frame)
  return lab.analyze()
}
const kindsOf = ({ conflicts }: Analysis): string[] => conflicts.map(({ kind }) => kind)
const conflictsOf = (frames: readonly Timed[]): string[] => kindsOf(analysisOf(frames))
const up = (from: Host): Uint8Array => udpOut(from, SERVER, { payload })
const claimOf = (mac: string, address: string, frameMac = mac): Uint8Array =>
  ethernet(
    frameMac,
    BROADCAST_MAC,
    ETHERTYPE.arp,
    arp({ operation: 'reply', senderMac: mac, senderAddress: address, targetAddress: address }),
  )

/** A DHCP message of the client, in a frame of `mac`. */
function dhcpFrom(client: Host, message: number, mac = client.mac, options: [number, Uint8Array][] = []): Uint8Array {
  return udpFrame({
    sourceMac: mac,
    destinationMac: BROADCAST_MAC,
    source: '0.0.0.0',
    destination: '255.255.255.255',
    sourcePort: 68,
    destinationPort: 67,
    payload: dhcp({ message, transaction: 5, clientMac: client.mac, options }),
  })
}

function acknowledgement(client: Host): Uint8Array {
  return udpFrame({
    sourceMac: ROUTER.mac,
    destinationMac: client.mac,
    source: ROUTER.address,
    destination: client.address,
    sourcePort: 67,
    destinationPort: 68,
    payload: dhcp({
      message: DHCP_MESSAGE.acknowledge,
      transaction: 5,
      clientMac: client.mac,
      yourAddress: client.address,
      serverAddress: ROUTER.address,
    }),
  })
}

describe('no conflict is', () => {
  const next: Host = { mac: TABLET.mac, address: LAPTOP.address }

  test('an address that DHCP gives to the next device', () => {
    const frames: Timed[] = [
      [0, arpFrom(LAPTOP)],
      [1, up(LAPTOP)],
      [600, dhcpFrom(next, DHCP_MESSAGE.request)],
      [601, acknowledgement(next)],
      [602, arpFrom(next)],
      [603, up(next)],
    ]
    const analysis = analysisOf(frames)
    expect(kindsOf(analysis)).toEqual([])
    expect(trafficOf(analysis, LAPTOP.mac)[0]).toBe(ipLength(up(LAPTOP)))
    expect(trafficOf(analysis, TABLET.mac)[0]).toBe(ipLength(up(next)))
  })

  test('an address that a device asked DHCP for, where the answer was not seen', () => {
    const asked = dhcpFrom(next, DHCP_MESSAGE.request, next.mac, [
      [DHCP_OPTION.requestedAddress, ipBytes(next.address)],
    ])
    expect(
      conflictsOf([
        [0, up(LAPTOP)],
        [600, asked],
        [601, arpFrom(next)],
        [602, up(next)],
      ]),
    ).toEqual([])
  })

  test('a new MAC with an address of its own, nor many IPv6 addresses of one MAC', () => {
    const temporary = Array.from({ length: 5 }, (_, index): Timed => [
      10 + index,
      udpOut({ mac: LAPTOP.mac, address: `fe80::${index + 1}` }, 'ff02::fb', { payload }),
    ])
    expect(
      conflictsOf([[0, up(LAPTOP)], [5, up({ mac: '06:11:22:33:44:55', address: '192.168.1.90' })], ...temporary]),
    ).toEqual([])
  })

  test.each([
    ['VRRP', '00:00:5e:00:01:0a'],
    ['VRRP over IPv6', '00:00:5e:00:02:0a'],
    ['HSRP', '00:00:0c:07:ac:01'],
    ['GLBP', '00:07:b4:00:01:01'],
  ])('the MAC that routers share by %s', (_, shared) => {
    const gateway = { mac: '3c:22:fb:00:00:01', address: '192.168.1.254' }
    const frames: Timed[] = [0, 1, 2, 3].flatMap((second): Timed[] => [
      [second, claimOf(shared, gateway.address)],
      [second + 0.5, up(gateway)],
    ])
    expect(conflictsOf(frames)).toEqual([])
  })

  test('a router with several MACs', () => {
    const first = { mac: '3c:22:fb:00:00:01', address: ROUTER.address }
    const second = { mac: '3e:22:fb:00:00:03', address: ROUTER.address }
    const fromInternet = udpIn(LAPTOP, SERVER, { payload })
    fromInternet.set([0x3c, 0x22, 0xfb, 0, 0, 1], 6)
    const turns = [1, 2, 3].flatMap((at): Timed[] => [
      [at, claimOf(first.mac, first.address)],
      [at + 0.5, up(second)],
    ])
    expect(conflictsOf([[0, fromInternet], ...turns])).toEqual([])
  })

  test('a router that answers ARP for those behind it', () => {
    const frames: Timed[] = [
      [0, udpIn(TABLET, SERVER, { payload })],
      [1, arpFrom(LAPTOP)],
      [2, up(LAPTOP)],
      [3, claimOf(ROUTER.mac, LAPTOP.address)],
      [4, up(LAPTOP)],
    ]
    const analysis = analysisOf(frames)
    expect(kindsOf(analysis)).toEqual([])
    expect(trafficOf(analysis, LAPTOP.mac)[0]).toBe(2 * ipLength(up(LAPTOP)))
  })

  test('a sleep proxy that answers for a computer asleep', () => {
    const proxy = { mac: '3c:22:fb:00:00:99', address: '192.168.1.9' }
    const offer = udpFrame({
      sourceMac: proxy.mac,
      destinationMac: multicastMac('224.0.0.251'),
      source: proxy.address,
      destination: '224.0.0.251',
      sourcePort: 5353,
      destinationPort: 5353,
      payload: dns({
        type: 'response',
        id: 0,
        flags: 0x0400,
        answers: [{ name: '_sleep-proxy._udp.local', type: 'PTR', ttl: 120, data: 'Box._sleep-proxy._udp.local' }],
      }),
    })
    const frames: Timed[] = [
      [0, offer],
      [1, up(LAPTOP)],
      [2, claimOf(proxy.mac, LAPTOP.address)],
      [900, claimOf(proxy.mac, LAPTOP.address)],
      [902, up(LAPTOP)],
      [950, claimOf(proxy.mac, LAPTOP.address)],
    ]
    expect(conflictsOf(frames)).toEqual([])
  })

  test('a frame without a MAC of its own, or a capture without a link layer', () => {
    const packet = (from: Host): Uint8Array => up(from).subarray(14)
    const frames: Timed[] = [
      [0, packet(LAPTOP)],
      [1, packet(OTHER)],
      [2, packet(LAPTOP)],
    ]
    expect(kindsOf(analysisOf(frames, LINK_TYPE.raw))).toEqual([])
  })
})

describe('a repeater, whose clients never show a MAC of their own', () => {
  const REPEATER = '3c:22:fb:00:00:77'
  const carried: Host = { mac: REPEATER, address: LAPTOP.address }

  test('leaves its clients what it carries for them, without a conflict', () => {
    const frames: Timed[] = [
      [0, dhcpFrom(LAPTOP, DHCP_MESSAGE.request, REPEATER, [[DHCP_OPTION.hostName, text('laptop')]])],
      [1, acknowledgement(LAPTOP)],
      [2, claimOf(REPEATER, '192.168.1.7')],
      [3, up(carried)],
      [4, up({ mac: REPEATER, address: '192.168.1.7' })],
    ]
    const analysis = analysisOf(frames)
    expect(kindsOf(analysis)).toEqual([])
    expect(trafficOf(analysis, LAPTOP.mac)[0]).toBe(ipLength(up(carried)))
    expect(analysis.devices.find(({ id }) => id === LAPTOP.mac)?.name).toBe('laptop')
  })

  test('takes nothing from a client that does show up', () => {
    const frames: Timed[] = [
      [0, arpFrom(LAPTOP)],
      [1, up(LAPTOP)],
      [2, dhcpFrom(LAPTOP, DHCP_MESSAGE.request, REPEATER, [[DHCP_OPTION.hostName, text('attacker')]])],
      [3, up(carried)],
      [4, up(LAPTOP)],
    ]
    const analysis = analysisOf(frames)
    expect(trafficOf(analysis, LAPTOP.mac)[0]).toBe(2 * ipLength(up(LAPTOP)))
    expect(analysis.devices.find(({ id }) => id === LAPTOP.mac)?.name).toBeNull()
    expect(kindsOf(analysis).sort()).toEqual(['flip-flop', 'foreign-dhcp'])
  })
})

describe('an address that', () => {
  test('goes to another MAC once has changed, no more', () => {
    const wired = { mac: '3c:22:fb:00:00:44', address: LAPTOP.address }
    const analysis = analysisOf([
      [0, up(LAPTOP)],
      [10, up(wired)],
      [20, up(wired)],
    ])
    expect(analysis.conflicts).toEqual([
      {
        kind: 'changed-address',
        address: LAPTOP.address,
        device: LAPTOP.mac,
        other: wired.mac,
        name: null,
        first: '1970-01-01T02:46:50.000Z',
        last: '1970-01-01T02:46:50.000Z',
        times: 1,
      },
    ])
  })

  test('goes back after more than a minute was used in turn', () => {
    expect(
      conflictsOf([
        [0, up(LAPTOP)],
        [10, up(OTHER)],
        [70, up(LAPTOP)],
      ]),
    ).toEqual(['flip-flop'])
    expect(
      conflictsOf([
        [0, up(LAPTOP)],
        [10, up(OTHER)],
        [71, up(LAPTOP)],
      ]),
    ).toEqual(['reused-address'])
  })

  test('two devices use at once gives each its own bytes in both directions', () => {
    const down = (to: Host): Uint8Array => udpIn(to, SERVER, { payload: new Uint8Array(700) })
    const frames = Array.from({ length: 40 }, (_, index): Timed[] => [
      [index, up(LAPTOP)],
      [index + 0.2, up(OTHER)],
      [index + 0.4, down(OTHER)],
      [index + 0.6, down(LAPTOP)],
    ]).flat()
    const analysis = analysisOf(frames)
    for (const { mac } of [LAPTOP, OTHER])
      expect(trafficOf(analysis, mac).slice(0, 2)).toEqual([40 * ipLength(up(LAPTOP)), 40 * ipLength(down(LAPTOP))])
  })
})

test('conflicts beyond the cap are counted, and the rest goes on', () => {
  const lab = newLab()
  const pairs = 12
  const addresses = 60
  const macOf = (pair: number, which: number): string => `02:00:00:00:1${which}:${(16 + pair).toString(16)}`
  for (let pair = 0; pair < pairs; pair++)
    for (let index = 0; index < addresses; index++) {
      const address = `10.1.${pair}.${index + 1}`
      for (const which of [1, 2]) lab.add(10_000 + pair * 20 + index / 1_000, up({ mac: macOf(pair, which), address }))
    }
  expect(lab.engine.conflicts.all).toHaveLength(512)
  expect(lab.engine.limits.reached.get('conflicts')).toBe(pairs * addresses - 512)
  expect(trafficOf(lab.analyze(), macOf(pairs - 1, 2))[0]).toBe(addresses * ipLength(up(OTHER)))
})
