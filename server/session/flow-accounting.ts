// Accounting of connections that a log or a flow exporter reports: whose bytes they are, when, and to whom.
import { BoundedMap } from '../../capture/bounded-map.ts'
import { labelBitsOfPort } from '../attribution/labels.ts'
import type { LogConnection } from '../../capture/logs/record.ts'
import { notePortsOfFlow } from '../engine/flow-ports.ts'
import { type LogObserver, NO_BINDING } from '../engine/log-observer.ts'
import { AT_HOME, CELL_LENGTH, type Endpoint } from '../model/batch.ts'
import type { AccountedFlows } from '../model/flows.ts'
import { FLOW_LENGTH } from '../model/flows.ts'
import { NO_DEVICE } from './device-table.ts'
import type { LogAccountingHost } from './log-accounting-host.ts'
import { minutesOf, secondsOf, type Spread } from './flow-spread.ts'

/** Connections that wait for the next batch, and names of connections by Zeek's own number. */
const MAX_FLOWS = 100_000
const MAX_FLOW_NAMES = 10_000
/** Cells of one batch: with more flows than these suffice for, each is spread over fewer seconds. */
const MAX_CELLS = 200_000
/** A flow that is told while it goes on is spread over its single seconds, up to so many of them. */
const MAX_SECONDS = 600

interface FarEnd {
  host: string | null
  address: string
  namedBy: Endpoint['namedBy']
  /** IANA protocol number and port, 0 for none. */
  protocol: number
  port: number
}

interface Flow extends Spread {
  binding: number
  /** Null within the home. */
  far: FarEnd | null
  /** See LogConnection. */
  lateSeconds: number | null
}

export class FlowAccounting {
  private readonly host: LogAccountingHost
  private readonly observer: LogObserver
  private flows: Flow[] = []
  private readonly flowNames = new BoundedMap<string, string>('names of flows', MAX_FLOW_NAMES)
  private records: number[] = []
  private cells = 0

  constructor(host: LogAccountingHost, observer: LogObserver) {
    this.host = host
    this.observer = observer
  }

  /** A TLS hello named the server of the connection with this number. */
  name(uid: string, name: string): void {
    if (uid !== '') this.flowNames.set(uid, name)
  }

  add(record: LogConnection, start: number): void {
    // Of a part of a flow that has no bytes nothing but the ends is told.
    if (record.lateSeconds !== undefined && record.bytesUp + record.bytesDown === 0) return
    const client = this.observer.bindingOfEnd(record.client)
    const server = this.observer.bindingOfEnd(record.server)
    if (record.lateSeconds !== undefined) notePortsOfFlow(this.host.engine.ports, record, client, server)
    const up = { start, seconds: record.seconds, sent: record.bytesUp, received: record.bytesDown }
    const down = { ...up, sent: record.bytesDown, received: record.bytesUp }
    if (client !== NO_BINDING && (server !== NO_BINDING || this.observer.isGroup(record.server))) {
      this.push(record, client, up, null)
      if (server !== NO_BINDING) this.push(record, server, down, null)
    } else if (client !== NO_BINDING) {
      this.push(record, client, up, this.farEnd(record, client, record.server, record.serverPort, start))
    } else if (server !== NO_BINDING) {
      this.push(record, server, down, this.farEnd(record, server, record.client, record.clientPort, start))
    }
  }

  /** Nothing of these bindings is accounted any more. */
  forget(isGone: (binding: number) => boolean): void {
    this.flows = this.flows.filter(({ binding }) => !isGone(binding))
  }

  /** Gives the host the bytes of all connections whose device is sorted. */
  account(): void {
    const waiting: Flow[] = []
    const most = Math.max(1, Math.min(MAX_SECONDS, Math.floor(MAX_CELLS / Math.max(1, this.flows.length))))
    for (const flow of this.flows) {
      const device = this.host.ofBinding(flow.binding)
      // With a flood of addresses devices are sorted out less often.
      if (device === NO_DEVICE) waiting.push(flow)
      else if (!this.host.isOver(device)) this.accountFlow(flow, device, most)
    }
    this.flows = waiting
  }

  /** What was accounted since the last call of flows that are told while they go on. */
  drain(): AccountedFlows {
    const drained = { cells: this.cells * CELL_LENGTH, records: Float64Array.from(this.records) }
    this.records = []
    this.cells = 0
    return drained
  }

  private push({ lateSeconds }: LogConnection, binding: number, spread: Spread, far: FarEnd | null): void {
    if (this.flows.length < MAX_FLOWS) this.flows.push({ ...spread, binding, far, lateSeconds: lateSeconds ?? null })
  }

  private farEnd(record: LogConnection, binding: number, address: string, port: number, start: number): FarEnd {
    const { uid, protocol, lateSeconds } = record
    const end = { address, protocol, port }
    const own = this.flowNames.get(uid)
    this.flowNames.delete(uid)
    if (own !== undefined) return { ...end, host: own, namedBy: 'tls' }
    if (lateSeconds !== undefined) return { ...end, ...this.observer.nameOfFlow(binding, address, start) }
    const host = this.observer.nameFor(binding, address)
    return { ...end, host, namedBy: host === null ? 'none' : 'dns' }
  }

  private accountFlow(flow: Flow, device: number, most: number): void {
    const { start, seconds, sent, received, far, lateSeconds } = flow
    const isGoingOn = lateSeconds !== null
    const endpoint = this.endpointOf(far, device, isGoingOn)
    for (const piece of isGoingOn ? secondsOf(flow, most) : minutesOf(flow)) {
      this.host.markSeen(device, piece.second)
      if (piece.sent === 0 && piece.received === 0) continue
      this.host.addBytes(piece.second, device, endpoint, piece.sent, piece.received)
      if (isGoingOn) this.cells++
    }
    if (!isGoingOn) return
    const record = [Math.floor(start), Math.floor(start + seconds), device, endpoint, sent, received, lateSeconds]
    for (let field = 0; field < FLOW_LENGTH; field++) this.records.push(record[field])
  }

  private endpointOf(far: FarEnd | null, device: number, isKept: boolean): number {
    if (far === null) return AT_HOME
    const { host, address, namedBy, protocol, port } = far
    const labels = labelBitsOfPort(protocol, port)
    const endpoint = this.host.endpointOf(host, address, namedBy, this.host.levelOf(device), { protocol, port, labels })
    if (endpoint.host === null) return endpoint.number
    this.host.addPeer(device, endpoint)
    if (isKept) this.host.rememberName(device, address, endpoint.host, namedBy)
    return endpoint.number
  }
}
