// The watch over uploads: reports of the meter in, samples with what is usual out, and what is learned from them.
import { BoundedMap } from '../../capture/bounded-map.ts'
import type { EventEndpoint, EventFact } from '../events/event.ts'
import { farEndOf } from './destination.ts'
import type { UploadSample } from './detector.ts'
import { isPersonal, limitClassOf } from './kind-limits.ts'
import type { DeviceMemory } from './memory.ts'
import { addToPast, learn, type Past, rememberUnusual } from './past.ts'
import { explainedBytes, meetFamily } from './upload-habits.ts'
import { ACKNOWLEDGEMENT_SHARE } from './upload-meter.ts'
import { type Explanations, type Reported, WatchedUpload } from './upload-sample.ts'
import type { WatchedDevice } from './watched-device.ts'

const HOUR = 3_600
/** Events of the last hour that explain uploads, of all devices. */
const MAX_EXPLAINED = 1_024
/** Companies that were used lately, and devices that used each. */
const MAX_USED = 256
const MAX_USERS = 8
/** A phone that opens a camera moves more than this in a second; less are notifications. */
const USE_BYTES = 5_000
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
  /** Pasts to which nothing is added to learn from, and until when: something of them stands out. */
  private readonly standsOutUntil = new WeakMap<Past, number>()

  /** A device moved something with a company. */
  use(device: WatchedDevice, company: string | null, second: number, bytes: number): void {
    if (company === null || bytes < USE_BYTES) return
    let users = this.used.get(company)
    if (users === undefined) this.used.set(company, (users = new BoundedMap('devices that use a company', MAX_USERS)))
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
    return new WatchedUpload(about, addToPast(past, second, local.day, net, sent, from), net, this)
  }

  /** Learns from a sample in which nothing stood out. */
  learn({ past, net, local, amounts, second, sent, family }: WatchedUpload, { uploads }: DeviceMemory): void {
    if ((this.standsOutUntil.get(past) ?? Number.NEGATIVE_INFINITY) > second) return
    const { day } = local
    learn(past, day, amounts)
    learn(uploads.own, day, addToPast(uploads.own, second, day, net, sent))
    if (family !== null) meetFamily(uploads, family, day)
  }

  /**
   * Remembers that it stood out, of which nothing is learned; returns whether it has come so often that it is a habit,
   * and no alarm.
   */
  standOut({ past, local, amounts, second }: WatchedUpload, mayBeHabit: boolean): boolean {
    this.standsOutUntil.set(past, second + HOUR)
    if (!rememberUnusual(past, local.day, amounts.hour) || !mayBeHabit) return false
    past.habit = Math.max(past.habit, amounts.hour)
    return true
  }

  explainedOf(device: string, destination: string, second: number): number {
    if (this.explained.length > 0 && this.explained[0].second <= second - HOUR)
      this.explained = this.explained.filter((one) => one.second > second - HOUR)
    let sum = 0
    for (const one of this.explained)
      if (one.device === device && one.destination === destination && one.second > second - HOUR) sum += one.bytes
    return sum
  }

  /** A phone or computer used a camera's company just before the camera began to send. */
  isStartedByPerson({ endpoint, farEnd, device, upload, second }: UploadSample): boolean {
    const { company } = endpoint
    if (company === null || farEnd.class !== 'named') return false
    const users = this.used.get(company)
    if (users === undefined || limitClassOf(device.kind) !== 'camera') return false
    const since = (upload?.from ?? second) - USE_SECONDS
    for (const [user, at] of users) if (at >= since && user !== device && isPersonal(user.kind)) return true
    return false
  }
}
