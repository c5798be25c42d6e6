// What the sensor at the sample home's router records, and the true sums of what each device sent and received.
import { pcapHeader, pcapRecord } from './packets/pcap-writer.ts'
import type { MemberId } from './household.ts'

/** IP bytes, seen from the device (RFC 791 total length; for IPv6 40 bytes of header and the payload). */
export type Count = { sent: number; received: number }

/**
 * What the generator knows of one device: the internet by company (null: nobody can know whose), and the home itself.
 */
export type Truth = { companies: Map<string | null, Count>; local: Count }

export type Tape = {
  /** Microseconds since the day's midnight; whoever plays a conversation moves it. */
  now: number
  /** A frame as captured; `originalLength` where the wire carried more than was kept. */
  keep(frame: Uint8Array, originalLength?: number): void
  /** The device's internet traffic with this company. */
  count(device: MemberId, company: string | null, direction: keyof Count, ipBytes: number): void
  /** Traffic that stays at home. */
  countLocal(device: MemberId, direction: keyof Count, ipBytes: number): void
  truth: Map<MemberId, Truth>
  packets: number
  /** The whole capture, in order of time, as a classic pcap; seconds are added to every time. */
  toPcap(startSeconds: number): Uint8Array
}

/** Frames shorter than this arrive padded (IEEE 802.3: 64 bytes with the check sequence). */
const SHORTEST_FRAME = 60
const DAY_MICROS = 86_400e6
const MILLION = 1e6
const RECORD_HEADER = 16

export function makeTape(): Tape {
  const kept: { micros: number; frame: Uint8Array; originalLength: number }[] = []
  const truth: Tape['truth'] = new Map()
  const of = (device: MemberId): Truth => {
    const known = truth.get(device) ?? { companies: new Map(), local: { sent: 0, received: 0 } }
    truth.set(device, known)
    return known
  }
  return {
    now: 0,
    truth,
    get packets() {
      return kept.length
    },
    keep(frame, originalLength = frame.length) {
      if (this.now >= DAY_MICROS) throw new Error(`a frame ${this.now / MILLION} s after midnight: the day has 86,400`)
      // A copy: a cut frame would hold on to the whole one.
      kept.push({
        micros: Math.round(this.now),
        frame: frame.slice(),
        originalLength: Math.max(originalLength, SHORTEST_FRAME),
      })
    },
    count(device, company, direction, ipBytes) {
      const { companies } = of(device)
      const known = companies.get(company) ?? { sent: 0, received: 0 }
      companies.set(company, known)
      known[direction] += ipBytes
    },
    countLocal(device, direction, ipBytes) {
      of(device).local[direction] += ipBytes
    },
    toPcap(startSeconds) {
      kept.sort((one, other) => one.micros - other.micros)
      const whole = new Uint8Array(
        kept.reduce((sum, { frame }) => sum + RECORD_HEADER + frame.length, pcapHeader().length),
      )
      whole.set(pcapHeader())
      let at = pcapHeader().length
      for (const { micros, frame, originalLength } of kept) {
        whole.set(
          pcapRecord({
            seconds: startSeconds + Math.floor(micros / MILLION),
            nanos: (micros % MILLION) * 1000,
            bytes: frame,
            originalLength,
          }),
          at,
        )
        at += RECORD_HEADER + frame.length
      }
      return whole
    },
  }
}
