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
import {
  address,
  dataSet,
  field,
  type Field,
  flowFields,
  ipfix,
  mac,
  NOW,
  optionsSet,
  templateSet,
  v5,
  v9,
  withdrawal,
} from '../support/flow-exports.ts'
import { type Datagram, type ExporterKind, joinDatagrams, SENDERS } from './datagrams.ts'
import type { Step } from './input.ts'

const TZSP_PORT = 37_008

export function exporterSteps(): Step[] {
  const step = (exporter: ExporterKind, datagrams: readonly Datagram[]): Step => ({
    kind: 'datagrams',
    exporter,
    bytes: joinDatagrams(datagrams),
  })
  return [
    ...tzspStreams().map((stream) => step('tzsp', stream)),
    ...connectionSteps(),
    ...flowStreams().map((stream) => step('netflow', stream)),
  ]
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

/** The home that is fuzzed has another day than the builders of flows. */
const EXPORTED = Date.UTC(2026, 0, 5, 8) / 1000

/** Streams of NetFlow v5, v9 and IPFIX with all that a decoder keeps: templates, options, sampling, numbers. */
function flowStreams(): Datagram[][] {
  const usual = flowFields([field(152, (EXPORTED - 30) * 1000, 8), field(153, EXPORTED * 1000, 8)])
  const switched = flowFields([field(22, 970_000, 4), field(21, 1_000_000, 4)], [152, 153])
  const macs: Field[] = [
    { id: 56, bytes: mac('a4:da:22:00:00:10') },
    { id: 80, bytes: mac('02:00:00:00:00:01') },
    { id: 27, bytes: address('fd00::11') },
    { id: 28, bytes: address('2001:db8:ffff::9') },
  ]
  const more = flowFields(
    [...macs, { id: 82, bytes: [101, 116, 104, 48], isVariable: true }, { ...field(1, 7, 4), enterprise: 29_305 }],
    [8, 12],
  )
  const sampler = [field(302, 1, 4), field(305, 1, 4), field(306, 99, 4), field(160, NOW * 1000 - 5_000_000, 8)]
  const numbered = (index: number): Uint8Array =>
    ipfix([dataSet(300, usual, usual)], { exported: EXPORTED + index, sequence: 2 * index })
  return [
    Array.from({ length: 6 }, (_, index) =>
      from(0, v5([{ octets: 4_000 + index }, { source: '192.168.7.21', sourcePort: index }], v5Header(index)), 1),
    ),
    [
      from(0, v9([templateSet(260, switched, false), dataSet(260, switched)], { exported: EXPORTED, sequence: 1 })),
      from(0, v9([optionsSet(270, sampler, 1, false), dataSet(270, sampler)], { exported: EXPORTED, sequence: 2 })),
      from(0, v9([dataSet(260, switched, switched)], { exported: EXPORTED + 1, sequence: 9, uptime: 0xffff_fff0 }), 1),
      from(1, v9([dataSet(260, switched)], { exported: EXPORTED + 1, sequence: 3 })),
    ],
    [
      from(0, ipfix([templateSet(300, usual), optionsSet(400, sampler, 1)], { exported: EXPORTED })),
      ...Array.from({ length: 6 }, (_, index) => from(index % 2, numbered(index), index === 3 ? 61 : 1)),
      from(0, ipfix([dataSet(400, sampler), dataSet(300, usual)], { exported: EXPORTED, sequence: 1 })),
      from(0, ipfix([withdrawal(300), withdrawal(2), withdrawal(3)], { exported: EXPORTED, sequence: 40 })),
      from(0, numbered(7)),
    ],
    [
      from(0, ipfix([templateSet(500, more), dataSet(500, more, more)], { exported: EXPORTED })),
      from(2, ipfix([templateSet(500, more), dataSet(500, more)], { exported: EXPORTED })),
      from(3, ipfix([templateSet(501, more), dataSet(501, more)], { exported: EXPORTED, domain: 7 })),
      // Years off, and before its own beginning.
      from(0, ipfix([dataSet(500, more)], { exported: 0, sequence: 3 }), 1),
      from(0, ipfix([dataSet(500, more)], { exported: 0xffff_ffff, sequence: 4 }), 1),
      from(0, hex('00000005 00000001 c0a80101'), 1),
    ],
  ]
}

function v5Header(index: number): { exported: number; sequence: number; uptime: number; sampling: number } {
  return {
    exported: EXPORTED + index,
    sequence: 2 * index,
    uptime: 1_000_000 + 1000 * index,
    sampling: index > 4 ? 100 : 0,
  }
}
