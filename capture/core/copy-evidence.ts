// What speaks for links that give each packet twice, and how fine the clock of the captures is.
import { destinationWord, sourceWord } from './copy-identity'
import { takenPackets } from './counters'
import { frame } from './frame'

/** Where each packet comes twice, every second one is a copy. */
const PACKETS_OF_ONE: f64 = 2
/** Each further packet without a copy costs so much: a link on which less than three of four come twice is none. */
const WEIGHT_OF_SINGLE: f64 = 3
const MOST_POINTS: f64 = 64
/** So many points are enough where as many copies are sure; so many where all may be repetitions. */
const ENOUGH_SURE: i32 = 3
const ENOUGH_OTHERS: f64 = 16
const BOTH_WAYS: i32 = 3

/** Points for doubling, as of the packet with the number `last`; and the sure copies among them. */
let points: f64 = 0
let last: f64 = 0
let sure: i32 = 0
/** Bit 0: packets to the higher address came twice; bit 1: to the lower one. Repetitions go one way. */
let directions: i32 = 0

/** Times of the captures so far are multiples of so many nanoseconds. */
let clockStep: i32 = 1_000_000_000
const FINE_STEP: i32 = 1_000_000
/** A coarser clock does not tell a copy from what a retransmission timer sent. */
const COARSEST_STEP: i32 = 10_000_000

/** Notes the time of the packet at hand. */
export function observeClock(): void {
  if (clockStep > FINE_STEP) refineClock()
}

function refineClock(): void {
  while (clockStep > FINE_STEP && frame.nanos % clockStep != 0) clockStep /= 10
}

/** Whether the clock tells milliseconds from retransmission timers. */
export function isClockFine(): bool {
  return clockStep <= COARSEST_STEP && frame.timed != 0
}

/** The packet at hand came twice. What is sent to a group is often sent twice on purpose, and shows nothing. */
export function observeAgain(isSure: bool): void {
  if (!isSure && frame.toGroup != 0) return
  points = min<f64>(pointsNow() + 1, MOST_POINTS)
  last = takenPackets
  if (points <= 1) {
    sure = 0
    directions = 0
  }
  if (isSure) sure++
  directions |= <u32>sourceWord < <u32>destinationWord ? 1 : 2
}

/** What came twice turned out to be sent that often. */
export function forgetDoubling(): void {
  points = 0
  sure = 0
  directions = 0
}

/** Whether nearly all packets of late came twice: then what might be a repetition is a copy. */
export function isDoubling(): bool {
  const now = pointsNow()
  if (now >= <f64>ENOUGH_SURE && sure >= ENOUGH_SURE) return true
  return now >= ENOUGH_OTHERS && directions == BOTH_WAYS
}

function pointsNow(): f64 {
  const singles = max<f64>(0, takenPackets - last - PACKETS_OF_ONE)
  return max<f64>(0, points - WEIGHT_OF_SINGLE * singles)
}
