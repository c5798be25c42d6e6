// Names of an address for a device: by its latest DNS answer, and by the names its flows carried.

/** `device` (a device key) got a DNS answer: `name` leads to `address`. */
export function rememberAnswer(device: i32, address: i32, name: i32): void {
  unreachable()
}

/** A flow of the device to the address carried the name, or was named by its DNS. */
export function rememberCall(device: i32, address: i32, name: i32): void {
  unreachable()
}

export function answeredName(device: i32, address: i32): i32 {
  return unreachable()
}

export function calledName(device: i32, address: i32): i32 {
  return unreachable()
}

export function othersName(device: i32, address: i32): i32 {
  return unreachable()
}
