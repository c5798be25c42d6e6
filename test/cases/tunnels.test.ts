// Mirrors of the home's traffic in tunnels: what is inside counts, once; a household's own tunnels stay its devices'.
import { describe, expect, test } from 'vitest'
import { READ_TO_ENGINE } from '../../capture/core/constants.ts'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { LinkType } from '../../capture/formats/link-types.ts'
import { Engine } from '../../server/engine/engine.ts'
import type { Policy } from '../../server/model/policy.ts'
import { ExcludedDevices } from '../../server/session/excluded-devices.ts'
import { concat, hex } from '../../server/sample/packets/bytes.ts'
import { arp, ethernet, ETHERTYPE, ipv4Fragments, PROTOCOL } from '../../server/sample/packets/packet-builder.ts'
import {
  analysisOf,
  bytesOf,
  CAMERA,
  capture,
  GATEWAY,
  onEthernet,
  type Spoken,
  sumsOf,
  talk,
} from '../support/link-home.ts'
import { avs, prism, snap, tagged, wifi } from '../support/wire/link-headers.ts'
import {
  BRIDGED,
  erspan,
  geneve,
  gre,
  inFrame,
  type Outside,
  overIp,
  overUdp,
  tzsp,
  vxlan,
} from '../support/wire/tunnels.ts'

/** The router sends to the machine that records. */
const MIRROR: Outside = { source: '192.168.88.1', destination: '192.168.88.10' }
const MIRROR_6: Outside = { source: 'fe80::1', destination: 'fe80::10' }
/** IPv4, UDP, VXLAN and the Ethernet header inside. */
const VXLAN_HEADERS = 20 + 8 + 8 + 14
const ABROAD: Outside = { source: CAMERA.ip, destination: '198.51.100.7' }

type Kind = [name: string, said: string, wrap: (frame: Uint8Array, ends: Outside) => Uint8Array]

const KINDS: Kind[] = [
  ['TZSP', 'TZSP', (frame, ends) => overUdp(ends, 37_008, tzsp(frame))],
  [
    'TZSP with tags',
    'TZSP',
    (frame, ends) => overUdp(ends, 37_008, tzsp(frame, { tags: hex('00 0a01c4 2906aabbccddeeff') })),
  ],
  ['TZSP to be sent', 'TZSP', (frame, ends) => overUdp(ends, 37_008, tzsp(frame, { type: 1 }))],
  ['VXLAN', 'VXLAN', (frame, ends) => overUdp(ends, 4_789, vxlan(frame))],
  ['VXLAN on Linux’s port', 'VXLAN', (frame, ends) => overUdp(ends, 8_472, vxlan(frame, 42))],
  ['Geneve', 'Geneve', (frame, ends) => overUdp(ends, 6_081, geneve(frame, hex('0001000100000005')))],
  ['GRE', 'GRE', (frame, ends) => overIp(ends, gre(BRIDGED, frame))],
  ['GRE with a key', 'GRE', (frame, ends) => overIp(ends, gre(BRIDGED, frame, { key: 7 }))],
  [
    'GRE with all fields',
    'GRE',
    (frame, ends) => overIp(ends, gre(BRIDGED, frame, { key: 7, sequence: 1, hasChecksum: true })),
  ],
  ['ERSPAN type I', 'ERSPAN', (frame, ends) => overIp(ends, erspan(1, frame))],
  ['ERSPAN type II', 'ERSPAN', (frame, ends) => overIp(ends, erspan(2, frame))],
  ['ERSPAN type III', 'ERSPAN', (frame, ends) => overIp(ends, erspan(3, frame))],
  ['ERSPAN type III with platform data', 'ERSPAN', (frame, ends) => overIp(ends, erspan(3, frame, { isLong: true }))],
]

function mirrored(wrap: Kind[2], spoken: readonly Spoken[], ends = MIRROR): { bytes: Uint8Array; outside: number } {
  const packets = spoken.map((one) => wrap(onEthernet(one), ends))
  return {
    bytes: capture(
      LinkType.Ethernet,
      packets.map((packet) => inFrame(packet)),
    ),
    outside: packets.reduce((sum, { length }) => sum + length, 0),
  }
}

describe.each(KINDS)('%s', (_, said, wrap) => {
  test('from the router gives the device its bytes, and the rest to the tunnel', async () => {
    const spoken = talk()
    const { bytes, outside } = mirrored(wrap, spoken)
    const analysis = await analysisOf(bytes)
    const { sent, received } = bytesOf(spoken)
    expect(analysis.capture).toMatchObject({ ipBytes: outside, ipPackets: spoken.length, problems: [] })
    expect(analysis.capture.notices).toEqual([
      `6 packets are in ${said} from 192.168.88.1: what is inside is counted in their place`,
    ])
    expect(analysis.devices.find(({ id }) => id === CAMERA.mac)).toMatchObject({ sent, received, sentLocal: 0 })
    expect(analysis.devices.map(({ addresses }) => addresses).flat()).not.toContain('192.168.88.10')
    expect(analysis.coverage.bytes).toMatchObject({
      internet: sent + received,
      local: 0,
      remainder: [{ reason: 'tunnel-headers', bytes: outside - sent - received }],
    })
    expect(sumsOf(bytes)).toEqual({
      ip: outside,
      internet: sent + received,
      local: 0,
      transit: 0,
      tunnels: outside - sent - received,
    })
  })

  test('over IPv6 is looked into as well', async () => {
    const spoken = talk()
    const analysis = await analysisOf(mirrored(wrap, spoken, MIRROR_6).bytes)
    expect(analysis.devices.find(({ id }) => id === CAMERA.mac)).toMatchObject(bytesOf(spoken))
  })

  test('to the internet is the traffic of the device that has it', async () => {
    const inside = talk().filter(({ isUp }) => isUp)
    const packets = inside.map((one) => wrap(onEthernet({ ...one }), ABROAD))
    const frames = packets.map((packet) => inFrame(packet, CAMERA.mac, GATEWAY.mac))
    const { capture: facts, devices } = await analysisOf(capture(LinkType.Ethernet, frames))
    const sent = packets.reduce((sum, { length }) => sum + length, 0)
    expect(facts).toMatchObject({ ipBytes: sent, problems: [] })
    expect(facts.notices).toBeUndefined()
    expect(devices.find(({ id }) => id === CAMERA.mac)).toMatchObject({ sent, received: 0 })
    expect(devices.find(({ id }) => id === CAMERA.mac)?.endpoints[0].addresses).toEqual([ABROAD.destination])
  })
})

describe('a tunnel with IP inside', () => {
  test('counts what has an end at home', async () => {
    const spoken = talk()
    const packets = spoken.map(({ packet }) => overIp(MIRROR, gre(0x0800, packet)))
    const analysis = await analysisOf(
      capture(
        LinkType.Ethernet,
        packets.map((packet) => inFrame(packet)),
      ),
    )
    expect(analysis.devices.find(({ id }) => id === CAMERA.ip)).toMatchObject(bytesOf(spoken))
  })

  test('stays what it is where nobody at home is inside', async () => {
    const [one] = talk()
    const packet = one.packet.slice()
    packet.set([198, 51, 100, 7], 12)
    const outside = overIp(MIRROR, gre(0x0800, packet))
    const analysis = await analysisOf(capture(LinkType.Ethernet, [inFrame(outside)]))
    expect(analysis.capture.notices).toBeUndefined()
    expect(sumsOf(capture(LinkType.Ethernet, [inFrame(outside)]))).toMatchObject({ local: outside.length, tunnels: 0 })
  })
})

describe('what is inside', () => {
  test('may be Wi-Fi with any header', async () => {
    const spoken = talk().filter(({ isUp }) => isUp)
    const air = (packet: Uint8Array): Uint8Array =>
      wifi({ source: CAMERA.mac, destination: GATEWAY.mac }, snap(ETHERTYPE.ipv4, packet))
    for (const [protocol, header] of [
      [18, (frame: Uint8Array) => frame],
      [119, prism],
      [127, avs],
    ] as const) {
      const packets = spoken.map(({ packet }) => overUdp(MIRROR, 37_008, tzsp(header(air(packet)), { protocol })))
      const analysis = await analysisOf(
        capture(
          LinkType.Ethernet,
          packets.map((packet) => inFrame(packet)),
        ),
      )
      expect(analysis.devices.find(({ id }) => id === CAMERA.mac)?.sent).toBe(bytesOf(spoken).sent)
    }
  })

  test('may be no IP: all of it is the tunnel’s, and ARP says who has which address', async () => {
    const message = arp({
      operation: 'reply',
      senderMac: CAMERA.mac,
      senderAddress: CAMERA.ip,
      targetMac: GATEWAY.mac,
      targetAddress: GATEWAY.ip,
    })
    const outside = overUdp(MIRROR, 37_008, tzsp(ethernet(CAMERA.mac, GATEWAY.mac, ETHERTYPE.arp, message)))
    const bytes = capture(LinkType.Ethernet, [inFrame(outside)])
    expect(sumsOf(bytes)).toEqual({ ip: outside.length, internet: 0, local: 0, transit: 0, tunnels: outside.length })
    const { devices } = await analysisOf(bytes)
    expect(devices.find(({ id }) => id === CAMERA.mac)?.addresses).toEqual([CAMERA.ip])
  })

  test('may be cut by the mirror: the device has the bytes that its own headers say', () => {
    const spoken = talk()
    const packets = spoken.map((one) => overIp(MIRROR, erspan(2, onEthernet(one).subarray(0, 100))))
    const outside = packets.reduce((sum, { length }) => sum + length, 0)
    const { sent, received } = bytesOf(spoken)
    const sums = sumsOf(
      capture(
        LinkType.Ethernet,
        packets.map((packet) => inFrame(packet)),
      ),
    )
    expect(sums).toMatchObject({ ip: outside, internet: sent + received, tunnels: outside - sent - received })
  })

  test('may need several packets outside, which belong together', () => {
    const spoken = talk().slice(2, 3)
    const datagram = overUdp(MIRROR, 37_008, tzsp(onEthernet(spoken[0]))).subarray(20)
    const fragments = ipv4Fragments(
      { ...MIRROR, protocol: PROTOCOL.udp, identification: 4_711, payload: datagram },
      800,
    )
    expect(fragments.length).toBeGreaterThan(1)
    const outside = fragments.reduce((sum, { length }) => sum + length, 0)
    const { sent } = bytesOf(spoken)
    const bytes = capture(
      LinkType.Ethernet,
      fragments.map((packet) => inFrame(packet)),
    )
    expect(sumsOf(bytes)).toEqual({ ip: outside, internet: sent, local: 0, transit: 0, tunnels: outside - sent })
  })

  test('of a later fragment of something else is not the tunnel’s', () => {
    const [one] = talk()
    const datagram = overUdp(MIRROR, 37_008, tzsp(onEthernet(one))).subarray(20)
    const fields = { ...MIRROR, protocol: PROTOCOL.udp, payload: datagram }
    const [first] = ipv4Fragments({ ...fields, identification: 1 }, 400)
    const other = ipv4Fragments({ ...fields, identification: 2 }, 400)[1]
    const sums = sumsOf(capture(LinkType.Ethernet, [inFrame(first), inFrame(other)]))
    expect(sums.local).toBe(other.length)
  })

  test('is a tunnel itself: two are looked into, no more', () => {
    const [one] = talk()
    const outward = (frame: Uint8Array): Uint8Array => inFrame(overUdp(MIRROR, 4_789, vxlan(frame)))
    const twice = outward(outward(onEthernet(one)))
    expect(sumsOf(capture(LinkType.Ethernet, [twice])).internet).toBe(one.packet.length)
    const thrice = outward(twice)
    expect(sumsOf(capture(LinkType.Ethernet, [thrice]))).toMatchObject({
      internet: 0,
      local: one.packet.length + VXLAN_HEADERS,
    })
  })
})

describe('a paused device', () => {
  const policy: Policy = {
    levels: { [CAMERA.mac]: 'paused' },
    newDeviceLevel: 'everything',
    kinds: {},
    ignored: { salt: '', hashes: [] },
  }

  test.each([
    ['in a tunnel', LinkType.Ethernet, (one: Spoken) => inFrame(overUdp(MIRROR, 37_008, tzsp(onEthernet(one))))],
    ['on Wi-Fi', LinkType.Wifi, (one: Spoken) => onAir(one)],
    ['behind a switch tag', LinkType.DsaTag, (one: Spoken) => tagged(onEthernet(one), hex('c0080000'))],
  ])('%s leaves nothing in the rows, neither sent nor received', (_, linkType, wrap) => {
    const engine = new Engine({ isExcluded: new ExcludedDevices(policy).isExcluded })
    const reader = new CaptureReader({ core: engine.core, mode: READ_TO_ENGINE })
    const spoken = talk()
    reader.push(capture(linkType, spoken.map(wrap)))
    reader.end()
    engine.finish()
    expect([engine.excluded, engine.rows.used]).toEqual([spoken.length, new Engine().rows.used])
  })
})

function onAir({ packet, isUp }: Spoken): Uint8Array {
  const [source, destination] = isUp ? [CAMERA.mac, GATEWAY.mac] : [GATEWAY.mac, CAMERA.mac]
  return wifi(
    { source, destination, direction: isUp ? 'to the point' : 'from the point' },
    snap(ETHERTYPE.ipv4, packet),
  )
}

describe('no tunnel', () => {
  test.each([
    ['TZSP of another version', overUdp(MIRROR, 37_008, concat(hex('02000001 01'), new Uint8Array(60)))],
    ['TZSP that keeps the port open', overUdp(MIRROR, 37_008, hex('0104 0000 01'))],
    ['TZSP without an end of its tags', overUdp(MIRROR, 37_008, hex('0100 0001 0aff'))],
    ['VXLAN without an id', overUdp(MIRROR, 4_789, concat(hex('0000000000000700'), new Uint8Array(60)))],
    ['another program on Linux’s port', overUdp(MIRROR, 8_472, concat(hex('0812345678000700'), new Uint8Array(60)))],
    ['PPTP', overIp(MIRROR, concat(hex('3001 880b 0030 0001 00000001'), new Uint8Array(60)))],
    ['GRE with routing', overIp(MIRROR, concat(hex('4000 6558'), new Uint8Array(60)))],
    ['GRE with nothing inside', overIp(MIRROR, hex('0000 6558'))],
    [
      'ERSPAN of a version to come',
      overIp(MIRROR, gre(0x88be, concat(hex('7001000500000003'), new Uint8Array(60)), { sequence: 1 })),
    ],
  ])('is seen in %s', (_, packet) => {
    const sums = sumsOf(capture(LinkType.Ethernet, [inFrame(packet)]))
    expect(sums).toEqual({ ip: packet.length, internet: 0, local: packet.length, transit: 0, tunnels: 0 })
  })
})
