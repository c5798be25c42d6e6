// Accounting of the lines of logs: look-ups by device and name and, from Zeek, the bytes of flows.
import { BoundedMap } from '../../capture/bounded-map.ts'
import { isHomeAddress } from '../../capture/ip-address.ts'
import { isPlaceholder, placeholderFor } from '../../capture/logs/named-client.ts'
import type { LogAnswer, LogConnection, LogQuery, LogRecord } from '../../capture/logs/record.ts'
import type { Level } from '../api.ts'
import type { Engine } from '../engine/engine.ts'
import { LogObserver, NO_BINDING } from '../engine/log-observer.ts'
import { NO_NAME } from '../engine/name-table.ts'
import { AT_HOME, type Batch, type Endpoint } from '../model/batch.ts'
import { type Move, NO_DEVICE } from './device-table.ts'
import { LookupVerdicts } from './lookup-verdicts.ts'

/** Look-ups that can still follow their address to another device. */
const MAX_ENTRIES = 50_000
/** Flows that wait for the next batch, and names of flows by Zeek's own number. */
const MAX_FLOWS = 100_000
const MAX_FLOW_NAMES = 10_000
/** A flow's bytes are spread over its minutes, at most so many. */
const MAX_PIECES = 120
const MINUTE = 60

/** What log accounting needs of the accounting that it belongs to. */
export interface LogAccountingHost {
  engine: Engine
  ofBinding: (binding: number) => number
  idOf: (device: number) => string
  levelOf: (device: number) => Level
  isOver: (device: number) => boolean
  endpointOf: (host: string | null, address: string | null, namedBy: Endpoint['namedBy'], level: Level) => Endpoint
  markSeen: (device: number, second: number) => void
  addPeer: (device: number, endpoint: Endpoint) => void
  addBytes: (second: number, device: number, endpoint: number, sent: number, received: number) => void
}

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

interface Flow {
  second: number
  binding: number
  sent: number
  received: number
  /** Null within the home. */
  far: { host: string | null; address: string; namedBy: Endpoint['namedBy'] } | null
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
  private flows: Flow[] = []
  private readonly verdicts = new LookupVerdicts<Entry>()
  private readonly flowNames = new BoundedMap<string, string>('names of flows', MAX_FLOW_NAMES)
  private cells: number[] = []
  private verdictCells: number[] = []
  /** Whether there are logs or tables at all. */
  isUsed = false
  /** Log time of the earliest answer since `drainAnswered`. */
  private answeredSince = Number.POSITIVE_INFINITY

  constructor(host: LogAccountingHost) {
    this.host = host
    this.observer = new LogObserver(host.engine)
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
        return this.nameFlow(record.uid, record.name)
      case 'connection':
        if (record.clientMac !== null) this.observer.sawSender(record.clientMac, record.client)
        if (record.serverMac !== null) this.observer.sawSender(record.serverMac, record.server)
        if (countsBytes) this.observeConnection(record, time)
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
    this.accountFlows()
    this.trim()
    const drained = { lookups: Float64Array.from(this.cells), verdicts: Float64Array.from(this.verdictCells) }
    this.cells = []
    this.verdictCells = []
    return drained
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
    this.flows = this.flows.filter(({ binding }) => !isGone(binding))
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
    this.observer.answered(binding, host, led)
    this.answeredSince = Math.min(this.answeredSince, time)
  }

  /** NO_BINDING also where the owner wants nothing observed. */
  private observedBinding(client: string): number {
    const binding = this.observer.bindingOf(client)
    if (binding === NO_BINDING) return binding
    const device = this.host.ofBinding(binding)
    return device !== NO_DEVICE && this.host.isOver(device) ? NO_BINDING : binding
  }

  private nameFlow(uid: string, name: string): void {
    if (uid !== '') this.flowNames.set(uid, name)
  }

  private observeConnection(record: LogConnection, start: number): void {
    const client = this.observer.bindingOfEnd(record.client)
    const server = this.observer.bindingOfEnd(record.server)
    if (client !== NO_BINDING && (server !== NO_BINDING || this.observer.isGroup(record.server))) {
      this.addFlow(record, start, client, record.bytesUp, record.bytesDown, null)
      if (server !== NO_BINDING) this.addFlow(record, start, server, record.bytesDown, record.bytesUp, null)
    } else if (client !== NO_BINDING) {
      this.addFlow(record, start, client, record.bytesUp, record.bytesDown, this.farEnd(record, client, record.server))
    } else if (server !== NO_BINDING) {
      this.addFlow(record, start, server, record.bytesDown, record.bytesUp, this.farEnd(record, server, record.client))
    }
  }

  private farEnd({ uid }: LogConnection, binding: number, address: string): Flow['far'] {
    const own = this.flowNames.get(uid)
    this.flowNames.delete(uid)
    const host = own ?? this.observer.nameFor(binding, address)
    return { host, address, namedBy: own !== undefined ? 'tls' : host === null ? 'none' : 'dns' }
  }

  /** Zeek writes a flow when it is over: its bytes are spread evenly over the time it took. */
  private addFlow(
    { seconds }: LogConnection,
    start: number,
    binding: number,
    sent: number,
    received: number,
    far: Flow['far'],
  ): void {
    const pieces = Math.min(MAX_PIECES, Math.max(1, Math.ceil(seconds / MINUTE)))
    for (let piece = 0; piece < pieces && this.flows.length < MAX_FLOWS; piece++) {
      const share = (bytes: number): number =>
        Math.floor((bytes * (piece + 1)) / pieces) - Math.floor((bytes * piece) / pieces)
      this.flows.push({
        second: Math.floor(start + (seconds * piece) / pieces),
        binding,
        sent: share(sent),
        received: share(received),
        far,
      })
    }
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

  private accountFlows(): void {
    const waiting: Flow[] = []
    for (const flow of this.flows) {
      const device = this.host.ofBinding(flow.binding)
      if (device === NO_DEVICE) waiting.push(flow)
      else if (!this.host.isOver(device)) this.accountFlow(flow, device)
    }
    this.flows = waiting
  }

  private accountFlow({ second, sent, received, far }: Flow, device: number): void {
    this.host.markSeen(device, second)
    if (far === null) return this.host.addBytes(second, device, AT_HOME, sent, received)
    const endpoint = this.host.endpointOf(far.host, far.address, far.namedBy, this.host.levelOf(device))
    if (endpoint.host !== null) this.host.addPeer(device, endpoint)
    this.host.addBytes(second, device, endpoint.number, sent, received)
  }

  private trim(): void {
    if (this.entries.size <= MAX_ENTRIES) return
    for (const [key, entry] of this.entries) {
      if (this.entries.size <= MAX_ENTRIES) return
      if (!this.fresh.has(entry)) this.entries.delete(key)
    }
  }
}
