// Which updates of an alert a channel tells: the start of an incident, ten times as much as was told, and its end.
import type { Alert } from '../alerts/alert.ts'
import type { AlertKind } from '../alerts/detectors/index.ts'
import type { DeviceCount, IncidentPhase } from '../text/message-facts.ts'
import { noticeId } from './notice-id.ts'
import {
  MAX_AN_HOUR,
  MAX_SUMMED,
  MAX_TOLD,
  type PolicyMemory,
  type SummedIncident,
  type ToldIncident,
} from './policy-memory.ts'

/** Growth is told when it is so many times what was last told. */
const GROWTH = 10
/** An incident that goes on after its end, and ends again, has another end message from so many times on. */
const ANOTHER_END = 2
/** New notifications of one incident; replacements do not count. */
export const MAX_NEW = 3
const HOUR_MS = 3_600_000
/** Growth that is a notification of its own waits so long after the last one: most uploads are over by then. */
const GROWTH_PAUSE_MS = 60_000

/** A message to send. */
export interface Told {
  phase: IncidentPhase
  /** Its number within the incident, from 1. */
  sequence: number
}

export interface Summary {
  devices: DeviceCount[]
  /** Ids of the devices it names. */
  about: string[]
  /** Of its first incident. */
  kind: AlertKind
}

export interface PolicyOptions {
  /** A later message of an incident takes the place of the one before at the receiver. */
  updates: boolean
}

/** One update of an alert. */
export interface Update {
  alert: Alert
  /** The device's name. */
  who: string
  now: number
  /** A message of the incident waits still: the new one takes its place. */
  waits: boolean
}

/** Of one channel. Pure: time comes with the updates, and everything that it remembers is in its memory. */
export class NotificationPolicy {
  private readonly memory: PolicyMemory
  private readonly updates: boolean

  constructor(memory: PolicyMemory, { updates }: PolicyOptions) {
    this.memory = memory
    this.updates = updates
  }

  /** Milliseconds until the next summary is due; null where there is nothing to sum up. */
  wait(now: number): number | null {
    const { due } = this.memory
    // A clock that was wrong puts it off by an hour at most.
    return due === null ? null : Math.min(HOUR_MS, Math.max(0, due - now))
  }

  /** Something was told of it, be it in a summary. */
  knows(id: string): boolean {
    return this.find(id) !== undefined
  }

  /** Its end is still to be told. */
  isRunning(id: string): boolean {
    const phase = this.find(id)?.phase
    return phase === 'start' || phase === 'growth'
  }

  /** How much was last told of it; 0 where that is not known. */
  amountTold(id: string): number {
    return this.find(id)?.amount ?? 0
  }

  /** The alert was there before the channel, or before a restart: it is no news. False where it was known. */
  know(alert: Alert): boolean {
    if (this.knows(noticeId(alert))) return false
    this.remember(toldOf(alert, 'known'))
    return true
  }

  /**
   * What to send about the alert now; null: nothing. `hasChanged` says whether there is something to be kept all the
   * same.
   */
  update({ alert, who, now, waits }: Update): { told: Told | null; hasChanged: boolean } {
    const id = noticeId(alert)
    if (alert.state !== 'open') return { told: null, hasChanged: this.dropSummed((one) => one.id === id) }
    const known = this.find(id)
    if (known === undefined || known.phase === 'counted') return this.begin(alert, known, who, now)
    const { amount, unit } = amountOf(alert)
    if (known.amount === null || known.unit !== unit) {
      Object.assign(known, { amount, unit, hasRun: known.hasRun || !alert.isOver })
      return { told: null, hasChanged: true }
    }
    const hasChanged = !known.hasRun && !alert.isOver
    known.hasRun ||= !alert.isOver
    const phase = this.phaseOf(known, alert, now, waits)
    if (phase === null) return { told: null, hasChanged }
    return { told: this.tell(known, alert, phase, now, !this.isNew(known, waits)), hasChanged: true }
  }

  /** The summary of what was not told one by one, once it is due. */
  summary(now: number): Summary | null {
    const { summed, due } = this.memory
    if (due === null || (now < due && due - now <= HOUR_MS)) return null
    this.memory.summed = []
    this.memory.due = null
    // The next one comes an hour later at the earliest.
    this.memory.summarized = now
    const [first] = summed
    return first === undefined ? null : { devices: countsOf(summed), about: devicesOf(summed), kind: first.kind }
  }

  /** Nothing that names the devices stays. */
  forget(devices: readonly string[]): void {
    this.dropSummed(({ device }) => device !== null && devices.includes(device))
  }

  /** The first message of an incident, or a place in the next summary. */
  private begin(
    alert: Alert,
    known: ToldIncident | undefined,
    who: string,
    now: number,
  ): { told: Told | null; hasChanged: boolean } {
    const id = noticeId(alert)
    const isSummed = this.memory.summed.some((one) => one.id === id)
    // What a summary told of is worth a message of its own once it is much more than it was then.
    if (known !== undefined && !isSummed && !passes(alert) && !hasGrown(known, alert))
      return { told: null, hasChanged: false }
    if (passes(alert) || this.hasRoom(now)) {
      this.dropSummed((one) => one.id === id)
      const told = known ?? this.remember(toldOf(alert, 'counted'))
      return { told: this.tell(told, alert, alert.isOver ? 'end' : 'start', now, false), hasChanged: true }
    }
    if (isSummed) {
      Object.assign(known ?? {}, amountOf(alert))
      return { told: null, hasChanged: false }
    }
    if (known === undefined) this.remember(toldOf(alert, 'counted'))
    else Object.assign(known, amountOf(alert))
    this.sumUp({ id, kind: alert.kind, device: alert.device, name: who }, now)
    return { told: null, hasChanged: true }
  }

  /** Which message it is time for; null: none. */
  private phaseOf(known: ToldIncident, alert: Alert, now: number, waits: boolean): IncidentPhase | null {
    const isMore = hasGrown(known, alert)
    if (alert.isOver && known.hasRun) {
      if (known.phase === 'start' || known.phase === 'growth') return 'end'
      if (known.phase === 'known') return isMore && (passes(alert) || this.hasRoom(now)) ? 'end' : null
      // The end is never dropped: what is ten times as much is told, whatever was told before.
      const hasRoom = !this.isNew(known, waits) || known.notifications < MAX_NEW
      return isMore || (hasRoom && isTimes(known, alert, ANOTHER_END)) ? 'end' : null
    }
    return isMore && (!this.isNew(known, waits) || this.hasRoomForGrowth(known, alert, now)) ? 'growth' : null
  }

  /** Whether the next message would be a notification of its own. */
  private isNew({ messages }: ToldIncident, waits: boolean): boolean {
    return !waits && !(this.updates && messages > 0)
  }

  /** Where each message is a notification of its own, one is left for the end. */
  private hasRoomForGrowth(known: ToldIncident, alert: Alert, now: number): boolean {
    const isSoon = known.at <= now && now - known.at < GROWTH_PAUSE_MS
    return known.notifications + 1 < MAX_NEW && !isSoon && (passes(alert) || this.hasRoom(now))
  }

  private tell(known: ToldIncident, alert: Alert, phase: IncidentPhase, now: number, isReplacement: boolean): Told {
    const { memory } = this
    Object.assign(known, { phase, ...amountOf(alert), at: now, hasRun: known.hasRun || !alert.isOver })
    known.messages++
    if (!isReplacement) {
      known.notifications++
      memory.recent = [...memory.recent, now].slice(-MAX_AN_HOUR)
    }
    // The latest told is forgotten last.
    memory.incidents = [...memory.incidents.filter((one) => one !== known), known]
    return { phase, sequence: known.messages }
  }

  /** Whether another one may be sent this hour. */
  private hasRoom(now: number): boolean {
    return this.ofThisHour(now).length < MAX_AN_HOUR
  }

  /** Times to come are of a clock that was wrong. */
  private ofThisHour(now: number): number[] {
    return this.memory.recent.filter((at) => at <= now && at > now - HOUR_MS)
  }

  private sumUp(incident: SummedIncident, now: number): void {
    const { memory } = this
    if (memory.summed.length < MAX_SUMMED) memory.summed.push(incident)
    if (memory.due !== null) return
    const [first] = this.ofThisHour(now)
    memory.due = Math.max((first ?? now) + HOUR_MS, (memory.summarized ?? now - HOUR_MS) + HOUR_MS)
  }

  private dropSummed(fits: (incident: SummedIncident) => boolean): boolean {
    const { memory } = this
    const before = memory.summed.length
    memory.summed = memory.summed.filter((one) => !fits(one))
    if (memory.summed.length === 0) memory.due = null
    return memory.summed.length < before
  }

  private find(id: string): ToldIncident | undefined {
    return this.memory.incidents.find((one) => one.id === id)
  }

  private remember(told: ToldIncident): ToldIncident {
    const { incidents } = this.memory
    if (incidents.length >= MAX_TOLD) incidents.splice(leastNeeded(incidents), 1)
    incidents.push(told)
    return told
  }
}

/** Place of the one to forget: the end of what goes on is still to be told. */
function leastNeeded(incidents: readonly ToldIncident[]): number {
  const counted = incidents.findIndex(({ phase }) => phase === 'counted')
  if (counted >= 0) return counted
  return Math.max(
    0,
    incidents.findIndex(({ phase }) => phase === 'end' || phase === 'known'),
  )
}

/** They are told however much else there is. */
function passes({ reason }: Alert): boolean {
  return reason === 'ceiling' || reason === 'new' || reason === 'nameless'
}

/** What growth is measured by: the whole upload, or what else the alert counts. */
function amountOf({ bytes, seen, unit }: Alert): { amount: number; unit: string } {
  return { amount: unit === 'bytes' && bytes > 0 ? bytes : seen, unit }
}

function toldOf(alert: Alert, phase: ToldIncident['phase']): ToldIncident {
  return {
    id: noticeId(alert),
    phase,
    ...amountOf(alert),
    at: 0,
    messages: 0,
    notifications: 0,
    hasRun: !alert.isOver,
  }
}

function hasGrown(known: ToldIncident, alert: Alert): boolean {
  return isTimes(known, alert, GROWTH)
}

function isTimes(known: ToldIncident, alert: Alert, factor: number): boolean {
  return amountOf(alert).amount >= factor * Math.max(1, known.amount ?? Infinity)
}

/** The device with the most first. */
function countsOf(summed: readonly SummedIncident[]): DeviceCount[] {
  const counts = new Map<string, DeviceCount>()
  for (const { device, name } of summed) {
    const key = device ?? ''
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { name, count: 1 })
    else known.count++
  }
  return [...counts.values()].sort((one, other) => other.count - one.count)
}

function devicesOf(summed: readonly SummedIncident[]): string[] {
  return [...new Set(summed.flatMap(({ device }) => (device === null ? [] : [device])))]
}
