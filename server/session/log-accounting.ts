// Accounting of the lines of logs: look-ups by device and name and, from Zeek, the bytes of flows.
import { isHomeAddress } from '../../capture/ip-address.ts'
import { isPlaceholder, placeholderFor } from '../../capture/logs/named-client.ts'
import type { LogAnswer, LogConnection, LogQuery, LogRecord } from '../../capture/logs/record.ts'
import { LogObserver, NO_BINDING } from '../engine/log-observer.ts'
import { NO_NAME } from '../engine/name-table.ts'
import { AT_HOME, type Batch } from '../model/batch.ts'
import type { AccountedFlows } from '../model/flows.ts'
import { type Move, NO_DEVICE } from './device-table.ts'
import { FlowAccounting } from './flow-accounting.ts'
import type { LogAccountingHost } from './log-accounting-host.ts'
import { LookupVerdicts } from './lookup-verdicts.ts'

/** Look-ups that can still follow their address to another device. */
const MAX_ENTRIES = 50_000
const MINUTE = 60

interface Tally {
  count: number
  blocked: number
  answered: number
}

/** Look-ups of one name from one address in one minute. */
interface Entry extends Tally {
  key: string
  minute: number
  binding: number
  name: number
  /** How many of them are accounted, and where. */
  accounted: Tally
  device: number
  endpoint: number
}

/** What stands for the client: a device that asks from outside is known by its name alone. */
function homeAddressOf(client: string, name: string | undefined): string {
  return name === undefined || isPlaceholder(client) || isHomeAddress(client) ? client : placeholderFor(name)
}

const NONE: Readonly<Tally> = { count: 0, blocked: 0, answered: 0 }

function difference(one: Tally, other: Tally): Tally {
  return {
    count: one.count - other.count,
    blocked: one.blocked - other.blocked,
    answered: one.answered - other.answered,
  }
}

export class LogAccounting {
  private readonly host: LogAccountingHost
  private readonly observer: LogObserver
  private readonly entries = new Map<string, Entry>()
  private fresh = new Set<Entry>()
  private readonly verdicts = new LookupVerdicts<Entry>()
  private readonly flows: FlowAccounting
  private cells: number[] = []
  private verdictCells: number[] = []
  /** Whether there are logs or tables at all. */
  isUsed = false
  /** Log time of the earliest answer since `drainAnswered`. */
  private answeredSince = Number.POSITIVE_INFINITY

  constructor(host: LogAccountingHost) {
    this.host = host
    this.observer = new LogObserver(host.engine)
    this.flows = new FlowAccounting(host, this.observer)
  }

  /** `now` stands in where the line has no time, or one that is still to come. `countsBytes`: no packets hold them. */
  add(record: LogRecord, now: number, countsBytes: boolean): void {
    this.isUsed = true
    const time = record.time === null || !(record.time <= now) ? now : Math.max(0, record.time)
    switch (record.kind) {
      case 'query':
        return this.observeQuery(record, time)
      case 'answer':
        return this.observeAnswer(record, time)
      case 'lease':
        return this.observer.hold(record.mac, record.address, record.name)
      case 'server-name':
        return this.flows.name(record.uid, record.name)
      case 'connection':
        this.observeEnds(record)
        if (countsBytes) this.flows.add(record, time)
    }
  }

  /** When the earliest answer since the last call was given; null where there was none. */
  drainAnswered(): number | null {
    const since = this.answeredSince
    this.answeredSince = Number.POSITIVE_INFINITY
    return since === Number.POSITIVE_INFINITY ? null : since
  }

  /** Cells as in Batch, since the last call; flows go to the bytes. Devices must be sorted by now. */
  drainLookups(): Required<Pick<Batch, 'lookups' | 'verdicts'>> {
    this.accountEntries()
    this.flows.account()
    this.trim()
    const drained = { lookups: Float64Array.from(this.cells), verdicts: Float64Array.from(this.verdictCells) }
    this.cells = []
    this.verdictCells = []
    return drained
  }

  /** Flows that `drainLookups` accounted, of those that are told while they go on. */
  drainFlows(): AccountedFlows {
    return this.flows.drain()
  }

  /** Bindings went to other devices: what was accounted of them goes along. */
  move(moves: Move[]): void {
    const targets = new Set(moves.map(({ binding }) => binding))
    for (const entry of this.entries.values()) {
      if (!targets.has(entry.binding)) continue
      if (entry.accounted.count > 0) this.pushCell(entry, difference(NONE, entry.accounted))
      entry.accounted = NONE
      this.fresh.add(entry)
    }
  }

  /** Levels changed: what is accounted stays where it is. */
  settle(): void {
    for (const [key, entry] of this.entries) if (!this.fresh.has(entry)) this.entries.delete(key)
    // A verdict that comes now would be kept where the look-up itself is not.
    this.verdicts.forget(() => true)
  }

  /** Nothing of these devices is accounted any more. */
  forget(ids: string[]): void {
    const gone = new Set(ids)
    const isGone = (binding: number): boolean => {
      const device = this.host.ofBinding(binding)
      return device !== NO_DEVICE && gone.has(this.host.idOf(device))
    }
    for (const [key, entry] of this.entries) {
      if (!isGone(entry.binding)) continue
      this.entries.delete(key)
      this.fresh.delete(entry)
    }
    this.flows.forget(isGone)
    this.verdicts.forget(({ binding }) => isGone(binding))
  }

  private observeQuery({ client, clientName, clientMac, name: host, type }: LogQuery, time: number): void {
    if (clientMac !== undefined) this.observer.sawSender(clientMac, client)
    const binding = this.observedBinding(homeAddressOf(client, clientName))
    if (binding === NO_BINDING) return
    if (clientName !== undefined) this.observer.called(binding, clientName)
    const name = this.observer.asked(binding, host, type)
    const minute = Math.floor(time / MINUTE) * MINUTE
    const key = `${minute} ${binding} ${name}`
    let entry = this.entries.get(key)
    if (entry === undefined) {
      entry = { key, minute, binding, name, ...NONE, accounted: NONE, device: NO_DEVICE, endpoint: AT_HOME }
      this.entries.set(key, entry)
    }
    entry.count++
    this.fresh.add(entry)
    this.verdicts.asked({ client, name: host, type, time }, entry)
  }

  private observeAnswer(
    { client, clientName, name: host, type, status, addresses: led }: LogAnswer,
    time: number,
  ): void {
    const decided = this.verdicts.answered({ client, name: host, type, status, time })
    if (decided !== null && this.entries.get(decided.key) === decided) this.fresh.add(decided)
    if (led.length === 0) return
    const binding = this.observedBinding(homeAddressOf(client, clientName))
    if (binding === NO_BINDING) return
    this.observer.answered(binding, host, led, time)
    this.answeredSince = Math.min(this.answeredSince, time)
  }

  private observeEnds(record: LogConnection): void {
    if (record.lateSeconds !== undefined) return this.observer.sawFlow(record)
    if (record.clientMac !== null) this.observer.sawSender(record.clientMac, record.client)
    if (record.serverMac !== null) this.observer.sawSender(record.serverMac, record.server)
  }

  /** NO_BINDING also where the owner wants nothing observed. */
  private observedBinding(client: string): number {
    const binding = this.observer.bindingOf(client)
    if (binding === NO_BINDING) return binding
    const device = this.host.ofBinding(binding)
    return device !== NO_DEVICE && this.host.isOver(device) ? NO_BINDING : binding
  }

  private accountEntries(): void {
    const waiting = new Set<Entry>()
    for (const entry of this.fresh) {
      const device = this.host.ofBinding(entry.binding)
      // With a flood of addresses devices are sorted out less often.
      if (device === NO_DEVICE) waiting.add(entry)
      else if (!this.host.isOver(device)) this.accountEntry(entry, device)
    }
    this.fresh = waiting
  }

  private accountEntry(entry: Entry, device: number): void {
    const level = this.host.levelOf(device)
    const host = entry.name === NO_NAME ? null : this.host.engine.names.text(entry.name)
    const endpoint = this.host.endpointOf(host, null, host === null ? 'other' : 'dns', level)
    if (host !== null && endpoint.host !== null) this.host.addPeer(device, endpoint)
    this.host.markSeen(device, entry.minute)
    entry.device = device
    entry.endpoint = endpoint.number
    this.pushCell(entry, difference(entry, entry.accounted))
    entry.accounted = { count: entry.count, blocked: entry.blocked, answered: entry.answered }
  }

  private pushCell({ minute, device, endpoint }: Entry, { count, blocked, answered }: Tally): void {
    if (count !== 0) this.cells.push(minute, device, endpoint, count)
    if (blocked !== 0 || answered !== 0) this.verdictCells.push(minute, device, endpoint, blocked, answered)
  }

  private trim(): void {
    if (this.entries.size <= MAX_ENTRIES) return
    for (const [key, entry] of this.entries) {
      if (this.entries.size <= MAX_ENTRIES) return
      if (!this.fresh.has(entry)) this.entries.delete(key)
    }
  }
}
