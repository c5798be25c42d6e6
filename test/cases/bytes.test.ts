// IPv6 without neighbour discovery, and that every IP byte of a capture is in a row or in a remainder with a name.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { REST_PASSING } from '../../capture/core/constants.ts'
import { LinkType } from '../../capture/formats/link-types.ts'
import { prefixOf } from '../../capture/ip-address.ts'
import type { Analysis } from '../../server/analyze/analysis.ts'
import { analyzeFile } from '../../server/analyze/analyze-file.ts'
import type { RemainderReason } from '../../server/model/remainder.ts'
import { type Address, multicastMac } from '../../server/sample/packets/addresses.ts'
import { concat } from '../../server/sample/packets/bytes.ts'
import {
  ethernet,
  ETHERTYPE,
  ip,
  ipv4Fragments,
  ipv6Fragments,
  PROTOCOL,
  tcp,
  udp,
} from '../../server/sample/packets/packet-builder.ts'
import {
  analysisOf,
  arpFrom,
  CAMERA,
  deviceOf,
  type Host,
  newLab,
  PHONE,
  ROUTER,
  SERVER,
  tcpIn,
  tcpOut,
  tlsHello,
  trafficOf,
  udpWithin,
} from '../server/engine/lab.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'

const CAMERA6: Host = { mac: CAMERA.mac, address: '2001:db8:1:1::a' }
const CAMERA6_TEMPORARY: Host = { mac: CAMERA.mac, address: '2001:db8:1:1:89ab:cdef:123:4567' }
const PHONE6: Host = { mac: PHONE.mac, address: '2001:db8:1:1::b' }
const SERVER6 = '2a00:1450:4001:80b::200e'
const OTHER_SERVER6 = '2606:4700::6810:1'
const AWAY = 55
const payload = new Uint8Array(200).fill(0x61)

interface Hop {
  hopLimit?: number
  ports?: [source: number, destination: number]
}

/** The IP packet of one segment. */
function segment(source: string, destination: string, { hopLimit = 64, ports = [40_000, 443] }: Hop = {}): Uint8Array {
  const [sourcePort, destinationPort] = ports
  const body = tcp({ source, destination, sourcePort, destinationPort, flags: 0x18, payload })
  return ip(source, destination, PROTOCOL.tcp, body, { timeToLive: hopLimit })
}

function frameOf(from: string, to: Address, packet: Uint8Array): Uint8Array {
  return ethernet(from, to, packet[0] >> 4 === 6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4, packet)
}

function up(host: Host, server: string, hop: Hop = {}): Uint8Array {
  return frameOf(host.mac, ROUTER.mac, segment(host.address, server, hop))
}

function down(host: Host, server: string, hop: Hop = {}): Uint8Array {
  const packet = segment(server, host.address, { hopLimit: AWAY, ports: [443, 40_000], ...hop })
  return frameOf(ROUTER.mac, host.mac, packet)
}

/** Where the bytes are: internet, within the home, and each remainder. */
function placesOf(analysis: Analysis): Record<string, number> {
  const { internet, local, remainder } = analysis.coverage.bytes
  const places: Record<string, number> = {}
  if (internet > 0) places['internet'] = internet
  if (local > 0) places['local'] = local
  for (const { reason, bytes } of remainder) places[reason] = bytes
  return places
}

const BYTES = segment(CAMERA6.address, SERVER6).length

describe('IPv6 without neighbour discovery', () => {
  const folder = realDataFolder()
  const file = join(folder ?? '', 'cases/08-ipv6-without-nd-is-lost/v6-no-ra-one.pcap')
  if (!existsSync(file)) console.log(`skipped: ${NO_REAL_DATA}`)

  test.skipIf(!existsSync(file))('a recording of one port shows the device that all of it is of', async () => {
    const analysis = await analyzeFile(file)
    expect(analysis.devices).toMatchObject([
      { id: 'a4:da:22:00:00:10', addresses: ['2a02:8109:1:2::1234'], sent: 12_810, received: 1_320 },
    ])
    expect(placesOf(analysis)).toEqual({ internet: 14_130 })
    expect(analysis.capture.problems).toEqual([])
  })

  test.each([
    ['the device sends first', [up(CAMERA6, SERVER6), down(CAMERA6, SERVER6)]],
    ['the recording begins with an answer', [down(CAMERA6, SERVER6), up(CAMERA6, SERVER6)]],
    [
      'all hop limits are alike and the router brings answers of several networks',
      [
        up(CAMERA6, SERVER6),
        down(CAMERA6, SERVER6, { hopLimit: 64 }),
        up(CAMERA6, OTHER_SERVER6),
        down(CAMERA6, OTHER_SERVER6, { hopLimit: 64 }),
      ],
    ],
    [
      'all hop limits are alike and only the ports tell',
      [up(CAMERA6, SERVER6), down(CAMERA6, SERVER6, { hopLimit: 64 })],
    ],
    ['only what it sends is recorded, to several networks', [up(CAMERA6, SERVER6), up(CAMERA6, OTHER_SERVER6)]],
    ['only what it sends is recorded, to one server', [up(CAMERA6, SERVER6)]],
  ])('a device is known by what it sends: %s', (_, frames) => {
    const analysis = analysisOf(frames)
    expect(analysis.devices.map(({ id, addresses }) => [id, addresses])).toEqual([[CAMERA.mac, [CAMERA6.address]]])
    expect(placesOf(analysis)).toEqual({ internet: frames.length * BYTES })
    expect(analysis.capture.problems).toEqual([])
  })

  test('a MAC with an IPv4 address at home is a device, whatever its ports', () => {
    const ports: Hop = { ports: [40_000, 40_000], hopLimit: 64 }
    const own = tcpOut(CAMERA, SERVER)
    const analysis = analysisOf([own, up(CAMERA6, SERVER6, ports), down(CAMERA6, SERVER6, ports)])
    expect(deviceOf(analysis, CAMERA.mac).addresses).toEqual([CAMERA.address, CAMERA6.address])
    expect(placesOf(analysis)).toEqual({ internet: own.length - 14 + 2 * BYTES })
  })

  test('devices of one subnet are known together, and temporary addresses are of the device that sends from them', () => {
    const analysis = analysisOf([
      up(CAMERA6, SERVER6),
      down(CAMERA6, SERVER6),
      up(CAMERA6_TEMPORARY, SERVER6),
      up(PHONE6, SERVER6),
      frameOf(CAMERA.mac, PHONE.mac, segment(CAMERA6.address, PHONE6.address)),
    ])
    expect(trafficOf(analysis, CAMERA.mac).slice(0, 2)).toEqual([2 * BYTES, BYTES])
    expect(trafficOf(analysis, PHONE.mac)).toEqual([BYTES, 0, 0, BYTES])
    expect(placesOf(analysis)).toEqual({ internet: 4 * BYTES, local: BYTES })
  })

  test('a device keeps its unique local address beside the global one', () => {
    const [own, printer] = ['fd00:1::a', 'fd00:1::b']
    const within = frameOf(CAMERA.mac, PHONE.mac, segment(own, printer))
    const analysis = analysisOf([within, up(CAMERA6, SERVER6), down(CAMERA6, SERVER6)])
    expect(deviceOf(analysis, CAMERA.mac).addresses).toEqual([own, CAMERA6.address])
    expect(trafficOf(analysis, CAMERA.mac)).toEqual([BYTES, BYTES, BYTES, 0])
  })

  test('who sends to a group that no router passes on is of this link', () => {
    const group = 'ff02::fb'
    const body = udp({ source: CAMERA6.address, destination: group, sourcePort: 5353, destinationPort: 5353, payload })
    const packet = ip(CAMERA6.address, group, PROTOCOL.udp, body, { timeToLive: 255 })
    const analysis = analysisOf([frameOf(CAMERA.mac, multicastMac(group), packet), up(CAMERA6, SERVER6)])
    expect(trafficOf(analysis, CAMERA.mac)).toEqual([BYTES, 0, packet.length, 0])
  })

  test('links that name only the sender tell by both directions', () => {
    const cooked = (mac: string, packet: Uint8Array): Uint8Array => {
      const header = new Uint8Array(16)
      header.set([0, mac === CAMERA.mac ? 4 : 0, 0, 1, 0, 6])
      header.set(
        mac.split(':').map((byte) => Number.parseInt(byte, 16)),
        6,
      )
      header.set([0x86, 0xdd], 14)
      return concat(header, packet)
    }
    const answer = segment(SERVER6, CAMERA6.address, { hopLimit: AWAY, ports: [443, 40_000] })
    const analysis = analysisOf([cooked(CAMERA.mac, segment(CAMERA6.address, SERVER6)), cooked(ROUTER.mac, answer)], {
      linkType: LinkType.LinuxCooked,
    })
    expect(trafficOf(analysis, CAMERA.mac).slice(0, 2)).toEqual([BYTES, BYTES])
  })
})

describe('what nothing tells of', () => {
  /** Analysed from a file, for what it says of the whole. */
  const nothing = (analysis: Analysis, bytes: number): void => {
    expect(analysis.devices).toEqual([])
    expect(placesOf(analysis)).toEqual({ 'passing-by': bytes })
    expect(analysis.coverage).toMatchObject({ share: 0, attributed: 0, by: { none: 1 } })
    expect(analysis.coverage.bytes.remainder[0]).toMatchObject({ why: expect.stringContaining('--home') as string })
  }

  test.each<[string, Uint8Array[]]>([
    [
      'beyond the router both sides have passed routers',
      [up(CAMERA6, SERVER6, { hopLimit: 63 }), down(CAMERA6, SERVER6), up(PHONE6, OTHER_SERVER6, { hopLimit: 63 })],
    ],
    ['only answers are recorded', [down(CAMERA6, SERVER6), down(CAMERA6, OTHER_SERVER6)]],
    [
      'hop limits are alike and so are the ports',
      [up(CAMERA6, SERVER6, { ports: [5000, 5000] }), down(CAMERA6, SERVER6, { hopLimit: 64, ports: [5000, 5000] })],
    ],
    [
      'the prefix is one that Teredo servers give to all their clients',
      [
        up({ mac: CAMERA.mac, address: '2001:0:4136:e378:8000:63bf:3fff:fdd2' }, SERVER6),
        down({ mac: CAMERA.mac, address: '2001:0:4136:e378:8000:63bf:3fff:fdd2' }, SERVER6),
      ],
    ],
  ])('stays what passes by: %s', (_, frames) => {
    nothing(analysisOf(frames), frames.length * BYTES)
  })

  test('stays what passes by: no MACs', () => {
    const packets = [segment(CAMERA6.address, SERVER6), segment(SERVER6, CAMERA6.address, { hopLimit: AWAY })]
    nothing(analysisOf(packets, { linkType: LinkType.Raw }), 2 * BYTES)
  })

  test('is the home’s once the owner names it', () => {
    const frames = [up(CAMERA6, SERVER6, { hopLimit: 63 }), down(CAMERA6, SERVER6)]
    const analysis = analysisOf(frames, { home: [prefixOf('2001:db8:1:1::/64')] })
    expect(placesOf(analysis)).toEqual({ internet: 2 * BYTES })
  })

  test('keeps the coverage from being whole', () => {
    const named = tcpOut(CAMERA, SERVER, { payload: tlsHello('camera.example.com') })
    const size = named.length - 14
    const other = up({ mac: PHONE.mac, address: PHONE6.address }, SERVER6, { hopLimit: 63 })
    const { coverage } = analysisOf([named, other])
    expect(coverage.share).toBeCloseTo(size / (size + BYTES), 10)
    expect(coverage.by).toEqual({ tls: size / (size + BYTES), none: BYTES / (size + BYTES) })
  })

  test('of a router that sends from its own address the servers behind it stay on the internet', () => {
    const own: Host = { mac: ROUTER.mac, address: '2001:db8:1:1::1' }
    const asks = frameOf(CAMERA.mac, ROUTER.mac, segment(CAMERA6.address, own.address))
    const answers = frameOf(ROUTER.mac, CAMERA.mac, segment(own.address, CAMERA6.address, { ports: [443, 40_000] }))
    const analysis = analysisOf([asks, answers, up(CAMERA6, SERVER6), down(CAMERA6, SERVER6)])
    expect(trafficOf(analysis, CAMERA.mac)).toEqual([BYTES, BYTES, BYTES, BYTES])
    expect(placesOf(analysis)).toEqual({ internet: 2 * BYTES, local: 2 * BYTES })
    expect(analysis.devices.flatMap(({ addresses }) => addresses)).not.toContain(SERVER6)
  })
})

const MACS = [CAMERA.mac, PHONE.mac, ROUTER.mac, '02:00:00:00:00:0d']
const HOME = ['192.168.1.10', '192.168.1.11', '169.254.7.7', 'fd00::a', 'fe80::a', '2001:db8:1:1::a', '2001:db8:1:1::b']
const AWAY_ADDRESSES = ['203.0.113.5', '198.51.100.7', SERVER6, OTHER_SERVER6, '2001:db8:ffff::5']
const GROUPS = ['224.0.0.251', '255.255.255.255', '192.168.1.255', 'ff02::fb', 'ff0e::1']
const SELVES = ['0.0.0.0', '0.1.2.3', '127.0.0.1', '127.0.0.2', '::', '::1']
const ADDRESSES = [...HOME, ...AWAY_ADDRESSES, ...GROUPS, ...SELVES]

interface Step {
  frames: Uint8Array[]
  bytes: number
}

function isIpv6(address: string): boolean {
  return address.includes(':')
}

const ARP: Step[] = [...MACS, ROUTER.mac].map((mac, index) => ({
  frames: [arpFrom({ mac, address: HOME[index % 2] })],
  bytes: 0,
}))

/** Packets of every kind between addresses of every kind, in frames of any of the MACs, or of one in a flood. */
const step: fc.Arbitrary<Step> = fc
  .record({
    from: fc.constantFrom(...ADDRESSES),
    to: fc.nat(),
    mac: fc.constantFrom(...MACS),
    toMac: fc.constantFrom(...MACS, 'ff:ff:ff:ff:ff:ff'),
    hopLimit: fc.constantFrom(64, 255, 63, 55),
    kind: fc.constantFrom('tcp', 'udp', 'tcp', 'udp', 'icmp', 'fragments', 'orphan', 'arp', 'flood'),
    ports: fc.constantFrom<[number, number]>([40_000, 443], [443, 40_000], [5353, 5353], [53, 40_000], [68, 67]),
    flags: fc.constantFrom(0x02, 0x10, 0x18, 0x11, 0x04),
    payload: fc.constantFrom(new Uint8Array(0), payload, tlsHello('a.example.com'), tlsHello('b.example.com')),
    index: fc.nat(5_000),
  })
  .map((drawn): Step => {
    if (drawn.kind === 'arp') return ARP[drawn.index % ARP.length]
    const others = ADDRESSES.filter((address) => isIpv6(address) === isIpv6(drawn.from))
    const packets = packetsOf(drawn, others[drawn.to % others.length])
    const flooding = `02:66:00:00:${(drawn.index >> 8).toString(16).padStart(2, '0')}:${(drawn.index & 255).toString(16).padStart(2, '0')}`
    const mac = drawn.kind === 'flood' ? flooding : drawn.mac
    return {
      frames: packets.map((packet) => frameOf(mac, drawn.toMac, packet)),
      bytes: packets.reduce((sum, packet) => sum + packet.length, 0),
    }
  })

interface Drawn {
  from: string
  kind: string
  hopLimit: number
  ports: [number, number]
  flags: number
  payload: Uint8Array
  index: number
}

function packetsOf(
  { from, kind, hopLimit, ports, flags, payload: body, index }: Drawn,
  destination: string,
): Uint8Array[] {
  const ends = { source: from, destination, sourcePort: ports[0], destinationPort: ports[1], payload: body }
  if (kind === 'fragments' || kind === 'orphan') {
    const long = udp({ ...ends, payload: new Uint8Array(300).fill(index) })
    const fragments = isIpv6(from)
      ? ipv6Fragments({ source: from, destination, nextHeader: PROTOCOL.udp, payload: long, hopLimit }, 128, index)
      : ipv4Fragments(
          {
            source: from,
            destination,
            protocol: PROTOCOL.udp,
            payload: long,
            identification: index,
            timeToLive: hopLimit,
          },
          128,
        )
    return kind === 'orphan' ? fragments.slice(1) : fragments
  }
  const isTcp = kind === 'tcp' || kind === 'flood'
  if (kind === 'icmp')
    return [ip(from, destination, isIpv6(from) ? PROTOCOL.icmpv6 : PROTOCOL.icmp, body, { timeToLive: hopLimit })]
  const transport = isTcp ? tcp({ ...ends, sequence: index, flags }) : udp(ends)
  return [ip(from, destination, isTcp ? PROTOCOL.tcp : PROTOCOL.udp, transport, { timeToLive: hopLimit })]
}

function expectWhole(analysis: Analysis, bytes: number): void {
  const { internet, local, remainder } = analysis.coverage.bytes
  const rest = remainder.reduce((sum, one) => sum + one.bytes, 0)
  expect(analysis.capture.ipBytes).toBe(bytes)
  expect(internet + local + rest).toBe(bytes)
  expect(analysis.devices.reduce((sum, { sent, received }) => sum + sent + received, 0)).toBe(internet)
  const sentLocal = analysis.devices.reduce((sum, device) => sum + device.sentLocal, 0)
  const receivedLocal = analysis.devices.reduce((sum, device) => sum + device.receivedLocal, 0)
  expect(local).toBeGreaterThanOrEqual(Math.max(sentLocal, receivedLocal))
  expect(local).toBeLessThanOrEqual(sentLocal + receivedLocal)
  for (const one of remainder) expect(one.bytes).toBeGreaterThan(0)
  expect(remainder.map(({ reason }) => reason)).not.toContain('unprocessed')
}

describe('every IP byte', () => {
  test('is in a row or in a remainder, whatever the packets are', () => {
    const reached = new Set<RemainderReason>()
    fc.assert(
      fc.property(
        fc.array(fc.tuple(step, fc.integer({ min: -2, max: 6 })), { maxLength: 80 }),
        fc.boolean(),
        (drawn, hasTicks) => {
          const lab = newLab(hasTicks ? { onTick: () => {} } : {})
          let [time, bytes] = [1000, 0]
          for (const [one, gap] of drawn) {
            time += gap
            bytes += one.bytes
            for (const frame of one.frames) lab.add(time, frame)
          }
          const analysis = lab.analyze()
          expectWhole(analysis, bytes)
          for (const { reason } of analysis.coverage.bytes.remainder) reached.add(reason)
        },
      ),
      { numRuns: 120, seed: 20261130 },
    )
    expect([...reached].sort()).toEqual(['groups', 'no-address', 'passing-by'])
  })

  test('is in a row or in a remainder in a flood of senders that get no place of their own', () => {
    const lab = newLab()
    let bytes = 0
    for (let index = 0; index < 4_000; index++) {
      const mac = `02:66:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`
      const sources = ['192.168.1.77', `10.0.${index >> 8}.${index & 255}`, SERVER, '2001:db8:1:1::77', '0.0.0.0']
      const source = sources[index % sources.length]
      const others = isIpv6(source) ? [SERVER6, 'ff02::1'] : [SERVER, CAMERA.address, '224.0.0.9', '198.51.100.7']
      const packet = segment(source, others[Math.floor(index / 5) % others.length])
      bytes += packet.length
      lab.add(1000 + index / 1000, frameOf(mac, ROUTER.mac, packet))
    }
    const analysis = lab.analyze()
    expect(lab.engine.limits.reached.has('newcomersPerMinute')).toBe(true)
    expectWhole(analysis, bytes)
  })

  test('of devices that are excluded is in neither, and counted apart', () => {
    const lab = newLab({ isExcluded: (frame) => (frame.macLow & 0xff) === 0x0b })
    const [own, others] = [udpWithin(CAMERA, PHONE), tcpOut(PHONE, SERVER)]
    lab.add(1000, own)
    lab.add(1001, others)
    expectWhole(lab.analyze(), own.length - 14)
    expect(lab.engine.excludedBytes).toBe(others.length - 14)
  })

  test('of a flow that goes on is in a remainder before its end, and leaves it where it turns out a device’s', () => {
    const lab = newLab({ onTick: () => {} })
    lab.add(1000, up(CAMERA6, SERVER6))
    lab.add(1002, up(CAMERA6, SERVER6))
    expect(lab.engine.restBytes(REST_PASSING)).toBe(2 * BYTES)
    lab.add(1004, down(CAMERA6, SERVER6))
    expect(lab.engine.restBytes(REST_PASSING)).toBe(0)
    expectWhole(lab.analyze(), 3 * BYTES)
  })

  test('to a group from outside of the home has a remainder of its own', () => {
    const packet = segment(SERVER, '239.35.10.4', { hopLimit: 5 })
    const analysis = analysisOf([frameOf(ROUTER.mac, multicastMac('239.35.10.4'), packet), tcpIn(CAMERA, SERVER)])
    expect(placesOf(analysis)['groups']).toBe(packet.length)
  })
})
