// The comparison of two lists of alerts of the same time: new, gone and the same.
import type { Alert } from '../alerts/alert.ts'

export type Change = 'new' | 'same' | 'gone'

/** `today` as the settings are, `tried` as they might be; the latest first. */
export function compareAlerts<One extends Alert>(
  today: readonly One[],
  tried: readonly One[],
): { alert: One; change: Change }[] {
  const hasDuplicate = (alert: Alert, others: readonly Alert[]): boolean => others.some((other) => isSame(alert, other))
  const rows: { alert: One; change: Change }[] = [
    ...tried.map((alert) => ({ alert, change: hasDuplicate(alert, today) ? ('same' as const) : ('new' as const) })),
    ...today.filter((alert) => !hasDuplicate(alert, tried)).map((alert) => ({ alert, change: 'gone' as const })),
  ]
  return rows.sort((one, other) => other.alert.from - one.alert.from)
}

/** Told of the same, at the same time. An upload is the same whichever detector found it first. */
function isSame(one: Alert, other: Alert): boolean {
  return (
    one.device === other.device &&
    one.from <= other.to &&
    other.from <= one.to &&
    (one.destination === null || other.destination === null
      ? one.kind === other.kind && one.company === other.company
      : one.destination === other.destination)
  )
}
