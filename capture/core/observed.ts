// Counts of what devices asked for and offered, as it stood on the wire.
import { NO_NAME } from './constants'
import { addKey, findKey, keyWord, newKeyTable } from './key-table'
import { MAX_DNS_QUERIES, REACHED_DNS_QUERIES } from './limits'
import { allocate, grown } from './memory'
import { countReached } from './reached'

const FIRST_COUNTS: i32 = 1024

/** A column of counts that grows. */
@unmanaged
class Counts {
  at: usize = 0
  capacity: i32 = 0
}

/** Names in TLS handshakes and requests, by the name's number. */
const tlsNames = newCounts()
const quicNames = newCounts()
const httpHosts = newCounts()
/** DNS look-ups by client, name and type. */
const queries = newKeyTable(MAX_DNS_QUERIES)
const queryCounts = newCounts()

export function countTlsName(name: i32): void {
  if (name != NO_NAME) addOne(tlsNames, name)
}

export function countQuicName(name: i32): void {
  if (name != NO_NAME) addOne(quicNames, name)
}

export function countHttpHost(name: i32): void {
  if (name != NO_NAME) addOne(httpHosts, name)
}

export function tlsNameCount(name: i32): i32 {
  return countAt(tlsNames, name)
}

export function quicNameCount(name: i32): i32 {
  return countAt(quicNames, name)
}

export function httpHostCount(name: i32): i32 {
  return countAt(httpHosts, name)
}

/** One question of a query from address `client`. True where it is the first of its kind. */
export function addQuery(client: i32, name: i32, type: i32): bool {
  const known = findKey(queries, client, name, type, 0)
  if (known >= 0) {
    addOne(queryCounts, known)
    return false
  }
  const query = addKey(queries, client, name, type, 0)
  if (query < 0) {
    countReached(REACHED_DNS_QUERIES)
    return false
  }
  addOne(queryCounts, query)
  return true
}

/** Look-ups that were counted; each has a number from 0. */
export function queriesUsed(): i32 {
  return queries.used
}

/** Client, name and type of a look-up: words 0 to 2. */
export function queryWord(query: i32, word: i32): i32 {
  return keyWord(queries, query, word)
}

export function queryCount(query: i32): i32 {
  return countAt(queryCounts, query)
}

function newCounts(): Counts {
  const counts = changetype<Counts>(allocate(offsetof<Counts>()))
  counts.at = allocate((<usize>FIRST_COUNTS) << 2)
  counts.capacity = FIRST_COUNTS
  return counts
}

function addOne(counts: Counts, id: i32): void {
  if (id >= counts.capacity) {
    const larger = max(id + 1, 2 * counts.capacity)
    counts.at = grown(counts.at, (<usize>counts.capacity) << 2, (<usize>larger) << 2)
    counts.capacity = larger
  }
  const at = counts.at + ((<usize>id) << 2)
  store<i32>(at, load<i32>(at) + 1)
}

function countAt(counts: Counts, id: i32): i32 {
  return <u32>id < <u32>counts.capacity ? load<i32>(counts.at + ((<usize>id) << 2)) : 0
}
