// Alerts in lists: their order, similar ones under one heading, and which events are a part of one.
import type { AlertRow, EventRow } from '../../server/api.ts'

/** Alerts of one kind and device. */
export interface AlertGroup {
  key: string
  /** The most serious first; at least one. */
  alerts: AlertRow[]
  first: AlertRow
}

/** Seconds by which an event and its alert may miss each other: bursts and uploads end after different pauses. */
const SLACK_SECONDS = 20

export function isOpen({ state, muted }: Pick<AlertRow, 'state' | 'muted'>): boolean {
  return state === 'open' && !muted
}

/** The most serious first, then the latest, then by id so that equals keep their places. */
export function bySeriousness(one: AlertRow, other: AlertRow): number {
  return other.rank - one.rank || other.to - one.to || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0)
}

/** Groups in the order of their most serious alerts. */
export function groupsOf(alerts: readonly AlertRow[]): AlertGroup[] {
  const groups = new Map<string, AlertGroup>()
  for (const alert of alerts.toSorted(bySeriousness)) {
    const key = `${alert.kind} ${alert.device ?? ''}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { key, alerts: [alert], first: alert })
    else group.alerts.push(alert)
  }
  return [...groups.values()]
}

/** The whole upload of a group, how often it happened, its latest moment, and whether some of it goes on. */
export function sumOf(alerts: readonly AlertRow[]): Pick<AlertRow, 'bytes' | 'times' | 'from' | 'to' | 'isOver'> {
  return {
    bytes: alerts.reduce((sum, { bytes }) => sum + bytes, 0),
    times: alerts.reduce((sum, { times }) => sum + times, 0),
    from: Math.min(...alerts.map(({ from }) => from)),
    to: Math.max(...alerts.map(({ to }) => to)),
    isOver: alerts.every(({ isOver }) => isOver),
  }
}

/** The destination that all of them have, whose address is its name where it has no other; null where they differ. */
export function commonDestination(alerts: readonly AlertRow[]): AlertRow['destinations'][number] | null {
  const [first] = alerts.flatMap(({ destinations }) => destinations.slice(0, 1))
  if (first === undefined) return null
  const isSame = ({ company, host, address }: AlertRow['destinations'][number]): boolean => {
    if (first.company !== null || company !== null) return first.company?.slug === company?.slug
    return first.host !== null || host !== null ? first.host === host : first.address === address
  }
  return alerts.every(({ destinations }) => destinations.length > 0 && destinations.every(isSame)) ? first : null
}

/** Finds the alert whose bytes an event's are a part of. */
export class PartOf {
  private readonly byDevice = new Map<string, AlertRow[]>()

  constructor(alerts: readonly AlertRow[]) {
    for (const alert of alerts.toSorted(bySeriousness)) {
      if (alert.device === null || alert.bytes === 0) continue
      const known = this.byDevice.get(alert.device)
      if (known === undefined) this.byDevice.set(alert.device, [alert])
      else known.push(alert)
    }
  }

  /** Null where the event's bytes are counted in no alert: it received more than it sent, or is of another far end. */
  find(event: EventRow): AlertRow | null {
    if (event.kind === 'heartbeat' || event.received > event.sent) return null
    const end = event.at + event.seconds
    const isWithin = ({ from, to }: AlertRow): boolean => event.at <= to + SLACK_SECONDS && end >= from - SLACK_SECONDS
    return this.byDevice.get(event.device)?.find((alert) => isWithin(alert) && isSameEnd(alert, event)) ?? null
  }
}

function isSameEnd({ company, destinations }: AlertRow, event: EventRow): boolean {
  // Version 0.1.0 kept no destinations: of one company, or of all that the device sent.
  if (destinations.length === 0) return company === null || event.company.slug === company.slug
  const isCompany = event.company.slug !== null && event.company.slug === company?.slug
  // A rented computer without a name is another destination than the named ones of the same cloud.
  if (isCompany && !company.cloud) return true
  return destinations.some((one) =>
    one.host !== null || event.host !== null
      ? one.host === event.host || (isCompany && one.host !== null && event.host !== null)
      : (one.company?.slug ?? null) === event.company.slug,
  )
}
