// Names of flows: by what their payload carries, by the device's look-ups, and by what it called the address before.
import { now } from './clock'
import {
  HOW_ECH,
  HOW_MASK,
  NAMED_BY_CERTIFICATE,
  NAMED_BY_DNS,
  NAMED_BY_DNS_OTHER,
  NAMED_BY_HTTP,
  NAMED_BY_NONE,
  NAMED_BY_REMEMBERED,
  NAMED_BY_TLS,
  NO_NAME,
} from './constants'
import { hasAsked, isDnsResponse, isEchPublicName, observeDns } from './dns-observer'
import { hasTicks, homeEnd, startAnew, touchFlow, uncredit } from './flow-credits'
import {
  addressOfEnd,
  bindingOfEnd,
  DIRECT_MEDIA,
  flowOf,
  flowsUsed,
  HOW_BITS,
  portOfA,
  portOfB,
  TOUCHED,
} from './flows'
import { MAX_CERTIFICATES_PER_SECOND, REACHED_CERTIFICATES_PER_SECOND } from './limits'
import { nameDiffers, nameOfCertificate } from './host'
import { answeredName, calledName, othersName, rememberCall, sistersName } from './name-memory'
import { internNameFor } from './names'
import { countQuicName, countTlsName } from './observed'
import { deviceKey } from './ownership'
import { countReached } from './reached'
import { hasEncryptedHello, serverNameAt, serverNameEnd } from './tls-hello'

/** The second at hand, and certificates that were read in it. */
let certificateSecond: f64 = NaN
let certificatesRead: i32 = 0

/** Flows whose handshake carries the name that the device had looked up. */
export let namesAgreed: f64 = 0

/**
 * Gives a flow the name that its own payload carries. Earlier traffic of the flow moves to the name, unless it had
 * another name of its own before: then this is a new request on an old connection, and the past stays. `namedBy` is one
 * of NAMED_BY_….
 */
export function nameFlow(id: i32, name: i32, namedBy: i32, ech: bool): void {
  const flow = flowOf(id)
  const how = flow.flags & HOW_BITS
  if ((how & HOW_MASK) == NAMED_BY_DNS && namedBy != NAMED_BY_HTTP) {
    if (name == flow.name) namesAgreed++
    else nameDiffers(name, flow.name)
  }
  const isOwnName = (how & HOW_MASK) >= NAMED_BY_TLS && (how & HOW_MASK) <= NAMED_BY_HTTP
  // A proxied connection is named by what it carries: the ClientHello inside says more than the request to the proxy.
  if (isOwnName && (how & HOW_MASK) < namedBy) return
  const isAccepted = !ech || isAskedFor(id, name)
  const newName = isAccepted ? name : flow.name
  const newHow = (isAccepted ? namedBy : how & HOW_MASK) | (ech ? HOW_ECH : 0)
  if (newName == flow.name && newHow == how) return
  if (isOwnName && (how & HOW_MASK) == namedBy) startAnew(id)
  else uncredit(id)
  flow.name = newName
  flow.flags = (flow.flags & ~HOW_BITS) | newHow
  if (isAccepted) rememberName(id, newName)
}

/**
 * Whether a certificate of the server at `end` would name the flow: nothing that the connection carried, and no look-up
 * of this device, did. What the device asked for is one host; a certificate is often for several, or for a domain.
 */
export function wantsCertificate(id: i32, end: i32): bool {
  const flow = flowOf(id)
  const how = flow.flags & HOW_BITS
  const namedBy = how & HOW_MASK
  if ((how & HOW_ECH) != 0 || (namedBy != NAMED_BY_NONE && namedBy <= NAMED_BY_CERTIFICATE)) return false
  return homeEnd(flow) == 1 - end
}

/**
 * Names the flow by the certificate in [at, to), which the server at `end` showed. Where it is for the name that the
 * address is known by, that one stays: it is as right, and says more than a name for several hosts.
 */
export function nameByCertificate(id: i32, end: i32, at: usize, to: usize): void {
  if (!mayReadCertificate()) return countReached(REACHED_CERTIFICATES_PER_SECOND)
  const known = flowOf(id).name
  const name = nameOfCertificate(deviceOfEnd(id, 1 - end), at, to, known)
  if (name == NO_NAME || name == known) return
  uncredit(id)
  const flow = flowOf(id)
  flow.name = name
  flow.flags = (flow.flags & ~HOW_BITS) | NAMED_BY_CERTIFICATE
  rememberName(id, name)
}

/** Anybody can show certificates, and one costs many times what any other packet does. */
function mayReadCertificate(): bool {
  const second = Math.floor(now)
  if (second != certificateSecond) {
    certificateSecond = second
    certificatesRead = 0
  }
  return certificatesRead++ < MAX_CERTIFICATES_PER_SECOND
}

/** STUN was seen in the flow: from its first packet on it counts as direct media. */
export function markDirectMedia(id: i32): void {
  const flow = flowOf(id)
  if ((flow.flags & DIRECT_MEDIA) != 0) return
  uncredit(id)
  flow.flags |= DIRECT_MEDIA
}

/** A log reported late what names lead to: flows that began since then without a name are named from their start on. */
export function nameSince(second: f64): void {
  for (let id = 0; id < flowsUsed(); id++) {
    const flow = flowOf(id)
    if (flow.isAlive == 0 || flow.name != NO_NAME || !(flow.first >= second)) continue
    nameByMemory(id)
    if (flow.name == NO_NAME) continue
    uncredit(id)
    if (hasTicks && (flow.flags & TOUCHED) == 0) touchFlow(id)
  }
}

/** The name sources below a name of the flow's own, as known when it starts. */
export function nameByMemory(id: i32): void {
  const flow = flowOf(id)
  const end = homeEnd(flow)
  if (end < 0) return
  const device = deviceKey(bindingOfEnd(flow, end))
  const remote = addressOfEnd(flow, 1 - end)
  let namedBy = NAMED_BY_DNS
  let name = answeredName(device, remote)
  // An answer that came before the device showed its MAC is filed under its address.
  if (name == NO_NAME) name = answeredName(addressOfEnd(flow, end), remote)
  if (name == NO_NAME) {
    namedBy = NAMED_BY_DNS_OTHER
    name = othersName(device, remote)
  }
  if (name == NO_NAME) {
    namedBy = NAMED_BY_REMEMBERED
    name = calledName(device, remote)
    if (name == NO_NAME) name = sistersName(device, remote)
  }
  if (name == NO_NAME) return
  flow.name = name
  flow.flags = (flow.flags & ~HOW_BITS) | namedBy
  if (namedBy == NAMED_BY_DNS) rememberCall(device, remote, name)
}

function rememberName(id: i32, name: i32): void {
  const flow = flowOf(id)
  const end = homeEnd(flow)
  if (end < 0) return
  rememberCall(deviceKey(bindingOfEnd(flow, end)), addressOfEnd(flow, 1 - end), name)
}

/**
 * An encrypted ClientHello shows the name of the service in front, and one that only pretends to be encrypted (GREASE)
 * its real one; from outside the two look the same (RFC 9849 section 6.2). A client looks up the real name, never the
 * front's: the name counts where this device asked for it.
 */
function isAskedFor(id: i32, name: i32): bool {
  const flow = flowOf(id)
  const end = homeEnd(flow)
  if (end < 0 || isEchPublicName(name)) return false
  return hasAsked(deviceKey(bindingOfEnd(flow, end)), name)
}

/** The device key of an end of the flow: of its binding, or its address where it has none. */
export function deviceOfEnd(id: i32, end: i32): i32 {
  const flow = flowOf(id)
  const binding = bindingOfEnd(flow, end)
  return binding >= 0 ? deviceKey(binding) : addressOfEnd(flow, end)
}

/** Takes the DNS message in [at, to), which `end` of the flow sent. */
export function observeDnsOf(at: usize, to: usize, id: i32, end: i32): void {
  const client = clientEnd(at, to, end)
  observeExchange(at, to, id, client, deviceOfEnd(id, client))
}

/** Takes the DNS message in [at, to) of the device `device` at the end `client`. */
export function observeExchange(at: usize, to: usize, id: i32, client: i32, device: i32): void {
  const flow = flowOf(id)
  const port = client == 0 ? portOfA(id) : portOfB(id)
  observeDns(at, to, addressOfEnd(flow, client), device, addressOfEnd(flow, 1 - client), port)
}

/** Who asked: the sender of a query, the receiver of an answer. */
export function clientEnd(at: usize, to: usize, end: i32): i32 {
  return isDnsResponse(at, to) ? 1 - end : end
}

/** Counts the server name of the ClientHello just read (tls-hello.ts), and names the flow by it. */
export function observeHello(namedBy: i32, id: i32, end: i32): void {
  if (serverNameAt == 0) return
  const at = serverNameAt
  const nameEnd = serverNameEnd
  const ech = hasEncryptedHello
  const name = internNameFor(deviceOfEnd(id, end), at, nameEnd)
  if (namedBy == NAMED_BY_TLS) countTlsName(name)
  else countQuicName(name)
  if (name != NO_NAME && isHostName(at, nameEnd)) nameFlow(id, name, namedBy, ech)
}

/**
 * Whether the bytes [at, end) name a host and are no address: letters, digits, hyphens, underscores and dots (RFC 1123
 * section 2.1), UTF-8 let pass. An IPv4 address has no letter, an IPv6 address has colons.
 */
export function isHostName(at: usize, end: usize): bool {
  let hasLetter = false
  for (; at < end; at++) {
    const byte = <i32>load<u8>(at)
    const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
    const isOther = (byte >= 0x30 && byte <= 0x39) || byte == 0x2d || byte == 0x2e || byte == 0x5f || byte >= 0x80
    if (!isLetter && !isOther) return false
    if (isLetter || byte >= 0x80) hasLetter = true
  }
  return hasLetter
}
