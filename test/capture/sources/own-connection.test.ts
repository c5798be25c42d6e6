// Leaving one TCP connection out of a pcap stream, however the stream is cut into pieces.
import { describe, expect, test } from 'vitest'
import { beginsAsCapture, WithoutConnection } from '../../../capture/sources/fritzbox/own-connection.ts'
import { LinkType } from '../../../capture/formats/link-types.ts'
import { concat, hex } from '../../../server/sample/packets/bytes.ts'
import { ethernet, ETHERTYPE, ip, PROTOCOL, tcp, udp } from '../../../server/sample/packets/packet-builder.ts'
import { avs, prism, snap, wifi } from '../../support/wire/link-headers.ts'

const BOX = { ip: '192.168.178.1', ip6: 'fd00::1', port: 80, mac: '02:00:00:00:00:01' }
const SELF = { ip: '192.168.178.20', ip6: 'fd00::20', port: 50_123, mac: '02:00:00:00:00:02' }

interface Given {
  source?: string
  destination?: string
  sourcePort?: number
  destinationPort?: number
  length?: number
}

function packet({
  source = BOX.ip,
  destination = SELF.ip,
  sourcePort = BOX.port,
  destinationPort = SELF.port,
  length = 700,
}: Given): Uint8Array {
  const segment = tcp({
    source,
    destination,
    sourcePort,
    destinationPort,
    sequence: 1,
    payload: new Uint8Array(length),
  })
  return ip(source, destination, PROTOCOL.tcp, segment)
}

const frame = (given: Given): Uint8Array =>
  ethernet(BOX.mac, SELF.mac, (given.source ?? BOX.ip).includes(':') ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4, packet(given))
const tagged = (bytes: Uint8Array): Uint8Array => concat(bytes.subarray(0, 12), hex('81000007'), bytes.subarray(12))

/** Those of the connection, in each direction, and of IPv6. */
const OWN = [
  frame({}),
  frame({ source: SELF.ip, destination: BOX.ip, sourcePort: SELF.port, destinationPort: BOX.port, length: 0 }),
  tagged(frame({})),
  // Of another stream; and of this one, as the box sees it behind an address translation.
  frame({ destinationPort: 50_999 }),
  frame({ destination: '192.168.178.77' }),
  // A log-in of this machine: left out, and no sign of a stream that grows.
  frame({ destinationPort: 50_500 }),
]
const OTHERS = [
  // Another browser on the box's page; the ports the other way round; another box; another service of this one.
  frame({ destination: '192.168.178.30', destinationPort: 50_124 }),
  frame({ sourcePort: SELF.port, destinationPort: BOX.port }),
  frame({ source: '192.168.178.2' }),
  frame({ sourcePort: 443 }),
  ethernet(
    BOX.mac,
    SELF.mac,
    ETHERTYPE.ipv4,
    ip(
      BOX.ip,
      SELF.ip,
      PROTOCOL.udp,
      udp({
        source: BOX.ip,
        destination: SELF.ip,
        sourcePort: BOX.port,
        destinationPort: SELF.port,
        payload: new Uint8Array(30),
      }),
    ),
  ),
  ethernet(BOX.mac, SELF.mac, 0x88cc, new Uint8Array(46)),
  new Uint8Array(3),
  new Uint8Array(0),
]
const MIXED = [
  OTHERS[0],
  OWN[0],
  OWN[1],
  OTHERS[1],
  OTHERS[2],
  ...OWN.slice(2),
  ...OTHERS.slice(3),
  OWN[0],
] as Uint8Array[]

interface Form {
  magic: number
  isLittle: boolean
  linkType?: number
}

function file(frames: readonly Uint8Array[], { magic, isLittle, linkType = 1 }: Form): Buffer {
  const u32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4)
    if (isLittle) bytes.writeUInt32LE(value)
    else bytes.writeUInt32BE(value)
    return bytes
  }
  const records = frames.map((bytes) =>
    Buffer.concat([
      ...[1_700_000_000, 0, bytes.length, bytes.length].map(u32),
      Buffer.alloc(magic === 0xa1b2cd34 ? 8 : 0, 0xee),
      bytes,
    ]),
  )
  return Buffer.concat([u32(magic), Buffer.alloc(12), u32(1600), u32(linkType), ...records])
}

function without(bytes: Buffer, pieceLength: number, isIpv6 = false): { given: Buffer; packets: number; seen: number } {
  const pieces: Uint8Array[] = []
  const [remoteAddress, localAddress] = isIpv6 ? [BOX.ip6, SELF.ip6] : [BOX.ip, SELF.ip]
  const connection = {
    remoteAddress,
    remotePort: BOX.port,
    localAddress,
    localPort: SELF.port,
    streamPorts: new Set([50_999]),
  }
  const sieve = new WithoutConnection(connection, (piece) => pieces.push(Buffer.from(piece)))
  for (let at = 0; at < bytes.length; at += pieceLength) sieve.push(bytes.subarray(at, at + pieceLength))
  return { given: Buffer.concat(pieces), packets: sieve.streamPackets, seen: sieve.seen }
}

const MODIFIED: Form = { magic: 0xa1b2cd34, isLittle: true }
const FORMS: [string, Form][] = [
  ['the modified format', MODIFIED],
  ['the usual format', { magic: 0xa1b2c3d4, isLittle: true }],
  ['big-endian', { magic: 0xa1b2c3d4, isLittle: false }],
  ['nanoseconds', { magic: 0xa1b23c4d, isLittle: true }],
]

describe('packets of the connection', () => {
  test.each(FORMS)('are left out of %s, and every other byte is given, in pieces of any length', (_, form) => {
    const whole = file(MIXED, form)
    const wanted = file(
      MIXED.filter((one) => !OWN.includes(one)),
      form,
    )
    for (const length of [1, 2, 3, 7, 24, 40, 41, 160, 184, 333, 1000, whole.length]) {
      const { given, packets, seen } = without(whole, length)
      expect([length, packets, seen]).toEqual([length, OWN.length, MIXED.length])
      expect(given.equals(wanted)).toBe(true)
    }
  })

  test('are left out of IPv6', () => {
    const own = frame({ source: BOX.ip6, destination: SELF.ip6 })
    const other = frame({ source: BOX.ip6, destination: 'fd00::21', destinationPort: 1 })
    const { given, packets } = without(file([other, own, other], MODIFIED), 100, true)
    expect(packets).toBe(1)
    expect(given.equals(file([other, other], MODIFIED))).toBe(true)
  })

  const inWifi = (bytes: Uint8Array): Uint8Array =>
    wifi({ source: BOX.mac, destination: SELF.mac }, snap(ETHERTYPE.ipv4, bytes))
  test.each([
    ['Wi-Fi', LinkType.Wifi, inWifi],
    ['Wi-Fi behind a Prism header', LinkType.Prism, (bytes: Uint8Array) => prism(inWifi(bytes))],
    ['Wi-Fi behind a big-endian Prism header', LinkType.Prism, (bytes: Uint8Array) => prism(inWifi(bytes), true)],
    ['Wi-Fi behind an AVS header', LinkType.Avs, (bytes: Uint8Array) => avs(inWifi(bytes))],
    ['IP alone', LinkType.Raw, (bytes: Uint8Array) => bytes],
  ])('are left out of %s', (_, linkType, inside) => {
    const own = inside(packet({}))
    const other = inside(packet({ sourcePort: 443 }))
    const form = { ...MODIFIED, linkType }
    const { given, packets } = without(file([own, other], form), 500)
    expect(packets).toBe(1)
    expect(given.equals(file([other], form))).toBe(true)
  })
})

describe('what is no such stream', () => {
  test('is given as it is: a record that is longer than any, and what follows it', () => {
    const whole = Buffer.concat([file([OTHERS[0], OWN[0]], MODIFIED), Buffer.alloc(300, 0xff)])
    const { given, packets } = without(whole, 50)
    expect(packets).toBe(1)
    expect(given.equals(Buffer.concat([file([OTHERS[0]], MODIFIED), Buffer.alloc(300, 0xff)]))).toBe(true)
  })

  test('is given as it is: another format', () => {
    const whole = Buffer.alloc(500, 0x0a)
    expect(without(whole, 7).given.equals(whole)).toBe(true)
  })

  test('is told apart by its first four bytes', () => {
    expect(beginsAsCapture(Buffer.from('34cd'))).toBe(false)
    expect(beginsAsCapture(Buffer.from('34cdb2', 'hex'))).toBeNull()
    for (const magic of ['34cdb2a1', 'a1b2cd34', 'd4c3b2a1', '0a0d0d0a'])
      expect(beginsAsCapture(Buffer.from(magic, 'hex'))).toBe(true)
    expect(beginsAsCapture(Buffer.from('<html>'))).toBe(false)
  })
})
