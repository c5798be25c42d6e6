// Ports of later fragments of a datagram.

/** `source` and `destination` name the addresses; writes the ports into the frame of a later fragment. */
export function resolveFragment(source: i32, destination: i32): void {
  unreachable()
}
