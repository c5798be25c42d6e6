// Ranges, selections and local days as stretches of time.

export const RANGE_SECONDS = { '5m': 300, '1h': 3600, '24h': 86_400, '7d': 604_800, '30d': 2_592_000 } as const
export type RangeName = keyof typeof RANGE_SECONDS | 'all'

export interface Span {
  /** Seconds since 1970-01-01 UTC, half-open. */
  from: number
  to: number
}

export function rangeNamed(name: string | undefined, standard: RangeName): RangeName {
  return name !== undefined && (name === 'all' || Object.hasOwn(RANGE_SECONDS, name)) ? (name as RangeName) : standard
}

/** The window of a range that ends now; `all` is everything in the traffic history. */
export function windowOf(name: RangeName, now: number, first: number | null): Span {
  const to = Math.max(1, Math.ceil(now))
  if (name === 'all') return { from: Math.min(first ?? to - 300, to - 1), to }
  return { from: Math.max(0, to - RANGE_SECONDS[name]), to }
}

/** The selection that an address holds; null where it holds none that makes sense. */
export function selectionIn(query: Record<string, string>): Span | null {
  const from = Number(query['from'])
  const to = Number(query['to'])
  return query['from'] !== undefined && Number.isFinite(from) && Number.isFinite(to) && from >= 0 && to > from
    ? { from, to }
    : null
}

/** The second at which the local day of `second` began, in a zone; right on days with a clock change too. */
export function dayStart(second: number, timeZone: string): number {
  const day = dayText(second, timeZone)
  // Walk back by hours, then by minutes: every zone's days begin on a whole minute.
  let start = Math.floor(second / 60) * 60
  while (dayText(start - 3600, timeZone) === day) start -= 3600
  while (dayText(start - 60, timeZone) === day) start -= 60
  return start
}

/** The hour of a local day, such as 2026-11-24 and 21, as it is in a zone. */
export function localHour(date: string, hour: number, timeZone: string): Span {
  const noon = Date.parse(`${date}T12:00:00Z`) / 1000
  // The day's start is at most 14 hours from UTC's; the hours are then counted, so that clock changes fall where they
  // belong.
  const start =
    [noon - 86_400, noon, noon + 86_400]
      .map((second) => dayStart(second, timeZone))
      .find((start) => dayText(start, timeZone) === date) ?? noon
  const hours = new Intl.DateTimeFormat('en-GB', { timeZone, hour: 'numeric', hourCycle: 'h23' })
  let from = start
  while (Number(hours.format(from * 1000)) < hour && dayText(from + 1800, timeZone) === date) from += 1800
  let to = from + 1800
  while (Number(hours.format(to * 1000)) === hour && to - from < 7200) to += 1800
  return { from, to }
}

const days = new Map<string, Intl.DateTimeFormat>()

function dayText(second: number, timeZone: string): string {
  let format = days.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
    days.set(timeZone, format)
  }
  return format.format(second * 1000)
}
