// Updates of a session's activity: events, alerts and mutes that are new.
import type { EventFact } from '../events/event.ts'
import type { Alert } from '../alerts/alert.ts'
import type { Mute } from '../alerts/incidents.ts'

/** An event with the device's id: numbers end with a session. The same id again means that more is known now. */
export type DeviceEvent = Omit<EventFact, 'device' | 'endpoint'> & { device: string }

/** What devices did, new since the update before. */
export interface ActivityUpdate {
  events: DeviceEvent[]
  /** Ids of events that turned out to be nothing. */
  withdrawn: string[]
  alerts: Alert[]
  /** All that is muted; null where nothing changed. */
  mutes: Mute[] | null
  /** These are all events and alerts: others emitted before are void. */
  replace: boolean
  learningUntil: number | null
}
