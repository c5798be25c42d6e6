// Valid packets of every protocol, for tests that cut, change and repeat them.
import { LinkType } from '../../capture/formats/link-types.ts'
import {
  arp,
  ethernet,
  ethernet8023,
  ETHERTYPE,
  icmp,
  icmpv6,
  ip,
  ipv4,
  ipv4Fragments,
  ipv6,
  ipv6FragmentHeader,
  ipv6Fragments,
  PROTOCOL,
  tcp,
  TCP_FLAG,
  tcpFrame,
  udp,
  udpFrame,
  vlan,
} from '../../server/sample/packets/packet-builder.ts'
import { hex, u32, u16, text, concat } from '../../server/sample/packets/bytes.ts'
import { multicastMac, BROADCAST_MAC } from '../../server/sample/packets/addresses.ts'
import {
  routerAdvertisement,
  neighborAdvertisement,
  neighborSolicitation,
  ndpOption,
  ndp,
  NDP_OPTION,
  NDP,
} from '../../server/sample/packets/ndp-builder.ts'
import { LAMP, ROUTER, CLOUD, MACS, UP, UP6 } from './valid-ends.ts'
import { dnsMessages, dhcpMessages, dhcpv6Messages, ssdpMessages, stunMessages } from './valid-messages.ts'

export interface ValidFrame {
  name: string
  linkType: number
  bytes: Uint8Array
}

const tcpPacket = ip(
  UP.source,
  UP.destination,
  PROTOCOL.tcp,
  tcp({ ...UP, options: hex('0204 05b4 0101 080a 00000001 00000000'), payload: text('hello') }),
)

const udpPacket = ip(UP6.source, UP6.destination, PROTOCOL.udp, udp({ ...UP6, payload: text('hello') }))

const extensions = [
  { type: PROTOCOL.hopByHop, body: hex('05 02 0000 0100') },
  { type: PROTOCOL.routing, body: new Uint8Array(22) },
  ipv6FragmentHeader(0, false, 9),
  { type: 51, body: new Uint8Array(22) },
  { type: PROTOCOL.destinationOptions, body: new Uint8Array(14) },
]

/** Ethernet frames of every kind we look into. Every one whose network layer is IP has a payload. */
export function ethernetFrames(): ValidFrame[] {
  const frame = (name: string, type: number, payload: Uint8Array): ValidFrame => ({
    name,
    linkType: LinkType.Ethernet,
    bytes: ethernet(LAMP.mac, ROUTER.mac, type, payload),
  })
  return [
    {
      name: 'TCP with options',
      linkType: LinkType.Ethernet,
      bytes: tcpFrame({ ...UP, flags: TCP_FLAG.syn, options: hex('020405b4'), payload: text('fast open') }),
    },
    { name: 'UDP over IPv6', linkType: LinkType.Ethernet, bytes: udpFrame({ ...UP6, payload: text('hello') }) },
    frame('VLAN', ETHERTYPE.vlan, vlan(100, ETHERTYPE.ipv4, tcpPacket)),
    frame('QinQ', ETHERTYPE.serviceVlan, vlan(10, ETHERTYPE.vlan, vlan(100, ETHERTYPE.ipv6, udpPacket))),
    frame(
      'PPPoE with IPv4',
      ETHERTYPE.pppoe,
      concat(hex('11 00 0001'), u16(tcpPacket.length + 2), hex('0021'), tcpPacket),
    ),
    frame(
      'PPPoE with IPv6',
      ETHERTYPE.pppoe,
      concat(hex('11 00 0001'), u16(udpPacket.length + 2), hex('0057'), udpPacket),
    ),
    {
      name: 'SNAP',
      linkType: LinkType.Ethernet,
      bytes: ethernet8023(LAMP.mac, ROUTER.mac, concat(hex('aaaa03 000000 0800'), tcpPacket)),
    },
    {
      name: 'spanning tree',
      linkType: LinkType.Ethernet,
      bytes: ethernet8023(LAMP.mac, '01:80:c2:00:00:00', concat(hex('424203'), new Uint8Array(35))),
    },
    frame('IPv6 under the type of IPv4', ETHERTYPE.ipv4, udpPacket),
    frame('IPv4 under the type of IPv6', ETHERTYPE.ipv6, tcpPacket),
    frame(
      'IPv4 options',
      ETHERTYPE.ipv4,
      ipv4({
        source: LAMP.ip,
        destination: '224.0.0.251',
        protocol: PROTOCOL.igmp,
        options: hex('94040000'),
        payload: hex('16000904e00000fb'),
      }),
    ),
    frame(
      'offload without a length',
      ETHERTYPE.ipv4,
      ipv4({
        source: LAMP.ip,
        destination: CLOUD,
        protocol: PROTOCOL.tcp,
        totalLength: 0,
        payload: tcp({ ...UP, payload: new Uint8Array(100) }),
      }),
    ),
    frame(
      'IPv6 offload without a length',
      ETHERTYPE.ipv6,
      ipv6({
        source: UP6.source,
        destination: UP6.destination,
        nextHeader: PROTOCOL.tcp,
        payloadLength: 0,
        payload: tcp({ ...UP6, payload: new Uint8Array(100) }),
      }),
    ),
    frame(
      'a jumbogram',
      ETHERTYPE.ipv6,
      ipv6({
        source: UP6.source,
        destination: UP6.destination,
        nextHeader: PROTOCOL.udp,
        extensions: [{ type: PROTOCOL.hopByHop, body: hex('c2 04 00000019') }],
        payloadLength: 0,
        payload: udp({ ...UP6, length: 0, payload: text('123456789') }),
      }),
    ),
    frame(
      'extension headers',
      ETHERTYPE.ipv6,
      ipv6({
        source: UP6.source,
        destination: UP6.destination,
        nextHeader: PROTOCOL.udp,
        extensions,
        payload: udp({ ...UP6, payload: text('x') }),
      }),
    ),
    frame('ICMP', ETHERTYPE.ipv4, ip(LAMP.ip, ROUTER.ip, PROTOCOL.icmp, icmp(8, 0, text('ping')))),
    frame('ICMP around DNS', ETHERTYPE.ipv4, ip(ROUTER.ip, LAMP.ip, PROTOCOL.icmp, icmp(3, 3, udpPacket))),
    frame(
      'ICMPv6',
      ETHERTYPE.ipv6,
      ip(
        LAMP.ip6,
        ROUTER.ip6,
        PROTOCOL.icmpv6,
        icmpv6({ source: LAMP.ip6, destination: ROUTER.ip6 }, 128, 0, text('ping')),
      ),
    ),
    ...ipv4Fragments(
      {
        source: LAMP.ip,
        destination: CLOUD,
        protocol: PROTOCOL.udp,
        identification: 7,
        payload: udp({ ...UP, payload: new Uint8Array(60) }),
      },
      32,
    ).map((fragment, index) => frame(`IPv4 fragment ${index}`, ETHERTYPE.ipv4, fragment)),
    ...ipv6Fragments(
      {
        source: UP6.source,
        destination: UP6.destination,
        nextHeader: PROTOCOL.udp,
        payload: udp({ ...UP6, payload: new Uint8Array(60) }),
      },
      32,
      9,
    ).map((fragment, index) => frame(`IPv6 fragment ${index}`, ETHERTYPE.ipv6, fragment)),
    ...arpMessages().map((message, index) => frame(`ARP ${index}`, ETHERTYPE.arp, message)),
    ...ndpPackets().map((packet, index) => ({
      name: `NDP ${index}`,
      linkType: LinkType.Ethernet,
      bytes: ethernet(LAMP.mac, multicastMac('ff02::1'), ETHERTYPE.ipv6, packet),
    })),
  ]
}

/** Frames of every other link type we read, around the same two packets. */
export function otherFrames(): ValidFrame[] {
  const frames: [name: string, linkType: number, before: Uint8Array, packet: Uint8Array][] = [
    ['raw IPv4', LinkType.Raw, hex(''), tcpPacket],
    ['raw IPv6', LinkType.Raw, hex(''), udpPacket],
    ['raw of BSD', LinkType.RawBsd, hex(''), tcpPacket],
    ['IPv4', LinkType.Ipv4, hex(''), tcpPacket],
    ['IPv6', LinkType.Ipv6, hex(''), udpPacket],
    ['null', LinkType.Null, hex('02000000'), tcpPacket],
    ['null, big-endian', LinkType.Null, hex('0000001e'), udpPacket],
    ['loop', LinkType.Loop, hex('00000018'), udpPacket],
    ['cooked', LinkType.LinuxCooked, hex('0000 0001 0006 02000000000a 0000 0800'), tcpPacket],
    ['cooked with VLAN', LinkType.LinuxCooked, hex('0001 0321 0006 02000000000a 0000 8100 0064 86dd'), udpPacket],
    ['cooked of a tunnel', LinkType.LinuxCooked, hex('0004 0308 0000 0000000000000000 86dd'), udpPacket],
    ['cooked 2', LinkType.LinuxCooked2, hex('0800 0000 00000003 0001 00 06 02000000000a 0000'), tcpPacket],
    ['cooked 2 multicast', LinkType.LinuxCooked2, hex('86dd 0000 00000003 0001 02 06 02000000000a 0000'), udpPacket],
  ]
  return frames.map(([name, linkType, before, packet]) => ({ name, linkType, bytes: concat(before, packet) }))
}

export function arpMessages(): Uint8Array[] {
  return [
    arp({ operation: 'request', senderMac: LAMP.mac, senderAddress: LAMP.ip, targetAddress: ROUTER.ip }),
    arp({
      operation: 'reply',
      senderMac: LAMP.mac,
      senderAddress: LAMP.ip,
      targetMac: ROUTER.mac,
      targetAddress: ROUTER.ip,
    }),
    arp({ operation: 'request', senderMac: LAMP.mac, senderAddress: '0.0.0.0', targetAddress: LAMP.ip }),
  ]
}

/** IPv6 packets with each message of neighbour discovery. */
export function ndpPackets(): Uint8Array[] {
  const ends = { source: LAMP.ip6, destination: 'ff02::1' }
  return [
    neighborSolicitation({ ...ends, target: ROUTER.ip6, mac: LAMP.mac }),
    neighborAdvertisement({ ...ends, target: LAMP.ip6, mac: LAMP.mac }),
    routerAdvertisement({ ...ends, mac: ROUTER.mac, prefix: '2001:db8:1::', dnsServer: ROUTER.ip6 }),
    ndp(ends, NDP.routerSolicitation, concat(u32(0), ndpOption(NDP_OPTION.sourceLinkLayer, hex(LAMP.mac)))),
  ]
}

/** Whole Ethernet frames, one per application message, with the ports that say which protocol it is. */
export function applicationFrames(): ValidFrame[] {
  const datagram =
    (name: string, sourcePort: number, destinationPort: number) =>
    (payload: Uint8Array, index: number): ValidFrame => ({
      name: `${name} ${index}`,
      linkType: LinkType.Ethernet,
      bytes: udpFrame({
        ...MACS,
        destinationMac: BROADCAST_MAC,
        source: LAMP.ip,
        destination: ROUTER.ip,
        sourcePort,
        destinationPort,
        payload,
      }),
    })
  return [
    ...dnsMessages().map(datagram('DNS', 50_000, 53)),
    ...dnsMessages().map(datagram('multicast DNS', 5353, 5353)),
    ...dhcpMessages().map(datagram('DHCP', 68, 67)),
    ...dhcpv6Messages().map(datagram('DHCPv6', 546, 547)),
    ...ssdpMessages().map(datagram('SSDP', 50_001, 1900)),
    ...stunMessages().map(datagram('STUN', 50_002, 3478)),
  ]
}
