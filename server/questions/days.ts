// Local days of a range as questions count them.
import type { CapturedDay } from './facts.ts'

const HOUR = 3_600
/** So much of a time has to be captured for "no", and of a day for its number to stand beside others. */
export const WHOLE_DAY_SHARE = 0.95
/** A day cut by the range, or of the clock's change, has at least so many hours to be whole. */
const WHOLE_DAY_HOURS = 22

export function isWholeDay({ from, to, captured }: CapturedDay): boolean {
  return to - from >= WHOLE_DAY_HOURS * HOUR && captured >= (to - from) * WHOLE_DAY_SHARE
}
