// A simulated home of 30 busy devices: every endpoint of every device moves bytes every minute.
import { readFileSync } from 'node:fs'
import { loadDriver } from '../../../capture/sources/sqlite.ts'
import type { HistoryDatabase } from '../../../server/history/database.ts'
import { seededRandom } from '../../../server/sample/packets/random.ts'
import { batch, introduce, type TestCell } from './histories.ts'

export const HOME = { devices: 30, endpointsPerDevice: 20 }
const DAY = 86_400

export interface Simulated {
  sent: number
  received: number
  /** By device and endpoint: `device * endpoints + endpoint`. */
  sentByPair: Float64Array
  cells: number
}

export function bytesWritten(): number {
  return Number(/^write_bytes: (\d+)/m.exec(readFileSync('/proc/thread-self/io', 'utf8'))?.[1])
}

export function newTotals(): Simulated {
  return { sent: 0, received: 0, sentByPair: new Float64Array(HOME.devices * HOME.endpointsPerDevice), cells: 0 }
}

export function introduceHome(database: HistoryDatabase): void {
  database.add(introduce(HOME.devices, HOME.devices * HOME.endpointsPerDevice))
}

/**
 * Plays `days` days from `start` in steps of `every` seconds, adding up what it did in `totals`. Each pair is active
 * with `activity`.
 */
export function simulate(
  database: HistoryDatabase,
  start: number,
  days: number,
  seed: number,
  totals: Simulated,
  activity = 1,
  every = 60,
): void {
  const random = seededRandom(seed)
  for (let now = start; now < start + days * DAY; now += every) {
    const cells: TestCell[] = []
    for (let pair = 0; pair < totals.sentByPair.length; pair += 1) {
      if (activity < 1 && !random.chance(activity)) continue
      const sent = Math.floor(40 * random.heavyTailed(0.8, 1e6))
      const received = Math.floor(60 * random.heavyTailed(0.8, 1e6))
      cells.push([
        now + random.integer(0, every - 1),
        Math.floor(pair / HOME.endpointsPerDevice),
        pair + 1,
        sent,
        received,
      ])
      totals.sent += sent
      totals.received += received
      totals.sentByPair[pair] = totals.sentByPair[pair] + sent
    }
    totals.cells += cells.length
    database.add(batch(cells))
    database.tick(now + every)
  }
}

/** Sums of the traffic history, to be compared with the expected ones. */
export function sentByPair(database: HistoryDatabase): Float64Array {
  const sums = new Float64Array(HOME.devices * HOME.endpointsPerDevice)
  for (const { endpoint, sent } of database.sums({ from: 0, to: 2 ** 36 })) {
    const pair = Number(/\d+/.exec(database.endpoints([endpoint])[0]?.host ?? '')?.[0]) - 1
    sums[pair] = sums[pair] + sent
  }
  return sums
}

/** The oldest start of a row in each table, as another program reads it from the file. */
export function oldestRows(path: string): Record<'minutes' | 'hours' | 'days', number> {
  const other = loadDriver().open(path)
  const first = (table: string): number =>
    Math.floor((other.prepare(`SELECT min(id) AS id FROM ${table}`).get() as { id: number }).id / 2 ** 20) * 60
  const oldest = { minutes: first('minutes'), hours: first('hours'), days: first('days') }
  other.close()
  return oldest
}
