// Addresses at home, and addresses on the internet.

export function scopeOfIpv4(address: i32): i32 {
  return unreachable()
}

export function scopeOfIpv6(w0: i32, w1: i32, w2: i32, w3: i32): i32 {
  return unreachable()
}

/** The 16 bytes at `at` are of a prefix of the home with that many bits; true where that is new. */
export function learnPrefix(at: usize, bits: i32): bool {
  return unreachable()
}
