// Sums of event counts of one local day.
import type { EventCount } from './facts.ts'

export function sumsOfDay(
  counts: readonly EventCount[],
  wanted: number,
): Pick<EventCount, 'sure' | 'possible' | 'sent'> {
  const sums = { sure: 0, possible: 0, sent: 0 }
  for (const { day, sure, possible, sent } of counts) {
    if (day !== wanted) continue
    sums.sure += sure
    sums.possible += possible
    sums.sent += sent
  }
  return sums
}
