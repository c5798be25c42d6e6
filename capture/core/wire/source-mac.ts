// The sender's MAC, as link layers of many kinds carry it.
import { frame } from '../frame'
import { byteAt, i32At, u16At } from '../memory'

/** Sets the sender; group addresses and zeroes are no one's (IEEE 802-2014 clause 8.2.2). */
export function setSourceMac(at: usize): void {
  if ((byteAt(at) & 1) == 1) return
  frame.macHigh = u16At(at)
  frame.macLow = i32At(at + 2)
}
