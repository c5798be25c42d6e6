// Colour steps of the hour grid: a few round limits, so that the legend can name each.
import type { HourGrid } from '../../../server/api.ts'

export const STEPS = 5

/** Upper limits of the steps in bytes, rising; an hour belongs to the first limit it does not exceed. */
export function limitsOf(grid: HourGrid): number[] {
  const values = grid.days
    .flatMap((day) => day.hours)
    .filter((value): value is number => value !== null && value > 0)
    .sort((a, b) => a - b)
  if (values.length === 0) return []
  const highest = niceAbove(values.at(-1) ?? 1)
  // Traffic is spread over powers of ten: equal factors between steps, no step below a kilobyte's tenth.
  const lowest = Math.max(100, values[Math.floor(values.length * 0.1)] ?? 100)
  const factor = Math.max(1.4, (highest / lowest) ** (1 / (STEPS - 1)))
  const limits: number[] = []
  for (let step = STEPS - 1; step >= 0; step -= 1) limits.push(niceAbove(highest / factor ** step))
  return [...new Set(limits)].sort((a, b) => a - b)
}

function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)))
  for (const step of [1, 1.5, 2, 3, 4, 5, 6, 8]) if (step * power >= value * (1 - 1e-9)) return step * power
  return 10 * power
}

/** 0 for nothing sent, 1 to STEPS by how much; null stays null: a gap. */
export function stepOfHour(value: number | null, limits: readonly number[]): number | null {
  if (value === null) return null
  if (value <= 0) return 0
  const place = limits.findIndex((limit) => value <= limit)
  const step = place < 0 ? limits.length : place + 1
  // Few steps are spread over the whole range of colours: the highest is always the darkest.
  return STEPS - limits.length + step
}

export interface BusiestHour {
  date: string
  hour: number
  sent: number
}

export function busiestOf(grid: HourGrid): BusiestHour | null {
  let busiest: BusiestHour | null = null
  for (const day of grid.days) {
    day.hours.forEach((sent, hour) => {
      if (sent !== null && sent > (busiest?.sent ?? 0)) busiest = { date: day.date, hour, sent }
    })
  }
  return busiest
}
