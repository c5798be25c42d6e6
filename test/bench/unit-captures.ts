// Captures in which one thing happens again and again: packets, flows, look-ups, QUIC handshakes, hours of a device.
import { closeSync, openSync, writeSync } from 'node:fs'
import { concat, u32 } from '../../server/sample/packets/bytes.ts'
import { dns } from '../../server/sample/packets/dns-builder.ts'
import { tcpFrame, udpFrame } from '../../server/sample/packets/packet-builder.ts'
import { pcapHeader, pcapRecord } from '../../server/sample/packets/pcap-writer.ts'
import { buildQuicInitial, cryptoFrame, QUIC_VERSION_1 } from '../../server/sample/packets/quic-builder.ts'
import { seededRandom } from '../../server/sample/packets/random.ts'
import { buildClientHello } from '../../server/sample/packets/tls-hello-builder.ts'

const START = 1_790_000_000
const ROUTER = '02:00:00:00:00:01'
const HOUR = 3_600

/** A kind of unit; `small` is how many a small capture has. */
export interface Unit {
  name: string
  small: number
  /** Frames of the unit with this number, and the second after START in which each is captured. */
  frames: (number: number) => { second: number; bytes: Uint8Array }[]
}

const random = seededRandom(9)
const device = (number: number): { sourceMac: string; source: string } => ({
  sourceMac: `02:00:00:00:01:${(number % 32).toString(16).padStart(2, '0')}`,
  source: `192.168.1.${10 + (number % 32)}`,
})
/** Addresses of the range for benchmarks (RFC 2544), which nobody has. */
const server = (number: number): string => `198.18.${(number >> 8) & 255}.${number & 255}`
const filler = random.bytes(1_200)

function sent(number: number, port: number, payload: Uint8Array): Uint8Array {
  const ends = { ...device(number), destinationMac: ROUTER, destination: server(number) }
  return tcpFrame({ ...ends, sourcePort: 20_000 + (port % 40_000), destinationPort: 443, payload })
}

function lookUp(number: number): { second: number; bytes: Uint8Array }[] {
  const { sourceMac, source } = device(number)
  const name = `host-${number % 4_096}.example.com`
  const questions = [{ type: 'A' as const, name }]
  const ends = { sourceMac, source, destinationMac: ROUTER, destination: '192.168.1.1' }
  const back = { sourceMac: ROUTER, source: '192.168.1.1', destinationMac: sourceMac, destination: source }
  const ports = { sourcePort: 30_000 + (number % 16), destinationPort: 53 }
  const answers = [{ type: 'A' as const, name, ttl: 60, data: server(number % 4_096) }]
  const id = number & 0xffff
  const second = Math.floor(number / 200)
  return [
    { second, bytes: udpFrame({ ...ends, ...ports, payload: dns({ type: 'query', id, questions }) }) },
    {
      second,
      bytes: udpFrame({
        ...back,
        sourcePort: 53,
        destinationPort: ports.sourcePort,
        payload: dns({ type: 'response', id, questions, answers }),
      }),
    },
  ]
}

function initial(number: number): Uint8Array {
  const { sourceMac, source } = device(number)
  const hello = buildClientHello({
    random: filler.subarray(0, 32),
    serverName: `quic-${number % 512}.example.com`,
    alpn: ['h3'],
    sessionIdBytes: 0,
  })
  return udpFrame({
    sourceMac,
    source,
    destinationMac: ROUTER,
    destination: server(number % 512),
    sourcePort: 1_024 + (number >> 5),
    destinationPort: 443,
    payload: buildQuicInitial({
      version: QUIC_VERSION_1,
      destinationConnectionId: concat(u32(number), u32(7)),
      sourceConnectionId: u32(number),
      packetNumber: 0,
      frames: cryptoFrame(0, hello),
      minLength: 1_200,
    }),
  })
}

/** What one device does in an hour: a keep-alive each minute, and a clip of 40 packets. */
function deviceHour(number: number): { second: number; bytes: Uint8Array }[] {
  const from = Math.floor(number / 32) * HOUR
  const minutes = Array.from({ length: 60 }, (_, minute) => from + minute * 60 + (number % 32))
  const clip = Array.from({ length: 40 }, (_, index) => from + 1_800 + (number % 32) + (index >> 3))
  return [...minutes.map((second) => [second, 60] as const), ...clip.map((second) => [second, 1_200] as const)]
    .sort(([one], [other]) => one - other)
    .map(([second, bytes]) => ({ second, bytes: sent(number % 32, number % 32, filler.subarray(0, bytes)) }))
}

export const UNITS: readonly Unit[] = [
  {
    name: 'packet',
    small: 60_000,
    frames: (number) => [{ second: Math.floor(number / 1_000), bytes: sent(number % 32, number % 32, filler) }],
  },
  {
    name: 'flow',
    small: 3_000,
    frames: (number) => [
      { second: Math.floor(number / 100), bytes: sent(number, number, filler.subarray(0, 100)) },
      { second: Math.floor(number / 100), bytes: sent(number, number, filler.subarray(0, 300)) },
    ],
  },
  { name: 'DNS look-up', small: 4_000, frames: lookUp },
  {
    name: 'QUIC Initial',
    small: 1_000,
    frames: (number) => [{ second: Math.floor(number / 500), bytes: initial(number) }],
  },
  { name: 'device-hour', small: 500, frames: deviceHour },
]

/** Writes the capture of `count` units to the file, in the order of their seconds. */
export function writeUnits({ frames }: Unit, count: number, file: string): void {
  const fd = openSync(file, 'w')
  writeSync(fd, pcapHeader({}))
  const waiting = new Map<number, Uint8Array[]>()
  const flush = (until: number): void => {
    for (const second of [...waiting.keys()].filter((one) => one < until).sort((one, other) => one - other)) {
      for (const bytes of waiting.get(second) ?? [])
        writeSync(fd, pcapRecord({ seconds: START + second, nanos: 0, bytes, originalLength: bytes.length }))
      waiting.delete(second)
    }
  }
  for (let number = 0; number < count; number++) {
    const all = frames(number)
    flush(Math.floor(all[0].second / HOUR) * HOUR)
    for (const { second, bytes } of all) waiting.set(second, [...(waiting.get(second) ?? []), bytes])
  }
  flush(Number.POSITIVE_INFINITY)
  closeSync(fd)
}
