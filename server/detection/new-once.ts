// One alert about a new device for each device of a recording.
import type { Alert } from '../alerts/alert.ts'

/**
 * An address may turn out to be of a device that was told as new before. Returns the alerts without those about devices
 * that an earlier one of `all`, in the order in which they were found, is about. `ownerOf` gives a device's id.
 */
export function newOnce(
  alerts: readonly Alert[],
  all: Iterable<Alert>,
  ownerOf: (alert: Alert) => string | undefined,
): Alert[] {
  if (!alerts.some(({ kind }) => kind === 'new-device')) return [...alerts]
  const first = new Map<string, string>()
  for (const alert of all) {
    const owner = alert.kind === 'new-device' ? ownerOf(alert) : undefined
    if (owner !== undefined && !first.has(owner)) first.set(owner, alert.id)
  }
  return alerts.filter((alert) => {
    const owner = alert.kind === 'new-device' ? ownerOf(alert) : undefined
    return owner === undefined || first.get(owner) === alert.id
  })
}
