// Which stretch of time does a page show?

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

/** The window of a range that ends now; `all` is everything that the books know. */
export function windowOf(name: RangeName, now: number, first: number | null): Span {
  const to = Math.max(1, Math.ceil(now))
  if (name === 'all') return { from: Math.min(first ?? to - 300, to - 1), to }
  return { from: Math.max(0, to - RANGE_SECONDS[name]), to }
}

/** The selection that an address holds; null where it holds none that makes sense. */
export function selectionIn(query: Record<string, string>): Span | null {
  const from = Number(query['from'])
  const to = Number(query['to'])
  return query['from'] !== undefined && Number.isFinite(from) && Number.isFinite(to) && from >= 0 && to > from ? { from, to } : null
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

const days = new Map<string, Intl.DateTimeFormat>()

function dayText(second: number, timeZone: string): string {
  let format = days.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
    days.set(timeZone, format)
  }
  return format.format(second * 1000)
}
