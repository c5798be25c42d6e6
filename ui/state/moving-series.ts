// A chart's series, moved on with each tick without growing.
import type { Series, TickMessage } from '../../server/api.ts'

/**
 * Adds a tick to the step it belongs to, moving the window on when it is past the end. Times before the window are
 * dropped.
 */
export function advance(series: Series, tick: TickMessage): void {
  const [second = 0, , sent = 0, received = 0] = tick
  let place = Math.floor((second - series.from) / series.step)
  if (place < 0) return
  const length = series.sent.length
  const past = place - length + 1
  if (past > 0) {
    moveOn(series, past)
    place -= past
  }
  series.sent[place] = (series.sent[place] ?? 0) + sent
  series.received[place] = (series.received[place] ?? 0) + received
}

function moveOn(series: Series, steps: number): void {
  const length = series.sent.length
  const moved = Math.min(steps, length)
  for (const values of [series.sent, series.received]) {
    values.splice(0, moved)
    for (let added = 0; added < moved; added++) values.push(null)
  }
  series.from += steps * series.step
}

/** What each number of a room (device index or endpoint id) sent and received since the last response. */
export class Increments {
  #sums = new Map<number, { sent: number; received: number }>()
  #part: TickMessage = []
  #sent = 0
  #received = 0

  get sent(): number {
    return this.#sent + (this.#part[2] ?? 0)
  }

  get received(): number {
    return this.#received + (this.#part[3] ?? 0)
  }

  /** What a second that is not over has moved so far, in place of what was said of it before. */
  showPart(tick: TickMessage): void {
    this.#part = tick
  }

  /** A whole second; what was said of its parts is in it. */
  add(tick: TickMessage): void {
    this.#part = []
    this.#sent += tick[2] ?? 0
    this.#received += tick[3] ?? 0
    for (let at = 4; at + 2 < tick.length; at += 3) {
      const number = tick[at]
      const sum = this.#sums.get(number)
      const sent = tick[at + 1]
      const received = tick[at + 2]
      if (sum === undefined) this.#sums.set(number, { sent, received })
      else {
        sum.sent += sent
        sum.received += received
      }
    }
  }

  of(number: number): { sent: number; received: number } {
    const sum = this.#sums.get(number) ?? NOTHING
    const part = this.#part
    for (let at = 4; at + 2 < part.length; at += 3)
      if (part[at] === number) return { sent: sum.sent + part[at + 1], received: sum.received + part[at + 2] }
    return sum
  }

  /** A second that is not over is in no response: it stays. */
  clear(): void {
    this.#sums.clear()
    this.#sent = 0
    this.#received = 0
  }
}

const NOTHING = { sent: 0, received: 0 }

/** The last ticks, a fixed number of them: what happened between the end of a response and now. */
export class RecentTicks {
  #ticks: TickMessage[] = []
  #limit: number

  constructor(limit = 120) {
    this.#limit = limit
  }

  get length(): number {
    return this.#ticks.length
  }

  add(tick: TickMessage): void {
    this.#ticks.push(tick)
    if (this.#ticks.length > this.#limit) this.#ticks.shift()
  }

  since(second: number): TickMessage[] {
    return this.#ticks.filter((tick) => (tick[0] ?? 0) >= second)
  }

  clear(): void {
    this.#ticks = []
  }
}
