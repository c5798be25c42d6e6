// Detection in a recording: events and alerts from an engine's ticks while a capture is read.
//
// LiveDetection feeds the same engines with the batches of a session. A capture that is read once needs no history:
// devices and endpoints go by the engine's own numbers, and are described only where an event or alert needs it.
import { BoundedMap } from '../../capture/bounded-map.ts'
import { PacketCore } from '../../capture/packet-core.ts'
import { AlertEngine } from '../alerts/engine.ts'
import type { Alert } from '../alerts/alert.ts'
import { type AlertSettings, RECORDING_SETTINGS } from '../alerts/settings.ts'
import type { Names } from '../alerts/words.ts'
import type { EventEndpoint, EventFact } from '../events/event.ts'
import { EventEngine } from '../events/engine.ts'
import type { Engine } from '../engine/engine.ts'
import { grown } from '../engine/grown.ts'
import { LIMITS } from '../engine/limits.ts'
import { NO_NAME } from '../engine/name-table.ts'
import { NO_MAC, OTHER_BINDING } from '../engine/ownership.ts'
import { HOW_LIMIT } from '../engine/row-table.ts'
import type { Tick } from '../engine/tick.ts'
import type { Rules } from '../rulebook/open.ts'
import { AT_HOME, CELL_LENGTH } from '../model/batch.ts'
import { drainConflicts } from '../resolve/conflicts.ts'
import { rowEndpoint } from '../resolve/row-endpoint.ts'
import { Kinds } from '../resolve/kinds.ts'
import { alertEntries } from './alert-entries.ts'
import { newOnce } from './new-once.ts'
import type { ActivityUpdate, DeviceEvent } from './activity.ts'
import type { DeviceFacts } from '../resolve/facts.ts'
import type { AlertEntry, EventEntry } from './entries.ts'
import type { WatchedDevice } from '../alerts/watched-device.ts'

/** Events listed; a longer capture loses its oldest. */
export const MAX_EVENTS = 50_000
/** Alerts listed; of more the oldest are lost. */
const MAX_ALERTS = 5_000
/** Bursts of one device that wait until it is known what the device is, which is at the end. */
const KEPT_PER_DEVICE = 32_768

/** The device that an engine's number turned out to be, as far as activity needs it. */
export type Owner = Pick<DeviceFacts, 'id' | 'addresses' | 'name' | 'vendor'> & { kind: string | null }

export interface RecordingDetectionOptions {
  timeZone?: string
  /** Whether what is found is asked for while the recording plays. */
  isFollowed?: boolean
  settings?: AlertSettings
  /** The core that cuts bursts and meters uploads, for no other detection; one of its own where absent. */
  core?: PacketCore
}

export class RecordingDetection {
  private readonly engine: Engine
  private readonly rules: Rules
  private readonly eventEngine: EventEngine
  private readonly events = new BoundedMap<string, EventFact>('events listed', MAX_EVENTS, (_event, id) =>
    this.update?.events.delete(id),
  )
  /** By row of the engine: the endpoint's number, 0 where it has none yet. */
  private endpointOfRow = new Int32Array(1024)
  private readonly numbers = new Map<number, number>()
  /** By number of the endpoint: the first row of it. */
  private readonly firstRow: number[] = [-1]
  /** By row: the device it was last counted for, and one; 0 where it has none yet. */
  private deviceOfRow = new Int32Array(1024)
  private readonly devicesSeen = new Set<number>()
  private readonly described = new Map<number, EventEndpoint>()
  private cells = new Float64Array(64 * CELL_LENGTH)
  private readonly alertEngine: AlertEngine
  private readonly kinds: Kinds
  /** By binding: the minute in which it was last reported as active at home. */
  private minuteOfBinding = new Int32Array(1024)
  private floodToldAt = Number.NEGATIVE_INFINITY
  private readonly alerts = new BoundedMap<string, Alert>('alerts listed', MAX_ALERTS, (_alert, id) =>
    this.update?.alerts.delete(id),
  )
  /** What is emitted while a recording plays; null where only the end is asked for. */
  private readonly update: { events: Set<string>; withdrawn: Set<string>; alerts: Set<string> } | null

  constructor(engine: Engine, rules: Rules, options: RecordingDetectionOptions = {}) {
    this.engine = engine
    this.rules = rules
    const core = options.core ?? new PacketCore()
    this.update = options.isFollowed === true ? { events: new Set(), withdrawn: new Set(), alerts: new Set() } : null
    this.eventEngine = new EventEngine(
      rules.events,
      {
        event: (event) => this.keep(event),
        withdrawn: (id) => this.withdraw(id),
      },
      { endpointOf: (number) => this.describe(number), keptPerDevice: KEPT_PER_DEVICE, core },
    )
    this.kinds = new Kinds(engine, rules)
    this.alertEngine = new AlertEngine({
      settings: options.settings ?? RECORDING_SETTINGS,
      timeZone: options.timeZone ?? null,
      onAlert: (alert) => {
        this.alerts.set(alert.id, alert)
        this.update?.alerts.add(alert.id)
      },
      endpointOf: (number) => this.describe(number),
      // Its name is known at the end.
      deviceOf: (index, second) => new RecordedDevice(index, second, this.kinds),
      familyOf: (slug) => rules.companies.parentOf(slug),
      core,
    })
  }

  /** As `addTick`, where the engine's own core holds the tick and was given to this. */
  addSecond(second: number): void {
    const { core } = this.engine
    const { exports } = core
    try {
      this.addConflicts()
      this.followFlood(second)
      let count = exports.makeTickCells(second)
      if (count < 0) {
        this.numberRows()
        count = exports.makeTickCells(second)
      }
      const bindings = exports.tickBindings()
      for (let index = 0; index < bindings; index++) {
        const binding = core.integers[exports.tickBindingIds() / 4 + index]
        if (binding !== OTHER_BINDING) this.addActivity(binding, second)
      }
      this.eventEngine.addPlaced(count)
      this.alertEngine.addPlaced(count)
    } finally {
      exports.clearTick()
    }
    this.alertEngine.mark(second)
  }

  /** Rows of the core's tick that are new, or whose device is another than before. */
  private numberRows(): void {
    const { core } = this.engine
    const { exports } = core
    const count = exports.tickRows()
    for (let index = 0; index < count; index++) {
      const row = core.integers[exports.tickRowIds() / 4 + index]
      if (this.engine.rows.binding(row) === OTHER_BINDING) continue
      const device = this.deviceOf(row)
      exports.numberTickRow(row, device, this.endpointOfRow[row] || this.number(row))
    }
  }

  addTick({ second, rows, sent, received, bindings }: Tick): void {
    this.addConflicts()
    this.followFlood(second)
    for (const binding of bindings) if (binding !== OTHER_BINDING) this.addActivity(binding, second)
    const length = rows.length * CELL_LENGTH
    if (length > this.cells.length) this.cells = new Float64Array(2 * length)
    const { cells } = this
    let at = 0
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index]
      // Nobody in particular has no habits and does nothing.
      if (this.engine.rows.binding(row) === OTHER_BINDING) continue
      cells[at] = second
      cells[at + 1] = this.deviceOf(row)
      cells[at + 2] = (row < this.endpointOfRow.length && this.endpointOfRow[row]) || this.number(row)
      cells[at + 3] = sent[index]
      cells[at + 4] = received[index]
      at += CELL_LENGTH
    }
    const used = cells.subarray(0, at)
    this.eventEngine.add(used)
    this.alertEngine.add(used)
    this.alertEngine.mark(second)
  }

  /** A binding sent something at home, of which once a minute is enough. */
  private addActivity(binding: number, second: number): void {
    const minute = Math.floor(second / 60)
    if (binding >= this.minuteOfBinding.length) this.minuteOfBinding = grown(this.minuteOfBinding, binding + 1)
    if (this.minuteOfBinding[binding] === minute) return
    this.minuteOfBinding[binding] = minute
    this.alertEngine.addCell(second, this.deviceOfBinding(binding), AT_HOME, 0, 0)
  }

  /** Conflicting claims since the last time. */
  private addConflicts(): void {
    for (const { conflict, facts } of drainConflicts(this.engine)) {
      const { holder, address, last } = conflict
      const index = (holder === NO_MAC ? address : -holder) + LIMITS.macs
      this.devicesSeen.add(index)
      this.alertEngine.conflict(index, Math.floor(last), facts)
    }
  }

  /** A flood of made-up devices is told when it begins, and once a minute. */
  private followFlood(second: number): void {
    const { flood, limits } = this.engine
    if (flood === null) this.floodToldAt = Number.NEGATIVE_INFINITY
    else if (second - this.floodToldAt >= FLOOD_TOLD_EACH) {
      this.floodToldAt = second
      this.alertEngine.limits(second, Object.fromEntries(limits.reached), flood)
    }
  }

  /** The engine has finished; `devices` is what it turned out to hold. */
  finish(devices: readonly DeviceFacts[]): { events: EventEntry[]; alerts: AlertEntry[] } {
    this.addConflicts()
    this.eventEngine.finish()
    this.alertEngine.finish()
    const owners = this.findOwners(devices)
    const events = [...this.events.values()].filter(({ device }) => owners.has(device))
    events.sort((one, other) => one.at - other.at || one.device - other.device || one.endpoint - other.endpoint)
    return {
      events: events.map((event) => entryOf(event, (owners.get(event.device) as Owner).id)),
      alerts: alertEntries(
        this.owned([...this.alerts.values()], owners),
        ({ device }) => owners.get(Number(device))?.id ?? null,
        (alert) => this.namesOf(alert, owners.get(Number(alert.device))),
      ),
    }
  }

  /**
   * What is new since the last call, while a recording plays; with `isOver` all of it. What has no owner yet waits for
   * one. Null where nothing is new.
   */
  drainUpdate(devices: readonly Owner[], isOver: boolean): ActivityUpdate | null {
    const { update } = this
    if (update === null) return null
    if (isOver) {
      this.addConflicts()
      this.eventEngine.finish()
      this.alertEngine.finish()
    }
    const owners = this.findOwners(devices)
    const events = (
      isOver ? [...this.events.values()] : [...update.events].map((id) => this.events.get(id) as EventFact)
    ).filter(({ device }) => owners.has(device))
    const alerts = this.owned(
      isOver ? [...this.alerts.values()] : [...update.alerts].map((id) => this.alerts.get(id) as Alert),
      owners,
    )
    const withdrawn = [...update.withdrawn]
    for (const { id } of events) update.events.delete(id)
    for (const { id } of alerts) update.alerts.delete(id)
    update.withdrawn.clear()
    if (!isOver && events.length === 0 && alerts.length === 0 && withdrawn.length === 0) return null
    events.sort((one, other) => one.at - other.at || one.device - other.device || one.endpoint - other.endpoint)
    return {
      events: events.map((event) => deviceEvent(event, (owners.get(event.device) as Owner).id)),
      alerts: alerts.map((alert) => ({
        ...alert,
        device: alert.device === null ? null : (owners.get(Number(alert.device)) as Owner).id,
      })),
      withdrawn,
      mutes: null,
      replace: isOver,
      learningUntil: null,
    }
  }

  apply(id: string, decision: 'it-was-me' | 'expected' | 'open'): void {
    if (decision === 'it-was-me') this.alertEngine.itWasMe(id)
    else if (decision === 'expected') this.alertEngine.expectFromNowOn(id)
    else this.alertEngine.reopen(id)
  }

  private findOwners(devices: readonly Owner[]): Map<number, Owner> {
    const byId = new Map(devices.map((device) => [device.id, device]))
    const byAddress = new Map(devices.flatMap((device) => device.addresses.map((address) => [address, device])))
    const owners = new Map<number, Owner>()
    for (const index of this.devicesSeen) {
      const key = index - LIMITS.macs
      const owner =
        key < 0
          ? byId.get(this.engine.ownership.macText(-key))
          : (byAddress.get(this.engine.addresses.text(key)) ?? byId.get(this.holderOf(key)))
      if (owner === undefined) continue
      owners.set(index, owner)
      this.eventEngine.setKind(index, owner.kind, owner.vendor)
    }
    return owners
  }

  /** Id of the device that holds an address; the page does not list all of a router's. Empty where nobody does. */
  private holderOf(address: number): string {
    const { ownership } = this.engine
    return ownership.isHeld(address) ? ownership.macText(ownership.macOfBinding(ownership.bindingOn(address))) : ''
  }

  private owned(alerts: readonly Alert[], owners: ReadonlyMap<number, Owner>): Alert[] {
    const known = alerts.filter(({ device }) => device === null || owners.has(Number(device)))
    return newOnce(known, this.alerts.values(), ({ device }) => owners.get(Number(device))?.id)
  }

  private withdraw(id: string): void {
    this.events.delete(id)
    this.update?.events.delete(id)
    this.update?.withdrawn.add(id)
  }

  private namesOf({ company }: Alert, device: Owner | undefined): Names {
    return {
      device: device === undefined ? null : (device.name ?? device.id),
      company: company === null ? null : (this.rules.companies.describe(company)?.name ?? company),
    }
  }

  private deviceOf(row: number): number {
    const index = this.deviceOfBinding(this.engine.rows.binding(row))
    if (row >= this.deviceOfRow.length) this.deviceOfRow = grown(this.deviceOfRow, row + 1)
    if (this.deviceOfRow[row] !== index + 1) {
      this.deviceOfRow[row] = index + 1
      this.devicesSeen.add(index)
    }
    return index
  }

  /** MACs have negative keys: counted from the table's size on, every key is a number for a cell. */
  private deviceOfBinding(binding: number): number {
    return this.engine.ownership.deviceKey(binding) + LIMITS.macs
  }

  /** Rows of one host, named alike, are one endpoint; addresses without a host stand one by one. */
  private number(row: number): number {
    const { rows } = this.engine
    const name = rows.name(row)
    const key = (name === NO_NAME ? -1 - rows.address(row) : name) * HOW_LIMIT + rows.how(row)
    let number = this.numbers.get(key)
    if (number === undefined) {
      number = this.firstRow.push(row) - 1
      this.numbers.set(key, number)
    }
    if (row >= this.endpointOfRow.length) this.endpointOfRow = grown(this.endpointOfRow, row + 1)
    this.endpointOfRow[row] = number
    return number
  }

  private describe(number: number): EventEndpoint {
    const known = this.described.get(number)
    if (known !== undefined) return known
    const facts = rowEndpoint(this.engine, this.firstRow[number], this.rules)
    const { host, company, network, labels, namedBy } = facts
    const [address] = facts.addresses
    const endpoint = { number, host, address, company, purpose: facts.purpose ?? 'unknown', network, labels, namedBy }
    this.described.set(number, endpoint)
    return endpoint
  }

  private keep(event: EventFact): void {
    this.alertEngine.event(event)
    this.events.set(event.id, event)
    this.update?.withdrawn.delete(event.id)
    this.update?.events.add(event.id)
  }
}

const FLOOD_TOLD_EACH = 60

/** A device of a recording: what it is turns out while it plays. */
class RecordedDevice implements WatchedDevice {
  readonly id: string
  readonly name = null
  readonly firstSeen: number
  private readonly index: number
  private readonly kinds: Kinds

  constructor(index: number, firstSeen: number, kinds: Kinds) {
    this.id = String(index)
    this.index = index
    this.firstSeen = firstSeen
    this.kinds = kinds
  }

  get kind(): string {
    return this.kinds.of(this.index)
  }
}

function deviceEvent(
  { id, at, kind, company, host, purpose, sent, received, seconds, confidence, reasons }: EventFact,
  device: string,
): DeviceEvent {
  return { id, at, device, kind, company, host, purpose, sent, received, seconds, confidence, reasons }
}

function entryOf(
  { at, kind, company, host, purpose, sent, received, seconds, confidence }: EventFact,
  device: string,
): EventEntry {
  return {
    at: new Date(at * 1000).toISOString(),
    device,
    kind,
    company,
    host,
    purpose,
    sent,
    received,
    seconds,
    confidence,
  }
}
