// A flow's bytes, spread over the time that it took.

const MINUTE = 60
/** Pieces of a flow that is told once, when it is over. */
const MAX_PIECES = 120

export interface Spread {
  /** Seconds since 1970; its last byte moved at `start` + `seconds`. */
  start: number
  seconds: number
  sent: number
  received: number
}

export interface Piece {
  second: number
  sent: number
  received: number
}

/** Evenly over its minutes. */
export function* minutesOf({ start, seconds, sent, received }: Spread): Generator<Piece> {
  const pieces = Math.min(MAX_PIECES, Math.max(1, Math.ceil(seconds / MINUTE)))
  for (let piece = 0; piece < pieces; piece++) {
    const second = Math.floor(start + (seconds * piece) / pieces)
    const from = piece / pieces
    const to = (piece + 1) / pieces
    yield { second, sent: part(sent, from, to), received: part(received, from, to) }
  }
}

/**
 * Evenly over its seconds, the first and the last by how much of them it took; where there are more than `most`, over
 * every second, every third and so on.
 */
export function* secondsOf({ start, seconds, sent, received }: Spread, most: number): Generator<Piece> {
  const first = Math.floor(start)
  const all = Math.floor(start + seconds) - first + 1
  const step = Math.ceil(all / most)
  const shareAt = (second: number): number => (seconds === 0 ? 1 : Math.min(1, Math.max(0, (second - start) / seconds)))
  for (let second = first, from = 0; second < first + all; second += step) {
    const to = second + step >= first + all ? 1 : shareAt(second + step)
    yield { second, sent: part(sent, from, to), received: part(received, from, to) }
    from = to
  }
}

/** Whole bytes of the shares from `from` to `to`: all parts together are the whole. */
function part(bytes: number, from: number, to: number): number {
  return Math.floor(bytes * to) - Math.floor(bytes * from)
}
