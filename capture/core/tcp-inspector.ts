// Names in the first bytes of a TCP connection: TLS ClientHello, HTTP request, DNS over TCP.

/** Inspects the frame's payload, a segment that `end` of the flow sent. */
export function inspectSegment(flow: i32, end: i32): void {
  unreachable()
}

/** The flow is over, or begins anew. */
export function forgetAssemblies(flow: i32): void {
  unreachable()
}
