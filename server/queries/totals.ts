// Every device's totals per local day, week or month.
import type { Totals } from '../api.ts'
import type { LocalTime } from '../model/local-time.ts'
import type { TrafficView } from './traffic-view.ts'

const PERIODS: Record<Totals['period'], number> = { day: 14, week: 8, month: 12 }
const DAYS_PER_WEEK = 7

/** Devices in one answer where none are named. */
const MAX_ROWS = 100
type Row = Totals['devices'][number]

/** Of the devices named, or of those that moved most. */
export async function totals(view: TrafficView, period: Totals['period'], ids?: readonly string[]): Promise<Totals> {
  const bounds = boundsOf(view.localTime, period, view.now())
  const devices = new Map<string, { id: string; sent: number[]; received: number[] }>()
  for (const [id, { sent, received }] of await view.history.totals(bounds)) {
    const root = view.rootOf(id)
    const known = devices.get(root)
    if (known === undefined) devices.set(root, { id: root, sent: [...sent], received: [...received] })
    else {
      sent.forEach((value, index) => (known.sent[index] = (known.sent[index] ?? 0) + value))
      received.forEach((value, index) => (known.received[index] = (known.received[index] ?? 0) + value))
    }
  }
  const wanted = ids === undefined ? null : new Set(ids)
  const rows = [...devices.values()].filter(({ id }) => wanted === null || wanted.has(id))
  if (rows.length <= MAX_ROWS) return { period, bounds, devices: rows }
  rows.sort((one, other) => amountOf(other) - amountOf(one))
  return { period, bounds, devices: rows.slice(0, MAX_ROWS), more: sumUp(rows.slice(MAX_ROWS), bounds.length - 1) }
}

function amountOf({ sent, received }: Row): number {
  return [...sent, ...received].reduce((sum, bytes) => sum + bytes, 0)
}

function sumUp(rows: readonly Row[], periods: number): NonNullable<Totals['more']> {
  const sum = (of: 'sent' | 'received'): number[] =>
    Array.from({ length: periods }, (_, place) => rows.reduce((bytes, row) => bytes + (row[of][place] ?? 0), 0))
  return { count: rows.length, sent: sum('sent'), received: sum('received') }
}

/** Local midnights at which the periods begin, oldest first, and the one at which the present period ends. */
export function boundsOf(localTime: LocalTime, period: Totals['period'], now: number): number[] {
  const starts: number[] = []
  let start = periodStart(localTime, period, now)
  const end = periodStart(localTime, period, nextPeriod(localTime, period, start))
  for (let count = 0; count < PERIODS[period]; count++) {
    starts.unshift(start)
    start = periodStart(localTime, period, start - 1)
  }
  return [...starts, end]
}

function periodStart(localTime: LocalTime, period: Totals['period'], time: number): number {
  let start = localTime.dayStart(time)
  while (!beginsPeriod(localTime.dateOf(start), period)) start = localTime.dayStart(start - 1)
  return start
}

function nextPeriod(localTime: LocalTime, period: Totals['period'], start: number): number {
  let next = localTime.nextDay(start)
  while (!beginsPeriod(localTime.dateOf(next), period)) next = localTime.nextDay(next)
  return next
}

/** Weeks begin on Monday (ISO 8601). */
function beginsPeriod(date: string, period: Totals['period']): boolean {
  if (period === 'day') return true
  if (period === 'month') return date.endsWith('-01')
  return (Math.floor(Date.parse(`${date}T00:00:00Z`) / 86_400_000) + 3) % DAYS_PER_WEEK === 0
}
