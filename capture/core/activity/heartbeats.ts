// Periods of heartbeats: how often a device calls an endpoint when nothing happens.
import { allocate, grown } from '../memory'
import { addKey, findKey, newKeyTable, removeKey } from '../key-table'
import { MAX_PAIRS } from './activity-limits'

/** Larger bursts are no heartbeats: a beat says "I am here", a few packets and their answers. */
const LARGEST_BEAT_BYTES: f64 = 6000
/** Intervals remembered, and how many it takes to know a period. */
const REMEMBERED: i32 = 12
const ENOUGH: i32 = 5
/** So much of the intervals must lie about the period, or about twice of it where a beat went missing. */
const REGULAR_SHARE: f64 = 0.75
/** Beats stray by the second that they are counted in, and by clocks that are not exact. */
const STRAY_SECONDS: f64 = 2
const STRAY_SHARE: f64 = 0.1
/** A shorter period is a stream, not a beat. */
const SHORTEST_PERIOD: f64 = 5
/** A period is emitted again once it is this much off what was emitted. */
const CHANGED_SHARE: f64 = 0.25

/** What is remembered of a device and an endpoint; the intervals stand behind it, the oldest first. */
@unmanaged
class Pulse {
  last: f64 = 0
  /** NaN where none was. */
  emitted: f64 = 0
  count: i32 = 0
  unused: i32 = 0
}
const INTERVALS: usize = 24
const PULSE_BYTES: usize = INTERVALS + ((<usize>REMEMBERED) << 3)

const table = newKeyTable(MAX_PAIRS)
const FIRST_CAPACITY: i32 = 256
let pulses: usize = 0
let capacity: i32 = 0
/** The pair met first, which makes room for a new one: numbers are given in the order of meeting, and then anew. */
let oldest: i32 = 0
/** Room to sort in. */
const sorted = memory.data(<i32>(REMEMBERED << 3), 8)

/** The share of the intervals that lie about the period that was found last, and the period. */
export let beatShare: f64 = 0
export let beatPeriod: f64 = 0

/** What was found last, for the program around the core. */
export function lastBeatShare(): f64 {
  return beatShare
}

export function lastBeatPeriod(): f64 {
  return beatPeriod
}

/** Whether the period has become known or changed with this burst. */
export function observeBeat(device: i32, endpoint: i32, first: f64, sent: f64, received: f64): bool {
  if (sent + received > LARGEST_BEAT_BYTES || sent == 0) return false
  const at = pulseOf(device, endpoint)
  const pulse = changetype<Pulse>(at)
  const interval = first - pulse.last
  pulse.last = first
  if (!(interval >= SHORTEST_PERIOD)) return false
  remember(at, interval)
  if (!findPeriod(at + INTERVALS, pulse.count)) return false
  const emitted = pulse.emitted
  if (emitted == emitted && abs<f64>(beatPeriod - emitted) <= max<f64>(STRAY_SECONDS, emitted * CHANGED_SHARE))
    return false
  pulse.emitted = beatPeriod
  return true
}

function remember(at: usize, interval: f64): void {
  const pulse = changetype<Pulse>(at)
  const intervals = at + INTERVALS
  if (pulse.count == REMEMBERED) {
    memory.copy(intervals, intervals + 8, (<usize>(REMEMBERED - 1)) << 3)
    pulse.count--
  }
  store<f64>(intervals + ((<usize>pulse.count) << 3), interval)
  pulse.count++
}

function pulseOf(device: i32, endpoint: i32): usize {
  const known = findKey(table, device, endpoint, 0, 0)
  if (known >= 0) return pulses + <usize>known * PULSE_BYTES
  let id = addKey(table, device, endpoint, 0, 0)
  if (id < 0) {
    removeKey(table, oldest)
    oldest = oldest + 1 == MAX_PAIRS ? 0 : oldest + 1
    id = addKey(table, device, endpoint, 0, 0)
  }
  if (id >= capacity) growPulses()
  const at = pulses + <usize>id * PULSE_BYTES
  const pulse = changetype<Pulse>(at)
  pulse.last = NaN
  pulse.emitted = NaN
  pulse.count = 0
  return at
}

/** Numbers are given one after the other. */
function growPulses(): void {
  const larger = max<i32>(FIRST_CAPACITY, 2 * capacity)
  const bytes = <usize>larger * PULSE_BYTES
  pulses = capacity == 0 ? allocate(bytes) : grown(pulses, <usize>capacity * PULSE_BYTES, bytes)
  capacity = larger
}

/**
 * The median interval, where enough of them (REMEMBERED at most) lie about it or a whole multiple of it; false where
 * there is no rhythm.
 */
export function findPeriod(intervals: usize, length: i32): bool {
  if (length < ENOUGH) return false
  for (let index = 0; index < length; index++) {
    const interval = load<f64>(intervals + ((<usize>index) << 3))
    let at = index
    while (at > 0 && load<f64>(sorted + ((<usize>(at - 1)) << 3)) > interval) {
      store<f64>(sorted + ((<usize>at) << 3), load<f64>(sorted + ((<usize>(at - 1)) << 3)))
      at--
    }
    store<f64>(sorted + ((<usize>at) << 3), interval)
  }
  const seconds = load<f64>(sorted + ((<usize>(length >> 1)) << 3))
  const stray = max<f64>(STRAY_SECONDS, seconds * STRAY_SHARE)
  let near = 0
  for (let index = 0; index < length; index++) {
    const interval = load<f64>(intervals + ((<usize>index) << 3))
    if (abs<f64>(interval - seconds) <= stray || abs<f64>(interval - 2 * seconds) <= 2 * stray) near++
  }
  beatPeriod = seconds
  beatShare = <f64>near / <f64>length
  return beatShare >= REGULAR_SHARE
}
