// nft's counters second by second, and how far Telltale's chart is from them.
import { forwardedInAll, type Family } from './shown.ts'
import type { Telltale } from './telltale.ts'
import { LIVE_SCOPE, type Series } from '../../server/api.ts'
import type { Lab } from './topology.ts'

const EVERY_MS = 250

interface Reading {
  /** Seconds since 1970-01-01 UTC. */
  at: number
  bytes: number
}

export class NftClock {
  readonly readings: Reading[] = []
  private readonly timer: NodeJS.Timeout
  private readonly read: () => void

  constructor(lab: Lab, families: readonly Family[]) {
    this.read = () => {
      const { sent, received } = forwardedInAll(lab, families)
      this.readings.push({ at: Date.now() / 1000, bytes: sent + received })
    }
    this.read()
    this.timer = setInterval(this.read, EVERY_MS)
  }

  stop(): void {
    clearInterval(this.timer)
    this.read()
  }

  /** Bytes counted until a moment, between two readings. */
  bytesAt(at: number): number {
    const { readings } = this
    const after = readings.findIndex((reading) => reading.at >= at)
    if (after < 0) return readings.at(-1)?.bytes ?? 0
    if (after === 0) return readings[0].bytes
    const [one, other] = [readings[after - 1], readings[after]]
    return one.bytes + ((other.bytes - one.bytes) * (at - one.at)) / (other.at - one.at)
  }
}

/**
 * The share of the bytes that the chart has in another step than nft, with steps of so many seconds. nft is read four
 * times a second: with steps of one second a busy machine makes some per cent of it.
 */
export async function misplacedShare(telltale: Telltale, clock: NftClock, step: number): Promise<number> {
  const from = Math.floor((clock.readings[0]?.at ?? 0) / step) * step
  const to = Math.ceil((clock.readings.at(-1)?.at ?? 0) / step) * step
  const { origin, cookie } = telltale
  const answer = await fetch(`${origin}/api/traffic/${LIVE_SCOPE}/series?from=${from}&to=${to}&step=1`, {
    headers: { cookie, origin },
  })
  if (!answer.ok) throw new Error(`series: ${answer.status} ${await answer.text()}`)
  const series = (await answer.json()) as Series
  const shown = (begin: number): number => {
    let sum = 0
    for (let second = begin; second < begin + step; second++) {
      const place = Math.floor((second - series.from) / series.step)
      sum += ((series.sent[place] ?? 0) + (series.received[place] ?? 0)) / series.step
    }
    return sum
  }
  let [different, all] = [0, 0]
  for (let begin = from; begin < to; begin += step) {
    const counted = clock.bytesAt(begin + step) - clock.bytesAt(begin)
    different += Math.abs(counted - shown(begin))
    all += counted
  }
  // A byte in the wrong place is missing in one step and too much in another.
  return all === 0 ? Number.NaN : different / 2 / all
}
