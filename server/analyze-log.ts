// Analysis of a saved log: which names each device looked up, and the bytes of flows where the log tells them.
import type { Prefix } from '../capture/ip-address.ts'
import type { LogRecord } from '../capture/logs/record.ts'
import { readSavedLog, recogniseSavedLog } from '../capture/sources/saved-log.ts'
import type { Analysis, CaptureFacts } from './analyze/analysis.ts'
import { ownersOf } from './analyze/owners.ts'
import { describeObserved, measureCoverage } from './analyze/report.ts'
import { Engine } from './engine/engine.ts'
import { isoTime } from './model/stable-text.ts'
import { AT_HOME, type Endpoint, LOOKUP_LENGTH, VERDICT_LENGTH } from './model/batch.ts'
import { listConflicts } from './resolve/conflicts.ts'
import { describeDevice, saidBy } from './resolve/describe-devices.ts'
import { groupBindings } from './resolve/devices.ts'
import { attributeEndpoint, identifyDevice } from './resolve/attribute.ts'
import type { DeviceFacts, EndpointFacts, LookupFacts } from './resolve/facts.ts'
import { seenEndpoint } from './resolve/row-endpoint.ts'
import type { NamedByWord } from './engine/named-by.ts'
import type { Rules } from './rulebook/open.ts'
import { EndpointTable } from './session/endpoint-table.ts'
import { LogAccounting } from './session/log-accounting.ts'

export interface LogAnalysisOptions {
  rules: Rules
  home?: Prefix[] | null
  /** Bytes of the file read so far, and in all. */
  onProgress?: (bytesRead: number, bytesTotal: number) => void
  bytesTotal?: number
}

const MINUTE = 60
/** Names of one device that its identity is judged by: those looked up most often. */
const MAX_JUDGED_HOSTS = 256

interface LookupSum {
  endpoint: number
  count: number
  blocked: number
  answered: number
  first: number
  last: number
}

interface FlowSum {
  endpoint: number
  sent: number
  received: number
  first: number
  last: number
}

/**
 * Analyses the log at `path`; null where it is no log that we read. Throws what opening or reading the file throws.
 * `analysis.capture.problems` lists what is damaged.
 */
export async function analyzeLog(path: string, options: LogAnalysisOptions): Promise<Analysis | null> {
  const format = await recogniseSavedLog(path)
  if (format === null) return null
  const engine = new Engine({ home: options.home ?? null })
  const sums = new LogSums(engine, options.rules)
  const problems: CaptureFacts['problems'] = []
  let lines = 0
  let skippedLines = 0
  for await (const piece of readSavedLog(path, format)) {
    for (const record of piece.records) sums.add(record)
    sums.drain()
    ;({ lines, skippedLines } = piece)
    if (piece.problem !== null) problems.push({ packet: lines, offset: 0, message: piece.problem })
    options.onProgress?.(piece.bytesTaken, options.bytesTotal ?? 0)
  }
  if (sums.records === 0)
    problems.push({ packet: 0, offset: 0, message: `none of the ${lines} lines tells of a look-up or a flow` })
  const devices = sums.devices()
  const blocked = devices.reduce((sum, { lookups = [] }) => lookups.reduce((all, one) => all + one.blocked, sum), 0)
  return {
    schema: 1,
    capture: {
      file: path,
      format,
      linkTypes: [],
      packets: 0,
      frameBytes: 0,
      ipPackets: 0,
      ipBytes: 0,
      first: timeText(sums.first),
      last: timeText(sums.last),
      lines,
      skippedLines,
      lookups: sums.lookups,
      ...(blocked > 0 ? { blockedLookups: blocked } : {}),
      problems,
    },
    devices,
    owners: ownersOf(devices, options.rules.companies),
    events: [],
    alerts: [],
    conflicts: listConflicts(engine),
    coverage: measureCoverage(devices, options.rules),
    observed: describeObserved(engine),
    limits: Object.fromEntries([...engine.limits.reached].sort(([one], [other]) => (one < other ? -1 : 1))),
  }
}

/** What the records of a log add up to, by binding and endpoint. */
export class LogSums {
  lookups = 0
  /** Records of any kind. */
  records = 0
  /** Times of the earliest and the latest record that has one. */
  first = Number.POSITIVE_INFINITY
  last = Number.NEGATIVE_INFINITY
  private readonly engine: Engine
  private readonly rules: Rules
  private readonly table: EndpointTable
  private readonly endpoints = new Map<number, Endpoint>()
  private readonly accounting: LogAccounting
  private readonly asked = new Map<number, Map<number, LookupSum>>()
  private readonly flows = new Map<number, Map<number, FlowSum>>()

  constructor(engine: Engine, rules: Rules) {
    this.engine = engine
    this.rules = rules
    this.table = new EndpointTable(engine, rules)
    this.accounting = new LogAccounting({
      engine,
      // Bindings are sorted into devices at the end, when all of them are known.
      ofBinding: (binding) => binding,
      idOf: String,
      levelOf: () => 'everything',
      isOver: () => false,
      endpointOf: (host, address, namedBy, level, port) =>
        this.keep(this.table.ofText(host, address, namedBy, level, port)),
      markSeen: () => {},
      addPeer: () => {},
      addBytes: (second, binding, endpoint, sent, received) => this.addBytes(second, binding, endpoint, sent, received),
      rememberName: () => {},
    })
  }

  add(record: LogRecord): void {
    const { time } = record
    this.records++
    if (time !== null) {
      this.first = Math.min(this.first, time)
      this.last = Math.max(this.last, time)
    }
    if (record.kind === 'query') this.lookups++
    // A line without a time is as old as the one before it.
    this.accounting.add(record, time ?? (Number.isFinite(this.last) ? this.last : 0), true)
  }

  /** Takes over what was accounted; to be called before the accounting's tables are full. */
  drain(): void {
    const { lookups, verdicts } = this.accounting.drainLookups()
    for (let at = 0; at < lookups.length; at += LOOKUP_LENGTH) {
      const [minute, binding, endpoint, count] = lookups.subarray(at, at + LOOKUP_LENGTH)
      const sum = this.lookupSum(minute, binding, endpoint)
      sum.count += count
      sum.first = Math.min(sum.first, minute)
      sum.last = Math.max(sum.last, minute + MINUTE)
    }
    for (let at = 0; at < verdicts.length; at += VERDICT_LENGTH) {
      const [minute, binding, endpoint, blocked, answered] = verdicts.subarray(at, at + VERDICT_LENGTH)
      const sum = this.lookupSum(minute, binding, endpoint)
      sum.blocked += blocked
      sum.answered += answered
    }
  }

  /** The devices, the one that moved most first, then the one that asked most. */
  devices(): DeviceFacts[] {
    const asks = (device: DeviceFacts): number => (device.lookups ?? []).reduce((sum, { count }) => sum + count, 0)
    return groupBindings(this.engine)
      .map((device) => this.describe(device))
      .sort(
        (one, other) =>
          other.sent + other.received - one.sent - one.received ||
          asks(other) - asks(one) ||
          (one.id < other.id ? -1 : 1),
      )
  }

  private describe(device: { id: string; mac: number; bindings: number[] }): DeviceFacts {
    const facts = describeDevice(this.engine, device, new Map(), this.rules)
    const flows = device.bindings.flatMap((binding) => [...(this.flows.get(binding)?.values() ?? [])])
    for (const { endpoint, sent, received, first, last } of flows) {
      if (endpoint === AT_HOME) {
        facts.sentLocal += sent
        facts.receivedLocal += received
        continue
      }
      facts.sent += sent
      facts.received += received
      addTo(facts.endpoints, this.endpointFacts(endpoint), sent, received, first, last)
    }
    facts.endpoints.sort((one, other) => other.sent - one.sent || other.received - one.received)
    facts.lookups = this.lookupsOf(device.bindings)
    // Names that were looked up identify a device as those of its connections do.
    identifyDevice(facts, saidBy(this.engine, device, facts.mac), this.rules, facts.lookups.slice(0, MAX_JUDGED_HOSTS))
    return facts
  }

  private lookupsOf(bindings: number[]): LookupFacts[] {
    const sums = new Map<number, LookupSum>()
    for (const binding of bindings)
      for (const [endpoint, one] of this.asked.get(binding) ?? []) {
        const sum = sums.get(endpoint)
        if (sum === undefined) sums.set(endpoint, { ...one })
        else {
          sum.count += one.count
          sum.blocked += one.blocked
          sum.answered += one.answered
          sum.first = Math.min(sum.first, one.first)
          sum.last = Math.max(sum.last, one.last)
        }
      }
    return [...sums.values()]
      .filter(({ count }) => count > 0)
      .map(({ endpoint, count, blocked, answered, first, last }) => {
        const { host, company, purpose } = this.endpoints.get(endpoint) as Endpoint
        const [from, to] = [isoTime(first) as string, isoTime(last) as string]
        return { host, company, purpose, count, blocked, answered, first: from, last: to }
      })
      .sort((one, other) => other.count - one.count || ((one.host ?? '') < (other.host ?? '') ? -1 : 1))
  }

  private endpointFacts(number: number): EndpointFacts {
    const { host, address, namedBy } = this.endpoints.get(number) as Endpoint
    const facts = seenEndpoint(host, address ?? '0.0.0.0', namedBy as NamedByWord)
    attributeEndpoint(facts, this.rules)
    return facts
  }

  private lookupSum(minute: number, binding: number, endpoint: number): LookupSum {
    const sums = sumsOf(this.asked, binding)
    let sum = sums.get(endpoint)
    if (sum === undefined)
      sums.set(endpoint, (sum = { endpoint, count: 0, blocked: 0, answered: 0, first: minute, last: minute }))
    return sum
  }

  private keep(endpoint: Endpoint): Endpoint {
    this.endpoints.set(endpoint.number, endpoint)
    return endpoint
  }

  private addBytes(second: number, binding: number, endpoint: number, sent: number, received: number): void {
    const sums = sumsOf(this.flows, binding)
    const sum = sums.get(endpoint) ?? { endpoint, sent: 0, received: 0, first: second, last: second }
    sum.sent += sent
    sum.received += received
    sum.first = Math.min(sum.first, second)
    sum.last = Math.max(sum.last, second)
    sums.set(endpoint, sum)
  }
}

function sumsOf<Sum>(all: Map<number, Map<number, Sum>>, binding: number): Map<number, Sum> {
  let sums = all.get(binding)
  if (sums === undefined) all.set(binding, (sums = new Map()))
  return sums
}

/** One endpoint of a device, whichever of its addresses talked to it. */
function addTo(
  endpoints: EndpointFacts[],
  endpoint: EndpointFacts,
  sent: number,
  received: number,
  first: number,
  last: number,
): void {
  const isSame = (one: EndpointFacts): boolean =>
    one.host === endpoint.host && one.namedBy === endpoint.namedBy && one.addresses[0] === endpoint.addresses[0]
  let known = endpoints.find(isSame)
  if (known === undefined) {
    known = { ...endpoint, first: isoTime(first), last: isoTime(last) }
    endpoints.push(known)
  }
  known.sent += sent
  known.received += received
  const [from, to] = [isoTime(first) as string, isoTime(last) as string]
  if (known.first === null || from < known.first) known.first = from
  if (known.last === null || to > known.last) known.last = to
}

function timeText(time: number): string | null {
  return Number.isFinite(time) ? isoTime(time) : null
}
