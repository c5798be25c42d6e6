// A length of time in English.

/** "6 hours": in the largest unit of which there are two at least. */
export function duration(seconds: number): string {
  if (seconds < 120) return counted(seconds, 'second')
  if (seconds < 7_200) return counted(seconds / 60, 'minute')
  if (seconds < 172_800) return counted(seconds / 3_600, 'hour')
  return counted(seconds / 86_400, 'day')
}

function counted(count: number, unit: string): string {
  const rounded = Math.round(count)
  return `${rounded} ${rounded === 1 ? unit : `${unit}s`}`
}
