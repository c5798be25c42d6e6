// Counts of what devices asked for and offered, as it stood on the wire.

export function countTlsName(name: i32): void {
  unreachable()
}

export function countQuicName(name: i32): void {
  unreachable()
}

export function countHttpHost(name: i32): void {
  unreachable()
}

/** One question of a query from address `client`. True where it is the first of its kind. */
export function addQuery(client: i32, name: i32, type: i32): bool {
  return unreachable()
}
