// What programs say of themselves at the start of a TCP connection: MQTT client ids, RTSP heads, SSH identifications.
import {
  bannerAt,
  bannerEnd,
  LETTER_R,
  LETTER_S,
  readRtspHead,
  readSshBanner,
  startsLikeRtspRequest,
  startsLikeRtspResponse,
  startsLikeSsh,
} from './banners'
import { SAID_MQTT_CLIENT_ID, SAID_RTSP_SERVER, SAID_SSH_BANNER } from './constants'
import { bindingOfEnd, flowOf, INSPECT_A, INSPECT_B, spendBudget } from './flows'
import { observeSaid, observeUserAgent } from './host'
import { NEED_MORE, serverAt, serverEnd, userAgentAt, userAgentEnd } from './http-request'
import { byteAt } from './memory'
import { clientIdAt, clientIdEnd, MQTT_CONNECT, readMqttConnect } from './mqtt'

const LETTER_A: i32 = 0x41
const LETTER_Z: i32 = 0x5a
/** Nothing that is read here. */
export const NOT_SAID: i32 = -1

/**
 * Reads what `end` of the flow says at the start of [at, to): 1, NEED_MORE or NOT_SAID. With `isCut` nothing more will
 * come.
 */
export function readSaid(at: usize, to: usize, id: i32, end: i32, isCut: bool): i32 {
  const first = byteAt(at)
  if (first == MQTT_CONNECT) return readClientId(at, to, id, end)
  if (first < LETTER_A || first > LETTER_Z) return NOT_SAID
  if (first == LETTER_S && startsLikeSsh(at, to)) return readIdentification(at, to, id, end)
  if (first == LETTER_R && startsLikeRtspResponse(at, to)) return readRtsp(at, to, id, end, isCut)
  return startsLikeRtspRequest(at, to) ? readRtsp(at, to, id, end, isCut) : NOT_SAID
}

function readClientId(at: usize, to: usize, id: i32, end: i32): i32 {
  const result = readMqttConnect(at, to)
  if (result <= 0) return result
  say(SAID_MQTT_CLIENT_ID, id, end, clientIdAt, clientIdEnd)
  flowOf(id).flags &= ~(INSPECT_A | INSPECT_B)
  return result
}

/** Behind it comes nothing that is read in the clear. */
function readIdentification(at: usize, to: usize, id: i32, end: i32): i32 {
  const result = readSshBanner(at, to)
  if (result <= 0) return result
  say(SAID_SSH_BANNER, id, end, bannerAt, bannerEnd)
  flowOf(id).flags &= ~(INSPECT_A << end)
  return result
}

/** Not every head says who sent it: a few are read. */
function readRtsp(at: usize, to: usize, id: i32, end: i32, isCut: bool): i32 {
  const result = readRtspHead(at, to)
  const isNamed = serverAt != 0 || userAgentAt != 0
  if (result < 0 || (result == NEED_MORE && !(isCut && isNamed))) return result
  const binding = bindingOfEnd(flowOf(id), end)
  if (binding >= 0 && userAgentAt != 0) observeUserAgent(binding, userAgentAt, userAgentEnd)
  if (serverAt != 0) say(SAID_RTSP_SERVER, id, end, serverAt, serverEnd)
  const flow = flowOf(id)
  if (spendBudget(flow, end) <= 0 || isNamed) flow.flags &= ~(INSPECT_A << end)
  return 1
}

/** A server on the internet says nothing about the device that asked it. */
function say(kind: i32, id: i32, end: i32, at: usize, to: usize): void {
  const binding = bindingOfEnd(flowOf(id), end)
  if (binding >= 0 && to > at) observeSaid(kind, binding, at, to)
}
