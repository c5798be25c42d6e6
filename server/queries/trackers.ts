// What companies of advertising and tracking got of devices, by the person or room that they belong to.
import type { Device, TrackedPerson, TrackerSums } from '../api.ts'
import type { Range } from '../history/history.ts'
import { describeCompany, movements, type Movement, type TrafficView } from './traffic-view.ts'

/** Purposes of companies that advertise or follow people; statistics about the device itself are none of them. */
export const ADS_AND_TRACKING: readonly string[] = ['ads', 'tracking']

/** It was for advertising or tracking, and something moved or was looked up. */
export function isTracking({ endpoint, sent, received, lookups }: Movement): boolean {
  return endpoint !== null && ADS_AND_TRACKING.includes(endpoint.purpose) && sent + received + lookups > 0
}

/** Sums over advertising and tracking; the company that got most first. What no rule names adds to the bytes only. */
export function trackerSums(view: TrafficView, moved: readonly Movement[]): TrackerSums {
  const sums = { sent: 0, received: 0, lookups: 0, blocked: 0 }
  const weights = new Map<string, { sent: number; lookups: number }>()
  for (const movement of moved) {
    if (!isTracking(movement)) continue
    sums.sent += movement.sent
    sums.received += movement.received
    sums.lookups += movement.lookups
    sums.blocked += movement.blocked
    const company = movement.endpoint?.company ?? null
    if (company === null || company.startsWith('*')) continue
    const weight = weights.get(company) ?? { sent: 0, lookups: 0 }
    weights.set(company, { sent: weight.sent + movement.sent, lookups: weight.lookups + movement.lookups })
  }
  const companies = [...weights]
    .sort(([, one], [, other]) => other.sent - one.sent || other.lookups - one.lookups)
    .map(([slug]) => ({ slug, name: describeCompany(view, slug).name }))
  return { companies, ...sums }
}

/** A row for each person or room with a device, then one for the devices of nobody. */
export async function trackedPeople(view: TrafficView, range: Range): Promise<TrackedPerson[]> {
  const groups = new Map<string | null, Device[]>()
  for (const device of view.devices()) {
    const key = device.person?.id ?? null
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [device])
    else group.push(device)
  }
  const moved = (await movements(view, range)).filter(isTracking)
  return [...groups]
    .map(([, devices]): TrackedPerson => {
      const ids = new Set(devices.map(({ id }) => id))
      const sums = trackerSums(
        view,
        moved.filter(({ device }) => ids.has(device)),
      )
      return { person: devices[0].person ?? null, devices: [...ids], ...sums }
    })
    .sort((one, other) => Number(one.person === null) - Number(other.person === null))
}
