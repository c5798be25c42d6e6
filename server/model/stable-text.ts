// Texts that are the same on every machine: ISO-8601 times, and one order of strings.

/** Null where there is no time, or one no calendar has. */
export function isoTime(seconds: number): string | null {
  const date = new Date(Math.round(seconds * 1e6) / 1e3)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

export function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
