// Incidents of a simulated fortnight that are found, how soon, and what else is reported.
import { fileURLToPath } from 'node:url'
import type { Alert } from '../../server/alerts/alert.ts'
import { AlertEngine } from '../../server/alerts/engine.ts'
import { DEFAULT_SETTINGS } from '../../server/alerts/settings.ts'
import { messageOf } from '../../server/alerts/words.ts'
import { EventEngine } from '../../server/events/engine.ts'
import { compileEventRules } from '../../server/events/rules.ts'
import { readRules } from '../../server/rulebook/read.ts'
import { simulateHome, type SimulatedHome } from './home.ts'
import { LEARNING_DAYS, START } from './lives.ts'
import type { Incident } from './lives.ts'

export interface Outcome {
  seed: number
  story: string
  /**
   * Seconds from when an incident was due to its alert, negative where it was reported before; null where it was
   * missed.
   */
  delays: { kind: Incident['kind']; fromDue: number | null; fromBegin: number | null }[]
  /** Alerts after the learning days that none of the incidents explains. */
  others: string[]
}

const RULES = fileURLToPath(new URL('../../rules', import.meta.url))
/** Cells handed over at a time cover so many seconds: a batch of a live session covers one. */
const BATCH_SECONDS = 5

export function runFortnight(seed: number, periods?: readonly number[]): Outcome {
  const home = simulateHome(seed, periods)
  const reported = watch(home)
  const explained = new Set<string>()
  const delays = home.incidents.map((incident) => {
    // One that was told before it began is of something else.
    const found = reported.find(({ alert, at }) => at >= incident.begins && isOf(alert, incident))
    for (const { alert } of reported) if (isOf(alert, incident) || isAbout(alert, incident)) explained.add(alert.id)
    return {
      kind: incident.kind,
      fromDue: found === undefined ? null : found.at - incident.due,
      fromBegin: found === undefined ? null : found.at - incident.begins,
    }
  })
  const others = reported
    .filter(({ alert, at }) => at >= START + LEARNING_DAYS * 86_400 && !explained.has(alert.id))
    .map(({ alert }) => {
      const device = home.devices.find(({ id }) => id === alert.device)?.name ?? null
      return messageOf(alert, { device, company: alert.company })
    })
  return { seed, story: home.story, delays, others }
}

/** Every alert with the capture time at which it was first reported. */
function watch(home: SimulatedHome): { alert: Alert; at: number }[] {
  const files = readRules(RULES)
  const parents = new Map([...files.companies].map(([slug, { partOf }]) => [slug, partOf]))
  const reported = new Map<string, { alert: Alert; at: number }>()
  let now = START
  const alerts = new AlertEngine({
    settings: { ...DEFAULT_SETTINGS, learningDays: LEARNING_DAYS },
    timeZone: 'UTC',
    onAlert: (alert) => reported.has(alert.id) || reported.set(alert.id, { alert, at: now }),
  })
  const events = new EventEngine(compileEventRules(files.events, parents), {
    event: (event) => alerts.event(event),
    withdrawn: () => undefined,
  })
  events.addEndpoints(home.endpoints)
  alerts.addEndpoints(home.endpoints)
  for (const [index, device] of home.devices.entries()) {
    events.setKind(index, device.kind)
    alerts.setDevice(index, device)
  }
  const { cells } = home
  for (let at = 0; at < cells.length;) {
    const until = cells[at] + BATCH_SECONDS
    let end = at
    while (end < cells.length && cells[end] < until) end += 5
    now = cells[end - 5]
    const batch = cells.subarray(at, end)
    events.add(batch)
    alerts.add(batch)
    events.mark(now)
    alerts.mark(now)
    at = end
  }
  events.finish()
  alerts.finish()
  return [...reported.values()]
}

/** A device that uploads at night, or meets a company, may be told by any detector that judges it. */
const TOLD_AS: Record<Incident['kind'], readonly string[]> = {
  'quiet-hours': ['quiet-hours', 'upload-spike', 'long-upload', 'large-upload', 'camera-busy'],
  'voice-busy': ['voice-busy'],
  'new-company': ['new-company', 'new-tracker', 'new-destination', 'new-tracker'],
}

function isOf(alert: Alert, { kind, device, begins }: Incident): boolean {
  return TOLD_AS[kind].includes(alert.kind) && alert.device === device && alert.to >= begins
}

/** What another detector sees of the same bytes is explained by the incident. */
function isAbout(alert: Alert, { kind, device, begins, due }: Incident): boolean {
  const isSame = TOLD_AS[kind === 'new-company' ? kind : 'quiet-hours'].includes(alert.kind)
  return isSame && alert.device === device && alert.to >= begins && alert.to <= due + 3_600
}
