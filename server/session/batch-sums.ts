// Sums over one batch: what each device moved, and which devices moved or were answered.
import { AT_HOME, type Batch, CELL_LENGTH } from '../model/batch.ts'

/** [sent, received, then device number, sent, received …]; traffic within the home is not in it. */
export function internetSums(cells: Float64Array): number[] {
  const sums = new Map<number, [number, number]>()
  let sent = 0
  let received = 0
  for (let at = 0; at < cells.length; at += CELL_LENGTH) {
    if (cells[at + 2] === AT_HOME) continue
    const sum = sums.get(cells[at + 1]) ?? [0, 0]
    sum[0] += cells[at + 3]
    sum[1] += cells[at + 4]
    sums.set(cells[at + 1], sum)
    sent += cells[at + 3]
    received += cells[at + 4]
  }
  const devices = [...sums]
    .filter(([, [up, down]]) => up !== 0 || down !== 0)
    .flatMap(([device, [up, down]]) => [device, Math.max(0, up), Math.max(0, down)])
  return [Math.max(0, sent), Math.max(0, received), ...devices]
}

/** Device number and the last second in which it moved something, within the home too, in turn. */
export function activeIn({ cells }: Batch): number[] {
  const last = new Map<number, number>()
  for (let at = 0; at < cells.length; at += CELL_LENGTH) {
    const [second, device] = [cells[at], cells[at + 1]]
    if (cells[at + 3] < 0 || cells[at + 4] < 0) continue
    if (second > (last.get(device) ?? Number.NEGATIVE_INFINITY)) last.set(device, second)
  }
  return [...last].flat()
}

/** Numbers of the devices that received something from the internet. */
export function heardIn({ cells }: Batch): number[] {
  const heard = new Set<number>()
  for (let at = 0; at < cells.length; at += CELL_LENGTH)
    if (cells[at + 2] !== AT_HOME && cells[at + 4] > 0) heard.add(cells[at + 1])
  return [...heard]
}
