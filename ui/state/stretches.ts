// The stretches of a recording that hold packets, as one line: its clock may have jumped by years between them.
import type { Span } from './ranges.ts'

/** Seconds since 1970-01-01 UTC, the last one included, in the order of the recording; one at least. */
export interface Stretches {
  /** Length of all together, in seconds. */
  length: number
  /** The place on the line of a moment; between two stretches it is the end of the earlier one. */
  placeOf(second: number): number
  /** The moment at a place. */
  secondAt(place: number): number
  /** Half-open ranges of time, each with its packets. */
  spans: Span[]
}

/** `first` and `last` are those of the recording, where its clock went on. */
export function stretchesOf(
  { stretches }: { stretches?: readonly { from: number; to: number }[] },
  first: number,
  last: number,
): Stretches {
  const parts = [...(stretches ?? [{ from: first, to: last }])].sort((one, other) => one.from - other.from)
  const length = parts.reduce((sum, { from, to }) => sum + to - from, 0)
  return {
    length,
    placeOf: (second) =>
      parts.reduce((place, { from, to }) => place + Math.min(Math.max(0, second - from), to - from), 0),
    secondAt: (place) => {
      let left = place
      for (const { from, to } of parts) {
        if (left < to - from || (left === to - from && to === parts.at(-1)?.to)) return from + left
        left -= to - from
      }
      return parts.at(-1)?.to ?? last
    },
    spans:
      stretches === undefined ? [] : parts.map(({ from, to }) => ({ from: Math.floor(from), to: Math.floor(to) + 1 })),
  }
}
