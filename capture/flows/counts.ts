// The bytes and packets of a record, in the direction of its addresses and in the other one.
import {
  INITIATOR_OCTETS,
  INITIATOR_PACKETS,
  LAYER2_OCTETS,
  OCTETS,
  OCTETS_TOTAL,
  PACKETS,
  PACKETS_TOTAL,
  POST_OCTETS,
  POST_OCTETS_TOTAL,
  POST_PACKETS,
  POST_PACKETS_TOTAL,
  RESPONDER_OCTETS,
  RESPONDER_PACKETS,
  REVERSE,
} from './elements.ts'
import type { FieldView } from './field-view.ts'

export interface Counts {
  octets: number
  /** 0 where the record does not say. */
  packets: number
}

export interface FlowCounts {
  /** From source to destination. */
  forward: Counts
  /** Null where the record is of one direction. */
  reverse: Counts | null
  /** They run from the flow's beginning, and each record holds those before. */
  areTotals: boolean
  /** Bytes that the field takes, for one that began anew at its end. */
  width: number
}

/** Null where the record counts no bytes: an event of a firewall, a table of interfaces. */
export function countsOf(view: FieldView, isIpfix: boolean): FlowCounts | null {
  if (view.has(INITIATOR_OCTETS) || view.has(RESPONDER_OCTETS))
    return flowCounts(view, [INITIATOR_OCTETS, INITIATOR_PACKETS], [RESPONDER_OCTETS, RESPONDER_PACKETS], false)
  if (view.has(OCTETS)) return flowCounts(view, [OCTETS, PACKETS], reverseOf(view, isIpfix), false)
  // What leaves the exporter, where it does not tell what came in.
  if (view.has(POST_OCTETS))
    return flowCounts(view, [POST_OCTETS, POST_PACKETS], reversed(view, POST_OCTETS, POST_PACKETS), false)
  if (view.has(OCTETS_TOTAL))
    return flowCounts(view, [OCTETS_TOTAL, PACKETS_TOTAL], reversed(view, OCTETS_TOTAL, PACKETS_TOTAL), true)
  if (view.has(POST_OCTETS_TOTAL))
    return flowCounts(
      view,
      [POST_OCTETS_TOTAL, POST_PACKETS_TOTAL],
      reversed(view, POST_OCTETS_TOTAL, POST_PACKETS_TOTAL),
      true,
    )
  return view.has(LAYER2_OCTETS) ? flowCounts(view, [LAYER2_OCTETS, PACKETS], null, false) : null
}

type Fields = [octets: number, packets: number]

/**
 * The other direction of a flow that was counted in both: RFC 5103's elements, or NetFlow v9's OUT_BYTES beside
 * IN_BYTES (nProbe). In IPFIX the same number is what leaves the exporter in the same direction: nothing more.
 */
function reverseOf(view: FieldView, isIpfix: boolean): Fields | null {
  if (view.has(REVERSE + OCTETS)) return [REVERSE + OCTETS, REVERSE + PACKETS]
  if (isIpfix || !view.has(POST_OCTETS)) return null
  // The same figure twice is the same packets on their way in and out.
  return view.number(POST_OCTETS) === view.number(OCTETS) ? null : [POST_OCTETS, POST_PACKETS]
}

function reversed(view: FieldView, octets: number, packets: number): Fields | null {
  return view.has(REVERSE + octets) ? [REVERSE + octets, REVERSE + packets] : null
}

function flowCounts(view: FieldView, forward: Fields, reverse: Fields | null, areTotals: boolean): FlowCounts {
  const read = ([octets, packets]: Fields): Counts => ({
    octets: view.numberOr(octets, 0),
    packets: view.numberOr(packets, 0),
  })
  return {
    forward: read(forward),
    reverse: reverse === null ? null : read(reverse),
    areTotals,
    width: view.lengthOf(forward[0]),
  }
}
