// Records that came before their template: kept for a while, within a limit of bytes.
import { MAX_PENDING_BYTES, MAX_PENDING_SETS, PENDING_SECONDS } from './limits.ts'
import type { ExportTimes } from './flow-times.ts'

export interface PendingSet {
  stream: string
  template: number
  bytes: Uint8Array
  times: ExportTimes
}

export class PendingSets {
  /** Sets that were given up: their template did not come. */
  lost = 0
  /** In the order in which they came. */
  private sets: PendingSet[] = []
  private bytes = 0

  get size(): number {
    return this.sets.length
  }

  /** `bytes` are copied: they may be overwritten afterwards. */
  add(set: PendingSet): void {
    this.sets.push({ ...set, bytes: set.bytes.slice() })
    this.bytes += set.bytes.length
    while (this.bytes > MAX_PENDING_BYTES || this.sets.length > MAX_PENDING_SETS) this.dropFirst()
  }

  /** What waited for this template, which is taken out. */
  take(stream: string, template: number): PendingSet[] {
    if (this.sets.length === 0) return []
    const taken = this.sets.filter((set) => set.stream === stream && set.template === template)
    if (taken.length > 0) this.keep((set) => !taken.includes(set))
    return taken
  }

  expire(now: number): void {
    while (this.sets.length > 0 && now - this.sets[0].times.arrived > PENDING_SECONDS) this.dropFirst()
  }

  private dropFirst(): void {
    this.bytes -= this.sets[0].bytes.length
    this.sets.shift()
    this.lost++
  }

  private keep(isKept: (set: PendingSet) => boolean): void {
    this.sets = this.sets.filter(isKept)
    this.bytes = this.sets.reduce((sum, { bytes }) => sum + bytes.length, 0)
  }
}
