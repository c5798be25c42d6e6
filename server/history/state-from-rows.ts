// The state of a traffic history whose own row of it is lost, as its rows of traffic show it.
import type { Connection } from '../../capture/sources/sqlite.ts'
import type { Calendar } from './calendar.ts'
import { CHUNK } from './cells.ts'
import { startOf, TABLES, type Table } from './rows.ts'
import type { HistoryState } from './traffic-store.ts'

export function hasTraffic(connection: Connection): boolean {
  return TABLES.some((table) => bound(connection, table, 'ASC') !== null)
}

/**
 * Never later than the lost one where something was still to be rolled up, and never so early that something would be
 * rolled up twice.
 */
export function stateFromRows(connection: Connection, calendar: Calendar): Partial<HistoryState> {
  const first = (table: Table): number | null => bound(connection, table, 'ASC')
  const last = (table: Table): number | null => bound(connection, table, 'DESC')
  const lastMinutes = last('minutes')
  const lastHour = last('hours')
  const lastDay = last('days')
  const hourDone = lastHour === null ? null : calendar.nextHour(lastHour)
  const dayDone = lastDay === null ? null : calendar.nextDay(lastDay)
  const ends = [
    lastMinutes === null ? null : lastMinutes + CHUNK,
    lastHour === null ? null : lastHour + 60,
    captured(connection),
  ]
  const known = ends.filter((end) => end !== null)
  return {
    clock: known.length === 0 ? null : Math.max(...known),
    hourDone,
    dayDone,
    minuteFloor: floorOf(first('minutes'), first('hours'), hourDone),
    hourFloor: floorOf(first('hours'), first('days'), dayDone),
  }
}

/** From where on there is something fine; null where nothing coarse is older. */
function floorOf(fine: number | null, coarse: number | null, done: number | null): number | null {
  if (coarse === null || (fine !== null && fine <= coarse)) return null
  return fine ?? done
}

function bound(connection: Connection, table: Table, order: 'ASC' | 'DESC'): number | null {
  const row = connection.prepare(`SELECT id FROM ${table} ORDER BY id ${order} LIMIT 1`).get() as
    { id: number } | undefined
  return row === undefined ? null : startOf(row.id)
}

function captured(connection: Connection): number | null {
  const row = connection.prepare('SELECT max(until) AS until FROM capture').get() as
    { until: number | null } | undefined
  return row?.until ?? null
}
