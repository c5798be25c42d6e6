// Device × endpoint pairs with an open burst, in the order in which they were opened, and by the second of their last
// cell.
import { allocate, grown } from '../memory'
import { addKey, clearKeys, findKey, keyCount, newKeyTable, removeKey } from '../key-table'
import { append, newList, takeOut } from './linked-list'
import { MAX_OPEN } from './activity-limits'

/** Traffic of a pair between two pauses. `first` is NaN where there is none. */
@unmanaged
export class Burst {
  first: f64 = 0
  last: f64 = 0
  sent: f64 = 0
  received: f64 = 0
  /** Most bytes sent in one second. */
  peak: f64 = 0
  /** Seconds in which at least as much was sent as the thinnest stream of speech takes. */
  steady: f64 = 0
  /** Bytes received up to the second in which EARLY_SENT_BYTES were sent, and that second; NaN before it. */
  early: f64 = 0
  earlyUntil: f64 = 0
}
const BURST_BYTES: usize = 64

/** One pair; its burst of note and its trickle stand behind it. */
@unmanaged
export class Channel {
  /** Last second with anything. */
  touched: f64 = 0
  /** The second of the slot in which it waits to become quiet; NaN for none. */
  slotted: f64 = 0
  /** Sent in the second `touched`, to know its peak when it comes in parts. */
  sentNow: f64 = 0
  device: i32 = 0
  endpoint: i32 = 0
  /** How often this place was used: a slot may name a channel that is no more. */
  uses: i32 = 0
  unused: i32 = 0
}
const NOTE: usize = 40
const TRICKLE: usize = NOTE + BURST_BYTES
const CHANNEL_BYTES: usize = TRICKLE + BURST_BYTES
const FIRST_CHANNELS: i32 = 64

const table = newKeyTable(MAX_OPEN)
export const opened = newList()
let channels: usize = 0
let capacity: i32 = 0

export function channelOf(id: i32): Channel {
  return changetype<Channel>(channels + <usize>id * CHANNEL_BYTES)
}

export function noteBurst(channel: Channel): Burst {
  return changetype<Burst>(changetype<usize>(channel) + NOTE)
}

export function trickleBurst(channel: Channel): Burst {
  return changetype<Burst>(changetype<usize>(channel) + TRICKLE)
}

export function isOpen(burst: Burst): bool {
  return burst.first == burst.first
}

export function clearBurst(burst: Burst): void {
  burst.first = NaN
}

export function beginBurst(burst: Burst, second: f64): void {
  burst.first = second
  burst.last = second
  burst.sent = 0
  burst.received = 0
  burst.peak = 0
  burst.steady = 0
  burst.early = 0
  burst.earlyUntil = NaN
}

export function copyBurst(to: Burst, from: Burst): void {
  memory.copy(changetype<usize>(to), changetype<usize>(from), BURST_BYTES)
}

export function findChannel(device: i32, endpoint: i32): i32 {
  return findKey(table, device, endpoint, 0, 0)
}

export function areChannelsFull(): bool {
  return keyCount(table) >= MAX_OPEN
}

/** A new channel without a burst; there must be room for it. */
export function addChannel(device: i32, endpoint: i32, second: f64): i32 {
  const id = addKey(table, device, endpoint, 0, 0)
  if (id >= capacity) growChannels()
  const channel = channelOf(id)
  channel.touched = second
  channel.slotted = NaN
  channel.sentNow = 0
  channel.device = device
  channel.endpoint = endpoint
  channel.uses++
  clearBurst(noteBurst(channel))
  clearBurst(trickleBurst(channel))
  append(opened, id)
  return id
}

export function removeChannel(id: i32): void {
  channelOf(id).slotted = NaN
  takeOut(opened, id)
  removeKey(table, id)
}

/** All of them are gone. */
export function clearChannels(): void {
  while (opened.first >= 0) removeChannel(opened.first)
  clearKeys(table)
}

function growChannels(): void {
  const larger = max<i32>(FIRST_CHANNELS, 2 * capacity)
  const bytes = <usize>larger * CHANNEL_BYTES
  channels = capacity == 0 ? allocate(bytes) : grown(channels, <usize>capacity * CHANNEL_BYTES, bytes)
  capacity = larger
}

// Slots hold channels by a second, modulo the number of slots: who stays in its slot is quiet.

@unmanaged
class Slot {
  /** Pairs of the channel's number and its uses. */
  entries: usize = 0
  count: i32 = 0
  capacity: i32 = 0
}
const SLOT_BYTES: usize = 16
const FIRST_ENTRIES: i32 = 32
const SLOTS: i32 = 5
const slots = memory.data(<i32>SLOT_BYTES * SLOTS, 8)

function slotOf(second: f64): Slot {
  // A clock that was never set begins at 0: the seconds before it have a slot, too.
  const place = <usize>(second - <f64>SLOTS * Math.floor(second / <f64>SLOTS))
  return changetype<Slot>(slots + place * SLOT_BYTES)
}

export function putInSlot(second: f64, id: i32): void {
  const slot = slotOf(second)
  if (slot.count >= slot.capacity) {
    const larger = max<i32>(FIRST_ENTRIES, 2 * slot.capacity)
    const bytes = (<usize>larger) << 3
    slot.entries = slot.capacity == 0 ? allocate(bytes) : grown(slot.entries, (<usize>slot.capacity) << 3, bytes)
    slot.capacity = larger
  }
  const entry = slot.entries + ((<usize>slot.count) << 3)
  store<i32>(entry, id)
  store<i32>(entry, channelOf(id).uses, 4)
  slot.count++
}

/** How many wait in the second's slot; read before it is emptied. */
export function slotLength(second: f64): i32 {
  return slotOf(second).count
}

/** The `index`-th channel of the second's slot; -1 where it is gone or has moved on. */
export function quietIn(second: f64, index: i32): i32 {
  const entry = slotOf(second).entries + ((<usize>index) << 3)
  const id = load<i32>(entry)
  const channel = channelOf(id)
  return channel.uses == load<i32>(entry, 4) && channel.slotted == second ? id : -1
}

export function emptySlot(second: f64): void {
  slotOf(second).count = 0
}

export function emptyAllSlots(): void {
  for (let place: usize = 0; place < <usize>SLOTS; place++) changetype<Slot>(slots + place * SLOT_BYTES).count = 0
}
