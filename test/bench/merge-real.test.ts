// Merged recordings keep sizes and times and replace the devices.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  ETHERTYPE,
  PROTOCOL,
  arp,
  ethernet,
  ip,
  tcpFrame,
  udp,
  udpFrame,
  vlan,
} from '../../server/sample/packets/packet-builder.ts'
import { LINK_TYPE, pcapFile, pcapngFile, type CapturedPacket } from '../../server/sample/packets/pcap-writer.ts'
import { mergeReal } from './merge-real.ts'
import { readClassic } from './real/read-classic.ts'
import { hex, text } from '../../server/sample/packets/bytes.ts'
import { macText, ipText } from '../../server/sample/packets/addresses.ts'
import { neighborSolicitation } from '../../server/sample/packets/ndp-builder.ts'
import { dhcp, DHCP_MESSAGE } from '../../server/sample/packets/dhcp-builder.ts'

const LAMP = { mac: '02:00:00:00:00:0a', ip: '192.168.4.20', ip6: 'fe80::a' }
const ROUTER = { mac: '02:00:00:00:00:01', ip: '192.168.4.1' }
const CLOUD = '203.0.113.80'
const up = {
  sourceMac: LAMP.mac,
  destinationMac: ROUTER.mac,
  source: LAMP.ip,
  destination: CLOUD,
  sourcePort: 40_000,
  destinationPort: 443,
}
const down = {
  sourceMac: ROUTER.mac,
  destinationMac: LAMP.mac,
  source: CLOUD,
  destination: LAMP.ip,
  sourcePort: 443,
  destinationPort: 40_000,
}

const at = (seconds: number, bytes: Uint8Array): CapturedPacket => ({ seconds, bytes })

const recording: CapturedPacket[] = [
  at(
    100,
    ethernet(
      LAMP.mac,
      'ff:ff:ff:ff:ff:ff',
      ETHERTYPE.arp,
      arp({ operation: 'request', senderMac: LAMP.mac, senderAddress: LAMP.ip, targetAddress: ROUTER.ip }),
    ),
  ),
  at(101, tcpFrame({ ...up, payload: text('hello') })),
  at(102, tcpFrame({ ...down, payload: text('answer') })),
  at(103, udpFrame({ ...up, destination: ROUTER.ip, destinationPort: 53, payload: text('question') })),
  at(104, udpFrame({ ...down, source: ROUTER.ip, sourcePort: 53, payload: text('reply') })),
  at(
    105,
    ethernet(
      LAMP.mac,
      ROUTER.mac,
      ETHERTYPE.vlan,
      vlan(7, ETHERTYPE.ipv4, ip(LAMP.ip, CLOUD, PROTOCOL.udp, udp({ ...up, payload: text('tagged') }))),
    ),
  ),
  at(
    106,
    ethernet(
      LAMP.mac,
      '33:33:00:00:00:02',
      ETHERTYPE.ipv6,
      neighborSolicitation({ source: LAMP.ip6, destination: 'ff02::2', target: 'fe80::1' }),
    ),
  ),
  at(
    107,
    udpFrame({
      ...up,
      source: '0.0.0.0',
      destination: '255.255.255.255',
      sourcePort: 68,
      destinationPort: 67,
      payload: dhcp({ message: DHCP_MESSAGE.discover, transaction: 1, clientMac: LAMP.mac, clientAddress: LAMP.ip }),
    }),
  ),
]

const folder = mkdtempSync(join(tmpdir(), 'telltale-merge-real-'))
afterAll(() => rmSync(folder, { recursive: true }))

function captures(name: string, files: Record<string, Uint8Array>): { from: string; to: string } {
  const [from, to] = [join(folder, name, 'from'), join(folder, name, 'to')]
  mkdirSync(join(from, 'deeper'), { recursive: true })
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(from, file), bytes)
  return { from, to }
}

function merge(from: string, to: string, bytes: number) {
  const merged = mergeReal(from, to, bytes)
  if ('skipped' in merged) throw new Error(merged.skipped)
  return { ...merged, frames: readClassic(merged.path) }
}

/** Every text address this test cares about, in hex, as it would stand in a frame. */
const traces = ['02000000000a', 'c0a80414', 'c0a80401', '020000000001']

describe('mergeReal', () => {
  test.each([
    [undefined, 'no folder of real captures given'],
    ['/nowhere/at/all', 'does not exist'],
  ])('says why there is nothing to merge from %s', (given, reason) => {
    expect(mergeReal(given, folder, 1000)).toEqual({ skipped: expect.stringContaining(reason) as string })
  })

  test('takes classic Ethernet captures in microseconds of either byte order and no others', () => {
    const { from, to } = captures('kinds', {
      'little.pcap': pcapFile({}, recording),
      'deeper/big.cap': pcapFile({ byteOrder: 'big' }, recording),
      'nano.pcap': pcapFile({ resolution: 'nano' }, recording),
      'raw.pcap': pcapFile({ linkType: LINK_TYPE.raw }, recording),
      'other.pcapng': pcapngFile({ blocks: [] }),
      'short.pcap': hex('d4c3b2a1'),
      'notes.txt': text('no capture, and a little more than twenty-four bytes'),
    })
    expect(merge(from, to, 1000)).toMatchObject({ recordings: 2, leftOut: 0, reused: false, loops: 1, packets: 16 })
    expect(merge(from, to, 1000)).toMatchObject({ recordings: 2, reused: true, loops: 1, packets: 16 })
  })

  test('gives every loop another device, in every place where the old one stood, and keeps the length of everything', () => {
    const { from, to } = captures('loops', { 'one.pcap': pcapFile({}, recording) })
    const { frames, loops, packets } = merge(from, to, 3000)
    expect(loops).toBeGreaterThan(1)
    expect(frames.length).toBe(packets)
    expect(packets).toBe(loops * recording.length)
    frames.forEach(({ frame }, index) => expect(frame.length).toBe(recording[index % recording.length].bytes.length))
    for (const { frame } of frames)
      for (const trace of traces) expect(Buffer.from(frame).toString('hex')).not.toContain(trace)
    const sendersByLoop = Array.from({ length: loops }, (_, loop) => frames[loop * recording.length + 1].frame)
    expect(new Set(sendersByLoop.map((frame) => macText(frame.subarray(6, 12)))).size).toBe(loops)
    expect(new Set(sendersByLoop.map((frame) => ipText(frame.subarray(26, 30)))).size).toBe(loops)
  })

  test('keeps the device one device: the same MAC and address in ARP, TCP, DNS, VLAN, DHCP and answers', () => {
    const { from, to } = captures('whole', { 'one.pcap': pcapFile({}, recording) })
    const [request, sent, received, question, reply, tagged, solicitation, discover] = merge(from, to, 100).frames.map(
      ({ frame }) => frame,
    ) as [Uint8Array, ...Uint8Array[]]
    const [mac, address] = [macText(sent.subarray(6, 12)), ipText(sent.subarray(26, 30))]
    expect(macText(request.subarray(22, 28))).toBe(mac)
    expect(ipText(request.subarray(28, 32))).toBe(address)
    expect([macText(received.subarray(0, 6)), ipText(received.subarray(30, 34))]).toEqual([mac, address])
    expect(ipText(question.subarray(30, 34))).toBe('10.77.0.1')
    expect(ipText(reply.subarray(26, 30))).toBe('10.77.0.1')
    expect(ipText(tagged.subarray(30, 34))).toBe(address)
    expect(macText(solicitation.subarray(6, 12))).toBe(mac)
    expect(ipText(solicitation.subarray(22, 24 + 14))).toMatch(/^fe80::7700:/)
    expect([ipText(discover.subarray(42 + 12, 42 + 16)), macText(discover.subarray(42 + 28, 42 + 34))]).toEqual([
      address,
      mac,
    ])
    expect(ipText(sent.subarray(30, 34))).toBe(CLOUD)
    expect(Buffer.from(sent).toString('latin1')).toContain('hello')
  })

  test('writes in the order of time, recordings side by side, however wrong their clocks are', () => {
    const wild = [
      at(4_000_000_000, recording[1].bytes),
      at(5, recording[2].bytes),
      at(4_000_000_001, recording[3].bytes),
    ]
    const { from, to } = captures('time', { 'a.pcap': pcapFile({}, recording), 'b.pcap': pcapFile({}, wild) })
    const times = merge(from, to, 5000).frames.map(({ micros }) => micros)
    expect(times).toEqual([...times].sort((one, other) => one - other))
    expect(times[10] - times[0]).toBeLessThan(60e6)
  })

  test('stops reading a recording where it was cut, and keeps what was on the wire', () => {
    const cut = pcapFile({}, [{ ...recording[1], originalLength: 1500 }, recording[2]]).slice(0, -3)
    const { from, to } = captures('cut', { 'cut.pcap': cut })
    expect(merge(from, to, 50).frames).toMatchObject([{ originalLength: 1500 }])
  })
})
