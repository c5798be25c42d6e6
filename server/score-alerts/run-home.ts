// A simulated home through the engines of events and alerts, as a live session feeds them.
import type { Alert } from '../alerts/alert.ts'
import { AlertEngine } from '../alerts/engine.ts'
import { DEFAULT_SETTINGS } from '../alerts/settings.ts'
import { EventEngine } from '../events/engine.ts'
import { CELL_LENGTH, LOOKUP_LENGTH } from '../model/batch.ts'
import type { Rules } from '../rulebook/open.ts'
import type { SimulatedHome } from '../simulate/home.ts'
import { LEARNING_DAYS } from '../simulate/incidents/plan.ts'
import { HOUR, START } from '../simulate/tape.ts'
import { type FalseAlert, Scorer, type Told } from './scorer.ts'

/** More sent in a second may be part of an upload: the clock goes on in small steps for a while after it. */
const UPLOAD_BYTES = 2_000
const AFTER_UPLOAD_SECONDS = 40
const SMALL_STEP_SECONDS = 2
const STEP_SECONDS = 60
const MINUTE = 60

export interface HomeScore {
  home: SimulatedHome
  told: Told[]
  falseAlerts: FalseAlert[]
}

export function runHome(home: SimulatedHome, rules: Rules): HomeScore {
  const scorer = new Scorer(home)
  const run = new HomeRun(home, rules, (alert, now) => scorer.told(alert, now))
  const decisions = [...home.decisions].sort((one, other) => one.at - other.at)
  for (let hour = 0; hour < home.hours; hour++) {
    const end = START + (hour + 1) * HOUR
    const cells = home.cells(hour)
    const lookups = home.isLookupsOnly ? home.lookups(hour) : new Float64Array(0)
    while (decisions.length > 0 && decisions[0].at < end) {
      const [{ at, incident, decision }] = decisions.splice(0, 1)
      run.goOn(cells, lookups, at)
      for (const id of scorer.alertsOf(incident)) run.decide(id, decision)
    }
    run.goOn(cells, lookups, end)
    run.startHour()
  }
  return { home, told: scorer.incidents(), falseAlerts: scorer.falseAlerts() }
}

class HomeRun {
  private readonly events: EventEngine
  private readonly alerts: AlertEngine
  private now = START
  private uploaded = Number.NEGATIVE_INFINITY
  private at = 0
  private lookupAt = 0

  constructor({ devices, endpoints }: SimulatedHome, rules: Rules, onAlert: (alert: Alert, now: number) => void) {
    this.alerts = new AlertEngine({
      settings: { ...DEFAULT_SETTINGS, learningDays: LEARNING_DAYS },
      timeZone: 'UTC',
      familyOf: (company) => rules.companies.parentOf(company),
      onAlert: (alert) => onAlert(alert, this.now),
    })
    this.events = new EventEngine(rules.events, {
      event: (event) => this.alerts.event(event),
      withdrawn: () => undefined,
    })
    this.events.addEndpoints(endpoints)
    this.alerts.addEndpoints(endpoints)
    for (const [index, { id, name, kind, vendor, firstSeen }] of devices.entries()) {
      this.events.setKind(index, kind, vendor)
      this.alerts.setDevice(index, { id, name, kind, firstSeen })
    }
  }

  startHour(): void {
    this.at = 0
    this.lookupAt = 0
  }

  /** What comes before `until`, a second at a time, and the clock up to it. */
  goOn(cells: Float64Array, lookups: Float64Array, until: number): void {
    while (this.at < cells.length || this.lookupAt < lookups.length) {
      const next = Math.min(cells[this.at] ?? until, lookupTime(lookups, this.lookupAt, until))
      if (next >= until) break
      this.waitUntil(next - 1)
      this.now = next
      this.addSecond(cells, next)
      this.addLookups(lookups, next)
      this.mark(next)
    }
    this.waitUntil(until - 1)
  }

  decide(id: string, decision: 'it-was-me' | 'expected'): void {
    if (decision === 'it-was-me') this.alerts.itWasMe(id)
    else this.alerts.expectFromNowOn(id)
  }

  private addSecond(cells: Float64Array, second: number): void {
    const { at } = this
    let end = at
    for (; end < cells.length && cells[end] === second; end += CELL_LENGTH)
      if (cells[end + 3] >= UPLOAD_BYTES) this.uploaded = second
    if (end === at) return
    const batch = cells.subarray(at, end)
    this.events.add(batch)
    this.alerts.add(batch)
    this.at = end
  }

  private addLookups(lookups: Float64Array, second: number): void {
    const at = this.lookupAt
    let end = at
    while (lookupTime(lookups, end, Number.NaN) === second) end += LOOKUP_LENGTH
    if (end === at) return
    this.alerts.addLookups(lookups.subarray(at, end))
    this.lookupAt = end
  }

  /** The clock goes on without a packet. */
  private waitUntil(second: number): void {
    for (;;) {
      const step = this.now - this.uploaded < AFTER_UPLOAD_SECONDS ? SMALL_STEP_SECONDS : STEP_SECONDS
      if (this.now + step > second) return
      this.now += step
      this.mark(this.now)
    }
  }

  private mark(second: number): void {
    this.events.mark(second)
    this.alerts.mark(second)
  }
}

/** Look-ups of a minute are handed over in its last second. */
function lookupTime(lookups: Float64Array, at: number, otherwise: number): number {
  return at < lookups.length ? lookups[at] + MINUTE - 1 : otherwise
}
