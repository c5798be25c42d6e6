// Changes of inputs of the core. Most stay within one layer, so that the layers around it still lead to it.
import { LinkType } from '../../../capture/formats/link-types.ts'
import type { CoreInput, CorePacket } from './input.ts'
import { bytesInput, packetsInput } from './input.ts'
import type { Draw } from './random.ts'

const BYTES = [0, 1, 2, 3, 0x0f, 0x2e, 0x3f, 0x40, 0x5c, 0x7f, 0x80, 0xc0, 0xfe, 0xff]
const WORDS = [0, 1, 4, 8, 19, 20, 21, 0x1fff, 0x2000, 0x3fff, 0x4000, 0x7fff, 0x8000, 0xfffe, 0xffff]
const PORTS = [
  0, 1, 53, 67, 68, 80, 123, 443, 546, 547, 853, 1900, 3478, 5353, 5355, 4789, 6081, 8080, 8472, 37_008, 65_535,
]
const PROTOCOLS = [0, 1, 2, 6, 17, 41, 43, 44, 47, 50, 51, 58, 60, 132, 255]
const LINK_TYPES = [...Object.values(LinkType), 195]
const JUMPS = [0.001, 1, 4, 5, 6, 31, 60, 600, 86_400, -1, -4, -6, -86_400]
const TIMES = [0, -1, 2 ** 31, 2 ** 32 - 1, 8_640_000_000_001, 2 ** 53]
const HOP_LIMITS = [0, 1, 63, 64, 127, 128, 254, 255]
const TCP = 6
const UDP = 17
const MAX_PACKETS = 24

/** A changed copy. `others` are there to be mixed in. */
export function mutatedInput(input: CoreInput, others: readonly CoreInput[], draw: Draw): CoreInput {
  const seed = draw.word()
  if (input.kind === 'calls') return { ...input, seed }
  if (input.kind !== 'packets') {
    const other = draw.pick(others)
    const bytes = draw.once(50) ? input.bytes : changedBytes(input.bytes, 0, other.bytes, draw)
    return bytesInput(input.kind, bytes, seed)
  }
  const packets = windowOf(input.packets, draw)
  if (draw.once(40)) return packetsInput(packets, seed)
  if (draw.once(3)) changeOrder(packets, others, draw)
  for (let changes = 1 + draw.below(4); changes > 0; changes--) {
    if (packets.length === 0) break
    const index = draw.below(packets.length)
    packets[index] = changedPacket(packets[index], otherPacket(others, draw), draw)
  }
  return packetsInput(packets, seed)
}

function windowOf(packets: readonly CorePacket[], draw: Draw): CorePacket[] {
  if (packets.length <= 6 || draw.once(4)) return packets.slice(0, MAX_PACKETS)
  const from = draw.below(packets.length)
  return packets.slice(from, from + 1 + draw.below(8))
}

function otherPacket(others: readonly CoreInput[], draw: Draw): CorePacket | null {
  const { packets } = draw.pick(others)
  return packets.length === 0 ? null : draw.pick(packets)
}

function changeOrder(packets: CorePacket[], others: readonly CoreInput[], draw: Draw): void {
  const at = draw.below(packets.length + 1)
  switch (draw.below(6)) {
    case 0:
      packets.splice(at, 1 + draw.below(3))
      return
    case 1: {
      const from = draw.below(packets.length || 1)
      packets.splice(at, 0, ...packets.slice(from, from + 1 + draw.below(3)))
      break
    }
    case 2: {
      const [one, other] = [draw.below(packets.length || 1), draw.below(packets.length || 1)]
      if (packets.length > 0) [packets[one], packets[other]] = [packets[other], packets[one]]
      return
    }
    case 3:
    case 4: {
      const more = draw.pick(others).packets
      const from = draw.below(more.length || 1)
      packets.splice(at, 0, ...more.slice(from, from + 1 + draw.below(6)))
      break
    }
    default: {
      const jump = draw.pick(JUMPS)
      for (let index = at; index < packets.length; index++)
        packets[index] = { ...packets[index], seconds: packets[index].seconds + Math.trunc(jump) }
    }
  }
  if (packets.length > MAX_PACKETS) packets.length = MAX_PACKETS
}

function changedPacket(packet: CorePacket, other: CorePacket | null, draw: Draw): CorePacket {
  const { bytes, networkAt, payloadAt } = packet
  switch (draw.below(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
      return { ...packet, bytes: withFields(bytes, payloadAt, bytes.length, draw) }
    case 5:
    case 6: {
      const changed = changedBytes(bytes, payloadAt, other === null ? bytes : other.bytes, draw)
      if (!draw.once(5)) fixLengths(changed, networkAt, payloadAt)
      return { ...packet, bytes: changed, originalLength: changed.length }
    }
    case 7:
    case 8:
      return { ...packet, bytes: withFields(bytes, networkAt, payloadAt, draw) }
    case 9:
      return { ...packet, bytes: withFields(bytes, 0, networkAt, draw) }
    case 10:
      return { ...packet, bytes: bytes.subarray(0, draw.below(bytes.length + 1)) }
    case 11:
    case 12:
      return { ...packet, bytes: withHeaderField(packet, draw) }
    case 13:
    case 14:
      return other === null ? packet : { ...packet, bytes: withEnds(packet, other, draw) }
    default:
      return withRecord(packet, draw)
  }
}

/** One to four fields in [from, to), the nearest more often. */
function withFields(bytes: Uint8Array, from: number, to: number, draw: Draw): Uint8Array {
  const copy = bytes.slice()
  const length = Math.min(to, copy.length) - from
  if (length <= 0) return copy
  for (let changes = 1 + draw.below(4); changes > 0; changes--) {
    const at = from + draw.below(draw.once(2) ? length : Math.min(length, 48))
    switch (draw.below(6)) {
      case 0:
        copy[at] ^= 1 << draw.below(8)
        break
      case 1:
        copy[at] = draw.pick(BYTES)
        break
      case 2:
        copy[at] = draw.word()
        break
      case 3:
        copy[at] += draw.below(9) - 4
        break
      case 4: {
        const word = draw.pick(WORDS)
        copy[at] = word >> 8
        if (at + 1 < copy.length) copy[at + 1] = word
        break
      }
      default:
        copy.copyWithin(at, from + draw.below(length), Math.min(copy.length, at + 1 + draw.below(8)))
    }
  }
  return copy
}

/** Behind `from`: cut, repeated, longer, shorter, or another's end. */
function changedBytes(bytes: Uint8Array, from: number, other: Uint8Array, draw: Draw): Uint8Array {
  if (bytes.length <= from || draw.below(3) > 0) return withFields(bytes, from, bytes.length, draw)
  const at = from + draw.below(bytes.length - from + 1)
  const to = Math.min(bytes.length, at + 1 + draw.below(40))
  switch (draw.below(5)) {
    case 0:
      return bytes.slice(0, at)
    case 1:
      return joined(bytes.subarray(0, at), bytes.subarray(to))
    case 2: {
      const part = bytes.subarray(at, to)
      let whole: Uint8Array = bytes.slice(0, at)
      for (let copies = 2 + draw.below(12); copies > 0; copies--) whole = joined(whole, part)
      return joined(whole, bytes.subarray(to))
    }
    case 3:
      return joined(bytes.subarray(0, at), other.subarray(draw.below(other.length + 1)))
    default:
      return joined(joined(bytes.subarray(0, at), other.subarray(0, draw.below(9))), bytes.subarray(at))
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const whole = new Uint8Array(one.length + other.length)
  whole.set(one)
  whole.set(other, one.length)
  return whole
}

/** The lengths in the headers say again what there is. */
function fixLengths(bytes: Uint8Array, networkAt: number, payloadAt: number): void {
  if (payloadAt > bytes.length || payloadAt < networkAt + 20) return
  const isV6 = bytes[networkAt] >> 4 === 6
  const length = bytes.length - networkAt - (isV6 ? 40 : 0)
  put16(bytes, networkAt + (isV6 ? 4 : 2), length)
  const protocol = bytes[networkAt + (isV6 ? 6 : 9)]
  if (protocol === UDP) put16(bytes, payloadAt - 4, bytes.length - payloadAt + 8)
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  if (at < 0 || at + 2 > bytes.length) return
  bytes[at] = value >> 8
  bytes[at + 1] = value
}

function withHeaderField({ bytes, networkAt }: CorePacket, draw: Draw): Uint8Array {
  const copy = bytes.slice()
  const isV6 = copy[networkAt] >> 4 === 6
  const transport = networkAt + (isV6 ? 40 : (copy[networkAt] & 15) * 4)
  const protocol = copy[networkAt + (isV6 ? 6 : 9)]
  switch (draw.below(8)) {
    case 0:
      put16(copy, networkAt + (isV6 ? 4 : 2), draw.pick(WORDS))
      break
    case 1:
      put16(copy, networkAt + 6, draw.pick(WORDS))
      break
    case 2:
      if (networkAt + 10 < copy.length) copy[networkAt + (isV6 ? 6 : 9)] = draw.pick(PROTOCOLS)
      break
    case 3:
      if (networkAt + 10 < copy.length) copy[networkAt + (isV6 ? 7 : 8)] = draw.pick(HOP_LIMITS)
      break
    case 4:
    case 5:
      put16(copy, transport + 2 * draw.below(2), draw.once(2) ? draw.pick(PORTS) : 40_000 + draw.below(8))
      break
    case 6:
      if (protocol === TCP && transport + 13 < copy.length) copy[transport + 13] = draw.below(64)
      break
    default:
      put16(copy, transport + 4 + 2 * draw.below(2), draw.once(2) ? draw.pick(WORDS) : draw.word())
  }
  return copy
}

/** MACs or addresses of another packet: flows that change hands, devices that meet. */
function withEnds(packet: CorePacket, other: CorePacket, draw: Draw): Uint8Array {
  const copy = packet.bytes.slice()
  const [to, from] = draw.once(3)
    ? [6 * draw.below(2), 6 * draw.below(2)]
    : [packet.networkAt + 8 + 4 * draw.below(5), other.networkAt + 8 + 4 * draw.below(5)]
  const length = draw.pick([4, 6, 8, 16])
  if (to + length <= copy.length && from + length <= other.bytes.length)
    copy.set(other.bytes.subarray(from, from + length), to)
  return copy
}

function withRecord(packet: CorePacket, draw: Draw): CorePacket {
  switch (draw.below(5)) {
    case 0:
      return { ...packet, linkType: draw.pick(LINK_TYPES) }
    case 1:
      return { ...packet, originalLength: draw.pick([0, 1, packet.bytes.length + 1, 65_535, 262_144, 2 ** 32 - 1]) }
    case 2:
      return { ...packet, timed: false }
    case 3:
      return { ...packet, seconds: draw.pick(TIMES), nanos: draw.pick([0, 1, 999_999_999]) }
    default:
      return { ...packet, seconds: packet.seconds + Math.trunc(draw.pick(JUMPS)) }
  }
}
