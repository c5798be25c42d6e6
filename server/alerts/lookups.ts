// Look-ups from resolvers' logs as samples for detectors, and since when the logs have been read without a gap.
import type { EventEndpoint } from '../events/event.ts'
import type { LocalMoment } from '../model/local-time.ts'
import { AT_HOME, LOOKUP_LENGTH } from '../model/batch.ts'
import type { DeviceSample, LookupSample } from './detector.ts'
import { BusyDevices } from './busy-devices.ts'
import type { WatchedDevice } from './watched-device.ts'

const MINUTE = 60
/** Look-ups this much older than the clock come from a log that is being caught up with. */
const LATE_SECONDS = 2 * 3_600
/** When nobody asks for so long, it may be the log that holds nothing. */
const GAP_SECONDS = 3_600

/** What the engine has at hand for a device. */
interface Hand {
  device: WatchedDevice
  memory: { first: number }
}

/** What the look-ups need of the engine that they belong to. */
export interface LookupHost<AtHand extends Hand> {
  readonly now: number
  localTime: (second: number) => LocalMoment
  endpointOf: (number: number) => EventEndpoint | undefined
  familyOf: (company: string | null) => string | null
  /** Of the home, or of a device that is learned since `first`. */
  isLearning: (second: number, first?: number) => boolean
  handOf: (index: number, second: number) => AtHand | undefined
  activity: (sample: DeviceSample, atHand: AtHand) => void
  lookups: (sample: LookupSample, atHand: AtHand) => void
  /** The device was an address that turned out to be another device's. */
  moved: (index: number) => void
}

export class Lookups<AtHand extends Hand> {
  private readonly host: LookupHost<AtHand>
  /** The latest look-up of anybody. */
  private latest = Number.NEGATIVE_INFINITY
  /** The earliest since the clock was last looked at. */
  private earliest = Number.POSITIVE_INFINITY
  /** First look-up, and first after each gap. */
  private heardSince: number | null = null
  private readonly busy = new BusyDevices()

  constructor(host: LookupHost<AtHand>) {
    this.host = host
  }

  /** Cells as in `Batch.lookups`. */
  add(cells: Float64Array): void {
    for (let at = 0; at < cells.length; at += LOOKUP_LENGTH)
      this.addCell(cells[at], cells[at + 1], cells[at + 2], cells[at + 3])
  }

  /**
   * What the clock's samples say of silence at `second`, with packets of anybody until `lastTraffic`: with none, and
   * while a log is caught up with, it is the source that is silent.
   */
  silenceAt(second: number, lastTraffic: number): { quietSeconds: number; heardSince: number | null } {
    const isCatchingUp = this.earliest < second - LATE_SECONDS
    this.earliest = Number.POSITIVE_INFINITY
    const quietSeconds = isCatchingUp ? Number.POSITIVE_INFINITY : second - Math.max(lastTraffic, this.latest)
    return { quietSeconds, heardSince: this.heardSince }
  }

  private addCell(minute: number, index: number, number: number, count: number): void {
    if (count <= 0) return count < 0 ? this.host.moved(index) : undefined
    const second = this.secondOf(minute)
    this.note(second)
    const atHand = this.host.handOf(index, second)
    if (atHand === undefined) return
    const local = this.host.localTime(second)
    const { device } = atHand
    this.host.activity({ second, local, device, isLookup: true }, atHand)
    const endpoint = number === AT_HOME ? undefined : this.host.endpointOf(number)
    if (endpoint === undefined) return
    const learnedFrom = atHand.memory.first
    const isLearning = this.host.isLearning(second) || this.host.isLearning(second, learnedFrom)
    const family = this.host.familyOf(endpoint.company)
    const othersBusy = this.busy.othersBusy(device, second, count)
    this.host.lookups({ second, local, device, endpoint, family, count, learnedFrom, isLearning, othersBusy }, atHand)
  }

  /** A cell has its minute only; of the minute that runs it is now. */
  private secondOf(minute: number): number {
    return Math.min(minute + MINUTE - 1, Math.max(minute, Math.floor(this.host.now)))
  }

  private note(second: number): void {
    if (this.heardSince === null || second - this.latest > GAP_SECONDS) this.heardSince = second
    if (second > this.latest) this.latest = second
    if (second < this.earliest) this.earliest = second
  }
}
