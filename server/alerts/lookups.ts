// Look-ups from resolvers' logs as samples for detectors, and since when the logs have been read without a gap.
import { isIP } from 'node:net'
import type { EventEndpoint } from '../events/event.ts'
import type { LocalMoment } from '../model/local-time.ts'
import { AT_HOME, LOOKUP_LENGTH, VERDICT_LENGTH } from '../model/batch.ts'
import type { Alert } from './alert.ts'
import { BusyDevices } from './busy-devices.ts'
import type { BlockedSample, DeviceSample, LookupSample } from './detector.ts'
import type { HabitStore } from './habit-store.ts'
import type { IncidentMemory } from './incidents.ts'
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
  readonly devices: ReadonlyMap<number, WatchedDevice>
  readonly habits: HabitStore
  readonly memory: IncidentMemory
  now: () => number
  localTime: (second: number) => LocalMoment
  endpointOf: (number: number) => EventEndpoint | undefined
  familyOf: (company: string | null) => string | null
  /** Of the home, or of a device that is learned since `first`. */
  isLearning: (second: number, first?: number) => boolean
  /** `isLogNew`: devices that the home did not know are none that are new. */
  handOf: (index: number, second: number, isLogNew: boolean) => AtHand | undefined
  activity: (sample: DeviceSample, atHand: AtHand) => void
  /** Takes samples of these streams. */
  emitter: () => {
    emit(stream: 'lookups', sample: LookupSample, atHand: AtHand): void
    emit(stream: 'blocked', sample: BlockedSample, atHand: AtHand): void
  }
}

interface BlockedCell {
  minute: number
  index: number
  number: number
  count: number
}

/** What was blocked, by minute, device and endpoint. */
function blockedByPlace(verdicts: Float64Array): Map<string, BlockedCell> {
  const blocked = new Map<string, BlockedCell>()
  for (let at = 0; at < verdicts.length; at += VERDICT_LENGTH) {
    const [minute, index, number, count] = verdicts.subarray(at, at + VERDICT_LENGTH)
    const place = `${minute} ${index} ${number}`
    const known = blocked.get(place)
    if (known === undefined) blocked.set(place, { minute, index, number, count })
    else known.count += count
  }
  return blocked
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

  /** Cells as in `Batch`. Returns the ids of alerts that are void: addresses that are devices told before. */
  add(cells: Float64Array, verdicts: Float64Array = new Float64Array()): string[] {
    const gone: string[] = []
    const blocked = blockedByPlace(verdicts)
    for (let at = 0; at < cells.length; at += LOOKUP_LENGTH) {
      const [minute, index, number, count] = cells.subarray(at, at + LOOKUP_LENGTH)
      const place = `${minute} ${index} ${number}`
      if (count < 0) gone.push(...this.withdrawMoved(index))
      else this.addCell(minute, index, number, count, Math.min(count, Math.max(0, blocked.get(place)?.count ?? 0)))
      // In the order of time, also where a batch holds hours.
      this.addBlocked(blocked.get(place))
      blocked.delete(place)
    }
    for (const cell of blocked.values()) this.addBlocked(cell)
    return gone
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

  private addCell(minute: number, index: number, number: number, count: number, blocked: number): void {
    const { host } = this
    const second = this.secondOf(minute)
    this.note(second)
    // A log that is new to a home tells of devices that are not.
    const since = (host.habits.home.asked ??= second)
    const atHand = host.handOf(index, second, host.isLearning(second, since))
    if (atHand === undefined) return
    const local = host.localTime(second)
    const { device } = atHand
    host.activity({ second, local, device, isLookup: true }, atHand)
    const endpoint = number === AT_HOME ? undefined : host.endpointOf(number)
    if (endpoint === undefined) return
    const learnedFrom = atHand.memory.first
    const isLearning = host.isLearning(second) || host.isLearning(second, learnedFrom)
    const family = host.familyOf(endpoint.company)
    const othersBusy = this.busy.othersBusy(device, second, count)
    const asked = { count, blocked, othersBusy }
    host
      .emitter()
      .emit('lookups', { second, local, device, endpoint, family, learnedFrom, isLearning, ...asked }, atHand)
  }

  private addBlocked(cell: BlockedCell | undefined): void {
    if (cell === undefined || cell.count <= 0 || cell.number === AT_HOME) return
    const { host } = this
    const second = this.secondOf(cell.minute)
    const atHand = host.handOf(cell.index, second, true)
    const endpoint = host.endpointOf(cell.number)
    if (atHand === undefined || endpoint === undefined) return
    const learnedFrom = atHand.memory.first
    const isLearning = host.isLearning(second) || host.isLearning(second, learnedFrom)
    const family = host.familyOf(endpoint.company)
    const { device } = atHand
    const { count } = cell
    const local = host.localTime(second)
    const othersBusy = this.busy.othersBusy(device, second, 0)
    host
      .emitter()
      .emit('blocked', { second, local, device, endpoint, family, count, learnedFrom, isLearning, othersBusy }, atHand)
  }

  /** A cell has its minute only; of the minute that runs it is now. */
  private secondOf(minute: number): number {
    return Math.min(minute + MINUTE - 1, Math.max(minute, Math.floor(this.host.now())))
  }

  private note(second: number): void {
    if (this.heardSince === null || second - this.latest > GAP_SECONDS) this.heardSince = second
    if (second > this.latest) this.latest = second
    if (second < this.earliest) this.earliest = second
  }

  /** An address that was told as a new device, and is none. */
  private withdrawMoved(index: number): string[] {
    const { devices, memory } = this.host
    const id = devices.get(index)?.id ?? ''
    if (isIP(id) === 0) return []
    const isVoid = ({ kind, device }: Alert): boolean => kind === 'new-device' && device === id
    const gone = memory.alerts.filter(isVoid)
    if (gone.length > 0) memory.alerts = memory.alerts.filter((alert) => !isVoid(alert))
    return gone.map((alert) => alert.id)
  }
}
