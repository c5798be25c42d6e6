// Traffic by binding, host, address and name source.

/** The row of the key; the binding's nameless row where there is no room. `owner`: the binding's MAC, or a number of its own. */
export function rowOf(owner: i32, binding: i32, name: i32, how: i32, address: i32): i32 {
  return unreachable()
}

export function creditRow(row: i32, sent: f64, received: f64, packets: f64, first: f64, last: f64): void {
  unreachable()
}

export function bindingOfRow(row: i32): i32 {
  return unreachable()
}

/** `field` is one of BINDING_…. */
export function addToBinding(binding: i32, field: i32, bytes: f64): void {
  unreachable()
}
