// What is at hand for a device's next cell, so that nothing is looked up by text for each of them.
import { BoundedMap } from '../../capture/bounded-map.ts'
import type { EventEndpoint } from '../events/event.ts'
import { type FarEnd, farEndOf } from './destination.ts'
import type { HabitStore } from './habit-store.ts'
import type { DeviceMemory } from './memory.ts'
import type { Past } from './past.ts'
import type { WatchedDevice } from './watched-device.ts'

/** Endpoints of each device; of more the one met first is looked up again. */
const MAX_DESTINATIONS = 1_024

export interface KnownDestination {
  farEnd: FarEnd
  past: Past
  /** The company at the top of the endpoint's family. */
  family: string | null
}

export interface AtHand {
  device: WatchedDevice
  memory: DeviceMemory
  destinations: BoundedMap<EventEndpoint, KnownDestination>
  /** Last second in which the device moved something, until the detectors know of it. */
  activeAt: number | null
}

export function atHandOf(device: WatchedDevice, memory: DeviceMemory): AtHand {
  return { device, memory, destinations: new BoundedMap('destinations at hand', MAX_DESTINATIONS), activeAt: null }
}

/** `first`: when the device began to send there, where that is new; `dayOf` gives its local day. */
export function destinationOf(
  habits: HabitStore,
  { device, destinations }: AtHand,
  endpoint: EventEndpoint,
  first: number,
  dayOf: (second: number) => number,
  familyOf: (company: string | null) => string | null,
): KnownDestination {
  const known = destinations.get(endpoint)
  if (known !== undefined) return known
  const farEnd = farEndOf(endpoint)
  const past = habits.ofPair(device.id, farEnd, first, dayOf(first))
  const destination = { farEnd, past, family: familyOf(endpoint.company) }
  // Of those without a name the latest are kept, which is known where they are looked up.
  if (farEnd.class !== 'nameless') destinations.set(endpoint, destination)
  return destination
}
