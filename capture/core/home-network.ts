// Addresses at home, and addresses on the internet.
import { SCOPE_GROUP, SCOPE_HOME, SCOPE_INTERNET, SCOPE_SELF } from './constants'
import { MAX_HOME_PREFIXES, MAX_SEEN_PREFIXES, REACHED_HOME_PREFIXES } from './limits'
import { allocate, grown, i32At } from './memory'
import { countReached } from './reached'

// RFC 1918, 100.64/10 (RFC 6598), ULA (RFC 4193) and the home's own delegated IPv6 prefixes, which routers and
// neighbours announce; or what the owner named, which replaces both. Link-local, multicast and broadcast always count
// as local. All else leaves by the router, and counts as the internet even where it has no place there
// (capture/special-addresses.ts has the table, and a test that these ranges are its).

const MAPPED_WORD: i32 = 0xffff
/** The length that a prefix has which a host takes addresses from (RFC 4862, RFC 4291 section 2.5.1). */
export const SUBNET_BITS: i32 = 64
/** 2001::/32. */
const TEREDO_WORD: i32 = 0x20010000

/** The first `bits` bits of an address. */
@unmanaged
class Prefix {
  word0: i32 = 0
  word1: i32 = 0
  word2: i32 = 0
  word3: i32 = 0
  bits: i32 = 0
}

const PREFIX_BYTES: usize = offsetof<Prefix>()

/** Learned prefixes, or those that the owner named. */
let prefixes: usize = allocate(<usize>MAX_HOME_PREFIXES * PREFIX_BYTES)
let capacity: i32 = MAX_HOME_PREFIXES
let count: i32 = 0
let isNamed: bool = false
/** How many of them no router or neighbour announced. */
let seen: i32 = 0

/** The owner names the home's networks, with `nameHome` for each: the standard ones are none, and none is learned. */
export function beginNamedHome(): void {
  isNamed = true
  count = 0
}

export function nameHome(w0: i32, w1: i32, w2: i32, w3: i32, bits: i32): void {
  addPrefix(w0, w1, w2, w3, bits)
}

export function scopeOfIpv4(address: i32): i32 {
  const first = address >>> 24
  if (first == 127 || first == 0) return SCOPE_SELF
  if (first >= 224) return first < 240 || address == -1 ? SCOPE_GROUP : SCOPE_INTERNET
  if (address >>> 16 == 0xa9fe) return SCOPE_HOME
  if (isNamed) return isInPrefix(0, 0, MAPPED_WORD, address) ? SCOPE_HOME : SCOPE_INTERNET
  const isPrivate =
    first == 10 || address >>> 20 == 0xac1 || address >>> 16 == 0xc0a8 || address >>> 22 == 0x64400000 >>> 22
  return isPrivate ? SCOPE_HOME : SCOPE_INTERNET
}

export function scopeOfIpv6(w0: i32, w1: i32, w2: i32, w3: i32): i32 {
  const first = w0 >>> 16
  if (first >= 0xff00) return SCOPE_GROUP
  if ((first & 0xffc0) == 0xfe80) return SCOPE_HOME
  if (w0 == 0 && w1 == 0 && w2 == 0 && (w3 == 0 || w3 == 1)) return SCOPE_SELF
  if (w0 == 0 && w1 == 0 && w2 == MAPPED_WORD) return scopeOfIpv4(w3)
  if (!isNamed && (first & 0xfe00) == 0xfc00) return SCOPE_HOME
  return isInPrefix(w0, w1, w2, w3) ? SCOPE_HOME : SCOPE_INTERNET
}

/**
 * A router advertised the prefix of the 16 bytes at `at`, or a neighbour sent from an address of it (`bits` is
 * SUBNET_BITS then). True where that is new. Only global unicast (2000::/3) is learned, and nothing where the owner
 * named the home.
 */
export function learnPrefix(at: usize, bits: i32): bool {
  return learn(i32At(at), i32At(at + 4), i32At(at + 8), i32At(at + 12), bits)
}

/**
 * A device sends from an address with these first 64 bits, and nothing else speaks of the prefix. What routers and
 * neighbours announce keeps its room. Of Teredo (RFC 4380) the first 64 bits are of all that use one server.
 */
export function learnSeenPrefix(w0: i32, w1: i32): bool {
  if (w0 == TEREDO_WORD || seen >= MAX_SEEN_PREFIXES || !learn(w0, w1, 0, 0, SUBNET_BITS)) return false
  seen++
  return true
}

function learn(w0: i32, w1: i32, w2: i32, w3: i32, bits: i32): bool {
  const isGlobalUnicast = w0 >>> 29 == 1
  if (isNamed || !isGlobalUnicast || isInPrefix(w0, w1, w2, w3)) return false
  if (count >= MAX_HOME_PREFIXES) {
    countReached(REACHED_HOME_PREFIXES)
    return false
  }
  addPrefix(w0, w1, w2, w3, bits > 32 ? bits : 32)
  return true
}

function addPrefix(w0: i32, w1: i32, w2: i32, w3: i32, bits: i32): void {
  if (count >= capacity) {
    prefixes = grown(prefixes, <usize>capacity * PREFIX_BYTES, <usize>capacity * 2 * PREFIX_BYTES)
    capacity *= 2
  }
  const prefix = prefixOf(count)
  prefix.word0 = w0
  prefix.word1 = w1
  prefix.word2 = w2
  prefix.word3 = w3
  prefix.bits = bits
  count++
}

function prefixOf(index: i32): Prefix {
  return changetype<Prefix>(prefixes + <usize>index * PREFIX_BYTES)
}

function isInPrefix(w0: i32, w1: i32, w2: i32, w3: i32): bool {
  for (let index = 0; index < count; index++) {
    const prefix = prefixOf(index)
    const bits = prefix.bits
    if (
      isSame(prefix.word0, w0, bits) &&
      isSame(prefix.word1, w1, bits - 32) &&
      isSame(prefix.word2, w2, bits - 64) &&
      isSame(prefix.word3, w3, bits - 96)
    )
      return true
  }
  return false
}

/** Whether the first `bits` bits (at most 32) of two words agree. */
function isSame(one: i32, other: i32, bits: i32): bool {
  if (bits <= 0) return true
  return bits >= 32 ? one == other : (one ^ other) >>> (32 - bits) == 0
}
