// Putting right what a wrong clock wrote: rows of a doubtful time go to when it was, in every tier. Each function is
// part of a commit.
import type { Move } from '../model/clock-check.ts'
import { MINUTE } from './cells.ts'
import type { DatabaseFile } from './database-file.ts'
import { Pending } from './pending.ts'
import { writePending } from './roll-up.ts'
import { TABLES } from './rows.ts'
import type { Extent } from './plan.ts'
import { orNever, type HistoryState, type TrafficStore } from './traffic-store.ts'

/** Minutes moved in one go, in seconds. */
const SLICE = 6 * 3_600
const LONGEST_DAY = 26 * 3_600

/**
 * The clock was put back to `now`: hours and days after it are taken back to the minutes that they were made of, as far
 * as those are kept, and will be made of them again. `kept`: what was complete before. Returns the state after it.
 */
export function takeBack(store: TrafficStore, now: number, kept: Extent['kept']): HistoryState {
  const { state, calendar, rows } = store
  const dayDone = Math.min(orNever(state.dayDone), Math.max(calendar.dayStart(now), kept.hour, orNever(state.daySeam)))
  const hourDone = Math.min(
    orNever(state.hourDone),
    Math.max(calendar.hourStart(now), kept.minute, orNever(state.hourSeam), dayDone),
  )
  if (hourDone < orNever(state.hourDone)) rows.dropFrom('hours', hourDone)
  if (dayDone < orNever(state.dayDone)) rows.dropFrom('days', dayDone)
  return { ...state, hourDone, dayDone }
}

/** Whole minutes; those that go nowhere are left out. */
export function wholeMoves(moves: readonly Move[]): Move[] {
  return moves
    .map(({ from, to, shift }) => ({
      from: Math.floor(from / MINUTE) * MINUTE,
      to: Math.ceil(to / MINUTE) * MINUTE,
      shift: Math.round(shift / MINUTE) * MINUTE,
    }))
    .filter(({ from, to, shift }) => from < to && shift !== 0)
}

/** What was pending must be in the tables. */
export function redateRows(file: DatabaseFile, store: TrafficStore, moves: readonly Move[]): void {
  for (const move of moves) {
    for (let from = move.from; from < move.to; from += SLICE)
      moveMinutes(store, { ...move, from, to: Math.min(move.to, from + SLICE) })
    store.coverage.move(move.from, move.to, move.shift)
    for (const table of TABLES) store.rows.dropEmpty(table, move.from - LONGEST_DAY, move.to)
  }
  if (moves.length > 0) dateUses(file, store, moves)
}

/** As if they had come at the other time: taken away here, and added there, by the rules for what comes late. */
function moveMinutes(store: TrafficStore, { from, to, shift }: Move): void {
  const moved = new Pending()
  store.rows.visitMinutes(from, to, null, (minute, device, endpoint, sent, received) => {
    moved.add(minute, device, endpoint, -sent, -received)
    moved.add(minute + shift, device, endpoint, sent, received)
  })
  if (!moved.empty) writePending({ ...store, pending: moved }, store.state, -Infinity)
}

/** First and last uses that were of a moved time are found anew. */
function dateUses({ connection }: DatabaseFile, store: TrafficStore, moves: readonly Move[]): void {
  const isMoved = (time: number): boolean => moves.some(({ from, to }) => time >= from && time <= to)
  const uses = new Map<number, Map<number, { first: number; last: number }>>()
  const note = (device: number, endpoint: number, first: number, last: number): void => {
    let used = uses.get(device)
    if (used === undefined) uses.set(device, (used = new Map<number, { first: number; last: number }>()))
    const use = used.get(endpoint)
    if (use === undefined) used.set(endpoint, { first, last })
    else Object.assign(use, { first: Math.min(use.first, first), last: Math.max(use.last, last) })
  }
  for (const table of ['hours', 'days'] as const)
    store.rows.visitBuckets(table, -Infinity, Infinity, null, (_start, device, endpoint, { first, last }) =>
      note(device, endpoint, first, last),
    )
  store.rows.visitMinutes(-Infinity, Infinity, null, (minute, device, endpoint) =>
    note(device, endpoint, minute, minute + MINUTE),
  )
  store.lookups.visit(-Infinity, Infinity, null, ({ start, device, endpoint, until }) =>
    note(device, endpoint, start, until),
  )
  store.catalog.dateUses(connection, isMoved, uses)
}
