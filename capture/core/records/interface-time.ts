// Times of pcapng packets: counts of the units of an interface's clock.
import { frame } from '../frame'
import { CaptureInterface } from './reader'

/** Finer resolutions, which only tests and radio equipment use, have more digits than a double. */
const FINEST_PLAIN: f64 = 68_719_476_736
const NANOS_PER_SECOND: u64 = 1_000_000_000
/** Up to here every whole number is a double. */
const LARGEST_EXACT: u64 = 9_007_199_254_740_992
/** An IEEE 754 double: bits of the fraction, and what is added to the exponent. */
const FRACTION_BITS: u64 = 52
const FRACTION_MASK: u64 = 0x000fffffffffffff
const EXPONENT_BIAS: i32 = 1023

/** Sets the frame's time from a 64-bit count of the interface's units. */
export function setTime(source: CaptureInterface, high: u32, low: u32): void {
  frame.timed = 1
  const count = ((<u64>high) << 32) | (<u64>low)
  if (source.unitsPerSecond > FINEST_PLAIN) return setFineTime(source, count)
  const units = <u64>source.unitsPerSecond
  const seconds = count / units
  const rest = count - seconds * units
  frame.seconds = (seconds <= LARGEST_EXACT ? <f64>seconds : farSeconds(count, units)) + source.offset
  frame.nanos = <i32>Math.floor(<f64>rest * (1e9 / source.unitsPerSecond))
}

/** Seconds that no double holds exactly, as the sum of three digits of the long division. */
function farSeconds(count: u64, units: u64): f64 {
  const high = count >> 32
  const middle = ((high % units) << 16) | ((count >> 16) & 0xffff)
  const low = ((middle % units) << 16) | (count & 0xffff)
  return <f64>(high / units) * 4_294_967_296 + <f64>(middle / units) * 65_536 + <f64>(low / units)
}

function setFineTime(source: CaptureInterface, count: u64): void {
  const bits = reinterpret<u64>(source.unitsPerSecond)
  if ((bits & FRACTION_MASK) == 0) {
    setBinaryTime(source, count, <i32>(bits >> FRACTION_BITS) - EXPONENT_BIAS)
    return
  }
  const units = <u64>source.unitsPerSecond
  frame.seconds = <f64>(count / units) + source.offset
  let rest = count % units
  let nanos: i32 = 0
  // Digit by digit: ten times the rest, below 10^19, still fits 64 bits.
  for (let digit = 0; digit < 9; digit++) {
    rest *= 10
    nanos = nanos * 10 + <i32>(rest / units)
    rest %= units
  }
  frame.nanos = nanos
}

/** Units of 2^-power seconds, where `power` is 37 or more. */
function setBinaryTime(source: CaptureInterface, count: u64, power: i32): void {
  frame.seconds = (power < 64 ? <f64>(count >> (<u64>power)) : 0) + source.offset
  const rest = power < 64 ? count & (((<u64>1) << (<u64>power)) - 1) : count
  // The upper 64 of the 96 bits of rest × 10^9; the lower 32 would be shifted out in any case.
  const product = (rest >> 32) * NANOS_PER_SECOND + (((rest & 0xffffffff) * NANOS_PER_SECOND) >> 32)
  frame.nanos = power < 96 ? <i32>(product >> (<u64>(power - 32))) : 0
}
