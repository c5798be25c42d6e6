// Reports of the meter in, incidents of uploads out: what is usual is looked up, detectors judge, and what was judged
// is learned from.
import type { EventEndpoint } from '../events/event.ts'
import type { LocalMoment } from '../model/local-time.ts'
import { type AtHand, destinationOf } from './at-hand.ts'
import type { HabitStore } from './habit-store.ts'
import type { IncidentMemory } from './incidents.ts'
import type { AlertSettings } from './settings.ts'
import type { Subscriber } from './subscribers.ts'
import type { UploadIncidents } from './upload-incidents.ts'
import type { Report } from './upload-meter.ts'
import type { WatchedUpload } from './upload-sample.ts'
import type { UploadWatch } from './upload-watch.ts'
import { worstOf } from './worst-finding.ts'

/** What judging needs of the engine that it belongs to. */
export interface UploadJudgeHost {
  readonly habits: HabitStore
  readonly memory: IncidentMemory
  readonly uploads: UploadWatch
  readonly incidents: UploadIncidents
  settings: () => AlertSettings
  subscribers: () => readonly Subscriber[]
  localTime: (second: number) => LocalMoment
  endpointOf: (number: number) => EventEndpoint | undefined
  familyOf: (company: string | null) => string | null
  handOf: (index: number, second: number) => AtHand | undefined
  traffic: (sample: WatchedUpload, atHand: AtHand) => void
}

export class UploadJudge {
  private readonly host: UploadJudgeHost
  private readonly dayOf: (second: number) => number

  constructor(host: UploadJudgeHost) {
    this.host = host
    this.dayOf = (second) => host.localTime(second).day
  }

  add(report: Report): void {
    const { host } = this
    const { habits } = host
    const { device: index, second, sent } = report
    const atHand = host.handOf(index, second)
    const endpoint = host.endpointOf(report.endpoint)
    if (atHand === undefined || endpoint === undefined) return
    const { device, memory } = atHand
    const { farEnd, past, family } = destinationOf(habits, atHand, endpoint, report.from, this.dayOf, host.familyOf)
    if (habits.isReadAgain(past, second)) return
    host.incidents.prepare(device.id, farEnd.key, second, past)
    const learningSeconds = host.settings().learningDays * 86_400
    const watched = host.uploads.watch({
      report,
      device,
      memory,
      endpoint,
      farEnd,
      past,
      family,
      local: host.localTime(second),
      learnedUntil: Math.max(habits.home.first ?? second, memory.first) + learningSeconds,
      learningSeconds,
    })
    if (sent > 0) host.traffic(watched, atHand)
    this.judge(watched, atHand)
  }

  private judge(sample: WatchedUpload, { memory }: AtHand): void {
    const { settings, memory: decisions, subscribers, uploads, incidents } = this.host
    let worst = worstOf(settings(), decisions, subscribers(), sample, memory)
    if (worst === null) uploads.learn(sample, memory)
    else if (uploads.standOut(sample, memory, worst.reason === 'known' || worst.reason === 'new')) worst = null
    incidents.observe(sample, sample.past, worst)
    if (worst === null) uploads.excuse(sample)
  }
}
