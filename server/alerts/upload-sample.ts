// The sample of an upload that detectors see; what only some of them ask for is worked out when they do.
import type { EventEndpoint } from '../events/event.ts'
import type { LocalMoment } from '../model/local-time.ts'
import type { FarEnd } from './destination.ts'
import type { UploadSample } from './detector.ts'
import type { DeviceMemory } from './memory.ts'
import { type Amounts, daysKnown, type Past, usualOf } from './past.ts'
import { dayOfLastHour } from './statistics.ts'
import { isFamilyKnown } from './upload-habits.ts'
import type { Report, Upload } from './upload-meter.ts'
import type { WatchedDevice } from './watched-device.ts'

const DAY = 86_400

/** What the engine knows about a report. */
export interface Reported {
  report: Report
  device: WatchedDevice
  memory: DeviceMemory
  endpoint: EventEndpoint
  farEnd: FarEnd
  /** Of the device and the destination. */
  past: Past
  family: string | null
  local: LocalMoment
  /** When the device will have been, or was, learned. */
  learnedUntil: number
  learningSeconds: number
}

/** What is asked of the watch over all uploads. */
export interface Explanations {
  /** Bytes of the last hour that events explain. */
  explainedOf(device: string, destination: string, second: number): number
  isStartedByPerson(sample: UploadSample): boolean
}

export class WatchedUpload implements UploadSample {
  readonly past: Past
  readonly amounts: Amounts
  /** Bytes beyond acknowledgements. */
  readonly net: number
  private readonly about: Reported
  private readonly explanations: Explanations
  private knownUsual: Amounts | null = null
  private knownOwnUsual: Amounts | null = null

  constructor(about: Reported, amounts: Amounts, net: number, explanations: Explanations) {
    this.about = about
    this.past = about.past
    this.amounts = amounts
    this.net = net
    this.explanations = explanations
  }

  get from(): number {
    return this.about.report.from
  }
  get second(): number {
    return this.about.report.second
  }
  get local(): LocalMoment {
    return this.about.local
  }
  get device(): WatchedDevice {
    return this.about.device
  }
  get endpoint(): EventEndpoint {
    return this.about.endpoint
  }
  get family(): string | null {
    return this.about.family
  }
  get sent(): number {
    return this.about.report.sent
  }
  get received(): number {
    return this.about.report.received
  }
  get learnedFrom(): number {
    return this.about.memory.first
  }
  get isLearning(): boolean {
    return this.second < this.about.learnedUntil
  }
  get farEnd(): FarEnd {
    return this.about.farEnd
  }
  get upload(): Upload | null {
    return this.about.report.upload
  }
  get isEnd(): boolean {
    return this.about.report.isEnd
  }
  get firstSent(): number {
    return this.past.first
  }
  get stoodOut(): number {
    return this.past.unusual.at(-1)?.hour ?? 0
  }
  get usual(): Amounts {
    return (this.knownUsual ??= usualOf(this.past, dayOfLastHour(this.local)))
  }
  get ownUsual(): Amounts {
    return (this.knownOwnUsual ??= usualOf(this.about.memory.uploads.own, dayOfLastHour(this.local)))
  }
  get ownDays(): number {
    return daysKnown(this.about.memory.uploads.own, this.local.day)
  }
  get isNew(): boolean {
    return daysKnown(this.past, this.local.day) === 0 && !this.isFamiliar
  }
  get isYoung(): boolean {
    const { learnedUntil, learningSeconds, memory } = this.about
    const { first } = this.past
    const from = this.farEnd.class === 'rented' ? memory.first + DAY : learnedUntil
    return first >= from && this.second - first < learningSeconds && !this.isFamiliar
  }
  get explained(): number {
    const bytes = this.explanations.explainedOf(this.device.id, this.farEnd.key, this.second)
    return Math.min(this.amounts.hour, bytes)
  }
  get isStartedByPerson(): boolean {
    return this.explanations.isStartedByPerson(this)
  }

  /** Newness means nothing of a destination that has become a habit, or whose company the device knows otherwise. */
  private get isFamiliar(): boolean {
    const { past, farEnd, about } = this
    if (past.habit > 0 || farEnd.class === 'nameless' || farEnd.class === 'hidden') return true
    return farEnd.class === 'named' && isFamilyKnown(about.memory.uploads, about.family, past.firstDay)
  }
}
