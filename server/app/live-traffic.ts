// The live home: which source fills which history, and which devices are known in it.
import type { KeptMemory } from '../alerts/kept-memory.ts'
import type { AlertSettings } from '../alerts/settings.ts'
import type { Level } from '../api.ts'
import type { Found } from '../alerts/found.ts'
import type { History } from '../history/history.ts'
import type { OnLost } from '../history/open.ts'
import type { HistorySettings } from '../history/settings.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../notify/queue.ts'
import { DeviceRegistry, type KnownDevice, type OwnerChoices } from '../session/device-registry.ts'
import type { KeptEvidence } from '../model/seen-device.ts'
import type { SessionPlan } from '../session/messages.ts'
import { Session } from '../session/session.ts'
import type { AlertStore } from './alert-store.ts'
import { decidedIds } from './decisions.ts'
import { causeOf, LiveSupervisor } from './live-supervisor.ts'
import type { FailedInput } from './failed-input.ts'
import { eventBatch } from '../model/batch.ts'
import type { Policy } from '../model/policy.ts'
import type { SourcePlan } from '../model/source-plan.ts'
import type { Stored } from '../store/stored.ts'
import { Teardown } from '../store/teardown.ts'

/** As kept on disk. */
export interface KnownDevices {
  devices: KnownDevice[]
}

const NOTHING_KNOWN = { mac: null, name: null, vendor: null, confidence: 0, privateMac: false }

/** What a stored file says, as far as it can be used. */
export function readKnownDevices(stored: unknown): KnownDevices {
  const { devices } = (stored ?? {}) as Partial<KnownDevices>
  const known = Array.isArray(devices) ? devices.filter(isKnownDevice) : []
  // What another version did not keep is not known.
  return { devices: known.map((device) => ({ ...NOTHING_KNOWN, ...device })) }
}

function isKnownDevice(value: unknown): value is KnownDevice {
  const { id, kind, why, addresses, firstSeen, lastSeen } = (value ?? {}) as Partial<KnownDevice>
  return (
    typeof id === 'string' &&
    typeof kind === 'string' &&
    Array.isArray(why) &&
    Array.isArray(addresses) &&
    Number.isFinite(firstSeen) &&
    Number.isFinite(lastSeen)
  )
}

export interface LiveTrafficOptions {
  workerFile: URL
  /** As in SessionPlan. */
  stateFolder?: string
  /** A thread that gives no sign of life for longer is given up. */
  lateAfterMs: number
  /** Opens the traffic history on disk; asked for once a source other than the sample is chosen. */
  openHistory: (onLost: OnLost) => Promise<History>
  known: Stored<KnownDevices>
  words: () => OwnerChoices
  newDeviceLevel: () => Level
  policy: (registry: DeviceRegistry) => Policy
  alertSettings: (isSample: boolean) => AlertSettings
  alertStore: AlertStore
  failedInput: FailedInput
  clock: Clock
  log: Log
  /** Another session took the place of one whose thread was lost. */
  onRestarted: (session: Session) => void
}

export interface LivePlan {
  source: SourcePlan
  home: string[]
  timeZone: string
}

export class LiveTraffic {
  private readonly options: LiveTrafficOptions
  private readonly supervisor: LiveSupervisor
  private session: Session | null = null
  private history: History | null = null
  private plan: LivePlan | null = null
  /** The settings that the traffic history goes by. */
  private configured = ''
  private playsSample = false
  private isClosed = false
  private isWatched = false
  /** Starts and restarts, one after the other. */
  private work: Promise<unknown> = Promise.resolve()

  constructor(options: LiveTrafficOptions) {
    this.options = options
    const { clock, log } = options
    const timeZone = (): string => this.plan?.timeZone ?? 'UTC'
    this.supervisor = new LiveSupervisor({ clock, log, timeZone, restart: () => this.restart() })
  }

  get current(): Session {
    if (this.session === null) throw new Error('The live session has not been started')
    return this.session
  }

  /** True while the sample plays: nothing of it is kept, or sent to anything but the page. */
  get isSample(): boolean {
    return this.playsSample
  }

  /** One sentence on a thread that was lost; null where all is well. */
  get problem(): string | null {
    return this.supervisor.problem
  }

  /** No thread reads packets now. */
  get isDown(): boolean {
    return this.supervisor.isDownNow
  }

  /** Starts the session of the plan in place of the one before; nothing happens where the plan is the same. */
  start(plan: LivePlan): Promise<boolean> {
    return this.inTurn(async () => {
      if (JSON.stringify(plan) === JSON.stringify(this.plan)) return false
      const before = this.session
      await before?.stop()
      await this.keepDevices()
      await this.options.alertStore.close()
      this.plan = plan
      const isSample = plan.source.kind === 'sample'
      this.session = await this.begin(plan, null)
      this.playsSample = isSample
      return true
    })
  }

  /** Takes over what the owner changed about the traffic history and how often things are written down. */
  async configure(settings: HistorySettings): Promise<void> {
    this.options.alertStore.planRegular()
    const text = JSON.stringify(settings)
    // A history that is opened later is opened with them.
    if (this.history !== null && text !== this.configured) await this.history.configure(settings)
    this.configured = text
  }

  /** Whether somebody looks at the live home. */
  setWatched(isWatched: boolean): void {
    this.isWatched = isWatched
    this.session?.setWatched(isWatched)
  }

  /** The machine's clock is right as it is, says the owner. */
  async believeClock(): Promise<void> {
    await this.history?.believeClock()
  }

  /** Writes down who is known, for after a restart. */
  async keepDevices(): Promise<void> {
    const { known } = this.options
    if (this.session === null || this.history === null || this.session.history !== this.history) return
    known.data.devices = this.session.registry.all()
    // What a full disk refuses is kept in memory, said, and tried again: nothing else waits for it.
    await known.save().catch(() => undefined)
  }

  /** Leaves nothing of the devices in the file of known devices. Resolves to how many files were rewritten. */
  async forget(ids: string[]): Promise<number> {
    const { known } = this.options
    // A session that was being started meanwhile may have begun with what was still known of them.
    await this.work
    if (this.supervisor.isRecent) await this.session?.forget(ids)
    const gone = new Set(ids)
    known.data.devices = known.data.devices.filter(({ id }) => !gone.has(id))
    return await known.purge()
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.supervisor.stop()
    await this.work
    // What one of them cannot write keeps none of the others from it.
    const parts = new Teardown()
    parts.add(() => this.history?.close())
    parts.add(() => this.options.alertStore.close())
    parts.add(() => this.keepDevices())
    parts.add(() => this.session?.stop())
    await parts.run()
  }

  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.work.then(work)
    this.work = result.catch(() => undefined)
    return result
  }

  private async begin(plan: LivePlan, before: Session | null): Promise<Session> {
    const session = plan.source.kind === 'sample' ? this.startSample(plan, before) : await this.startReal(plan, before)
    const { failedInput, log } = this.options
    if (this.isWatched) session.setWatched(true)
    session.on('fault', (fault) => void failedInput.note(fault))
    session.on('mistake', (err) => log.error({ err }, 'Events or alerts of a moment could not be worked out'))
    session.on('gone', (error) => {
      if (error !== null && session === this.session) this.lost(session, error)
    })
    return session
  }

  /**
   * The session's thread is gone, and with it what it had not handed over: from the last second that it did hand over
   * on there is a gap.
   */
  private lost(session: Session, error: Error): void {
    if (this.isClosed) return
    if (!session.hasOwnHistory) {
      const now = this.options.clock.now() / 1000
      const last = Number.isNaN(session.now) ? now : session.now
      this.history?.capturing(Math.floor(last), false)
      const found = foundAt(last, now, causeOf(error))
      this.options.alertStore.raise(session, this.forAlerts(), 'engine-stopped', found)
    }
    this.supervisor.lost(error)
  }

  /** The history's thread is gone: what is not committed is lost, as if the whole process had ended. */
  private lostHistory(history: History | null, error: Error): void {
    if (this.isClosed || history === null || history !== this.history) return
    const { session } = this
    this.history = null
    void session?.stop()
    if (session !== null) this.lost(session, error)
  }

  /** From what is kept, as at the start of the process. */
  private restart(): Promise<void> {
    return this.inTurn(async () => {
      const { session: before, plan } = this
      if (this.isClosed || before === null || plan === null || (!before.hasEnded && before.history === this.history))
        return
      await before.stop()
      if (!before.hasOwnHistory) this.options.alertStore.catchUp(before, this.forAlerts())
      this.options.known.data.devices = before.hasOwnHistory ? this.options.known.data.devices : before.registry.all()
      // A full disk must not keep the home from being watched.
      await Promise.all([this.options.known.save(), this.options.alertStore.close()]).catch((err: unknown) =>
        this.options.log.error({ err }, 'What was known before the engine stopped could not be written down'),
      )
      const session = await this.begin(plan, before)
      this.session = session
      this.options.onRestarted(session)
    })
  }

  /** The sample's history and devices live in its thread and go with it. */
  private startSample(plan: LivePlan, before: Session | null): Session {
    const registry = this.newRegistry()
    return new Session({
      plan: this.planFor(plan, registry, {
        ownHistory: true,
        names: [],
        accountedUntil: null,
        alerts: { settings: this.options.alertSettings(true), memory: null },
      }),
      workerFile: this.options.workerFile,
      lateAfterMs: this.options.lateAfterMs,
      registry,
      before,
    })
  }

  private async startReal(plan: LivePlan, before: Session | null): Promise<Session> {
    this.history ??= await this.openHistory()
    // Devices beyond the cap, such as those of a flood that an older version has kept, are folded before they are read.
    await this.history.keep(decidedIds(this.options.words()))
    const { events, isCut } = this.options.alertStore.keptEvents
    this.history.add(eventBatch({ events, withdrawn: [], replace: false, backfill: { isCut } }))
    const registry = this.newRegistry()
    for (const device of this.options.known.data.devices) registry.see(device)
    const [names, facts, positions] = await Promise.all([
      this.history.names(),
      this.history.facts(),
      this.history.positions(),
    ])
    const { alertStore, workerFile, lateAfterMs, alertSettings } = this.options
    const accountedUntil = facts.accountedUntil ?? facts.clock
    const alerts = { settings: alertSettings(false), memory: alertStore.memory }
    const planned = this.planFor(plan, registry, {
      ownHistory: false,
      names,
      positions,
      accountedUntil: accountedUntil === null ? null : Math.floor(accountedUntil),
      alerts,
    })
    const session = new Session({
      plan: planned,
      workerFile,
      lateAfterMs,
      registry,
      history: this.history,
      activity: alertStore.openActivityLog(),
      before,
    })
    alertStore.follow(session)
    return session
  }

  private forAlerts(): Omit<KeptMemory, 'memory'> {
    return { settings: this.options.alertSettings(false), timeZone: this.plan?.timeZone ?? 'UTC' }
  }

  private async openHistory(): Promise<History> {
    let opened: History | null = null
    opened = await this.options.openHistory((error) => this.lostHistory(opened, error))
    return opened
  }

  private newRegistry(): DeviceRegistry {
    return new DeviceRegistry(this.options.words, this.options.newDeviceLevel)
  }

  private planFor(
    plan: LivePlan,
    registry: DeviceRegistry,
    rest: Pick<SessionPlan, 'ownHistory' | 'names' | 'positions' | 'accountedUntil' | 'alerts'>,
  ): SessionPlan {
    const { policy, failedInput, stateFolder } = this.options
    const devices = registry.all()
    const known = devices.map(({ id }) => id)
    const evidence = devices.flatMap(({ id, evidence }): [string, KeptEvidence][] =>
      evidence === undefined ? [] : [[id, evidence]],
    )
    const inThread = { policy: policy(registry), known, evidence, failedInput: failedInput.marks() }
    return { ...plan, ...rest, ...inThread, ...(stateFolder === undefined ? {} : { stateFolder }) }
  }
}

function foundAt(from: number, to: number, detail: string): Found {
  const seen = Math.max(0, Math.round(to - from))
  return {
    device: null,
    company: null,
    from,
    to: Math.max(from, to),
    seen,
    usual: 0,
    unit: 'seconds',
    sent: 0,
    received: 0,
    sure: 1,
    learning: false,
    detail,
  }
}
