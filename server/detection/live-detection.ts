// Detection in a live home or the sample: events and alerts from the batches of the traffic history.
import type { Alert } from '../alerts/alert.ts'
import { PacketCore } from '../../capture/packet-core.ts'
import { AlertEngine } from '../alerts/engine.ts'
import type { Mute } from '../alerts/incidents.ts'
import type { AlertMemory } from '../alerts/memory.ts'
import { underOwners } from '../alerts/owners-of-today.ts'
import type { AlertSettings } from '../alerts/settings.ts'
import type { EventEndpoint, EventFact } from '../events/event.ts'
import { EventEngine } from '../events/engine.ts'
import type { Rules } from '../rulebook/open.ts'
import { type Batch, CELL_LENGTH, LOOKUP_LENGTH } from '../model/batch.ts'
import { NO_FLOWS } from '../model/flows.ts'
import type { SeenDevice } from '../model/seen-device.ts'
import type { WatchedDevice } from '../alerts/watched-device.ts'
import type { Policy } from '../model/policy.ts'
import type { Engine } from '../engine/engine.ts'
import type { Flood } from '../engine/newcomers.ts'
import { OTHERS_ID } from '../model/others.ts'
import type { AccountedTraffic, Detection } from './detection.ts'
import type { ActivityUpdate, DeviceEvent } from './activity.ts'
import type { AlertCommand } from '../alerts/command.ts'
import { keepsEvents, levelIn } from '../model/policy.ts'

/** Caps and sources are checked this often. */
const CHECK_SECONDS = 60
/**
 * Alerts about new devices wait so long for a flood, and so much before one its devices turn up.
 */
const NEW_BEFORE_FLOOD_SECONDS = 3
/** Endpoints remembered by number; beyond, the tables are renewed long before. */
const MAX_ENDPOINTS = 100_000
const NONE = new Float64Array()

export interface LiveDetectionOptions {
  rules: Rules
  timeZone: string
  settings: AlertSettings
  memory: AlertMemory | null
  policy: Policy
}

export class LiveDetection implements Detection {
  private readonly options: LiveDetectionOptions
  private settings: AlertSettings
  private policy: Policy
  private eventEngine: EventEngine
  private alertEngine: AlertEngine
  /** Numbers of events begin anew with the tables; what comes before them does not repeat. */
  private epoch = ''
  private readonly ids: string[] = []
  private readonly vendors: (string | null)[] = []
  private readonly watched: (WatchedDevice | undefined)[] = []
  private readonly endpoints = new Map<number, EventEndpoint>()
  private readonly freshEvents = new Map<string, DeviceEvent>()
  private readonly withdrawn = new Set<string>()
  private readonly freshAlerts = new Map<string, Alert>()
  private mutesChanged = true
  private checkedAt = Number.NEGATIVE_INFINITY
  private now = 0
  private flood: Flood | null = null

  constructor(options: LiveDetectionOptions) {
    this.options = options
    this.settings = options.settings
    this.policy = options.policy
    const core = new PacketCore()
    this.eventEngine = this.newEventEngine(core)
    this.alertEngine = this.newAlertEngine(options.memory, core)
    for (const alert of this.alertEngine.alerts) this.freshAlerts.set(alert.id, alert)
  }

  /** Batches hold what ticks do, by device. */
  addTick(): void {}

  add({
    batch,
    flows = NO_FLOWS,
    described,
    now: clock,
    sources,
    drainConflicts,
    limits,
    flood,
  }: AccountedTraffic): void {
    // Bursts are cut in whole seconds.
    const now = Math.floor(clock)
    this.now = now
    if (this.epoch === '') this.epoch = `${now.toString(36)}.`
    this.addDevices(batch, now)
    for (const device of described) this.setDevice(device.index, device)
    for (const endpoint of batch.endpoints) this.addEndpoint(endpoint)
    // What was told late by the minute is no burst: of it uploads are told, and no events.
    const cells = batch.cells.subarray(0, batch.cells.length - flows.cells)
    this.eventEngine.add(this.withoutPrivate(cells))
    this.alertEngine.add(cells)
    this.alertEngine.addFlows(flows.records)
    const { lookups = NONE, verdicts = NONE } = batch
    for (const id of this.alertEngine.addLookups(lookups, verdicts)) this.freshAlerts.delete(id)
    for (const conflict of drainConflicts()) {
      const index = this.ids.indexOf(conflict.device)
      if (index >= 0) this.alertEngine.conflict(index, now, conflict)
    }
    this.eventEngine.mark(now)
    this.alertEngine.mark(now)
    this.followFlood(flood)
    if (now - this.checkedAt < CHECK_SECONDS) return
    this.checkedAt = now
    for (const { countsLookups, title, lastPacket, state } of sources) {
      // A resolver that nobody asks writes nothing: only a log that cannot be read is trouble.
      const isWanted =
        countsLookups === true ? state === 'failed' : state !== 'ended' && state !== 'off' && state !== 'starting'
      this.alertEngine.source({ second: now, source: title, lastPacket, isWanted })
    }
    this.alertEngine.limits(now, limits, flood)
  }

  private addDevices(batch: Batch, now: number): void {
    if (batch.devices.length === 0) return
    const first = firstSeconds(batch)
    for (const { index, id } of batch.devices)
      this.setDevice(index, { id, name: null, kind: 'unknown', vendor: null, firstSeen: first.get(index) ?? now })
  }

  /** A flood is told at once; the first of its devices, which were new before it was recognised, are not. */
  private followFlood(flood: Flood | null): void {
    const began = flood !== null && this.flood === null
    const ended = flood === null && this.flood !== null
    this.flood = flood
    if (began) {
      for (const id of this.alertEngine.withdrawNewDevices(flood.since - NEW_BEFORE_FLOOD_SECONDS))
        this.freshAlerts.delete(id)
    }
    // The caps are looked at now: the flood is what filled them.
    if (began || ended) this.checkedAt = Number.NEGATIVE_INFINITY
  }

  /** Habits go on. */
  renew(_engine: Engine, forgotten: readonly string[]): void {
    this.eventEngine.finish()
    this.alertEngine.finish()
    const gone = new Set(forgotten)
    if (gone.size > 0) this.alertEngine.forget(gone)
    this.epoch = `${this.now.toString(36)}.${(renewals += 1)}.`
    this.ids.length = 0
    this.vendors.length = 0
    this.watched.length = 0
    this.endpoints.clear()
    const core = new PacketCore()
    this.eventEngine = this.newEventEngine(core)
    this.alertEngine = this.newAlertEngine(this.alertEngine.toJSON(), core)
    for (const [id, { device }] of this.freshEvents) if (gone.has(device)) this.freshEvents.delete(id)
    for (const [id, { device }] of this.freshAlerts)
      if (device !== null && gone.has(device)) this.freshAlerts.delete(id)
  }

  setPolicy(policy: Policy): void {
    const before = this.policy
    this.policy = policy
    for (const [index, id] of this.ids.entries()) {
      if (id === undefined) continue
      if (levelIn(policy, id) !== levelIn(before, id)) {
        this.eventEngine.forget(index)
        this.alertEngine.relearn(id)
      }
      const kind = policy.kinds[id]
      if (kind !== undefined && kind !== before.kinds[id])
        this.eventEngine.setKind(index, kind, this.vendors[index] ?? null)
      if (policy.children?.includes(id) !== before.children?.includes(id)) this.watch(index)
    }
  }

  changeSettings(settings: AlertSettings): void {
    this.settings = settings
    this.alertEngine.changeSettings(settings)
  }

  apply(command: AlertCommand): void {
    switch (command.order) {
      case 'it-was-me':
        return void this.alertEngine.itWasMe(command.id)
      case 'expected':
        return void this.alertEngine.expectFromNowOn(command.id)
      case 'open':
        return void this.alertEngine.reopen(command.id)
      case 'mute':
        this.mutesChanged = true
        return this.alertEngine.mute(command.mute)
      case 'unmute':
        this.mutesChanged = true
        return this.alertEngine.unmute(command.mute)
    }
  }

  drainUpdate(): ActivityUpdate | null {
    const alerts = [...this.freshAlerts.values()].filter((alert) => !this.mustWait(alert))
    if (this.freshEvents.size === 0 && alerts.length === 0 && this.withdrawn.size === 0 && !this.mutesChanged)
      return null
    const update: ActivityUpdate = {
      events: [...this.freshEvents.values()],
      withdrawn: [...this.withdrawn],
      alerts: alerts.map((alert) => ({ ...alert })),
      mutes: this.mutesChanged ? ([...this.alertEngine.mutes] as Mute[]) : null,
      replace: false,
      learningUntil: this.alertEngine.learningUntil,
    }
    this.freshEvents.clear()
    this.withdrawn.clear()
    for (const { id } of alerts) this.freshAlerts.delete(id)
    this.mutesChanged = false
    return update
  }

  /** A new device may be the first of a flood. */
  private mustWait({ kind, from }: Alert): boolean {
    return kind === 'new-device' && this.now - from < NEW_BEFORE_FLOOD_SECONDS
  }

  memory(): AlertMemory {
    return this.alertEngine.toJSON()
  }

  /** A home has no end: bursts that are open end with the traffic that follows. */
  finish(): void {}

  private newEventEngine(core: PacketCore): EventEngine {
    return new EventEngine(
      this.options.rules.events,
      {
        event: (event) => this.emit(event),
        withdrawn: (id) => {
          this.freshEvents.delete(this.epoch + id)
          this.withdrawn.add(this.epoch + id)
        },
      },
      { endpointOf: (number) => this.endpoints.get(number), core },
    )
  }

  private newAlertEngine(memory: AlertMemory | null, core: PacketCore): AlertEngine {
    const { companies } = this.options.rules
    const familyOf = (slug: string): string => companies.parentOf(slug)
    return new AlertEngine({
      settings: this.settings,
      timeZone: this.options.timeZone,
      memory: memory === null ? null : underOwners(memory, familyOf),
      onAlert: (alert) => this.freshAlerts.set(alert.id, alert),
      endpointOf: (number) => this.endpoints.get(number),
      familyOf,
      core,
    })
  }

  private setDevice(
    index: number,
    { id, name, kind, vendor, firstSeen }: Pick<SeenDevice, 'id' | 'name' | 'kind' | 'vendor' | 'firstSeen'>,
  ): void {
    // Nobody in particular has no habits and does nothing.
    if (id === OTHERS_ID) return
    this.ids[index] = id
    this.vendors[index] = vendor
    const chosen = this.policy.kinds[id] ?? kind
    this.watched[index] = { id, name, kind: chosen, firstSeen }
    this.watch(index)
    this.eventEngine.setKind(index, chosen === 'unknown' ? null : chosen, vendor)
  }

  private watch(index: number): void {
    const device = this.watched[index]
    if (device === undefined) return
    const isChilds = this.policy.children?.includes(device.id) === true
    this.alertEngine.setDevice(index, isChilds ? { ...device, isChilds } : device)
  }

  /** What a level keeps back, and what was folded, has no company of its own. */
  private addEndpoint(endpoint: EventEndpoint): void {
    if (this.endpoints.size >= MAX_ENDPOINTS || this.endpoints.has(endpoint.number)) return
    this.endpoints.set(
      endpoint.number,
      endpoint.company?.startsWith('*') === true ? { ...endpoint, company: null } : endpoint,
    )
  }

  private emit(event: EventFact): void {
    const device = this.ids[event.device]
    if (device === undefined || !keepsEvents(levelIn(this.policy, device))) return
    this.alertEngine.event(event)
    const { id, at, kind, company, host, purpose, sent, received, seconds, confidence, reasons } = event
    this.withdrawn.delete(this.epoch + id)
    this.freshEvents.set(this.epoch + id, {
      id: this.epoch + id,
      at,
      device,
      kind,
      company,
      host,
      purpose,
      sent,
      received,
      seconds,
      confidence,
      reasons,
    })
  }

  /** Cells of devices of which no event may be known are not even cut into bursts. */
  private withoutPrivate(cells: Float64Array): Float64Array {
    let isPrivate = false
    for (let at = 0; at < cells.length && !isPrivate; at += CELL_LENGTH) isPrivate = !this.mayKnow(cells[at + 1])
    if (!isPrivate) return cells
    const kept: number[] = []
    for (let at = 0; at < cells.length; at += CELL_LENGTH)
      if (this.mayKnow(cells[at + 1])) kept.push(...cells.subarray(at, at + CELL_LENGTH))
    return Float64Array.from(kept)
  }

  private mayKnow(index: number): boolean {
    const id = this.ids[index]
    return id !== undefined && keepsEvents(levelIn(this.policy, id))
  }
}

let renewals = 0

/** By device: its first second in the batch. */
function firstSeconds({ cells, lookups = new Float64Array() }: Batch): Map<number, number> {
  const first = new Map<number, number>()
  for (let at = 0; at < lookups.length; at += LOOKUP_LENGTH) {
    const known = first.get(lookups[at + 1])
    if (known === undefined || lookups[at] < known) first.set(lookups[at + 1], lookups[at])
  }
  for (let at = 0; at < cells.length; at += CELL_LENGTH) {
    const known = first.get(cells[at + 1])
    if (known === undefined || cells[at] < known) first.set(cells[at + 1], cells[at])
  }
  return first
}
