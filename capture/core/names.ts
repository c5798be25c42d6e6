// Numbers of host names.

/** The number of the name in the bytes [at, end), or NO_NAME where it is not in the table. */
export function findName(at: usize, end: usize): i32 {
  return unreachable()
}

/** The number of the name; a new one must fit into the share of the device (a device key) that brings it in. */
export function internNameFor(device: i32, at: usize, end: usize): i32 {
  return unreachable()
}
