// Credits of the last minutes, row by row, in case an address turns out to be another device's.
import type { Tick } from '../engine/tick.ts'

/** How far back a correction goes to the very second; older bytes are corrected at the oldest second kept. */
const KEPT_SECONDS = 600
const MAX_ENTRIES = 200_000

/** The engine's latest ticks. */
export class RecentCredits {
  private readonly ticks: Tick[] = []
  private entries = 0

  add(tick: Tick): void {
    this.ticks.push(tick)
    this.entries += sizeOf(tick)
    while (this.ticks.length > 1 && (this.entries > MAX_ENTRIES || this.ticks[0].second < tick.second - KEPT_SECONDS)) {
      this.entries -= sizeOf(this.ticks.shift() as Tick)
    }
  }

  /** NaN where nothing is kept. */
  get oldestSecond(): number {
    return this.ticks[0]?.second ?? Number.NaN
  }

  /** Each credit of a row for which `wanted` holds. */
  forEachRow(
    wanted: (row: number) => boolean,
    visit: (second: number, row: number, sent: number, received: number) => void,
  ): void {
    for (const { second, rows, sent, received } of this.ticks) {
      for (let index = 0; index < rows.length; index++) {
        if (wanted(rows[index])) visit(second, rows[index], sent[index], received[index])
      }
    }
  }

  /** Each credit within the home of a binding for which `wanted` holds. */
  forEachBinding(
    wanted: (binding: number) => boolean,
    visit: (second: number, binding: number, sent: number, received: number) => void,
  ): void {
    for (const { second, bindings, sentLocal, receivedLocal } of this.ticks) {
      for (let index = 0; index < bindings.length; index++) {
        if (wanted(bindings[index])) visit(second, bindings[index], sentLocal[index], receivedLocal[index])
      }
    }
  }
}

function sizeOf(tick: Tick): number {
  return tick.rows.length + tick.bindings.length
}
