// The packets at the sensor of the synthetic home, and the device each one is counted for.
import type { Count, Party } from './home.ts'
import { concat } from '../../../server/sample/packets/bytes.ts'

/** Frames shorter than this arrive padded with zeros (IEEE 802.3: 64 bytes with the check sequence). */
const SHORTEST_FRAME = 60
const ETHERNET_HEADER = 14

export type Wire = {
  /** Microseconds since 1970; the simulation moves it. */
  now: number
  packets: number
  /** An IP packet in its frame. */
  ip(from: Party, to: Party, frame: Uint8Array): void
  /** A frame that carries no IP. */
  other(frame: Uint8Array): void
}

export function makeWire(write: (micros: number, frame: Uint8Array) => void): Wire {
  const wire: Wire = {
    now: 0,
    packets: 0,
    ip(from, to, frame) {
      count(from, to, frame.length - ETHERNET_HEADER)
      wire.other(frame)
    },
    other(frame) {
      wire.packets++
      write(
        wire.now,
        frame.length < SHORTEST_FRAME ? concat(frame, new Uint8Array(SHORTEST_FRAME - frame.length)) : frame,
      )
    },
  }
  return wire
}

function count(from: Party, to: Party, ipBytes: number): void {
  if (from.place === 'home') {
    if (to.place === 'group') from.traffic.groups.sent += ipBytes
    else countOf(from, to).sent += ipBytes
  }
  if (to.place === 'home') countOf(to, from).received += ipBytes
}

function countOf(party: Party, other: Party): Count {
  return other.place === 'internet' ? party.traffic.internet : party.traffic.local
}
