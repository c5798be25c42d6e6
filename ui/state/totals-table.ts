// The order and the sums of the table of totals.
import type { DeviceRow, Totals } from '../../server/api.ts'
import { between, day, monthName } from '../text/format.ts'
import { deviceName } from './names.ts'

/** `name`, `last`, `shown` (the time shown), or the start of a period. */
export type SortKey = 'name' | 'last' | 'shown' | number

export interface TotalsRow {
  device: DeviceRow
  name: string
  /** Newest first, as many as there are columns. */
  sent: number[]
  received: number[]
}

/** The newest `columns` periods, newest first, as starts and ends. */
export function newestPeriods(totals: Totals, columns: number): { from: number; to: number; place: number }[] {
  const periods = totals.bounds.slice(0, -1).map((from, place) => ({ from, to: totals.bounds[place + 1], place }))
  return periods.reverse().slice(0, columns)
}

export function periodTitle(period: Totals['period'], from: number, to: number): string {
  if (period === 'day') return day(from)
  return period === 'week' ? between(from, to - 1).replace(/, \d\d:\d\d(:\d\d)?/g, '') : monthName(from)
}

export function totalsRows(devices: DeviceRow[], totals: Totals | null, places: number[]): TotalsRow[] {
  const byId = new Map(totals?.devices.map((device) => [device.id, device]))
  return devices.map((device) => {
    const own = byId.get(device.id)
    return {
      device,
      name: deviceName(device),
      sent: places.map((place) => own?.sent[place] ?? 0),
      received: places.map((place) => own?.received[place] ?? 0),
    }
  })
}

export function sorted(rows: TotalsRow[], key: SortKey, upwards: boolean): TotalsRow[] {
  const sign = upwards ? 1 : -1
  const order = (a: TotalsRow, b: TotalsRow): number => {
    if (key === 'name') return a.name.localeCompare(b.name)
    if (key === 'last') return a.device.lastSeen - b.device.lastSeen
    if (key === 'shown') return a.device.sent - b.device.sent || (a.device.lookups ?? 0) - (b.device.lookups ?? 0)
    return (a.sent[key] ?? 0) - (b.sent[key] ?? 0)
  }
  return rows.toSorted((a, b) => sign * order(a, b) || (a.device.id < b.device.id ? -1 : 1))
}

/** Rows whose name, maker, kind or an address holds the text, whatever its case. */
export function matching(rows: TotalsRow[], text: string): TotalsRow[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return rows
  return rows.filter(({ name, device }) =>
    [name, device.vendor ?? '', device.kind, device.mac ?? '', ...device.addresses].some((part) =>
      part.toLowerCase().includes(wanted),
    ),
  )
}

export function sumOf(rows: TotalsRow[], place: number): { sent: number; received: number } {
  return rows.reduce(
    (sum, row) => ({ sent: sum.sent + (row.sent[place] ?? 0), received: sum.received + (row.received[place] ?? 0) }),
    { sent: 0, received: 0 },
  )
}
