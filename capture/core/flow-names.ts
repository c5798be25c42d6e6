// Names of flows, and to whom they are credited.

/** A payload of the flow carries this name; `namedBy` is one of NAMED_BY_…. */
export function nameFlow(flow: i32, name: i32, namedBy: i32, ech: bool): void {
  unreachable()
}

/** A payload shows that the flow is media between two devices. */
export function markDirectMedia(flow: i32): void {
  unreachable()
}

/** The device key of an end of the flow: of its binding, or its address where it has none. */
export function deviceOfEnd(flow: i32, end: i32): i32 {
  return unreachable()
}

/** Takes the DNS message in [at, to), which `end` of the flow sent. */
export function observeDnsOf(at: usize, to: usize, flow: i32, end: i32): void {
  unreachable()
}

/** Counts the server name of the ClientHello just read (tls-hello.ts), and names the flow by it. */
export function observeHello(namedBy: i32, flow: i32, end: i32): void {
  unreachable()
}

/** Whether the bytes [at, end) name a host and are no address. */
export function isHostName(at: usize, end: usize): bool {
  return unreachable()
}
