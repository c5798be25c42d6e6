// Outline of a series of averages: steps over each value's own seconds, gaps left empty.

/** A run of values without a gap between them: places [from, to) in the series. */
export interface Run {
  from: number
  to: number
}

/** The runs of values that are there; null is a gap. */
export function runsOf(values: ArrayLike<number | null | undefined>): Run[] {
  const runs: Run[] = []
  let from = -1
  for (let place = 0; place <= values.length; place += 1) {
    const there = place < values.length && values[place] !== null && values[place] !== undefined
    if (there && from < 0) from = place
    if (!there && from >= 0) {
      runs.push({ from, to: place })
      from = -1
    }
  }
  return runs
}

/** What of a Path2D is drawn on; a test stands in for it. */
export interface Pen {
  moveTo(x: number, y: number): void
  lineTo(x: number, y: number): void
  closePath(): void
}

export interface Scales {
  /** Left edge in pixels of the value at a place; place + 1 is its right edge. */
  x: (place: number) => number
  y: (value: number) => number
}

/**
 * Draws each run as a closed area on the base line (value 0) and its upper edge as a line. Returns how many corners it
 * drew.
 */
export function drawSteps(values: ArrayLike<number | null | undefined>, scales: Scales, area: Pen, edge: Pen): number {
  const base = scales.y(0)
  let corners = 0
  for (const run of runsOf(values)) {
    area.moveTo(scales.x(run.from), base)
    let level = Number.NaN
    for (let place = run.from; place < run.to; place += 1) {
      const y = scales.y(values[place] ?? 0)
      if (y === level) continue
      const x = scales.x(place)
      if (place === run.from) edge.moveTo(x, y)
      else {
        area.lineTo(x, level)
        edge.lineTo(x, level)
        edge.lineTo(x, y)
      }
      area.lineTo(x, y)
      level = y
      corners += 1
    }
    const end = scales.x(run.to)
    area.lineTo(end, level)
    edge.lineTo(end, level)
    area.lineTo(end, base)
    area.closePath()
  }
  return corners
}
