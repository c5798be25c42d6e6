// The packets of the last moments: a table of bounded size, found by what no link changes in a packet.
import {
  checksum,
  content,
  contentTag,
  destinationWord,
  linkBits,
  portsWord,
  senderBits,
  sourceWord,
  wayTag,
} from './copy-identity'
import { frame } from './frame'
import { MAX_RECENT_PACKETS } from './limits'
import { allocate } from './memory'

/** What became of a packet. */
export const COUNTED: u8 = 0
export const LEFT_OUT: u8 = 1
export const EXCLUDED: u8 = 2
export const NO_FLOW: i32 = -1

/** One packet, and the first three ways by which it came: one line of the processor's cache. */
@unmanaged
export class Sighting {
  content: u64 = 0
  source: i32 = 0
  destination: i32 = 0
  ports: i32 = 0
  way0: u32 = 0
  /** When it was last counted, in seconds. */
  time: f64 = 0
  /** Where its bytes from the IP header on are, as long as `piece` is read. */
  networkAt: usize = 0
  length: u16 = 0
  /** The transport's. */
  checksum: u16 = 0
  piece: u16 = 0
  /** Sixteen bits of the sender's MAC. */
  sender: u16 = 0
  /** The flow that it was counted for, times two, and its end; NO_FLOW where there is none. */
  flow: i32 = 0
  /** How often it came by each way, and how often it was counted. */
  times0: u8 = 0
  times1: u8 = 0
  times2: u8 = 0
  counted: u8 = 0
  /** In the lower four bits how many ways; in the upper ones how often a copy by the same way was left out. */
  ways: u8 = 0
  hopLimit: u8 = 0
  /** One of COUNTED, LEFT_OUT, EXCLUDED. */
  state: u8 = 0
  /** Eight bits of the link's number. */
  link: u8 = 0
  way1: u32 = 0
  way2: u32 = 0
}

const SIGHTING_SHIFT: usize = 6
const LINE: usize = 64
/** The eight bytes from times0 on of a packet that came, and was counted, once. */
const ONCE: u64 = 0x00000001_01000001
const HOPS_SHIFT: u64 = 40
const LINK_SHIFT: u64 = 56
const MOST_WAYS: i32 = 3
const WAYS_MASK: u8 = 15
const LEFT_SHIFT: u8 = 4
/** Counts that reach this lose LESS_TIMES, all of them: what counts is how much they differ. */
const MOST_TIMES: u8 = 200
const LESS_TIMES: u8 = 100
/** Places of a bucket, which the tag chooses. */
const BUCKET: i32 = 4
const FIRST_PLACES: i32 = 1024
/** Units of a second in which the age of packets is compared. */
const UNITS: f64 = 1024
/** Where a packet younger than this would be replaced, the table grows: of one link, of several, of several sources. */
const KEPT_UNITS: i32 = 20
const KEPT_OF_LINKS: i32 = 200
const KEPT_OF_SOURCES: i32 = 8192
const SOURCE_SHIFT: i32 = 24

/** Of each place the packet's tag, 0 where it is free, and above it the time in units; and the packets beside them. */
let places: usize = 0
let sightings: usize = 0
let capacity: i32 = 0
/** The place of a bucket that is looked at first for the next packet. */
let turn: i32 = 0
/** Bytes of captures are read in pieces: what an earlier one had in memory is not there any more. */
let piece: i32 = 0
let firstLink: i32 = -1
let keptUnits: i32 = KEPT_UNITS
/** Whether `find` saw a packet with the same tag. */
export let isTagKnown: bool = false

/** Other bytes take the place of those in memory. */
export function beginPiece(): void {
  piece++
}

/** The packet at hand with its addresses, seen within `seconds`; 0 where there is none. */
export function find(now: f64, seconds: f64): usize {
  if (capacity == 0) resize(FIRST_PLACES)
  // Here and not where packets are taken in: a link may bring nothing but copies.
  if (frame.link != firstLink) observeLink()
  isTagKnown = false
  const bucket = bucketOf(contentTag)
  for (let index = 0; index < BUCKET; index++) {
    if (tagAt(bucket + index) != contentTag) continue
    isTagKnown = true
    const sighting = sightingAt(bucket + index)
    if (sighting.content != content || Math.abs(now - sighting.time) > seconds) continue
    const isSame = sighting.source == sourceWord && sighting.destination == destinationWord
    if (isSame && sighting.ports == portsWord) return changetype<usize>(sighting)
  }
  return 0
}

/**
 * The packet at hand with another address or port at one end and up to `hops` apart; one that was left out only where
 * there is no other. 0 where there is none.
 */
export function findTranslated(now: f64, seconds: f64, hops: i32): usize {
  const bucket = bucketOf(contentTag)
  let leftOut: usize = 0
  for (let index = 0; index < BUCKET; index++) {
    if (tagAt(bucket + index) != contentTag) continue
    const sighting = sightingAt(bucket + index)
    if (sighting.content != content || Math.abs(now - sighting.time) > seconds) continue
    const apart = abs<i32>(<i32>sighting.hopLimit - frame.hopLimit)
    if (apart < 1 || apart > hops || isSourceOther(sighting) == isDestinationOther(sighting)) continue
    if (sighting.state != LEFT_OUT) return changetype<usize>(sighting)
    leftOut = changetype<usize>(sighting)
  }
  return leftOut
}

export function isSourceOther(sighting: Sighting): bool {
  return sighting.source != sourceWord || sighting.ports >>> 16 != portsWord >>> 16
}

function isDestinationOther(sighting: Sighting): bool {
  return sighting.destination != destinationWord || (sighting.ports & 0xffff) != (portsWord & 0xffff)
}

/** Takes the packet at hand in, behind `find`. Sightings found before may stand elsewhere then. */
export function insert(now: f64): Sighting {
  const units = <i32>(<i64>(now * UNITS))
  let place = placeFor(units)
  while (place < 0) {
    grow()
    place = placeFor(units)
  }
  store<u64>(places + ((<usize>place) << 3), ((<u64>(<u32>units)) << 32) | (<u64>contentTag))
  const sighting = sightingAt(place)
  sighting.content = content
  sighting.source = sourceWord
  sighting.destination = destinationWord
  sighting.ports = portsWord
  sighting.way0 = wayTag
  sighting.time = now
  sighting.networkAt = frame.networkAt
  sighting.length = capturedLength()
  sighting.checksum = checksum()
  sighting.piece = <u16>piece
  sighting.sender = senderBits()
  sighting.flow = NO_FLOW
  const once = ONCE | ((<u64>(frame.hopLimit & 0xff)) << HOPS_SHIFT) | ((<u64>linkBits()) << LINK_SHIFT)
  store<u64>(changetype<usize>(sighting) + offsetof<Sighting>('times0'), once)
  return sighting
}

/** A place in the tag's bucket: free, of an old packet, or of the oldest; -1 where the table is to grow. */
function placeFor(units: i32): i32 {
  const bucket = bucketOf(contentTag)
  turn = (turn + 1) & (BUCKET - 1)
  let mayGrow = capacity < MAX_RECENT_PACKETS
  let oldest = bucket + turn
  let longest = -1
  for (let index = 0; index < BUCKET; index++) {
    const place = bucket + ((turn + index) & (BUCKET - 1))
    const entry = load<u64>(places + ((<usize>place) << 3))
    const age = abs<i32>(units - <i32>(entry >> 32))
    if (<u32>entry == 0 || age >= keptUnits) return place
    // Packets of one content would stand together in a larger table, too.
    if (<u32>entry == contentTag) mayGrow = false
    if (age <= longest) continue
    longest = age
    oldest = place
  }
  return mayGrow ? -1 : oldest
}

/** The number of the way by which the packet at hand came, -1 where it did not come by it before. */
export function wayOf(sighting: Sighting): i32 {
  if (sighting.way0 == wayTag) return 0
  const ways = sighting.ways & WAYS_MASK
  if (ways > 1 && sighting.way1 == wayTag) return 1
  return ways > 2 && sighting.way2 == wayTag ? 2 : -1
}

/** Notes the way; of more than three nothing is known. */
export function addWay(sighting: Sighting): void {
  const way = <i32>(sighting.ways & WAYS_MASK)
  if (way >= MOST_WAYS) return
  if (way == 1) {
    sighting.way1 = wayTag
    sighting.times1 = 1
  } else {
    sighting.way2 = wayTag
    sighting.times2 = 1
  }
  sighting.ways++
}

/** Copies by the same way that were left out since the last call of `takeLeftOut`; up to 15 are counted. */
export function noteLeftOut(sighting: Sighting): void {
  if (sighting.ways >>> LEFT_SHIFT < WAYS_MASK) sighting.ways += 1 << LEFT_SHIFT
}

export function takeLeftOut(sighting: Sighting): i32 {
  const count = <i32>(sighting.ways >>> LEFT_SHIFT)
  sighting.ways &= WAYS_MASK
  return count
}

/** How often the packet came by the way, this time included. */
export function countWay(sighting: Sighting, way: i32): u8 {
  const first = changetype<usize>(sighting) + offsetof<Sighting>('times0')
  const at = first + <usize>way
  if (load<u8>(at) >= MOST_TIMES) {
    for (let field = first; field <= first + offsetof<Sighting>('counted') - offsetof<Sighting>('times0'); field++)
      store<u8>(field, <u8>max<i32>(0, <i32>load<u8>(field) - LESS_TIMES))
  }
  const times = load<u8>(at) + 1
  store<u8>(at, times)
  return times
}

/**
 * Whether the payload of the packet at hand is that of the sighting, as far as both were captured; so, too, where the
 * other's bytes are not in memory any more.
 */
export function isSamePayload(sighting: Sighting): bool {
  if (!isInMemory(sighting)) return true
  const offset = frame.payloadAt - frame.networkAt
  if (offset >= <usize>sighting.length || frame.payloadEnd <= frame.payloadAt) return true
  const length = min<usize>(<usize>sighting.length - offset, frame.payloadEnd - frame.payloadAt)
  return memory.compare(frame.payloadAt, sighting.networkAt + offset, length) == 0
}

/**
 * Whether as much was captured, with the same checksum, and the bytes from the IP header on are the same where they are
 * still in memory.
 */
export function isSamePacket(sighting: Sighting): bool {
  if (sighting.length != capturedLength() || sighting.checksum != checksum()) return false
  if (!isInMemory(sighting)) return true
  return memory.compare(frame.networkAt, sighting.networkAt, <usize>capturedLength()) == 0
}

/** From the IP header on, as far as two bytes count. */
function capturedLength(): u16 {
  return <u16>min<usize>(frame.end - frame.networkAt, <usize>u16.MAX_VALUE)
}

function isInMemory(sighting: Sighting): bool {
  return sighting.piece == <u16>piece
}

function tagAt(place: i32): u32 {
  return load<u32>(places + ((<usize>place) << 3))
}

function sightingAt(place: i32): Sighting {
  return changetype<Sighting>(sightings + ((<usize>place) << SIGHTING_SHIFT))
}

function bucketOf(tag: u32): i32 {
  return (<i32>(tag >> 1)) & (capacity - BUCKET)
}

/**
 * Several sources hand their packets over second by second: one's come long after the other's. Where they run together
 * none has the number 0, so that the first packet of the first tells.
 */
function observeLink(): void {
  const link = frame.link
  if (link >>> SOURCE_SHIFT != 0) keptUnits = KEPT_OF_SOURCES
  if (firstLink == -1) firstLink = link
  else if (link >>> SOURCE_SHIFT != firstLink >>> SOURCE_SHIFT) keptUnits = KEPT_OF_SOURCES
  else if (keptUnits < KEPT_OF_LINKS) keptUnits = KEPT_OF_LINKS
}

function grow(): void {
  const before = capacity
  const oldPlaces = places
  const oldSightings = sightings
  resize(4 * before)
  for (let place = 0; place < before; place++) {
    const entry = load<u64>(oldPlaces + ((<usize>place) << 3))
    if (<u32>entry == 0) continue
    // Buckets are divided, never joined: each packet keeps its place in its bucket.
    const to = bucketOf(<u32>entry) + (place & (BUCKET - 1))
    store<u64>(places + ((<usize>to) << 3), entry)
    memory.copy(sightings + ((<usize>to) << SIGHTING_SHIFT), oldSightings + ((<usize>place) << SIGHTING_SHIFT), LINE)
  }
  heap.free(oldPlaces)
}

/** Both columns in one piece of memory; what was there before is the caller's to free. */
function resize(count: i32): void {
  capacity = count
  places = allocate(((<usize>count) << 3) + ((<usize>count) << SIGHTING_SHIFT) + LINE)
  sightings = (places + ((<usize>count) << 3) + LINE - 1) & ~(LINE - 1)
}

/** Room for what another core's table holds, to be copied in: `count` as `recentPlaces` gave it there. */
export function takeRecent(count: i32): void {
  if (places != 0) heap.free(places)
  resize(count)
}

/** How many packets there is room for: 8 bytes at `recentTags` and 64 at `recentSightings` for each. */
export function recentPlaces(): i32 {
  return capacity
}

export function recentTags(): usize {
  return places
}

export function recentSightings(): usize {
  return sightings
}

/** Behind the copying: the flows are another core's, and so are the bytes in memory. */
export function adoptRecent(): void {
  piece++
  for (let place = 0; place < capacity; place++) {
    const sighting = sightingAt(place)
    sighting.flow = NO_FLOW
    sighting.piece = <u16>(piece - 1)
  }
}
