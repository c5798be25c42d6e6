// Incidents of uploads: one for each device and destination, from its first byte until it is over.
import { type Alert, type Finding, MAX_DESTINATIONS } from './alert.ts'
import type { EventEndpoint } from '../events/event.ts'
import { isWithoutName } from './destination.ts'
import type { UploadSample } from './detector.ts'
import * as incidents from './incidents.ts'
import { hourSent, markCounted, type Past, settle } from './past.ts'
import { BoundedMap } from '../../capture/bounded-map.ts'

/** A later finding is a new incident, except where one and the same upload is only repeated. */
const LONGEST_SECONDS = 6 * 3_600
/** Found so long after its first byte, an incident counts as begun when it was found. */
const LATE_SECONDS = 3_600
/** An incident of slow parts is over when none has come for so long: they are reported every ten minutes. */
const SLOW_PAUSE_SECONDS = 720
/** Less since the last report is no part of a slow upload: keep-alives do not prolong an incident. */
const SMALLEST_PART = 5_000
/** A decided upload that goes on is told again once it is so many times as large. */
const OUTGROWN = 10
/** Uploads of an incident by which it is recognised as one that repeats. */
const MAX_REPEATS = 8
const SIMILAR = 2.5
const REPEATS = 3
const HABIT_REPEATS = 6
const LONGEST_PAUSE = 36 * 3_600
/** A new destination's bytes count from its first, if that is not longer ago. */
const DAY = 86_400
/** An upload with this share of an hour's bytes is what stands out of them. */
const MOST_SHARE = 0.5
/** Incidents of which it is known what goes on. */
const MAX_LIVE = 512

/** What goes on of an incident; lost over a restart, after which it is over until more comes. */
interface Activity {
  alert: Alert
  /** When it was found, which may be hours after it began. */
  openedAt: number
  /** Endpoints with an upload that goes on. */
  rows: Set<number>
  /** When the last part came. */
  at: number
  /** Beginnings and bytes of the last single uploads. */
  begins: number[]
  sizes: number[]
  /** Most within an hour. */
  hour: number
}

export class UploadIncidents {
  private readonly memory: incidents.IncidentMemory
  private readonly onChange: (alert: Alert) => void
  private readonly live = new BoundedMap<string, Activity>('incidents that go on', MAX_LIVE, ({ alert }) =>
    this.close(alert),
  )

  /** Incidents that were closed for their length while their upload went on. */
  private readonly goesOn = new BoundedMap<string, Finding>('uploads that go on', MAX_LIVE)

  constructor(memory: incidents.IncidentMemory, onChange: (alert: Alert) => void) {
    this.memory = memory
    this.onChange = onChange
    // Of the time before the restart: what goes on shows itself again.
    for (const alert of memory.alerts) {
      if (alert.destination === null || alert.unit === 'lookups') continue
      alert.isOver = true
      this.live.renew(keyOf(alert.device, alert.destination), activityOf(alert))
    }
  }

  /**
   * To be called before a sample is judged. An incident that has lasted long enough is closed: what comes then is
   * judged anew, and begins another one.
   */
  prepare(device: string, destination: string, second: number, past: Past): void {
    if (this.live.size === 0) return
    const key = keyOf(device, destination)
    const activity = this.live.get(key)
    if (activity === undefined) return
    const { alert } = activity
    if (second - activity.openedAt < LONGEST_SECONDS || alert.state !== 'open' || isRepeated(activity, second)) return
    this.live.delete(key)
    // What goes on is the next incident at once; what comes later is judged anew.
    if (!alert.isOver) this.goesOn.set(key, alert)
    settle(past)
    this.close(alert)
  }

  /** What the sample adds to the incident of its device and destination. `finding` is null where nothing stands out. */
  observe(sample: UploadSample, past: Past, finding: Finding | null): void {
    // Mostly nothing goes on, and nothing stands out.
    if (finding === null && this.live.size === 0 && this.goesOn.size === 0) return
    const device = sample.device.id
    const key = keyOf(device, sample.farEnd.key)
    const activity = this.live.get(key)
    if (activity === undefined) {
      // To a destination that is known more must stand out.
      const before = this.goesOn.get(key)
      this.goesOn.delete(key)
      const found = finding ?? (before !== undefined && isStrangePart(sample) ? before : null)
      if (found !== null) this.open(key, sample, past, found)
      // The end of an upload of which the closed incident tells.
      else if (before !== undefined) markCounted(past)
      return
    }
    const { alert } = activity
    if (alert.state === 'open') {
      if (finding !== null || this.isPart(activity, sample)) this.grow(activity, sample, past, finding)
      return
    }
    if (this.isSameUpload(activity, sample)) return this.absorb(activity, sample, past)
    if (finding !== null) this.open(key, sample, past, finding)
  }

  /** It is now `second`: slow uploads are over some time after their last part. */
  mark(second: number): void {
    for (const { alert, rows, at } of this.live.values())
      if (!alert.isOver && rows.size === 0 && second - at >= SLOW_PAUSE_SECONDS) this.close(alert)
  }

  forget(devices: ReadonlySet<string>): void {
    for (const [key, { alert }] of this.live)
      if (alert.device !== null && devices.has(alert.device)) this.live.delete(key)
    for (const [key, { device }] of this.goesOn) if (device !== null && devices.has(device)) this.goesOn.delete(key)
  }

  private open(key: string, sample: UploadSample, past: Past, finding: Finding): void {
    const { from, bytes, times } = sentBefore(sample, past, finding)
    // All that stands out of the last hour may be part of an incident that is closed.
    if (finding.reason !== 'new' && bytes < SMALLEST_PART) return
    const isNameless = sample.farEnd.class === 'nameless' && finding.reason === 'known'
    const alert = incidents.begin(this.memory, {
      ...finding,
      ...(isNameless ? { reason: 'nameless' } : {}),
      from,
      to: Math.max(from, lastOf(sample)),
      destination: sample.farEnd.key,
    })
    // What is found long after it began lasts from then on.
    const isLate = sample.second - alert.from > LATE_SECONDS
    const activity = activityOf(alert, isLate ? sample.second : alert.from)
    this.live.renew(key, activity)
    // The sample itself is added when the incident grows by it.
    Object.assign(alert, { direction: 'out', times, bytes: bytes - sample.sent, received: 0 })
    this.grow(activity, sample, past, finding, true)
  }

  private grow(activity: Activity, sample: UploadSample, past: Past, finding: Finding | null, isOpening = false): void {
    const { alert, begins } = activity
    const { upload, sent } = sample
    // Of an upload that stands out only now, what was sent of it before is part of the incident too.
    const before =
      upload === null || isOpening || begins.includes(upload.from)
        ? 0
        : Math.max(0, Math.min(upload.sent, past.total - past.counted) - sent)
    this.count(activity, sample, sent + before)
    markCounted(past)
    if (finding !== null) adopt(alert, finding)
    activity.hour = Math.max(activity.hour, sample.amounts.hour)
    if (isHabit(activity, alert)) {
      alert.state = 'habit'
      alert.isOver = true
      past.habit = Math.max(past.habit, activity.hour)
      settle(past)
    }
    this.onChange(alert)
  }

  /** The upload that was decided about goes on. */
  private absorb(activity: Activity, sample: UploadSample, past: Past): void {
    this.count(activity, sample)
    settle(past)
    this.onChange(activity.alert)
  }

  private count(activity: Activity, sample: UploadSample, sent = sample.sent): void {
    const { alert, rows } = activity
    const { upload, endpoint } = sample
    alert.from = Math.min(alert.from, sample.from)
    alert.bytes = Math.max(0, alert.bytes + sent)
    alert.sent = alert.bytes
    alert.received = Math.max(0, alert.received + sample.received)
    addDestination(alert, endpoint, sent)
    if (upload === null) alert.times = Math.max(1, alert.times)
    if (upload === null && sent < SMALLEST_PART) return
    activity.at = sample.second
    alert.to = Math.max(alert.to, lastOf(sample))
    // An upload may be older than the incident.
    alert.peak = Math.max(alert.peak, Math.min(Math.round(upload?.peak ?? 0), alert.bytes))
    if (upload !== null) this.countUpload(activity, upload.from, upload.sent)
    if (upload !== null && !sample.isEnd) rows.add(endpoint.number)
    else rows.delete(endpoint.number)
    // A slow upload goes on until none of its parts has come for a while.
    alert.isOver = sample.isEnd && rows.size === 0
  }

  private countUpload({ alert, begins, sizes }: Activity, from: number, sent: number): void {
    const at = begins.lastIndexOf(from)
    if (at >= 0) {
      sizes[at] = sent
      return
    }
    begins.push(from)
    sizes.push(sent)
    alert.times++
    if (begins.length <= MAX_REPEATS) return
    begins.shift()
    sizes.shift()
  }

  /** Everything to a strange destination; to a known one what goes on of an upload that stood out. */
  private isPart({ alert, begins, rows }: Activity, sample: UploadSample): boolean {
    const { upload, endpoint, isEnd, farEnd } = sample
    if (farEnd.class === 'nameless') return true
    const isStrange = alert.reason === 'new' || alert.reason === 'ceiling'
    if (isStrange && (sample.isNew || sample.isYoung)) return true
    return (upload !== null && begins.includes(upload.from)) || (isEnd && rows.has(endpoint.number))
  }

  private isSameUpload({ alert, at }: Activity, { upload, second }: UploadSample): boolean {
    const { decided } = alert
    if (decided === null || decided.isOver || alert.bytes >= OUTGROWN * Math.max(1, decided.bytes)) return false
    return upload !== null ? upload.from <= decided.at : !alert.isOver && second - at < SLOW_PAUSE_SECONDS
  }

  private close(alert: Alert): void {
    if (alert.isOver) return
    alert.isOver = true
    this.onChange(alert)
  }
}

function isStrangePart(sample: UploadSample): boolean {
  const isStrange = sample.farEnd.class === 'nameless' || sample.isNew || sample.isYoung
  return isStrange && sample.sent >= SMALLEST_PART && !sample.isEnd
}

function keyOf(device: string | null, destination: string): string {
  return `${destination} ${device ?? ''}`
}

function activityOf(alert: Alert, openedAt = alert.from): Activity {
  return { alert, openedAt, rows: new Set(), at: alert.to, begins: [], sizes: [], hour: 0 }
}

interface Before {
  from: number
  bytes: number
  /** Uploads that are over. */
  times: number
}

/**
 * What is part of an incident that begins, and since when. To a strange destination it is everything; to a known one
 * the upload, or the last hour where it is no upload that stands out.
 */
function sentBefore(sample: UploadSample, past: Past, { reason }: Finding): Before {
  const { second, farEnd, upload } = sample
  const uncounted = past.total - past.counted
  const isStrange = farEnd.class === 'nameless' || reason === 'new'
  if (isStrange && second - past.since < DAY)
    return { from: past.since, bytes: uncounted, times: past.uploads - (sample.isEnd ? 1 : 0) }
  const hour = hourSent(past, second)
  const bytes = Math.min(hour.bytes, uncounted)
  if (upload !== null && upload.sent >= MOST_SHARE * bytes)
    return { from: Math.max(hour.from, past.since, upload.from), bytes: Math.min(bytes, upload.sent), times: 0 }
  return { from: Math.max(hour.from, past.since), bytes, times: 0 }
}

function lastOf({ upload, second }: UploadSample): number {
  return upload?.last ?? second
}

/** The peak of what was found, and its worst reason. */
function adopt(alert: Alert, finding: Finding): void {
  if (isWorseReason(finding.reason, alert.reason)) {
    // What it is called follows the worst that was found of it.
    const { kind, reason, usual, detail } = finding
    Object.assign(alert, { kind, reason, usual, detail })
  }
  alert.sure = Math.max(alert.sure, finding.sure)
  if (finding.seen <= alert.seen && alert.times > 1) return
  const isSame = finding.reason === alert.reason && finding.kind === alert.kind
  alert.seen = Math.max(alert.seen, finding.seen)
  if (isSame) Object.assign(alert, { usual: finding.usual, detail: finding.detail })
}

function isWorseReason(one: Finding['reason'], other: Finding['reason']): boolean {
  return REASON_ORDER.indexOf(one ?? 'known') > REASON_ORDER.indexOf(other ?? 'known')
}
const REASON_ORDER = ['known', 'new', 'nameless', 'ceiling']

function addDestination(alert: Alert, { company, host, address }: EventEndpoint, sent: number): void {
  const known = alert.destinations.find((one) => one.host === host && (host !== null || one.address === address))
  if (known !== undefined) known.bytes = Math.max(0, known.bytes + sent)
  else alert.destinations.push({ company, host, address, bytes: alert.destinations.length === 0 ? alert.bytes : sent })
  alert.destinations.sort((one, other) => other.bytes - one.bytes)
  if (alert.destinations.length > MAX_DESTINATIONS) alert.destinations.pop()
}

/** The same upload came again and again, and comes again in its time. */
function isRepeated({ alert, begins, sizes, rows }: Activity, second: number): boolean {
  const last = begins.at(-1)
  if (last === undefined || sizes.length < REPEATS || !mayRepeat(alert)) return false
  const pauses = begins.slice(1).map((begin, at) => begin - begins[at])
  return isAlike(sizes, rows.size > 0) && second - last <= Math.min(LONGEST_PAUSE, 3 * Math.max(...pauses))
}

/** To a destination with a name, and below all ceilings. */
function mayRepeat({ reason, destination }: Alert): boolean {
  return (reason === 'known' || reason === 'new') && destination !== null && !isWithoutName(destination)
}

function isHabit({ sizes, rows }: Activity, alert: Alert): boolean {
  const { from, to } = alert
  if (!mayRepeat(alert)) return false
  return sizes.length >= HABIT_REPEATS && rows.size === 0 && to - from >= LONGEST_SECONDS && isAlike(sizes)
}

/** Of the last one, while it goes on, it is only known that it is no smaller. */
function isAlike(sizes: readonly number[], goesOn = false): boolean {
  return Math.max(...sizes) <= SIMILAR * Math.min(...(goesOn ? sizes.slice(0, -1) : sizes))
}
