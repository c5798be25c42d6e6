// Round rates on the mirrored axis, and the height of each half.

/** Steps of 1, 2 and 5 in the units that bytes are written in (decimal, as everywhere on the page). */
const STEPS = [1, 2, 5, 10]
/** Room above the highest step, so that its edge can be seen. */
const HEADROOM = 1.08
/** The flatter half still gets a third of the other's height. */
const LEAST_SHARE = 1 / 3

/** The smallest of 1, 2, 5 × 10^n that is at least `value`; 1 for anything up to 1. */
export function roundUp(value: number): number {
  if (!(value > 1)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  for (const step of STEPS) if (step * power >= value * (1 - 1e-9)) return step * power
  return 10 * power
}

/** One half of the axis. */
export interface HalfAxis {
  /** The highest rate that it reaches. */
  top: number
  /** Round rates up to the top, without 0. */
  ticks: number[]
  /** Its height; only the proportion to the other half's means something. */
  share: number
}

export interface MirroredAxes {
  up: HalfAxis
  down: HalfAxis
}

function stepFor(top: number, count: number): number {
  const step = roundUp(top / Math.max(1, count))
  // A half needs at least one round rate: 5 becomes 2, 2 becomes 1, 1 becomes a half.
  return step <= top ? step : roundUp(step / 2.6)
}

function half(top: number, step: number, share: number): HalfAxis {
  return { top, ticks: Array.from({ length: Math.floor(top / step + 1e-9) }, (_, index) => step * (index + 1)), share }
}

/**
 * The same scale and the same round rates on both sides; each side as high as it needs to be, the flatter one at least
 * a third
 * of the other. With `own` each half has the same height and its own scale. `count` is how many ticks fit on both
 * together.
 */
export function mirroredAxes(sent: number, received: number, count: number, own: boolean): MirroredAxes {
  const highest = Math.max(sent, received)
  if (own) {
    const up = Math.max(1, sent) * HEADROOM
    const down = Math.max(1, received) * HEADROOM
    return { up: half(up, stepFor(up, count / 2), 1), down: half(down, stepFor(down, count / 2), 1) }
  }
  const up = Math.max(1, sent, highest * LEAST_SHARE) * HEADROOM
  const down = Math.max(1, received, highest * LEAST_SHARE) * HEADROOM
  const step = stepFor(Math.max(up, down), (count * Math.max(up, down)) / (up + down))
  return { up: half(up, step, up), down: half(down, step, down) }
}

/** The highest value of a series; 0 where there is none. */
export function highestOf(values: ArrayLike<number | null>): number {
  let highest = 0
  for (let place = 0; place < values.length; place += 1) highest = Math.max(highest, values[place] ?? 0)
  return highest
}
