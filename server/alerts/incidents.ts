// Incidents: which findings belong together, and what the owner decided about them.
import type { Alert, Finding } from './alert.ts'
import { type AlertKind, detectorOf } from './detectors/index.ts'
import { MOST_RANK, rankOf } from './rank.ts'

/** Silences alerts; null stands for every device or company. `until` null: until it is taken back. */
export interface Mute {
  device: string | null
  company: string | null
  kind: AlertKind
  until: number | null
  /** Of an alert about one destination: only that one. Null, as in version 0.1.0: all of the company. */
  destination?: string | null
}

/** "Expected from now on": up to this much of it is no alert any more. */
export interface Expectation {
  device: string | null
  company: string | null
  kind: AlertKind
  upTo: number
  /** Null, as in version 0.1.0: all of the company. */
  destination?: string | null
  /** First and last hour of the day in which it is expected; null: at any time. */
  hours?: [number, number] | null
}

/** What survives a restart. */
export interface IncidentMemory {
  /** Latest incidents, the oldest first. */
  alerts: Alert[]
  mutes: Mute[]
  expectations: Expectation[]
  next: number
}

const DAY = 86_400
export const MAX_ALERTS = 500
export const MAX_DECISIONS = 1_000
/** What was expected once may be somewhat more the next time. */
export const EXPECTED_FACTOR = 1.5

export function newIncidentMemory(): IncidentMemory {
  return { alerts: [], mutes: [], expectations: [], next: 1 }
}

/**
 * The incident that the finding begins or prolongs; null where it is muted, expected or decided. `coolDown` in seconds.
 * With `goesOn` it is the same time that it happened.
 * Findings of uploads are joined by UploadIncidents.
 */
export function addFinding(
  memory: IncidentMemory,
  finding: Finding,
  coolDown: number,
  hour: number | null = null,
  goesOn = false,
): Alert | null {
  if (isUnwanted(memory, finding, hour)) return null
  // One that ended days later is of a time when the clock was wrong.
  const isNear = (alert: Alert): boolean => finding.from - alert.to <= coolDown && alert.to - finding.to <= DAY
  const last = memory.alerts.findLast((alert) => isNear(alert) && isSame(alert, finding))
  if (last === undefined) return begin(memory, finding)
  // What goes on while the owner decides is decided; what comes after it is told again.
  if (last.state !== 'open') return finding.from <= last.to ? extend(last, finding) : begin(memory, finding)
  if (!goesOn) last.times++
  return extend(last, finding)
}

function extend(alert: Alert, finding: Finding): Alert | null {
  alert.to = Math.max(alert.to, finding.to)
  if (finding.seen > alert.seen) {
    // The peak is reported; what was usual then goes with it.
    const { seen, usual, sent, received, detail, blocked } = finding
    if (blocked !== undefined) alert.blocked = blocked
    Object.assign(alert, { seen, usual, sent, received, detail, sure: Math.max(alert.sure, finding.sure) })
  }
  if (alert.learning && !finding.learning) alert.learning = false
  return alert.state === 'open' ? alert : null
}

export function begin(memory: IncidentMemory, finding: Finding): Alert {
  const alert: Alert = {
    ...finding,
    reason: finding.reason ?? null,
    id: `alert-${memory.next++}`,
    direction: finding.sent === 0 && finding.received === 0 ? 'none' : 'out',
    times: 1,
    state: 'open',
    bytes: 0,
    peak: 0,
    isOver: true,
    destinations: [],
    decided: null,
  }
  memory.alerts.push(alert)
  if (memory.alerts.length > MAX_ALERTS) dropLeast(memory.alerts)
  return alert
}

function dropLeast(alerts: Alert[]): void {
  alerts.splice(alerts.indexOf(leastSerious(alerts)), 1)
}

/** Of the older half the least serious, decided ones first: what makes room in a full list. */
export function leastSerious(alerts: readonly Alert[]): Alert {
  const weight = (alert: Alert): number => rankOf(alert) + (alert.state === 'open' ? MOST_RANK : 0)
  let least = alerts[0]
  for (let at = 1; at < alerts.length / 2; at++) if (weight(alerts[at]) < weight(least)) least = alerts[at]
  return least
}

/**
 * "It was me": this incident is explained; the next of its kind is reported again. Null where there is no such alert.
 */
export function itWasMe(memory: IncidentMemory, id: string, now: number): Alert | null {
  const alert = memory.alerts.find((one) => one.id === id)
  return alert === undefined ? null : decide(alert, 'it-was-me', now)
}

/** "Expected from now on": as much of the same, about the same time of the day, is no alert any more. */
export function expectFromNowOn(
  memory: IncidentMemory,
  id: string,
  now: number,
  hours: [number, number] | null = null,
): Alert | null {
  const alert = memory.alerts.find((one) => one.id === id)
  if (alert === undefined) return null
  const { device, company, kind, destination } = alert
  const upTo = expectedSize(alert)
  const known = memory.expectations.find((one) => isSame({ destination: null, ...one }, alert))
  if (known === undefined) remember(memory.expectations, { device, company, kind, upTo, destination, hours })
  else {
    known.upTo = Math.max(known.upTo, upTo)
    const before = known.hours ?? null
    known.hours = before === null || hours === null ? null : joined(before, hours)
  }
  return decide(alert, 'expected', now)
}

/** In the alert's own unit. */
export function expectedSize({ seen, bytes }: Pick<Alert, 'seen' | 'bytes'>): number {
  return Math.max(seen, bytes)
}

function joined(one: [number, number], other: [number, number]): [number, number] {
  return [Math.min(one[0], other[0]), Math.max(one[1], other[1])]
}

/** Takes a decision back: the alert is open again, and more of the same is reported. */
export function reopen(memory: IncidentMemory, id: string): Alert | null {
  const alert = memory.alerts.find((one) => one.id === id)
  if (alert === undefined) return null
  if (alert.state === 'expected')
    memory.expectations = memory.expectations.filter((one) => !isSame({ destination: null, ...one }, alert))
  alert.state = 'open'
  alert.decided = null
  return alert
}

function decide(alert: Alert, state: 'it-was-me' | 'expected', at: number): Alert {
  alert.state = state
  // Before its first second after a restart the engine knows of no later time.
  alert.decided = { at: Number.isFinite(at) ? at : alert.to, bytes: alert.bytes, isOver: alert.isOver }
  return alert
}

export function mute(memory: IncidentMemory, choice: Mute): void {
  unmute(memory, choice)
  remember(memory.mutes, choice)
}

export function unmute(
  memory: IncidentMemory,
  choice: Pick<Mute, 'device' | 'company' | 'kind' | 'destination'>,
): void {
  memory.mutes = memory.mutes.filter(
    (one) =>
      !isCovered(one.kind, one.destination, choice.kind) ||
      one.device !== choice.device ||
      one.company !== choice.company ||
      (one.destination ?? choice.destination ?? null) !== (choice.destination ?? null),
  )
}

/** Nothing that names the devices stays. */
export function forgetIncidents(memory: IncidentMemory, devices: ReadonlySet<string>): void {
  const stays = ({ device }: { device: string | null }): boolean => device === null || !devices.has(device)
  // What the words need may name a second device.
  const isNamed = ({ detail }: Alert): boolean => detail?.split(' ').some((word) => devices.has(word)) === true
  memory.alerts = memory.alerts.filter((alert) => stays(alert) && !isNamed(alert))
  memory.mutes = memory.mutes.filter(stays)
  memory.expectations = memory.expectations.filter(stays)
}

/** Alerts of the kind since then are void. Returns their ids. */
export function withdraw(memory: IncidentMemory, kind: AlertKind, since: number): string[] {
  const isVoid = (alert: Alert): boolean => alert.kind === kind && alert.from >= since
  const ids = memory.alerts.filter(isVoid).map(({ id }) => id)
  memory.alerts = memory.alerts.filter((alert) => !isVoid(alert))
  return ids
}

/** Whether the owner silenced it, or said that it is expected. `hour`: of the local day; null where it has none. */
export function isUnwanted(memory: IncidentMemory, finding: Finding, hour: number | null): boolean {
  return isMuted(memory, finding) || isExpected(memory, finding, hour)
}

export function isMuted(
  { mutes }: { mutes: readonly Mute[] },
  { device, company, kind, to, destination }: Finding,
): boolean {
  return mutes.some(
    (one) =>
      isCovered(one.kind, one.destination, kind) &&
      (one.device === null || one.device === device) &&
      ((one.destination ?? null) !== null
        ? one.destination === destination
        : one.company === null || one.company === company) &&
      (one.until === null || to < one.until),
  )
}

function isExpected({ expectations }: IncidentMemory, finding: Finding, hour: number | null): boolean {
  return expectations.some(
    (one) =>
      isCovered(one.kind, one.destination, finding.kind) &&
      one.device === finding.device &&
      isAboutSame(one, finding) &&
      finding.seen <= one.upTo * EXPECTED_FACTOR &&
      isHour(one.hours ?? null, hour),
  )
}

/** Version 0.1.0 knew companies only, and of some uploads not even those. */
function isAboutSame({ destination, company, kind }: Expectation, finding: Finding): boolean {
  if ((destination ?? null) !== null && finding.destination !== null) return destination === finding.destination
  return company === finding.company || (company === null && detectorOf(kind).group !== null)
}

/**
 * A decision of version 0.1.0, which has no destination, is one about its own kind. Of what is more than usual it had
 * one kind where there are two now.
 */
function isCovered(decided: AlertKind, destination: string | null | undefined, kind: AlertKind): boolean {
  if ((destination ?? null) !== null) return isSameKind(decided, kind)
  return decided === kind || (decided === 'upload-spike' && kind === 'long-upload')
}

function isHour(hours: [number, number] | null, hour: number | null): boolean {
  return hours === null || hour === null || (hours[0] <= hour && hour <= hours[1])
}

type Subject = Pick<Finding, 'device' | 'company' | 'kind' | 'destination'>

/** A null destination is of version 0.1.0, which knew companies only. */
function isSame(one: Subject, other: Subject): boolean {
  return (
    isSameKind(one.kind, other.kind) &&
    one.device === other.device &&
    (one.destination !== null && other.destination !== null
      ? one.destination === other.destination
      : one.company === other.company)
  )
}

/** Detectors of uploads see the same bytes: a decision about one is one about all. */
function isSameKind(one: AlertKind, other: AlertKind): boolean {
  if (one === other) return true
  return detectorOf(one).group !== null && detectorOf(one).group === detectorOf(other).group
}

function remember<Entry>(list: Entry[], entry: Entry): void {
  list.push(entry)
  if (list.length > MAX_DECISIONS) list.shift()
}
