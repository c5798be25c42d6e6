// Adding events of devices to the traffic history.
import type { EventChanges, KeptEvent } from '../model/event-changes.ts'
import { OTHERS_ID } from '../model/others.ts'
import { type EventFloors, NO_FLOORS } from './event-floors.ts'
import type { TrafficStore } from './traffic-store.ts'

export function addEvents(store: TrafficStore, changes: EventChanges): void {
  const { events, state } = store
  if (changes.backfill !== undefined && state.events === undefined) {
    store.state = { ...state, events: floorsOf(store, changes.events, changes.backfill.isCut) }
  } else if (changes.backfill !== undefined) return
  if (changes.replace) events.replaceAll()
  for (const id of changes.withdrawn) events.set(id, null)
  for (const event of changes.events) addEvent(store, event)
}

function addEvent({ events, catalog }: TrafficStore, event: KeptEvent): void {
  const { id, at, sent, received, seconds, confidence } = event
  if (![at, sent, received, seconds, confidence].every(Number.isFinite))
    throw new Error(`An event of the traffic history has what is no number: ${id}`)
  if (events.isForgotten(event.device, at)) return
  const device = catalog.deviceId(event.device)
  // Nobody in particular does nothing.
  if (device === catalog.devices.get(OTHERS_ID)?.id) return
  const known = catalog.devicesById.get(device)
  // One without a time would be dropped from the list of devices.
  if (known !== undefined) known.first ??= Math.floor(at)
  if (known !== undefined) known.last = Math.max(known.last ?? 0, Math.floor(at))
  events.set(id, { ...event, device })
}

/**
 * A history without a past counts from its first second on; one of an older version from the oldest event that was kept
 * beside it. `isCut`: older ones had made room.
 */
function floorsOf({ state, now, catalog }: TrafficStore, events: readonly KeptEvent[], isCut: boolean): EventFloors {
  if (state.clock === null && catalog.devices.size === 0) return NO_FLOORS
  const oldest = events.reduce((least, { at }) => Math.min(least, at), now ?? state.clock ?? 0)
  const counted = Math.floor(oldest) + (isCut ? 1 : 0)
  return { counted, long: counted, brief: counted }
}
