// Which reader takes a flow's payload.
import { clientEnd, observeDnsOf, observeExchange } from './flow-names'
import { KIND_DNS, KIND_DNS_OVER_TCP, KIND_MULTICAST_DNS, KIND_TCP, KIND_UDP } from './constants'
import { addLaterFragment, keepFirstFragment } from './dns-fragments'
import { frame } from './frame'
import { addressOfEnd, ASSEMBLY_A, ASSEMBLY_B, bindingOfEnd, flowOf } from './flows'
import { observeAnnouncement } from './host'
import { deviceKey } from './ownership'
import { forgetAssemblies, inspectSegment } from './tcp-inspector'
import { forgetHandshake, inspectDatagram } from './udp-inspector'

/** Inspects the frame's payload, sent by `end` (0 or 1) of the flow. */
export function inspectPayload(id: i32, end: i32): void {
  const flow = flowOf(id)
  const kind = flow.kind
  if (kind == KIND_TCP || kind == KIND_DNS_OVER_TCP) inspectSegment(id, end)
  else if (kind == KIND_UDP) inspectDatagram(id, end)
  else if (kind == KIND_DNS) {
    observeDnsOf(frame.payloadAt, frame.payloadEnd, id, end)
    if (frame.moreFragments != 0) keepFirstFragment(id, end)
  } else observeAnnouncement(kind, bindingOfEnd(flow, end))
}

/** Inspects the frame's payload, a later fragment of a datagram: only DNS answers are put together. */
export function inspectLaterFragment(id: i32, end: i32): void {
  if (flowOf(id).kind == KIND_DNS) addLaterFragment(id, end)
}

/** The payload of a frame whose ends are other devices than the flow's: messages complete in one datagram. */
export function inspectOthers(id: i32, end: i32, sender: i32, receiver: i32): void {
  const kind = flowOf(id).kind
  if (kind >= KIND_MULTICAST_DNS) return observeAnnouncement(kind, sender)
  if (kind != KIND_DNS) return
  const client = clientEnd(frame.payloadAt, frame.payloadEnd, end)
  const binding = client == end ? sender : receiver
  const device = binding >= 0 ? deviceKey(binding) : addressOfEnd(flowOf(id), client)
  observeExchange(frame.payloadAt, frame.payloadEnd, id, client, device)
}

/** The flow is over, or begins anew. */
export function forgetPayload(id: i32): void {
  if ((flowOf(id).flags & (ASSEMBLY_A | ASSEMBLY_B)) != 0) forgetAssemblies(id)
  forgetHandshake(id)
}
