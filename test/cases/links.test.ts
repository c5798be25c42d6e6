// Recordings of every link type and tunnel: each byte counts once, for the device that sent it.
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { LinkType } from '../../capture/formats/link-types.ts'
import type { Analysis } from '../../server/analyze/analysis.ts'
import { concat, hex } from '../../server/sample/packets/bytes.ts'
import { ETHERTYPE } from '../../server/sample/packets/packet-builder.ts'
import { analysisOf, bytesOf, CAMERA, capture, GATEWAY, onEthernet, type Spoken, talk } from '../support/link-home.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'
import {
  aggregate,
  avs,
  label,
  nflog,
  pflog,
  pktap,
  ppi,
  pppOf,
  pppoe,
  prism,
  radiotap,
  snap,
  tagged,
  wifi,
  type WifiFields,
} from '../support/wire/link-headers.ts'

type Wrap = (spoken: Spoken) => Uint8Array
type Kind = [name: string, linkType: number, wrap: Wrap, version?: 4 | 6]

function onAir({ packet, isUp }: Spoken, fields: Partial<WifiFields> = {}): Uint8Array {
  const type = packet[0] >> 4 === 6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4
  const [source, destination] = isUp ? [CAMERA.mac, GATEWAY.mac] : [GATEWAY.mac, CAMERA.mac]
  const direction = isUp ? 'to the point' : 'from the point'
  return wifi({ source, destination, direction, ...fields }, snap(type, packet))
}

/** Link types that name no device: it is known by its address. */
const WITHOUT_MAC: Kind[] = [
  ['PPP with address and control', LinkType.Ppp, ({ packet }) => concat(hex('ff03'), pppOf(packet))],
  ['PPP without them', LinkType.Ppp, ({ packet }) => pppOf(packet)],
  ['PPP with its protocol in one byte', LinkType.Ppp, ({ packet }) => pppOf(packet, true)],
  ['PPP of both kinds in one file', LinkType.Ppp, (one) => concat(hex(one.isUp ? 'ff03' : ''), pppOf(one.packet))],
  ['PPP in HDLC framing', LinkType.PppHdlc, ({ packet }) => concat(hex('ff03'), pppOf(packet, true))],
  ['PPP in HDLC framing without address', LinkType.PppHdlc, ({ packet }) => pppOf(packet)],
  ['Cisco HDLC under PPP', LinkType.PppHdlc, ({ packet }) => concat(hex('0f000800'), packet)],
  ['Cisco HDLC', LinkType.CiscoHdlc, ({ packet }) => concat(hex('0f000800'), packet)],
  ['PPP with a direction', LinkType.PppWithDirection, (one) => concat(hex(one.isUp ? '01' : '00'), pppOf(one.packet))],
  ['PPP of pppd', LinkType.PppPppd, ({ packet }) => concat(hex('01ff03'), pppOf(packet))],
  ['PPPoE', LinkType.PppEther, ({ packet }) => pppoe(packet)],
  ['SLIP', LinkType.Slip, ({ packet }) => concat(new Uint8Array(16), packet)],
  ['IP of OpenBSD', LinkType.RawOpenBsd, ({ packet }) => packet],
  ['IP', LinkType.Raw, ({ packet }) => packet],
  ['IPv4', LinkType.Ipv4, ({ packet }) => packet],
  ['enc', LinkType.Enc, ({ packet }) => concat(hex('020000000000000000000000'), packet)],
  ['pflog of FreeBSD', LinkType.Pflog, ({ packet }) => pflog(packet)],
  ['pflog of OpenBSD', LinkType.Pflog, ({ packet }) => pflog(packet, 100)],
  ['MPLS', LinkType.Mpls, ({ packet }) => concat(label(3, false), label(5, true), packet)],
  ['NFLOG without a sender', LinkType.Nflog, ({ packet }) => nflog(packet, { prefix: 'FORWARD: ' })],
  ['NFLOG of a modem', LinkType.Nflog, ({ packet }) => nflog(packet, { sender: '02:00:00:00:00:77', hardware: 512 })],
  ['PKTAP with IP', LinkType.Pktap, ({ packet }) => pktap(LinkType.RawBsd, packet)],
  ['PKTAP with loopback', LinkType.Pktap, ({ packet }) => pktap(LinkType.Null, concat(hex('02000000'), packet))],
  ['PKTAP with PPP', LinkType.User2, ({ packet }) => pktap(LinkType.Ppp, concat(hex('ff03'), pppOf(packet)))],
  ['IP under Ethernet', LinkType.Ethernet, ({ packet }) => packet],
  ['IP under Ethernet whose checksum the adapter fills in', LinkType.Ethernet, ({ packet }) => unsummed(packet)],
]

const WITHOUT_MAC_6: Kind[] = [
  ['PPP', LinkType.Ppp, ({ packet }) => concat(hex('ff03'), pppOf(packet))],
  ['PPPoE', LinkType.PppEther, ({ packet }) => pppoe(packet)],
  ['Cisco HDLC', LinkType.CiscoHdlc, ({ packet }) => concat(hex('0f0086dd'), packet)],
  ['PKTAP with IP', LinkType.Pktap, ({ packet }) => pktap(LinkType.RawBsd, packet)],
  ['NFLOG', LinkType.Nflog, ({ packet }) => nflog(packet, { family: 10 })],
  ['IP under Ethernet', LinkType.Ethernet, ({ packet }) => packet],
]

/** Link types that name the sender. */
const WITH_MAC: Kind[] = [
  ['NFLOG', LinkType.Nflog, (one) => nflog(one.packet, { ...senderOf(one), prefix: 'in' })],
  [
    'NFLOG, big-endian',
    LinkType.Nflog,
    (one) => nflog(one.packet, { ...senderOf(one), isBigEndian: true, hardware: 1 }),
  ],
  ['PKTAP', LinkType.Pktap, (one) => pktap(LinkType.Ethernet, onEthernet(one))],
  ['PKTAP with a longer header', LinkType.Pktap, (one) => pktap(LinkType.Ethernet, onEthernet(one), 156)],
  ['PKTAP with Wi-Fi', LinkType.Pktap, (one) => pktap(LinkType.Radiotap, radiotap(onAir(one)))],
  ['Wi-Fi', LinkType.Wifi, (one) => onAir(one)],
  ['Wi-Fi with priorities', LinkType.Wifi, (one) => onAir(one, { isQos: true })],
  ['Wi-Fi with HT control', LinkType.Wifi, (one) => onAir(one, { isQos: true, hasHtControl: true })],
  ['Wi-Fi between repeaters', LinkType.Wifi, (one) => onAir(one, { direction: 'relayed', isQos: true })],
  ['Wi-Fi without a point', LinkType.Wifi, (one) => onAir(one, { direction: 'ad hoc' })],
  ['radiotap', LinkType.Radiotap, (one) => radiotap(onAir(one))],
  ['radiotap with a checksum', LinkType.Radiotap, (one) => summed(onAir(one), { flags: 0x10, hasTime: true })],
  [
    'radiotap with many fields',
    LinkType.Radiotap,
    (one) => summed(onAir(one), { flags: 0x10, moreWords: 3, hasTime: true }),
  ],
  [
    'radiotap with padding',
    LinkType.Radiotap,
    (one) => radiotap(onAir(one, { isQos: true, isPadded: true }), { flags: 0x20 }),
  ],
  ['Prism', LinkType.Prism, (one) => prism(onAir(one))],
  ['Prism, big-endian', LinkType.Prism, (one) => prism(onAir(one), true)],
  ['AVS', LinkType.Avs, (one) => avs(onAir(one))],
  ['PPI', LinkType.Ppi, (one) => ppi(LinkType.Wifi, concat(onAir(one), hex('01020304')), 1)],
  ['PPI with Ethernet', LinkType.Ppi, (one) => ppi(LinkType.Ethernet, onEthernet(one))],
  ['a Broadcom switch', LinkType.BroadcomTag, (one) => tagged(onEthernet(one), hex('00000001'))],
  ['a Broadcom switch, tag in front', LinkType.BroadcomTagBefore, (one) => concat(hex('00000001'), onEthernet(one))],
  ['a Marvell switch', LinkType.DsaTag, (one) => tagged(onEthernet(one), hex('c0080000'))],
  ['a Marvell switch with types', LinkType.EdsaTag, (one) => tagged(onEthernet(one), hex('dada0000c0080000'))],
  ['a Marvell switch as Ethernet', LinkType.Ethernet, (one) => tagged(onEthernet(one), hex('dada0000c0080000'))],
  ['Ethernet', LinkType.Ethernet, (one) => onEthernet(one)],
]

function senderOf({ isUp }: Spoken): { sender: string } {
  return { sender: isUp ? CAMERA.mac : GATEWAY.mac }
}

function summed(frame: Uint8Array, fields: Parameters<typeof radiotap>[1]): Uint8Array {
  return radiotap(concat(frame, hex('deadbeef')), fields)
}

function unsummed(packet: Uint8Array): Uint8Array {
  return concat(packet.subarray(0, 10), hex('0000'), packet.subarray(12))
}

function deviceOf({ devices }: Analysis, id: string): object | undefined {
  const { sent, received, sentLocal, receivedLocal } = devices.find((device) => device.id === id) ?? {}
  return sent === undefined ? undefined : { sent, received, sentLocal, receivedLocal }
}

const FAR = { sentLocal: 0, receivedLocal: 0 }

describe('a device without a MAC', () => {
  test.each(WITHOUT_MAC)('in %s has its bytes', async (_, linkType, wrap) => {
    const spoken = talk()
    const analysis = await analysisOf(capture(linkType, spoken.map(wrap)))
    const { sent, received } = bytesOf(spoken)
    expect(analysis.capture).toMatchObject({ ipBytes: sent + received, problems: [] })
    expect(deviceOf(analysis, CAMERA.ip)).toEqual({ sent, received, ...FAR })
  })

  test.each(WITHOUT_MAC_6)('in %s loses no byte of IPv6', async (_, linkType, wrap) => {
    const spoken = talk(6)
    const { capture: facts } = await analysisOf(capture(linkType, spoken.map(wrap)))
    const { sent, received } = bytesOf(spoken)
    expect(facts).toMatchObject({ ipBytes: sent + received, ipPackets: spoken.length })
  })
})

describe('a device with a MAC', () => {
  test.each(WITH_MAC)('in %s has its bytes', async (_, linkType, wrap) => {
    const spoken = talk()
    const analysis = await analysisOf(capture(linkType, spoken.map(wrap)))
    const { sent, received } = bytesOf(spoken)
    expect(analysis.capture).toMatchObject({ ipBytes: sent + received, problems: [] })
    expect(deviceOf(analysis, CAMERA.mac)).toEqual({ sent, received, ...FAR })
  })
})

describe('raw IP under Ethernet', () => {
  test('is said', async () => {
    const { capture: facts } = await analysisOf(
      capture(
        LinkType.Ethernet,
        talk().map(({ packet }) => packet),
      ),
    )
    expect(facts.notices).toEqual([
      '6 packets are raw IP under the link type of Ethernet, as phones and mobile adapters record: ' +
        'devices are told apart by their IP address',
    ])
  })

  test('may share a file with Ethernet', async () => {
    const [first, ...spoken] = talk()
    const analysis = await analysisOf(capture(LinkType.Ethernet, [first.packet, ...spoken.map(onEthernet)]))
    const { sent, received } = bytesOf([first, ...spoken])
    expect(analysis.capture.ipBytes).toBe(sent + received)
    expect(analysis.capture.notices).toHaveLength(1)
  })

  test.each([
    ['with a wrong checksum', (packet: Uint8Array) => concat(packet.subarray(0, 10), hex('1234'), packet.subarray(12))],
    [
      'that is longer than the packet',
      (packet: Uint8Array) => concat(packet.subarray(0, 2), hex('ffff'), packet.subarray(4)),
    ],
  ])('is not taken for IP %s', async (_, change) => {
    const { capture: facts } = await analysisOf(capture(LinkType.Ethernet, [change(talk()[0].packet)]))
    expect(facts).toMatchObject({ ipPackets: 0, ipBytes: 0 })
  })

  test.each(['45:00:00:00:00:01', '46:00:00:28:00:01', '60:00:00:00:00:14', '6a:00:00:28:06:40', '40:00:40:06:00:00'])(
    'is not seen in Ethernet to the MAC %s',
    async (destination) => {
      const spoken = talk()
      const frames = spoken.map((one) => concat(hex(destination.replaceAll(':', '')), onEthernet(one).subarray(6)))
      const { capture: facts } = await analysisOf(capture(LinkType.Ethernet, frames))
      const { sent, received } = bytesOf(spoken)
      expect(facts.ipBytes).toBe(sent + received)
      expect(facts.notices).toBeUndefined()
    },
  )
})

describe('Wi-Fi', () => {
  test('that is encrypted is counted and said', async () => {
    const [open, ...spoken] = talk()
    const analysis = await analysisOf(
      capture(LinkType.Radiotap, [
        radiotap(onAir(open)),
        ...spoken.map((one) => radiotap(onAir(one, { isQos: true, isEncrypted: true }))),
      ]),
    )
    expect(analysis.capture.problems.map(({ message }) => message)).toEqual([
      '5 of 6 packets are encrypted Wi-Fi frames, whose content cannot be read: ' +
        'record on the router or an access point instead',
    ])
    expect(deviceOf(analysis, CAMERA.mac)).toMatchObject({ sent: open.packet.length, received: 0 })
  })

  test('without any data is said', async () => {
    const beacon = concat(hex('8000 0000 ffffffffffff 0200000000aa 0200000000aa 0000'), new Uint8Array(40))
    const { capture: facts } = await analysisOf(capture(LinkType.Wifi, [beacon, beacon]))
    expect(facts.problems.map(({ message }) => message)).toEqual([
      'none of its Wi-Fi frames carries IP: management and control frames say nothing of traffic',
    ])
  })

  test('that came in damaged is left out and said', async () => {
    const spoken = talk()
    const frames = spoken.map((one, index) => radiotap(onAir(one), { flags: index === 0 ? 0x40 : 0 }))
    const { capture: facts } = await analysisOf(capture(LinkType.Radiotap, frames))
    const { sent, received } = bytesOf(spoken.slice(1))
    expect(facts.ipBytes).toBe(sent + received)
    expect(facts.problems.map(({ message }) => message)).toEqual(['1 packet with a wrong Wi-Fi checksum is left out'])
  })

  test('frames of several packets count each of them', async () => {
    const spoken = talk()
    const parts = spoken.map(({ packet, isUp }) => ({
      source: isUp ? CAMERA.mac : GATEWAY.mac,
      destination: isUp ? GATEWAY.mac : CAMERA.mac,
      content: snap(ETHERTYPE.ipv4, packet),
    }))
    const frame = wifi({ source: CAMERA.mac, destination: GATEWAY.mac, isAggregate: true }, aggregate(parts))
    const analysis = await analysisOf(capture(LinkType.Radiotap, [radiotap(frame), radiotap(onAir(spoken[0]))]))
    const { sent, received } = bytesOf([...spoken, spoken[0]])
    expect(analysis.capture).toMatchObject({ packets: 2, ipPackets: 2, ipBytes: sent + received, problems: [] })
    expect(deviceOf(analysis, CAMERA.mac)).toEqual({ sent, received, ...FAR })
  })

  test('frames of several packets that were cut keep what is whole', async () => {
    const [one, , two] = talk()
    const ends = { source: CAMERA.mac, destination: GATEWAY.mac }
    const parts = [one, two, two].map(({ packet }) => ({ ...ends, content: snap(ETHERTYPE.ipv4, packet) }))
    const frame = wifi({ ...ends, isAggregate: true }, aggregate(parts))
    const analysis = await analysisOf(capture(LinkType.Wifi, [frame.subarray(0, one.packet.length + 200)]))
    // The second one's header is there and says how long it is; of the third nothing is.
    expect(deviceOf(analysis, CAMERA.mac)).toMatchObject({ sent: one.packet.length + two.packet.length })
  })

  test('fragments but the first hold no headers', async () => {
    const [one] = talk()
    const later = wifi({ source: CAMERA.mac, destination: GATEWAY.mac, fragment: 1 }, one.packet)
    const { capture: facts } = await analysisOf(capture(LinkType.Wifi, [onAir(one), later]))
    expect(facts.ipBytes).toBe(one.packet.length)
  })
})

describe('a link type behind a header of the capture program', () => {
  test('is named where it is not read', async () => {
    const { capture: facts } = await analysisOf(capture(LinkType.Pktap, [pktap(189, new Uint8Array(64))]))
    expect(facts.problems.map(({ message }) => message)).toEqual([
      '1 packet behind a header of the capture program is of link type 189 (USB): counted but not read',
    ])
  })
})

const data = realDataFolder()
if (data === null) console.log(`skipped: ${NO_REAL_DATA}`)

describe.skipIf(data === null)('a recording that others asked about', () => {
  const cases: [file: string, id: string][] = [
    ['12-raw-ip-under-ethernet/rvi-raw-as-eth.pcap', '192.168.1.10'],
    ['13-pktap-macos/pktap.pcap', 'a4:da:22:00:00:10'],
    ['15-ppp/ppp9.pcap', '192.168.1.10'],
    ['15-ppp/ppp50.pcap', '192.168.1.10'],
  ]
  test.each(cases.filter(([file]) => existsSync(`${data}/cases/${file}`)))('%s has its bytes', async (file, id) => {
    const analysis = await analysisOf(readFileSync(`${data}/cases/${file}`))
    expect(analysis.capture).toMatchObject({ ipBytes: 31_930, problems: [] })
    expect(deviceOf(analysis, id)).toMatchObject({ sent: 29_010, received: 2_920 })
    expect(analysis.capture.notices?.length ?? 0).toBe(file.startsWith('12') ? 1 : 0)
  })

  test.runIf(existsSync(`${data}/exporters/tzsp.pcap`))('of a TZSP stream gives the devices inside', async () => {
    const analysis = await analysisOf(readFileSync(`${data}/exporters/tzsp.pcap`))
    expect(deviceOf(analysis, '0c:47:c9:00:00:11')).toMatchObject({ sent: 104_677, received: 2_732 })
    expect(analysis.capture.notices).toEqual([
      '94 packets are in TZSP from 127.0.0.1: what is inside is counted in their place',
    ])
  })
})
