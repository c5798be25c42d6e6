// Plays the sample home as if it were now: yesterday and today so far at once, then on at the clock's own pace, day
// after day.
import { setTimeout as sleep } from 'node:timers/promises'
import { LocalTime } from '../model/local-time.ts'
import { PacketFeed } from './packet-feed.ts'
import type { Sink } from './recording-player.ts'
import type { SourceReport } from '../model/source-report.ts'

/** The machine's clock, in seconds since 1970-01-01 UTC. */
export type WallClock = () => number

const SLICE_MILLISECONDS = 25
/** Each second is handed on this long after it is over, when its last packets have been read. */
const AFTER_SECOND = 0.03
/** Far more than the sample holds. */
const MAX_BYTES = 2 ** 30
const DAY = 86_400

export class SamplePlayer {
  private readonly path: string
  private readonly sink: Sink
  private readonly clock: WallClock
  private readonly localTime: LocalTime
  private readonly stopSignal = new AbortController()
  private packets = 0
  private lastPacket: number | null = null
  private state: SourceReport['state'] = 'starting'

  constructor(path: string, timeZone: string, sink: Sink, clock: WallClock) {
    this.path = path
    this.sink = sink
    this.clock = clock
    this.localTime = new LocalTime(timeZone)
  }

  /** Runs until `stop`; rejects where the sample cannot be read. */
  async run(): Promise<void> {
    const sampleStart = await this.findSampleStart()
    for (
      let day = this.localTime.dayStart(this.localTime.dayStart(this.clock()) - 1);
      !this.stopSignal.signal.aborted;
      day = this.localTime.nextDay(day)
    ) {
      await this.playDay(day, day - sampleStart)
    }
  }

  stop(): void {
    this.stopSignal.abort()
  }

  private async playDay(start: number, shiftSeconds: number): Promise<void> {
    const end = this.localTime.nextDay(start)
    const feed = new PacketFeed({
      path: this.path,
      shiftSeconds,
      maxUnpackedBytes: MAX_BYTES,
      onPacket: (frame) => this.sink.packet(frame),
    })
    const before = this.packets
    while (!this.stopSignal.signal.aborted) {
      const now = Math.min(this.clock(), end)
      const isThere = await feed.advance(now - 1e-6, SLICE_MILLISECONDS)
      this.packets = before + feed.packets
      if (feed.packets > 0) this.lastPacket = feed.lastTime
      if (!isThere) continue
      this.state = 'running'
      this.sink.mark(now)
      this.sink.flush(now, [this.report()], true)
      if (now >= end) break
      await this.untilNextSecond()
    }
    await feed.close()
  }

  private async untilNextSecond(): Promise<void> {
    const now = this.clock()
    const wait = 1 - (now % 1) + AFTER_SECOND
    await sleep(wait * 1000, undefined, { signal: this.stopSignal.signal }).catch(() => {})
  }

  private report(): SourceReport {
    const { state, packets, lastPacket } = this
    return { id: 'sample', kind: 'sample', title: 'Sample home', state, packets, dropped: 0, lastPacket, problem: null }
  }

  /** The sample begins at a midnight of its own, in UTC. */
  private async findSampleStart(): Promise<number> {
    let first = Number.NaN
    const feed = new PacketFeed({
      path: this.path,
      maxUnpackedBytes: MAX_BYTES,
      onPacket: (frame) => (first = frame.seconds),
    })
    // Nothing is before the year 1970: the first packet waits.
    await feed.advance(Number.NEGATIVE_INFINITY, 1_000)
    first = feed.nextTime ?? first
    await feed.close()
    return Math.floor(first / DAY) * DAY
  }
}
