// Frames of the same two packets in every encapsulation that is read: link types, capture headers, tunnels at home.
import { LinkType } from '../../capture/formats/link-types.ts'
import { hex, text, u16, concat } from '../../server/sample/packets/bytes.ts'
import {
  ethernet,
  ETHERTYPE,
  ip,
  ipv4Fragments,
  PROTOCOL,
  tcp,
  TCP_FLAG,
  udp,
} from '../../server/sample/packets/packet-builder.ts'
import type { ValidFrame } from './valid-packets.ts'
import { LAMP, ROUTER, UP, UP6 } from './valid-ends.ts'
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
} from './wire/link-headers.ts'
import { BRIDGED, erspan, geneve, gre, inFrame, overIp, overUdp, tzsp, vxlan } from './wire/tunnels.ts'

const v4 = ip(UP.source, UP.destination, PROTOCOL.tcp, tcp({ ...UP, flags: TCP_FLAG.ack, payload: text('hello') }))
const v6 = ip(UP6.source, UP6.destination, PROTOCOL.udp, udp({ ...UP6, payload: text('hello') }))
const frame4 = ethernet(LAMP.mac, ROUTER.mac, ETHERTYPE.ipv4, v4)
const frame6 = ethernet(LAMP.mac, ROUTER.mac, ETHERTYPE.ipv6, v6)
const ENDS = { source: LAMP.mac, destination: ROUTER.mac }
const air = wifi({ ...ENDS, isQos: true }, snap(ETHERTYPE.ipv4, v4))
const COLLECTOR = { source: ROUTER.ip, destination: '192.168.1.9' }
const COLLECTOR6 = { source: 'fe80::1', destination: 'fe80::9' }

/** Around a packet without a MAC. */
function serialFrames(): ValidFrame[] {
  const frames: [name: string, linkType: number, bytes: Uint8Array][] = [
    ['PPP with address and control', LinkType.Ppp, concat(hex('ff03'), pppOf(v4))],
    ['PPP without them', LinkType.Ppp, pppOf(v6)],
    ['PPP with a compressed protocol', LinkType.Ppp, pppOf(v4, true)],
    ['PPP in HDLC', LinkType.PppHdlc, concat(hex('ff03'), pppOf(v6))],
    ['Cisco in HDLC', LinkType.PppHdlc, concat(hex('0f00 0800'), v4)],
    ['PPPoE', LinkType.PppEther, pppoe(v4)],
    ['PPP of pppd', LinkType.PppPppd, concat(hex('01 ff03'), pppOf(v4))],
    ['PPP with direction', LinkType.PppWithDirection, concat(hex('00'), pppOf(v6))],
    ['Cisco HDLC', LinkType.CiscoHdlc, concat(hex('0f00 86dd'), v6)],
    ['Cisco HDLC with direction', LinkType.CiscoHdlcWithDirection, concat(hex('01 8f00 0800'), v4)],
    ['SLIP', LinkType.Slip, concat(new Uint8Array(16), v4)],
    ['enc', LinkType.Enc, concat(hex('02000000 00000000 00000000'), v4)],
    ['pflog', LinkType.Pflog, pflog(v4)],
    ['NFLOG', LinkType.Nflog, nflog(v4, { sender: LAMP.mac, prefix: 'in' })],
    ['NFLOG, big-endian', LinkType.Nflog, nflog(v6, { family: 10, isBigEndian: true })],
    ['MPLS', LinkType.Mpls, concat(label(16, false), label(17, true), v4)],
    ['raw of OpenBSD', LinkType.RawOpenBsd, v4],
    ['raw IPv4 as Ethernet', LinkType.Ethernet, v4],
    ['raw IPv6 as Ethernet', LinkType.Ethernet, v6],
  ]
  return frames.map(([name, linkType, bytes]) => ({ name, linkType, bytes }))
}

function wifiFrames(): ValidFrame[] {
  const part = (packet: Uint8Array): { source: string; destination: string; content: Uint8Array } => ({
    ...ENDS,
    content: snap(packet === v4 ? ETHERTYPE.ipv4 : ETHERTYPE.ipv6, packet),
  })
  const frames: [name: string, linkType: number, bytes: Uint8Array][] = [
    ['Wi-Fi', LinkType.Wifi, air],
    ['Wi-Fi from the point', LinkType.Wifi, wifi({ ...ENDS, direction: 'from the point' }, snap(0x86dd, v6))],
    ['Wi-Fi relayed', LinkType.Wifi, wifi({ ...ENDS, direction: 'relayed', isQos: true }, snap(0x0800, v4))],
    ['Wi-Fi padded', LinkType.Wifi, wifi({ ...ENDS, isQos: true, isPadded: true }, snap(0x0800, v4))],
    ['Wi-Fi aggregate', LinkType.Wifi, wifi({ ...ENDS, isAggregate: true }, aggregate([part(v4), part(v6), part(v4)]))],
    ['Wi-Fi encrypted', LinkType.Wifi, wifi({ ...ENDS, isEncrypted: true }, new Uint8Array(60))],
    [
      'radiotap',
      LinkType.Radiotap,
      radiotap(concat(air, hex('01020304')), { flags: 0x10, hasTime: true, moreWords: 2 }),
    ],
    ['radiotap, damaged', LinkType.Radiotap, radiotap(air, { flags: 0x40 })],
    ['Prism', LinkType.Prism, prism(air)],
    ['Prism that is AVS', LinkType.Prism, avs(air)],
    ['AVS', LinkType.Avs, avs(air)],
    ['PPI', LinkType.Ppi, ppi(LinkType.Wifi, concat(air, hex('01020304')), 1)],
    ['PPI with Ethernet', LinkType.Ppi, ppi(LinkType.Ethernet, frame4)],
    ['PKTAP with Wi-Fi', LinkType.Pktap, pktap(LinkType.Radiotap, radiotap(air))],
    [
      'PKTAP in PKTAP',
      LinkType.Pktap,
      pktap(LinkType.Pktap, pktap(LinkType.Pktap, pktap(LinkType.Ppi, ppi(1, frame4)))),
    ],
    ['PKTAP with USB', LinkType.Pktap, pktap(189, frame4)],
  ]
  return frames.map(([name, linkType, bytes]) => ({ name, linkType, bytes }))
}

/** Around an Ethernet frame. */
function taggedFrames(): ValidFrame[] {
  const frames: [name: string, linkType: number, bytes: Uint8Array][] = [
    ['PKTAP', LinkType.Pktap, pktap(LinkType.Ethernet, frame4)],
    ['PKTAP under a private number', LinkType.User2, pktap(LinkType.Raw, v6, 156)],
    ['Broadcom tag', LinkType.BroadcomTag, tagged(frame4, hex('00000001'))],
    ['Broadcom tag before', LinkType.BroadcomTagBefore, concat(hex('00000001'), frame4)],
    ['DSA tag', LinkType.DsaTag, tagged(frame6, hex('c0080000'))],
    ['EDSA tag', LinkType.EdsaTag, tagged(frame4, hex('dada0000 c0080000'))],
    ['EDSA tag as Ethernet', LinkType.Ethernet, tagged(frame4, hex('dada0000 c0080000'))],
    ['MPLS as Ethernet', LinkType.Ethernet, ethernet(LAMP.mac, ROUTER.mac, 0x8847, concat(label(16, true), v4))],
    [
      'a pseudowire',
      LinkType.Ethernet,
      ethernet(ROUTER.mac, LAMP.mac, 0x8847, concat(label(16, true), hex('00000000'), frame4)),
    ],
  ]
  return frames.map(([name, linkType, bytes]) => ({ name, linkType, bytes }))
}

function tunnelFrames(): ValidFrame[] {
  const big = ethernet(
    LAMP.mac,
    ROUTER.mac,
    ETHERTYPE.ipv4,
    ip(UP.source, UP.destination, 17, udp({ ...UP, payload: new Uint8Array(900) })),
  )
  const fragments = ipv4Fragments(
    {
      ...COLLECTOR,
      protocol: PROTOCOL.udp,
      identification: 77,
      payload: overUdp(COLLECTOR, 37_008, tzsp(big)).subarray(20),
    },
    400,
  )
  const outside: [name: string, packet: Uint8Array][] = [
    ['TZSP', overUdp(COLLECTOR, 37_008, tzsp(frame4, { tags: hex('00 0a01c4') }))],
    ['TZSP with Wi-Fi', overUdp(COLLECTOR, 37_008, tzsp(air, { protocol: 18 }))],
    ['TZSP with Prism', overUdp(COLLECTOR, 37_008, tzsp(prism(air, true), { protocol: 119 }))],
    ['TZSP over IPv6', overUdp(COLLECTOR6, 37_008, tzsp(frame6))],
    ['VXLAN', overUdp(COLLECTOR, 4_789, vxlan(frame6))],
    ['VXLAN on the old port', overUdp(COLLECTOR, 8_472, vxlan(frame4))],
    ['Geneve', overUdp(COLLECTOR, 6_081, geneve(frame4, hex('0001 0001 00000005')))],
    ['GRE', overIp(COLLECTOR, gre(BRIDGED, frame4, { key: 5, sequence: 6, hasChecksum: true }))],
    ['GRE with IP', overIp(COLLECTOR, gre(0x0800, v4))],
    ['ERSPAN I', overIp(COLLECTOR, erspan(1, frame4))],
    ['ERSPAN II', overIp(COLLECTOR, erspan(2, frame6))],
    ['ERSPAN III', overIp(COLLECTOR, erspan(3, frame4, { isLong: true }))],
    ['ERSPAN III with IP', overIp(COLLECTOR, erspan(3, v4, { isIp: true }))],
    ['TZSP in VXLAN', overUdp(COLLECTOR, 4_789, vxlan(inFrame(overUdp(COLLECTOR, 37_008, tzsp(frame4)))))],
    ['VXLAN in VXLAN in VXLAN', nested(6)],
  ]
  return [
    ...outside,
    ...fragments.map((packet, index): [string, Uint8Array] => [`TZSP fragment ${index}`, packet]),
  ].map(([name, packet]) => ({ name, linkType: LinkType.Ethernet, bytes: inFrame(packet) }))
}

function nested(levels: number): Uint8Array {
  let packet: Uint8Array = v4
  for (let level = 0; level < levels; level++) packet = overUdp(COLLECTOR, 4_789, vxlan(inFrame(packet)))
  return packet
}

/** One frame of each kind. */
export function encapsulatedFrames(): ValidFrame[] {
  return [...serialFrames(), ...wifiFrames(), ...taggedFrames(), ...tunnelFrames()]
}

/** The longest chain of lengths in a capture header that a packet can hold. */
export function longNflog(): Uint8Array {
  return concat(hex('0200'), u16(0), ...Array.from({ length: 4_000 }, () => hex('0400 0300')))
}
