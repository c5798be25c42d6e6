// Steps of the fuzzing that exporters send: lists of datagrams, each of a sender that is named or of another.
import { concat, text } from '../../server/sample/packets/bytes.ts'
import type { Random } from '../../server/sample/packets/random.ts'
import { mutated } from '../support/mutate.ts'

export const EXPORTERS = ['tzsp', 'netflow'] as const
export type ExporterKind = (typeof EXPORTERS)[number]

/** The first two are named; the third is not; datagrams of the fourth have another made-up source each. */
export const SENDERS = ['192.168.1.1', 'fd00::1', '192.168.1.66', ''] as const
export const NAMED_SENDERS: readonly string[] = SENDERS.slice(0, 2)
/** Seconds before a datagram comes. */
const PAUSES = [0, 1, 61, 3_700] as const
export const MAX_DATAGRAMS = 400

export interface Datagram {
  /** A place in SENDERS. */
  sender: number
  /** Seconds since the one before. */
  pause: number
  bytes: Uint8Array
}

/** Sender and pause in one byte, the length in two, the datagram. */
export function joinDatagrams(datagrams: readonly Datagram[]): Uint8Array {
  return concat(
    ...datagrams.flatMap(({ sender, pause, bytes }) => {
      const pauseAt = Math.max(0, PAUSES.indexOf(pause as 0))
      return [Uint8Array.of(sender | (pauseAt << 2), bytes.length >> 8, bytes.length & 255), bytes]
    }),
  )
}

/** Of any bytes: the last datagram may be shorter than it says. */
export function splitDatagrams(bytes: Uint8Array): Datagram[] {
  const datagrams: Datagram[] = []
  for (let at = 0; at + 3 <= bytes.length && datagrams.length < MAX_DATAGRAMS;) {
    const length = (bytes[at + 1] << 8) | bytes[at + 2]
    const [sender, pause] = [bytes[at] & 3, PAUSES[(bytes[at] >> 2) & 3]]
    datagrams.push({ sender, pause, bytes: bytes.slice(at + 3, at + 3 + length) })
    at += 3 + length
  }
  return datagrams
}

export function mutatedDatagrams(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const list = splitDatagrams(bytes)
  const others = splitDatagrams(other)
  for (let changes = random.integer(1, 5); changes > 0; changes--) changeList(list, others, random)
  return joinDatagrams(list.slice(0, MAX_DATAGRAMS))
}

function changeList(list: Datagram[], others: readonly Datagram[], random: Random): void {
  if (list.length === 0) return void list.push(...others.slice(0, 3))
  const at = random.integer(0, list.length - 1)
  const one = list[at]
  switch (random.integer(0, 11)) {
    case 0:
      list.splice(at, 1)
      break
    case 1:
      list.splice(random.integer(0, list.length), 0, one)
      break
    case 2:
      list.splice(random.integer(0, list.length), 0, ...list.splice(at, random.integer(1, 3)))
      break
    case 3:
      list.splice(at, 0, ...others.slice(0, random.integer(1, 5)))
      break
    case 4:
      list[at] = { ...one, sender: random.integer(0, 3) }
      break
    case 5:
      list[at] = { ...one, pause: random.pick(PAUSES) }
      break
    case 6:
      list[at] = { ...one, bytes: one.bytes.slice(0, random.integer(0, one.bytes.length)) }
      break
    case 7:
      // A counter, a length, a time or an id in the header or behind it.
      list[at] = { ...one, bytes: withWord(one.bytes, random) }
      break
    case 8: {
      const bytes = random.pick([
        text('GET / HTTP/1.1\r\n\r\n'),
        random.bytes(random.integer(0, 1500)),
        new Uint8Array(65_507),
      ])
      list[at] = { ...one, bytes }
      break
    }
    default:
      list[at] = { ...one, bytes: mutated(one.bytes, [random.pick(list).bytes], random).slice(0, 65_507) }
  }
}

const LONG_WORDS = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff]

function withWord(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(bytes)
  if (copy.length < 4) return copy
  const at = random.chance(0.5)
    ? Math.min(copy.length - 4, 2 * random.integer(0, 12))
    : random.integer(0, copy.length - 4)
  const view = new DataView(copy.buffer)
  if (random.chance(0.5)) view.setUint32(at, random.pick(LONG_WORDS))
  else view.setUint16(at, random.pick(LONG_WORDS) & 0xffff)
  return copy
}
