// Options of a traffic history: where it is kept, for how long, and how much room it may take.
import type { DriverName } from '../../capture/sources/sqlite.ts'
import type { CatalogLimits } from './catalog.ts'
import type { Migration } from './schema.ts'
import type { Retention } from './settings.ts'

export interface HistoryOptions {
  /** A file, or ':memory:'. */
  path: string
  /** IANA name of the zone in which hours and days are cut. */
  timeZone: string
  /** Null: nothing ages, as in a replay. */
  retention?: Retention | null
  diskBudgetBytes?: number
  /** Seconds between commits, by the history's clock; 60 at least. */
  saveEverySeconds?: number
  /** How long single seconds are kept, in memory; null: as long as there is room. */
  keepSeconds?: number | null
  /** Seconds by a clock that nobody can set, against which the history's own is judged; see ClockCheck. */
  elapsed?: () => number
  limits?: Partial<CatalogLimits>
  driver?: DriverName
  migrations?: readonly Migration[]
}

export const DEFAULT_RETENTION: Retention = { minuteHours: 48, hourDays: 35, dayDays: 730 }
export const DEFAULT_DISK_BUDGET = 512 * 1024 * 1024
export const DEFAULT_SAVE_EVERY = 300
/** Cells of single seconds in memory: about 16 MB. */
export const MAX_SECOND_CELLS = 500_000
