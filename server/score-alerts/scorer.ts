// Which incidents of a home were told, how soon, and which alerts nothing explains.
import type { Alert } from '../alerts/alert.ts'
import type { AlertKind } from '../alerts/detectors/index.ts'
import type { EventEndpoint } from '../events/event.ts'
import type { Incident, IncidentKind } from '../simulate/incident.ts'
import type { SimulatedHome } from '../simulate/home.ts'
import { Pushes } from './pushes.ts'

/** What belongs to an incident may be told so long after its time. */
const AFTERMATH_SECONDS = 7_200
/** Windows and sums of detectors begin so much before what they find. */
const BEFORE_SECONDS = 600
/** Look-ups are told by the minute in which they were. */
const MINUTE = 60
/** A device is new for so long. */
const NEW_SECONDS = 86_400

export interface Told {
  incident: Incident
  /** Seconds from the moment at which it could be told to when it was; null where it was missed. */
  delay: number | null
  pushes: number
}

/** An alert as it was when it was first told. */
export interface FalseAlert {
  alert: Alert
  at: number
}

/** One id of an alert. */
interface Followed {
  first: Alert
  at: number
  bytes: number
  isExplained: boolean
  /** Bytes that it had when an incident was first seen in it, by the incident's id. */
  before: Map<number, number>
  incidents: Set<number>
}

/** Only these kinds tell it; any that names the device, and where it sends, does for the others. */
const KINDS: Partial<Record<IncidentKind, readonly string[]>> = {
  'look-ups: new device': ['new-device'],
  'look-ups: silence': ['silent'],
}
/** These are about something else than what a device sends. */
const OTHER_MATTERS: readonly AlertKind[] = ['silent', 'new-device', 'source-stopped', 'engine-stopped']

export type ScoredHome = Pick<SimulatedHome, 'devices' | 'endpoints' | 'incidents'>

/** Feed it each alert and update in the order of time. */
export class Scorer {
  private readonly home: ScoredHome
  private readonly alerts = new Map<string, Followed>()
  private readonly delays = new Map<number, number>()
  private readonly pushes = new Pushes()
  /** Incidents that are not over at the time of the last alert, by their beginning. */
  private coming: Incident[]
  private current: Incident[] = []

  constructor(home: ScoredHome) {
    this.home = home
    this.coming = [...home.incidents].sort((one, other) => one.begin - other.begin)
  }

  told(alert: Alert, now: number): void {
    this.advance(now)
    const device = this.home.devices.find(({ id }) => id === alert.device)
    const isMessage = this.pushes.tell(alert, device?.name ?? 'The home', now)
    if (alert.state !== 'open') return
    const known = this.alerts.get(alert.id)
    const followed = known ?? this.follow(alert, now)
    for (const incident of this.current) {
      if (this.home.devices[incident.device].id !== alert.device) continue
      if (known === undefined && isOfItsTime(alert, incident, now)) followed.isExplained = true
      if (now > incident.due || !this.isAbout(alert, incident)) continue
      if (!followed.before.has(incident.id)) followed.before.set(incident.id, known?.bytes ?? 0)
      if (!isNews(followed, alert, incident, isMessage)) continue
      followed.incidents.add(incident.id)
      if (!this.delays.has(incident.id)) this.delays.set(incident.id, Math.max(0, now - incident.floorAt))
    }
    followed.bytes = alert.bytes
  }

  /** Ids of the alerts that told the incident. */
  alertsOf(incident: number): string[] {
    return [...this.alerts].filter(([, { incidents }]) => incidents.has(incident)).map(([id]) => id)
  }

  incidents(): Told[] {
    const pushes = (incident: Incident): number =>
      this.alertsOf(incident.id).reduce((sum, id) => sum + this.pushes.count(id), 0)
    return this.home.incidents.map((incident) => ({
      incident,
      delay: this.delays.get(incident.id) ?? null,
      pushes: pushes(incident),
    }))
  }

  falseAlerts(): FalseAlert[] {
    return [...this.alerts.values()]
      .filter(({ isExplained, first, at }) => !isExplained && !this.isOfNewDevice(first, at))
      .map(({ first, at }) => ({ alert: first, at }))
  }

  private follow(alert: Alert, at: number): Followed {
    const first = { ...alert, destinations: alert.destinations.map((one) => ({ ...one })) }
    const followed = {
      first,
      at,
      bytes: 0,
      isExplained: false,
      before: new Map<number, number>(),
      incidents: new Set<number>(),
    }
    this.alerts.set(alert.id, followed)
    return followed
  }

  private advance(now: number): void {
    while (this.coming.length > 0 && this.coming[0].begin <= now) this.current.push(...this.coming.splice(0, 1))
    if (this.current.some((one) => isPast(one, now))) this.current = this.current.filter((one) => !isPast(one, now))
  }

  /** A device that is new to the home is told rightly. */
  private isOfNewDevice({ kind, device }: Alert, at: number): boolean {
    const facts = this.home.devices.find(({ id }) => id === device)
    return kind === 'new-device' && facts !== undefined && at - facts.firstSeen < NEW_SECONDS
  }

  /** The alert names the far end of the incident, where that has one. */
  private isAbout(alert: Alert, { kind, bytes, endpoints, begin }: Incident): boolean {
    if (alert.to < begin - MINUTE) return false
    const kinds = KINDS[kind]
    if (kinds !== undefined) return kinds.includes(alert.kind)
    if (OTHER_MATTERS.includes(alert.kind)) return false
    if (endpoints.length === 0) return true
    // What is no upload may be told of the device alone.
    if (bytes === 0 && alert.company === null && alert.destinations.length === 0) return true
    return endpoints.some((number) => names(alert, this.home.endpoints[number - 1]))
  }
}

function isPast({ due, end }: Incident, now: number): boolean {
  return now > Math.max(due, end) + AFTERMATH_SECONDS
}

function isOfItsTime({ from, to }: Alert, { begin, end, due }: Incident, now: number): boolean {
  return (
    to >= begin - MINUTE && from >= begin - 86_400 && (from <= end + BEFORE_SECONDS || now <= due + AFTERMATH_SECONDS)
  )
}

/**
 * It says something that was not told before the incident: a new alert, or one that has grown by as much as makes an
 * incident. After a decision only a new alert does; right after another upload only what makes a message.
 */
function isNews(followed: Followed, alert: Alert, incident: Incident, isMessage: boolean): boolean {
  if (followed.at >= incident.begin) return true
  if (incident.kind.startsWith('after ')) return false
  const grown = alert.bytes - (followed.before.get(incident.id) ?? 0)
  if (grown < Math.min(200_000, incident.bytes / 2) || incident.bytes === 0) return false
  return incident.kind !== 'right after another' || isMessage
}

function names({ destinations, company }: Alert, endpoint: EventEndpoint): boolean {
  if (company !== null && company === endpoint.company) return true
  return destinations.some(
    (one) =>
      (one.address !== null && one.address === endpoint.address) ||
      (one.host !== null && one.host === endpoint.host) ||
      (one.host === null && one.address === null && one.company !== null && one.company === endpoint.company),
  )
}
