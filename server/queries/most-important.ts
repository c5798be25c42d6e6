// The devices that matter most of any number, and what the others add up to.
import type { DeviceRow, MoreDevices } from '../api.ts'
import { addLookups, bySent } from './sums.ts'

/** Devices in one answer; the others are added up. */
export const MAX_ROWS = 100

/** Rows in the order of a list, at most so many; and what the rest adds up to. */
export function mostImportant(rows: DeviceRow[]): { rows: DeviceRow[]; more: MoreDevices | null } {
  if (rows.length <= MAX_ROWS) return { rows, more: null }
  const inOrder = [...rows].sort((one, other) => importance(other) - importance(one) || byAmount(one, other))
  const more: MoreDevices = { count: 0, sent: 0, received: 0, sentLocal: 0, receivedLocal: 0 }
  for (const row of inOrder.slice(MAX_ROWS)) {
    more.count++
    more.sent += row.sent
    more.received += row.received
    more.sentLocal += row.sentLocal
    more.receivedLocal += row.receivedLocal
    addLookups(more, row)
  }
  return { rows: inOrder.slice(0, MAX_ROWS).sort(byAmount), more }
}

export const byAmount = bySent<DeviceRow>((row) => row.id)

/** Who the owner decided about, then who the internet answered: a flood of senders must not hide them. */
export function importance({ namedByOwner, kindByOwner, merged, received }: DeviceRow): number {
  if (namedByOwner || kindByOwner || merged.length > 0) return 2
  return received > 0 ? 1 : 0
}
