// Routers among the MACs: they pass on other devices' packets. Some addresses that each MAC sent from are remembered.
import { addressWord, isIpv4, scopeOf } from './addresses'
import { SCOPE_INTERNET } from './constants'
import { allocate, grown } from './memory'
import { isUnprovenHolder } from './bindings'

/** Senders remembered of one MAC, enough to recognise a router. */
const SAMPLES: i32 = 8
const SAMPLE_BYTES: usize = 4

const FIRST_MACS: i32 = 1024
/** Of one MAC: whether it is a router, as found out when the epoch was this; its samples. */
const ROUTER_AT: usize = 0
const EPOCH_AT: usize = 4
/** Internet addresses and unproven home addresses that it was seen sending from. */
const INTERNET_AT: usize = 8
const HOME_AT: usize = INTERNET_AT + <usize>SAMPLES * SAMPLE_BYTES
/** The MAC that its packets to the internet went to, the first destination's first word, and bits of what is known. */
const WAY_HIGH_AT: usize = HOME_AT + <usize>SAMPLES * SAMPLE_BYTES
const WAY_LOW_AT: usize = WAY_HIGH_AT + 4
const WAY_WORD_AT: usize = WAY_LOW_AT + 4
const WAY_BITS_AT: usize = WAY_WORD_AT + 4
const RECORD_BYTES: usize = WAY_BITS_AT + 4
/** IPv4 went that way to the internet; IPv6 did, and to several unrelated networks. */
const WAY_IPV4: i32 = 1
const WAY_IPV6: i32 = 2
const WAY_WIDE: i32 = 4

let records: usize = allocate(<usize>FIRST_MACS * RECORD_BYTES)
let capacity: i32 = FIRST_MACS

/** Room for the MAC, whose number is at most one more than those before. */
export function makeRoomForSamples(mac: i32): void {
  if (mac < capacity) return
  records = grown(records, <usize>capacity * RECORD_BYTES, <usize>capacity * 2 * RECORD_BYTES)
  capacity *= 2
}

/** `epoch` changes whenever the answer may. */
export function isRouterAt(mac: i32, epoch: i32): bool {
  if (!isKnown(mac)) return false
  const at = recordOf(mac)
  if (load<i32>(at + EPOCH_AT) != epoch) {
    store<i32>(at + EPOCH_AT, epoch)
    store<i32>(at + ROUTER_AT, looksLikeRouter(mac) ? 1 : 0)
  }
  return load<i32>(at + ROUTER_AT) == 1
}

/** True where that is new. */
export function addHomeSample(mac: i32, address: i32): bool {
  return isKnown(mac) && addSample(recordOf(mac) + HOME_AT, address)
}

export function addInternetSample(mac: i32, address: i32): bool {
  return isKnown(mac) && addSample(recordOf(mac) + INTERNET_AT, address)
}

/** Whether the address is the only one on the internet that the MAC was seen sending from. */
export function internetSamplesAre(mac: i32, address: i32): bool {
  return isKnown(mac) && internetSample(mac, 0) == address && internetSample(mac, 1) == 0
}

/** IPv4 addresses at home that the MAC was seen sending from, as far as they are remembered. */
export function homeSamplesOf(mac: i32): i32 {
  if (!isKnown(mac)) return 0
  let count = 0
  for (let index = 0; index < SAMPLES; index++) {
    const address = homeSample(mac, index)
    if (address != 0 && isIpv4(address)) count++
  }
  return count
}

/** Whether the MAC sent from a global IPv6 address of a /64 other than this address's. */
export function sendsFromAnotherPrefix(mac: i32, address: i32): bool {
  for (let index = 0; index < SAMPLES; index++) {
    const other = homeSample(mac, index)
    if (other == 0) return false
    if (isIpv4(other) || scopeOf(other) != SCOPE_INTERNET) continue
    const isSamePrefix =
      addressWord(other, 0) == addressWord(address, 0) && addressWord(other, 1) == addressWord(address, 1)
    if (!isSamePrefix) return true
  }
  return false
}

/** The MAC sent a packet from an IPv4 address at home to the internet, to the MAC (`high`, `low`). */
export function noteIpv4Way(mac: i32, high: i32, low: i32): void {
  if (isKnown(mac)) beginWay(recordOf(mac), high, low, WAY_IPV4)
}

/** The same from a global IPv6 address, to one whose first 32 bits (of a provider's network) are `word`. */
export function noteIpv6Way(mac: i32, high: i32, low: i32, word: i32): void {
  if (!isKnown(mac)) return
  const at = recordOf(mac)
  beginWay(at, high, low, WAY_IPV6)
  if (!isWay(at, high, low)) return
  const first = load<i32>(at + WAY_WORD_AT)
  if (first == 0) store<i32>(at + WAY_WORD_AT, word)
  else if (first != word) store<i32>(at + WAY_BITS_AT, load<i32>(at + WAY_BITS_AT) | WAY_WIDE)
}

/** Whether the MAC (`high`, `low`) took the MAC's IPv4 packets to the internet. */
export function isIpv4Way(mac: i32, high: i32, low: i32): bool {
  return isKnown(mac) && isWay(recordOf(mac), high, low) && hasWayBit(mac, WAY_IPV4)
}

/** Whether the MAC reached unrelated networks through one and the same other MAC: that is its router. */
export function hasWideWay(mac: i32): bool {
  return isKnown(mac) && hasWayBit(mac, WAY_WIDE)
}

function hasWayBit(mac: i32, bit: i32): bool {
  return (load<i32>(recordOf(mac) + WAY_BITS_AT) & bit) != 0
}

/** The first MAC stays; with another one nothing more is noted. */
function beginWay(at: usize, high: i32, low: i32, bit: i32): void {
  const bits = load<i32>(at + WAY_BITS_AT)
  if (bits == 0) {
    store<i32>(at + WAY_HIGH_AT, high)
    store<i32>(at + WAY_LOW_AT, low)
  } else if (!isWay(at, high, low)) return
  store<i32>(at + WAY_BITS_AT, bits | bit)
}

function isWay(at: usize, high: i32, low: i32): bool {
  return load<i32>(at + WAY_HIGH_AT) == high && load<i32>(at + WAY_LOW_AT) == low
}

function looksLikeRouter(mac: i32): bool {
  for (let index = 0; index < SAMPLES; index++) {
    const address = internetSample(mac, index)
    if (address != 0 && scopeOf(address) == SCOPE_INTERNET) return true
  }
  return sendsFromSeveralSubnets(mac)
}

function sendsFromSeveralSubnets(mac: i32): bool {
  let subnet = -1
  for (let index = 0; index < SAMPLES; index++) {
    const address = homeSample(mac, index)
    if (address == 0) return false
    if (!isIpv4(address) || !isUnprovenHolder(mac, address)) continue
    const ipv4 = addressWord(address, 3)
    // A link-local address beside the real one is every device's right (RFC 3927).
    if (ipv4 >>> 16 == 0xa9fe) continue
    if (subnet != -1 && subnet != ipv4 >>> 8) return true
    subnet = ipv4 >>> 8
  }
  return false
}

function isKnown(mac: i32): bool {
  return <u32>mac < <u32>capacity
}

function recordOf(mac: i32): usize {
  return records + <usize>mac * RECORD_BYTES
}

function internetSample(mac: i32, index: i32): i32 {
  return load<i32>(recordOf(mac) + INTERNET_AT + <usize>index * SAMPLE_BYTES)
}

function homeSample(mac: i32, index: i32): i32 {
  return load<i32>(recordOf(mac) + HOME_AT + <usize>index * SAMPLE_BYTES)
}

function addSample(samples: usize, address: i32): bool {
  for (let index = 0; index < SAMPLES; index++) {
    const at = samples + <usize>index * SAMPLE_BYTES
    const known = load<i32>(at)
    if (known == address) return false
    if (known == 0) {
      store<i32>(at, address)
      return true
    }
  }
  return false
}
