// Captures of one packet seen on several links, built from its fields: pcap, pcapng, and Linux's "any".
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prefixOf } from '../../capture/ip-address.ts'
import type { Analysis } from '../../server/analyze/analysis.ts'
import { analyzeFile } from '../../server/analyze/analyze-file.ts'
import { concat, text, u16, u32, u8 } from '../../server/sample/packets/bytes.ts'
import { ethernet, ETHERTYPE, ipv4, PROTOCOL, tcp, TCP_FLAG, udp } from '../../server/sample/packets/packet-builder.ts'

export const ETHERNET = 1
export const COOKED = 113
export const COOKED2 = 276

export const PLUG = { mac: '02:00:00:00:00:10', address: '192.168.1.10' }
export const LAN = { mac: '02:00:00:00:00:01', address: '192.168.1.1' }
export const WAN = { mac: '02:00:00:00:00:02', address: '198.51.100.77' }
export const PROVIDER = '02:00:00:00:00:03'
export const SERVER = '203.0.113.9'
export const START = 1_750_000_000

/** A packet of the capture: micros after START, and of pcapng the interface. */
export interface Captured {
  at: number
  bytes: Uint8Array
  interface?: number
}

function little(...values: [bytes: 2 | 4, value: number][]): Uint8Array {
  const out = Buffer.alloc(values.reduce((sum, [bytes]) => sum + bytes, 0))
  let at = 0
  for (const [bytes, value] of values) at = out.writeUIntLE(value, at, bytes)
  return out
}

export function pcap(linkType: number, records: Captured[]): Uint8Array {
  const head = little([4, 0xa1b2c3d4], [2, 2], [2, 4], [4, 0], [4, 0], [4, 65_535], [4, linkType])
  return concat(
    head,
    ...records.flatMap(({ at, bytes }) => {
      const [seconds, micros] = [START + Math.floor(at / 1e6), at % 1e6]
      return [little([4, seconds], [4, micros], [4, bytes.length], [4, bytes.length]), bytes]
    }),
  )
}

/** One section with `interfaces` of Ethernet, whose times are microseconds. */
export function pcapng(interfaces: number, records: Captured[]): Uint8Array {
  const section = little(
    [4, 0x0a0d0d0a],
    [4, 28],
    [4, 0x1a2b3c4d],
    [2, 1],
    [2, 0],
    [4, 0xffffffff],
    [4, 0xffffffff],
    [4, 28],
  )
  const description = little([4, 1], [4, 20], [2, ETHERNET], [2, 0], [4, 0], [4, 20])
  const packets = records.flatMap(({ at, bytes, interface: id = 0 }) => {
    const units = BigInt(START) * 1_000_000n + BigInt(at)
    const room = (bytes.length + 3) & ~3
    const length = 32 + room
    return [
      little([4, 6], [4, length], [4, id], [4, Number(units >> 32n)], [4, Number(units & 0xffffffffn)]),
      little([4, bytes.length], [4, bytes.length]),
      bytes,
      new Uint8Array(room - bytes.length),
      little([4, length]),
    ]
  })
  return concat(section, ...Array.from({ length: interfaces }, () => description), ...packets)
}

export interface Segment {
  id?: number
  ttl?: number
  sequence?: number
  flags?: number
  payload?: Uint8Array
  source?: string
  destination?: string
  sourcePort?: number
  destinationPort?: number
}

export function segment(fields: Segment = {}): Uint8Array {
  const {
    id = 7,
    ttl = 64,
    sequence = 1000,
    flags = TCP_FLAG.ack | TCP_FLAG.psh,
    payload = text('x'.repeat(400)),
  } = fields
  const { source = PLUG.address, destination = SERVER, sourcePort = 50_000, destinationPort = 443 } = fields
  const ports = { source, destination, sourcePort, destinationPort }
  const body = tcp({ ...ports, sequence, acknowledgement: 77, flags, payload })
  return ipv4({ source, destination, protocol: PROTOCOL.tcp, identification: id, timeToLive: ttl, payload: body })
}

export function datagram(
  payload: Uint8Array,
  fields: { id?: number; ttl?: number; source?: string; port?: number } = {},
): Uint8Array {
  const { id = 0, ttl = 64, source = PLUG.address, port = 8000 } = fields
  const body = udp({ source, destination: SERVER, sourcePort: 4000, destinationPort: port, payload })
  return ipv4({
    source,
    destination: SERVER,
    protocol: PROTOCOL.udp,
    identification: id,
    timeToLive: ttl,
    payload: body,
  })
}

export const framed = (packet: Uint8Array, from = PLUG.mac, to = LAN.mac): Uint8Array =>
  ethernet(from, to, packet[0] >> 4 === 6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4, packet)

/** LINKTYPE_LINUX_SLL, and SLL2, which has the interface's number. */
export const cooked = (type: number, packet: Uint8Array): Uint8Array =>
  concat(u16(type), u16(1), u16(6), Uint8Array.of(2, 0, 0, 0, 0, 0x10, 0, 0), u16(ETHERTYPE.ipv4), packet)
export const cooked2 = (index: number, type: number, packet: Uint8Array): Uint8Array =>
  concat(
    u16(ETHERTYPE.ipv4),
    u16(0),
    u32(index),
    u16(1),
    u8(type),
    u8(6),
    Uint8Array.of(2, 0, 0, 0, 0, 0x10, 0, 0),
    packet,
  )

/** What analyze says of the capture; the networks of PLUG and of containers are the home's. */
export async function analysisOf(capture: Uint8Array): Promise<Analysis> {
  const folder = mkdtempSync(join(tmpdir(), 'copies-'))
  try {
    const path = join(folder, 'capture')
    writeFileSync(path, capture)
    return await analyzeFile(path, { home: ['192.168.0.0/16', '172.17.0.0/16', 'fd00::/8'].map(prefixOf) })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Bytes that PLUG, or another address, sent to the internet. */
export async function sentOf(capture: Uint8Array, address = PLUG.address): Promise<number> {
  return trafficOf(await analysisOf(capture), address).sent
}

export function trafficOf({ devices }: Analysis, address: string): { sent: number; received: number } {
  const found = devices.flatMap(({ byAddress }) => byAddress).filter((entry) => entry.address === address)
  return {
    sent: found.reduce((sum, { sent }) => sum + sent, 0),
    received: found.reduce((sum, { received }) => sum + received, 0),
  }
}

export function messagesOf({ capture }: Analysis): string {
  return capture.problems.map(({ message }) => message).join('\n')
}
