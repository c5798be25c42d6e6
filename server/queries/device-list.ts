// Pages of the list of all devices.
import type { DeviceListPage, DeviceRow } from '../api.ts'
import type { Range } from '../history/history.ts'
import { byAmount, importance } from './most-important.ts'
import { deviceRows, sparklinesOf } from './overview.ts'
import { type TrafficView, movements } from './traffic-view.ts'

export interface DeviceListQuery extends Range {
  offset: number
  limit: number
  /** Part of a name, maker, kind, id or address. */
  q?: string
}

/** One page of all devices with what they did in the range; those of `mostImportant` come first. */
export async function deviceList(view: TrafficView, query: DeviceListQuery): Promise<DeviceListPage> {
  const [moved, sparklines] = await Promise.all([movements(view, query), sparklinesOf(view, query)])
  const found = deviceRows(view, moved, sparklines)
    .filter((row) => query.q === undefined || contains(row, query.q.trim().toLowerCase()))
    .sort((one, other) => importance(other) - importance(one) || byAmount(one, other))
  return { total: found.length, devices: found.slice(query.offset, query.offset + query.limit) }
}

function contains({ id, name, vendor, kind, addresses }: DeviceRow, wanted: string): boolean {
  return [id, name ?? '', vendor ?? '', kind, ...addresses].some((part) => part.toLowerCase().includes(wanted))
}
