// Lives in the simulated home: what its devices send, hour by hour, and the incidents among it.
import type { Random } from '../../server/sample/packets/random.ts'
import type { WatchedDevice } from '../../server/alerts/watched-device.ts'

export const DAYS = 14
export const LEARNING_DAYS = 7
/** A Monday, 2026-06-01, 00:00 UTC; the home lives in UTC. */
export const START = 1_780_272_000
export const DAY = 86_400
export const HOUR = 3_600

export interface Incident {
  kind: 'quiet-hours' | 'voice-busy' | 'new-company'
  device: string
  /** When it began; and when it had become as large as its name says (a tripling takes its time). */
  begins: number
  due: number
}

export interface Story {
  holidays: ReadonlySet<number>
  guests: ReadonlySet<number>
  updates: ReadonlyMap<number, number>
}

/** Writes down the traffic of one device. */
export class Pen {
  readonly numbers: number[] = []

  /** Bytes spread evenly over some seconds, with a little unrest. */
  burst(
    random: Random,
    device: number,
    endpoint: number,
    at: number,
    seconds: number,
    sent: number,
    received: number,
  ): void {
    for (let second = 0; second < seconds; second++) {
      const unrest = 0.7 + 0.6 * random.next()
      this.numbers.push(
        START + Math.floor(at) + second,
        device,
        endpoint,
        Math.round((sent / seconds) * unrest),
        Math.round((received / seconds) * unrest),
      )
    }
  }
}

export type Living = { device: number; ends: number[]; random: Random }

export function randomStory(random: Random): Story {
  const holidays = new Set<number>()
  const guests = new Set<number>()
  const updates = new Map<number, number>()
  if (random.chance(0.5))
    for (let day = random.integer(1, 9), left = random.integer(2, 4); left > 0; left--) holidays.add(day++)
  for (let visits = random.integer(0, 2); visits > 0; visits--) {
    const first = random.integer(1, 11)
    for (let day = first; day < first + random.integer(1, 2); day++) if (!holidays.has(day)) guests.add(day)
  }
  for (let count = random.integer(2, 5); count > 0; count--)
    updates.set(random.integer(0, DAYS - 1), random.integer(0, 11))
  return { holidays, guests, updates }
}

function isWeekend(day: number): boolean {
  return day % 7 >= 5
}

export function beat(pen: Pen, random: Random, device: number, endpoint: number, period: number): void {
  for (let at = random.next() * period; at < DAYS * DAY; at += period + (random.next() - 0.5) * 2) {
    // A beat goes missing now and then.
    if (!random.chance(0.01))
      pen.burst(random, device, endpoint, at, 1, 100 + random.next() * 300, 100 + random.next() * 300)
  }
}

/** Expected voice requests in an hour of a day. */
function talkRate(day: number, hour: number, { holidays, guests }: Story): number {
  if (holidays.has(day) || hour < 6 || hour > 22) return 0
  const busy = isWeekend(day) ? (hour >= 9 ? 1.4 : 0.2) : hour <= 8 || hour >= 17 ? 1.8 : 0.3
  return guests.has(day) ? busy * 1.6 : busy
}

/** Requests of a fortnight; returns when they began, by hour since the start. */
export function talk(pen: Pen, { device, ends, random }: Living, story: Story): number[][] {
  const times: number[][] = []
  const liking = 0.6 + random.next() * 0.9
  for (let hour = 0; hour < DAYS * 24; hour++) {
    const begins: number[] = []
    const rate = talkRate(Math.floor(hour / 24), hour % 24, story) * liking
    for (let at = rate === 0 ? 1 : random.exponential(1 / rate); at < 1; at += random.exponential(1 / rate)) {
      request(pen, random, device, ends[0], (hour + at) * HOUR)
      begins.push((hour + at) * HOUR)
    }
    times.push(begins)
  }
  return times
}

export function request(pen: Pen, random: Random, device: number, endpoint: number, at: number): void {
  pen.burst(
    random,
    device,
    endpoint,
    at,
    random.integer(3, 7),
    70_000 + random.next() * 70_000,
    8_000 + random.next() * 90_000,
  )
}

/** Clips when something moves, and somebody who looks now and then. */
export function watch(pen: Pen, { device, ends, random }: Living, { holidays, guests }: Story): void {
  for (let day = 0; day < DAYS; day++) {
    for (let hour = 0; hour < 24; hour++) {
      const isDay = hour >= 7 && hour <= 22
      const rate =
        (isDay ? (isWeekend(day) ? 1.2 : 0.8) : 0.04) * (holidays.has(day) ? 0.3 : 1) * (guests.has(day) ? 1.5 : 1)
      for (let at = random.exponential(1 / rate); at < 1; at += random.exponential(1 / rate)) {
        pen.burst(
          random,
          device,
          ends[0],
          (day * 24 + hour + at) * HOUR,
          random.integer(6, 14),
          400_000 + random.heavyTailed(2, 5) * 500_000,
          30_000,
        )
      }
    }
    for (let looks = random.integer(0, holidays.has(day) ? 5 : 3); looks > 0; looks--) {
      const seconds = random.integer(15, 150)
      pen.burst(
        random,
        device,
        ends[0],
        day * DAY + (8 + random.next() * 14) * HOUR,
        seconds,
        seconds * (100_000 + random.next() * 150_000),
        seconds * 3_000,
      )
    }
  }
}

export function stream(pen: Pen, { device, ends, random }: Living, at: number): void {
  for (let minutes = random.integer(20, 180), start = at + 19 * HOUR; minutes > 0; minutes--)
    pen.burst(random, device, ends[0], start + minutes * 60, 8, 20_000, 9e6)
}

/** Phones and laptops go wherever their people go. */
export function roam(
  pen: Pen,
  { device, random }: Living,
  at: number,
  addEndpoint: (host: string, company: string, purpose: string) => number,
): void {
  for (let visits = random.integer(10, 60); visits > 0; visits--) {
    const site = random.integer(0, 400)
    pen.burst(
      random,
      device,
      addEndpoint(`w${site}.example`, `site-${site}`, 'web'),
      at + (7 + random.next() * 16) * HOUR,
      random.integer(1, 5),
      random.heavyTailed(1.1, 200) * 10_000,
      300_000,
    )
  }
}

/** Three at night: a camera sends and sends. */
export function nightUpload(pen: Pen, random: Random, devices: WatchedDevice[], { device, ends }: Living): Incident {
  const at = random.integer(LEARNING_DAYS + 1, DAYS - 1) * DAY + 3 * HOUR + random.integer(0, 1_500)
  const seconds = random.integer(300, 1_200)
  pen.burst(random, device, ends[0], at, seconds, seconds * (150_000 + random.next() * 250_000), seconds * 4_000)
  return { kind: 'quiet-hours', device: devices[device].id, begins: START + at, due: START + at }
}

/**
 * In one evening hour three times as many requests as there ever were at that time of the day, an hour more or less.
 */
export function triple(
  pen: Pen,
  random: Random,
  devices: WatchedDevice[],
  { device, ends }: Living,
  times: readonly number[][],
): Incident {
  const day = random.integer(LEARNING_DAYS + 1, DAYS - 1)
  const hour = day * 24 + random.integer(18, 20)
  const usual = Math.max(
    3,
    ...Array.from(
      { length: day * 3 },
      (_, index) => times[Math.floor(index / 3) * 24 + (hour % 24) + (index % 3) - 1].length,
    ),
  )
  const own = times[hour]
  const wanted = 3 * usual - own.length
  const pause = HOUR / (wanted + 1)
  const added = Array.from({ length: wanted }, (_, index) => hour * HOUR + (index + 1) * pause)
  for (const at of added) request(pen, random, device, ends[0], at)
  // It has tripled with the last request of the hour, whoever made it.
  const due = Math.max(...added, ...own)
  return {
    kind: 'voice-busy',
    device: devices[device].id,
    begins: START + Math.floor(added[0]),
    due: START + Math.floor(due),
  }
}

/** A small device finds itself a new friend. */
export function stranger(
  pen: Pen,
  random: Random,
  devices: WatchedDevice[],
  { device }: Living,
  addEndpoint: (host: string, company: string, purpose: string) => number,
): Incident {
  const at = random.integer(LEARNING_DAYS + 1, DAYS - 1) * DAY + random.integer(0, 20 * HOUR)
  const end = addEndpoint('collect.stranger.example', 'stranger', 'tracking')
  for (let times = 0; times < 20; times++)
    pen.burst(random, device, end, at + times * 180, 1, 2_500 + random.next() * 2_000, 1_500)
  return { kind: 'new-company', device: devices[device].id, begins: START + at, due: START + at }
}

export function sorted(numbers: readonly number[]): Float64Array {
  const order = Array.from({ length: numbers.length / 5 }, (_, index) => index * 5)
  order.sort((one, other) => numbers[one] - numbers[other])
  const cells = new Float64Array(numbers.length)
  for (const [place, at] of order.entries())
    for (let field = 0; field < 5; field++) cells[place * 5 + field] = numbers[at + field]
  return cells
}
