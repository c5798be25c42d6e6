// Merging of batches while the history is busy: they become one, no larger than what is distinct in them.
import { WaitingEvents } from '../model/event-changes.ts'
import { CELL_LENGTH, LOOKUP_LENGTH, type Batch, type Endpoint, VERDICT_LENGTH } from '../model/batch.ts'

/** Beyond so many cells in waiting, seconds are given up for minutes: the disk keeps no more. */
export const MAX_WAITING_CELLS = 50_000
const MINUTE = 60

/** Batches that were not handed on yet. */
export class WaitingBatch {
  private endpoints: Endpoint[] = []
  private devices: Batch['devices'] = []
  private names: Batch['names'] = []
  /** Second, device, endpoint → place in `amounts`. */
  private places = new Map<string, number>()
  private cells: number[] = []
  private readonly lookups = new Map<string, number[]>()
  private readonly verdicts = new Map<string, number[]>()
  private readonly positions = new Map<string, string>()
  private readonly events = new WaitingEvents()

  get empty(): boolean {
    return (
      this.cells.length === 0 &&
      this.endpoints.length === 0 &&
      this.devices.length === 0 &&
      this.names.length === 0 &&
      this.lookups.size === 0 &&
      this.verdicts.size === 0 &&
      this.positions.size === 0 &&
      this.events.empty
    )
  }

  add(batch: Batch): void {
    this.endpoints.push(...batch.endpoints)
    this.devices.push(...batch.devices)
    this.names.push(...batch.names)
    for (let at = 0; at + CELL_LENGTH <= batch.cells.length; at += CELL_LENGTH) {
      const [second, device, endpoint, sent, received] = batch.cells.subarray(at, at + CELL_LENGTH) as unknown as [
        number,
        number,
        number,
        number,
        number,
      ]
      const time = this.places.size < MAX_WAITING_CELLS ? second : Math.floor(second / MINUTE) * MINUTE
      this.addCell(time, device, endpoint, sent, received)
    }
    addCounts(this.lookups, batch.lookups, LOOKUP_LENGTH)
    addCounts(this.verdicts, batch.verdicts, VERDICT_LENGTH)
    for (const { source, position } of batch.positions ?? []) this.positions.set(source, position)
    if (batch.events !== undefined) this.events.add(batch.events)
  }

  drain(): Batch {
    const drained: Batch = {
      endpoints: this.endpoints,
      devices: this.devices,
      names: this.names,
      cells: Float64Array.from(this.cells),
    }
    if (this.lookups.size > 0) drained.lookups = Float64Array.from([...this.lookups.values()].flat())
    if (this.verdicts.size > 0) drained.verdicts = Float64Array.from([...this.verdicts.values()].flat())
    if (this.positions.size > 0)
      drained.positions = [...this.positions].map(([source, position]) => ({ source, position }))
    if (!this.events.empty) drained.events = this.events.drain()
    this.lookups.clear()
    this.verdicts.clear()
    this.positions.clear()
    this.endpoints = []
    this.devices = []
    this.names = []
    this.places = new Map()
    this.cells = []
    return drained
  }

  private addCell(second: number, device: number, endpoint: number, sent: number, received: number): void {
    const key = `${second} ${device} ${endpoint}`
    const place = this.places.get(key)
    if (place === undefined) {
      this.places.set(key, this.cells.length)
      this.cells.push(second, device, endpoint, sent, received)
      return
    }
    this.cells[place + 3] = this.cells[place + 3] + sent
    this.cells[place + 4] = this.cells[place + 4] + received
  }
}

/** Adds cells of minute, device, endpoint and counts to those of the same minute, device and endpoint. */
function addCounts(sums: Map<string, number[]>, cells: Float64Array | undefined, length: number): void {
  for (let at = 0; cells !== undefined && at + length <= cells.length; at += length) {
    const cell = [...cells.subarray(at, at + length)]
    const key = cell.slice(0, 3).join(' ')
    const known = sums.get(key)
    if (known === undefined) sums.set(key, cell)
    else for (let field = 3; field < length; field++) known[field] += cell[field]
  }
}
