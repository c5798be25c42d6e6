// A length of time in English.

/** "6 hours": in the largest unit of which there are two at least. */
export function duration(seconds: number): string {
  if (seconds < 120) return counted(seconds, 'second')
  if (seconds < 7_200) return counted(seconds / 60, 'minute')
  if (seconds < 172_800) return counted(seconds / 3_600, 'hour')
  return counted(seconds / 86_400, 'day')
}

/** "47 s", "12 min", "6 h", "3 days": as short as a notification needs it; at least a second. */
export function shortDuration(seconds: number): string {
  if (seconds < 120) return `${Math.max(1, Math.round(seconds))} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`
  return `${Math.round(seconds / 86_400)} days`
}

function counted(count: number, unit: string): string {
  const rounded = Math.round(count)
  return `${rounded} ${rounded === 1 ? unit : `${unit}s`}`
}
