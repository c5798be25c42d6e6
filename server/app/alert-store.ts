// The store of alerts over a restart: learned habits and decisions, the last events, and each alert's evidence.
import type { AlertAnswers, AlertSeries } from '../api.ts'
import type { AlertKind } from '../alerts/detectors/index.ts'
import type { Found } from '../alerts/found.ts'
import { type KeptMemory, withAlerts, withFinding, withoutDevices } from '../alerts/kept-memory.ts'
import { type AlertMemory, readAlertMemory } from '../alerts/memory.ts'
import { DEFAULT_SETTINGS } from '../alerts/settings.ts'
import { ActivityLog } from '../detection/activity-log.ts'
import type { Log } from '../log.ts'
import type { Session } from '../session/session.ts'
import type { DeviceEvent } from '../detection/activity.ts'
import { purgeAll, type Stored } from '../store/stored.ts'

/** Events kept over a restart: some days of a home. */
export const MAX_KEPT_EVENTS = 5_000
/** Alerts whose minutes are kept: about ten kilobytes each. */
export const MAX_EVIDENCE = 100
/** New alerts and decisions are on the disk this soon; habits and events as seldom as the traffic history. */
const SOON_MS = 3_000

export interface KeptAlerts {
  memory: AlertMemory | null
}
export interface KeptEvents {
  events: DeviceEvent[]
}
export interface Evidence {
  device: string | null
  /** Clock of the traffic history when it was collected: what came later is not in it. */
  at: number
  series: AlertSeries
  answers: AlertAnswers
}
export interface KeptEvidence {
  evidence: Record<string, Evidence>
}

export interface AlertStoreOptions {
  alerts: Stored<KeptAlerts>
  events: Stored<KeptEvents>
  evidence: Stored<KeptEvidence>
  saveEverySeconds: () => number
  log: Log
}

export class AlertStore {
  private readonly options: AlertStoreOptions
  private session: Session | null = null
  private readonly states = new Map<string, string>()
  private soon: NodeJS.Timeout | null = null
  private regular: NodeJS.Timeout | null = null
  private interval = 0

  constructor(options: AlertStoreOptions) {
    this.options = options
  }

  get memory(): AlertMemory | null {
    return this.options.alerts.data.memory
  }

  /** What was kept of events beside the history, and whether older ones had made room. */
  get keptEvents(): { events: DeviceEvent[]; isCut: boolean } {
    const { events } = this.options.events.data
    return { events, isCut: events.length >= MAX_KEPT_EVENTS }
  }

  /** The activity log of a new live session, with the events from before. */
  openActivityLog(): ActivityLog {
    return new ActivityLog(MAX_KEPT_EVENTS, this.options.events.data.events)
  }

  /** Keeps what the session learns. */
  follow(session: Session): void {
    this.session = session
    this.states.clear()
    session.on('memory', (memory) => {
      this.options.alerts.data.memory = memory
    })
    session.on('activity', ({ alerts, mutes }) => {
      // One that goes on changes every second: that can wait.
      const isNew = alerts.filter(({ id, state }) => this.states.get(id) !== state).length > 0
      for (const { id, state } of alerts) this.states.set(id, state)
      if (isNew || mutes !== null) this.saveSoon()
    })
    this.planRegular()
  }

  /** Raises what was found about the home from outside the session's thread. */
  raise(session: Session, kept: Omit<KeptMemory, 'memory'>, kind: AlertKind, found: Found): void {
    this.catchUp(session, kept)
    const { data } = this.options.alerts
    const { memory, alert } = withFinding({ ...kept, memory: data.memory }, kind, found)
    data.memory = memory
    if (alert !== null) session.raise(alert)
  }

  /** What the session emitted since its thread last handed over its memory goes into the memory that is kept. */
  catchUp(session: Session, kept: Omit<KeptMemory, 'memory'>): void {
    const { data } = this.options.alerts
    data.memory = withAlerts({ ...kept, memory: data.memory }, session.activity.allAlerts())
  }

  evidenceOf(id: string): Evidence | null {
    const { evidence } = this.options.evidence.data
    return Object.hasOwn(evidence, id) ? (evidence[id] ?? null) : null
  }

  keepEvidence(id: string, evidence: Evidence): void {
    const { data } = this.options.evidence
    delete data.evidence[id]
    Object.defineProperty(data.evidence, id, { value: evidence, enumerable: true, configurable: true, writable: true })
    for (const oldest of Object.keys(data.evidence).slice(0, -MAX_EVIDENCE)) delete data.evidence[oldest]
  }

  /** Writes down everything as it is. */
  async save(): Promise<void> {
    const { alerts, events, evidence } = this.options
    if (this.session === null) return
    await this.session.remember()
    events.data.events = this.session.activity.allEvents()
    await Promise.all([alerts.save(), events.save(), evidence.save()])
  }

  /** Habits and decisions as the session has them now; nothing where it is not the home that is kept. */
  async saveMemory(session: Session): Promise<void> {
    if (session !== this.session) return
    const memory = await session.remember()
    if (memory !== null) this.options.alerts.data.memory = memory
    await this.options.alerts.save()
  }

  /**
   * Nothing of the devices stays. To be called once the session has forgotten them. Resolves to how many files were
   * rewritten.
   */
  async forget(ids: readonly string[]): Promise<number> {
    const { alerts, events, evidence } = this.options
    const gone = new Set(ids)
    const memory = (await this.session?.remember()) ?? null
    // A thread that is lost, or busy, has not forgotten them: its memory is not asked for again.
    const kept = { settings: DEFAULT_SETTINGS, timeZone: 'UTC', memory: alerts.data.memory }
    alerts.data.memory = memory ?? (kept.memory === null ? null : withoutDevices(kept, ids))
    events.data.events = (this.session?.activity.allEvents() ?? events.data.events).filter(
      ({ device }) => !gone.has(device),
    )
    for (const [id, { device, answers }] of Object.entries(evidence.data.evidence)) {
      if (device !== null && gone.has(device)) delete evidence.data.evidence[id]
      else if (answers.triggered !== null)
        answers.triggered.people = answers.triggered.people.filter((person) => !gone.has(person))
    }
    return purgeAll([alerts, events, evidence])
  }

  /** Called once the session has stopped and emitted its last. */
  async close(): Promise<void> {
    if (this.soon !== null) clearTimeout(this.soon)
    if (this.regular !== null) clearInterval(this.regular)
    this.interval = 0
    await this.trySave()
    this.session = null
  }

  private saveSoon(): void {
    this.soon ??= setTimeout(() => {
      this.soon = null
      void this.trySave()
    }, SOON_MS)
  }

  /** To be called again where the settings were changed. */
  planRegular(): void {
    if (this.session === null || this.interval === this.options.saveEverySeconds()) return
    if (this.regular !== null) clearInterval(this.regular)
    this.interval = this.options.saveEverySeconds()
    this.regular = setInterval(() => void this.trySave(), this.interval * 1000)
  }

  private async trySave(): Promise<void> {
    await this.save().catch((err: unknown) => this.options.log.error({ err }, 'Alerts could not be saved'))
  }
}

/** What stored files say, as far as they can be used. */
export function readKeptAlerts(stored: unknown): KeptAlerts {
  const { memory } = (stored ?? {}) as Partial<Record<keyof KeptAlerts, unknown>>
  return { memory: readAlertMemory(memory) }
}

export function readKeptEvents(stored: unknown): KeptEvents {
  const { events } = (stored ?? {}) as Partial<KeptEvents>
  return { events: Array.isArray(events) ? events.filter(isEvent) : [] }
}

function isEvent(value: unknown): value is DeviceEvent {
  const { id, at, device, kind, purpose, sent, received } = (value ?? {}) as Partial<DeviceEvent>
  return (
    [id, device, kind, purpose].every((text) => typeof text === 'string') && [at, sent, received].every(Number.isFinite)
  )
}

export function readKeptEvidence(stored: unknown): KeptEvidence {
  const { evidence } = (stored ?? {}) as Partial<KeptEvidence>
  const read: KeptEvidence = { evidence: {} }
  for (const [id, one] of Object.entries(evidence ?? {})) {
    if (Array.isArray(one?.series?.sent) && typeof one.answers === 'object')
      Object.defineProperty(read.evidence, id, { value: one, enumerable: true, configurable: true, writable: true })
  }
  return read
}
