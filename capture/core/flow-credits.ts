// Credits of flows: what each counted, to the row of its device, name and address.
import { allocate, grown } from './memory'
import {
  BINDING_ALONE,
  BINDING_RECEIVED,
  BINDING_RECEIVED_LOCAL,
  BINDING_SENT,
  BINDING_SENT_LOCAL,
  LABEL_SHIFT,
  NAMED_BY_NONE,
  NO_MAC,
  NO_NAME,
  OTHER_ADDRESS,
  REST_NO_ADDRESS,
  REST_PASSING,
  REST_TO_GROUP,
  SCOPE_INTERNET,
} from './constants'
import { isUnspecified, scopeOf } from './addresses'
import { now } from './clock'
import { countLocal, countRest } from './counters'
import {
  addressOfEnd,
  bindingOfEnd,
  DIRECT_MEDIA,
  Flow,
  flowOf,
  flowsUsed,
  HOME_A,
  HOME_B,
  HOW_BITS,
  INTERNET_A,
  INTERNET_B,
  portOfA,
  portOfB,
  protocolOf,
  TOUCHED,
} from './flows'
import { labelBitsOfPort } from './host'
import { macOfBinding } from './ownership'
import { addToBinding, bindingOfRow, creditRow, noteService, rowOf } from './rows'
import { addLocalToTick, addRowToTick } from './ticks'

/** Whether anybody wants to know what each second moved. */
export let hasTicks: bool = false
/** The label of flows that are media between two devices. */
let directMediaLabel: i32 = 0

const FIRST_TOUCHED: i32 = 1024
/** Flows with traffic in the second that is open. */
let touched: usize = allocate((<usize>FIRST_TOUCHED) << 2)
let touchedCapacity: i32 = FIRST_TOUCHED
export let touchedCount: i32 = 0

export function setHasTicks(value: bool): void {
  hasTicks = value
}

export function setDirectMediaLabel(bit: i32): void {
  directMediaLabel = bit
}

/** The end at home of a flow to the internet: 0, 1, or -1 for local and passing traffic. */
export function homeEnd(flow: Flow): i32 {
  const flags = flow.flags
  if ((flags & (HOME_A | INTERNET_B)) == (HOME_A | INTERNET_B)) return 0
  if ((flags & (HOME_B | INTERNET_A)) == (HOME_B | INTERNET_A)) return 1
  return -1
}

/** Counts what the flow has so far where it belongs, and begins with nothing. */
export function startAnew(id: i32): void {
  foldFlow(id, false)
  const flow = flowOf(id)
  flow.row = -1
  flow.creditedPackets = 0
  flow.creditedA = 0
  flow.creditedB = 0
  flow.first = now
}

/** Takes back what was credited to the row of the flow's former name; the next fold credits it to the new one. */
export function uncredit(id: i32): void {
  const flow = flowOf(id)
  const row = flow.row
  if (row < 0) return
  const end = homeEnd(flow)
  const sent = end == 1 ? flow.creditedB : flow.creditedA
  const received = end == 1 ? flow.creditedA : flow.creditedB
  const packets = flow.creditedPackets
  addToRow(row, -sent, -received, <f64>-packets, Infinity, -Infinity)
  if (end == 1) {
    flow.pendingB += sent
    flow.pendingA += received
  } else {
    flow.pendingA += sent
    flow.pendingB += received
  }
  flow.pendingPackets += packets
  flow.foldedA -= flow.creditedA
  flow.foldedB -= flow.creditedB
  flow.creditedA = 0
  flow.creditedB = 0
  flow.creditedPackets = 0
  flow.row = -1
}

/** Credits what the flow counted since the last time. Passing traffic waits for its end: it may turn out local. */
export function foldFlow(id: i32, isEnd: bool): void {
  const flow = flowOf(id)
  if (flow.pendingPackets == 0) return
  const bytesA = flow.pendingA
  const bytesB = flow.pendingB
  const end = homeEnd(flow)
  if (end >= 0) {
    foldToRow(id, flow, end)
  } else if (flow.bindingA >= 0 || flow.bindingB >= 0) {
    creditWithin(flow, bytesA, bytesB)
  } else {
    if (!isEnd) return
    countRest(restKind(flow), bytesA + bytesB, <f64>flow.pendingPackets)
  }
  flow.foldedA += bytesA
  flow.foldedB += bytesB
  flow.pendingA = 0
  flow.pendingB = 0
  flow.pendingPackets = 0
}

/** Bytes within the home, of an end without a binding or of two with. */
function creditWithin(flow: Flow, bytesA: f64, bytesB: f64): void {
  const bindingA = flow.bindingA
  const bindingB = flow.bindingB
  const bytes = bytesA + bytesB
  if (flow.addressA != flow.addressB && isUnspecified(flow.addressA) && isUnspecified(flow.addressB)) {
    // Between two addresses that are none: a device's where a MAC says whose.
    const isKnown = macOfBinding(bindingA) > NO_MAC || macOfBinding(bindingB) > NO_MAC
    if (!isKnown) return countRest(REST_NO_ADDRESS, bytes, <f64>flow.pendingPackets)
    countWithin(macOfBinding(bindingA) > NO_MAC ? bindingA : bindingB, -1, bytes)
  } else countWithin(bindingA, bindingB, bytes)
  addLocal(bindingA, bytesA, bytesB)
  addLocal(bindingB, bytesB, bytesA)
}

/** Bytes between the two bindings (-1 for none) count once within the home. */
export function countWithin(one: i32, other: i32, bytes: f64): void {
  countLocal(bytes)
  if (one < 0 || other < 0 || one == other) addToBinding(one < 0 ? other : one, BINDING_ALONE, bytes)
}

/** Why the flow is of no device. */
export function restKind(flow: Flow): i32 {
  const isBetween = scopeOf(flow.addressA) == SCOPE_INTERNET && scopeOf(flow.addressB) == SCOPE_INTERNET
  return isBetween ? REST_PASSING : REST_TO_GROUP
}

/** Bytes of this kind of flows that go on: they may yet turn out to be a device's. */
export function openRestBytes(kind: i32): f64 {
  let bytes: f64 = 0
  for (let id = 0; id < flowsUsed(); id++) {
    const flow = flowOf(id)
    const isOfNone = flow.isAlive != 0 && flow.bindingA < 0 && flow.bindingB < 0
    if (isOfNone && restKind(flow) == kind) bytes += flow.pendingA + flow.pendingB
  }
  return bytes
}

function foldToRow(id: i32, flow: Flow, end: i32): void {
  let row = flow.row
  if (row < 0) {
    const how = (flow.flags & HOW_BITS) | (labelBits(id, end) << LABEL_SHIFT)
    const binding = bindingOfEnd(flow, end)
    row = rowOf(ownerOf(binding), binding, flow.name, how, addressOfEnd(flow, 1 - end))
    flow.row = row
    noteService(row, protocolOf(id), end == 0 ? portOfB(id) : portOfA(id))
  }
  const sent = end == 0 ? flow.pendingA : flow.pendingB
  const received = end == 0 ? flow.pendingB : flow.pendingA
  addToRow(row, sent, received, <f64>flow.pendingPackets, flow.first, flow.last)
  if (end == 0) {
    flow.creditedA += sent
    flow.creditedB += received
  } else {
    flow.creditedB += sent
    flow.creditedA += received
  }
  flow.creditedPackets += flow.pendingPackets
}

/** The binding's MAC, or a number of its own where it has none. */
function ownerOf(binding: i32): i32 {
  const mac = macOfBinding(binding)
  return mac != 0 ? mac : -binding
}

export function labelBits(id: i32, end: i32): i32 {
  const farPort = end == 0 ? portOfB(id) : portOfA(id)
  return labelBitsOfPort(protocolOf(id), farPort) | ((flowOf(id).flags & DIRECT_MEDIA) != 0 ? directMediaLabel : 0)
}

/** Credits one packet of another device than the flow's, without a name. */
export function creditAtOnce(id: i32, home: i32, binding: i32, bytes: f64, isSent: bool): void {
  const remote = addressOfEnd(flowOf(id), 1 - home)
  const how = NAMED_BY_NONE | (labelBits(id, home) << LABEL_SHIFT)
  const row = rowOf(ownerOf(binding), binding, NO_NAME, how, remote)
  addToRow(row, isSent ? bytes : 0, isSent ? 0 : bytes, 1, now, now)
}

/** Credits a packet at `time` to the binding's nameless row. */
export function creditNameless(binding: i32, sent: f64, received: f64, time: f64): void {
  const row = rowOf(ownerOf(binding), binding, NO_NAME, NAMED_BY_NONE, OTHER_ADDRESS)
  addToRow(row, sent, received, 1, time, time)
}

function addToRow(row: i32, sent: f64, received: f64, packets: f64, first: f64, last: f64): void {
  creditRow(row, sent, received, packets, first, last)
  const binding = bindingOfRow(row)
  addToBinding(binding, BINDING_SENT, sent)
  addToBinding(binding, BINDING_RECEIVED, received)
  if (hasTicks) addRowToTick(row, sent, received)
}

export function addLocal(binding: i32, sent: f64, received: f64): void {
  if (binding < 0) return
  addToBinding(binding, BINDING_SENT_LOCAL, sent)
  addToBinding(binding, BINDING_RECEIVED_LOCAL, received)
  if (hasTicks) addLocalToTick(binding, sent, received)
}

/** The flow has traffic in the second that is open. */
export function touchFlow(id: i32): void {
  flowOf(id).flags |= TOUCHED
  if (touchedCount >= touchedCapacity) {
    touched = grown(touched, (<usize>touchedCapacity) << 2, (<usize>touchedCapacity) << 3)
    touchedCapacity *= 2
  }
  store<i32>(touched + ((<usize>touchedCount) << 2), id)
  touchedCount++
}

/** Credits what the flows with traffic in the second counted, and empties their list. */
export function foldTouched(): void {
  for (let index = 0; index < touchedCount; index++) {
    const id = load<i32>(touched + ((<usize>index) << 2))
    const flow = flowOf(id)
    flow.flags &= ~TOUCHED
    if (flow.isAlive != 0) foldFlow(id, false)
  }
  touchedCount = 0
}
