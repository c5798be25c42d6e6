// Minutes since the last commit: queries include them, a power cut loses them.
import { addToChunk, CHUNK, MINUTE, type ChunkCells } from './cells.ts'
import type { VisitCell } from './seconds.ts'

/** Beyond this many chunk cells the disk must have been full for long: further minutes are kept by the hour. */
export const MAX_PENDING = 400_000
const COARSE = 3_600

export class Pending {
  /** Chunk start → device → cells. */
  readonly chunks = new Map<number, Map<number, ChunkCells>>()
  private count = 0

  add(second: number, device: number, endpoint: number, sent: number, received: number): void {
    const time = this.count < MAX_PENDING ? second : Math.floor(second / COARSE) * COARSE
    const start = Math.floor(time / CHUNK) * CHUNK
    let devices = this.chunks.get(start)
    if (devices === undefined) this.chunks.set(start, (devices = new Map<number, ChunkCells>()))
    let cells = devices.get(device)
    if (cells === undefined) devices.set(device, (cells = new Map()))
    const before = cells.size
    addToChunk(cells, endpoint, Math.floor((time - start) / MINUTE), sent, received)
    this.count += cells.size - before
  }

  get empty(): boolean {
    return this.chunks.size === 0
  }

  clear(): void {
    this.chunks.clear()
    this.count = 0
  }

  /** Minutes whose start is in [from, to). */
  visit(from: number, to: number, visit: VisitCell): void {
    for (const [start, devices] of this.chunks) {
      if (start + CHUNK <= from || start >= to) continue
      for (const [device, cells] of devices) {
        for (const [endpoint, amounts] of cells) {
          for (let place = 0; place < amounts.length; place += 2) {
            const minute = start + (place / 2) * MINUTE
            const sent = amounts[place]
            const received = amounts[place + 1]
            if (minute >= from && minute < to && (sent !== 0 || received !== 0))
              visit(minute, device, endpoint, sent, received)
          }
        }
      }
    }
  }

  remap(device: number, replacements: Map<number, number>): void {
    for (const devices of this.chunks.values()) {
      const cells = devices.get(device)
      if (cells !== undefined) devices.set(device, remapChunk(cells, replacements))
    }
  }

  forget(forgotten: Set<number>): void {
    for (const devices of this.chunks.values()) for (const device of forgotten) devices.delete(device)
  }
}

export function remapChunk(cells: ChunkCells, replacements: Map<number, number>): ChunkCells {
  const remapped: ChunkCells = new Map()
  for (const [endpoint, amounts] of cells) {
    const target = replacements.get(endpoint) ?? endpoint
    for (let place = 0; place < amounts.length; place += 2) {
      addToChunk(remapped, target, place / 2, amounts[place], amounts[place + 1])
    }
  }
  return remapped
}
