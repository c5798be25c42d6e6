// What members of the sample home do again and again: films, voice requests, browsing, and times of the day.
import type { Random } from './packets/random.ts'
import type { Member } from './household.ts'
import { type Move, type Secure, type Stage, talk } from './talks.ts'
import type { Host } from './clouds.ts'
import { remind, join } from './announcements.ts'

export const MEGABYTE = 1e6
/** The last second in which something begins. */
export const END = 86_390
export const MODERN: Secure = { quic: true, postQuantum: true }
export const MODERN_TLS: Secure = { postQuantum: true }

/** '07:30' in seconds after midnight. */
export function clock(time: string): number {
  const [hours, minutes] = time.split(':').map(Number)
  return hours * 3600 + minutes * 60
}

/** What a member does: conversations at times, with numbers of its own. */
export type Life = { stage: Stage; device: Member; random: Random }

/** At about this time. */
export function near({ random }: Life, time: string): number {
  return clock(time) + random.integer(-40, 40)
}

/** This many moments between two times, in order. */
export function spread({ random }: Life, from: string, until: string, count: number): number[] {
  return Array.from({ length: count }, () => random.integer(clock(from), clock(until))).sort(
    (one, other) => one - other,
  )
}

export function every({ random }: Life, seconds: number, act: (at: number) => void): void {
  for (
    let at = 30 + random.integer(0, seconds);
    at < END - 60;
    at += Math.round(seconds * (0.92 + 0.16 * random.next()))
  )
    act(at)
}

export function both(sent: number, received: number): Move[] {
  return [
    { direction: 'sent', bytes: sent },
    { direction: 'received', bytes: received },
  ]
}

/** Seconds of a film or of music that a player fetches at once. */
const PIECE_SECONDS = 15

/** A film or music, piece by piece. */
export function stream(
  life: Life,
  host: Host,
  from: string,
  minutes: number,
  bytesPerSecond: number,
  options: Secure = {},
): void {
  const pieces = Array.from({ length: (minutes * 60) / PIECE_SECONDS }, (): Move[] => {
    const bytes = Math.round(PIECE_SECONDS * bytesPerSecond * (0.7 + 0.6 * life.random.next()))
    return [
      { pause: PIECE_SECONDS / 2, direction: 'sent', bytes: 900 },
      { pause: 0.05, direction: 'received', bytes, seconds: PIECE_SECONDS / 2 - 0.5 },
    ]
  })
  talk(life.stage, life.device, host, clock(from), pieces.flat(), options)
}

/** Voice and picture both ways, in pieces of two seconds. */
export function call(seconds: number, bytesPerSecond: number): Move[] {
  return Array.from({ length: seconds / 2 }, (): Move[] => [
    { pause: 0.9, direction: 'sent', bytes: 2 * bytesPerSecond - 6_000 },
    { pause: 0.9, direction: 'received', bytes: 2 * bytesPerSecond - 4_000 },
  ]).flat()
}

/** What was said goes up while it is said, the answer comes down. */
export function voiceRequest({ random }: Life): Move[] {
  return [
    { direction: 'sent', bytes: random.integer(65_000, 150_000), seconds: random.integer(2, 4) },
    { direction: 'received', bytes: random.integer(40_000, 120_000), seconds: 2 },
  ]
}

/** Somebody looks at this and that: `count` visits between two times. */
export function browse(life: Life, hosts: Host[], times: [from: string, until: string, count: number][]): void {
  const { stage, device, random } = life
  for (const [from, until, count] of times) {
    for (const at of spread(life, from, until, count)) {
      talk(
        stage,
        device,
        random.pick(hosts),
        at,
        both(random.integer(1_500, 14_000), Math.round(9_000 * random.heavyTailed(0.8, 120))),
        random.chance(0.25) ? MODERN : {},
      )
    }
  }
}

/** Joins, and reminds the others of itself now and then. */
export function settle({ stage, device }: Life, at: number, period = 2700): void {
  join(stage, device, at)
  remind(stage, device, at + 60, END, period)
}
