// A number of look-ups in English.

export function lookups(count: number): string {
  const rounded = Math.round(count)
  return rounded === 1 ? '1 look-up' : `${rounded.toLocaleString('en')} look-ups`
}
