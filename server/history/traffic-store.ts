// The parts of an open traffic history that reading and writing share.
import type { ClockMemory } from '../model/clock-check.ts'
import type { Calendar } from './calendar.ts'
import type { Catalog } from './catalog.ts'
import type { Coverage } from './coverage.ts'
import type { EventFloors } from './event-floors.ts'
import type { EventStore } from './event-store.ts'
import type { LookupRows } from './lookups.ts'
import type { Pending } from './pending.ts'
import { ceilTo, type Extent } from './plan.ts'
import type { Rows } from './rows.ts'
import type { Seconds } from './seconds.ts'
import type { SessionNumbers } from './session-numbers.ts'

/** State of the traffic history as a whole, kept in one row. Seconds; null for "never". */
export interface HistoryState {
  zone: string
  /** The history's clock at the last commit. */
  clock: number | null
  /** Up to when hours and days are rolled up. */
  hourDone: number | null
  dayDone: number | null
  /** Up to when minutes and hours are dropped. */
  minuteFloor: number | null
  hourFloor: number | null
  /** Where this zone became the home's, for hours and for days. */
  hourSeam: number | null
  daySeam: number | null
  /** What is from before is accounted, by the clock that was right; null where that was never kept apart. */
  accountedUntil?: number | null
  /** Whether the clock could be believed so far. */
  clockMemory?: ClockMemory
  /** Numbers of devices whose removal has begun and must be finished. */
  forgetting: number[]
  /** From when on events are counted and kept; absent before the first was. */
  events?: EventFloors
}

export const NEW_STATE: Omit<HistoryState, 'zone'> = {
  clock: null,
  hourDone: null,
  dayDone: null,
  minuteFloor: null,
  hourFloor: null,
  hourSeam: null,
  daySeam: null,
  forgetting: [],
}

export interface TrafficStore {
  /** The history's clock; null before it was ever set. */
  now: number | null
  state: HistoryState
  calendar: Calendar
  rows: Rows
  lookups: LookupRows
  events: EventStore
  pending: Pending
  seconds: Seconds
  catalog: Catalog
  numbers: SessionNumbers
  coverage: Coverage
}

export function orNever(time: number | null | undefined): number {
  return time ?? -Infinity
}

export function extentOf({ state, calendar, seconds }: TrafficStore): Extent {
  const minuteFloor = orNever(state.minuteFloor)
  const hourFloor = orNever(state.hourFloor)
  return {
    kept: {
      second: seconds.keptFrom,
      minute: minuteFloor === -Infinity ? minuteFloor : ceilTo('hour', minuteFloor, calendar),
      hour: hourFloor === -Infinity ? hourFloor : ceilTo('day', hourFloor, calendar),
    },
    done: { hour: orNever(state.hourDone), day: orNever(state.dayDone) },
  }
}
