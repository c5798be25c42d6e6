// Every flow that is kept, one after another, for a look at the capture as a whole.
import { addressWord, isIpv4, scopeOf } from './addresses'
import { SCOPE_INTERNET } from './constants'
import { flowOf, flowsUsed, HOME_A, HOME_B, portOfA, portOfB, protocolOf } from './flows'
import {
  SURVEY_ADDRESS_A,
  SURVEY_ADDRESS_B,
  SURVEY_BYTES_A,
  SURVEY_BYTES_B,
  SURVEY_FIELDS,
  SURVEY_IS_HOME_A,
  SURVEY_IS_HOME_B,
  SURVEY_IS_INTERNET_A,
  SURVEY_IS_INTERNET_B,
  SURVEY_IS_IPV4,
  SURVEY_PACKETS,
  SURVEY_PORT_A,
  SURVEY_PORT_B,
  SURVEY_PROTOCOL,
} from './flow-survey-layout'

const survey = memory.data(8 * SURVEY_FIELDS, 8)

/** Where `surveyFlow` writes: numbers of 64 bits, at the places SURVEY_…. */
export function surveyAddress(): usize {
  return survey
}

/** Writes down the first flow from `id` on, and returns the id behind it; -1 where there is none. */
export function surveyFlow(id: i32): i32 {
  for (let next = id; next < flowsUsed(); next++) {
    if (flowOf(next).isAlive == 0) continue
    write(next)
    return next + 1
  }
  return -1
}

function write(id: i32): void {
  const flow = flowOf(id)
  const flags = flow.flags
  memory.fill(survey, 0, (<usize>SURVEY_FIELDS) << 3)
  set(SURVEY_PROTOCOL, protocolOf(id))
  set(SURVEY_IS_IPV4, isIpv4(flow.addressA) ? 1 : 0)
  set(SURVEY_PORT_A, portOfA(id))
  set(SURVEY_PORT_B, portOfB(id))
  set(SURVEY_IS_HOME_A, (flags & HOME_A) != 0 ? 1 : 0)
  set(SURVEY_IS_HOME_B, (flags & HOME_B) != 0 ? 1 : 0)
  set(SURVEY_IS_INTERNET_A, scopeOf(flow.addressA) == SCOPE_INTERNET ? 1 : 0)
  set(SURVEY_IS_INTERNET_B, scopeOf(flow.addressB) == SCOPE_INTERNET ? 1 : 0)
  set(SURVEY_PACKETS, flow.pendingPackets + flow.creditedPackets)
  store<f64>(survey + ((<usize>SURVEY_BYTES_A) << 3), flow.foldedA + flow.pendingA)
  store<f64>(survey + ((<usize>SURVEY_BYTES_B) << 3), flow.foldedB + flow.pendingB)
  for (let word = 0; word < 4; word++) {
    set(SURVEY_ADDRESS_A + word, addressWord(flow.addressA, word))
    set(SURVEY_ADDRESS_B + word, addressWord(flow.addressB, word))
  }
}

function set(field: i32, value: i32): void {
  store<f64>(survey + ((<usize>field) << 3), <f64>value)
}
