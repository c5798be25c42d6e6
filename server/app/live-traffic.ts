// The live home: which source fills which history, and which devices are known in it.
import type { AlertSettings } from '../alerts/settings.ts'
import type { Level } from '../api.ts'
import type { History } from '../history/history.ts'
import type { HistorySettings } from '../history/settings.ts'
import { DeviceRegistry, type KnownDevice, type OwnerChoices } from '../session/device-registry.ts'
import type { SessionPlan } from '../session/messages.ts'
import { Session } from '../session/session.ts'
import type { AlertStore } from './alert-store.ts'
import { decidedIds } from './decisions.ts'
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
  /** Opens the traffic history on disk; asked for once a source other than the sample is chosen. */
  openHistory: () => Promise<History>
  known: Stored<KnownDevices>
  words: () => OwnerChoices
  newDeviceLevel: () => Level
  policy: (registry: DeviceRegistry) => Policy
  alertSettings: (isSample: boolean) => AlertSettings
  alertStore: AlertStore
}

export interface LivePlan {
  source: SourcePlan
  home: string[]
  timeZone: string
}

export class LiveTraffic {
  private readonly options: LiveTrafficOptions
  private session: Session | null = null
  private history: History | null = null
  private plan = ''
  /** The settings that the traffic history goes by. */
  private configured = ''
  private playsSample = false

  constructor(options: LiveTrafficOptions) {
    this.options = options
  }

  get current(): Session {
    if (this.session === null) throw new Error('The live session has not been started')
    return this.session
  }

  /** True while the sample plays: nothing of it is kept, or sent to anything but the page. */
  get isSample(): boolean {
    return this.playsSample
  }

  /** Starts the session of the plan in place of the one before; nothing happens where the plan is the same. */
  async start(plan: LivePlan): Promise<boolean> {
    const text = JSON.stringify(plan)
    if (text === this.plan) return false
    const before = this.session
    await before?.stop()
    await this.keepDevices()
    await this.options.alertStore.close()
    this.plan = text
    const isSample = plan.source.kind === 'sample'
    this.session = isSample ? this.startSample(plan) : await this.startReal(plan)
    this.playsSample = isSample
    return true
  }

  /** Takes over what the owner changed about the traffic history and how often things are written down. */
  async configure(settings: HistorySettings): Promise<void> {
    this.options.alertStore.planRegular()
    const text = JSON.stringify(settings)
    // A history that is opened later is opened with them.
    if (this.history !== null && text !== this.configured) await this.history.configure(settings)
    this.configured = text
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
    const gone = new Set(ids)
    known.data.devices = known.data.devices.filter(({ id }) => !gone.has(id))
    return await known.purge()
  }

  async close(): Promise<void> {
    // What one of them cannot write keeps none of the others from it.
    const parts = new Teardown()
    parts.add(() => this.history?.close())
    parts.add(() => this.options.alertStore.close())
    parts.add(() => this.keepDevices())
    parts.add(() => this.session?.stop())
    await parts.run()
  }

  /** The sample's history and devices live in its thread and go with it. */
  private startSample(plan: LivePlan): Session {
    const registry = this.newRegistry()
    return new Session({
      plan: this.planFor(plan, registry, {
        ownHistory: true,
        names: [],
        accountedUntil: null,
        alerts: { settings: this.options.alertSettings(true), memory: null },
      }),
      workerFile: this.options.workerFile,
      registry,
    })
  }

  private async startReal(plan: LivePlan): Promise<Session> {
    this.history ??= await this.options.openHistory()
    // Devices beyond the cap, such as those of a flood that an older version has kept, are folded before they are read.
    await this.history.keep(decidedIds(this.options.words()))
    const registry = this.newRegistry()
    for (const device of this.options.known.data.devices) registry.see(device)
    const [names, facts, positions] = await Promise.all([
      this.history.names(),
      this.history.facts(),
      this.history.positions(),
    ])
    const { alertStore, workerFile, alertSettings } = this.options
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
      registry,
      history: this.history,
      activity: alertStore.openActivityLog(),
    })
    alertStore.follow(session)
    return session
  }

  private newRegistry(): DeviceRegistry {
    return new DeviceRegistry(this.options.words, this.options.newDeviceLevel)
  }

  private planFor(
    plan: LivePlan,
    registry: DeviceRegistry,
    rest: Pick<SessionPlan, 'ownHistory' | 'names' | 'positions' | 'accountedUntil' | 'alerts'>,
  ): SessionPlan {
    return { ...plan, ...rest, policy: this.options.policy(registry), known: registry.all().map(({ id }) => id) }
  }
}
