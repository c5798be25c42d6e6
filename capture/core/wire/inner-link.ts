// The step from a header of the capture program to the frame behind it.
import { frame } from '../frame'

/** The frame begins `length` bytes later, which it must have, and is of link type `linkType`. */
export function enterLink(linkType: i32, length: i32): void {
  frame.at += length
  frame.originalLength = max<f64>(0, frame.originalLength - <f64>length)
  frame.linkType = linkType
}

/** Little-endian 16 and 32 bits. */
export function littleU16(at: usize): i32 {
  return <i32>load<u16>(at)
}
export function littleU32(at: usize): u32 {
  return load<u32>(at)
}
