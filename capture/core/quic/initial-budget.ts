// How many QUIC Initials are decrypted in a second, and for whom.
import { addKey, clearKeys, findKey, keyCount, newKeyTable } from '../key-table'
import {
  MAX_MACS,
  MAX_QUIC_INITIALS_OF_UNREAD,
  MAX_QUIC_INITIALS_PER_DEVICE,
  REACHED_QUIC_INITIALS_OF_UNREAD,
  REACHED_QUIC_INITIALS_PER_DEVICE,
} from '../limits'
import { allocate, grown } from '../memory'
import { countReached } from '../reached'

/** Packets that come out of order by less than this count in the second at hand. */
const REORDER_SECONDS: f64 = 5
const FIRST_COUNTS: i32 = 1024

let second: f64 = NaN
/** Senders of whom a ClientHello was read. */
const read = newKeyTable(MAX_MACS)
/** Senders in the second at hand: those that were read, and as many others as there is room for in their share. */
const senders = newKeyTable(MAX_MACS + MAX_QUIC_INITIALS_OF_UNREAD)
/** Initials of each of `senders`. */
let counts: usize = allocate(FIRST_COUNTS << 2)
let capacity: i32 = FIRST_COUNTS
let takenByUnread: i32 = 0

function countOf(id: i32): usize {
  return counts + ((<usize>id) << 2)
}

/**
 * Whether one more Initial of `sender` (a device key) may be decrypted at `now`, in seconds; counts it.
 *
 * To read an Initial takes a derivation of keys and a decryption, many times what any other packet costs, and anyone
 * can send one. In each second of capture time each sender has a share, and so have all those together of whom nothing
 * was read yet, or who sends from ever new addresses would take all of the time; who was read before keeps its own
 * share. What is beyond it is counted but not read.
 */
export function takeInitial(sender: i32, now: f64): bool {
  const at = Math.floor(now)
  if (!(at <= second && at > second - REORDER_SECONDS)) begin(at)
  const known = findKey(senders, sender, 0, 0, 0)
  const taken = known < 0 ? 0 : load<i32>(countOf(known))
  if (taken >= MAX_QUIC_INITIALS_PER_DEVICE) {
    countReached(REACHED_QUIC_INITIALS_PER_DEVICE)
    return false
  }
  if (findKey(read, sender, 0, 0, 0) < 0) {
    if (takenByUnread >= MAX_QUIC_INITIALS_OF_UNREAD) {
      countReached(REACHED_QUIC_INITIALS_OF_UNREAD)
      return false
    }
    takenByUnread++
  }
  const id = known < 0 ? addSender(sender) : known
  if (id >= 0) store<i32>(countOf(id), taken + 1)
  return true
}

function addSender(sender: i32): i32 {
  const id = addKey(senders, sender, 0, 0, 0)
  if (id >= capacity) {
    counts = grown(counts, (<usize>capacity) << 2, (<usize>capacity) << 3)
    capacity *= 2
  }
  return id
}

/** A ClientHello of the sender was read. */
export function hasReadInitial(sender: i32): void {
  if (keyCount(read) < MAX_MACS && findKey(read, sender, 0, 0, 0) < 0) addKey(read, sender, 0, 0, 0)
}

function begin(at: f64): void {
  second = at
  clearKeys(senders)
  takenByUnread = 0
}
