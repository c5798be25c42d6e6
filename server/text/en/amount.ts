// An amount of bytes in English.

/** "143 kB": decimal, 1 kB = 1,000 bytes, as the page writes it. Three digits, two below a hundred. */
export function amount(bytes: number): string {
  if (bytes < 1_000) return `${Math.round(bytes)} B`
  if (bytes < 999_500) return `${(bytes / 1_000).toPrecision(bytes < 99_500 ? 2 : 3)} kB`
  if (bytes < 999_500_000) return `${(bytes / 1e6).toPrecision(bytes < 99.5e6 ? 2 : 3)} MB`
  return `${(bytes / 1e9).toPrecision(3)} GB`
}

/** What is usual, after a semicolon. */
export function habit(usual: number | null): string {
  return usual === null || usual < 1_000 ? 'usual is next to nothing' : `usual are up to ${amount(usual)}`
}
