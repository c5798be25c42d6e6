// The first inputs of exporters: streams as routers send them, and those that each part of a reader is for.
import { concat, hex, text, u16, u32 } from '../../server/sample/packets/bytes.ts'
import {
  arp,
  ethernet,
  ETHERTYPE,
  ip,
  ipv4Fragments,
  ipv6Fragments,
  PROTOCOL,
  udp,
} from '../../server/sample/packets/packet-builder.ts'
import { applicationFrames, ethernetFrames } from '../support/valid-packets.ts'
import { LAMP, ROUTER, UP, UP6 } from '../support/valid-ends.ts'
import { avs, prism, snap, wifi } from '../support/wire/link-headers.ts'
import { inFrame, tzsp } from '../support/wire/tunnels.ts'
import { type Datagram, type ExporterKind, joinDatagrams, SENDERS } from './datagrams.ts'
import type { Step } from './input.ts'

const TZSP_PORT = 37_008

export function exporterSteps(): Step[] {
  const step = (exporter: ExporterKind, datagrams: readonly Datagram[]): Step => ({
    kind: 'datagrams',
    exporter,
    bytes: joinDatagrams(datagrams),
  })
  return [...tzspStreams().map((stream) => step('tzsp', stream)), ...connectionSteps()]
}

function tzspStreams(): Datagram[][] {
  const frames = [...ethernetFrames(), ...applicationFrames()].filter(({ linkType }) => linkType === 1)
  const plain = frames.map(({ bytes }, index) => from(index % 2, tzsp(bytes), index % 40 === 39 ? 1 : 0))
  const numbered = frames
    .slice(0, 12)
    .map(({ bytes }, index) => from(0, tzsp(bytes.slice(0, 200), { tags: numberedTags(index, bytes.length) })))
  return [
    plain.slice(0, 80),
    plain.slice(80, 160),
    numbered,
    [...radioFrames(), ...otherMessages()],
    [...ownStream(), ...plain.slice(0, 4)],
    // Of senders that are not named, between those of one that is.
    plain.slice(0, 20).map((one, index) => ({ ...one, sender: index % SENDERS.length })),
    [...plain.slice(0, 5), ...plain.slice(5, 10).map((one) => ({ ...one, pause: 61 }))],
  ]
}

function from(sender: number, bytes: Uint8Array, pause = 0): Datagram {
  return { sender, pause, bytes }
}

function numberedTags(number: number, length: number): Uint8Array {
  const wraps = number < 6 ? 0xffff_fffa + number : number - 6
  return concat(hex('00 2804'), u32(wraps), hex('2902'), u16(length), hex('0a01c4 0c0116'))
}

function radioFrames(): Datagram[] {
  const packet = ip(UP.source, UP.destination, PROTOCOL.udp, udp({ ...UP, payload: text('hello') }))
  const air = wifi({ source: LAMP.mac, destination: ROUTER.mac }, snap(ETHERTYPE.ipv4, packet))
  return [
    from(0, tzsp(air, { protocol: 18, tags: hex('0a01c4 0b01a0 0c0116 0d0400000001 100100 110100 120106') })),
    from(0, tzsp(prism(air), { protocol: 119 })),
    from(0, tzsp(avs(air), { protocol: 127 })),
    from(0, tzsp(air, { protocol: 18, tags: hex('110101') })),
  ]
}

/** Keep-alives, an opened port, a configuration; other link layers; what is no TZSP. */
function otherMessages(): Datagram[] {
  const messages = ['01040000', '01050000', '01030000 01', '01020001 01', '01000002 01 0102', '0200', '01000001 28']
  const claim = arp({
    operation: 'reply',
    senderMac: LAMP.mac,
    senderAddress: '192.168.1.77',
    targetMac: ROUTER.mac,
    targetAddress: ROUTER.ip,
  })
  return [...messages.map((words) => from(0, hex(words))), from(1, tzsp(ethernet(LAMP.mac, ROUTER.mac, 0x0806, claim)))]
}

/** Datagrams of the stream that were captured themselves, whole and in fragments. */
function ownStream(): Datagram[] {
  const ends4 = { source: SENDERS[0], destination: '192.168.1.9' }
  const ends6 = { source: SENDERS[1], destination: UP6.source }
  const inside = tzsp(new Uint8Array(2_000))
  const sent = (ends: { source: string; destination: string }, payload: Uint8Array): Uint8Array =>
    udp({ ...ends, sourcePort: 40_000, destinationPort: TZSP_PORT, payload })
  const packets = [
    ip(ends4.source, ends4.destination, PROTOCOL.udp, sent(ends4, tzsp(new Uint8Array(60)))),
    ...ipv4Fragments({ ...ends4, protocol: PROTOCOL.udp, identification: 9, payload: sent(ends4, inside) }, 1_400),
    ...ipv6Fragments({ ...ends6, nextHeader: PROTOCOL.udp, payload: sent(ends6, inside) }, 1_400, 77),
  ]
  return packets.map((packet) => from(0, tzsp(inFrame(packet))))
}

const GATEWAY = '#gateway program 1 none 192.168.1.9 50022 192.168.1.1 22'
const HOME = [
  '#home',
  'Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT',
  'br-lan 0001A8C0 00000000 0001 0 0 0 00FFFFFF 0 0 0',
  'wan 00000000 010071CB 0003 0 0 0 00000000 0 0 0',
  'IP address       HW type     Flags       HW address            Mask     Device',
  '192.168.1.10     0x1         0x2         a4:da:22:00:00:10     *        br-lan',
  '192.168.1.11     0x1         0x2         02:00:00:00:00:0b     *        br-lan',
  'fd00::11 dev br-lan lladdr 02:00:00:00:00:0b REACHABLE',
  '#known',
]

/** What the script on a gateway writes: looks with counters that grow, ends, who is at home, and what goes wrong. */
function connectionSteps(): Step[] {
  const look = (...rows: string[]): string[] => ['#begin', ...rows, '#end 0 1']
  const streams = [
    [
      GATEWAY,
      ...HOME,
      ...look(),
      ...[1, 2, 3, 4].flatMap((turn) => look(row(turn, 50_000), row(3 * turn, 50_001, 'udp      17'), row6(turn))),
      `[1796015415.535548]\t[DESTROY] ${row(9, 50_000)}`,
      ...look(row(20, 50_001, 'udp      17')),
    ],
    [
      GATEWAY.replace('program', 'table').replace('none', 'uncounted'),
      ...look(row(1, 50_000)),
      ...HOME,
      ...look(`${row(2, 50_000)} [OFFLOAD]`, row(1, 50_000).replaceAll(/ packets=\d+ bytes=\d+/g, '')),
      // A counter that goes back is a new connection's.
      ...look(row(1, 50_000)),
      'conntrack: ENOBUFS',
      '#end 1 0',
      ...look(row(5, 22).replace('192.168.1.10', '192.168.1.9')),
    ],
  ]
  return streams.map((lines) => ({ kind: 'connections', bytes: text(`${lines.join('\n')}\n`) }))
}

function row(turn: number, port: number, protocol = 'tcp      6'): string {
  const one = `src=192.168.1.10 dst=203.0.113.9 sport=${port} dport=443 packets=${turn} bytes=${turn * 400}`
  const other = `src=203.0.113.9 dst=198.51.100.2 sport=443 dport=${port} packets=${turn} bytes=${turn * 900}`
  return `ipv4     2 ${protocol} 100 ESTABLISHED ${one} ${other} [ASSURED] mark=0 use=1 id=${port}`
}

function row6(turn: number): string {
  const one = `src=fd00::11 dst=2001:db8:ffff::9 sport=50003 dport=443 packets=${turn} bytes=${turn * 80}`
  const other = `src=2001:db8:ffff::9 dst=fd00::11 sport=443 dport=50003 packets=${turn} bytes=${turn * 70}`
  return `ipv6     10 tcp      6 100 ESTABLISHED ${one} ${other} [ASSURED] mark=0 zone=3 use=1 id=77`
}
