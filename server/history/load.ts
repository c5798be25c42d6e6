// Loading a traffic history from its database, and the row that holds its state.
import { Calendar } from './calendar.ts'
import { Catalog, type CatalogLimits } from './catalog.ts'
import { Coverage, type Interval } from './coverage.ts'
import type { DatabaseFile } from './database-file.ts'
import { EventStore } from './event-store.ts'
import { LookupRows } from './lookups.ts'
import { MAX_SECOND_CELLS } from './options.ts'
import { Pending } from './pending.ts'
import { Rows } from './rows.ts'
import { Seconds } from './seconds.ts'
import { SessionNumbers } from './session-numbers.ts'
import { hasTraffic, stateFromRows } from './state-from-rows.ts'
import { NEW_STATE, extentOf, orNever, type HistoryState, type TrafficStore } from './traffic-store.ts'

export function loadStore(file: DatabaseFile, zone: string, limits: CatalogLimits): TrafficStore {
  const { connection } = file
  const row = connection.prepare('SELECT facts FROM state').get() as { facts: string } | undefined
  const kept = row === undefined ? {} : (JSON.parse(row.facts) as HistoryState)
  const isLost = row === undefined && hasTraffic(connection)
  const state: HistoryState = {
    zone,
    ...NEW_STATE,
    ...(isLost ? stateFromRows(connection, new Calendar(zone, -Infinity, -Infinity)) : {}),
    ...kept,
  }
  const catalog = new Catalog(connection, limits)
  const store: TrafficStore = {
    now: null,
    state,
    catalog,
    numbers: new SessionNumbers(catalog),
    coverage: new Coverage(connection.prepare('SELECT since, until FROM capture ORDER BY since').all() as Interval[]),
    rows: new Rows(connection),
    lookups: new LookupRows(connection),
    events: new EventStore(connection),
    calendar: new Calendar(state.zone, orNever(state.hourSeam), orNever(state.daySeam)),
    pending: new Pending(),
    seconds: new Seconds(MAX_SECOND_CELLS),
  }
  if (state.zone !== zone) changeZone(file, store, zone)
  if (isLost) {
    file.transactionWithReserve(() => writeState(file, store.state))
    file.damage ??=
      'The row of the history that says how far it is rolled up was missing; it was found again from the traffic.'
  }
  store.now = store.state.clock
  store.rows.visitMinutes(orNever(store.state.hourDone), Infinity, null, (minute, device, endpoint) =>
    catalog.sawAgain(device, endpoint, minute),
  )
  store.lookups.visit(orNever(store.state.hourDone), Infinity, null, ({ start, device, endpoint }) =>
    catalog.sawAgain(device, endpoint, start),
  )
  return store
}

/** Part of a transaction. */
export function writeState({ connection }: DatabaseFile, state: HistoryState): void {
  const facts = JSON.stringify(state, (_key, value: unknown) => (value === -Infinity ? null : value))
  connection.prepare('INSERT OR REPLACE INTO state VALUES (1, ?)').run(facts)
}

/**
 * Cuts hours and days anew in another zone, with nothing pending, as far back as there is something finer to cut them
 * from; what is older stays as it was cut.
 */
export function changeZone(file: DatabaseFile, store: TrafficStore, zone: string): void {
  const { kept } = extentOf(store)
  const state: HistoryState = {
    ...store.state,
    zone,
    hourSeam: kept.minute,
    minuteFloor: kept.minute,
    hourDone: Math.min(kept.minute, orNever(store.state.hourDone)),
    daySeam: kept.hour,
    hourFloor: kept.hour,
    dayDone: Math.min(kept.hour, orNever(store.state.dayDone)),
  }
  const calendar = new Calendar(zone, kept.minute, kept.hour)
  file.transactionWithReserve(() => {
    store.rows.dropFrom('hours', kept.minute)
    store.rows.dropFrom('days', kept.hour)
    store.events.recut(calendar.local)
    writeState(file, state)
  })
  store.state = state
  store.calendar = calendar
}
