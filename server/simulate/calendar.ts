// The days of a simulated home: who is there, when they sleep, wind, guests, power cuts.
import type { Random } from '../sample/packets/random.ts'

export interface Visit {
  day: number
  days: number
  people: number
}

export interface Calendar {
  days: number
  /** Nobody is at home. */
  away: ReadonlySet<number>
  visits: readonly Visit[]
  /** Trees move before outdoor cameras. */
  windy: ReadonlySet<number>
  /** Seconds of the start at which the power was back. */
  powerCuts: readonly number[]
  /** Seconds of the start at which the line was down, and for how long. */
  outages: readonly { from: number; seconds: number }[]
  /** Hours of the clock. */
  risesAt: number
  sleepsAt: number
  /** Somebody works at home on working days. */
  worksAtHome: boolean
}

export function drawCalendar(random: Random, days: number): Calendar {
  const away = new Set<number>()
  if (random.chance(0.4))
    for (let day = random.integer(9, days), left = random.integer(3, 8); left > 0; left--) away.add(day++)
  else if (random.chance(0.5)) for (let day = random.integer(2, days), left = 2; left > 0; left--) away.add(day++)
  const visits: Visit[] = []
  for (let left = Math.round((random.integer(1, 4) * days) / 30); left > 0; left--) {
    const day = random.integer(1, Math.max(1, days - 3))
    if (!away.has(day)) visits.push({ day, days: random.chance(0.35) ? 2 : 1, people: random.integer(1, 3) })
  }
  const windy = new Set<number>()
  for (let day = 0; day < days; day++) if (random.chance(0.12)) windy.add(day)
  const powerCuts: number[] = []
  for (let left = random.integer(0, 2); left > 0; left--) powerCuts.push(random.next() * days * 86_400)
  const outages: { from: number; seconds: number }[] = []
  for (let left = random.integer(0, 2); left > 0; left--)
    outages.push({ from: random.next() * days * 86_400, seconds: random.integer(300, 5_400) })
  return {
    days,
    away,
    visits,
    windy,
    powerCuts,
    outages,
    risesAt: 6 + random.next() * 2,
    sleepsAt: 22 + random.next() * 1.9,
    worksAtHome: random.chance(0.5),
  }
}

export function isWeekend(day: number): boolean {
  return day % 7 >= 5
}

export function isVisited({ visits }: Calendar, day: number): boolean {
  return visits.some((visit) => day >= visit.day && day < visit.day + visit.days)
}

/** How lively people are at home in an hour of the clock: 0 asleep or away, about 1 in the evening. */
export function liveliness(calendar: Calendar, day: number, hour: number): number {
  if (calendar.away.has(day) || hour < calendar.risesAt || hour >= calendar.sleepsAt) return 0
  const isBusy = hour < calendar.risesAt + 2 || hour >= 17
  const present = isWeekend(day) ? (hour >= 9 ? 0.9 : 0.4) : isBusy ? 1 : calendar.worksAtHome ? 0.5 : 0.15
  return isVisited(calendar, day) ? present * 1.4 : present
}
