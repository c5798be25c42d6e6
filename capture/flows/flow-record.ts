// One record of flows, as its exporter wrote it: ends, counts, times and sampling.
import { type Counts, countsOf, type FlowCounts } from './counts.ts'
import {
  DESTINATION_IPV4,
  DESTINATION_IPV6,
  DESTINATION_PORT,
  DIRECTION,
  FLOW_ID,
  POST_DESTINATION_MAC,
  POST_NAPT_DESTINATION_PORT,
  POST_NAT_DESTINATION_IPV4,
  POST_NAT_DESTINATION_IPV6,
  PROTOCOL,
  SOURCE_IPV4,
  SOURCE_IPV6,
  SOURCE_MAC,
  SOURCE_PORT,
} from './elements.ts'
import type { FieldView } from './field-view.ts'
import { type ExportTimes, type FlowSpan, spanOf } from './flow-times.ts'

export interface FlowRecord {
  /** Addresses in canonical text. */
  source: string
  destination: string
  sourcePort: number
  destinationPort: number
  /** IANA protocol number, 0 where the record has none. */
  protocol: number
  counts: FlowCounts
  span: FlowSpan
  /** "aa:bb:cc:dd:ee:ff", null where the record does not tell who holds the address. */
  sourceMac: string | null
  destinationMac: string | null
  /** 0: counted on its way into the exporter, 1: out of it (element 61); null where it does not say. */
  direction: number | null
  /** The exporter's own number of the flow, '' where it has none. */
  flowId: string
  /** Each packet stands for so many. */
  samplingRate: number
}

/** TCP, UDP, DCCP, SCTP and UDP-Lite have ports; others put types and codes there. */
const WITH_PORTS: readonly number[] = [6, 17, 33, 132, 136]

/** Null where the record is not about packets between two addresses. */
export function readFlow(
  view: FieldView,
  times: ExportTimes,
  isIpfix: boolean,
  samplingRate: number,
): FlowRecord | null {
  const counts = countsOf(view, isIpfix)
  const source = view.address(SOURCE_IPV4, SOURCE_IPV6)
  const destination = view.address(DESTINATION_IPV4, DESTINATION_IPV6)
  if (counts === null || source === null || destination === null) return null
  // Where addresses are translated, who receives it is behind the translation; who sends it is in front of it.
  const inside = translatedDestination(view, destination)
  const protocol = view.numberOr(PROTOCOL, 0)
  const port = (element: number): number => (WITH_PORTS.includes(protocol) ? view.numberOr(element, 0) & 0xffff : 0)
  const insidePort = inside === null ? 0 : port(POST_NAPT_DESTINATION_PORT)
  return {
    source,
    destination: inside ?? destination,
    sourcePort: port(SOURCE_PORT),
    destinationPort: insidePort === 0 ? port(DESTINATION_PORT) : insidePort,
    protocol,
    counts,
    span: spanOf(view, times),
    // Elements 80 and 81 are of the exporter's own side: its MAC where it routes.
    sourceMac: view.mac(SOURCE_MAC),
    destinationMac: view.mac(POST_DESTINATION_MAC),
    direction: view.number(DIRECTION),
    flowId: String(view.number(FLOW_ID) ?? ''),
    samplingRate,
  }
}

function translatedDestination(view: FieldView, destination: string): string | null {
  return destination.includes(':')
    ? view.address(-1, POST_NAT_DESTINATION_IPV6)
    : view.address(POST_NAT_DESTINATION_IPV4, -1)
}

/** One direction of a flow. */
export interface OneWay extends Counts {
  source: string
  sourcePort: number
  sourceMac: string | null
  destination: string
  destinationPort: number
  destinationMac: string | null
}

/** The directions in which a record counts something. */
export function waysOf(record: FlowRecord): OneWay[] {
  const { source, sourcePort, sourceMac, destination, destinationPort, destinationMac, counts } = record
  const ways: OneWay[] = []
  const { forward, reverse } = counts
  if (forward.octets > 0)
    ways.push({ source, sourcePort, sourceMac, destination, destinationPort, destinationMac, ...forward })
  if (reverse !== null && reverse.octets > 0)
    ways.push({
      source: destination,
      sourcePort: destinationPort,
      sourceMac: destinationMac,
      destination: source,
      destinationPort: sourcePort,
      destinationMac: sourceMac,
      ...reverse,
    })
  return ways
}
