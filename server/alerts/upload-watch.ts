// The watch over uploads: reports of the meter in, samples with what is usual out, and what is learned from them.
import { BoundedMap } from '../../capture/bounded-map.ts'
import type { EventEndpoint, EventFact } from '../events/event.ts'
import { farEndOf } from './destination.ts'
import type { UploadSample } from './detector.ts'
import { isPersonal, limitClassOf } from './kind-limits.ts'
import type { DeviceMemory } from './memory.ts'
import { addToPast, rememberUnusual, settle, takeFrom } from './past.ts'
import { explainedBytes, meetFamily } from './upload-habits.ts'
import { ACKNOWLEDGEMENT_SHARE } from './upload-meter.ts'

export { USE_BYTES } from '../../capture/core/activity/activity-limits.ts'
import { type Explanations, type Reported, WatchedUpload } from './upload-sample.ts'
import type { WatchedDevice } from './watched-device.ts'

const HOUR = 3_600
/** Events of the last hour that explain uploads, of all devices. */
const MAX_EXPLAINED = 1_024
/** Companies that were used lately, and devices that used each. */
const MAX_USED = 256
const MAX_USERS = 8
/** A live view begins at most so long after the phone asked for it. */
const USE_SECONDS = 120

interface Explained {
  second: number
  device: string
  destination: string
  bytes: number
}

export class UploadWatch implements Explanations {
  private explained: Explained[] = []
  /** By company: devices that moved something with it, and when last. What they are may be known later. */
  private readonly used = new BoundedMap<string, BoundedMap<WatchedDevice, number>>('companies used', MAX_USED)

  /** A device moved `USE_BYTES` or more in a second with a company, or with an address without one. */
  use(device: WatchedDevice, endpoint: EventEndpoint | undefined, second: number): void {
    const whom = endpoint?.company ?? endpoint?.address ?? null
    if (whom === null) return
    let users = this.used.get(whom)
    if (users === undefined) this.used.set(whom, (users = new BoundedMap('devices that use a company', MAX_USERS)))
    users.set(device, second)
  }

  /** An event that may explain what its device sent. */
  explain(
    event: EventFact,
    endpoint: EventEndpoint | undefined,
    memory: DeviceMemory,
    device: string,
    day: number,
  ): void {
    if (endpoint === undefined) return
    const bytes = explainedBytes(memory.uploads, event, day)
    if (bytes <= 0) return
    this.explained.push({ second: event.at + event.seconds, device, destination: farEndOf(endpoint).key, bytes })
    if (this.explained.length > MAX_EXPLAINED) this.explained.shift()
  }

  /** Adds the report to the past of its destination. */
  watch(about: Reported): WatchedUpload {
    const { report, past, local } = about
    const { from, second, sent, received } = report
    const net = sent <= 0 ? sent : Math.max(0, sent - ACKNOWLEDGEMENT_SHARE * Math.max(0, received))
    if (report.isEnd) past.uploads++
    return new WatchedUpload(about, addToPast(past, second, local.day, net, sent, from), net, this)
  }

  /** Learns from a sample in which nothing stood out. */
  learn(
    { past, net, local, second, sent, from, family, farEnd, device }: WatchedUpload,
    { uploads }: DeviceMemory,
  ): void {
    if (past.learnFrom > second) return
    // What goes to nobody in particular is no measure of what a device sends; only cameras are watched through such
    // addresses.
    const isMeasure = farEnd.class !== 'nameless' || limitClassOf(device.kind) === 'camera'
    addToPast(uploads.own, second, local.day, isMeasure ? net : 0, isMeasure ? sent : 0, from)
    if (family !== null) meetFamily(uploads, family, local.day)
  }

  /**
   * Remembers that it stood out: of the hour nothing is learned, neither of the destination nor of the device. Returns
   * whether it has come so often that it is a habit, and no alarm.
   */
  standOut({ past, local, amounts, second }: WatchedUpload, { uploads }: DeviceMemory, mayBeHabit: boolean): boolean {
    if (past.learnFrom <= second) takeFrom(uploads.own, past)
    past.learnFrom = second + HOUR
    if (!rememberUnusual(past, local.day, amounts.hour) || !mayBeHabit) return false
    past.habit = Math.max(past.habit, amounts.hour)
    return true
  }

  /** What somebody at home looked at through a relay is no part of what is judged later. */
  excuse(sample: WatchedUpload): void {
    if (sample.farEnd.class === 'nameless' && sample.isStartedByPerson) settle(sample.past)
  }

  explainedOf(device: string, destination: string, second: number): number {
    if (this.explained.length > 0 && this.explained[0].second <= second - HOUR)
      this.explained = this.explained.filter((one) => one.second > second - HOUR)
    let sum = 0
    for (const one of this.explained)
      if (one.device === device && one.destination === destination && one.second > second - HOUR) sum += one.bytes
    return sum
  }

  /**
   * A phone or computer used a camera's company just before the camera began to send; or the same address without a
   * name, which is a relay between the two, within the hour that is judged.
   */
  isStartedByPerson({ endpoint, farEnd, device, upload, second }: UploadSample): boolean {
    const isNameless = farEnd.class === 'nameless'
    if (!isNameless && farEnd.class !== 'named') return false
    const users = this.used.get(endpoint.company ?? endpoint.address ?? '')
    if (users === undefined || limitClassOf(device.kind) !== 'camera') return false
    const since = isNameless ? second - HOUR : (upload?.from ?? second) - USE_SECONDS
    for (const [user, at] of users) if (at >= since && user !== device && isPersonal(user.kind)) return true
    return false
  }
}
