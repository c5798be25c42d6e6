// Events and alerts of a session as the serving thread keeps them, up to a number of each.
import type { Alert } from '../alerts/alert.ts'
import { leastSerious, type Mute } from '../alerts/incidents.ts'
import type { ActivityUpdate, DeviceEvent } from './activity.ts'

/** The latest events; older ones make room. A recording shows as many as `analyze` lists. */
export const MAX_EVENTS = 50_000
/** The engine keeps no more alerts either. */
export const MAX_ALERTS = 500

export class ActivityLog {
  mutes: Mute[] = []
  learningUntil: number | null = null
  private readonly events = new Map<string, DeviceEvent>()
  private readonly alerts = new Map<string, Alert>()
  private readonly maxEvents: number

  constructor(maxEvents = MAX_EVENTS, events: readonly DeviceEvent[] = []) {
    this.maxEvents = maxEvents
    for (const event of events) this.events.set(event.id, event)
  }

  add({ events, withdrawn, alerts, mutes, replace, learningUntil }: ActivityUpdate): void {
    if (replace) this.clear()
    for (const id of withdrawn) this.events.delete(id)
    for (const event of events) this.events.set(event.id, event)
    for (const alert of alerts) this.alerts.set(alert.id, alert)
    dropOldest(this.events, this.maxEvents)
    while (this.alerts.size > MAX_ALERTS) this.alerts.delete(leastSerious([...this.alerts.values()]).id)
    if (mutes !== null) this.mutes = mutes
    this.learningUntil = learningUntil
  }

  /** In the order in which they were first emitted. */
  allEvents(): DeviceEvent[] {
    return [...this.events.values()]
  }

  allAlerts(): Alert[] {
    return [...this.alerts.values()]
  }

  alert(id: string): Alert | null {
    return this.alerts.get(id) ?? null
  }

  forget(ids: readonly string[]): void {
    const gone = new Set(ids)
    for (const [id, { device }] of this.events) if (gone.has(device)) this.events.delete(id)
    for (const [id, { device }] of this.alerts) if (device !== null && gone.has(device)) this.alerts.delete(id)
    this.mutes = this.mutes.filter(({ device }) => device === null || !gone.has(device))
  }

  clear(): void {
    this.events.clear()
    this.alerts.clear()
  }
}

function dropOldest(map: Map<string, unknown>, max: number): void {
  for (const id of map.keys()) {
    if (map.size <= max) return
    map.delete(id)
  }
}
