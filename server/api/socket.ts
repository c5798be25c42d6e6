// The live feed over socket.io: its rooms and events.
import type { AlertRow, EventRow } from './activity.ts'
import type { ApiError, ScopeId } from './common.ts'
import type { Device } from './devices.ts'
import type { Replay } from './replays.ts'
import type { TrafficStatus } from './status.ts'

/**
 * Client → server: `join` with a room, `leave`. A client is in one room of each kind at most.
 * `home` and `replay:<id>` tick every device; `device:<id>` and `replay:<id>:device:<id>` tick one device's endpoints.
 */
export type Room = 'home' | `device:${string}` | `replay:${string}`

/**
 * Once a second, with or without traffic, and of the live home after each quarter of it: [second, seconds covered,
 * sent, received, then triples of device index (in a device's room: endpoint id), sent, received]. Second is the
 * history's clock. Seconds covered is above 1 where a replay runs faster, and 0 where the second is not over: then the
 * sums are of its part so far, and the next tick with its number takes their place.
 */
export type TickMessage = number[]

export interface ServerEvents {
  tick: (room: Room, tick: TickMessage) => void
  /** Devices that are new or became better known. */
  devices: (scope: ScopeId, devices: Device[]) => void
  status: (scope: ScopeId, status: TrafficStatus) => void
  replay: (replay: Replay) => void
  /** New alerts, or more of known ones. */
  alerts: (scope: ScopeId, alerts: AlertRow[]) => void
  /** New events, or more of known ones; ids that turned out to be nothing. */
  events: (scope: ScopeId, events: EventRow[], withdrawn: string[]) => void
  /** The traffic history changed as a whole (forget, merge, seek): ask again. */
  changed: (scope: ScopeId) => void
  /** Logged out elsewhere, or the password changed. */
  bye: () => void
}

export interface ClientEvents {
  join: (room: Room, done: (error: ApiError | null) => void) => void
  leave: (room: Room) => void
}
