// The watch over uploads: reports of the meter in, samples with what is usual out, and what is learned from them.
import { BoundedMap } from '../../capture/bounded-map.ts'
import type { EventEndpoint, EventFact } from '../events/event.ts'
import type { LocalMoment } from '../model/local-time.ts'
import { type FarEnd, farEndOf } from './destination.ts'
import type { UploadSample } from './detector.ts'
import type { HabitStore } from './habit-store.ts'
import { isPersonal, limitClassOf } from './kind-limits.ts'
import type { DeviceMemory } from './memory.ts'
import { addToPast, daysKnown, learn, type Past, rememberUnusual, usualOf } from './past.ts'
import { explainedBytes, isFamilyKnown, meetFamily } from './upload-habits.ts'
import { ACKNOWLEDGEMENT_SHARE, type Report, type Upload } from './upload-meter.ts'
import type { WatchedDevice } from './watched-device.ts'

const HOUR = 3_600
/** Events of the last hour that explain uploads, of all devices. */
const MAX_EXPLAINED = 1_024
/** Companies that people's own devices used lately. */
const MAX_USED = 256
/** A phone that opens a camera moves more than this in a second; less are notifications. */
const USE_BYTES = 5_000
/** A live view begins at most so long after the phone asked for it. */
const USE_SECONDS = 120

/** What the engine knows about a report. */
export interface Reported {
  report: Report
  device: WatchedDevice
  memory: DeviceMemory
  endpoint: EventEndpoint
  family: string | null
  local: LocalMoment
  isLearning: boolean
  /** When the device will have been, or was, learned. */
  learnedUntil: number
  learningSeconds: number
}

interface Explained {
  second: number
  device: string
  destination: string
  bytes: number
}

/** A sample with the pasts that it comes from. */
export interface Watched {
  sample: UploadSample
  past: Past
  /** Bytes beyond acknowledgements. */
  net: number
}

export class UploadWatch {
  private readonly habits: HabitStore
  private explained: Explained[] = []
  private readonly used = new BoundedMap<string, number>('companies used by people', MAX_USED)
  /** Pasts to which nothing is added to learn from, and until when: something of them stands out. */
  private readonly standsOutUntil = new WeakMap<Past, number>()

  constructor(habits: HabitStore) {
    this.habits = habits
  }

  /** A device that people use moved something with a company. */
  use(device: WatchedDevice, company: string | null, second: number, bytes: number): void {
    if (company !== null && bytes >= USE_BYTES && isPersonal(device.kind)) this.used.renew(company, second)
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

  /** Adds the report to the pasts. `prepare` is called with the past of the destination before it is added to. */
  watch(about: Reported, prepare: (farEnd: FarEnd, past: Past) => void): Watched {
    const { report, device, memory, endpoint, family, local, learnedUntil, learningSeconds } = about
    const { second, sent, received } = report
    const farEnd = farEndOf(endpoint)
    const past = this.habits.ofPair(device.id, farEnd, second)
    prepare(farEnd, past)
    const { own } = memory.uploads
    const net = sent <= 0 ? sent : Math.max(0, sent - ACKNOWLEDGEMENT_SHARE * Math.max(0, received))
    const { day } = local
    const usual = usualOf(past, day)
    const ownUsual = usualOf(own, day)
    const amounts = addToPast(past, second, day, net, sent)
    const isNamed = farEnd.class === 'named' || farEnd.class === 'rented'
    const isFamiliar =
      !isNamed || past.habit > 0 || (farEnd.class === 'named' && isFamilyKnown(memory.uploads, family, day))
    const sample: UploadSample = {
      second,
      local,
      device,
      endpoint,
      family,
      sent,
      received,
      learnedFrom: memory.first,
      isLearning: about.isLearning,
      farEnd,
      upload: report.upload,
      isEnd: report.isEnd,
      amounts,
      explained: Math.min(amounts.hour, this.explainedOf(device.id, farEnd.key, second)),
      usual,
      ownUsual,
      ownDays: daysKnown(own, day),
      firstSent: past.first,
      isNew: !isFamiliar && daysKnown(past, day) === 0,
      isYoung: !isFamiliar && past.first >= learnedUntil && second - past.first < learningSeconds,
      isStartedByPerson: this.isStartedByPerson(device, endpoint, farEnd, report.upload, second),
    }
    return { sample, past, net }
  }

  /** Learns from a sample in which nothing stood out. */
  learn({ sample, past, net }: Watched, memory: DeviceMemory): void {
    const { local, amounts, second, sent, family } = sample
    if ((this.standsOutUntil.get(past) ?? Number.NEGATIVE_INFINITY) > second) return
    const { day } = local
    const { own } = memory.uploads
    learn(past, day, amounts)
    learn(own, day, addToPast(own, second, day, net, sent))
    if (family !== null) meetFamily(memory.uploads, family, day)
  }

  /**
   * Remembers that it stood out, of which nothing is learned; returns whether it has come so often that it is a habit,
   * and no alarm.
   */
  standOut({ sample, past }: Watched, mayBeHabit: boolean): boolean {
    const { local, amounts, second } = sample
    this.standsOutUntil.set(past, second + HOUR)
    if (!rememberUnusual(past, local.day, amounts.hour) || !mayBeHabit) return false
    past.habit = Math.max(past.habit, amounts.hour)
    return true
  }

  private explainedOf(device: string, destination: string, second: number): number {
    if (this.explained.length > 0 && this.explained[0].second <= second - HOUR)
      this.explained = this.explained.filter((one) => one.second > second - HOUR)
    let sum = 0
    for (const one of this.explained)
      if (one.device === device && one.destination === destination && one.second > second - HOUR) sum += one.bytes
    return sum
  }

  private isStartedByPerson(
    device: WatchedDevice,
    { company }: EventEndpoint,
    farEnd: FarEnd,
    upload: Upload | null,
    second: number,
  ): boolean {
    if (company === null || farEnd.class !== 'named' || limitClassOf(device.kind) !== 'camera') return false
    const used = this.used.get(company)
    return used !== undefined && used >= (upload?.from ?? second) - USE_SECONDS
  }
}
