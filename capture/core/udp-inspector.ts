// Names in the first datagrams of a flow: QUIC Initial, Google's older QUIC, DTLS; STUN.
import { now } from './clock'
import { NAMED_BY_QUIC, SAID_STUN_SOFTWARE } from './constants'
import { looksLikeDtls, observeDtls } from './dtls'
import { deviceOfEnd, isHostName, markDirectMedia, nameFlow, observeHello } from './flow-names'
import { bindingOfEnd, flowOf, INSPECT_A, INSPECT_B, spendBudget } from './flows'
import { frame } from './frame'
import { gquicNameAt, gquicNameEnd, readGquicServerName } from './gquic'
import { observeSaid } from './host'
import { internNameFor } from './names'
import {
  clientEndOf,
  findHandshake,
  handshakeOfFlow,
  initialsOf,
  isDone,
  releaseHandshake,
  restartHandshake,
  setClientEnd,
  setDone,
} from './quic/handshakes'
import { asksForNewInitial, looksLikeQuicLongHeader } from './quic/header'
import { COMPLETE, NOT_INITIAL, pushInitial, UNREADABLE } from './quic/initial'
import { hasReadInitial, takeInitial } from './quic/initial-budget'
import { looksLikeStun, readStunSoftware, softwareAt, softwareEnd } from './stun'

/** Inspects the frame's payload, a datagram that `end` of the flow sent. */
export function inspectDatagram(flow: i32, end: i32): void {
  if (spendBudget(flowOf(flow), end) <= 0) flowOf(flow).flags &= ~(INSPECT_A << end)
  if (looksLikeStun(frame.payloadAt, frame.payloadEnd)) {
    markDirectMedia(flow)
    observeSoftware(bindingOfEnd(flowOf(flow), end))
    return
  }
  if (looksLikeDtls(frame.payloadAt, frame.payloadEnd)) return observeDtls(frame.payloadAt, frame.payloadEnd, flow, end)
  const handshake = findHandshake(flow)
  if (handshake >= 0 && clientEndOf(handshake) == 1 - end) {
    observeServerAnswer(flow, handshake)
    return
  }
  if (handshake < 0 || !isDone(handshake)) {
    if (looksLikeQuicLongHeader(frame.payloadAt, frame.payloadEnd)) observeInitial(flow, end)
    else observeGquic(flow, end)
  }
  if ((flowOf(flow).flags & (INSPECT_A | INSPECT_B)) == 0) releaseHandshake(flow)
}

/** A STUN message of a device may name the program that sent it. */
function observeSoftware(binding: i32): void {
  if (binding < 0) return
  readStunSoftware(frame.payloadAt, frame.payloadEnd)
  if (softwareAt != 0) observeSaid(SAID_STUN_SOFTWARE, binding, softwareAt, softwareEnd)
}

/** The flow is over, or begins anew. */
export function forgetHandshake(flow: i32): void {
  releaseHandshake(flow)
}

function observeInitial(flow: i32, end: i32): void {
  const sender = deviceOfEnd(flow, end)
  if (!takeInitial(sender, now)) return
  const handshake = handshakeOfFlow(flow)
  const result = pushInitial(initialsOf(handshake), frame.payloadAt, frame.payloadEnd)
  if (result == UNREADABLE || result == NOT_INITIAL) return
  setClientEnd(handshake, end)
  if (result != COMPLETE) return
  setDone(handshake)
  hasReadInitial(sender)
  observeHello(NAMED_BY_QUIC, flow, end)
}

/**
 * Google's QUIC before the standard, which phones and speakers of that time still use: its ClientHello is in the
 * clear.
 */
function observeGquic(flow: i32, end: i32): void {
  if (!readGquicServerName(frame.payloadAt, frame.payloadEnd)) return
  if (gquicNameAt == 0 || !isHostName(gquicNameAt, gquicNameEnd)) return
  nameFlow(flow, internNameFor(deviceOfEnd(flow, end), gquicNameAt, gquicNameEnd), NAMED_BY_QUIC, false)
}

/** A Retry or a Version Negotiation makes the client begin anew; any other answer ends what we look for. */
function observeServerAnswer(flow: i32, handshake: i32): void {
  if (asksForNewInitial(frame.payloadAt, frame.payloadEnd)) {
    restartHandshake(handshake)
  } else if (isDone(handshake)) {
    flowOf(flow).flags &= ~(INSPECT_A | INSPECT_B)
    releaseHandshake(flow)
  }
}
