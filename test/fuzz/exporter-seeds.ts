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
  return tzspStreams().map((stream) => step('tzsp', stream))
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
