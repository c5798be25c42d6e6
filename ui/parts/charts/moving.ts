// A chart's cursor and selection, as the arrow keys and the pointer move them.

export interface Bounds {
  from: number
  to: number
  step: number
}

export interface Selection {
  from: number
  to: number
}

/** What the reader points at: the cursor's second, the second the selection started from, the selection. */
export interface Pointing {
  cursor: number | null
  anchor: number | null
  selection: Selection | null
}

const PAGE = 10

function within(second: number, bounds: Bounds): number {
  return Math.min(bounds.to - bounds.step, Math.max(bounds.from, second))
}

/** The start of the step that a second lies in. */
export function stepOf(second: number, bounds: Bounds): number {
  return within(bounds.from + Math.floor((second - bounds.from) / bounds.step) * bounds.step, bounds)
}

/** The steps from one to the other, whole, in either order; half-open. */
export function selectionBetween(one: number, other: number, bounds: Bounds): Selection {
  const low = stepOf(Math.min(one, other), bounds)
  const high = stepOf(Math.max(one, other), bounds)
  return { from: low, to: high + bounds.step }
}

function target(key: string, cursor: number, bounds: Bounds): number | null {
  if (key === 'ArrowLeft') return cursor - bounds.step
  if (key === 'ArrowRight') return cursor + bounds.step
  if (key === 'PageUp') return cursor - PAGE * bounds.step
  if (key === 'PageDown') return cursor + PAGE * bounds.step
  if (key === 'Home') return bounds.from
  if (key === 'End') return bounds.to - bounds.step
  return null
}

/**
 * What a key does: arrows move the cursor, with Shift they select, Escape clears. Null where the key means nothing
 * here.
 */
export function afterKey(key: string, shift: boolean, pointing: Pointing, bounds: Bounds): Pointing | null {
  if (key === 'Escape') {
    if (pointing.selection === null && pointing.cursor === null) return null
    return pointing.selection === null
      ? { cursor: null, anchor: null, selection: null }
      : { ...pointing, anchor: null, selection: null }
  }
  const start = pointing.cursor === null ? bounds.to - bounds.step : stepOf(pointing.cursor, bounds)
  const wanted = target(key, start, bounds)
  if (wanted === null) return null
  const cursor = pointing.cursor === null && key !== 'Home' ? start : within(wanted, bounds)
  if (!shift) return { cursor, anchor: null, selection: pointing.selection }
  const anchor = pointing.anchor ?? start
  return { cursor, anchor, selection: selectionBetween(anchor, cursor, bounds) }
}
