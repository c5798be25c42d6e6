// Every address seen, with a number, and where it lives.

/** The id, or -1 where the address is not in the table. */
export function findIpv4(address: i32): i32 {
  return unreachable()
}

export function findIpv6(at: usize): i32 {
  return unreachable()
}

/** The id, given now where it is new; OTHER_ADDRESS or OTHER_HOME where the table is full. */
export function addressOfIpv4(address: i32): i32 {
  return unreachable()
}

export function addressOfIpv6(at: usize): i32 {
  return unreachable()
}

/** The id that stands for the address where it gets no room of its own. */
export function otherIpv4(address: i32): i32 {
  return unreachable()
}

export function otherIpv6(at: usize): i32 {
  return unreachable()
}

/** One of SCOPE_…. */
export function scopeOf(address: i32): i32 {
  return unreachable()
}

export function makeGroup(address: i32): void {
  unreachable()
}

export function unmakeGroup(address: i32): void {
  unreachable()
}

/** Checks every IPv6 address again after the home learned a prefix; `becameHome` of ownership.ts for each that is local now. */
export function rescopeAddresses(): void {
  unreachable()
}

export function isIpv4(address: i32): bool {
  return unreachable()
}

/** The `word`-th 32 bits of an address; word 3 of an IPv4 address is the address. */
export function addressWord(address: i32, word: i32): i32 {
  return unreachable()
}
