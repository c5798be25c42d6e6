// Traffic histories in memory that keep everything they are given.
import { HistoryDatabase } from '../../../server/history/database.ts'
import type { HistoryOptions } from '../../../server/history/options.ts'
import { batch, introduce, type TestCell } from './histories.ts'

export const NOON = Date.parse('2026-06-10T12:00:00Z') / 1_000

export function open(changes: Partial<HistoryOptions> = {}): HistoryDatabase {
  const database = new HistoryDatabase({
    path: ':memory:',
    timeZone: 'UTC',
    retention: null,
    keepSeconds: null,
    ...changes,
  })
  database.add(introduce(3, 6))
  return database
}

/** A history whose clock stands at `now`, with these cells. */
export function filled(cells: TestCell[], now = NOON, changes: Partial<HistoryOptions> = {}): HistoryDatabase {
  const database = open(changes)
  database.tick(Math.min(now, ...cells.map(([second]) => second)))
  database.add(batch(cells))
  database.tick(now)
  database.flush()
  return database
}
