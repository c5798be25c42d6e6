// TCP connections: a SYN on ports that were used before begins another one.
import { INSPECTION_BUDGET } from './constants'
import { now } from './clock'
import { startAnew } from './flow-credits'
import { nameByMemory } from './flow-names'
import {
  CLOSED,
  CONTESTED,
  flowOf,
  HOME_A,
  HOME_B,
  INSPECT_A,
  INSPECT_B,
  INTERNET_A,
  INTERNET_B,
  nextOfEnd,
  ORDERED_A,
  SAW_PAYLOAD,
  SAW_SENDER_A,
  SAW_SENDER_B,
  setNextOfEnd,
  TOUCHED,
} from './flows'
import { frame } from './frame'
import { NO_NAME, TCP_ACK, TCP_FIN, TCP_RST } from './constants'
import { forgetPayload } from './inspector'
import { noteServed } from './ports'

/** A SYN whose number lies less than this behind what was read of the connection is a copy of the one that began it. */
const COPY_DISTANCE: i32 = 65_536
/** Bits that a new connection on the same ports keeps. */
const KEPT: i32 = HOME_A | HOME_B | INTERNET_A | INTERNET_B | SAW_SENDER_A | SAW_SENDER_B | TOUCHED | CONTESTED

/** The frame, sent by `end`, is a SYN, FIN or RST. */
export function followConnection(id: i32, end: i32): void {
  const flow = flowOf(id)
  if ((frame.tcpFlags & (TCP_FIN | TCP_RST)) != 0) {
    flow.flags |= CLOSED
    return
  }
  const flags = flow.flags
  const first = frame.sequence + 1
  const behind = nextOfEnd(flow, end) - first
  const isCopy = (flags & (ORDERED_A << end)) != 0 && (flags & CLOSED) == 0 && behind >= 0 && behind < COPY_DISTANCE
  if (isCopy) return
  const isOpening = (frame.tcpFlags & TCP_ACK) == 0
  if (!isOpening) noteServed(id, end)
  if (isOpening && (flags & (CLOSED | SAW_PAYLOAD)) != 0) reopen(id)
  setNextOfEnd(flow, end, first)
  flow.flags |= ORDERED_A << end
}

function reopen(id: i32): void {
  startAnew(id)
  forgetPayload(id)
  const flow = flowOf(id)
  flow.name = NO_NAME
  flow.flags = (flow.flags & KEPT) | INSPECT_A | INSPECT_B
  flow.budgetA = INSPECTION_BUDGET
  flow.budgetB = INSPECTION_BUDGET
  flow.first = now
  nameByMemory(id)
}
