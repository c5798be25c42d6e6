// One hostile device leaves the others' figures exact, and the memory bounded.
import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../../server/engine/limits.ts'
import {
  arp,
  ethernet,
  ETHERTYPE,
  ipv4Fragments,
  PROTOCOL,
  TCP_FLAG,
  tcpFrame,
  udpFrame,
} from '../../../server/sample/packets/packet-builder.ts'
import { seededRandom } from '../../../server/sample/packets/random.ts'
import {
  arpFrom,
  CAMERA,
  deviceOf,
  dnsAnswerA,
  dnsAnswerFrame,
  dnsQuery,
  type Host,
  ipLength,
  type Lab,
  newLab,
  OTHER_SERVER,
  PHONE,
  ROUTER,
  SERVER,
  SPEAKER,
  tcpIn,
  tcpOut,
  tlsHello,
  trafficOf,
  udpOut,
} from './lab.ts'
import { u32, u16, text, concat } from '../../../server/sample/packets/bytes.ts'
import { BROADCAST_MAC } from '../../../server/sample/packets/addresses.ts'
import { dhcp, DHCP_MESSAGE } from '../../../server/sample/packets/dhcp-builder.ts'
import { dns } from '../../../server/sample/packets/dns-builder.ts'

const HOSTILE: Host = { mac: '02:00:00:00:00:66', address: '192.168.1.66' }
const payload = new Uint8Array(300).fill(0xee)

/** One life of an honest device: a look-up, a hello, an answer, and a flow named by DNS alone. */
function honest(host: Host, name: string, server: string): Uint8Array[] {
  const hello = tcpOut(host, server, { payload: tlsHello(name) })
  return [
    dnsQuery(host, name),
    dnsAnswerA(host, name, server),
    hello,
    tcpIn(host, server, { payload }),
    udpOut(host, server, { destinationPort: 9000, payload }),
  ]
}

/** What the analysis must say of that life. */
function expectHonest(lab: Lab, lives: [Host, string, Uint8Array[]][]): void {
  const analysis = lab.analyze()
  for (const [host, name, [query, answer, hello, reply, opaque]] of lives) {
    expect(trafficOf(analysis, host.mac)).toEqual([
      ipLength(hello, opaque),
      ipLength(reply),
      ipLength(query),
      ipLength(answer),
    ])
    expect(
      deviceOf(analysis, host.mac)
        .endpoints.map((endpoint) => [endpoint.host, endpoint.namedBy])
        .sort(),
    ).toEqual([
      [name, 'dns'],
      [name, 'tls'],
    ])
  }
}

/** Runs a flood between two honest devices, one before and one after it. */
function survive(flood: (lab: Lab) => void): Lab {
  const lab = newLab()
  const before = honest(CAMERA, 'camera.example', SERVER)
  const after = honest(PHONE, 'phone.example', OTHER_SERVER)
  lab.add(1, arpFrom(ROUTER))
  before.forEach((frame) => lab.add(2, frame))
  flood(lab)
  after.forEach((frame) => lab.add(1000, frame))
  expectHonest(lab, [
    [CAMERA, 'camera.example', before],
    [PHONE, 'phone.example', after],
  ])
  return lab
}

/** Bytes of the heap in use beyond those at the start, after `work`. */
function heapGrowth(work: () => unknown): number {
  const before = process.memoryUsage()
  const kept = work()
  const after = process.memoryUsage()
  return kept === null ? 0 : after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
}

function writeDecimal(bytes: Uint8Array, at: number, value: number, digits: number): void {
  for (let index = digits - 1; index >= 0; index--) {
    bytes[at + index] = 0x30 + (value % 10)
    value = Math.floor(value / 10)
  }
}

describe('a device that asks for 200,000 random names', () => {
  const frame = dnsQuery(HOSTILE, 'x0000000.flood.example')
  const nameAt = frame.indexOf(0x78, 54)

  test('leaves the others exact and takes no more names than its share', () => {
    const lab = survive(({ add: take }) => {
      for (let index = 0; index < 200_000; index++) {
        writeDecimal(frame, nameAt + 1, index, 7)
        take(3, frame)
      }
    })
    expect(lab.engine.names.size).toBeLessThanOrEqual(LIMITS.namesPerDevice + 10)
    expect(lab.engine.limits.reached.get('namesPerDevice')).toBeGreaterThan(100_000)
  })

  test('costs bounded memory', () => {
    const growth = heapGrowth(() => {
      const lab = newLab()
      for (let index = 0; index < 200_000; index++) {
        writeDecimal(frame, nameAt + 1, index, 7)
        lab.add(3, frame)
      }
      return lab
    })
    expect(growth).toBeLessThan(100e6)
  })
})

test('a device that sends 150,000 random names in TLS ClientHellos leaves the others exact', () => {
  const payload = tlsHello('x0000000.flood.example', { sessionIdBytes: 0 })
  const frame = tcpOut(HOSTILE, SERVER, { payload })
  const nameAt = frame.length - payload.length + indexOf(payload, 'x0000000')
  const lab = survive(({ add: take }) => {
    for (let index = 0; index < 150_000; index++) {
      writeDecimal(frame, nameAt + 1, index, 7)
      frame.set(u16(1024 + (index % 60_000)), 34)
      frame.set(u32(Math.imul(index, 0x10001)), 38)
      frame[33] = index >> 14
      take(3, frame)
    }
  })
  expect(lab.engine.names.size).toBeLessThanOrEqual(LIMITS.namesPerDevice + 10)
})

function indexOf(bytes: Uint8Array, word: string): number {
  return Buffer.from(bytes).indexOf(word)
}

test('answers with 150,000 random addresses to one device leave the others exact', () => {
  const random = seededRandom(8)
  survive(({ add: take }) => {
    const question = concat(Uint8Array.of(1), text('x'), Uint8Array.of(0))
    for (let message = 0; message < 300; message++) {
      const records = Array.from({ length: 500 }, () =>
        concat(u16(0xc00c), u16(1), u16(1), u32(60), u16(4), Uint8Array.of(9), random.bytes(3)),
      )
      take(
        3,
        dnsAnswerFrame(
          HOSTILE,
          concat(
            u16(1),
            u16(0x8180),
            u16(1),
            u16(records.length),
            u16(0),
            u16(0),
            question,
            u16(1),
            u16(1),
            ...records,
          ),
        ),
      )
    }
  })
})

test('50,000 spoofed MACs leave devices known before exact', () => {
  const lab = newLab()
  const life = honest(CAMERA, 'camera.example', SERVER)
  lab.add(1, arpFrom(ROUTER))
  life.slice(0, 3).forEach((frame) => lab.add(2, frame))
  const frame = udpOut({ mac: '02:99:00:00:00:00', address: '192.168.1.200' }, SERVER, { payload })
  for (let index = 0; index < 50_000; index++) {
    frame.set(u16(index), 10)
    frame.set(u16(0x0a00 + (index >> 8)), 26)
    frame.set(u16(index), 28)
    lab.add(3, frame)
  }
  life.slice(3).forEach((later) => lab.add(4, later))
  expect(lab.engine.limits.reached.get('newcomersPerMinute')).toBe(1)
  expectHonest(lab, [[CAMERA, 'camera.example', life]])
})

test('a device first seen after 50,000 spoofed MACs is exact once it is answered; otherwise it counts with them', () => {
  const lab = newLab()
  lab.add(1, arpFrom(ROUTER))
  const frame = udpOut({ mac: '02:99:00:00:00:00', address: '10.0.0.1' }, SERVER, { payload })
  for (let index = 0; index < 50_000; index++) {
    frame.set(u16(index), 10)
    frame.set(u16(index), 28)
    lab.add(3, frame)
  }
  const up = udpOut(SPEAKER, SERVER, { payload })
  const silent = udpOut(PHONE, SERVER, { payload })
  const down = tcpIn(SPEAKER, SERVER, { payload })
  for (const packet of [up, silent, down]) lab.add(4, packet)
  const analysis = lab.analyze()
  expect(deviceOf(analysis, SPEAKER.mac)).toMatchObject({ sent: ipLength(up), received: ipLength(down) })
  expect(analysis.devices.some(({ addresses }) => addresses.includes(PHONE.address))).toBe(false)
  expect(analysis.devices.reduce((sum, { sent }) => sum + sent, 0)).toBe(
    50_000 * ipLength(frame) + ipLength(up, silent),
  )
})

test('made-up senders in any number are shown as one device beside the first of them, so that the devices add up', () => {
  const lab = newLab()
  const frame = udpOut({ mac: '02:99:00:00:00:00', address: '10.0.0.1' }, SERVER, { payload })
  const count = LIMITS.bindings + 5000
  for (let index = 0; index < count; index++) {
    frame.set(u16(index), 10)
    frame.set(u32(0x0a000000 + index), 26)
    lab.add(3, frame)
  }
  const analysis = lab.analyze()
  expect(analysis.devices.length).toBeLessThan(40)
  expect(deviceOf(analysis, 'other')).toMatchObject({ mac: null, addresses: ['other'] })
  expect(analysis.devices.reduce((sum, { sent }) => sum + sent, 0)).toBe(count * ipLength(frame))
})

test('a device that scans 60,000 addresses of the internet leaves the others exact, and its own total too', () => {
  const frame = tcpOut(HOSTILE, SERVER, { flags: TCP_FLAG.syn })
  const lab = survive(({ add: take }) => {
    for (let index = 0; index < 60_000; index++) {
      frame.set(u32(0x2d000000 + index * 7), 30)
      take(3, frame)
    }
  })
  expect(lab.engine.limits.reached.get('addressesPerMac')).toBeGreaterThan(0)
  expect(deviceOf(lab.analyze(), HOSTILE.mac).sent).toBe(60_000 * ipLength(frame))
})

test('a device that scans the home by ARP leaves the others exact', () => {
  const frame = ethernet(
    HOSTILE.mac,
    BROADCAST_MAC,
    ETHERTYPE.arp,
    arp({ operation: 'request', senderMac: HOSTILE.mac, senderAddress: HOSTILE.address, targetAddress: '192.168.0.1' }),
  )
  survive(({ add: take }) => {
    for (let index = 0; index < 70_000; index++) {
      // The sender's address walks through the home: a device that bindings everything.
      frame.set(u32(0x0a000000 + index), 28)
      take(3, frame)
    }
  })
})

test('a device that fills the table of rows from many own addresses leaves the others exact', () => {
  const frame = tcpFrame({
    sourceMac: HOSTILE.mac,
    destinationMac: ROUTER.mac,
    source: HOSTILE.address,
    destination: SERVER,
    sourcePort: 1,
    destinationPort: 443,
    flags: TCP_FLAG.syn,
  })
  const lab = survive(({ add: take }) => {
    for (let index = 0; index < 160_000; index++) {
      frame[29] = 200 + (index & 7)
      frame.set(u32(0x2d000000 + (index >> 3)), 30)
      take(3, frame)
    }
  })
  expect(lab.engine.limits.reached.get('rowsPerDevice')).toBeGreaterThan(0)
})

test('100,000 orphan fragments, and as many first fragments, leave the others exact and cost no more for it', () => {
  const [first, later] = ipv4Fragments(
    { source: HOSTILE.address, destination: SERVER, protocol: PROTOCOL.udp, payload: new Uint8Array(64) },
    32,
  )
  const frames = [first, later].map((packet) => ethernet(HOSTILE.mac, ROUTER.mac, ETHERTYPE.ipv4, packet))
  const lab = survive(({ add: take }) => {
    for (let index = 0; index < 100_000; index++) {
      for (const frame of frames) {
        frame.set(u16(frame === frames[1] ? index ^ 0x8000 : index), 18)
        take(3, frame)
      }
    }
  })
  expect(deviceOf(lab.analyze(), HOSTILE.mac).sent).toBe(100_000 * ipLength(...frames))
})

test("20,000 half-open ClientHellos at once leave a later device's name readable", () => {
  const half = tlsHello('half.example').subarray(0, 60)
  const frame = tcpOut(HOSTILE, SERVER, { payload: half })
  const lab = survive(({ add: take }) => {
    for (let index = 0; index < 20_000; index++) {
      frame.set(u16(index), 34)
      take(3, frame)
    }
  })
  expect(lab.engine.limits.reached.get('assemblies')).toBeGreaterThan(0)
})

test("DHCP messages with 40,000 made-up clients leave the others' bytes exact", () => {
  const message = dhcp({
    message: DHCP_MESSAGE.request,
    transaction: 1,
    clientMac: '02:11:00:00:00:00',
    clientAddress: '10.0.0.0',
  })
  const frame = udpFrame({
    sourceMac: HOSTILE.mac,
    destinationMac: BROADCAST_MAC,
    source: HOSTILE.address,
    destination: '255.255.255.255',
    sourcePort: 68,
    destinationPort: 67,
    payload: message,
  })
  const at = frame.length - message.length
  const lab = newLab()
  const life = honest(CAMERA, 'camera.example', SERVER)
  life.slice(0, 2).forEach((packet) => lab.add(2, packet))
  for (let index = 0; index < 40_000; index++) {
    frame.set(u32(0x0a000000 + index), at + 12)
    frame.set(u32(index), at + 30)
    lab.add(3, frame)
  }
  life.slice(2).forEach((packet) => lab.add(4, packet))
  expectHonest(lab, [[CAMERA, 'camera.example', life]])
})

test('multicast DNS announcements without end are capped and counted', () => {
  const lab = newLab()
  for (let index = 0; index < 20_000; index++) {
    const answers = [{ name: `device-${index}.local`, type: 'A' as const, ttl: 120, data: HOSTILE.address }]
    lab.add(
      3,
      udpFrame({
        sourceMac: HOSTILE.mac,
        destinationMac: '01:00:5e:00:00:fb',
        source: HOSTILE.address,
        destination: '224.0.0.251',
        sourcePort: 5353,
        destinationPort: 5353,
        payload: dns({ type: 'response', id: 0, answers }),
      }),
    )
  }
  expect(lab.engine.mdnsNames.size).toBe(LIMITS.mdnsNames)
  expect(lab.engine.limits.reached.get('mdnsNames')).toBe(20_000 - LIMITS.mdnsNames)
  expect(lab.engine.limits.reached.get('evidenceValues')).toBe(20_000 - LIMITS.evidenceValues)
})

test('addresses of made-up senders take no place, and stay at home where they are: nothing local is counted as sent to the internet', () => {
  const frame = udpFrame({
    sourceMac: HOSTILE.mac,
    destinationMac: ROUTER.mac,
    source: '10.0.0.0',
    destination: '192.168.1.1',
    sourcePort: 9,
    destinationPort: 9,
    payload,
  })
  const packets = LIMITS.addresses + 5_000
  const lab = newLab()
  for (let index = 0; index < packets; index++) {
    frame.set([0x02, 0x66, 0, 0, index >>> 14], 6)
    frame.set(u32(0x0a000000 + index), 26)
    lab.add(3, frame)
  }
  const { devices } = lab.analyze()
  const sum = (field: 'sent' | 'received' | 'sentLocal'): number =>
    devices.reduce((total, device) => total + device[field], 0)
  expect(lab.engine.addresses.used).toBeLessThan(1_000)
  expect(lab.engine.transitBytes).toBe(0)
  expect([sum('sent'), sum('received')]).toEqual([0, 0])
  expect(sum('sentLocal')).toBe(packets * ipLength(frame))
})
