// DNS queries that wait for their answer: an answer that nobody asked for says nothing.
import { isIpv4, scopeOf } from './addresses'
import { now } from './clock'
import { NO_MAC, SCOPE_HOME } from './constants'
import { frame } from './frame'
import { unaskedAnswer } from './host'
import { addKey, findKey, newKeyTable, removeKey } from './key-table'
import { MAX_DNS_OUTSTANDING, REACHED_DNS_OUTSTANDING } from './limits'
import { allocate, grown } from './memory'
import {
  claimsAddress,
  hasOneMac,
  holdsAnother,
  isContested,
  isRouter,
  macOf,
  sentOnlyFrom,
  usesAddress,
} from './ownership'
import { countReached } from './reached'

/** Resolvers that ask others themselves give up after less. */
const ANSWER_SECONDS: f64 = 30
const FIRST_ADDRESSES: usize = 1024

/** By client, server, port and id, and the name asked for first. The oldest query makes room. */
const table = newKeyTable(MAX_DNS_OUTSTANDING)
/** Per entry: when it was asked (f64), and the MAC that brought the first answer, -1 before it (i32). */
const askedAt: usize = memory.data(8 * MAX_DNS_OUTSTANDING, 8)
const answeredBy: usize = memory.data(4 * MAX_DNS_OUTSTANDING, 8)
/** Entries in the order they were asked: a ring, and the place in it for the next one. */
const order: usize = memory.data(4 * MAX_DNS_OUTSTANDING, 8)
let next: i32 = 0
/** Per address: 1 where it was seen asking. */
let asks: usize = allocate(FIRST_ADDRESSES)
let askCapacity: usize = FIRST_ADDRESSES
/** The MAC that brought the last answer to a query. */
let usualMac: i32 = NO_MAC

/** `client` asked `server` from this port: a query with this id, for this name first. */
export function askDns(client: i32, server: i32, port: i32, id: i32, name: i32): void {
  noteAsking(client)
  const key = (port << 16) | id
  const known = findKey(table, client, server, key, name)
  const entry = known >= 0 ? known : addQueryOf(client, server, key, name)
  setAskedAt(entry, now)
  setAnsweredBy(entry, -1)
}

/**
 * Whether an answer may be believed: its query was seen, or none of the client's are, because only one direction is
 * captured. Others are reported. Of two answers the first counts, as it does for the client.
 */
export function mayBelieve(client: i32, device: i32, server: i32, port: i32, id: i32, name: i32): bool {
  const mac = macOf(frame.macHigh, frame.macLow)
  const isSender = device == -mac || (usesAddress(client, mac) && sentOnlyFrom(mac, server))
  const isOwn = mac != NO_MAC && isSender && !hasOneMac()
  const entry = isOwn ? -1 : findKey(table, client, server, (port << 16) | id, name)
  if (entry >= 0 && now - askedAtOf(entry) <= ANSWER_SECONDS) {
    if (answeredByOf(entry) < 0) {
      usualMac = mac
      setAnsweredBy(entry, mac)
    }
    return answeredByOf(entry) == mac
  }
  const isForged = isOwn || isForgedBy(mac, server)
  if (!isForged && !hasAskedBefore(client)) return true
  // Where the answer came the usual way, the query may be one that the capture lost.
  unaskedAnswer(client, device < 0 ? -device : NO_MAC, mac, name, isForged)
  return false
}

/** The answer came from another device than this server's answers do. */
function isForgedBy(mac: i32, server: i32): bool {
  if (mac == NO_MAC) return false
  if (scopeOf(server) != SCOPE_HOME) {
    const isUnusual = usualMac == NO_MAC ? sentOnlyFrom(mac, server) : usualMac != mac
    return isUnusual && holdsAnother(mac, server, false)
  }
  if (isContested(server)) return true
  if (isRouter(mac) || claimsAddress(server, mac)) return false
  return holdsAnother(mac, server, isIpv4(server))
}

function addQueryOf(client: i32, server: i32, key: i32, name: i32): i32 {
  const place = order + ((<usize>next) << 2)
  let entry = addKey(table, client, server, key, name)
  if (entry < 0) {
    const oldest = load<i32>(place)
    if (now - askedAtOf(oldest) <= ANSWER_SECONDS) countReached(REACHED_DNS_OUTSTANDING)
    removeKey(table, oldest)
    entry = addKey(table, client, server, key, name)
  }
  store<i32>(place, entry)
  next = (next + 1) % MAX_DNS_OUTSTANDING
  return entry
}

function noteAsking(client: i32): void {
  const place = <usize>client
  if (place >= askCapacity) {
    const capacity = max<usize>(2 * askCapacity, place + 1)
    asks = grown(asks, askCapacity, capacity)
    askCapacity = capacity
  }
  store<u8>(asks + place, 1)
}

function hasAskedBefore(client: i32): bool {
  return <usize>client < askCapacity && load<u8>(asks + <usize>client) == 1
}

function askedAtOf(entry: i32): f64 {
  return load<f64>(askedAt + ((<usize>entry) << 3))
}

function setAskedAt(entry: i32, time: f64): void {
  store<f64>(askedAt + ((<usize>entry) << 3), time)
}

function answeredByOf(entry: i32): i32 {
  return load<i32>(answeredBy + ((<usize>entry) << 2))
}

function setAnsweredBy(entry: i32, mac: i32): void {
  store<i32>(answeredBy + ((<usize>entry) << 2), mac)
}
