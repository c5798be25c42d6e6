// Bytes in each of the last seconds. In memory only: single seconds are never written to the disk.
import { MINUTE } from './cells.ts'

/** Numbers per cell: device, endpoint, sent, received. */
const CELL = 4

export type VisitCell = (start: number, device: number, endpoint: number, sent: number, received: number) => void

/** Complete from `keptFrom` on, a full minute. */
export class Seconds {
  keptFrom = Infinity
  private readonly cells = new Map<number, number[]>()
  private readonly maxCells: number
  private count = 0

  constructor(maxCells: number) {
    this.maxCells = maxCells
  }

  add(second: number, device: number, endpoint: number, sent: number, received: number): void {
    if (second < this.keptFrom) return
    const cells = this.cells.get(second)
    if (cells === undefined) this.cells.set(second, [device, endpoint, sent, received])
    else cells.push(device, endpoint, sent, received)
    this.count += 1
    if (this.count > this.maxCells) this.makeRoom()
  }

  /** Forgets what is older; the limit is rounded up to a full minute. */
  dropBefore(time: number): void {
    const floor = Math.ceil(time / MINUTE) * MINUTE
    if (floor <= this.keptFrom) return
    this.keptFrom = floor
    for (const [second, cells] of this.cells) {
      if (second >= floor) continue
      this.cells.delete(second)
      this.count -= cells.length / CELL
    }
  }

  /** The clock was put back: seconds from `time` on are none any more. */
  dropFrom(time: number): void {
    for (const [second, cells] of this.cells) {
      if (second < time) continue
      this.cells.delete(second)
      this.count -= cells.length / CELL
    }
  }

  visit(from: number, to: number, visit: VisitCell): void {
    for (const [second, cells] of this.cells) {
      if (second < from || second >= to) continue
      for (let at = 0; at < cells.length; at += CELL) {
        visit(second, cells[at], cells[at + 1], cells[at + 2], cells[at + 3])
      }
    }
  }

  /** Puts a device's bytes on other endpoints. */
  remap(device: number, replacements: Map<number, number>): void {
    for (const cells of this.cells.values()) {
      for (let at = 0; at < cells.length; at += CELL) {
        if (cells[at] === device) cells[at + 1] = replacements.get(cells[at + 1]) ?? cells[at + 1]
      }
    }
  }

  /** Adds the cells of devices to those of one, on the targets of their endpoints. */
  foldDevices(devices: ReadonlySet<number>, into: number, target: (endpoint: number) => number): void {
    for (const cells of this.cells.values()) {
      for (let at = 0; at < cells.length; at += CELL) {
        if (!devices.has(cells[at])) continue
        cells[at] = into
        cells[at + 1] = target(cells[at + 1])
      }
    }
  }

  forget(devices: Set<number>): void {
    for (const [second, cells] of this.cells) {
      const left: number[] = []
      for (let at = 0; at < cells.length; at += CELL) {
        if (!devices.has(cells[at])) left.push(...cells.slice(at, at + CELL))
      }
      this.count -= (cells.length - left.length) / CELL
      this.cells.set(second, left)
    }
  }

  /** Drops the oldest tenth of the time that is kept, and a minute at least. */
  private makeRoom(): void {
    let oldest = Infinity
    let newest = -Infinity
    for (const second of this.cells.keys()) {
      oldest = Math.min(oldest, second)
      newest = Math.max(newest, second)
    }
    this.dropBefore(Math.max(oldest, this.keptFrom) + Math.max(MINUTE, (newest - oldest) / 10))
  }
}
