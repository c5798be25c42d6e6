// Flows of the last records: what tells a record that counts packets a second time, and what a running total adds.
import { BoundedMap } from '../bounded-map.ts'
import { MAX_KNOWN_FLOWS } from './limits.ts'

/** What one record says of one direction of a flow, by this machine's clock. */
export interface SeenFlow {
  /** Protocol, addresses and ports, of this direction. */
  key: string
  /** Who observed it, and on the packets' way in or out: two observers see the same packets. */
  observer: string
  /** When the flow began, and since when the record may hold bytes of it. */
  begun: number
  start: number
  seconds: number
  octets: number
  packets: number
  /** The record holds what those before it held as well. */
  isTotal: boolean
  /** Bytes of the counter, which begins anew behind its highest value. */
  width: number
}

/** What of a record is new: bytes from `start` on, over `seconds`. Null where all of it was counted before. */
export interface NewPart {
  start: number
  seconds: number
  octets: number
  packets: number
}

/** Clocks of two observers, and the times at which both begin a record, differ by less. */
const SLACK = 1
/** Two observers of a short flow count the same, but for what one of them missed. */
const SIMILAR = 0.05
/** Two records of one observer that begin and end at the same time and count the same are one. */
const SAME_TIME = 0.05
/** Records that follow each other by less belong to one stretch of a flow. */
const PAUSE = 600
/** A counter that falls from its upper half into its lower one began anew; from elsewhere the flow did. */
const HALF = 0.5

interface Known {
  observer: string
  /** The stretch that was counted. */
  from: number
  to: number
  /** The last record of the observer as it came. */
  last: { begun: number; end: number; octets: number; packets: number }
  isTotal: boolean
}

export class KnownFlows {
  /** Records whose packets another one had counted. */
  repeated = 0
  private readonly flows = new BoundedMap<string, Known>('flows whose records are remembered', MAX_KNOWN_FLOWS)

  /** `since`: when the first record of its exporter came: a total of before holds what may be counted already. */
  add(flow: SeenFlow, since: number): NewPart | null {
    const known = this.flows.get(flow.key)
    const end = flow.start + flow.seconds
    if (known !== undefined && this.isRepeated(known, flow, end)) {
      this.repeated++
      return null
    }
    const before = known?.observer === flow.observer ? known : undefined
    const part = flow.isTotal ? totalPart(flow, end, before, since) : deltaPart(flow, end, before)
    const isFollowing = known !== undefined && flow.start <= known.to + PAUSE
    this.flows.renew(flow.key, {
      observer: flow.observer,
      from: isFollowing ? Math.min(known.from, flow.start) : flow.start,
      to: isFollowing ? Math.max(known.to, end) : end,
      last: { begun: flow.begun, end, octets: flow.octets, packets: flow.packets },
      isTotal: flow.isTotal,
    })
    return part
  }

  private isRepeated(known: Known, flow: SeenFlow, end: number): boolean {
    const { observer, last, isTotal } = known
    if (observer !== flow.observer) return isSeenTwice(known, flow, end)
    const isSame = last.octets === flow.octets && last.packets === flow.packets
    if (isTotal && flow.isTotal) return false
    return isSame && Math.abs(last.begun - flow.begun) < SAME_TIME && Math.abs(last.end - end) < SAME_TIME
  }
}

/**
 * Another observer's record of the same time. One that begins where the other one ended is of an exporter that was
 * started again; of flows that are too short to tell the two apart the bytes must agree.
 */
function isSeenTwice({ from, to, last }: Known, { start, octets }: SeenFlow, end: number): boolean {
  const common = Math.min(end, to) - Math.max(start, from)
  if (end - start > SLACK && to - from > SLACK) return common > SLACK
  return common > -SLACK && Math.abs(octets - last.octets) <= SIMILAR * Math.max(octets, last.octets)
}

/** Some exporters give each record of a flow the beginning of the whole: then it goes on where the one before ended. */
function deltaPart(flow: SeenFlow, end: number, before: Known | undefined): NewPart {
  const { start, seconds, octets, packets } = flow
  const last = before?.last
  const goesOn =
    last !== undefined && Math.abs(last.begun - flow.begun) < SLACK && last.end > flow.begun && last.end <= end
  return goesOn ? { start: last.end, seconds: end - last.end, octets, packets } : { start, seconds, octets, packets }
}

function totalPart(flow: SeenFlow, end: number, before: Known | undefined, since: number): NewPart | null {
  const { begun, octets, packets, width } = flow
  const last = before?.isTotal === true && Math.abs(before.last.begun - begun) < SLACK ? before.last : undefined
  // How much of the first total was counted before is not known.
  const whole = { start: begun, seconds: end - begun, octets, packets }
  if (last === undefined) return begun >= since - SLACK ? whole : null
  const highest = 2 ** (8 * width)
  const isWrapped = octets < HALF * highest && last.octets >= HALF * highest && width < 8
  const more = octets - last.octets + (isWrapped ? highest : 0)
  if (more < 0) return whole
  return {
    start: last.end,
    seconds: Math.max(0, end - last.end),
    octets: more,
    packets: Math.max(0, packets - last.packets),
  }
}
