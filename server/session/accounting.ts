// Who moved how much to whom, second by second, in the words that the pages and the history use?
import type { LogRecord } from '../../capture/logs/record.ts'
import type { Level } from '../api.ts'
import { chooseName } from '../identity/device-name.ts'
import { identify } from '../identity/identify.ts'
import type { DeviceBindings } from '../resolve/devices.ts'
import { ClockField } from '../engine/clock.ts'
import { Engine } from '../engine/engine.ts'
import type { Prefix } from '../../capture/ip-address.ts'
import { NO_NAME } from '../engine/name-table.ts'
import { NO_MAC } from '../engine/ownership.ts'
import { NamedBy } from '../engine/named-by.ts'
import { HOW_MASK } from '../engine/row-table.ts'
import type { Tick } from '../engine/tick.ts'
import type { Rules } from '../rulebook/open.ts'
import { AT_HOME, type Batch, type Endpoint } from '../model/batch.ts'
import { Cells } from './cells.ts'
import { DeviceTable, type Move, NO_DEVICE } from './device-table.ts'
import { EndpointTable } from './endpoint-table.ts'
import { RecentCredits } from './recent-credits.ts'
import { LogAccounting } from './log-accounting.ts'
import { ExcludedDevices } from './excluded-devices.ts'
import type { SeenDevice } from '../model/seen-device.ts'
import type { Policy } from '../model/policy.ts'
import { saidBy } from '../resolve/describe-devices.ts'

/** Hosts of one device that its identity is judged by. */
const MAX_JUDGED_HOSTS = 256
/** Names told to the history between two batches. */
const MAX_PENDING_NAMES = 4_096

/** What the book knows of a device beside the engine's tables. */
interface DevicePeers {
  hosts: Set<string>
  companies: Set<string>
  firstSeen: number
  lastSeen: number
  /** Changes when there is something new to judge the device by. */
  update: number
  judgedRevision: number
  judgedSaid: number
}

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
  private readonly rules: Rules
  private readonly devices: DeviceTable
  private readonly endpoints: EndpointTable
  private readonly recentCredits = new RecentCredits()
  private readonly cells = new Cells()
  private readonly excluded: ExcludedDevices
  private readonly logs: LogAccounting
  private policy: Policy
  private accountedRows: (AccountedRow | undefined)[] = []
  /** Bytes accounted per binding within the home. */
  private readonly local = new Map<number, { sent: number; received: number }>()
  private readonly knownPeers: DevicePeers[] = []
  private names: Batch['names'] = []
  private nextDescribed = 0

  /** `onTick` hears the engine's ticks as well. */
  constructor(rules: Rules, home: Prefix[] | null, policy: Policy, onTick: (tick: Tick) => void = () => {}) {
    this.rules = rules
    this.policy = policy
    this.excluded = new ExcludedDevices(policy)
    const takeTick = (tick: Tick): void => {
      this.observeTick(tick)
      onTick(tick)
    }
    this.engine = new Engine({ home, onTick: takeTick, isExcluded: this.excluded.isExcluded })
    this.devices = new DeviceTable(this.engine)
    this.endpoints = new EndpointTable(this.engine, rules)
    this.logs = new LogAccounting({
      engine: this.engine,
      ofBinding: (binding) => this.devices.ofBinding(binding),
      idOf: (device) => this.devices.ids[device],
      levelOf: (device) => this.levelOf(device),
      isOver: (device) => this.excluded.isIdOver(this.devices.ids[device]),
      endpointOf: (host, address, namedBy, level) => this.endpoints.ofText(host, address, namedBy, level),
      meet: (device, second) => this.meet(device, second),
      getToKnow: (device, endpoint) => this.getToKnow(device, endpoint),
      addBytes: (second, device, endpoint, sent, received) => this.cells.add(second, device, endpoint, sent, received),
    })
  }

  /** From now on; what was accounted before is brought down by the history. */
  setPolicy(policy: Policy): void {
    this.policy = policy
    this.excluded.setPolicy(policy)
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
    const lookups = this.drainLookups()
    return {
      ...(lookups.length === 0 ? {} : { lookups }),
      endpoints: this.endpoints.drainFresh(),
      devices: this.devices.drainFresh(),
      cells: this.cells.drain(),
      names,
    }
  }

  /** At most `limit` devices about which something new is known since they were last described; each has its turn. */
  drainDevices(limit: number): SeenDevice[] {
    const described: SeenDevice[] = []
    const all = this.devices.ids.length
    const start = this.nextDescribed < all ? this.nextDescribed : 0
    for (let step = 0; step < all && described.length < limit; step++) {
      const index = (start + step) % all
      this.nextDescribed = index + 1
      const group = this.devices.groups[index]
      const peers = this.knownPeers[index]
      if (group === undefined || peers === undefined || this.isUnconfirmed(index, peers)) continue
      const said = this.countSaid(group)
      if (peers.judgedRevision === peers.update && peers.judgedSaid === said) continue
      peers.judgedRevision = peers.update
      peers.judgedSaid = said
      described.push(this.describe(index, group, peers))
    }
    return described
  }

  /** A device that only the router's tables or a passed-over line of a log tell of. */
  private isUnconfirmed(index: number, { firstSeen }: DevicePeers): boolean {
    return (
      this.logs.isUsed && (firstSeen === Number.POSITIVE_INFINITY || this.excluded.isIdOver(this.devices.ids[index]))
    )
  }

  /** Numbers of described devices that are no more: an address turned out to be another device's. */
  drainGone(): number[] {
    const gone: number[] = []
    for (const [index, peers] of this.knownPeers.entries()) {
      if (peers === undefined || peers.judgedRevision === 0 || this.devices.groups[index] !== undefined) continue
      peers.judgedRevision = 0
      gone.push(index)
    }
    return gone
  }

  /** Names of addresses from before a restart. */
  remember(device: string, address: string, host: string): void {
    this.engine.recall(device, address, host)
  }

  /** A line of a log, as of capture/logs; see LogAccounting. */
  addLog(record: LogRecord, now: number, countsBytes: boolean): void {
    this.logs.add(record, now, countsBytes)
  }

  /** Nothing more is accounted of what logs told of these devices. */
  forgetLogs(ids: string[]): void {
    this.logs.forget(ids)
  }

  private drainLookups(): Float64Array {
    const answered = this.logs.drainAnswered()
    // A log tells seconds, and a flow may begin in the second of its answer.
    if (answered !== null) this.engine.nameSince(Math.floor(answered))
    // No packet need ever come: then nobody else sorts the devices.
    if (this.logs.isUsed) this.move(this.devices.regroup(false))
    return this.logs.drainLookups()
  }

  private observeTick(tick: Tick): void {
    this.move(this.devices.regroup(false))
    this.recentCredits.add(tick)
    const { second, rows, sent, received, bindings, sentLocal, receivedLocal } = tick
    for (let index = 0; index < rows.length; index++) this.accounting(second, rows[index], sent[index], received[index])
    for (let index = 0; index < bindings.length; index++)
      this.accountLocal(second, bindings[index], sentLocal[index], receivedLocal[index])
  }

  private accounting(second: number, row: number, sent: number, received: number): void {
    const accountedRow = this.accountedRowOf(row)
    accountedRow.sent += sent
    accountedRow.received += received
    if (accountedRow.device === NO_DEVICE) return
    this.meet(accountedRow.device, second)
    this.cells.add(second, accountedRow.device, accountedRow.endpoint, sent, received)
  }

  private accountLocal(second: number, binding: number, sent: number, received: number): void {
    const sums = this.local.get(binding) ?? { sent: 0, received: 0 }
    sums.sent += sent
    sums.received += received
    this.local.set(binding, sums)
    const device = this.devices.ofBinding(binding)
    if (device === NO_DEVICE) return
    this.meet(device, second)
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
    if (device !== NO_DEVICE && endpoint.host !== null) this.getToKnow(device, endpoint)
    if (level === 'everything' && device !== NO_DEVICE) this.addName(row, device, endpoint)
    return endpoint.number
  }

  private levelOf(device: number): Level {
    if (device === NO_DEVICE) return this.policy.newDeviceLevel
    return this.policy.levels[this.devices.ids[device]] ?? this.policy.newDeviceLevel
  }

  private getToKnow(device: number, { host, company }: Endpoint): void {
    const peers = this.peersOf(device)
    const before = peers.hosts.size + peers.companies.size
    if (peers.hosts.size < MAX_JUDGED_HOSTS) peers.hosts.add(host as string)
    if (company !== null) peers.companies.add(company)
    if (peers.hosts.size + peers.companies.size > before) peers.update++
  }

  /** Names that the flow itself carried or this device asked for are worth keeping over a restart. */
  private addName(row: number, device: number, endpoint: Endpoint): void {
    const how = this.engine.rows.how(row) & HOW_MASK
    if (
      endpoint.host === null ||
      how > NamedBy.Dns ||
      this.engine.rows.name(row) === NO_NAME ||
      this.names.length >= MAX_PENDING_NAMES
    )
      return
    const address = this.engine.addresses.text(this.engine.rows.address(row))
    this.names.push({ device: this.devices.ids[device], address, host: endpoint.host })
  }

  private meet(device: number, second: number): void {
    const peers = this.peersOf(device)
    if (second < peers.firstSeen) peers.firstSeen = second
    if (second > peers.lastSeen) peers.lastSeen = second
  }

  private peersOf(device: number): DevicePeers {
    return (this.knownPeers[device] ??= {
      hosts: new Set(),
      companies: new Set(),
      firstSeen: Number.POSITIVE_INFINITY,
      lastSeen: Number.NEGATIVE_INFINITY,
      update: 1,
      judgedRevision: 0,
      judgedSaid: -1,
    })
  }

  /**
   * Bindings went to another device: what was accounted of them goes along, to the second where the recentCredits still
   * has it.
   */
  private move(moves: Move[]): void {
    if (moves.length === 0) return
    const targets = new Map(moves.map(({ binding, to }) => [binding, to]))
    const now = Math.floor(this.engine.clock[ClockField.Now])
    for (const { to } of moves) {
      if (to === NO_DEVICE) continue
      this.peersOf(to).update++
      // A device may show itself by ARP alone, which moves no bytes.
      this.meet(to, now)
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
    this.meet(to, second)
    this.cells.add(second, to, newEndpoint, sent, received)
  }

  /** A number that changes when the device announced something new. */
  private countSaid(group: DeviceBindings): number {
    const { evidence, ownership } = this.engine
    const sources = group.bindings.map((binding) => evidence.ofBinding(binding))
    if (group.mac !== NO_MAC) sources.push(evidence.ofMac(ownership.macText(group.mac)))
    let count = group.bindings.length
    for (const source of sources) for (const values of Object.values(source ?? {})) count += values.size * 65_536
    return count
  }

  private describe(
    index: number,
    group: DeviceBindings,
    { hosts, companies, firstSeen, lastSeen }: DevicePeers,
  ): SeenDevice {
    const { ownership, addresses } = this.engine
    const mac = group.mac === NO_MAC ? null : ownership.macText(group.mac)
    const keepsHosts = this.levelOf(index) === 'everything'
    const evidence = {
      ...saidBy(this.engine, group, mac),
      hosts: keepsHosts ? [...hosts] : [],
      companies: keepsHosts ? [...companies] : [],
    }
    const identity = identify(evidence, this.rules.devices)
    const held = new Set(group.bindings.map((binding) => addresses.text(ownership.addressOf(binding))))
    return {
      index,
      id: group.id,
      mac,
      name: identity.name ?? chooseName(evidence, null).name,
      kind: identity.kind ?? 'unknown',
      vendor: identity.vendor,
      why: identity.why,
      confidence: identity.confidence,
      privateMac: identity.privateMac,
      addresses: [...held].filter((address) => address !== '0.0.0.0' && address !== '::'),
      firstSeen,
      lastSeen,
    }
  }
}
