// The bulk of a flow on the wire: bursts, pauses, sizes, acknowledgements.
import { tlsRecord } from '../../../server/sample/packets/payloads.ts'
import type { Random } from '../../../server/sample/packets/random.ts'
import { MAXIMUM_PAYLOAD, type Steps, type Talk, type TcpTalk } from '../../../server/sample/packets/talk.ts'

export type Load = {
  /** Payload bytes to move, both directions together. */
  bytes: number
  /** How long the flow lives, roughly. */
  durationMicros: number
  /** Share of the bursts that go out of the home. */
  upward: number
}

const none = new Uint8Array(0)
const BURST_BYTES = 24_000
/** The shortest retransmission timeout of Linux. */
const RETRANSMISSION_MICROS = 200_000

/** Bursts of full segments with the odd short one, every second one acknowledged, long pauses between the bursts. */
export function* tcpBulk(talk: TcpTalk, load: Load, payload: (random: Random, length: number) => Uint8Array): Steps {
  const { random } = talk
  for (const burst of bursts(random, load)) {
    const [put, acknowledge] = burst.upward ? [talk.send, talk.receive] : [talk.receive, talk.send]
    let unacknowledged = 0
    for (let moved = 0; moved < burst.bytes;) {
      const length = segmentLength(random, burst.bytes - moved)
      put(payload(random, length))
      moved += length
      yield random.integer(60, 1500)
      if (random.chance(0.003)) {
        yield RETRANSMISSION_MICROS
        talk.repeat(burst.upward ? 'sent' : 'received')
      }
      if (++unacknowledged === 2) {
        acknowledge(none)
        unacknowledged = 0
        yield random.integer(20, 300)
      }
    }
    if (unacknowledged > 0) acknowledge(none)
    yield burst.pauseMicros
  }
}

/** The same over UDP: `sent` and `received` make the datagrams of either direction, every third one is answered. */
export function* udpBulk(
  talk: Talk,
  load: Load,
  sent: (random: Random, length: number) => Uint8Array,
  received: (random: Random, length: number) => Uint8Array,
): Steps {
  const { random } = talk
  for (const burst of bursts(random, load)) {
    let packets = 0
    for (let moved = 0; moved < burst.bytes;) {
      const length = Math.min(1250, segmentLength(random, burst.bytes - moved))
      if (burst.upward) talk.send(sent(random, length))
      else talk.receive(received(random, length))
      moved += length
      yield random.integer(60, 1500)
      if (++packets % 3 !== 0) continue
      const answer = random.integer(30, 60)
      if (burst.upward) talk.receive(received(random, answer))
      else talk.send(sent(random, answer))
    }
    yield burst.pauseMicros
  }
}

/** A small message up, a smaller one down, a long pause: how a plug or a bulb stays in touch. */
export function* heartbeats(talk: TcpTalk, load: Load): Steps {
  const { random } = talk
  const beats = Math.max(1, Math.round(load.bytes / 180))
  for (let beat = 0; beat < beats; beat++) {
    talk.send(tlsRecord(random, random.integer(60, 180)))
    yield random.integer(15_000, 90_000)
    talk.receive(tlsRecord(random, random.integer(40, 90)))
    yield random.integer(500, 40_000)
    talk.send(none)
    yield random.exponential(load.durationMicros / beats)
  }
}

function* bursts(random: Random, load: Load): Generator<{ bytes: number; upward: boolean; pauseMicros: number }> {
  const count = Math.max(1, Math.ceil(load.bytes / BURST_BYTES))
  for (let left = load.bytes; left > 0;) {
    const bytes = Math.min(left, Math.ceil(random.exponential(BURST_BYTES)) + 40)
    left -= bytes
    yield { bytes, upward: random.chance(load.upward), pauseMicros: random.exponential(load.durationMicros / count) }
  }
}

function segmentLength(random: Random, left: number): number {
  const length = random.chance(0.8) ? MAXIMUM_PAYLOAD : random.integer(60, MAXIMUM_PAYLOAD)
  return Math.max(40, Math.min(length, left))
}
