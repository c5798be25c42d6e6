// Mutations of lists of packets: fields, times, order, copies, parts of other protocols.
import { LinkType } from '../../capture/formats/link-types.ts'
import { concat } from '../../server/sample/packets/bytes.ts'
import type { Random } from '../../server/sample/packets/random.ts'
import { mutated } from '../support/mutate.ts'
import { MAX_PACKETS, type Packet } from './packets.ts'

const PORTS = [
  0, 1, 53, 67, 68, 80, 123, 443, 546, 547, 853, 1900, 3478, 5353, 5355, 4789, 6081, 8080, 8472, 37_008, 65_535,
]
const PROTOCOLS = [0, 1, 2, 6, 17, 41, 43, 44, 47, 50, 51, 58, 60, 132, 255]
const WORDS = [0, 1, 8, 19, 20, 21, 0x1fff, 0x2000, 0x3fff, 0x4000, 0x7fff, 0x8000, 0xfffe, 0xffff]
/** Seconds that clocks and files claim: the epoch, ends of 32 bits, of Date and of what a double counts exactly. */
const TIMES = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 8_640_000_000_000, 8_640_000_000_001, -1, -(2 ** 31), 2 ** 53]
const JUMPS = [0.001, 1, 5, 6, 59, 60, 600, 3_600, 86_400, 7 * 86_400, 31 * 86_400, 400 * 86_400]
const ETHERNET = 1
const HOSTILE = ['\u202e', '\0', '"', '\\', '%s', '<b>', '__proto__', 'ÿ', '.', '..', '😀', '\n']

type Mutation = (packets: Packet[], others: readonly Packet[], random: Random) => Packet[]

/** One to five mutations, one behind the other. */
export function mutatedPackets(packets: readonly Packet[], others: readonly Packet[], random: Random): Packet[] {
  let list = packets.map((packet) => ({ ...packet }))
  for (let changes = random.integer(1, 5); changes > 0; changes--) {
    list = random.pick(MUTATIONS)(list, others, random)
    if (list.length > MAX_PACKETS) list.length = MAX_PACKETS
  }
  return list
}

function onOne(change: (packet: Packet, random: Random, others: readonly Packet[]) => void): Mutation {
  return (packets, others, random) => {
    if (packets.length === 0) return packets
    const at = random.integer(0, packets.length - 1)
    const packet = { ...packets[at], bytes: Uint8Array.from(packets[at].bytes) }
    change(packet, random, others)
    packets[at] = packet
    return packets
  }
}

const anywhere = onOne((packet, random, others) => {
  packet.bytes = mutated(packet.bytes, others.length === 0 ? [packet.bytes] : [random.pick(others).bytes], random)
})

/** Within one layer, so that those above it stay whole. */
const inLayer = onOne((packet, random) => {
  const { bytes } = packet
  const [from, to] = random.pick(layersOf(packet))
  if (to <= from || to > bytes.length) return
  const part = mutated(bytes.subarray(from, to), [bytes], random)
  const isSameLength = random.chance(0.8)
  packet.bytes = concat(
    bytes.subarray(0, from),
    isSameLength ? concat(part, new Uint8Array(to - from)).subarray(0, to - from) : part,
    bytes.subarray(to),
  )
})

const headerField = onOne((packet, random) => {
  const { bytes } = packet
  const ip = networkAt(packet)
  const isV6 = bytes[ip] >> 4 === 6
  const transport = ip + (isV6 ? 40 : (bytes[ip] & 15) * 4)
  const put = (at: number, ...values: number[]): void => {
    if (at >= 0 && at + values.length <= bytes.length) bytes.set(values, at)
  }
  const word = random.pick(WORDS)
  switch (random.integer(0, 7)) {
    case 0:
      return put(ip + (isV6 ? 4 : 2), word >> 8, word)
    case 1:
      return put(ip + 4, word >> 8, word)
    case 2:
      return put(ip + 6, word >> 8, word)
    case 3:
      return put(ip + (isV6 ? 6 : 9), random.pick(PROTOCOLS))
    case 4:
      return put(ip, random.pick([0x40, 0x44, 0x45, 0x46, 0x4f, 0x60, 0x6f, 0x00, 0x55]))
    case 5: {
      const port = random.pick(PORTS)
      return put(transport + random.pick([0, 2]), port >> 8, port)
    }
    case 6:
      return put(transport + random.integer(4, 13), random.integer(0, 255), random.integer(0, 255))
    default:
      return put(transport + 4, word >> 8, word)
  }
})

/** Another packet's MACs or addresses: flows that change hands, devices that meet. */
const takeEnds = onOne((packet, random, others) => {
  if (others.length === 0) return
  const other = random.pick(others)
  const from = random.pick([0, 6, networkAt(packet) + 8, networkAt(packet) + 12, networkAt(packet) + 16])
  const length = random.pick([4, 6, 8, 12, 16])
  if (from + length <= packet.bytes.length && from + length <= other.bytes.length)
    packet.bytes.set(other.bytes.subarray(from, from + length), from)
})

/** Letters in it become letters that somebody chose. */
const names = onOne((packet, random) => {
  const { bytes } = packet
  const start = random.integer(0, bytes.length)
  let at = start
  while (at < bytes.length && !(bytes[at] >= 0x61 && bytes[at] <= 0x7a)) at++
  const text = new TextEncoder().encode(random.pick(HOSTILE))
  if (at + text.length <= bytes.length) bytes.set(text, at)
})

const otherPayload = onOne((packet, random, others) => {
  if (others.length === 0) return
  const other = random.pick(others)
  const to = payloadAt(packet)
  if (to > packet.bytes.length) return
  packet.bytes = concat(
    packet.bytes.subarray(0, to),
    other.bytes.subarray(Math.min(other.bytes.length, payloadAt(other))),
  )
})

const lengths = onOne((packet, random) => {
  packet.originalLength = random.pick([
    0,
    1,
    packet.bytes.length - 1,
    packet.bytes.length,
    65_535,
    262_144,
    2 ** 32 - 1,
  ])
  if (packet.originalLength < 0) packet.originalLength = 0
  if (random.chance(0.3)) packet.bytes = packet.bytes.subarray(0, random.integer(0, packet.bytes.length))
})

const linkType = onOne((packet, random) => {
  packet.linkType = random.pick([...Object.values(LinkType), 195])
})

const time = onOne((packet, random) => {
  packet.seconds = random.pick(TIMES)
  packet.nanos = random.pick([0, 1, 999_999_999])
  packet.timed = random.chance(0.9)
})

/** All packets from one on. */
const jump: Mutation = (packets, _, random) => {
  const from = random.integer(0, Math.max(0, packets.length - 1))
  const seconds = Math.floor(random.pick(JUMPS)) * (random.chance(0.5) ? -1 : 1) || 1
  for (const packet of packets.slice(from)) packet.seconds += seconds
  return packets
}

/** The same way of time in another measure: quiet hours between packets, or all at once. */
const stretch: Mutation = (packets, _, random) => {
  const step = random.pick(JUMPS)
  const start = packets[0]?.seconds ?? 0
  packets.forEach((packet, index) => {
    const at = step * index
    packet.seconds = start + Math.floor(at)
    packet.nanos = Math.floor((at % 1) * 1e9)
  })
  return packets
}

/** A part of the list again and again at a regular pace, as heartbeats and uploads come. */
const again: Mutation = (packets, _, random) => {
  if (packets.length === 0) return packets
  const from = random.integer(0, packets.length - 1)
  const part = packets.slice(from, from + random.integer(1, 8))
  const pace = random.pick([0, 0, 1, 5, 30, 60, 900])
  const copies = random.pick([1, 2, 3, 12, 60, 200])
  const length = random.pick([0, 0, 60_000, 1_400_000])
  for (let copy = 1; copy <= copies && packets.length < MAX_PACKETS; copy++)
    packets.push(
      ...part.map((packet) => ({
        ...packet,
        seconds: packet.seconds + pace * copy,
        originalLength: packet.originalLength + length,
      })),
    )
  return packets
}

/** The same, each copy from a device of its own. */
const crowd: Mutation = (packets, _, random) => {
  if (packets.length === 0) return packets
  const packet = random.pick(packets)
  const copies = random.pick([3, 20, 300])
  for (let copy = 0; copy < copies && packets.length < MAX_PACKETS; copy++) {
    const bytes = Uint8Array.from(packet.bytes)
    if (bytes.length > 34) bytes.set([copy >> 8, copy], random.chance(0.8) ? 10 : 28)
    if (bytes.length > 34) bytes[29] = copy
    packets.push({ ...packet, bytes, seconds: packet.seconds + (copy >> 4) })
  }
  return packets
}

const splice: Mutation = (packets, others, random) => {
  if (others.length === 0) return packets
  const from = random.integer(0, others.length - 1)
  const part = others.slice(from, from + random.integer(1, 12)).map((packet) => ({ ...packet }))
  const at = random.integer(0, packets.length)
  const here = packets[Math.min(at, packets.length - 1)]
  if (here !== undefined && random.chance(0.8))
    part.forEach((packet) => Object.assign(packet, { seconds: here.seconds, nanos: here.nanos }))
  return [...packets.slice(0, at), ...part, ...packets.slice(at)]
}

const shuffle: Mutation = (packets, _, random) => {
  const from = random.integer(0, Math.max(0, packets.length - 1))
  const part = packets.splice(from, random.integer(2, 12))
  while (part.length > 0) packets.splice(from, 0, ...part.splice(random.integer(0, part.length - 1), 1))
  return packets
}

const drop: Mutation = (packets, _, random) => {
  packets.splice(random.integer(0, Math.max(0, packets.length - 1)), random.integer(1, 20))
  return packets
}

const MUTATIONS: readonly Mutation[] = [
  anywhere,
  inLayer,
  inLayer,
  inLayer,
  headerField,
  headerField,
  takeEnds,
  names,
  otherPayload,
  lengths,
  linkType,
  time,
  jump,
  stretch,
  again,
  crowd,
  splice,
  splice,
  shuffle,
  drop,
]

/** Where the network layer should be: behind Ethernet, else at once. */
function networkAt({ linkType: type }: Packet): number {
  return type === ETHERNET ? 14 : 0
}

function payloadAt(packet: Packet): number {
  const ip = networkAt(packet)
  const { bytes } = packet
  const isV6 = bytes[ip] >> 4 === 6
  const transport = ip + (isV6 ? 40 : (bytes[ip] & 15) * 4)
  const protocol = bytes[ip + (isV6 ? 6 : 9)]
  return transport + (protocol === 6 ? (bytes[transport + 12] >> 4) * 4 : 8)
}

function layersOf(packet: Packet): [from: number, to: number][] {
  const ip = networkAt(packet)
  const payload = Math.min(packet.bytes.length, payloadAt(packet) || packet.bytes.length)
  return [
    [0, ip],
    [ip, payload],
    [payload, packet.bytes.length],
    [payload, packet.bytes.length],
    [payload, Math.min(packet.bytes.length, payload + 64)],
  ]
}
