// Names from DNS messages: who asked for what, and which address a name led to.

/**
 * Takes the message in the bytes [at, to), which the frame at hand brought. `client` is the address that asked,
 * `device` its device key, `port` its port; `server` the other address.
 */
export function observeDns(at: usize, to: usize, client: i32, device: i32, server: i32, port: i32): void {
  unreachable()
}

/** Whether the message in [at, to) is a response. */
export function isDnsResponse(at: usize, to: usize): bool {
  return unreachable()
}

/** Whether the device asked for the name, whatever the type. */
export function hasAsked(device: i32, name: i32): bool {
  return unreachable()
}

/** Whether the name is one that ECH keys in the DNS show in place of the destination. */
export function isEchPublicName(name: i32): bool {
  return unreachable()
}
