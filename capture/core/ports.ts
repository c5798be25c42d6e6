// Ports by which each device asks others and is asked.
import { PORT_ROLE_SHIFT, PORT_TO_HOME, PORT_TO_INTERNET, PORT_SERVED, PORT_UDP, PORTS_PER_BINDING } from './constants'
import { PROTOCOL_TCP, PROTOCOL_UDP, TCP_ACK, TCP_SYN } from './constants'
import { bindingOfEnd, CONTESTED, flowOf, INTERNET_A, portOfA, portOfB } from './flows'
import { frame } from './frame'
import { allocate, grown } from './memory'

/** Systems give ports from here on to whoever asks (Linux, RFC 6056): they name no service. */
const FIRST_EPHEMERAL: i32 = 32_768
const BINDING_BYTES: usize = (<usize>PORTS_PER_BINDING) << 2
const FIRST_BINDINGS: i32 = 256

let ports: usize = allocate(<usize>FIRST_BINDINGS * BINDING_BYTES)
let capacity: i32 = FIRST_BINDINGS

/** The frame is the first of its flow, or of its flow with these devices; it was sent by `end`. */
export function notePorts(id: i32, end: i32): void {
  if (frame.protocol != PROTOCOL_TCP && frame.protocol != PROTOCOL_UDP) return
  const flow = flowOf(id)
  if ((flow.flags & CONTESTED) != 0) return
  const server = serverEnd(id, end)
  if (server < 0) return
  const port = (server == 0 ? portOfA(id) : portOfB(id)) | (frame.protocol == PROTOCOL_UDP ? PORT_UDP : 0)
  const isInternet = (flow.flags & (INTERNET_A << server)) != 0
  // An address whose answer was never seen may not be there: it serves nothing yet.
  if (server == end) note(bindingOfEnd(flow, server), port | (PORT_SERVED << PORT_ROLE_SHIFT))
  if (isInternet && isCommon(port & 0xffff)) return
  note(bindingOfEnd(flow, 1 - server), port | ((isInternet ? PORT_TO_INTERNET : PORT_TO_HOME) << PORT_ROLE_SHIFT))
}

/** The frame accepts a connection: `end` serves the port. */
export function noteServed(id: i32, end: i32): void {
  const flow = flowOf(id)
  if ((flow.flags & CONTESTED) != 0) return
  const port = end == 0 ? portOfA(id) : portOfB(id)
  note(bindingOfEnd(flow, end), port | (PORT_SERVED << PORT_ROLE_SHIFT))
}

/** A flow record tells of a port; `value` is as `portOfBinding` gives it. */
export function notePort(binding: i32, value: i32): void {
  note(binding, value)
}

/** `place` is 0 to PORTS_PER_BINDING - 1; 0 is given behind the last. */
export function portOfBinding(binding: i32, place: i32): i32 {
  if (<u32>binding >= <u32>capacity || <u32>place >= <u32>PORTS_PER_BINDING) return 0
  return load<i32>(ports + <usize>binding * BINDING_BYTES + ((<usize>place) << 2))
}

export function portCountOf(binding: i32): i32 {
  let count = 0
  while (count < PORTS_PER_BINDING && portOfBinding(binding, count) != 0) count++
  return count
}

/** The end that was asked; -1 where neither port tells. */
function serverEnd(id: i32, end: i32): i32 {
  const flags = frame.tcpFlags & (TCP_SYN | TCP_ACK)
  if (frame.protocol == PROTOCOL_TCP && (flags & TCP_SYN) != 0) return (flags & TCP_ACK) != 0 ? end : 1 - end
  if (frame.toGroup != 0) return 1 - end
  const one = portOfA(id)
  const other = portOfB(id)
  if (one == other) return 1 - end
  const lower = one < other ? 0 : 1
  return (lower == 0 ? one : other) < FIRST_EPHEMERAL ? lower : -1
}

/** Asked for by everything, so that it says nothing of a device: names and web pages. */
function isCommon(port: i32): bool {
  return port == 53 || port == 80 || port == 443
}

/** The first ports of a binding are kept. */
function note(binding: i32, value: i32): void {
  if (binding <= 0 || (value & 0xffff) == 0) return
  while (binding >= capacity) {
    ports = grown(ports, <usize>capacity * BINDING_BYTES, <usize>capacity * 2 * BINDING_BYTES)
    capacity *= 2
  }
  const from = ports + <usize>binding * BINDING_BYTES
  for (let at = from; at < from + BINDING_BYTES; at += 4) {
    const known = load<i32>(at)
    if (known == value) return
    if (known != 0) continue
    store<i32>(at, value)
    return
  }
}
