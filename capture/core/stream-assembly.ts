// The first bytes of TCP directions, put in order: one assembly for each direction that waits for a missing piece.
import { allocate } from './memory'
import { addKey, findKey, keyCount, keyWord, newKeyTable, removeKey } from './key-table'
import {
  MAX_ASSEMBLIES,
  MAX_ASSEMBLY_BYTES,
  MAX_ASSEMBLY_SEGMENTS,
  REACHED_ASSEMBLY_BYTES,
  REACHED_ASSEMBLY_SEGMENTS,
} from './limits'

/** Bytes before the base that a later segment may still bring, when the connection's start was not seen. */
const MAX_BACKWARD: i32 = 65_536
const NONE: i32 = -1

/** A piece of the stream that waits: where it starts relative to the base, and behind the record its bytes. */
@unmanaged
class Segment {
  /** Larger than a sequence number: an earlier base moves it on. */
  offset: i64 = 0
  length: i32 = 0
  /** The one that came after it, 0 where there is none. */
  next: usize = 0
}

/**
 * Keeps segments that came early and joins those that connect. Sequence numbers wrap at 2^32 (RFC 9293 section 3.4), so
 * they are compared by their signed difference. Retransmitted and overlapping bytes are taken once.
 */
@unmanaged
export class Assembly {
  /** The sequence number of the first byte wanted. */
  base: i32 = 0
  /** 1 where the base is known to be where a message starts, and not just the earliest segment seen. */
  hasBase: i32 = 0
  /** Bytes in order from the base on, and the room that they have. */
  bytes: usize = 0
  length: i32 = 0
  capacity: i32 = 0
  segments: i32 = 0
  /** Segments that wait, in the order in which they came. */
  firstWaiting: usize = 0
  lastWaiting: usize = 0
  waitingBytes: i32 = 0
  /** The assemblies that began before and after this one, NONE at the ends. */
  older: i32 = 0
  newer: i32 = 0
}

const table = newKeyTable(MAX_ASSEMBLIES)
const records: usize = allocate(<usize>MAX_ASSEMBLIES * offsetof<Assembly>())
let oldest: i32 = NONE
let newest: i32 = NONE

export function assemblyCount(): i32 {
  return keyCount(table)
}

/** The assembly of the direction `key` (flow × 2 + end), null where there is none. */
export function findAssembly(key: i32): Assembly | null {
  const id = findKey(table, key, 0, 0, 0)
  return id < 0 ? null : assemblyOf(id)
}

/** The direction whose assembly began first; there is one. */
export function oldestAssembly(): i32 {
  return keyWord(table, oldest, 0)
}

/**
 * An empty assembly for the direction; one that it has is emptied and keeps its place in the order. There is room: the
 * caller removes the oldest where MAX_ASSEMBLIES are in use.
 */
export function openAssembly(key: i32, base: i32, hasBase: bool): Assembly {
  let id = findKey(table, key, 0, 0, 0)
  if (id >= 0) freeContent(assemblyOf(id))
  else {
    id = addKey(table, key, 0, 0, 0)
    linkNewest(id)
  }
  const assembly = assemblyOf(id)
  assembly.base = base
  assembly.hasBase = <i32>hasBase
  assembly.bytes = 0
  assembly.length = 0
  assembly.capacity = 0
  assembly.segments = 0
  assembly.firstWaiting = 0
  assembly.lastWaiting = 0
  assembly.waitingBytes = 0
  return assembly
}

/** Frees the direction's assembly, where it has one. */
export function closeAssembly(key: i32): void {
  const id = findKey(table, key, 0, 0, 0)
  if (id < 0) return
  const assembly = assemblyOf(id)
  freeContent(assembly)
  if (assembly.older == NONE) oldest = assembly.newer
  else assemblyOf(assembly.older).newer = assembly.newer
  if (assembly.newer == NONE) newest = assembly.older
  else assemblyOf(assembly.newer).older = assembly.older
  removeKey(table, id)
}

/** The sequence number behind the bytes in order. */
export function nextOfAssembly(assembly: Assembly): i32 {
  return assembly.base + assembly.length
}

/** True when no more is to be taken: too many or too large pieces. */
export function isAssemblyFull(assembly: Assembly): bool {
  return assembly.segments >= MAX_ASSEMBLY_SEGMENTS || assembly.length + assembly.waitingBytes >= MAX_ASSEMBLY_BYTES
}

/** The limit (one of REACHED_…) that was reached where it is full. */
export function fullLimitOf(assembly: Assembly): i32 {
  return assembly.segments >= MAX_ASSEMBLY_SEGMENTS ? REACHED_ASSEMBLY_SEGMENTS : REACHED_ASSEMBLY_BYTES
}

/** Takes the bytes [at, end) at sequence number `sequence`. True when bytes in order grew. */
export function addSegment(assembly: Assembly, sequence: i32, at: usize, end: usize): bool {
  assembly.segments++
  let offset = sequence - assembly.base
  if (offset < 0 && assembly.hasBase == 0 && offset > -MAX_BACKWARD) {
    moveBase(assembly, sequence, -offset)
    offset = 0
  }
  const length = <i32>(end - at)
  if (offset > assembly.length) {
    if (length > 0) wait(assembly, offset, at, length)
    return false
  }
  // No overflow: an offset above 0 is at most the length here.
  if (offset + length <= assembly.length) return false
  appendBytes(assembly, at + <usize>(assembly.length - offset), end)
  joinWaiting(assembly)
  return true
}

/** Drops the first `count` bytes in order: a message was read. */
export function consumeAssembled(assembly: Assembly, count: i32): void {
  assembly.length -= count
  memory.copy(assembly.bytes, assembly.bytes + <usize>count, assembly.length)
  assembly.base += count
  for (let waiting = assembly.firstWaiting; waiting != 0; waiting = segmentAt(waiting).next)
    segmentAt(waiting).offset -= <i64>count
  assembly.segments = 0
}

function assemblyOf(id: i32): Assembly {
  return changetype<Assembly>(records + <usize>id * offsetof<Assembly>())
}

function segmentAt(at: usize): Segment {
  return changetype<Segment>(at)
}

/** Puts the assembly at the end of the order. */
function linkNewest(id: i32): void {
  const assembly = assemblyOf(id)
  assembly.older = newest
  assembly.newer = NONE
  if (newest == NONE) oldest = id
  else assemblyOf(newest).newer = id
  newest = id
}

function freeContent(assembly: Assembly): void {
  if (assembly.bytes != 0) heap.free(assembly.bytes)
  let waiting = assembly.firstWaiting
  while (waiting != 0) {
    const next = segmentAt(waiting).next
    heap.free(waiting)
    waiting = next
  }
}

/** Keeps a copy of the bytes until what is missing before them comes; where there is room for them. */
function wait(assembly: Assembly, offset: i32, at: usize, length: i32): void {
  if (assembly.waitingBytes + length > MAX_ASSEMBLY_BYTES) return
  const place = heap.alloc(offsetof<Segment>() + <usize>length)
  const segment = segmentAt(place)
  segment.offset = <i64>offset
  segment.length = length
  segment.next = 0
  memory.copy(place + offsetof<Segment>(), at, length)
  if (assembly.lastWaiting == 0) assembly.firstWaiting = place
  else segmentAt(assembly.lastWaiting).next = place
  assembly.lastWaiting = place
  assembly.waitingBytes += length
}

/** An earlier segment came: what was in order becomes a waiting piece behind it. */
function moveBase(assembly: Assembly, sequence: i32, shift: i32): void {
  for (let waiting = assembly.firstWaiting; waiting != 0; waiting = segmentAt(waiting).next)
    segmentAt(waiting).offset += <i64>shift
  if (assembly.length > 0) wait(assembly, shift, assembly.bytes, assembly.length)
  assembly.length = 0
  assembly.base = sequence
}

/** Appends waiting segments that connect, the one that came first before others, until none does. */
function joinWaiting(assembly: Assembly): void {
  let before: usize = 0
  let waiting = assembly.firstWaiting
  while (waiting != 0) {
    const segment = segmentAt(waiting)
    if (segment.offset > <i64>assembly.length) {
      before = waiting
      waiting = segment.next
      continue
    }
    const bytes = waiting + offsetof<Segment>()
    const known = <i64>assembly.length - segment.offset
    unlinkWaiting(assembly, before, segment)
    if (<i64>segment.length > known) appendBytes(assembly, bytes + <usize>known, bytes + <usize>segment.length)
    heap.free(waiting)
    before = 0
    waiting = assembly.firstWaiting
  }
}

/** Takes the segment behind `before` (0: the first one) off the list of those that wait. */
function unlinkWaiting(assembly: Assembly, before: usize, segment: Segment): void {
  if (before == 0) assembly.firstWaiting = segment.next
  else segmentAt(before).next = segment.next
  if (segment.next == 0) assembly.lastWaiting = before
  assembly.waitingBytes -= segment.length
}

function appendBytes(assembly: Assembly, at: usize, end: usize): void {
  const length = <i32>min<usize>(end - at, <usize>(MAX_ASSEMBLY_BYTES - assembly.length))
  if (length <= 0) return
  const needed = assembly.length + length
  if (needed > assembly.capacity) {
    const capacity = max<i32>(needed, assembly.capacity * 2)
    const larger = heap.alloc(<usize>capacity)
    if (assembly.bytes != 0) {
      memory.copy(larger, assembly.bytes, assembly.length)
      heap.free(assembly.bytes)
    }
    assembly.bytes = larger
    assembly.capacity = capacity
  }
  memory.copy(assembly.bytes + <usize>assembly.length, at, length)
  assembly.length = needed
}
