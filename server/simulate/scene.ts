// A simulated home while it is being written: its devices, far ends and days, and how traffic is put on the tape.
import { derivedSeed, seededRandom, type Random } from '../sample/packets/random.ts'
import type { Kind } from '../rules/types.ts'
import { type Calendar, liveliness } from './calendar.ts'
import { ACKNOWLEDGED, BEAT } from './measured.ts'
import type { Places } from './places.ts'
import { DAY, HOUR, START, type Tape } from './tape.ts'

export interface SimulatedDevice {
  id: string
  name: string
  kind: Kind
  vendor: string | null
  firstSeen: number
}

/** A device with its own stream of random numbers. */
export interface Living {
  index: number
  device: SimulatedDevice
  random: Random
  /** The far end that its maker runs for it, to which most of what it sends goes. */
  maker: number
  /** Seconds of the start at which it was spoken to. */
  requests: number[]
  /** Share of what it receives that it sends as acknowledgements. */
  acknowledged: number
}

export class Scene {
  readonly tape: Tape
  readonly places: Places
  readonly calendar: Calendar
  /** Bytes a second that the line carries up. */
  readonly uplink: number
  readonly livings: Living[] = []
  private readonly seed: number

  constructor(seed: number, tape: Tape, places: Places, calendar: Calendar, uplink: number) {
    this.seed = seed
    this.tape = tape
    this.places = places
    this.calendar = calendar
    this.uplink = uplink
  }

  get days(): number {
    return this.tape.days
  }

  /** `day` is when it joins; `maker` a host name, or the number of a far end. */
  join(name: string, kind: Kind, vendor: string | null, maker: string | number, day = 0): Living {
    const index = this.livings.length
    const random = seededRandom(derivedSeed(this.seed, 100 + index))
    const id = `02:${hex(this.seed >> 8)}:${hex(this.seed)}:00:${hex(index >> 8)}:${hex(index)}`
    const living = {
      index,
      device: { id, name, kind, vendor, firstSeen: START + Math.floor(day * DAY) },
      random,
      maker: typeof maker === 'string' ? this.places.named(maker) : maker,
      requests: [],
      acknowledged: ACKNOWLEDGED.least + (ACKNOWLEDGED.most - ACKNOWLEDGED.least) * random.next(),
    }
    this.livings.push(living)
    return living
  }

  /** A heartbeat from `from` on; now and then a beat goes missing. */
  beat({ index, random }: Living, endpoint: number, period: number, from = 0, until = this.days * DAY): void {
    for (let at = from + random.next() * period; at < until; at += period + (random.next() - 0.5) * 2) {
      if (random.chance(0.01)) continue
      const size = (): number => random.integer(BEAT.least, BEAT.most)
      this.tape.add(index, endpoint, at, size(), size())
    }
  }

  send({ index, random }: Living, endpoint: number, at: number, seconds: number, sent: number, received: number): void {
    this.tape.spread(random, index, endpoint, at, seconds, sent, received)
  }

  /** A large download at the line's pace, with its request and acknowledgements. */
  fetch(living: Living, endpoint: number, at: number, received: number, pace: number): void {
    this.send(living, endpoint, at, Math.max(1, received / pace), 1_200 + received * living.acknowledged, received)
  }

  /** A film or music: a piece of `seconds` seconds at a time, fetched within a second or two. */
  play(living: Living, endpoint: number, at: number, lasts: number, pace: number, seconds: number): void {
    const { random } = living
    for (let second = 0; second < lasts; second += seconds) {
      const received = pace * seconds * (0.6 + 0.8 * random.next())
      this.send(
        living,
        endpoint,
        at + second,
        random.integer(1, 2),
        900 + received * living.acknowledged,
        Math.round(received),
      )
    }
  }

  /** Calls `act` at moments (seconds) with so many expected in an hour, by day and hour of the clock. */
  moments(
    random: Random,
    perHour: (day: number, hour: number) => number,
    act: (at: number, day: number) => void,
  ): void {
    for (let day = 0; day < this.days; day++) {
      for (let hour = 0; hour < 24; hour++) {
        const rate = perHour(day, hour)
        if (rate <= 0) continue
        for (let at = random.exponential(1 / rate); at < 1; at += random.exponential(1 / rate))
          act(day * DAY + (hour + at) * HOUR, day)
      }
    }
  }

  lively(day: number, hour: number): number {
    return liveliness(this.calendar, day, hour)
  }
}

function hex(number: number): string {
  return (number & 255).toString(16).padStart(2, '0')
}
