// Floods of made-up senders of every kind: who gets a place in the tables, and that nothing is lost of anybody's bytes.
import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../../server/engine/limits.ts'
import { u16, u32 } from '../../../server/sample/packets/bytes.ts'
import { BROADCAST_MAC } from '../../../server/sample/packets/addresses.ts'
import { dhcp, DHCP_MESSAGE } from '../../../server/sample/packets/dhcp-builder.ts'
import { tcpFrame, udpFrame } from '../../../server/sample/packets/packet-builder.ts'
import {
  arpFrom,
  CAMERA,
  deviceOf,
  type Host,
  ipLength,
  type Lab,
  newLab,
  PHONE,
  ROUTER,
  SERVER,
  SPEAKER,
  tcpIn,
  tcpOut,
  udpOut,
} from './lab.ts'

const payload = new Uint8Array(60).fill(0x61)
const COUNT = 60_000
/** Places that a flood takes before it is recognised, and the gateway, the honest device and the others. */
const FEW = 30

/** Each kind of flood: the frame of a sender by its number. */
const KINDS: [name: string, make: () => (index: number) => Uint8Array][] = [
  [
    'UDP from spoofed MACs and addresses',
    () => {
      const frame = udpOut({ mac: '02:66:00:00:00:00', address: '192.168.0.0' }, SERVER, { payload })
      return (index) => change(frame, [8, u32(index)], [28, u16(index)])
    },
  ],
  [
    'UDP from spoofed MACs with one address and one port',
    () => {
      const frame = udpOut({ mac: '02:66:00:00:00:00', address: '192.168.1.77' }, SERVER, { payload })
      return (index) => change(frame, [8, u32(index)])
    },
  ],
  [
    'the address of an honest device under spoofed MACs',
    () => {
      const frame = udpOut({ mac: '02:66:00:00:00:00', address: SPEAKER.address }, '198.51.100.9', { payload })
      return (index) => change(frame, [8, u32(index)])
    },
  ],
  [
    'ARP from spoofed MACs',
    () => {
      const frame = arpFrom({ mac: '02:66:00:00:00:00', address: '192.168.0.0' })
      return (index) => change(frame, [8, u32(index)], [24, u32(index)], [30, u16(index)])
    },
  ],
  [
    'ARP about made-up MACs from one MAC',
    () => {
      const frame = arpFrom({ mac: '02:66:00:00:00:00', address: '192.168.0.0' })
      return (index) => change(frame, [24, u32(index)], [30, u16(index)])
    },
  ],
  [
    'IPv6 from spoofed MACs and link-local addresses',
    () => {
      const frame = udpOut({ mac: '02:66:00:00:00:00', address: 'fe80::1' }, '2001:db8:ffff::5', { payload })
      return (index) => change(frame, [8, u32(index)], [34, u32(index)])
    },
  ],
  [
    'addresses of many subnets from one MAC',
    () => {
      const frame = udpOut({ mac: '02:66:00:00:00:00', address: '10.0.0.0' }, SERVER, { payload })
      return (index) => change(frame, [26, u32(0x0a000000 + index * 7)])
    },
  ],
  [
    'packets to made-up addresses at home',
    () => {
      const frame = udpOut({ mac: '02:66:00:00:00:00', address: '192.168.1.66' }, '10.0.0.0', { payload })
      return (index) => change(frame, [30, u32(0x0a000000 + index * 7)])
    },
  ],
  [
    'DHCP for made-up clients from spoofed MACs',
    () => {
      const client = { message: DHCP_MESSAGE.request, transaction: 1, clientMac: '02:66:00:00:00:00' }
      const message = dhcp({ ...client, clientAddress: '10.0.0.0' })
      const frame = udpFrame({
        sourceMac: '02:66:00:00:00:00',
        destinationMac: BROADCAST_MAC,
        source: '0.0.0.0',
        destination: '255.255.255.255',
        sourcePort: 68,
        destinationPort: 67,
        payload: message,
      })
      const at = frame.length - message.length
      return (index) => change(frame, [8, u32(index)], [at + 12, u32(0x0a000000 + index)], [at + 30, u32(index)])
    },
  ],
]

function change(frame: Uint8Array, ...changes: [at: number, bytes: Uint8Array][]): Uint8Array {
  for (const [at, bytes] of changes) frame.set(bytes, at)
  return frame
}

function placesOf({ engine }: Lab): number {
  return engine.ownership.bindingsUsed + engine.addresses.used
}

describe.each(KINDS)('%s', (_name, make) => {
  const flooded = (): { lab: Lab; sent: Uint8Array[]; received: Uint8Array[]; newcomer: Uint8Array[] } => {
    const lab = newLab({ onTick: () => {} })
    const frame = make()
    lab.add(1, arpFrom(ROUTER))
    const up = (host: Host, port: number): Uint8Array =>
      tcpOut(host, SERVER, { sourcePort: port, payload: payload.subarray(0, 1 + (port % 50)) })
    const down = (host: Host, port: number): Uint8Array => tcpIn(host, SERVER, { destinationPort: port, payload })
    const sent = [up(SPEAKER, 5_000)]
    const received = [down(SPEAKER, 5_000)]
    lab.add(2, sent[0])
    lab.add(2, received[0])
    const newcomer: Uint8Array[] = []
    for (let index = 0; index < COUNT; index++) {
      const time = 3 + index / 2_000
      lab.add(time, frame(index))
      if (index % 2_000 === 1_000) {
        const port = 5_000 + index / 1_000
        sent.push(up(SPEAKER, port))
        received.push(down(SPEAKER, port))
        lab.add(time, sent.at(-1) as Uint8Array)
        lab.add(time, received.at(-1) as Uint8Array)
      }
      // Somebody who comes home while it lasts: three packets before the first answer.
      if (index >= 30_000 && index < 30_400 && index % 100 === 0) {
        newcomer.push(index === 30_300 ? down(CAMERA, 4_000) : up(CAMERA, 4_000))
        lab.add(time, newcomer.at(-1) as Uint8Array)
      }
    }
    return { lab, sent, received, newcomer }
  }

  test('takes a few places, and leaves those who were there, and who comes meanwhile, exact', () => {
    const { lab, sent, received, newcomer } = flooded()
    expect(lab.engine.flood).toMatchObject({ since: 3 })
    const analysis = lab.analyze()
    expect(analysis.devices.length).toBeLessThan(FEW + LIMITS.newcomersPerMinute)
    expect(placesOf(lab)).toBeLessThan(2_000)
    expect(deviceOf(analysis, SPEAKER.mac)).toMatchObject({ sent: ipLength(...sent), received: ipLength(...received) })
    expect(deviceOf(analysis, CAMERA.mac)).toMatchObject({
      sent: ipLength(...newcomer.slice(0, 3)),
      received: ipLength(newcomer[3]),
    })
  })

  test('loses no byte: what has no place of its own is in the row of the others', () => {
    const { lab } = flooded()
    const { capture, devices } = lab.analyze()
    const local = devices.reduce((sum, device) => sum + device.sentLocal, 0)
    const outside = devices.reduce((sum, { sent, received }) => sum + sent + received, 0)
    expect(outside + local + lab.engine.transitBytes).toBe(capture.ipBytes)
  })
})

describe('a home that shows itself all at once', () => {
  const host = (index: number): Host => ({
    mac: `02:00:00:00:02:${index.toString(16).padStart(2, '0')}`,
    address: `192.168.1.${index + 20}`,
  })

  test('has 150 devices with every byte, though nobody answers', () => {
    const lab = newLab()
    const frames = Array.from({ length: 150 }, (_, index) => tcpOut(host(index), SERVER, { payload }))
    frames.forEach((frame, index) => lab.add(1 + index / 1_000, frame))
    lab.engine.timeMark(4)
    expect(lab.engine.flood).toBe(null)
    const analysis = lab.analyze()
    for (const [index, frame] of frames.entries())
      expect(deviceOf(analysis, host(index).mac).sent).toBe(ipLength(frame))
  })

  test('has them after a restart in the middle of a flood, though nobody answers', () => {
    const lab = newLab()
    for (let index = 0; index < 100; index++) lab.engine.know(host(index).mac)
    const flood = KINDS[0][1]()
    for (let index = 0; index < 1_000; index++) lab.add(1, flood(index))
    const frames = Array.from({ length: 100 }, (_, index) => tcpOut(host(index), SERVER, { payload }))
    for (const frame of frames) lab.add(2, frame)
    expect(lab.engine.flood).not.toBe(null)
    const analysis = lab.analyze()
    for (const [index, frame] of frames.entries())
      expect(deviceOf(analysis, host(index).mac).sent).toBe(ipLength(frame))
  })
})

test('a flood is over after a quiet minute; a new device is then a device at once', () => {
  const lab = newLab()
  const flood = KINDS[0][1]()
  for (let index = 0; index < 5_000; index++) lab.add(1 + index / 2_000, flood(index))
  expect(lab.engine.flood).toEqual({ since: 1, senders: 5_000 })
  lab.engine.timeMark(40)
  expect(lab.engine.flood).not.toBe(null)
  lab.engine.timeMark(70)
  expect(lab.engine.flood).toBe(null)
  lab.add(71, tcpOut(PHONE, SERVER, { payload }))
  expect(lab.engine.ownership.findMac(0x0200, 0x0b)).toBeGreaterThan(0)
})

test('a device that gets its address by DHCP during a flood has its place from its first packet on', () => {
  const lab = newLab()
  lab.add(1, arpFrom(ROUTER))
  const flood = KINDS[0][1]()
  for (let index = 0; index < 5_000; index++) lab.add(2, flood(index))
  const message = (type: number, extra: object): Uint8Array =>
    dhcp({ message: type, transaction: 1, clientMac: CAMERA.mac, ...extra })
  const discover = udpFrame({
    sourceMac: CAMERA.mac,
    destinationMac: BROADCAST_MAC,
    source: '0.0.0.0',
    destination: '255.255.255.255',
    sourcePort: 68,
    destinationPort: 67,
    payload: message(DHCP_MESSAGE.discover, {}),
  })
  const ack = udpFrame({
    sourceMac: ROUTER.mac,
    destinationMac: BROADCAST_MAC,
    source: ROUTER.address,
    destination: '255.255.255.255',
    sourcePort: 67,
    destinationPort: 68,
    payload: message(DHCP_MESSAGE.acknowledge, { yourAddress: CAMERA.address }),
  })
  const up = tcpOut(CAMERA, SERVER, { payload })
  for (const frame of [discover, ack, up]) lab.add(3, frame)
  const camera = deviceOf(lab.analyze(), CAMERA.mac)
  expect(camera).toMatchObject({ sent: ipLength(up), sentLocal: ipLength(discover) })
})

test('a sender that goes on without a flood gets its place before its first packets are given up', () => {
  const lab = newLab()
  const host = (index: number): Host => ({ mac: `02:00:00:00:03:${index + 10}`, address: `192.168.1.${index + 20}` })
  for (let index = 0; index < 20; index++) lab.add(1, udpOut(host(index), SERVER, { payload }))
  const stream = Array.from({ length: 1_000 }, (_, index) =>
    tcpFrame({
      sourceMac: PHONE.mac,
      destinationMac: ROUTER.mac,
      source: PHONE.address,
      destination: SERVER,
      sourcePort: 9,
      destinationPort: 443,
      sequence: index * payload.length,
      payload,
    }),
  )
  for (const frame of stream) lab.add(1.1, frame)
  expect(deviceOf(lab.analyze(), PHONE.mac).sent).toBe(ipLength(...stream))
})
