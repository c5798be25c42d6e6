// Every address seen, with a number, and where it lives.
import { OTHER_ADDRESS, OTHER_HOME, SCOPE_GROUP, SCOPE_HOME, SCOPE_INTERNET, SCOPE_SELF } from './constants'
import { scopeOfIpv4, scopeOfIpv6 } from './home-network'
import { addKey, findKey, keyWord, newKeyTable } from './key-table'
import { MAX_ADDRESSES, REACHED_ADDRESSES } from './limits'
import { allocate, grown, i32At } from './memory'
import { countReached } from './reached'

const MAPPED_WORD: i32 = 0xffff
const FIRST_ADDRESSES: i32 = 1024

/** Numbers addresses from 2. IPv4 stands as ::ffff:a.b.c.d, so that both kinds share one table. */
const table = newKeyTable(MAX_ADDRESSES)
let scopes: usize = allocate(<usize>FIRST_ADDRESSES)
let capacity: i32 = FIRST_ADDRESSES

/** The ids of addresses that find no room take their places: once, before any address. */
export function reserveAddresses(): void {
  addKey(table, 0, 0, 0, -1)
  addKey(table, 0, 0, 0, -2)
  setScope(OTHER_HOME, SCOPE_HOME)
}

/** One more than the largest id. */
export function addressesUsed(): i32 {
  return table.used
}

/** The id, or -1 where the address is not in the table. */
export function findIpv4(address: i32): i32 {
  return findKey(table, 0, 0, MAPPED_WORD, address)
}

export function findIpv6(at: usize): i32 {
  return findKey(table, i32At(at), i32At(at + 4), i32At(at + 8), i32At(at + 12))
}

export function findAddress(w0: i32, w1: i32, w2: i32, w3: i32): i32 {
  return findKey(table, w0, w1, w2, w3)
}

/** The id, given now where it is new; OTHER_ADDRESS or OTHER_HOME where the table is full. */
export function addressOfIpv4(address: i32): i32 {
  const id = findIpv4(address)
  return id >= 0 ? id : add(0, 0, MAPPED_WORD, address, scopeOfIpv4(address))
}

/** The 16 bytes at `at`. */
export function addressOfIpv6(at: usize): i32 {
  return addressOfWords(i32At(at), i32At(at + 4), i32At(at + 8), i32At(at + 12))
}

export function addressOfWords(w0: i32, w1: i32, w2: i32, w3: i32): i32 {
  const id = findKey(table, w0, w1, w2, w3)
  return id >= 0 ? id : add(w0, w1, w2, w3, scopeOfIpv6(w0, w1, w2, w3))
}

/** The id that stands for the address where it gets no room of its own. */
export function otherIpv4(address: i32): i32 {
  return otherOf(scopeOfIpv4(address))
}

export function otherIpv6(at: usize): i32 {
  return otherOf(scopeOfIpv6(i32At(at), i32At(at + 4), i32At(at + 8), i32At(at + 12)))
}

/** One of SCOPE_…; -1 where no address has the id. */
export function scopeOf(address: i32): i32 {
  return <u32>address < <u32>capacity ? <i32>load<u8>(scopes + <usize>address) : -1
}

/** The address turned out to be everybody's. */
export function makeGroup(address: i32): void {
  setScope(address, SCOPE_GROUP)
}

/** Takes makeGroup back; what is multicast by its number stays so. */
export function unmakeGroup(address: i32): void {
  setScope(address, scopeByWords(address))
}

/** After the home learned a prefix: the next IPv6 address behind `after` that is not the internet's any more, or -1. */
export function nextRescoped(after: i32): i32 {
  for (let address = after + 1; address < table.used; address++) {
    if (scopeOf(address) != SCOPE_INTERNET || isIpv4(address)) continue
    const scope = scopeByWords(address)
    if (scope == SCOPE_INTERNET) continue
    setScope(address, scope)
    return address
  }
  return -1
}

export function isIpv4(address: i32): bool {
  return keyWord(table, address, 0) == 0 && keyWord(table, address, 1) == 0 && keyWord(table, address, 2) == MAPPED_WORD
}

/** Whether it is no address, as senders have that know none yet: 0.0.0.0/8 (RFC 1122 section 3.2.1.3), ::. */
export function isUnspecified(address: i32): bool {
  if (scopeOf(address) != SCOPE_SELF) return false
  const last = addressWord(address, 3)
  return isIpv4(address) ? last >>> 24 == 0 : last == 0
}

/** Whether both are of one /24 (IPv4; a home's usual size) or one /64. */
export function isSameSubnet(one: i32, other: i32): bool {
  if (isIpv4(one) != isIpv4(other)) return false
  if (isIpv4(one)) return addressWord(one, 3) >>> 8 == addressWord(other, 3) >>> 8
  return addressWord(one, 0) == addressWord(other, 0) && addressWord(one, 1) == addressWord(other, 1)
}

/** The `word`-th 32 bits of an address; word 3 of an IPv4 address is the address. */
export function addressWord(address: i32, word: i32): i32 {
  return keyWord(table, address, word)
}

function scopeByWords(address: i32): i32 {
  return scopeOfIpv6(
    keyWord(table, address, 0),
    keyWord(table, address, 1),
    keyWord(table, address, 2),
    keyWord(table, address, 3),
  )
}

function add(w0: i32, w1: i32, w2: i32, w3: i32, scope: i32): i32 {
  const id = addKey(table, w0, w1, w2, w3)
  if (id < 0) {
    countReached(REACHED_ADDRESSES)
    return otherOf(scope)
  }
  if (id >= capacity) {
    scopes = grown(scopes, <usize>capacity, <usize>capacity * 2)
    capacity *= 2
  }
  setScope(id, scope)
  return id
}

function setScope(address: i32, scope: i32): void {
  if (<u32>address < <u32>capacity) store<u8>(scopes + <usize>address, <u8>scope)
}

function otherOf(scope: i32): i32 {
  return scope == SCOPE_INTERNET ? OTHER_ADDRESS : OTHER_HOME
}
