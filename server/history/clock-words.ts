// What is said about a clock that cannot be believed.
import type { Doubt } from '../model/clock-check.ts'
import { LocalTime } from '../model/local-time.ts'

/** One sentence for the person; dates are those of the home's zone. */
export function clockSentence(doubt: Doubt, now: number, expected: number, zone: string): string {
  const local = new LocalTime(zone)
  const says = `The clock of this machine says ${local.dateOf(now)}`
  return doubt === 'ahead'
    ? `${says}, and by all that is known it is ${local.dateOf(expected)}. Until that is settled nothing old is deleted, and what comes in is kept under the clock's time. Set the clock; or, if it is right, confirm it here.`
    : `${says}, which is before the last traffic that was kept. Nothing old is deleted, and what comes in is kept under the clock's time until it is right again. Set the clock; or, if it is right, confirm it here.`
}

export const CLOCK_IS_RIGHT =
  'The clock of this machine can be believed again; what came in meanwhile is kept under its right time.'
