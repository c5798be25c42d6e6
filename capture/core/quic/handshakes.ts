// QUIC handshakes being put together, by flow.
import { addKey, findKey, keyCount, keyWord, newKeyTable, removeKey } from '../key-table'
import { MAX_QUIC_HANDSHAKES, REACHED_QUIC_HANDSHAKES } from '../limits'
import { allocate } from '../memory'
import { countReached } from '../reached'
import { newInitials, resetInitials } from './initial'

/** One handshake. Its reader is made when the record is first used, and stays for the next handshakes. */
@unmanaged
class Handshake {
  /** See initial.ts. */
  initials: usize = 0
  /** The client's end, -1 until a packet could be read. */
  clientEnd: i32 = 0
  /** The ClientHello was read; the server may still ask for another one. */
  isDone: i32 = 0
  /** The handshakes begun just before and after this one, -1 where there is none. */
  before: i32 = 0
  after: i32 = 0
}

/** Of flows: the other words of a key are zero. */
const table = newKeyTable(MAX_QUIC_HANDSHAKES)
const records: usize = allocate(MAX_QUIC_HANDSHAKES * offsetof<Handshake>())
let oldest: i32 = -1
let newest: i32 = -1

function handshakeOf(handshake: i32): Handshake {
  return changetype<Handshake>(records + <usize>handshake * offsetof<Handshake>())
}

/** The flow's handshake, or -1. */
export function findHandshake(flow: i32): i32 {
  return findKey(table, flow, 0, 0, 0)
}

/** The flow's handshake; a new one where there is none. The one that has waited longest makes room. */
export function handshakeOfFlow(flow: i32): i32 {
  const known = findHandshake(flow)
  if (known >= 0) return known
  if (keyCount(table) >= MAX_QUIC_HANDSHAKES) {
    countReached(REACHED_QUIC_HANDSHAKES)
    releaseHandshake(keyWord(table, oldest, 0))
  }
  const id = addKey(table, flow, 0, 0, 0)
  const handshake = handshakeOf(id)
  if (handshake.initials == 0) handshake.initials = newInitials()
  handshake.clientEnd = -1
  handshake.isDone = 0
  handshake.before = newest
  handshake.after = -1
  if (newest >= 0) handshakeOf(newest).after = id
  else oldest = id
  newest = id
  return id
}

/** Forgets the flow's handshake, if it has one. */
export function releaseHandshake(flow: i32): void {
  const id = findHandshake(flow)
  if (id < 0) return
  const handshake = handshakeOf(id)
  resetInitials(handshake.initials)
  if (handshake.before >= 0) handshakeOf(handshake.before).after = handshake.after
  else oldest = handshake.after
  if (handshake.after >= 0) handshakeOf(handshake.after).before = handshake.before
  else newest = handshake.before
  removeKey(table, id)
}

export function initialsOf(handshake: i32): usize {
  return handshakeOf(handshake).initials
}

export function clientEndOf(handshake: i32): i32 {
  return handshakeOf(handshake).clientEnd
}

export function setClientEnd(handshake: i32, end: i32): void {
  handshakeOf(handshake).clientEnd = end
}

export function isDone(handshake: i32): bool {
  return handshakeOf(handshake).isDone != 0
}

export function setDone(handshake: i32): void {
  handshakeOf(handshake).isDone = 1
}

/** The client begins anew. */
export function restartHandshake(handshake: i32): void {
  resetInitials(handshakeOf(handshake).initials)
  handshakeOf(handshake).isDone = 0
}
