// What happens to batches while the history is busy? They become one, no larger than what is distinct in them.
import { CELL_LENGTH, type Batch, type Endpoint } from '../session/batch.ts'

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

  get empty(): boolean {
    return this.cells.length === 0 && this.endpoints.length === 0 && this.devices.length === 0 && this.names.length === 0
  }

  add(batch: Batch): void {
    this.endpoints.push(...batch.endpoints)
    this.devices.push(...batch.devices)
    this.names.push(...batch.names)
    for (let at = 0; at + CELL_LENGTH <= batch.cells.length; at += CELL_LENGTH) {
      const [second, device, endpoint, sent, received] = batch.cells.subarray(at, at + CELL_LENGTH) as unknown as [number, number, number, number, number]
      const time = this.places.size < MAX_WAITING_CELLS ? second : Math.floor(second / MINUTE) * MINUTE
      this.addCell(time, device, endpoint, sent, received)
    }
  }

  take(): Batch {
    const taken: Batch = { endpoints: this.endpoints, devices: this.devices, names: this.names, cells: Float64Array.from(this.cells) }
    this.endpoints = []
    this.devices = []
    this.names = []
    this.places = new Map()
    this.cells = []
    return taken
  }

  private addCell(second: number, device: number, endpoint: number, sent: number, received: number): void {
    const key = `${second} ${device} ${endpoint}`
    const place = this.places.get(key)
    if (place === undefined) {
      this.places.set(key, this.cells.length)
      this.cells.push(second, device, endpoint, sent, received)
      return
    }
    this.cells[place + 3] = (this.cells[place + 3] as number) + sent
    this.cells[place + 4] = (this.cells[place + 4] as number) + received
  }
}
