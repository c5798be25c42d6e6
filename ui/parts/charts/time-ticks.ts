// Round local times under a chart, in the home's own zone, across a change of the clocks.

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400
const STEPS = [
  1,
  2,
  5,
  10,
  15,
  30,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  28 * DAY,
  56 * DAY,
  112 * DAY,
  364 * DAY,
]

/**
 * Making a formatter costs more than using it: one is kept per zone. The zones are those of the traffic history shown,
 * a handful.
 */
const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone)
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formatters.set(timeZone, formatter)
  }
  return formatter
}

/** Seconds that the zone's clock is ahead of UTC at a moment. */
export function offsetAt(seconds: number, timeZone: string): number {
  const whole = Math.floor(seconds)
  const parts: Record<string, number> = {}
  for (const part of formatterOf(timeZone).formatToParts(whole * 1000)) parts[part.type] = Number(part.value)
  const local =
    Date.UTC(
      parts['year'] ?? 1970,
      (parts['month'] ?? 1) - 1,
      parts['day'] ?? 1,
      parts['hour'] ?? 0,
      parts['minute'] ?? 0,
      parts['second'] ?? 0,
    ) / 1000
  return local - whole
}

/** The moment at which the zone's clock shows `local` (seconds as if it were UTC). */
function momentOf(local: number, timeZone: string): number {
  const guess = local - offsetAt(local, timeZone)
  return local - offsetAt(guess, timeZone)
}

/** The step, in seconds, that puts at most `count` ticks on the span. */
export function tickStep(span: number, count: number): number {
  const wanted = span / Math.max(1, count)
  return STEPS.find((step) => step >= wanted) ?? Math.ceil(wanted / DAY) * DAY
}

/** Moments in [from, to] at which the zone's clock shows a round time: hours from midnight, days at midnight. */
export function timeTicks(
  from: number,
  to: number,
  timeZone: string,
  count: number,
): { step: number; ticks: number[] } {
  const step = tickStep(to - from, count)
  const ticks: number[] = []
  const first = from + offsetAt(from, timeZone)
  const last = to + offsetAt(to, timeZone)
  for (let local = Math.ceil(first / step) * step; local <= last; local += step) {
    const moment = momentOf(local, timeZone)
    if (moment >= from && moment <= to && moment !== ticks.at(-1)) ticks.push(moment)
  }
  return { step, ticks }
}
