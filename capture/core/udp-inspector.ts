// Names in the first datagrams of a flow: QUIC Initial, Google's older QUIC; STUN.

/** Inspects the frame's payload, a datagram that `end` of the flow sent. */
export function inspectDatagram(flow: i32, end: i32): void {
  unreachable()
}

/** The flow is over, or begins anew. */
export function forgetHandshake(flow: i32): void {
  unreachable()
}
