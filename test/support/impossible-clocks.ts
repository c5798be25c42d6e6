// Captures whose clocks say what cannot be, by name: each of six packets, of which some have a possible time.
import { type CapturedPacket, pcapHeader, pcapRecord } from '../../server/sample/packets/pcap-writer.ts'

/** 2026-01-05 08:00 UTC. */
export const POSSIBLE = 1_767_600_000
export const PACKETS = 6

/** A time as a pcapng block holds it: the two halves of a count of the interface's units. */
type Halves = [high: number, low: number]

const MICROSECONDS = 1e6
const possible = (index: number): Halves => halvesOf(BigInt(POSSIBLE + index) * BigInt(MICROSECONDS))
const all = (halves: Halves) => (): Halves => halves

function halvesOf(count: bigint): Halves {
  return [Number((count >> 32n) & 0xffffffffn), Number(count & 0xffffffffn)]
}

interface Clock {
  /** if_tsresol; microseconds where absent. */
  resolution?: number
  /** if_tsoffset in seconds. */
  offset?: bigint
  time: (index: number) => Halves
}

const PCAPNG: Record<string, Clock> = {
  'all ones': { time: all([0xffffffff, 0xffffffff]) },
  'a high half of all ones, once': { time: (index) => (index === 3 ? [0xffffffff, 0] : possible(index)) },
  'alternately possible and not': { time: (index) => (index % 2 === 0 ? [0xffffffff, 0xffffffff] : possible(index)) },
  'impossible at first': { time: (index) => (index < 3 ? [0x7fffffff, 0xffffffff] : possible(index)) },
  'resolution 0': { resolution: 0, time: all([0, 0xffffffff]) },
  'resolution 0, beyond Date': { resolution: 0, time: all([0x00ffffff, 0xffffffff]) },
  'resolution 10^-127': { resolution: 127, time: possible },
  'resolution 2^0': { resolution: 0x80, time: all([0xffffffff, 0xffffffff]) },
  'resolution 2^-127': { resolution: 0xff, time: possible },
  'offset at its largest': { offset: 2n ** 63n - 1n, time: possible },
  'offset at its smallest': { offset: -(2n ** 63n), time: possible },
  'offset before 1970': { offset: -BigInt(POSSIBLE) * 2n, time: possible },
  'year 2106 and later': { offset: 2_600_000_000n, time: possible },
  'nought among real ones': { time: (index) => (index === 2 ? [0, 0] : possible(index)) },
  'fifty years apart': { time: (index) => halvesOf(BigInt(POSSIBLE + index * 1_577_880_000) * 1_000_000n) },
  'fifty years back and forth': {
    time: (index) => halvesOf(BigInt(POSSIBLE - (index % 2) * 1_577_880_000) * 1_000_000n),
  },
}

const PCAP: Record<string, (index: number) => { seconds: number; units?: number }> = {
  'pcap: all ones': () => ({ seconds: 0xffffffff }),
  'pcap: all ones once': (index) => ({ seconds: index === 4 ? 0xffffffff : POSSIBLE + index }),
  'pcap: nought': () => ({ seconds: 0 }),
  'pcap: a fraction beyond its second': (index) => ({ seconds: POSSIBLE + index, units: 0xffffffff }),
  'pcap: the last second there is': (index) => ({ seconds: index === 5 ? 0xfffffffe : POSSIBLE + index }),
}

/** Each holds the same six frames. */
export function impossibleClocks(frame: Uint8Array): { name: string; bytes: Uint8Array }[] {
  return [
    ...Object.entries(PCAPNG).map(([name, clock]) => ({ name, bytes: pcapng(clock, frame) })),
    ...Object.entries(PCAP).map(([name, timeOf]) => ({ name, bytes: pcap(timeOf, frame) })),
  ]
}

function pcap(timeOf: (index: number) => { seconds: number; units?: number }, bytes: Uint8Array): Uint8Array {
  const records = Array.from({ length: PACKETS }, (_, index) => {
    const { seconds, units } = timeOf(index)
    const packet: CapturedPacket = { seconds, bytes }
    const record = pcapRecord(packet)
    if (units !== undefined) new DataView(record.buffer).setUint32(4, units, true)
    return record
  })
  return Buffer.concat([pcapHeader(), ...records])
}

function pcapng({ resolution, offset, time }: Clock, frame: Uint8Array): Uint8Array {
  const options = [
    ...(resolution === undefined ? [] : [option(9, Uint8Array.of(resolution))]),
    ...(offset === undefined ? [] : [option(14, new Uint8Array(BigInt64Array.of(offset).buffer))]),
  ]
  const section = Buffer.alloc(16)
  section.writeUInt32LE(0x1a2b3c4d, 0)
  section.writeUInt16LE(1, 4)
  section.fill(0xff, 8)
  const description = Buffer.alloc(8)
  description.writeUInt16LE(1, 0)
  const packets = Array.from({ length: PACKETS }, (_, index) => {
    const [high, low] = time(index)
    const head = Buffer.alloc(20)
    head.writeUInt32LE(high, 4)
    head.writeUInt32LE(low, 8)
    head.writeUInt32LE(frame.length, 12)
    head.writeUInt32LE(frame.length, 16)
    return block(6, Buffer.concat([head, padded(frame)]))
  })
  return Buffer.concat([block(0x0a0d0d0a, section), block(1, Buffer.concat([description, ...options])), ...packets])
}

function option(code: number, value: Uint8Array): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16LE(code, 0)
  head.writeUInt16LE(value.length, 2)
  return Buffer.concat([head, padded(value)])
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])
}

function block(type: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(type, 0)
  head.writeUInt32LE(body.length + 12, 4)
  return Buffer.concat([head, body, head.subarray(4)])
}
