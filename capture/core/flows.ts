// The conversations going on now: one record for each.
import { allocate, grown } from './memory'
import { addKey, findKey, keyCount, keyWord, newKeyTable, removeKey } from './key-table'
import { MAX_FLOWS } from './limits'

/** NamedBy, and ECH, of the flow's name: as in a row's key. */
export const HOW_BITS: i32 = 0x1f
/** Bits of a flow. Those in pairs are for end A and, shifted left by one, for end B. */
export const INSPECT_A: i32 = 1 << 5
export const INSPECT_B: i32 = 1 << 6
/** The next sequence number is known. */
export const ORDERED_A: i32 = 1 << 7
export const ORDERED_B: i32 = 1 << 8
export const ASSEMBLY_A: i32 = 1 << 9
export const ASSEMBLY_B: i32 = 1 << 10
export const HTTP_A: i32 = 1 << 11
export const HTTP_B: i32 = 1 << 12
export const SAW_PAYLOAD: i32 = 1 << 13
export const CLOSED: i32 = 1 << 14
/** On the list of flows with traffic in this second. */
export const TOUCHED: i32 = 1 << 15
export const HOME_A: i32 = 1 << 17
export const HOME_B: i32 = 1 << 18
export const INTERNET_A: i32 = 1 << 19
export const INTERNET_B: i32 = 1 << 20
/** STUN was seen: two ends look for a direct way to each other, as for a call or a camera's live view. */
export const DIRECT_MEDIA: i32 = 1 << 21
/** Several MACs use the address of an end: each packet is its frame's. */
export const CONTESTED: i32 = 1 << 22
/** The sender of an end on the internet was looked at. */
export const SAW_SENDER_A: i32 = 1 << 23
export const SAW_SENDER_B: i32 = 1 << 24

/** One flow. Fields in pairs are read by end with the functions below: end 0 is A, 1 is B. */
@unmanaged
export class Flow {
  /** Bytes not yet credited and credited, from A and from B. */
  pendingA: f64 = 0
  pendingB: f64 = 0
  creditedA: f64 = 0
  creditedB: f64 = 0
  /** Bytes folded since it began, wherever they were counted. */
  foldedA: f64 = 0
  foldedB: f64 = 0
  /** First and last packet in seconds. */
  first: f64 = 0
  last: f64 = 0
  /** The bits above. */
  flags: i32 = 0
  /** The ownership epoch when the bindings were looked up. */
  epoch: i32 = 0
  /** Bindings of the two ends, -1 where an end is not at home. */
  bindingA: i32 = 0
  bindingB: i32 = 0
  addressA: i32 = 0
  addressB: i32 = 0
  name: i32 = 0
  /** Row that its totals are credited to, -1 for none yet. */
  row: i32 = 0
  /** Next TCP sequence number expected of each end, while its payload is inspected. */
  nextA: i32 = 0
  nextB: i32 = 0
  pendingPackets: i32 = 0
  creditedPackets: i32 = 0
  /** What its payload is to be read as: one of KIND_…. */
  kind: i32 = 0
  /** Payloads that are still looked at, of each end. */
  budgetA: i32 = 0
  budgetB: i32 = 0
  isAlive: i32 = 0
}

const FLOW_BYTES: usize = 128
const FIRST_FLOWS: i32 = 1024
/** Flows looked at to find the one idle longest when the table is full. */
const EVICTION_SAMPLE: i32 = 64

const table = newKeyTable(MAX_FLOWS)
let records: usize = allocate(<usize>FIRST_FLOWS * FLOW_BYTES)
let capacity: i32 = FIRST_FLOWS
let hand: i32 = 0

/** The record of a flow, to be asked for anew after a flow was added. */
export function flowOf(id: i32): Flow {
  return changetype<Flow>(records + <usize>id * FLOW_BYTES)
}

/** Highest id given out, plus one; and flows going on. */
export function flowsUsed(): i32 {
  return table.used
}

export function flowsAlive(): i32 {
  return keyCount(table)
}

export function findFlow(a: i32, b: i32, ports: i32, protocol: i32): i32 {
  return findKey(table, a, b, ports, protocol)
}

/** A new flow with zeroed fields, or -1 where the table is full: evict `oldestFlow()` then. */
export function addFlow(a: i32, b: i32, ports: i32, protocol: i32): i32 {
  const flow = addKey(table, a, b, ports, protocol)
  if (flow < 0) return -1
  if (flow >= capacity) {
    records = grown(records, <usize>capacity * FLOW_BYTES, <usize>capacity * 2 * FLOW_BYTES)
    capacity *= 2
  }
  memory.fill(records + <usize>flow * FLOW_BYTES, 0, FLOW_BYTES)
  flowOf(flow).isAlive = 1
  return flow
}

export function removeFlow(flow: i32): void {
  flowOf(flow).isAlive = 0
  removeKey(table, flow)
}

export function portOfA(flow: i32): i32 {
  return keyWord(table, flow, 2) >>> 16
}

export function portOfB(flow: i32): i32 {
  return keyWord(table, flow, 2) & 0xffff
}

export function protocolOf(flow: i32): i32 {
  return keyWord(table, flow, 3) & 0xff
}

/** The flow idle longest among the next few: close to the oldest of all, at a bounded cost. */
export function oldestFlow(): i32 {
  let best = -1
  let bestLast: f64 = Infinity
  for (let looked = 0; looked < EVICTION_SAMPLE;) {
    hand = (hand + 1) % table.used
    const flow = flowOf(hand)
    if (flow.isAlive == 0) continue
    looked++
    if (flow.last < bestLast) {
      best = hand
      bestLast = flow.last
    }
  }
  return best
}

export function bindingOfEnd(flow: Flow, end: i32): i32 {
  return end == 0 ? flow.bindingA : flow.bindingB
}

export function addressOfEnd(flow: Flow, end: i32): i32 {
  return end == 0 ? flow.addressA : flow.addressB
}

export function nextOfEnd(flow: Flow, end: i32): i32 {
  return end == 0 ? flow.nextA : flow.nextB
}

export function setNextOfEnd(flow: Flow, end: i32, next: i32): void {
  if (end == 0) flow.nextA = next
  else flow.nextB = next
}

/** Takes one off the payloads that are still looked at, and returns how many are left. */
export function spendBudget(flow: Flow, end: i32): i32 {
  return end == 0 ? --flow.budgetA : --flow.budgetB
}

export function setBudget(flow: Flow, end: i32, payloads: i32): void {
  if (end == 0) flow.budgetA = payloads
  else flow.budgetB = payloads
}
