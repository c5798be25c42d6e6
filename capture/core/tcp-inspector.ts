// Names in the first bytes of a TCP connection: TLS ClientHello and certificate, HTTP request, DNS over TCP.
import { KIND_DNS_OVER_TCP, NAMED_BY_HTTP, NAMED_BY_TLS, TCP_SYN } from './constants'
import {
  deviceOfEnd,
  isHostName,
  nameByCertificate,
  nameFlow,
  observeDnsOf,
  observeHello,
  wantsCertificate,
} from './flow-names'
import {
  ASSEMBLY_A,
  bindingOfEnd,
  flowOf,
  HTTP_A,
  INSPECT_A,
  INSPECT_B,
  nextOfEnd,
  ORDERED_A,
  SAW_PAYLOAD,
  setBudget,
  setNextOfEnd,
  spendBudget,
} from './flows'
import { frame } from './frame'
import { observeUserAgent } from './host'
import {
  hostAt,
  hostEnd,
  hostWithoutPort,
  NEED_MORE,
  readHttpRequest,
  startsLikeHttpRequest,
  targetHostAt,
  targetHostEnd,
  userAgentAt,
  userAgentEnd,
} from './http-request'
import { MAX_ASSEMBLIES, REACHED_ASSEMBLIES } from './limits'
import { byteAt, u16At } from './memory'
import { internNameFor } from './names'
import { countHttpHost } from './observed'
import { countReached } from './reached'
import { NOT_SAID, readSaid } from './said-inspector'
import {
  addSegment,
  Assembly,
  assemblyCount,
  closeAssembly,
  consumeAssembled,
  findAssembly,
  fullLimitOf,
  isAssemblyFull,
  nextOfAssembly,
  oldestAssembly,
  openAssembly,
} from './stream-assembly'
import { certificateAt, certificateEnd, readServerFlight, startsLikeFlight } from './tls-certificate'
import { readClientHelloRecords, serverNameAt } from './tls-hello'

/** Client payloads inspected after a ClientHello, for the second one after a HelloRetryRequest (RFC 8446 4.1.4). */
const BUDGET_BEHIND_HELLO: i32 = 4
/** Segments kept where the beginning was not seen: a ClientHello in five, each twice, its first one last. */
const SEGMENTS_WITHOUT_BASE: i32 = 12

const RECORD_CHANGE_CIPHER_SPEC: i32 = 0x14
const RECORD_HANDSHAKE: i32 = 0x16
/** A ChangeCipherSpec record: a client in compatibility mode sends it before its second ClientHello (RFC 8446 D.4). */
const CHANGE_CIPHER_SPEC_LENGTH: usize = 6
/** The first letters of HTTP methods: A to Z. */
const FIRST_LETTER: i32 = 0x41
const LAST_LETTER: i32 = 0x5a
/** DNS over TCP puts the message's length before it (RFC 1035 section 4.2.2). */
const DNS_LENGTH_BYTES: usize = 2

/** What reading the start of a stream gave. */
const NOTHING: i32 = 0
const MORE: i32 = 1
const FOUND: i32 = 2

/** Bytes of the stream that the DNS message read last took. */
let taken: i32 = 0

/** Inspects the frame's payload, a segment that `end` of the flow sent. */
export function inspectSegment(id: i32, end: i32): void {
  const flow = flowOf(id)
  flow.flags |= SAW_PAYLOAD
  if ((flow.flags & (ASSEMBLY_A << end)) != 0) {
    const assembly = findAssembly(id * 2 + end)
    if (assembly != null) return continueAssembly(assembly, id, end)
  }
  const sequence = sequenceOfFrame()
  let from = frame.payloadAt
  const isOrdered = (flow.flags & (ORDERED_A << end)) != 0
  if (isOrdered) {
    const next = nextOfEnd(flow, end)
    const ahead = sequence - next
    if (ahead > 0) return startAssembly(next, true, id, end, sequence, from)
    if (<f64>ahead + frame.payloadLength <= 0) return
    // Unsigned: the difference may be 2^31.
    if (<usize>-ahead >= frame.payloadEnd - from) return
    from += <usize>-ahead
  }
  const isCut = <f64>(frame.payloadEnd - frame.payloadAt) < frame.payloadLength
  const isDns = flow.kind == KIND_DNS_OVER_TCP
  let result = readStart(from, frame.payloadEnd, id, end, isCut)
  while (isDns && result == FOUND && from + <usize>taken < frame.payloadEnd) {
    from += <usize>taken
    result = readStart(from, frame.payloadEnd, id, end, isCut)
  }
  if ((result == MORE && !isCut) || (result == NOTHING && !isOrdered)) {
    // What looks like a start may be a piece out of the middle, a single byte say, where the SYN was not seen.
    const base = sequence + <i32>(from - frame.payloadAt)
    return startAssembly(base, isOrdered || isDns, id, end, sequence, from)
  }
  moveOn(id, end, sequenceBehind(sequence), result)
}

/** The flow is over, or begins anew. */
export function forgetAssemblies(id: i32): void {
  closeAssembly(id * 2)
  closeAssembly(id * 2 + 1)
}

/** The number of the payload's first byte: a SYN takes one, and may carry data (RFC 7413). */
function sequenceOfFrame(): i32 {
  return frame.sequence + ((frame.tcpFlags & TCP_SYN) >> 1)
}

/** The number behind the frame's payload, captured or not. */
function sequenceBehind(sequence: i32): i32 {
  return sequence + <i32>(<i64>frame.payloadLength)
}

/** Keeps the segment until what is missing before or behind it comes. */
function startAssembly(base: i32, hasBase: bool, id: i32, end: i32, sequence: i32, from: usize): void {
  if (assemblyCount() >= MAX_ASSEMBLIES) giveUpOldest()
  const assembly = openAssembly(id * 2 + end, base, hasBase)
  addSegment(assembly, sequence + <i32>(from - frame.payloadAt), from, frame.payloadEnd)
  flowOf(id).flags |= ASSEMBLY_A << end
}

/** The direction that has waited longest for its missing piece is not looked at again. */
function giveUpOldest(): void {
  countReached(REACHED_ASSEMBLIES)
  const key = oldestAssembly()
  closeAssembly(key)
  flowOf(key >> 1).flags &= ~((ASSEMBLY_A | INSPECT_A) << (key & 1))
}

function continueAssembly(assembly: Assembly, id: i32, end: i32): void {
  const sequence = sequenceOfFrame()
  if (assembly.hasBase == 0 && readStart(frame.payloadAt, frame.payloadEnd, id, end, false) == FOUND) {
    return endAssembly(id, end, sequenceBehind(sequence), FOUND)
  }
  const grew = addSegment(assembly, sequence, frame.payloadAt, frame.payloadEnd)
  const result = grew ? readAssembled(assembly, id, end) : MORE
  if (result == FOUND) return endAssembly(id, end, nextOfAssembly(assembly), FOUND)
  const hasWaited = assembly.hasBase != 0 || assembly.segments >= SEGMENTS_WITHOUT_BASE
  const isFull = isAssemblyFull(assembly)
  if (isFull) countReached(fullLimitOf(assembly))
  if (isFull || (result == NOTHING && hasWaited)) endAssembly(id, end, sequenceBehind(sequence), NOTHING)
}

function readAssembled(assembly: Assembly, id: i32, end: i32): i32 {
  while (true) {
    const result = readStart(assembly.bytes, assembly.bytes + <usize>assembly.length, id, end, false)
    if (result != FOUND || flowOf(id).kind != KIND_DNS_OVER_TCP) return result
    consumeAssembled(assembly, taken)
    if (assembly.length == 0) return FOUND
  }
}

function endAssembly(id: i32, end: i32, next: i32, result: i32): void {
  closeAssembly(id * 2 + end)
  flowOf(id).flags &= ~(ASSEMBLY_A << end)
  moveOn(id, end, next, result)
}

/** Notes where the direction continues, and whether it is worth inspecting again. */
function moveOn(id: i32, end: i32, next: i32, result: i32): void {
  const flow = flowOf(id)
  setNextOfEnd(flow, end, next)
  flow.flags |= ORDERED_A << end
  const isEndless = flow.kind == KIND_DNS_OVER_TCP || (flow.flags & (HTTP_A << end)) != 0
  if (isEndless || result == FOUND) return
  if (spendBudget(flow, end) <= 0) flow.flags &= ~(INSPECT_A << end)
}

/** Reads a message at the start of [at, to). With `isCut` nothing more will come: what is there must do. */
function readStart(at: usize, to: usize, id: i32, end: i32, isCut: bool): i32 {
  if (to <= at) return MORE
  if (flowOf(id).kind == KIND_DNS_OVER_TCP) return readDnsMessage(at, to, id, end)
  const first = byteAt(at)
  if (first == RECORD_HANDSHAKE || first == RECORD_CHANGE_CIPHER_SPEC) return readTls(at, to, id, end, isCut)
  const said = readSaid(at, to, id, end, isCut)
  if (said != NOT_SAID) return said == NEED_MORE ? MORE : FOUND
  if (first < FIRST_LETTER || first > LAST_LETTER || !startsLikeHttpRequest(at, to)) return NOTHING
  return readHttp(at, to, id, end, isCut)
}

function readTls(at: usize, to: usize, id: i32, end: i32, isCut: bool): i32 {
  if (byteAt(at) == RECORD_CHANGE_CIPHER_SPEC) at += CHANGE_CIPHER_SPEC_LENGTH
  if (at >= to) return NOTHING
  if (startsLikeFlight(at, to)) return readFlight(at, to, id, end)
  const length = readClientHelloRecords(at, to)
  if (length < 0) return NOTHING
  if (length == NEED_MORE && !(isCut && serverNameAt != 0)) return MORE
  observeHello(NAMED_BY_TLS, id, end)
  const flow = flowOf(id)
  if (!wantsCertificate(id, 1 - end)) flow.flags &= ~(INSPECT_A << (1 - end))
  setBudget(flow, end, BUDGET_BEHIND_HELLO)
  return FOUND
}

/** A server's first flight, of which only the certificate is looked at, and only where nothing else named the flow. */
function readFlight(at: usize, to: usize, id: i32, end: i32): i32 {
  if (!wantsCertificate(id, end)) return NOTHING
  const result = readServerFlight(at, to)
  if (result < 0) return NOTHING
  if (result == NEED_MORE) return MORE
  nameByCertificate(id, end, certificateAt, certificateEnd)
  flowOf(id).flags &= ~(INSPECT_A | INSPECT_B)
  return FOUND
}

function readHttp(at: usize, to: usize, id: i32, end: i32, isCut: bool): i32 {
  const length = readHttpRequest(at, to)
  if (length < 0) return NOTHING
  const hasTarget = targetHostAt != 0
  const from = hasTarget ? targetHostAt : hostAt
  const behind = hasTarget ? targetHostEnd : hostEnd
  if (length == NEED_MORE && !(isCut && from != 0)) return MORE
  const flow = flowOf(id)
  flow.flags |= HTTP_A << end
  if (userAgentAt != 0) observeUserAgent(bindingOfEnd(flow, end), userAgentAt, userAgentEnd)
  if (from == 0) return FOUND
  const nameEnd = hostWithoutPort(from, behind)
  const name = internNameFor(deviceOfEnd(id, end), from, nameEnd)
  countHttpHost(name)
  if (isHostName(from, nameEnd)) nameFlow(id, name, NAMED_BY_HTTP, false)
  return FOUND
}

function readDnsMessage(at: usize, to: usize, id: i32, end: i32): i32 {
  if (to - at < DNS_LENGTH_BYTES) return MORE
  const messageAt = at + DNS_LENGTH_BYTES
  const length = <usize>u16At(at)
  if (to - messageAt < length) return MORE
  observeDnsOf(messageAt, messageAt + length, id, end)
  taken = <i32>(DNS_LENGTH_BYTES + length)
  return FOUND
}
