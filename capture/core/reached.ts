// How often each limit of the core's tables was reached.
import { REACHED_COUNT } from './limits'

const counts = memory.data(8 * REACHED_COUNT, 8)

/** Counts that the limit (one of REACHED_…) was reached. */
export function countReached(limit: i32): void {
  const at = counts + ((<usize>limit) << 3)
  store<f64>(at, load<f64>(at) + 1)
}

export function timesReached(limit: i32): f64 {
  return load<f64>(counts + ((<usize>limit) << 3))
}
