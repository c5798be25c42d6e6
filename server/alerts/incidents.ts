// Incidents: which findings belong together, and what the owner decided about them.
import type { Alert, Finding } from './alert.ts'
import { type AlertKind, detectorOf } from './detectors/index.ts'

/** Silences alerts; null stands for every device or company. `until` null: until it is taken back. */
export interface Mute {
  device: string | null
  company: string | null
  kind: AlertKind
  until: number | null
}

/** "Expected from now on": up to this much of it is no alert any more. */
export interface Expectation {
  device: string | null
  company: string | null
  kind: AlertKind
  upTo: number
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
const EXPECTED_FACTOR = 1.5

export function newIncidentMemory(): IncidentMemory {
  return { alerts: [], mutes: [], expectations: [], next: 1 }
}

/** The incident that the finding begins or prolongs; null where it is muted or expected. `coolDown` in seconds. */
export function addFinding(memory: IncidentMemory, finding: Finding, coolDown: number): Alert | null {
  if (isMuted(memory, finding) || isExpected(memory, finding)) return null
  // One that ended days later is of a time when the clock was wrong.
  const isNear = (alert: Alert): boolean => finding.from - alert.to <= coolDown && alert.to - finding.to <= DAY
  const open = memory.alerts.findLast((alert) => isNear(alert) && isSame(alert, finding))
  const sameIncident =
    open === undefined ? memory.alerts.findLast((alert) => isNear(alert) && isSameIncident(alert, finding)) : undefined
  if (sameIncident !== undefined) {
    sameIncident.to = Math.max(sameIncident.to, finding.to)
    sameIncident.times++
    return sameIncident
  }
  if (open === undefined) return begin(memory, finding)
  open.to = Math.max(open.to, finding.to)
  open.times++
  if (finding.seen > open.seen) {
    // The peak is reported; what was usual then goes with it.
    Object.assign(open, {
      seen: finding.seen,
      usual: finding.usual,
      sent: finding.sent,
      received: finding.received,
      sure: Math.max(open.sure, finding.sure),
      detail: finding.detail,
    })
  }
  if (open.learning && !finding.learning) open.learning = false
  return open
}

function begin(memory: IncidentMemory, finding: Finding): Alert {
  const alert: Alert = {
    ...finding,
    id: `alert-${memory.next++}`,
    direction: finding.sent === 0 && finding.received === 0 ? 'none' : 'out',
    times: 1,
    state: 'open',
    bytes: 0,
    peak: 0,
    isOver: true,
    destinations: [],
  }
  memory.alerts.push(alert)
  if (memory.alerts.length > MAX_ALERTS) memory.alerts.shift()
  return alert
}

/**
 * "It was me": this incident is explained; the next of its kind is reported again. Null where there is no such alert.
 */
export function itWasMe(memory: IncidentMemory, id: string): Alert | null {
  const alert = memory.alerts.find((one) => one.id === id)
  if (alert === undefined) return null
  alert.state = 'it-was-me'
  return alert
}

/** "Expected from now on": as much of the same is no alert any more. */
export function expectFromNowOn(memory: IncidentMemory, id: string): Alert | null {
  const alert = memory.alerts.find((one) => one.id === id)
  if (alert === undefined) return null
  alert.state = 'expected'
  const { device, company, kind, seen } = alert
  const known = memory.expectations.find((one) => isSame(one, alert))
  if (known === undefined) remember(memory.expectations, { device, company, kind, upTo: seen })
  else known.upTo = Math.max(known.upTo, seen)
  return alert
}

/** Takes a decision back: the alert is open again, and more of the same is reported. */
export function reopen(memory: IncidentMemory, id: string): Alert | null {
  const alert = memory.alerts.find((one) => one.id === id)
  if (alert === undefined) return null
  if (alert.state === 'expected') memory.expectations = memory.expectations.filter((one) => !isSame(one, alert))
  alert.state = 'open'
  return alert
}

export function mute(memory: IncidentMemory, choice: Mute): void {
  unmute(memory, choice)
  remember(memory.mutes, choice)
}

export function unmute(memory: IncidentMemory, choice: Pick<Mute, 'device' | 'company' | 'kind'>): void {
  memory.mutes = memory.mutes.filter((one) => !isSame(one, choice))
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

function isMuted({ mutes }: IncidentMemory, { device, company, kind, to }: Finding): boolean {
  return mutes.some(
    (one) =>
      one.kind === kind &&
      (one.device === null || one.device === device) &&
      (one.company === null || one.company === company) &&
      (one.until === null || to < one.until),
  )
}

function isExpected({ expectations }: IncidentMemory, finding: Finding): boolean {
  return expectations.some((one) => isSame(one, finding) && finding.seen <= one.upTo * EXPECTED_FACTOR)
}

type Subject = Pick<Finding, 'device' | 'company' | 'kind'>

function isSame(one: Subject, other: Subject): boolean {
  return one.kind === other.kind && one.device === other.device && one.company === other.company
}

/** Detectors of one group see the same thing. */
function isSameIncident(one: Subject, other: Subject): boolean {
  const { group } = detectorOf(one.kind)
  return (
    group !== null &&
    group === detectorOf(other.kind).group &&
    one.device === other.device &&
    (one.company === null || other.company === null || one.company === other.company)
  )
}

function remember<Entry>(list: Entry[], entry: Entry): void {
  list.push(entry)
  if (list.length > MAX_DECISIONS) list.shift()
}
