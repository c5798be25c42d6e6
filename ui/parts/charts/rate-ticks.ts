// Which round rates stand on the axis, and how high does it reach?

/** Steps of 1, 2 and 5 in the units that bytes are written in (decimal, as everywhere on the page). */
const STEPS = [1, 2, 5, 10]

/** The smallest of 1, 2, 5 × 10^n that is at least `value`; 1 for anything up to 1. */
export function roundUp(value: number): number {
  if (!(value > 1)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  for (const step of STEPS) if (step * power >= value * (1 - 1e-9)) return step * power
  return 10 * power
}

export interface RateAxis {
  /** The highest value the axis reaches, the same above and below. */
  top: number
  /** Round values from 0 to the top, without 0. */
  ticks: number[]
}

/** An axis for values from 0 to `highest`: at most `count` round ticks, at least two where the value is above zero. */
export function rateAxis(highest: number, count: number): RateAxis {
  if (!(highest > 0)) return { top: 1, ticks: [1] }
  const step = roundUp(highest / Math.max(1, count))
  const steps = Math.max(1, Math.ceil(highest / step - 1e-9))
  return { top: step * steps, ticks: Array.from({ length: steps }, (_, index) => step * (index + 1)) }
}

/** The highest value of a series; 0 where there is none. */
export function highestOf(values: ArrayLike<number | null>): number {
  let highest = 0
  for (let place = 0; place < values.length; place += 1) highest = Math.max(highest, values[place] ?? 0)
  return highest
}
