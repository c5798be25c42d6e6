// Hours of the day in which an incident of the same kind is expected, once the owner says so.
import type { LocalMoment } from '../model/local-time.ts'
import type { Alert } from './alert.ts'

/** What lasts longer than this is expected at any time. */
const LONGEST_SECONDS = 6 * 3_600
const LAST_HOUR = 23

/** First and last hour of the local day, an hour before and after included; null for any time. */
export function expectedHours(
  { from, to, unit }: Pick<Alert, 'from' | 'to' | 'unit'>,
  localTime: (second: number) => LocalMoment,
): [number, number] | null {
  if (unit !== 'bytes' || to - from >= LONGEST_SECONDS) return null
  const first = localTime(from).hour
  const last = localTime(to).hour
  // Over midnight there is no range of hours.
  if (last < first || first === 0 || last === LAST_HOUR) return null
  return [first - 1, last + 1]
}
