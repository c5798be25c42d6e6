// Captures of what the detectors and the rules of events look for: uploads, spoken requests, heartbeats, silence.
import { pcapFile } from '../../server/sample/packets/pcap-writer.ts'
import {
  arpFrom,
  CAMERA,
  dnsAnswerA,
  dnsQuery,
  httpRequest,
  tcpIn,
  tcpOut,
  tlsHello,
  udpOut,
} from '../server/engine/lab.ts'
import { type Host, PHONE, SPEAKER } from '../server/engine/lab.ts'
import { MAX_PACKETS } from './packets.ts'

/** Noon in the home's zone. */
const START = Date.UTC(2026, 0, 5, 11) / 1000
const MINUTE = 60
const HOUR = 3_600
const DAY = 86_400
/** Kept of each packet: a small file that moves many bytes. */
const SNAPLEN = 60
const LARGEST = 60_000

interface Sent {
  at: number
  bytes: Uint8Array
  /** Cut as by a snaplen; handshakes and names are whole. */
  isCut?: boolean
}

/** The packets of a device that introduces itself, looks the host up and connects. */
function connect(device: Host, address: string, host: string, at: number): Sent[] {
  return [
    { at, bytes: arpFrom(device) },
    { at, bytes: dnsQuery(device, host) },
    { at, bytes: dnsAnswerA(device, host, address) },
    { at: at + 1, bytes: tcpOut(device, address, { payload: tlsHello(host) }) },
  ]
}

function move(device: Host, address: string, at: number, sent: number, received = 0): Sent[] {
  const pieces = (bytes: number): number[] =>
    Array.from({ length: Math.ceil(bytes / LARGEST) }, (_, index) => Math.min(LARGEST, bytes - index * LARGEST))
  return [
    ...pieces(sent).map((length) => ({
      at,
      isCut: true,
      bytes: tcpOut(device, address, { payload: new Uint8Array(length) }),
    })),
    ...pieces(received).map((length) => ({
      at,
      isCut: true,
      bytes: tcpIn(device, address, { payload: new Uint8Array(length) }),
    })),
  ]
}

function capture(sent: readonly Sent[]): Uint8Array {
  const packets = [...sent].sort((one, other) => one.at - other.at).slice(0, MAX_PACKETS)
  return pcapFile(
    {},
    packets.map(({ at, bytes, isCut = false }) => ({
      seconds: START + Math.floor(at),
      bytes: isCut ? bytes.subarray(0, SNAPLEN) : bytes,
      originalLength: bytes.length,
    })),
  )
}

function every<Part>(count: number, make: (index: number) => Part[]): Part[] {
  return Array.from({ length: count }, (_, index) => make(index)).flat()
}

export function behaviourCaptures(): Uint8Array[] {
  return [
    capture([
      ...connect(SPEAKER, '203.0.113.20', 'avs-alexa-na.amazon.com', 0),
      ...every(40, (index) =>
        every(3, (second) => move(SPEAKER, '203.0.113.20', 60 + 20 * index + second, 24_000, 8_000)),
      ),
    ]),
    capture([
      ...connect(CAMERA, '203.0.113.21', 'clips.wyze.com', 0),
      ...every(300, (second) => move(CAMERA, '203.0.113.21', 60 + second, 120_000, 500)),
    ]),
    capture([
      ...connect(CAMERA, '203.0.113.21', 'clips.wyze.com', 0),
      ...every(60, (second) => move(CAMERA, '203.0.113.21', 10 * MINUTE + second, 20_000)),
      ...every(60, (second) => move(CAMERA, '203.0.113.21', 15 * HOUR + second, 60_000)),
    ]),
    capture([
      ...connect(PHONE, '203.0.113.22', 'api.amazonalexa.com', 0),
      ...every(200, (beat) => move(PHONE, '203.0.113.22', 30 * beat, 300, 200)),
    ]),
    capture([
      ...every(10, (day) => [
        ...connect(CAMERA, '203.0.113.21', 'clips.wyze.com', day * DAY),
        ...move(CAMERA, '203.0.113.21', day * DAY + 9, 30_000),
        ...move(PHONE, '203.0.113.22', day * DAY + 20, 3_000),
      ]),
      ...connect(CAMERA, '203.0.113.23', 'archive.fra1.digitaloceanspaces.com', 10 * DAY),
      ...move(CAMERA, '203.0.113.23', 10 * DAY + 5, 5_000_000),
    ]),
    capture([
      ...every(12 * 24, (hour) => [
        ...move(PHONE, '203.0.113.22', hour * HOUR, 2_000),
        ...(hour < 8 * 24 ? move(SPEAKER, '203.0.113.20', hour * HOUR + 60, 2_000) : []),
      ]),
      { at: 0, bytes: arpFrom(PHONE) },
      { at: 0, bytes: arpFrom(SPEAKER) },
    ]),
    capture([
      { at: 0, bytes: arpFrom(CAMERA) },
      {
        at: 1,
        bytes: udpOut(CAMERA, '8.8.8.8', { destinationPort: 53, payload: dnsQuery(CAMERA, 'a.example').subarray(42) }),
      },
      ...connect(CAMERA, '8.8.4.4', 'dns.google', 20),
      { at: 40, bytes: tcpOut(CAMERA, '1.1.1.1', { destinationPort: 853, payload: tlsHello('one.one.one.one') }) },
      ...every(20, (index) => [
        {
          at: 60 + index,
          bytes: tcpOut(CAMERA, '203.0.113.25', { destinationPort: 80, payload: httpRequest('upload.example.com') }),
        },
        {
          at: 60 + index,
          isCut: true,
          bytes: tcpOut(CAMERA, '203.0.113.25', { destinationPort: 80, payload: new Uint8Array(LARGEST) }),
        },
      ]),
    ]),
  ]
}
