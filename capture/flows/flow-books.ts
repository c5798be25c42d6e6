// Records of all streams into connections: dated, checked, each packet once, and estimated where they were sampled.
import { isHomeAddress } from '../ip-address.ts'
import type { LogConnection } from '../logs/record.ts'
import { type FlowRecord, type OneWay, waysOf } from './flow-record.ts'
import { type DatedFlow, dateFlow, type ExportTimes } from './flow-times.ts'
import { KnownFlows } from './known-flows.ts'
import { isPossibleVolume } from './plausible.ts'
import type { Stream } from './stream.ts'

/** How many records, or directions of them, were treated in which way. */
export interface FlowTally {
  /** Handed on. */
  flows: number
  /** Left out: they end before they begin, or hold more bytes than fits into their packets or their time. */
  backwards: number
  impossible: number
  /** Booked when they came, as their own times could not be. */
  undated: number
  /** Handed on, with an end that is of a home's address block. */
  atHome: number
}

export class FlowBooks {
  readonly tally: FlowTally = { flows: 0, backwards: 0, impossible: 0, undated: 0, atHome: 0 }
  /** Start of the last flow that was handed on; null before there is one. */
  lastFlow: number | null = null
  private readonly known = new KnownFlows()
  private readonly onFlow: (flow: LogConnection) => void

  constructor(onFlow: (flow: LogConnection) => void) {
    this.onFlow = onFlow
  }

  /** Records whose packets another one had counted. */
  get repeated(): number {
    return this.known.repeated
  }

  add(record: FlowRecord, stream: Stream, times: ExportTimes): void {
    const ways = waysOf(record)
    if (ways.length === 0) return
    const dated = dateFlow(record.span, times, stream.timing.interval)
    if (dated === null) return void this.tally.backwards++
    const { start, end, seconds } = record.span
    const hasTimes = (start !== null && end !== null) || seconds !== null
    if (!dated.isDated) this.tally.undated++
    else if (hasTimes) stream.timing.note(dated.start, dated.seconds, times.arrived)
    const ofRecord = hasTimes && dated.isDated ? dated.seconds : null
    const duration = record.counts.areTotals ? Number.POSITIVE_INFINITY : ofRecord
    for (const way of ways) {
      if (isPossibleVolume(way.octets, way.packets, duration, record.samplingRate))
        this.addWay(way, record, stream, dated)
      else this.tally.impossible++
    }
  }

  private addWay(way: OneWay, record: FlowRecord, stream: Stream, dated: DatedFlow): void {
    const { protocol, samplingRate, counts, direction, flowId } = record
    const { source, sourcePort, destination, destinationPort } = way
    const part = this.known.add(
      {
        key: `${protocol} ${source} ${sourcePort} ${destination} ${destinationPort}${counts.areTotals ? ` ${flowId}` : ''}`,
        observer: `${stream.key} ${direction ?? ''}`,
        begun: dated.begun,
        start: dated.start,
        seconds: dated.seconds,
        octets: way.octets,
        packets: way.packets,
        isTotal: counts.areTotals,
        width: counts.width,
      },
      stream.since,
    )
    const { lateness } = stream.timing
    // Who holds the addresses is worth knowing even so.
    if (part === null && way.sourceMac === null && way.destinationMac === null) return
    if (part === null) return this.onFlow(connectionOf(way, protocol, { ...dated, octets: 0, packets: 0 }, 1, lateness))
    if (part.octets === 0) return
    // What a total adds was not looked at yet.
    if (counts.areTotals && !isPossibleVolume(part.octets, part.packets, part.seconds, samplingRate))
      return void this.tally.impossible++
    if (samplingRate > stream.samplingRate) stream.samplingRate = samplingRate
    this.tally.flows++
    if (isHomeAddress(source) || isHomeAddress(destination)) this.tally.atHome++
    this.lastFlow = part.start + part.seconds
    this.onFlow(connectionOf(way, protocol, part, samplingRate, lateness))
  }
}

function connectionOf(
  { source, sourcePort, sourceMac, destination, destinationPort, destinationMac }: OneWay,
  protocol: number,
  part: { start: number; seconds: number; octets: number; packets: number },
  samplingRate: number,
  lateness: number,
): LogConnection {
  return {
    kind: 'connection',
    time: part.start,
    uid: '',
    client: source,
    clientPort: sourcePort,
    server: destination,
    serverPort: destinationPort,
    protocol,
    seconds: part.seconds,
    bytesUp: Math.round(part.octets * samplingRate),
    bytesDown: 0,
    packetsUp: Math.round(part.packets * samplingRate),
    packetsDown: 0,
    clientMac: sourceMac,
    serverMac: destinationMac,
    lateSeconds: lateness,
  }
}
