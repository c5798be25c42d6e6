// Division of a device's traffic into bursts.
import {
  addChannel,
  areChannelsFull,
  beginBurst,
  Burst,
  Channel,
  channelOf,
  clearBurst,
  clearChannels,
  copyBurst,
  emptyAllSlots,
  emptySlot,
  findChannel,
  isOpen,
  noteBurst,
  opened,
  putInSlot,
  quietIn,
  removeChannel,
  slotLength,
  trickleBurst,
} from './burst-channels'
import {
  beginMoves,
  findMove,
  isMoveFound,
  moveBurst,
  moveEarly,
  moveEarlyUntil,
  moveFirst,
  movePart,
  movePeak,
  moveReceived,
  moveSent,
  moveSteady,
} from './burst-moves'
import { CELL_BYTES, deviceAt, endpointAt, receivedAt, secondAt, sentAt } from './cells'
import { beatPeriod, beatShare, observeBeat } from './heartbeats'
import { newRecords, nextRecord, put } from './records-out'
import { following } from './linked-list'
import {
  EARLY_SENT_BYTES,
  LONGEST_BURST_SECONDS,
  PAUSE_SECONDS,
  SPEECH_BYTES_PER_SECOND,
  TRICKLE_BYTES,
} from './activity-limits'
import {
  BURST_DEVICE,
  BURST_EARLY,
  BURST_ENDPOINT,
  BURST_FIRST,
  BURST_LAST,
  BURST_NUMBERS,
  BURST_OUT,
  BURST_PEAK,
  BURST_PERIOD,
  BURST_RECEIVED,
  BURST_SENT,
  BURST_STEADY,
  ENDPOINT_AT_HOME,
  OUT_BEAT,
  OUT_BURST,
  OUT_TAKEN_BACK,
} from './activity-layout'

const out = newRecords(BURST_NUMBERS)
/** Bursts smaller than both mean nothing to anybody. */
let smallestSent: f64 = 0
let smallestReceived: f64 = 0
let now: f64 = -Infinity

/** The smallest bursts that are asked for. */
export function askForBursts(sent: f64, received: f64): void {
  smallestSent = sent
  smallestReceived = received
}

/** How many records there are since they were taken last, and where. */
export function burstCount(): i32 {
  return out.count
}

export function burstAddress(): usize {
  return out.at
}

export function clearBursts(): void {
  out.count = 0
}

/**
 * Cuts `count` cells at `at` into bursts; returns how many records there are then. Cells come in about the order of
 * time; a cell may correct an earlier second. A negative cell takes back what a late name or a late owner moves
 * elsewhere: the burst goes along to wherever the bytes turn up. Those of one second with a correction are to be in one
 * call.
 */
export function cutCells(at: usize, count: i32): i32 {
  const last = at + <usize>count * CELL_BYTES
  while (at < last) {
    const second = secondAt(at)
    let end = at
    let isCorrected = false
    while (end < last && secondAt(end) == second) {
      if (isNegative(end)) isCorrected = true
      end += CELL_BYTES
    }
    markBursts(second)
    beginMoves()
    if (isCorrected) subtract(at, end, second)
    while (at < end) {
      if (endpointAt(at) != ENDPOINT_AT_HOME && !isNegative(at))
        add(second, deviceAt(at), endpointAt(at), sentAt(at), receivedAt(at))
      at += CELL_BYTES
    }
  }
  return out.count
}

/** It is now `second`: whatever paused long enough is over. Returns how many records there are. */
export function markBursts(second: f64): i32 {
  if (!(second > now)) return out.count
  // Slots hold the seconds from now - PAUSE_SECONDS to now; those that lie too far back from `second` are over.
  const due = second - PAUSE_SECONDS
  if (now > -Infinity) {
    let at = now - PAUSE_SECONDS
    while (at < due && at <= now) {
      empty(at)
      at += 1
    }
  }
  now = second
  return out.count
}

/** Everything is over. Returns how many records there are. */
export function finishBursts(): i32 {
  for (let id = opened.first; id >= 0; id = following(opened, id)) close(channelOf(id))
  clearChannels()
  emptyAllSlots()
  return out.count
}

function isNegative(cell: usize): bool {
  return sentAt(cell) < 0 || receivedAt(cell) < 0
}

function empty(second: f64): void {
  const length = slotLength(second)
  for (let index = 0; index < length; index++) {
    const id = quietIn(second, index)
    if (id < 0) continue
    close(channelOf(id))
    removeChannel(id)
  }
  emptySlot(second)
}

function subtract(at: usize, end: usize, second: f64): void {
  while (at < end) {
    if (endpointAt(at) != ENDPOINT_AT_HOME && isNegative(at))
      shrink(deviceAt(at), endpointAt(at), -sentAt(at), -receivedAt(at), second)
    at += CELL_BYTES
  }
}

function shrink(device: i32, endpoint: i32, sent: f64, received: f64, second: f64): void {
  const id = findChannel(device, endpoint)
  if (id < 0) return takeBack(device, endpoint, second, sent, received)
  const channel = channelOf(id)
  const note = noteBurst(channel)
  const burst = isOpen(note) ? note : trickleBurst(channel)
  // The burst is over: what turns up elsewhere was sent in this very second.
  if (!isOpen(burst) || second < burst.first) return takeBack(device, endpoint, second, sent, received)
  burst.sent = max<f64>(0, burst.sent - sent)
  burst.received = max<f64>(0, burst.received - received)
  if (burst.sent + burst.received > 0) {
    if (!(second > burst.earlyUntil)) burst.early = max<f64>(0, burst.early - received)
    movePart(sent, received, second)
    return
  }
  moveBurst(sent, received, burst)
  clearBurst(burst)
  if (!isOpen(note) && !isOpen(trickleBurst(channel))) removeChannel(id)
}

function add(second: f64, device: i32, endpoint: i32, sent: f64, received: f64): void {
  const channel = touch(second, device, endpoint)
  findMove(sent, received)
  // What was moved here was sent before: only the rest is of this second.
  const sentNow = isMoveFound ? sent - moveSent : sent
  const isNote = sent + received >= TRICKLE_BYTES
  const note = noteBurst(channel)
  if (isOpen(note) && (second - note.last > PAUSE_SECONDS || second - note.first >= LONGEST_BURST_SECONDS)) {
    give(channel, note)
    clearBurst(note)
  }
  const isOfNote = isNote || isOpen(note)
  const target = isOfNote ? noteOf(channel, second) : trickleOf(channel, second)
  if (isMoveFound && moveFirst < target.first) target.first = moveFirst
  if (isMoveFound) target.peak = max<f64>(target.peak, movePeak)
  if (second < target.first) target.first = second
  // A trickle belongs to the burst that it falls into, but does not prolong it.
  if ((isNote || !isOfNote) && second > target.last) target.last = second
  target.sent += sent
  target.received += received
  countEarly(target, second, isMoveFound ? received - moveReceived : received)
  countPace(channel, target, second, sentNow)
}

/** What comes in the second that reaches EARLY_SENT_BYTES still counts: how the bytes lie within it is not known. */
function countEarly(burst: Burst, second: f64, receivedNow: f64): void {
  if (isMoveFound) {
    burst.early += moveEarly
    if (moveEarlyUntil == moveEarlyUntil && !(burst.earlyUntil <= moveEarlyUntil)) burst.earlyUntil = moveEarlyUntil
  }
  if (!(second > burst.earlyUntil)) burst.early += receivedNow
  if (burst.earlyUntil != burst.earlyUntil && burst.sent >= EARLY_SENT_BYTES) burst.earlyUntil = second
}

function countPace(channel: Channel, burst: Burst, second: f64, sentNow: f64): void {
  const before = second == channel.touched ? channel.sentNow : 0
  const whole = before + sentNow
  if (second >= channel.touched) {
    channel.touched = second
    channel.sentNow = whole
  }
  if (whole > burst.peak) burst.peak = whole
  if (whole >= SPEECH_BYTES_PER_SECOND && before < SPEECH_BYTES_PER_SECOND) burst.steady += 1
  if (isMoveFound) burst.steady += moveSteady
}

function touch(second: f64, device: i32, endpoint: i32): Channel {
  let id = findChannel(device, endpoint)
  if (id < 0) {
    if (areChannelsFull()) {
      const oldest = opened.first
      close(channelOf(oldest))
      removeChannel(oldest)
    }
    id = addChannel(device, endpoint, second)
  }
  const channel = channelOf(id)
  if (channel.slotted != now) {
    channel.slotted = now
    putInSlot(now, id)
  }
  return channel
}

/** The burst of note; what trickled just before (a handshake) is part of it. */
function noteOf(channel: Channel, second: f64): Burst {
  const note = noteBurst(channel)
  if (isOpen(note)) return note
  const trickle = trickleBurst(channel)
  if (isOpen(trickle) && second - trickle.first <= PAUSE_SECONDS) copyBurst(note, trickle)
  else {
    if (isOpen(trickle)) give(channel, trickle)
    beginBurst(note, second)
  }
  clearBurst(trickle)
  return note
}

function trickleOf(channel: Channel, second: f64): Burst {
  const trickle = trickleBurst(channel)
  if (isOpen(trickle) && second - trickle.last <= PAUSE_SECONDS && second - trickle.first < LONGEST_BURST_SECONDS)
    return trickle
  if (isOpen(trickle)) give(channel, trickle)
  beginBurst(trickle, second)
  return trickle
}

function close(channel: Channel): void {
  const note = noteBurst(channel)
  const trickle = trickleBurst(channel)
  const isBefore = isOpen(trickle) && (!isOpen(note) || trickle.first < note.first)
  if (isBefore) give(channel, trickle)
  if (isOpen(note)) give(channel, note)
  if (isOpen(trickle) && !isBefore) give(channel, trickle)
}

/** Hands out what somebody asks for: a heartbeat, and a burst that is large enough. */
function give(channel: Channel, burst: Burst): void {
  if (observeBeat(channel.device, channel.endpoint, burst.first, burst.sent, burst.received)) {
    const beat = write(OUT_BEAT, channel, burst)
    put(beat, BURST_PEAK, beatShare)
    put(beat, BURST_PERIOD, beatPeriod)
  }
  if (burst.sent < smallestSent && burst.received < smallestReceived) return
  write(OUT_BURST, channel, burst)
}

function write(kind: i32, channel: Channel, burst: Burst): usize {
  const record = nextRecord(out)
  put(record, BURST_OUT, <f64>kind)
  put(record, BURST_DEVICE, <f64>channel.device)
  put(record, BURST_ENDPOINT, <f64>channel.endpoint)
  put(record, BURST_FIRST, burst.first)
  put(record, BURST_LAST, burst.last)
  put(record, BURST_SENT, burst.sent)
  put(record, BURST_RECEIVED, burst.received)
  put(record, BURST_PEAK, burst.peak)
  put(record, BURST_STEADY, burst.steady)
  put(record, BURST_EARLY, burst.early)
  return record
}

function takeBack(device: i32, endpoint: i32, second: f64, sent: f64, received: f64): void {
  const record = nextRecord(out)
  put(record, BURST_OUT, <f64>OUT_TAKEN_BACK)
  put(record, BURST_DEVICE, <f64>device)
  put(record, BURST_ENDPOINT, <f64>endpoint)
  put(record, BURST_FIRST, second)
  put(record, BURST_SENT, sent)
  put(record, BURST_RECEIVED, received)
}
