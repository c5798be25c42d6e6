// Traffic histories in memory that age, and their sums.
import { HistoryDatabase } from '../../../server/history/database.ts'
import type { HistoryOptions } from '../../../server/history/options.ts'
import { introduce } from './histories.ts'

const HOUR = 3_600
/** All of the time that a history can hold. */
export const ALL = { from: 0, to: 2 ** 36 }

export function open(changes: Partial<HistoryOptions> = {}): HistoryDatabase {
  const database = new HistoryDatabase({ path: ':memory:', timeZone: 'UTC', keepSeconds: 60, ...changes })
  database.add(introduce(3, 6))
  return database
}

/** The clock goes on hour by hour: a longer jump would put off what is dropped. */
export function goOn(database: HistoryDatabase, from: number, to: number): void {
  for (let now = from; now < to; now += HOUR) database.tick(now)
  database.tick(to)
  database.flush()
}
export const sums = (database: HistoryDatabase, range = ALL): number[][] =>
  database.sums(range).map(({ sent, received }) => [sent, received])
export const total = (database: HistoryDatabase, range = ALL): number[] =>
  sums(database, range).reduce(([a = 0, b = 0], [sent = 0, received = 0]) => [a + sent, b + received], [0, 0])
