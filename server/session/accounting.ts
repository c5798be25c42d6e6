// Accounting of traffic: the engine's ticks and the lines of logs, as bytes of devices to and from endpoints, second by
// second.
import type { LogRecord } from '../../capture/logs/record.ts'
import type { Level } from '../api.ts'
import { Engine } from '../engine/engine.ts'
import type { Prefix } from '../../capture/ip-address.ts'
import { NO_NAME } from '../engine/name-table.ts'
import { NamedBy } from '../engine/named-by.ts'
import { HOW_MASK } from '../engine/row-table.ts'
import type { Tick } from '../engine/tick.ts'
import type { Rules } from '../rulebook/open.ts'
import { AT_HOME, type Batch, type Endpoint } from '../model/batch.ts'
import type { AccountedFlows } from '../model/flows.ts'
import { Cells } from './cells.ts'
import { DeviceDescriptions } from './device-descriptions.ts'
import { DeviceTable, type Move, NO_DEVICE } from './device-table.ts'
import { EndpointTable } from './endpoint-table.ts'
import { RecentCredits } from './recent-credits.ts'
import { LogAccounting } from './log-accounting.ts'
import { ExcludedDevices } from './excluded-devices.ts'
import type { ConflictFacts } from '../model/conflict.ts'
import { drainConflicts } from '../resolve/conflicts.ts'
import type { SeenDevice } from '../model/seen-device.ts'
import type { Policy } from '../model/policy.ts'

/** Names handed to the history between two batches. */
const MAX_PENDING_NAMES = 4_096

/** Where a row's bytes were accounted. */
interface AccountedRow {
  device: number
  endpoint: number
  sent: number
  received: number
}

/** An engine, and the traffic history kept of it. */
export class TrafficAccounting {
  readonly engine: Engine
  private readonly devices: DeviceTable
  private readonly endpoints: EndpointTable
  private readonly recentCredits = new RecentCredits()
  private readonly cells = new Cells()
  private readonly excluded: ExcludedDevices
  private readonly logs: LogAccounting
  private readonly descriptions: DeviceDescriptions
  private policy: Policy
  private accountedRows: (AccountedRow | undefined)[] = []
  /** Bytes accounted per binding within the home. */
  private readonly local = new Map<number, { sent: number; received: number }>()
  private names: Batch['names'] = []
  /** Since the last `drain`, seconds were accounted in parts. */
  private hasParts = false

  /** `onTick` receives the engine's ticks as well. */
  constructor(rules: Rules, home: Prefix[] | null, policy: Policy, onTick: (tick: Tick) => void = () => {}) {
    this.policy = policy
    this.excluded = new ExcludedDevices(policy)
    const addTick = (tick: Tick): void => {
      // A part of a second, see `peek`.
      if (!Number.isInteger(tick.second)) tick.second = Math.floor(tick.second)
      this.observeTick(tick)
      onTick(tick)
    }
    this.engine = new Engine({ home, onTick: addTick, isExcluded: this.excluded.isExcluded })
    this.engine.excludes = this.excluded.hasAny
    this.devices = new DeviceTable(this.engine)
    this.endpoints = new EndpointTable(this.engine, rules)
    this.descriptions = new DeviceDescriptions(this.engine, rules, this.devices, {
      keepsHosts: (device) => this.levelOf(device) === 'everything',
      isUnconfirmed: (device, firstSeen) => this.isUnconfirmed(device, firstSeen),
    })
    this.logs = new LogAccounting({
      engine: this.engine,
      ofBinding: (binding) => this.devices.ofBinding(binding),
      idOf: (device) => this.devices.ids[device],
      levelOf: (device) => this.levelOf(device),
      isOver: (device) => this.excluded.isIdOver(this.devices.ids[device]),
      endpointOf: (host, address, namedBy, level, port) => this.endpoints.ofText(host, address, namedBy, level, port),
      markSeen: (device, second) => this.descriptions.markSeen(device, second),
      addPeer: (device, endpoint) => this.descriptions.addPeer(device, endpoint),
      addBytes: (second, device, endpoint, sent, received) => this.cells.add(second, device, endpoint, sent, received),
      rememberName: (device, address, host, namedBy) => {
        if (namedBy === 'dns') this.keepName(device, address, host)
      },
    })
  }

  /** From now on; what was accounted before is reduced by the history. */
  setPolicy(policy: Policy): void {
    this.policy = policy
    this.excluded.setPolicy(policy)
    this.engine.excludes = this.excluded.hasAny
    this.logs.settle()
    // Each row finds its endpoint anew; what it has accounted so far stays where it is.
    this.accountedRows = this.accountedRows.map((accountedRow) =>
      accountedRow === undefined ? undefined : { ...accountedRow, endpoint: -1 },
    )
  }

  /** The source has ended: everything still open is accounted. */
  finish(): void {
    this.engine.finish()
    this.move(this.devices.regroup(true))
  }

  /** What was accounted since the last call. */
  drain(): Batch {
    const names = this.names
    this.names = []
    if (this.hasParts) this.cells.merge()
    this.hasParts = false
    const { lookups, verdicts } = this.drainLookups()
    return {
      ...(lookups.length === 0 ? {} : { lookups }),
      ...(verdicts.length === 0 ? {} : { verdicts }),
      endpoints: this.endpoints.drainFresh(),
      devices: this.devices.drainFresh(),
      cells: this.cells.drain(),
      names,
    }
  }

  /** Flows that the last `drain` accounted: their cells are its last. */
  drainFlows(): AccountedFlows {
    return this.logs.drainFlows()
  }

  /**
   * The cells since the last `drain`, with what the second at hand has moved up to `now`; valid until the next packet.
   * What `drain` gives is the same with it and without.
   */
  peek(now: number): Float64Array {
    this.hasParts = true
    // Within the second: no second ends.
    if (!Number.isInteger(now)) this.engine.timeMark(now)
    return this.cells.peek()
  }

  /** At most `limit` devices about which something new is known since they were last described; each has its turn. */
  drainDevices(limit: number): SeenDevice[] {
    return this.descriptions.drain(limit)
  }

  /** Conflicting claims since the last call that are worth an alert. */
  drainConflicts(): ConflictFacts[] {
    return drainConflicts(this.engine).map(({ facts }) => facts)
  }

  /** Numbers of described devices that are no more: an address turned out to be another device's. */
  drainGone(): number[] {
    return this.descriptions.drainGone()
  }

  idOf(device: number): string {
    return this.devices.ids[device] ?? ''
  }

  /** Names of addresses from before a restart. */
  remember(device: string, address: string, host: string): void {
    this.engine.recall(device, address, host)
  }

  /** A line of a log, as of capture/logs; see LogAccounting. */
  addLog(record: LogRecord, now: number, countsBytes: boolean): void {
    this.logs.add(record, now, countsBytes)
  }

  /** Nothing more is accounted of what logs reported of these devices. */
  forgetLogs(ids: string[]): void {
    this.logs.forget(ids)
  }

  private drainLookups(): Required<Pick<Batch, 'lookups' | 'verdicts'>> {
    const answered = this.logs.drainAnswered()
    // A log gives whole seconds, and a flow may begin in the second of its answer.
    if (answered !== null) this.engine.nameSince(Math.floor(answered))
    // There may never be a packet: then nothing else sorts the devices.
    if (this.logs.isUsed) this.move(this.devices.regroup(false))
    return this.logs.drainLookups()
  }

  private observeTick(tick: Tick): void {
    this.move(this.devices.regroup(false))
    this.recentCredits.add(tick)
    const { second, rows, sent, received, bindings, sentLocal, receivedLocal } = tick
    for (let index = 0; index < rows.length; index++) this.accountRow(second, rows[index], sent[index], received[index])
    for (let index = 0; index < bindings.length; index++)
      this.accountLocal(second, bindings[index], sentLocal[index], receivedLocal[index])
  }

  private accountRow(second: number, row: number, sent: number, received: number): void {
    const accountedRow = this.accountedRowOf(row)
    accountedRow.sent += sent
    accountedRow.received += received
    if (accountedRow.device === NO_DEVICE) return
    this.descriptions.markSeen(accountedRow.device, second)
    this.cells.add(second, accountedRow.device, accountedRow.endpoint, sent, received)
  }

  private accountLocal(second: number, binding: number, sent: number, received: number): void {
    const sums = this.local.get(binding) ?? { sent: 0, received: 0 }
    sums.sent += sent
    sums.received += received
    this.local.set(binding, sums)
    const device = this.devices.ofBinding(binding)
    if (device === NO_DEVICE) return
    this.descriptions.markSeen(device, second)
    this.cells.add(second, device, AT_HOME, sent, received)
  }

  private accountedRowOf(row: number): AccountedRow {
    const known = this.accountedRows[row]
    if (known !== undefined && known.endpoint >= 0) return known
    const device = this.devices.ofBinding(this.engine.rows.binding(row))
    const accountedRow = {
      device,
      endpoint: this.endpointOf(row, device),
      sent: known?.sent ?? 0,
      received: known?.received ?? 0,
    }
    this.accountedRows[row] = accountedRow
    return accountedRow
  }

  private endpointOf(row: number, device: number): number {
    const level = this.levelOf(device)
    const endpoint = this.endpoints.ofRow(row, level)
    if (device !== NO_DEVICE && endpoint.host !== null) this.descriptions.addPeer(device, endpoint)
    if (level === 'everything' && device !== NO_DEVICE) this.addName(row, device, endpoint)
    return endpoint.number
  }

  /** Of a device nothing is known but the router's tables or an excluded line of a log. */
  private isUnconfirmed(device: number, firstSeen: number): boolean {
    return (
      this.logs.isUsed && (firstSeen === Number.POSITIVE_INFINITY || this.excluded.isIdOver(this.devices.ids[device]))
    )
  }

  private levelOf(device: number): Level {
    if (device === NO_DEVICE) return this.policy.newDeviceLevel
    return this.policy.levels[this.devices.ids[device]] ?? this.policy.newDeviceLevel
  }

  /** What the flow itself carried, this device asked for or the server showed is worth keeping over a restart. */
  private addName(row: number, device: number, endpoint: Endpoint): void {
    const how = this.engine.rows.how(row) & HOW_MASK
    if (endpoint.host === null || how > NamedBy.Certificate || this.engine.rows.name(row) === NO_NAME) return
    this.keepName(device, this.engine.addresses.text(this.engine.rows.address(row)), endpoint.host)
  }

  private keepName(device: number, address: string, host: string): void {
    if (this.names.length < MAX_PENDING_NAMES) this.names.push({ device: this.devices.ids[device], address, host })
  }

  /**
   * Bindings went to another device: what was accounted of them goes along, to the second as far back as the recent
   * credits reach.
   */
  private move(moves: Move[]): void {
    if (moves.length === 0) return
    const targets = new Map(moves.map(({ binding, to }) => [binding, to]))
    const now = Math.floor(this.engine.clock.now)
    for (const { to } of moves) {
      if (to === NO_DEVICE) continue
      this.descriptions.markChanged(to)
      // A device may show itself by ARP alone, which moves no bytes.
      this.descriptions.markSeen(to, now)
    }
    this.moveRows(targets)
    this.moveLocal(targets, new Map(moves.map(({ binding, from }) => [binding, from])))
    this.logs.move(moves)
  }

  private moveRows(targets: Map<number, number>): void {
    const { rows } = this.engine
    const moving = new Map<number, { before: AccountedRow; after: AccountedRow; sent: number; received: number }>()
    for (let row = 0; row < this.accountedRows.length; row++) {
      const before = this.accountedRows[row]
      const to = before === undefined ? undefined : targets.get(rows.binding(row))
      if (before === undefined || to === undefined) continue
      const after = { ...before, device: to, endpoint: this.endpointOf(row, to) }
      const from = before.endpoint >= 0 ? before : { ...before, endpoint: this.endpointOf(row, before.device) }
      this.accountedRows[row] = after
      moving.set(row, { before: from, after, sent: before.sent, received: before.received })
    }
    const shift = (second: number, row: number, sent: number, received: number): void => {
      const move = moving.get(row)
      if (move === undefined) return
      this.shift(
        second,
        move.before.device,
        move.after.device,
        move.before.endpoint,
        move.after.endpoint,
        sent,
        received,
      )
      move.sent -= sent
      move.received -= received
    }
    this.recentCredits.forEachRow((row) => moving.has(row), shift)
    for (const [row, { sent, received }] of moving)
      if (sent !== 0 || received !== 0) shift(this.recentCredits.oldestSecond, row, sent, received)
  }

  private moveLocal(targets: Map<number, number>, origins: Map<number, number>): void {
    const left = new Map<number, { sent: number; received: number }>()
    for (const binding of targets.keys()) {
      const accounted = this.local.get(binding)
      if (accounted !== undefined) left.set(binding, { ...accounted })
    }
    const shift = (second: number, binding: number, sent: number, received: number): void => {
      this.shift(
        second,
        origins.get(binding) as number,
        targets.get(binding) as number,
        AT_HOME,
        AT_HOME,
        sent,
        received,
      )
      const rest = left.get(binding)
      if (rest === undefined) return
      rest.sent -= sent
      rest.received -= received
    }
    this.recentCredits.forEachBinding((binding) => left.has(binding), shift)
    for (const [binding, { sent, received }] of left)
      if (sent !== 0 || received !== 0) shift(this.recentCredits.oldestSecond, binding, sent, received)
  }

  private shift(
    second: number,
    from: number,
    to: number,
    oldEndpoint: number,
    newEndpoint: number,
    sent: number,
    received: number,
  ): void {
    if (from !== NO_DEVICE) this.cells.add(second, from, oldEndpoint, -sent, -received)
    if (to === NO_DEVICE) return
    this.descriptions.markSeen(to, second)
    this.cells.add(second, to, newEndpoint, sent, received)
  }
}
