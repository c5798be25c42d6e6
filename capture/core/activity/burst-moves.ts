// Where bytes were taken from that turn up elsewhere in the same second, under a name that came late.
import { Burst } from './burst-channels'
import { newRecords, nextRecord, put } from './records-out'

const SENT = 0
const RECEIVED = 1
const FIRST = 2
const PEAK = 3
const STEADY = 4
const EARLY = 5
const EARLY_UNTIL = 6
const NUMBERS = 7

const moves = newRecords(NUMBERS)

/** The move that `findMove` found. */
export let isMoveFound: bool = false
export let moveSent: f64 = 0
export let moveReceived: f64 = 0
export let moveFirst: f64 = 0
export let movePeak: f64 = 0
export let moveSteady: f64 = 0
export let moveEarly: f64 = 0
export let moveEarlyUntil: f64 = 0

/** Of an earlier second nothing turns up any more. */
export function beginMoves(): void {
  moves.count = 0
}

/** Bytes of the second `second`. */
export function movePart(sent: f64, received: f64, second: f64): void {
  const record = nextRecord(moves)
  put(record, SENT, sent)
  put(record, RECEIVED, received)
  put(record, FIRST, second)
  put(record, PEAK, 0)
  put(record, STEADY, 0)
  put(record, EARLY, received)
  put(record, EARLY_UNTIL, NaN)
}

/** All of a burst. */
export function moveBurst(sent: f64, received: f64, burst: Burst): void {
  const record = nextRecord(moves)
  put(record, SENT, sent)
  put(record, RECEIVED, received)
  put(record, FIRST, burst.first)
  put(record, PEAK, burst.peak)
  put(record, STEADY, burst.steady)
  put(record, EARLY, burst.early)
  put(record, EARLY_UNTIL, burst.earlyUntil)
}

/** Finds the first move that fits into what was sent and received, and takes it away. */
export function findMove(sent: f64, received: f64): void {
  isMoveFound = false
  for (let index = 0; index < moves.count; index++) {
    const record = moves.at + ((<usize>(index * NUMBERS)) << 3)
    if (!(load<f64>(record) <= sent && load<f64>(record, RECEIVED << 3) <= received)) continue
    isMoveFound = true
    moveSent = load<f64>(record)
    moveReceived = load<f64>(record, RECEIVED << 3)
    moveFirst = load<f64>(record, FIRST << 3)
    movePeak = load<f64>(record, PEAK << 3)
    moveSteady = load<f64>(record, STEADY << 3)
    moveEarly = load<f64>(record, EARLY << 3)
    moveEarlyUntil = load<f64>(record, EARLY_UNTIL << 3)
    const bytes = (<usize>NUMBERS) << 3
    memory.copy(record, record + bytes, <usize>(moves.count - index - 1) * bytes)
    moves.count--
    return
  }
}
