// Division of a device's traffic into bursts: capture/core/activity/burst-cutter.ts does it, in the packet core.
import {
  BURST_DEVICE,
  BURST_EARLY,
  BURST_ENDPOINT,
  BURST_FIRST,
  BURST_LAST,
  BURST_NUMBERS,
  BURST_OUT,
  BURST_PEAK,
  BURST_PERIOD,
  BURST_RECEIVED,
  BURST_SENT,
  BURST_STEADY,
  OUT_BEAT,
  OUT_TAKEN_BACK,
} from '../../capture/core/activity/activity-layout.ts'
import { PacketCore } from '../../capture/packet-core.ts'
import { CELL_LENGTH } from '../model/batch.ts'
import type { Burst } from './event.ts'
import type { Period } from './heartbeats.ts'

export {
  EARLY_SENT_BYTES,
  LONGEST_BURST_SECONDS,
  MAX_OPEN,
  PAUSE_SECONDS,
  SPEECH_BYTES_PER_SECOND,
  TRICKLE_BYTES,
} from '../../capture/core/activity/activity-limits.ts'

/** Bytes of a burst that is over turned out to be another's. */
export type TakenBack = (device: number, endpoint: number, second: number, sent: number, received: number) => void

export interface BurstCutterOptions {
  onTakenBack?: TakenBack
  /** The burst is a heartbeat, of which the period has become known or changed. */
  onBeat?: (burst: Burst, period: Period) => void
  /** Bursts smaller than both are not given. */
  smallest?: { sent: number; received: number }
  /** The core that does it, and for nobody else. */
  core?: PacketCore
}

/** Cuts cells (second, device, endpoint, sent, received: see server/model/batch.ts) into bursts. */
export class BurstCutter {
  private readonly core: PacketCore
  private readonly onBurst: (burst: Burst) => void
  private readonly onTakenBack: TakenBack
  private readonly onBeat: (burst: Burst, period: Period) => void

  constructor(onBurst: (burst: Burst) => void, options: BurstCutterOptions = {}) {
    this.onBurst = onBurst
    this.onTakenBack = options.onTakenBack ?? (() => undefined)
    this.onBeat = options.onBeat ?? (() => undefined)
    this.core = options.core ?? new PacketCore()
    const { sent, received } = options.smallest ?? { sent: 0, received: 0 }
    this.core.exports.askForBursts(sent, received)
  }

  /** Any number of cells. Those of one second with a correction are to be in one call. */
  addCells(cells: Float64Array): void {
    const { core } = this
    const { length } = cells
    if (length === 0) return
    const at = core.exports.roomForCells(length / CELL_LENGTH)
    core.numbers.set(cells, at / 8)
    if (core.exports.cutCells(at, length / CELL_LENGTH) > 0) this.drain()
  }

  /** So many cells stand in their place in the core. */
  addPlaced(count: number): void {
    const { exports } = this.core
    if (count > 0 && exports.cutCells(exports.roomForCells(count), count) > 0) this.drain()
  }

  /** It is now `second`: whatever paused long enough is over. */
  mark(second: number): void {
    if (this.core.exports.markBursts(second) > 0) this.drain()
  }

  /** Everything is over. */
  finish(): void {
    if (this.core.exports.finishBursts() > 0) this.drain()
  }

  private drain(): void {
    const { core } = this
    const count = core.exports.burstCount()
    const start = core.exports.burstAddress() / 8
    const records = core.numbers.slice(start, start + count * BURST_NUMBERS)
    core.exports.clearBursts()
    for (let at = 0; at < records.length; at += BURST_NUMBERS) {
      const kind = records[at + BURST_OUT]
      if (kind === OUT_TAKEN_BACK)
        this.onTakenBack(
          records[at + BURST_DEVICE],
          records[at + BURST_ENDPOINT],
          records[at + BURST_FIRST],
          records[at + BURST_SENT],
          records[at + BURST_RECEIVED],
        )
      else if (kind === OUT_BEAT)
        this.onBeat(burstAt(records, at), { seconds: records[at + BURST_PERIOD], share: records[at + BURST_PEAK] })
      else this.onBurst(burstAt(records, at))
    }
  }
}

function burstAt(records: Float64Array, at: number): Burst {
  return {
    device: records[at + BURST_DEVICE],
    endpoint: records[at + BURST_ENDPOINT],
    first: records[at + BURST_FIRST],
    last: records[at + BURST_LAST],
    sent: records[at + BURST_SENT],
    received: records[at + BURST_RECEIVED],
    peak: records[at + BURST_PEAK],
    steady: records[at + BURST_STEADY],
    early: records[at + BURST_EARLY],
  }
}
